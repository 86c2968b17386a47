/* SPDX-License-Identifier: Apache-2.0 */

/*
 * What does a UDP service here give to hosts outside? Much more out than in,
 * to addresses that may be forged, is amplification.
 */
#include <string.h>

#include "activity/internal.h"

enum { SERVICE_REPORT_FIRST = 4, SERVICE_WINDOW_S = 60 };

struct service {
    int64_t start_ns;
    uint64_t bytes_in;
    uint64_t bytes_out;
    uint32_t packets_out;
    uint32_t report_next;
    struct ip peer;
    struct majority peer_majority;
    struct distinct peers;
    struct kept kept;
};

void services_init(struct activity *activity)
{
    ways_init(&activity->services, sizeof(struct service),
              ACTIVITY_SERVICE_MAX);
}

static struct service *enter(struct activity *activity, uint64_t tag)
{
    bool is_new;
    struct service *s =
        ways_find(&activity->services, tag, activity->now_ns, &is_new);

    if (!is_new &&
        activity->now_ns - s->start_ns < SERVICE_WINDOW_S * SECOND_NS)
        return s;
    kept_clear(activity, &s->kept);
    memset(s, 0, sizeof *s);
    s->start_ns = activity->now_ns;
    s->report_next = SERVICE_REPORT_FIRST;
    return s;
}

static void report(struct activity *activity, struct service *s,
                   const struct activity_packet *in,
                   struct event_list *events)
{
    struct event *event = activity_event(
        activity, "service", activity_source(activity, in),
        activity_destination(activity, in), events);

    event_set_literal(event, FIELD_ACTIVITY_PROTOCOL, "udp");
    event_set_number(event, FIELD_ACTIVITY_WINDOW, SERVICE_WINDOW_S);
    event_set_real(event, FIELD_ACTIVITY_SECONDS,
                   (double)(activity->now_ns - s->start_ns) / 1e9);
    event_set_number(event, FIELD_ACTIVITY_PORT, in->packet->source_port);
    event_set_number(event, FIELD_ACTIVITY_PACKETS, s->packets_out);
    event_set_number(event, FIELD_ACTIVITY_BYTES_IN, s->bytes_in);
    event_set_number(event, FIELD_ACTIVITY_BYTES_OUT, s->bytes_out);
    activity_set_distinct(event, FIELD_ACTIVITY_PEERS, "peers", &s->peers,
                          s->packets_out);
    if (s->bytes_in > 0)
        event_set_real(event, FIELD_ACTIVITY_RATIO,
                       (double)s->bytes_out / (double)s->bytes_in);
    activity_attach(activity, event, &s->kept);
}

void services_count(struct activity *activity,
                    const struct activity_packet *in,
                    struct event_list *events)
{
    const struct packet *packet = in->packet;
    bool is_reply = in->side == FLOW_RESPONDER;
    if (packet->protocol != IP_PROTOCOL_UDP)
        return;
    const struct host *server = is_reply ? activity_source(activity, in)
                                         : activity_destination(activity, in);
    const struct host *client = is_reply ? activity_destination(activity, in)
                                         : activity_source(activity, in);
    uint16_t port = in->flow->port[FLOW_RESPONDER];

    if (client->is_local || server->device == DEVICE_NONE)
        return;
    uint64_t tag = activity_mix(server->hash, 1000u + port);
    struct service *s = enter(activity, tag);
    if (!is_reply) {
        s->bytes_in += packet->ip_size;
        return;
    }
    s->bytes_out += packet->ip_size;
    s->packets_out++;
    (void)distinct_add(&s->peers, client->hash);
    kept_add(activity, &s->kept, in->frame, false);
    if (s->packets_out >= s->report_next) {
        s->report_next *= 2;
        report(activity, s, in, events);
    }
}
