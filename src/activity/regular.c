/* SPDX-License-Identifier: Apache-2.0 */

/*
 * What does a device do again and again, at the same distance in time? The
 * interval between the starts of its flows to one address and port, with mean
 * and spread by Welford's method. Starts closer than the smallest interval
 * are one contact.
 */
#include <math.h>

#include "activity/internal.h"

enum {
    REGULAR_REPORT_FIRST = 8,      /* Contacts. */
    REGULAR_KEEP_FROM = 3,         /* Contacts before any frame is kept. */
    REGULAR_INTERVAL_MIN_MS = 500, /* Closer is the same contact. */
};

struct regular {
    int64_t first_ns;
    int64_t latest_ns;
    double mean;
    double squares;       /* Sum of squared differences from the mean. */
    uint32_t times;
    uint32_t report_next;
    struct kept kept;
};

void regular_init(struct activity *activity)
{
    ways_init(&activity->regular, sizeof(struct regular),
              ACTIVITY_REGULAR_MAX);
}

static void report(struct activity *activity, struct regular *r,
                   const struct activity_packet *in,
                   struct event_list *events)
{
    const struct host *source = activity_source(activity, in);
    const struct host *destination = activity_destination(activity, in);
    double deviation = sqrt(r->squares / (r->times - 1));
    struct event *event =
        activity_event(activity, "regular", source, destination, events);

    if (!event)
        return;
    event->context.destination_port = in->packet->destination_port;
    event->context.protocol = in->packet->protocol;
    event_set_literal(event, FIELD_ACTIVITY_PROTOCOL,
                      in->packet->protocol == IP_PROTOCOL_TCP ? "tcp"
                                                              : "udp");
    event_set_real(event, FIELD_ACTIVITY_SECONDS,
                   (double)(r->latest_ns - r->first_ns) / 1e9);
    event_set_number(event, FIELD_ACTIVITY_TIMES, r->times);
    event_set_real(event, FIELD_ACTIVITY_INTERVAL, r->mean);
    event_set_real(event, FIELD_ACTIVITY_JITTER,
                   r->mean > 0 ? deviation / r->mean : 0);
    event_set_number(event, FIELD_ACTIVITY_PORT,
                     in->packet->destination_port);
    event_set_ip(event, FIELD_ACTIVITY_PEER, in->packet->destination);
    event_set_flag(event, FIELD_ACTIVITY_LOCAL, destination->is_local);
    activity_attach(activity, event, &r->kept);
}

static void note_interval(struct regular *r, int64_t now_ns)
{
    double interval = (double)(now_ns - r->latest_ns) / 1e9;
    double before = interval - r->mean;

    r->latest_ns = now_ns;
    r->times++;
    r->mean += before / (r->times - 1);
    r->squares += before * (interval - r->mean);
}

static void begin(struct activity *activity, struct regular *r)
{
    kept_clear(activity, &r->kept);
    r->first_ns = r->latest_ns = activity->now_ns;
    r->mean = r->squares = 0;
    r->times = 1;
    r->report_next = REGULAR_REPORT_FIRST;
}

uint64_t regular_tag(struct activity *activity,
                     const struct activity_packet *in)
{
    const struct packet *packet = in->packet;

    if (in->side != FLOW_ORIGINATOR || in->ends.source == DEVICE_NONE ||
        (packet->protocol != IP_PROTOCOL_TCP &&
         packet->protocol != IP_PROTOCOL_UDP) ||
        ip_is_multicast(packet->destination) ||
        ip_is_broadcast(packet->destination))
        return 0;
    uint64_t what = (uint64_t)in->ends.source << 32 |
                    (uint64_t)packet->destination_port << 8 | packet->protocol;
    return activity_mix(activity_hash_destination(activity, in), what);
}

void regular_count(struct activity *activity,
                   const struct activity_packet *in, uint64_t tag,
                   struct event_list *events)
{
    int64_t now_ns = activity->now_ns;
    bool is_new;

    struct regular *r = ways_find(&activity->regular, tag, now_ns, &is_new);
    if (is_new)
        begin(activity, r);
    else if (now_ns - r->latest_ns < REGULAR_INTERVAL_MIN_MS * 1000000LL)
        return;
    else
        note_interval(r, now_ns);
    if (r->times >= REGULAR_KEEP_FROM)
        kept_add(activity, &r->kept, in->frame, true);
    if (r->times >= r->report_next) {
        r->report_next += r->report_next / 2;
        report(activity, r, in, events);
    }
}
