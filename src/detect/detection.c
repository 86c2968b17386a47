/* SPDX-License-Identifier: Apache-2.0 */
#include "detect/detection.h"

void alert_list_init(struct alert_list *list, struct arena *arena)
{
    *list = (struct alert_list){ .arena = arena };
}

/* The array is taken with the first alert: most events raise none. */
struct alert *alert_list_add(struct alert_list *list)
{
    if (list->count >= ALERT_LIST_MAX) {
        list->dropped++;
        return NULL;
    }
    if (!list->alerts)
        list->alerts = arena_allocate(
            list->arena, ALERT_LIST_MAX * sizeof *list->alerts);
    struct alert *alert = &list->alerts[list->count++];
    *alert = (struct alert){ 0 };
    return alert;
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
