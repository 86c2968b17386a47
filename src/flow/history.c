/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "flow/internal.h"

/*
 * UDP services that are asked and answer from their own port. Only these, and
 * only as long as the question can have come before the capture: scans and
 * floods use such source ports, and turning those round blames the victim.
 */
static const uint16_t udp_services[] = {
    53,   67,   69,   111,  123,  137,  161,   389,   443,  500,
    1900, 3478, 3702, 4500, 5351, 5353, 5683, 5684, 11211, 47808,
};

/* TCP services above the well-known ports, for connections whose beginning
 * was not captured. */
static const uint16_t tcp_services[] = {
    1433, 1723, 1883, 1935, 3128, 3306, 3389, 4840, 5000, 5060,
    5222, 5228, 5432, 5900, 6379, 6667, 6668, 8008, 8009, 8080,
    8081, 8443, 8554, 8883, 8888, 9000, 9100, 9200, 20000, 44818,
};

enum { WELL_KNOWN_PORT_MAX = 1023 }; /* RFC 6335 section 6. */

static bool is_listed(const uint16_t *ports, size_t count, uint16_t port)
{
    for (size_t i = 0; i < count; i++)
        if (ports[i] == port)
            return true;
    return false;
}

static bool is_service(uint8_t protocol, uint16_t port)
{
    if (protocol == IP_PROTOCOL_UDP)
        return is_listed(udp_services, COUNT_OF(udp_services), port);
    return port <= WELL_KNOWN_PORT_MAX ||
           is_listed(tcp_services, COUNT_OF(tcp_services), port);
}

/*
 * A SYN says who opened the connection, whoever was heard first. Without one,
 * a service's port is the last resort; a group address asks nobody.
 */
bool flow_is_answer(const struct packet *packet, bool is_early)
{
    bool is_tcp = packet->protocol == IP_PROTOCOL_TCP;

    if (!packet->has_transport ||
        (!is_tcp && packet->protocol != IP_PROTOCOL_UDP))
        return false;
    if (is_tcp && packet->tcp.flags & TCP_SYN)
        return packet->tcp.flags & TCP_ACK;
    if ((!is_tcp && !is_early) || ip_is_multicast(packet->destination) ||
        ip_is_broadcast(packet->destination))
        return false;
    return is_service(packet->protocol, packet->source_port) &&
           !is_service(packet->protocol, packet->destination_port);
}

/* Each letter once for each side, in the order they first came. */
static void note(struct flow *flow, enum flow_side side, char letter)
{
    if (side == FLOW_RESPONDER)
        letter = (char)(letter | 0x20);
    if (flow->history_size >= FLOW_HISTORY_MAX ||
        memchr(flow->history, letter, flow->history_size))
        return;
    flow->history[flow->history_size++] = letter;
}

void flow_note_flip(struct flow *flow)
{
    if (flow->history_size < FLOW_HISTORY_MAX)
        flow->history[flow->history_size++] = '^';
}

/*
 *  S  SYN            F  FIN         Q  SYN together with FIN or RST
 *  H  SYN and ACK    R  RST         I  FIN together with RST
 *  A  ACK only       D  payload
 */
static void note_tcp(struct flow *flow, enum flow_side side, uint8_t flags,
                     bool has_payload)
{
    uint8_t open_close = flags & (TCP_SYN | TCP_FIN | TCP_RST);

    if (flags & TCP_SYN && flags & (TCP_FIN | TCP_RST))
        note(flow, side, 'Q');
    else if (flags & TCP_SYN)
        note(flow, side, flags & TCP_ACK ? 'H' : 'S');
    if (has_payload)
        note(flow, side, 'D');
    else if (!open_close && flags & TCP_ACK)
        note(flow, side, 'A');
    if (open_close == (TCP_FIN | TCP_RST))
        note(flow, side, 'I');
    else if (open_close == TCP_FIN)
        note(flow, side, 'F');
    else if (open_close == TCP_RST)
        note(flow, side, 'R');
}

static void follow_tcp(struct flow *flow, enum flow_side side, uint8_t flags)
{
    flow->tcp_flags[side] |= flags;
    uint8_t both = flow->tcp_flags[0] & flow->tcp_flags[1];
    if (flags & TCP_RST || both & TCP_FIN)
        flow->state = FLOW_CLOSED;
    else if (flow->state == FLOW_NEW && both & TCP_ACK)
        flow->state = FLOW_ESTABLISHED;
}

static void count(struct flow *flow, enum flow_side side,
                  const struct packet *packet)
{
    if (flow->packets[side] < UINT32_MAX)
        flow->packets[side]++;
    flow->bytes[side] += packet->ip_size;
    if (packet->mark.time_ns > flow->last_ns)
        flow->last_ns = packet->mark.time_ns;
}

void flow_count_packet(struct flow *flow, enum flow_side side,
                       const struct packet *packet)
{
    bool has_payload = packet->payload.size > 0 || packet->payload_missing > 0;

    count(flow, side, packet);
    if (packet->protocol != IP_PROTOCOL_TCP) {
        note(flow, side, 'D');
        if (flow->packets[0] > 0 && flow->packets[1] > 0)
            flow->state = FLOW_ESTABLISHED;
    } else if (packet->has_transport) {
        note_tcp(flow, side, packet->tcp.flags, has_payload);
        follow_tcp(flow, side, packet->tcp.flags);
    }
}

bool flow_is_reuse(const struct flow *flow, const struct packet *packet)
{
    uint8_t control = TCP_SYN | TCP_ACK | TCP_RST | TCP_FIN;

    return flow->state == FLOW_CLOSED && packet->has_transport &&
           (packet->tcp.flags & control) == TCP_SYN;
}
