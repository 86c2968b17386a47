/* SPDX-License-Identifier: Apache-2.0 */
#include "detect/detection.h"

#include "base/check.h"

void alert_list_init(struct alert_list *list, struct arena *arena)
{
    *list = (struct alert_list){ .arena = arena };
}

/* The array is taken with the first alert: most events raise none. */
struct alert *alert_list_add(struct alert_list *list,
                             const struct detection *detection)
{
    if (list->count >= ALERT_LIST_MAX) {
        list->dropped++;
        return NULL;
    }
    if (!list->alerts)
        list->alerts = arena_allocate(
            list->arena, ALERT_LIST_MAX * sizeof *list->alerts);
    struct alert *alert = &list->alerts[list->count++];
    *alert = (struct alert){
        .detection = detection,
        .severity = detection->severity,
        .subject = detection->subject,
    };
    return alert;
}

bool alert_add_fact(struct alert_list *list, const char *name,
                    struct bytes value)
{
    check(list->count > 0);
    struct alert *alert = &list->alerts[list->count - 1];
    struct alert_fact *facts;

    if (value.size == 0)
        return true;
    if (alert->fact_count >= ALERT_FACT_MAX) {
        list->facts_dropped++;
        return false;
    }
    /* Facts are immutable once added: the few there are move along. */
    facts = arena_allocate(list->arena,
                           (alert->fact_count + 1) * sizeof *facts);
    for (size_t i = 0; i < alert->fact_count; i++)
        facts[i] = alert->facts[i];
    facts[alert->fact_count++] = (struct alert_fact){
        name, bytes_slice(value, 0, ALERT_FACT_SIZE_MAX),
    };
    alert->facts = facts;
    return true;
}

const char *severity_name(enum severity severity)
{
    switch (severity) {
    case SEVERITY_NOTICE:
        return "notice";
    case SEVERITY_WARNING:
        return "warning";
    case SEVERITY_URGENT:
        return "urgent";
    }
    return "unknown";
}

const char *detection_language_name(enum detection_language language)
{
    switch (language) {
    case LANGUAGE_SIGMA:
        return "sigma";
    case LANGUAGE_SURICATA:
        return "suricata";
    case LANGUAGE_INDICATOR:
        return "indicator";
    case LANGUAGE_MUD:
        return "mud";
    }
    return "unknown";
}
