/* SPDX-License-Identifier: Apache-2.0 */

/* Ports, ICMP types and who may open a TCP connection. */
#include <string.h>

#include "mud/internal.h"

enum {
    PROTOCOL_ICMP = 1,
    PROTOCOL_TCP = 6,
    PROTOCOL_UDP = 17,
    PROTOCOL_ICMPV6 = 58,
};

static void set_range(struct mud_ports *ports, uint64_t low, uint64_t high)
{
    ports->low = (uint16_t)low;
    ports->high = (uint16_t)high;
    ports->is_set = true;
}

static void read_range(struct mud_reading *r, json_t *object,
                       struct mud_ports *ports)
{
    uint64_t low = 0;
    uint64_t high = 0;
    bool has_low =
        mud_take_number(r, object, "lower-port", UINT16_MAX, &low);
    bool has_high =
        mud_take_number(r, object, "upper-port", UINT16_MAX, &high);

    if (json_object_get(object, "operator") || json_object_get(object, "port"))
        mud_problem(r, MUD_REFUSED, "RFC 8519 4.2",
                    "a range and an operator exclude each other");
    else if (!json_object_get(object, "lower-port") ||
             !json_object_get(object, "upper-port"))
        mud_problem(r, MUD_REFUSED, "RFC 8519 4.2",
                    "a range has both lower-port and upper-port");
    else if (has_low && has_high && low > high)
        mud_problem(r, MUD_REFUSED, "RFC 8519 4.2",
                    "lower-port %llu is above upper-port %llu",
                    (unsigned long long)low, (unsigned long long)high);
    else
        set_range(ports, low, high);
}

static void read_operator(struct mud_reading *r, json_t *object,
                          struct mud_ports *ports)
{
    const char *word = "eq";
    uint64_t port = 0;

    (void)mud_take_text(r, object, "operator", &word);
    if (!json_object_get(object, "port")) {
        mud_problem(r, MUD_REFUSED, "RFC 8519 4.2", "'port' is missing");
        return;
    }
    if (!mud_take_number(r, object, "port", UINT16_MAX, &port))
        return;
    set_range(ports, port, port);
    if (strcmp(word, "lte") == 0)
        set_range(ports, 0, port);
    else if (strcmp(word, "gte") == 0)
        set_range(ports, port, UINT16_MAX);
    else if (strcmp(word, "neq") == 0)
        ports->is_not = true;
    else if (strcmp(word, "eq") != 0)
        mud_problem(r, MUD_REFUSED, "RFC 8519 4.2",
                    "there is no operator '%s'; there are eq, neq, lte and "
                    "gte", word);
}

static void read_ports(struct mud_reading *r, json_t *layer,
                       const char *key, struct mud_ports *ports)
{
    static mud_names names = {
        "lower-port", "upper-port", "operator", "port", NULL,
    };
    json_t *object = mud_take_object(r, layer, key);

    if (!object)
        return;
    mud_enter(r, key);
    mud_check_names(r, object, names);
    if (json_object_get(object, "lower-port") ||
        json_object_get(object, "upper-port"))
        read_range(r, object, ports);
    else
        read_operator(r, object, ports);
    mud_leave(r);
}

static void read_both_ports(struct mud_reading *r, json_t *layer,
                            enum mud_policy policy, struct mud_ace *ace)
{
    bool from = policy == MUD_FROM_DEVICE;

    read_ports(r, layer, "destination-port",
               from ? &ace->peer_port : &ace->own_port);
    read_ports(r, layer, "source-port",
               from ? &ace->own_port : &ace->peer_port);
}

static void read_initiated(struct mud_reading *r, json_t *tcp,
                           struct mud_ace *ace)
{
    static const char key[] = "ietf-mud:direction-initiated";
    const char *word;

    if (!mud_take_text(r, tcp, key, &word))
        return;
    if (strcmp(word, "from-device") == 0) {
        ace->initiated = MUD_INITIATED_FROM_DEVICE;
    } else if (strcmp(word, "to-device") == 0) {
        ace->initiated = MUD_INITIATED_TO_DEVICE;
    } else {
        mud_enter(r, key);
        mud_problem(r, MUD_REFUSED, "RFC 8520 4.8",
                    "'%s' is neither from-device nor to-device", word);
        mud_leave(r);
    }
}

static void read_tcp(struct mud_reading *r, json_t *tcp,
                     enum mud_policy policy, struct mud_ace *ace)
{
    static mud_names names = {
        "sequence-number", "acknowledgement-number", "data-offset",
        "reserved", "flags", "window-size", "urgent-pointer", "options",
        "source-port", "destination-port", "ietf-mud:direction-initiated",
        NULL,
    };

    mud_check_names(r, tcp, names);
    for (size_t i = 0; strcmp(names[i], "source-port") != 0; i++)
        if (json_object_get(tcp, names[i]))
            ace->reads_packets = true;
    read_both_ports(r, tcp, policy, ace);
    read_initiated(r, tcp, ace);
}

static void read_udp(struct mud_reading *r, json_t *udp,
                     enum mud_policy policy, struct mud_ace *ace)
{
    static mud_names names = {
        "length", "source-port", "destination-port", NULL,
    };

    if (json_object_get(udp, "ietf-mud:direction-initiated")) {
        mud_enter(r, "ietf-mud:direction-initiated");
        mud_problem(r, MUD_REFUSED, "RFC 8520 4.8",
                    "only TCP has a direction in which it is opened");
        mud_leave(r);
        return;
    }
    mud_check_names(r, udp, names);
    if (json_object_get(udp, "length"))
        ace->reads_packets = true;
    read_both_ports(r, udp, policy, ace);
}

static void read_icmp(struct mud_reading *r, json_t *icmp,
                      struct mud_ace *ace)
{
    static mud_names names = { "type", "code", "rest-of-header", NULL };
    uint64_t number = 0;

    mud_check_names(r, icmp, names);
    ace->has_icmp_type =
        mud_take_number(r, icmp, "type", UINT8_MAX, &number);
    ace->icmp_type = (uint8_t)number;
    number = 0;
    ace->has_icmp_code =
        mud_take_number(r, icmp, "code", UINT8_MAX, &number);
    ace->icmp_code = (uint8_t)number;
    if (json_object_get(icmp, "rest-of-header"))
        ace->reads_packets = true;
}

static bool is_icmp(uint8_t protocol)
{
    return protocol == PROTOCOL_ICMP || protocol == PROTOCOL_ICMPV6;
}

/* The container says the protocol; the IP header's leaf must agree. */
static void imply_protocol(struct mud_reading *r, const char *key,
                           uint8_t protocol, struct mud_ace *ace)
{
    bool agrees = protocol == PROTOCOL_ICMP ? is_icmp(ace->protocol)
                                            : ace->protocol == protocol;

    if (ace->has_protocol && !agrees)
        mud_problem(r, MUD_REFUSED, "RFC 8519 4.1",
                    "a match on '%s' cannot hold with protocol %u", key,
                    ace->protocol);
    if (ace->has_protocol)
        return;
    ace->has_protocol = true;
    ace->protocol = protocol;
    if (protocol == PROTOCOL_ICMP && ace->family == MUD_FAMILY_IPV6)
        ace->protocol = PROTOCOL_ICMPV6;
}

void mud_read_transport(struct mud_reading *r, json_t *matches,
                        enum mud_policy policy, struct mud_ace *ace)
{
    json_t *tcp = mud_take_object(r, matches, "tcp");
    json_t *udp = mud_take_object(r, matches, "udp");
    json_t *icmp = mud_take_object(r, matches, "icmp");
    const char *key = tcp ? "tcp" : udp ? "udp" : "icmp";

    if ((tcp != NULL) + (udp != NULL) + (icmp != NULL) > 1)
        mud_problem(r, MUD_REFUSED, "RFC 8519 4.1",
                    "a match is of one of tcp, udp and icmp");
    if (!tcp && !udp && !icmp)
        return;
    mud_enter(r, key);
    if (tcp)
        read_tcp(r, tcp, policy, ace);
    else if (udp)
        read_udp(r, udp, policy, ace);
    else
        read_icmp(r, icmp, ace);
    imply_protocol(r, key, tcp ? PROTOCOL_TCP
                               : udp ? PROTOCOL_UDP : PROTOCOL_ICMP, ace);
    mud_leave(r);
}
