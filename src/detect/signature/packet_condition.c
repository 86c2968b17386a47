/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Conditions of one packet's headers: TCP, ICMP, IP (RFC 9293 3.1, RFC 792,
 * RFC 4443, RFC 791 3.1), sizes, tags and checksums.
 */
#include "base/reader.h"
#include "decode/checksum.h"
#include "detect/signature/judging.h"

enum {
    IPV4_FIXED_SIZE = 20,
    ICMPV6_TOO_BIG = 2,
    OPTION_END = 0,
    OPTION_NOP = 1,
};

struct ipv4_header {
    uint8_t tos;
    uint16_t id;
    uint16_t fragment;
    struct bytes options;
};

static bool in_range(uint64_t number, const struct number_range *range)
{
    return number >= range->low && number <= range->high;
}

/* From IPv6 the traffic class alone: it has no id and no fragments here. */
static bool read_ip(const struct packet *packet, struct ipv4_header *header)
{
    struct reader r = reader_of(packet->network);
    uint16_t first = reader_u16(&r);

    if (packet->ip_version == 6) {
        *header = (struct ipv4_header){ .tos = (uint8_t)(first >> 4) };
        return reader_ok(&r);
    }
    reader_skip(&r, 2);
    uint16_t id = reader_u16(&r);
    uint16_t fragment = reader_u16(&r);
    reader_skip(&r, IPV4_FIXED_SIZE - 8);
    size_t size = (first >> 8 & 0x0f) * 4u;
    size_t more = size > IPV4_FIXED_SIZE ? size - IPV4_FIXED_SIZE : 0;
    struct bytes options = reader_bytes(&r, more);
    if (!reader_ok(&r))
        return false;
    *header = (struct ipv4_header){ (uint8_t)first, id, fragment, options };
    return true;
}

static bool flags_hold(uint8_t flags, const struct flags_test *test)
{
    uint8_t seen = flags & (uint8_t)~test->ignored;

    switch ((enum flags_match)test->match) {
    case FLAGS_EXACT:
        return seen == test->flags;
    case FLAGS_ALL:
        return (seen & test->flags) == test->flags;
    case FLAGS_ANY:
        return (seen & test->flags) != 0;
    case FLAGS_NOT:
        break;
    }
    return (seen & test->flags) == 0;
}

static bool tcp_holds(const struct packet *packet,
                      const struct rule_condition *condition)
{
    const struct packet_tcp *tcp = &packet->tcp;

    if (packet->protocol != IP_PROTOCOL_TCP || !packet->has_transport)
        return condition->negated; /* Not so, negated or not. */
    switch (condition->kind) {
    case CONDITION_TCP_FLAGS:
        return flags_hold(tcp->flags, &condition->flags);
    case CONDITION_TCP_SEQUENCE:
        return in_range(tcp->sequence, &condition->number);
    case CONDITION_TCP_ACKNOWLEDGEMENT:
        return in_range(tcp->acknowledgement, &condition->number);
    case CONDITION_TCP_WINDOW:
        return in_range(tcp->window, &condition->number);
    default: /* CONDITION_TCP_MSS */
        return tcp->maximum_segment_size > 0 &&
               in_range(tcp->maximum_segment_size, &condition->number);
    }
}

/* Those whose second four bytes are an id and a sequence number. */
static bool has_echo(const struct packet *packet)
{
    if (packet->protocol == IP_PROTOCOL_ICMPV6)
        return packet->icmp_type == 128 || packet->icmp_type == 129;
    return packet->icmp_type == 0 || packet->icmp_type == 8 ||
           (packet->icmp_type >= 13 && packet->icmp_type <= 18);
}

static bool icmp_holds(const struct packet *packet,
                       const struct rule_condition *condition)
{
    bool is_icmp = packet->protocol == IP_PROTOCOL_ICMP ||
                   packet->protocol == IP_PROTOCOL_ICMPV6;
    struct reader r = reader_of(packet->payload);
    uint16_t id = reader_u16(&r);
    uint16_t sequence = reader_u16(&r);

    if (!is_icmp || !packet->has_transport)
        return condition->negated;
    switch (condition->kind) {
    case CONDITION_ICMP_TYPE:
        return in_range(packet->icmp_type, &condition->number);
    case CONDITION_ICMP_CODE:
        return in_range(packet->icmp_code, &condition->number);
    case CONDITION_ICMP_ID:
        return reader_ok(&r) && has_echo(packet) &&
               in_range(id, &condition->number);
    case CONDITION_ICMP_SEQUENCE:
        return reader_ok(&r) && has_echo(packet) &&
               in_range(sequence, &condition->number);
    default: /* CONDITION_ICMPV6_MTU: the same four bytes as one number. */
        return reader_ok(&r) && packet->protocol == IP_PROTOCOL_ICMPV6 &&
               packet->icmp_type == ICMPV6_TOO_BIG &&
               in_range((uint32_t)id << 16 | sequence, &condition->number);
    }
}

static uint8_t option_number(struct bytes name)
{
    static const struct {
        const char *name;
        uint8_t type;
    } options[] = {
        { "rr", 7 },    { "eol", 0 },   { "nop", 1 },   { "ts", 68 },
        { "sec", 130 }, { "esec", 133 }, { "lsrr", 131 }, { "ssrr", 137 },
        { "satid", 136 }, { "qs", 25 }, { "cipso", 134 }, { "rtralt", 148 },
    };

    for (size_t i = 0; i < COUNT_OF(options); i++)
        if (bytes_equal(name, bytes_of_text(options[i].name)))
            return options[i].type;
    return UINT8_MAX;
}

static bool option_holds(struct bytes options, struct bytes name)
{
    struct reader r = reader_of(options);
    uint8_t wanted = option_number(name);

    if (bytes_equal(name, bytes_of_text("any")))
        return options.size > 0;
    while (reader_left(&r) > 0) {
        uint8_t type = reader_u8(&r);
        if (type == wanted)
            return true;
        if (type == OPTION_END)
            return false;
        if (type == OPTION_NOP)
            continue;
        uint8_t size = reader_u8(&r);
        reader_skip(&r, size < 2 ? SIZE_MAX : size - 2u);
    }
    return false;
}

static bool ip_holds(const struct packet *packet,
                     const struct rule_condition *condition)
{
    struct ipv4_header header;

    if (packet->layer != PACKET_LAYER_IP || !read_ip(packet, &header))
        return condition->negated;
    bool is_v4 = packet->ip_version == 4;
    switch (condition->kind) {
    case CONDITION_IP_ID:
        return is_v4 && in_range(header.id, &condition->number);
    case CONDITION_IP_TOS:
        return in_range(header.tos, &condition->number);
    case CONDITION_IP_OPTION:
        return is_v4 &&
               option_holds(header.options, bytes_of_text(condition->name));
    case CONDITION_IP_FRAGBITS:
        return is_v4 &&
               flags_hold((uint8_t)(header.fragment >> 13), &condition->flags);
    default: /* CONDITION_IP_FRAGOFFSET */
        return is_v4 &&
               in_range(header.fragment & 0x1fff, &condition->number);
    }
}

/* The transport header and what follows, where all of it was captured. */
static struct bytes transport_of(const struct packet *packet)
{
    size_t header = 0;

    if (packet->protocol == IP_PROTOCOL_TCP)
        header = 20 + packet->tcp.options.size;
    else if (packet->protocol == IP_PROTOCOL_UDP)
        header = 8;
    else if (packet->protocol == IP_PROTOCOL_ICMP ||
             packet->protocol == IP_PROTOCOL_ICMPV6)
        header = 4;
    size_t size = header + packet->payload.size;
    if (packet->network.size < size || packet->payload_missing > 0)
        return (struct bytes){ 0 };
    return bytes_slice(packet->network, packet->network.size - size, size);
}

static bool checksum_holds(const struct packet *packet,
                           const struct checksum_test *test)
{
    bool is_valid;

    if (packet->layer != PACKET_LAYER_IP ||
        packet->ip_version != test->ip_version || packet->is_reassembled)
        return false;
    if (test->protocol == 0) {
        struct reader r = reader_of(packet->network);
        size_t size = (reader_peek(&r) & 0x0f) * 4u;
        is_valid = checksum_of(bytes_slice(packet->network, 0, size), 0) == 0;
        return is_valid == test->wants_valid;
    }
    struct bytes transport = transport_of(packet);
    if (packet->protocol != test->protocol || !packet->has_transport ||
        transport.size == 0)
        return false;
    bool has_pseudo = packet->protocol != IP_PROTOCOL_ICMP;
    is_valid = checksum_of(transport,
                           has_pseudo ? checksum_pseudo_header(
                                            packet, transport.size)
                                      : 0) == 0;
    return is_valid == test->wants_valid;
}

/* A layer counts from the outermost, or below zero from the innermost. What
 * is not there holds neither way: "!200" is of a tag that is another. */
static bool vlan_holds(const struct packet *packet,
                       const struct rule_condition *condition)
{
    const struct vlan_test *test = &condition->vlan;
    int layer = test->layer < 0 ? packet->vlan_count + test->layer
                                : test->layer;
    unsigned holding = 0;

    for (uint8_t i = 0; i < packet->vlan_count; i++)
        if (in_range(packet->vlan[i], &test->id) != condition->negated) {
            if (i == layer)
                return true;
            holding++;
        }
    if (test->layer == VLAN_LAYER_ANY)
        return holding > 0;
    return test->layer == VLAN_LAYER_ALL && holding > 0 &&
           holding == packet->vlan_count;
}

bool packet_condition_holds(const struct packet *packet,
                            const struct rule_condition *condition)
{
    switch (condition->kind) {
    case CONDITION_FRAGMENT_NONE:
        return !packet->is_reassembled;
    case CONDITION_FRAGMENT_ONLY:
        return packet->is_reassembled;
    case CONDITION_PAYLOAD_SIZE:
        return in_range(packet->payload.size + packet->payload_missing,
                        &condition->number);
    case CONDITION_IP_TTL:
        return packet->layer == PACKET_LAYER_IP &&
               in_range(packet->ttl, &condition->number);
    case CONDITION_IP_PROTOCOL:
        return packet->layer == PACKET_LAYER_IP &&
               in_range(packet->protocol, &condition->number);
    case CONDITION_IP_SAME:
        return packet->layer == PACKET_LAYER_IP &&
               ip_equal(packet->source, packet->destination);
    case CONDITION_CHECKSUM:
        return checksum_holds(packet, &condition->checksum);
    case CONDITION_VLAN_ID:
        /* The caller turns what is negated: here it was already. */
        return vlan_holds(packet, condition) != condition->negated;
    case CONDITION_VLAN_LAYERS:
        return in_range(packet->vlan_count, &condition->number);
    case CONDITION_TCP_FLAGS:
    case CONDITION_TCP_SEQUENCE:
    case CONDITION_TCP_ACKNOWLEDGEMENT:
    case CONDITION_TCP_WINDOW:
    case CONDITION_TCP_MSS:
        return tcp_holds(packet, condition);
    case CONDITION_IP_ID:
    case CONDITION_IP_TOS:
    case CONDITION_IP_OPTION:
    case CONDITION_IP_FRAGBITS:
    case CONDITION_IP_FRAGOFFSET:
        return ip_holds(packet, condition);
    default: /* CONDITION_ICMP_... */
        return icmp_holds(packet, condition);
    }
}
