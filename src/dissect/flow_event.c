/* SPDX-License-Identifier: Apache-2.0 */
#include "dissect/flow_event.h"

#include "base/timestamp.h"

enum { NS_PER_S = 1000000000 };

static const struct {
    uint8_t flag;
    enum event_field field;
} tcp_flag_fields[] = {
    { TCP_SYN, FIELD_FLOW_TCP_SYN }, { TCP_FIN, FIELD_FLOW_TCP_FIN },
    { TCP_RST, FIELD_FLOW_TCP_RST }, { TCP_PSH, FIELD_FLOW_TCP_PSH },
    { TCP_ACK, FIELD_FLOW_TCP_ACK }, { TCP_URG, FIELD_FLOW_TCP_URG },
    { TCP_ECE, FIELD_FLOW_TCP_ECN }, { TCP_CWR, FIELD_FLOW_TCP_CWR },
};

static struct event_context context_of(const struct flow *flow)
{
    bool is_icmp = flow->protocol == IP_PROTOCOL_ICMP ||
                   flow->protocol == IP_PROTOCOL_ICMPV6;
    struct event_context context = {
        .time_ns = flow->last_ns,
        .flow_number = flow->number,
        .source = flow->address[FLOW_ORIGINATOR],
        .destination = flow->address[FLOW_RESPONDER],
        .has_ip = true,
        .has_ports = flow->protocol == IP_PROTOCOL_TCP ||
                     flow->protocol == IP_PROTOCOL_UDP ||
                     flow->protocol == IP_PROTOCOL_SCTP,
        .protocol = flow->protocol,
        .vlan_count = flow->vlan != 0,
        .vlan = { flow->vlan },
        .source_device = flow_device(flow, FLOW_ORIGINATOR),
        .destination_device = flow_device(flow, FLOW_RESPONDER),
    };

    if (context.has_ports) {
        context.source_port = flow->port[0];
        context.destination_port = flow->port[1];
    }
    if (is_icmp) {
        context.icmp_type = (uint8_t)flow->port[0];
        context.icmp_code = (uint8_t)flow->port[1];
    }
    return context;
}

static void set_counts(const struct flow *flow, struct event *event)
{
    event_set_number(event, FIELD_FLOW_PKTS_TOSERVER, flow->packets[0]);
    event_set_number(event, FIELD_FLOW_PKTS_TOCLIENT, flow->packets[1]);
    event_set_number(event, FIELD_FLOW_BYTES_TOSERVER, flow->bytes[0]);
    event_set_number(event, FIELD_FLOW_BYTES_TOCLIENT, flow->bytes[1]);
    if (flow->bytes[1] > 0 && flow->bytes[0] / flow->bytes[1] > 1)
        event_set_number(event, FIELD_FLOW_UPLOAD,
                         flow->bytes[0] / flow->bytes[1]);
    event_set_flag(event, FIELD_FLOW_ANSWERED,
                   flow->packets[0] > 0 && flow->packets[1] > 0);
}

static void set_time(struct event *event, enum event_field field,
                     int64_t time_ns)
{
    char text[TIMESTAMP_TEXT_SIZE];

    timestamp_text(time_ns, text);
    event_set_text(event, field,
                   arena_copy(event->arena, bytes_of_text(text)));
}

static void set_times(const struct flow *flow, struct event *event)
{
    uint64_t age_ns = (uint64_t)flow->last_ns - (uint64_t)flow->first_ns;

    set_time(event, FIELD_FLOW_START, flow->first_ns);
    set_time(event, FIELD_FLOW_END_TIME, flow->last_ns);
    event_set_number(event, FIELD_FLOW_AGE, age_ns / NS_PER_S);
    event_set_real(event, FIELD_FLOW_DURATION, (double)age_ns / NS_PER_S);
}

static void set_hex(struct event *event, enum event_field field,
                    uint8_t flags)
{
    static const char digits[] = "0123456789abcdef";
    char text[] = { digits[flags >> 4], digits[flags & 15] };

    event_set_text(event, field,
                   arena_copy(event->arena, bytes_of(text, sizeof text)));
}

static void set_tcp(const struct flow *flow, struct event *event)
{
    uint8_t all = flow->tcp_flags[0] | flow->tcp_flags[1];

    set_hex(event, FIELD_FLOW_TCP_FLAGS, all);
    set_hex(event, FIELD_FLOW_TCP_FLAGS_TS, flow->tcp_flags[0]);
    set_hex(event, FIELD_FLOW_TCP_FLAGS_TC, flow->tcp_flags[1]);
    for (size_t i = 0; i < COUNT_OF(tcp_flag_fields); i++)
        if (all & tcp_flag_fields[i].flag)
            event_set_flag(event, tcp_flag_fields[i].field, true);
}

void flow_event(const struct flow *flow, struct event_list *events)
{
    struct event *event = event_new(events, EVENT_FLOW);
    if (!event)
        return;

    event->context = context_of(flow);
    set_counts(flow, event);
    set_times(flow, event);
    event_set_literal(event, FIELD_FLOW_STATE,
                      flow_state_name((enum flow_state)flow->state));
    event_set_literal(event, FIELD_FLOW_REASON,
                      flow_end_name((enum flow_end)flow->end));
    event_set_text(
        event, FIELD_FLOW_HISTORY,
        arena_copy(event->arena, bytes_of(flow->history,
                                          flow->history_size)));
    if (flow->protocol == IP_PROTOCOL_TCP)
        set_tcp(flow, event);
}
