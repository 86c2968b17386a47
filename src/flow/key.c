/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "flow/internal.h"

/*
 * ICMP messages that ask, with the ones that answer: RFC 792, 950, 1256 and
 * RFC 4443, 4861, 2710, 4620, 6275; the pairs of Community ID version 1, so
 * that one flow has one id.
 */
static const struct {
    uint8_t protocol;
    uint8_t request;
    uint8_t reply;
} icmp_pairs[] = {
    { IP_PROTOCOL_ICMP, 8, 0 },       /* echo */
    { IP_PROTOCOL_ICMP, 10, 9 },      /* router solicitation */
    { IP_PROTOCOL_ICMP, 13, 14 },     /* timestamp */
    { IP_PROTOCOL_ICMP, 15, 16 },     /* information */
    { IP_PROTOCOL_ICMP, 17, 18 },     /* address mask */
    { IP_PROTOCOL_ICMPV6, 128, 129 }, /* echo */
    { IP_PROTOCOL_ICMPV6, 133, 134 }, /* router solicitation */
    { IP_PROTOCOL_ICMPV6, 135, 136 }, /* neighbour solicitation */
    { IP_PROTOCOL_ICMPV6, 130, 131 }, /* multicast listener query */
    { IP_PROTOCOL_ICMPV6, 139, 140 }, /* node information query */
    { IP_PROTOCOL_ICMPV6, 144, 145 }, /* home agent discovery */
};

static bool is_icmp(uint8_t protocol)
{
    return protocol == IP_PROTOCOL_ICMP || protocol == IP_PROTOCOL_ICMPV6;
}

static bool has_ports(uint8_t protocol)
{
    return protocol == IP_PROTOCOL_TCP || protocol == IP_PROTOCOL_UDP ||
           protocol == IP_PROTOCOL_SCTP;
}

static bool icmp_counterpart(uint8_t protocol, uint16_t type, uint16_t *other)
{
    for (size_t i = 0; i < COUNT_OF(icmp_pairs); i++) {
        if (icmp_pairs[i].protocol != protocol)
            continue;
        if (icmp_pairs[i].request == type)
            *other = icmp_pairs[i].reply;
        else if (icmp_pairs[i].reply == type)
            *other = icmp_pairs[i].request;
        else
            continue;
        return true;
    }
    return false;
}

static void set_way_back(struct flow_key *key)
{
    if (!is_icmp(key->protocol)) {
        key->back_port[0] = key->port[1];
        key->back_port[1] = key->port[0];
        key->has_way_back = true;
        return;
    }
    key->back_port[1] = key->port[1];
    key->has_way_back = icmp_counterpart(key->protocol, key->port[0],
                                         &key->back_port[0]);
}

struct flow_key flow_key_of_packet(const struct packet *packet)
{
    struct flow_key key = {
        .address = { packet->source, packet->destination },
        .protocol = packet->protocol,
        .vlan = packet->vlan_count > 0 ? packet->vlan[0] : 0,
    };

    if (packet->has_transport && has_ports(packet->protocol)) {
        key.port[0] = packet->source_port;
        key.port[1] = packet->destination_port;
    } else if (packet->has_transport && is_icmp(packet->protocol)) {
        key.port[0] = packet->icmp_type;
        key.port[1] = packet->icmp_code;
    }
    set_way_back(&key);
    return key;
}

static uint64_t word_of(const uint8_t *bytes)
{
    uint64_t word;
    memcpy(&word, bytes, sizeof word);
    return word;
}

/* Some order of all addresses, the same on both ways; equality with 0. */
static int order_of(const struct ip *a, const struct ip *b)
{
    uint64_t a_low = word_of(a->bytes + 8);
    uint64_t b_low = word_of(b->bytes + 8);

    if (a_low != b_low)
        return a_low < b_low ? -1 : 1;
    uint64_t a_high = word_of(a->bytes);
    uint64_t b_high = word_of(b->bytes);
    return a_high == b_high ? 0 : a_high < b_high ? -1 : 1;
}

static uint64_t tail_word(const struct flow_key *key, const uint16_t port[2])
{
    return (uint64_t)port[0] << 48 | (uint64_t)port[1] << 32 | key->protocol;
}

/* Of the two directions, the one that both ends agree to name first. */
static bool is_forward_first(const struct flow_key *key)
{
    if (!key->has_way_back)
        return true;
    int order = order_of(&key->address[0], &key->address[1]);
    if (order != 0)
        return order < 0;
    return tail_word(key, key->port) <= tail_word(key, key->back_port);
}

uint32_t flow_key_hash(const struct flow_key *key, struct hash_key secret)
{
    bool forward = is_forward_first(key);
    const struct ip *first = &key->address[forward ? 0 : 1];
    const struct ip *second = &key->address[forward ? 1 : 0];
    uint64_t tail = tail_word(key, forward ? key->port : key->back_port);

    uint64_t words[] = { tail, word_of(first->bytes + 8),
                         word_of(second->bytes + 8), word_of(first->bytes),
                         word_of(second->bytes) };
    /* The upper halves of two IPv4 addresses are the same in all of them. */
    bool is_v4 = words[3] == 0 && words[4] == 0;
    return (uint32_t)hash_words(secret, words, is_v4 ? 3 : COUNT_OF(words));
}

static bool has_ends(const struct flow *flow, const struct flow_key *key,
                     const uint16_t port[2], size_t first)
{
    return flow->port[0] == port[0] && flow->port[1] == port[1] &&
           order_of(&flow->address[0], &key->address[first]) == 0 &&
           order_of(&flow->address[1], &key->address[1 - first]) == 0;
}

/* Ports that mirror others may tag one direction only; two tags that differ
 * are two networks. */
static bool is_same_network(uint16_t a, uint16_t b)
{
    return a == b || a == 0 || b == 0;
}

bool flow_key_match(const struct flow_key *key, const struct flow *flow,
                    enum flow_side *side)
{
    if (flow->protocol != key->protocol ||
        !is_same_network(flow->vlan, key->vlan))
        return false;
    if (has_ends(flow, key, key->port, 0)) {
        *side = FLOW_ORIGINATOR;
        return true;
    }
    if (key->has_way_back && has_ends(flow, key, key->back_port, 1)) {
        *side = FLOW_RESPONDER;
        return true;
    }
    return false;
}
