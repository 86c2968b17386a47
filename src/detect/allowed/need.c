/* SPDX-License-Identifier: Apache-2.0 */

/*
 * The entry that would have declared a flow: what a maker would add to the
 * file. It names the peer as a MUD file should: by the name the device asked
 * for, by its class, as a host of the local network; by its address only when
 * nothing else is known of it.
 */
#include <string.h>

#include "detect/allowed/internal.h"

enum {
    EPHEMERAL_MIN = 32768, /* Linux and small stacks take ports from there. */
    PORT_DNS = 53,
    PORT_NTP = 123,
};

static void set_port(struct mud_ports *ports, uint16_t port)
{
    *ports = (struct mud_ports){ .low = port, .high = port, .is_set = true };
}

/* The port that stands for the service is the one of the side that was
 * contacted; in UDP an answer may come from another socket, so that a port
 * no system hands out by itself is the better sign. */
static bool is_peer_service(const struct allowed_flow *flow)
{
    uint16_t contacted = flow->began ? flow->peer_port : flow->own_port;
    uint16_t other = flow->began ? flow->own_port : flow->peer_port;

    if (contacted == other)
        return true; /* Either way the same flows: say it one way. */
    if ((flow->protocol == IP_PROTOCOL_UDP || !flow->is_sure) &&
        contacted >= EPHEMERAL_MIN && other < EPHEMERAL_MIN)
        return !flow->began;
    return flow->began;
}

static bool is_standard(const struct allowed_flow *flow, uint16_t port,
                        const char *name)
{
    const char *reason = NULL;

    return flow->has_ports && flow->peer_port == port &&
           class_match(flow, name, &reason) == MATCH_YES;
}

static void name_peer(const struct allowed_flow *flow, struct mud_ace *ace,
                      char peer_name[256])
{
    const char *told = names_of(flow->state->names, flow->device, flow->peer,
                                flow->start_ns);
    struct bytes name = flow->server_name.size > 0
                            ? flow->server_name
                            : bytes_of_text(told ? told : "");

    if (name.size > 0 && name.size < 256 && name_is_plausible(name)) {
        for (size_t i = 0; i < name.size; i++) {
            uint8_t at = name.data[i];
            peer_name[i] = (char)(at >= 'A' && at <= 'Z' ? at + 32 : at);
        }
        peer_name[name.size] = 0;
        ace->name_of_peer = peer_name;
        return;
    }
    ace->has_network = true;
    ace->network = (struct ip_prefix){ flow->peer, 128 };
}

static void set_peer(const struct allowed_flow *flow, struct mud_ace *ace,
                     char peer_name[256])
{
    if (ip_is_multicast(flow->peer) || ip_is_broadcast(flow->peer)) {
        ace->has_network = true;
        ace->network = (struct ip_prefix){ flow->peer, 128 };
    } else if (is_standard(flow, PORT_DNS, "urn:ietf:params:mud:dns")) {
        ace->controller = "urn:ietf:params:mud:dns";
    } else if (is_standard(flow, PORT_NTP, "urn:ietf:params:mud:ntp")) {
        ace->controller = "urn:ietf:params:mud:ntp";
    } else if (flow->is_peer_local) {
        ace->is_local = true;
    } else {
        name_peer(flow, ace, peer_name);
    }
}

static void set_icmp(const struct allowed_flow *flow, uint8_t policies,
                     struct mud_ace *ace)
{
    enum mud_policy policy =
        policies & 1u << MUD_FROM_DEVICE ? MUD_FROM_DEVICE : MUD_TO_DEVICE;

    if (flow->icmp_type[policy] < 0)
        return;
    ace->has_icmp_type = true;
    ace->icmp_type = (uint8_t)flow->icmp_type[policy];
    if (flow->icmp_code[policy] >= 0) {
        ace->has_icmp_code = true;
        ace->icmp_code = (uint8_t)flow->icmp_code[policy];
    }
}

struct mud_ace needed_ace(const struct allowed_flow *flow, uint8_t policies,
                          char peer_name[256])
{
    struct mud_ace ace = {
        .name = "needed",
        .accepts = true,
        .family = ip_is_v4(flow->peer) ? MUD_FAMILY_IPV4 : MUD_FAMILY_IPV6,
        .has_protocol = true,
        .protocol = flow->protocol,
    };

    peer_name[0] = 0;
    if (flow->protocol == IP_PROTOCOL_ICMP ||
        flow->protocol == IP_PROTOCOL_ICMPV6)
        set_icmp(flow, policies, &ace);
    if (flow->protocol == IP_PROTOCOL_TCP && flow->is_sure)
        ace.initiated = flow->began ? MUD_INITIATED_FROM_DEVICE
                                    : MUD_INITIATED_TO_DEVICE;
    if (flow->protocol == IP_PROTOCOL_TCP ||
        flow->protocol == IP_PROTOCOL_UDP) {
        if (is_peer_service(flow))
            set_port(&ace.peer_port, flow->peer_port);
        else
            set_port(&ace.own_port, flow->own_port);
    }
    set_peer(flow, &ace, peer_name);
    return ace;
}

static bool is_same_text(const char *a, const char *b)
{
    return (!a && !b) || (a && b && strcmp(a, b) == 0);
}

static bool is_same_ports(const struct mud_ports *a,
                          const struct mud_ports *b)
{
    return a->is_set == b->is_set && a->low == b->low && a->high == b->high;
}

bool is_same_need(const struct mud_ace *a, const struct mud_ace *b)
{
    return a->family == b->family && a->protocol == b->protocol &&
           a->initiated == b->initiated && a->is_local == b->is_local &&
           a->has_network == b->has_network &&
           (!a->has_network ||
            ip_equal(a->network.address, b->network.address)) &&
           a->has_icmp_type == b->has_icmp_type &&
           a->icmp_type == b->icmp_type && a->icmp_code == b->icmp_code &&
           is_same_ports(&a->peer_port, &b->peer_port) &&
           is_same_ports(&a->own_port, &b->own_port) &&
           is_same_text(a->name_of_peer, b->name_of_peer) &&
           is_same_text(a->controller, b->controller);
}
