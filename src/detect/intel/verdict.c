/* SPDX-License-Identifier: Apache-2.0 */
#include "detect/intel/verdict.h"

#include <stdio.h>
#include <string.h>

#include "base/timestamp.h"

enum { SURE_FROM = 70, UNSURE_BELOW = 30, UNSAID = 50 };

/* What the device did with what is listed. */
enum deed {
    DEED_TOLD,      /* An answer named it. */
    DEED_ASKED,     /* A name was asked for. */
    DEED_TRIED,     /* Nobody answered. */
    DEED_CONTACTED,
    DEED_REACHED,   /* From outside, and unanswered. */
    DEED_ANSWERED,  /* From outside, and it got an answer. */
    DEED_CARRIED,   /* A file went through. */
    DEED_IS,        /* The device itself is listed. */
};

static const struct {
    const char *text_key;
    int weight;     /* Added to how sure the source is; see severity_of(). */
    bool is_news;   /* Never more than a notice. */
} deeds[] = {
    [DEED_TOLD] = { "indicator-told", -1, true },
    [DEED_ASKED] = { "indicator-asked", -1, false },
    [DEED_TRIED] = { "indicator-tried", -1, false },
    [DEED_CONTACTED] = { "indicator-contacted", 0, false },
    [DEED_REACHED] = { "indicator-reached", -2, true },
    [DEED_ANSWERED] = { "indicator-answered", 0, false },
    [DEED_CARRIED] = { "indicator-carried", 0, false },
    [DEED_IS] = { "indicator-device", 0, false },
};

/* Whom the indicator speaks of; a pattern speaks of who is not ours. */
static enum intel_end end_of(const struct intel_hit *hit)
{
    const struct event_context *context = &hit->event->context;

    if (hit->kind != INTEL_ANY)
        return hit->end;
    return !context->source_local && context->destination_local
               ? INTEL_END_SOURCE : INTEL_END_DESTINATION;
}

static bool was_answered(const struct event *event)
{
    const struct event_value *answered =
        event_get(event, FIELD_FLOW_ANSWERED);

    return event->type != EVENT_FLOW || (answered && answered->number);
}

/* Kinds that speak of the one who shows them, wherever that is. */
static bool is_own_trait(enum intel_kind kind)
{
    return kind == INTEL_MAC || kind == INTEL_SOFTWARE ||
           kind == INTEL_JA3 || kind == INTEL_JA4 || kind == INTEL_MAIL;
}

static enum deed deed_of(const struct intel_hit *hit)
{
    const struct event_context *context = &hit->event->context;
    enum intel_end end = end_of(hit);
    bool is_local = end == INTEL_END_SOURCE ? context->source_local
                                            : context->destination_local;

    if (hit->is_answer)
        return DEED_TOLD;
    if (hit->event->type == EVENT_DNS)
        return DEED_ASKED;
    if (hit->event->type == EVENT_FILE)
        return DEED_CARRIED;
    if (is_own_trait(hit->kind) && is_local)
        return DEED_IS;
    if (end == INTEL_END_SOURCE)
        return was_answered(hit->event) ? DEED_ANSWERED : DEED_REACHED;
    return was_answered(hit->event) ? DEED_CONTACTED : DEED_TRIED;
}

/* The end a finding is about: a device here, rather than who is listed. */
static enum subject subject_of(const struct intel_hit *hit, enum deed deed)
{
    const struct event_context *context = &hit->event->context;
    bool is_source = end_of(hit) == INTEL_END_SOURCE;

    if (deed == DEED_CARRIED)
        return context->source_local || !context->destination_local
                   ? SUBJECT_SOURCE : SUBJECT_DESTINATION;
    if (deed == DEED_IS)
        return is_source ? SUBJECT_SOURCE : SUBJECT_DESTINATION;
    return is_source ? SUBJECT_DESTINATION : SUBJECT_SOURCE;
}

struct ip intel_hit_host(const struct intel_hit *hit)
{
    const struct event_context *context = &hit->event->context;

    return subject_of(hit, deed_of(hit)) == SUBJECT_SOURCE
               ? context->source : context->destination;
}

/* How sure the source is, what happened, and whether the weakness is known to
 * be used: together from a notice to what is urgent. */
static enum severity severity_of(const struct intel_hit *hit, enum deed deed,
                                 bool is_exploited)
{
    uint8_t confidence = hit->claim->confidence == INTEL_CONFIDENCE_NONE
                             ? UNSAID : hit->claim->confidence;
    int level = confidence >= SURE_FROM      ? 2
                : confidence >= UNSURE_BELOW ? 1
                                             : 0;

    if (hit->claim->is_passive || (deeds[deed].is_news && !hit->is_sequence))
        return SEVERITY_NOTICE;
    level += (hit->is_sequence ? 0 : deeds[deed].weight) +
             (is_exploited ? 1 : 0);
    if (level <= 0)
        return SEVERITY_NOTICE;
    return level == 1 ? SEVERITY_WARNING : SEVERITY_URGENT;
}

/* Lists have reserved addresses in them, and everybody's resolvers. */
static bool is_worth_it(const struct intel_hit *hit, enum deed deed)
{
    const struct event_context *context = &hit->event->context;
    enum intel_end end = end_of(hit);

    if (deed == DEED_IS || deed == DEED_TOLD || hit->kind == INTEL_ANY)
        return true;
    return !(hit->claim->is_list && hit->kind <= INTEL_SOCKET &&
             hit->kind >= INTEL_ADDRESS &&
             (end == INTEL_END_SOURCE ? context->source_local
                                      : context->destination_local));
}

static bool is_said(const struct intel_hit *hit, struct bytes indicator,
                    const struct alert_list *alerts)
{
    for (size_t i = 0; i < alerts->count; i++)
        if (alerts->alerts[i].detection == hit->claim->detection &&
            alerts->alerts[i].event == hit->event &&
            bytes_equal(alerts->alerts[i].group, indicator))
            return true;
    return false;
}

static void add_time(struct alert_list *alerts, const char *name,
                     int64_t time_ns)
{
    char text[TIMESTAMP_TEXT_SIZE];

    if (time_ns == INT64_MIN || time_ns == INT64_MAX)
        return;
    struct bytes shown = bytes_of_text(timestamp_text(time_ns, text));
    (void)alert_add_fact(alerts, name,
                         arena_copy(alerts->arena, shown)); /* Counted. */
}

static void add_text(struct alert_list *alerts, const char *name,
                     const char *text)
{
    if (text)
        (void)alert_add_fact(alerts, name, bytes_of_text(text)); /* Same. */
}

static void add_number(struct alert_list *alerts, const char *name,
                       int decimals, double number)
{
    char text[64];

    (void)snprintf(text, sizeof text, "%.*f", decimals, number);
    struct bytes copy = arena_copy(alerts->arena, bytes_of_text(text));
    (void)alert_add_fact(alerts, name, copy); /* Counted. */
}

static void add_exploited(struct alert_list *alerts,
                          const struct exploited_rank *rank)
{
    struct bytes copy = arena_copy(alerts->arena, bytes_of_text(rank->cve));

    (void)alert_add_fact(alerts, "vulnerability", copy); /* Counted. */
    copy = arena_copy(alerts->arena, bytes_of_text(rank->kev_date));
    (void)alert_add_fact(alerts, "exploited_since", copy); /* Counted. */
    if (rank->epss >= 0)
        add_number(alerts, "epss", 3, rank->epss);
}

static void add_facts(const struct intel_hit *hit, struct bytes indicator,
                      struct alert_list *alerts)
{
    const struct intel_claim *claim = hit->claim;

    (void)alert_add_fact(alerts, "indicator", indicator); /* Counted. */
    if (hit->kind != INTEL_ANY)
        add_text(alerts, "kind", intel_kind_name(hit->kind));
    add_text(alerts, "source", claim->detection->title);
    if (claim->confidence != INTEL_CONFIDENCE_NONE)
        add_number(alerts, "confidence", 0, claim->confidence);
    add_time(alerts, "valid_from", claim->from_ns);
    add_time(alerts, "valid_until", claim->until_ns);
    add_text(alerts, "tlp", claim->tlp);
    add_text(alerts, "labels",
             claim->labels && claim->labels[0] ? claim->labels
                                               : "no reason given");
}

/* A vulnerability that the claim names, in its labels or its words. */
static bool find_exploited(const struct intel *intel,
                           const struct intel_claim *claim,
                           struct exploited_rank *rank)
{
    return (claim->labels &&
            exploited_find(intel->exploited, bytes_of_text(claim->labels),
                           rank)) ||
           exploited_find(intel->exploited,
                          bytes_of_text(claim->detection->description), rank);
}

/* What the claim is about as text, which stays as long as the alert. */
static struct bytes indicator_of(const struct intel_hit *hit,
                                 struct alert_list *alerts)
{
    char address[IP_TEXT_SIZE];
    char text[IP_TEXT_SIZE + 16];
    struct ip ip = hit->network.address;
    int size;

    if (hit->kind < INTEL_ADDRESS || hit->kind > INTEL_SOCKET)
        return arena_copy(alerts->arena, hit->indicator);
    (void)ip_text(ip, address); /* It answers `address`. */
    if (hit->kind == INTEL_ADDRESS)
        size = snprintf(text, sizeof text, "%s", address);
    else if (hit->kind == INTEL_NETWORK)
        size = snprintf(text, sizeof text, "%s/%d", address,
                        hit->network.length - (ip_is_v4(ip) ? 96 : 0));
    else
        size = snprintf(text, sizeof text,
                        ip_is_v4(ip) ? "%s:%u" : "[%s]:%u", address,
                        hit->port);
    return arena_copy(alerts->arena, bytes_of(text, (size_t)size));
}

void intel_alert(const struct intel *intel, const struct intel_hit *hit,
                 struct alert_list *alerts)
{
    enum deed deed = deed_of(hit);
    struct exploited_rank rank;

    if (!is_worth_it(hit, deed))
        return;
    struct bytes indicator = indicator_of(hit, alerts);
    if (is_said(hit, indicator, alerts))
        return;
    struct alert *alert = alert_list_add(alerts, hit->claim->detection);
    if (!alert)
        return;
    bool is_exploited = find_exploited(intel, hit->claim, &rank);
    alert->event = hit->event;
    alert->group = indicator;
    alert->text_key = hit->kind == INTEL_ANY ? "indicator-pattern"
                                             : deeds[deed].text_key;
    alert->count = 1;
    alert->first_ns = hit->event->context.time_ns;
    alert->severity = severity_of(hit, deed,
                                  is_exploited && rank.kev_date[0]);
    alert->subject = subject_of(hit, deed);
    add_facts(hit, indicator, alerts);
    if (is_exploited)
        add_exploited(alerts, &rank);
}
