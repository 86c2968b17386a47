/* SPDX-License-Identifier: Apache-2.0 */
/* Conditions of a flow, its stream, its protocol and what was noted of it. */
#include <string.h>

#include "detect/signature/judging.h"

static bool in_range(uint64_t number, const struct number_range *range)
{
    return number >= range->low && number <= range->high;
}

/* TCP by its handshake; the rest when both sides were heard. */
static bool is_established(const struct flow *flow)
{
    if (!flow)
        return false;
    if (flow->protocol == IP_PROTOCOL_TCP)
        return flow->state >= FLOW_ESTABLISHED;
    return flow->packets[FLOW_ORIGINATOR] > 0 &&
           flow->packets[FLOW_RESPONDER] > 0;
}

/* The bare ACK that ends a handshake is part of it: the flow is established
 * for what comes after, as Suricata has it. */
static bool ends_handshake(const struct judging *j)
{
    const struct flow *flow = j->input->flow;
    const struct packet *packet = j->packet;

    return packet && packet->protocol == IP_PROTOCOL_TCP &&
           j->input->side == FLOW_ORIGINATOR &&
           flow->state == FLOW_ESTABLISHED &&
           flow->packets[FLOW_ORIGINATOR] == 2 &&
           flow->tcp_flags[FLOW_ORIGINATOR] & TCP_SYN &&
           (packet->tcp.flags & (TCP_SYN | TCP_FIN | TCP_RST | TCP_ACK)) ==
               TCP_ACK &&
           packet->payload.size + packet->payload_missing == 0;
}

static bool established_holds(const struct judging *j)
{
    return is_established(j->input->flow) && !ends_handshake(j);
}

/* `client` is what the originator sent. */
static bool sides_hold(enum stream_size_side side, uint64_t client,
                       uint64_t server, const struct number_range *range)
{
    switch (side) {
    case SIZE_SERVER:
        return in_range(server, range);
    case SIZE_CLIENT:
        return in_range(client, range);
    case SIZE_BOTH:
        return in_range(server, range) && in_range(client, range);
    case SIZE_EITHER:
        break;
    }
    return in_range(server, range) || in_range(client, range);
}

/* "toserver" counts what went to the server: what the client sent. */
static bool counter_holds(const struct counter_test *test, uint64_t client,
                          uint64_t server)
{
    return sides_hold((enum stream_size_side)test->side, server, client,
                      &test->value);
}

static bool flow_condition_holds(const struct judging *j,
                                 const struct rule_condition *condition)
{
    const struct flow *flow = j->input->flow;

    if (!flow)
        return condition->kind == CONDITION_FLOW_STATELESS;
    switch (condition->kind) {
    case CONDITION_FLOW_SIDE:
        return condition->side == j->side;
    case CONDITION_FLOW_ESTABLISHED:
        return established_holds(j);
    case CONDITION_FLOW_NOT_ESTABLISHED:
        return !established_holds(j);
    case CONDITION_STREAM_SIZE:
        return flow->protocol == IP_PROTOCOL_TCP &&
               sides_hold((enum stream_size_side)condition->stream_size.side,
                          j->input->stream_size[FLOW_ORIGINATOR],
                          j->input->stream_size[FLOW_RESPONDER],
                          &condition->stream_size.size);
    case CONDITION_FLOW_AGE:
        return in_range((uint64_t)(flow->last_ns - flow->first_ns) /
                            1000000000u,
                        &condition->number);
    case CONDITION_FLOW_PACKETS:
        return counter_holds(&condition->counter,
                             flow->packets[FLOW_ORIGINATOR],
                             flow->packets[FLOW_RESPONDER]);
    case CONDITION_FLOW_BYTES:
        return counter_holds(&condition->counter,
                             flow->bytes[FLOW_ORIGINATOR],
                             flow->bytes[FLOW_RESPONDER]);
    default: /* CONDITION_FLOW_STATELESS; the rest are not of a flow. */
        return true;
    }
}

/* A fragment inside of another has a name of its own, and is an overlap. */
static bool is_teardrop(const struct packet *packet, const char *name)
{
    const struct anomaly_set *seen = &packet->anomalies;

    if (strcmp(name, anomaly_name(ANOMALY_IPV4_FRAGMENT_OVERLAP)) == 0)
        return anomaly_has(seen, ANOMALY_IPV4_FRAGMENT_TEARDROP);
    if (strcmp(name, anomaly_name(ANOMALY_IPV6_FRAGMENT_OVERLAP)) == 0)
        return anomaly_has(seen, ANOMALY_IPV6_FRAGMENT_TEARDROP);
    return false;
}

static bool decode_event_holds(const struct packet *packet, const char *name)
{
    if (!packet || anomaly_none(&packet->anomalies))
        return false;
    for (int i = 0; i < ANOMALY_COUNT; i++)
        if (anomaly_has(&packet->anomalies, (enum anomaly)i) &&
            strcmp(anomaly_name((enum anomaly)i), name) == 0)
            return true;
    return is_teardrop(packet, name);
}

/* "http.missing_host" is asked for; "missing_host" may be what was noted. */
static bool same_event(struct bytes noted, const char *name)
{
    const char *dot = strchr(name, '.');

    return bytes_equal(noted, bytes_of_text(name)) ||
           (dot && bytes_equal(noted, bytes_of_text(dot + 1)));
}

static bool noted_event_holds(const struct event_list *events,
                              const char *type, const char *name)
{
    const struct event *event = events ? events->first : NULL;

    for (; event; event = event->next) {
        size_t from = 0;
        if (event->type != EVENT_ANOMALY)
            continue;
        const struct event_value *kind =
            event_next(event, FIELD_ANOMALY_TYPE, &from);
        if (!kind || !bytes_equal(kind->text, bytes_of_text(type)))
            continue;
        from = 0;
        const struct event_value *noted =
            event_next(event, FIELD_ANOMALY_EVENT, &from);
        if (noted && same_event(noted->text, name))
            return true;
    }
    return false;
}

static bool application_holds(const struct judging *j, const char *name)
{
    return j->input->application && strcmp(j->input->application, name) == 0;
}

static bool reputation_holds(const struct judging *j,
                             const struct reputation_test *test)
{
    bool source = address_set_has(test->addresses, j->source);
    bool destination = address_set_has(test->addresses, j->destination);

    switch (test->side) {
    case REPUTATION_SOURCE:
        return source;
    case REPUTATION_DESTINATION:
        return destination;
    case REPUTATION_BOTH:
        return source && destination;
    default: /* REPUTATION_ANY */
        return source || destination;
    }
}

static bool state_condition_holds(const struct judging *j,
                                  const struct rule_condition *condition)
{
    switch (condition->kind) {
    case CONDITION_FLOWBITS:
        return flowbits_hold(j, &condition->bits);
    case CONDITION_XBITS:
        return xbits_hold(j, &condition->bits);
    case CONDITION_FLOWINT:
        return flowint_holds(j, &condition->integer);
    default: /* CONDITION_IP_REPUTATION */
        return reputation_holds(j, &condition->reputation);
    }
}

static bool holds(struct judging *j, const struct rule_condition *condition)
{
    switch (condition->kind) {
    case CONDITION_FLOW_SIDE:
    case CONDITION_FLOW_ESTABLISHED:
    case CONDITION_FLOW_STATELESS:
    case CONDITION_FLOW_NOT_ESTABLISHED:
    case CONDITION_STREAM_SIZE:
    case CONDITION_FLOW_AGE:
    case CONDITION_FLOW_PACKETS:
    case CONDITION_FLOW_BYTES:
        return flow_condition_holds(j, condition);
    case CONDITION_ONLY_STREAM:
        return j->is_stream;
    case CONDITION_NO_STREAM:
        return !j->is_stream;
    case CONDITION_FLOWBITS:
    case CONDITION_XBITS:
    case CONDITION_FLOWINT:
    case CONDITION_IP_REPUTATION:
        return state_condition_holds(j, condition);
    case CONDITION_DECODE_EVENT:
        return decode_event_holds(j->packet, condition->name);
    case CONDITION_STREAM_EVENT:
        return noted_event_holds(j->input->events, "stream",
                                 condition->name);
    case CONDITION_APPLICATION_EVENT:
        return noted_event_holds(j->input->events, "applayer",
                                 condition->name);
    case CONDITION_APPLICATION_PROTOCOL:
        return application_holds(j, condition->name);
    default: /* All others are of the packet's own header. */
        return j->packet && packet_condition_holds(j->packet, condition);
    }
}

/* What is asked of a packet that is not there is not true of it either way. */
static bool is_askable(const struct judging *j,
                       const struct rule_condition *condition)
{
    if (condition->kind == CONDITION_APPLICATION_PROTOCOL)
        return j->input->application != NULL;
    return true;
}

bool condition_holds(struct judging *j,
                     const struct rule_condition *condition)
{
    return is_askable(j, condition) &&
           holds(j, condition) != condition->negated;
}
