/* SPDX-License-Identifier: Apache-2.0 */
/*
 * RFC 8200 section 3, and the extension headers of section 4:
 *
 *   version 4 | class 8 | flow label 20
 *   payload size 16 | next header 8 | hop limit 8
 *   source 16 bytes | destination 16 bytes
 */
#include "decode/internal.h"

enum {
    IPV6_HEADER_SIZE = 40,

    NEXT_HOP_BY_HOP = 0,
    NEXT_ROUTING = 43,
    NEXT_FRAGMENT = 44,
    NEXT_AH = 51,
    NEXT_NONE = 59,
    NEXT_OPTIONS = 60,
    NEXT_MOBILITY = 135,
    NEXT_HIP = 139,
    NEXT_SHIM6 = 140,

    OPTION_PAD_1 = 0,
    OPTION_PAD_N = 1,
    OPTION_JUMBO = 0xc2,
};

/* Where each header belongs, by the order of RFC 8200 section 4.1. */
enum rank {
    RANK_HOP_BY_HOP = 1,
    RANK_OPTIONS_FIRST,
    RANK_ROUTING,
    RANK_FRAGMENT,
    RANK_AH,
    RANK_OPTIONS_LAST,
    RANK_MOBILITY,
};

/* How far the reader has come along the extension headers. */
struct chain {
    uint8_t next;       /* The number of the header at the front. */
    uint8_t rank;       /* Of the one before it. */
    uint8_t options;    /* How many of a kind there were. */
    bool has_hop_by_hop;
    bool has_routing;
    bool has_fragment;
    bool has_ah;
    bool is_upper;      /* What is at the front is no extension header. */
    size_t payload_size;
};

static void check_order(struct decoding *d, struct chain *chain,
                        enum rank rank)
{
    if (rank < chain->rank)
        decoding_anomaly(d, ANOMALY_IPV6_ORDER);
    else
        chain->rank = (uint8_t)rank;
}

static void check_once(struct decoding *d, bool *has, enum anomaly anomaly)
{
    if (*has)
        decoding_anomaly(d, anomaly);
    *has = true;
}

/* The options of the IANA registry, whatever header they are for. */
static bool option_is_known(uint8_t type)
{
    static const uint8_t known[] = { 0x04, 0x05, 0x07, 0x08, 0x0f, 0x11, 0x12,
                                     0x23, 0x26, 0x30, 0x31, 0x63, 0x6d, 0x8a,
                                     0x8b, 0x8c, 0xc2, 0xc3, 0xc9, 0xee };

    for (size_t i = 0; i < COUNT_OF(known); i++)
        if (known[i] == type)
            return true;
    return false;
}

/* RFC 2675: only with a payload size of 0, only over 65535, and never with
 * fragments. */
static void read_jumbo(struct decoding *d, struct chain *chain,
                       struct reader option)
{
    uint32_t size = reader_u32(&option);

    if (!reader_finished(&option) || size <= UINT16_MAX ||
        chain->payload_size != 0 || d->is_jumbo) {
        decoding_anomaly(d, ANOMALY_IPV6_JUMBO);
        return;
    }
    d->is_jumbo = true;
    chain->payload_size = size;
}

/* One option; true when it is other than padding. */
static bool read_option(struct decoding *d, struct chain *chain,
                        struct reader *r)
{
    bool is_hop = chain->next == NEXT_HOP_BY_HOP;
    uint8_t type = reader_u8(r);

    if (type == OPTION_PAD_1)
        return false;
    uint8_t size = reader_u8(r);
    struct reader body = reader_sub(r, size);
    if (!reader_ok(r)) {
        decoding_anomaly(d, ANOMALY_IPV6_OPTION_LENGTH);
        return true;
    }
    if (type == OPTION_PAD_N)
        return false;
    if (type == OPTION_JUMBO && is_hop)
        read_jumbo(d, chain, body);
    else if (!option_is_known(type))
        decoding_anomaly(d, is_hop ? ANOMALY_IPV6_HOP_UNKNOWN
                                   : ANOMALY_IPV6_OPTIONS_UNKNOWN);
    return true;
}

static void read_options(struct decoding *d, struct chain *chain,
                         struct reader body)
{
    bool has_option = false;

    while (reader_left(&body) > 0)
        if (read_option(d, chain, &body))
            has_option = true;
    if (!has_option)
        decoding_anomaly(d, chain->next == NEXT_HOP_BY_HOP
                                ? ANOMALY_IPV6_HOP_PADDING
                                : ANOMALY_IPV6_OPTIONS_PADDING);
}

/* The form most headers share: next header, size in 8 bytes without the
 * first 8, body. False when it is cut. */
static bool read_common(struct decoding *d, uint8_t *next,
                        struct reader *body)
{
    *next = reader_u8(&d->rest);
    size_t size = reader_u8(&d->rest) * 8u + 6;
    *body = reader_sub(&d->rest, size);
    return decoding_is_whole(d, ANOMALY_IPV6_EXTENSION_TRUNCATED);
}

/* The jumbo option may come only here, so only here is the packet's extent
 * still open when its payload size was 0. */
static bool read_hop_by_hop(struct decoding *d, struct chain *chain)
{
    size_t before = reader_left(&d->rest);
    struct reader body;
    uint8_t next;

    if (chain->rank != 0 && !chain->has_hop_by_hop)
        decoding_anomaly(d, ANOMALY_IPV6_HOP_LATE);
    check_once(d, &chain->has_hop_by_hop, ANOMALY_IPV6_HOP_DUPLICATE);
    if (chain->rank == 0)
        chain->rank = RANK_HOP_BY_HOP;
    if (!read_common(d, &next, &body))
        return false;
    bool was_jumbo = d->is_jumbo;
    read_options(d, chain, body);
    size_t used = before - reader_left(&d->rest);
    if (d->is_jumbo && !was_jumbo &&
        !decoding_limit(d, chain->payload_size - used))
        decoding_anomaly(d, ANOMALY_IPV6_TRUNCATED);
    chain->next = next;
    return true;
}

static bool read_destination_options(struct decoding *d, struct chain *chain)
{
    bool is_first = chain->rank < RANK_ROUTING && chain->options == 0;
    struct reader body;
    uint8_t next;

    check_order(d, chain, is_first ? RANK_OPTIONS_FIRST : RANK_OPTIONS_LAST);
    if (++chain->options > 2)
        decoding_anomaly(d, ANOMALY_IPV6_OPTIONS_DUPLICATE);
    if (!read_common(d, &next, &body))
        return false;
    read_options(d, chain, body);
    chain->next = next;
    return true;
}

static bool read_routing(struct decoding *d, struct chain *chain)
{
    struct reader body;
    uint8_t next;

    check_once(d, &chain->has_routing, ANOMALY_IPV6_ROUTING_DUPLICATE);
    check_order(d, chain, RANK_ROUTING);
    if (!read_common(d, &next, &body))
        return false;
    if (reader_u8(&body) == 0)
        decoding_anomaly(d, ANOMALY_IPV6_ROUTING_ZERO); /* RFC 5095 */
    chain->next = next;
    return true;
}

/* RFC 4302: next header, size in 4 bytes less 2, reserved, and at least the
 * SPI and the sequence number. */
static bool read_ah(struct decoding *d, uint8_t *next)
{
    *next = reader_u8(&d->rest);
    uint8_t size = reader_u8(&d->rest);
    uint16_t reserved = reader_u16(&d->rest);
    if (size < 1 && reader_ok(&d->rest)) {
        decoding_anomaly(d, ANOMALY_AH_LENGTH);
        return false;
    }
    reader_skip(&d->rest, (size + 2u) * 4 - 4);
    if (!decoding_is_whole(d, ANOMALY_IPV6_EXTENSION_TRUNCATED))
        return false;
    if (reserved != 0)
        decoding_anomaly(d, ANOMALY_AH_RESERVED);
    return true;
}

static bool read_ah_extension(struct decoding *d, struct chain *chain)
{
    check_once(d, &chain->has_ah, ANOMALY_IPV6_AH_DUPLICATE);
    check_order(d, chain, RANK_AH);
    return read_ah(d, &chain->next);
}

/* Mobility, HIP and Shim6 say "no next header" when they are themselves the
 * message; then they are the payload. */
static bool read_mobility(struct decoding *d, struct chain *chain)
{
    struct reader body;
    uint8_t next = reader_peek(&d->rest);

    check_order(d, chain, RANK_MOBILITY);
    if (next == NEXT_NONE) {
        chain->is_upper = true;
        return true;
    }
    if (!read_common(d, &next, &body))
        return false;
    chain->next = next;
    return true;
}

/* Read one header; false when the chain cannot be followed. */
static bool read_extension(struct decoding *d, struct chain *chain)
{
    switch (chain->next) {
    case NEXT_HOP_BY_HOP:
        return read_hop_by_hop(d, chain);
    case NEXT_OPTIONS:
        return read_destination_options(d, chain);
    case NEXT_ROUTING:
        return read_routing(d, chain);
    case NEXT_AH:
        return read_ah_extension(d, chain);
    case NEXT_MOBILITY:
    case NEXT_HIP:
    case NEXT_SHIM6:
        return read_mobility(d, chain);
    default:
        chain->is_upper = true;
        return true;
    }
}

/*
 * Section 4.5: next header, reserved, offset 13 in 8 bytes, reserved 2, more;
 * identification. A fragment that is the whole is read as such (RFC 6946).
 */
static enum layer read_fragment(struct decoding *d, struct chain *chain)
{
    struct packet *p = d->packet;
    uint8_t next = reader_u8(&d->rest);
    uint8_t reserved = reader_u8(&d->rest);
    uint16_t place = reader_u16(&d->rest);
    uint32_t identification = reader_u32(&d->rest);

    if (!decoding_is_whole(d, ANOMALY_IPV6_EXTENSION_TRUNCATED))
        return LAYER_END;
    check_once(d, &chain->has_fragment, ANOMALY_IPV6_FRAGMENT_DUPLICATE);
    check_order(d, chain, RANK_FRAGMENT);
    if (reserved != 0 || (place & 6) != 0)
        decoding_anomaly(d, ANOMALY_IPV6_FRAGMENT_RESERVED);
    chain->next = next;
    if ((place & 0xfff9) == 0) {
        decoding_anomaly(d, ANOMALY_IPV6_FRAGMENT_USELESS);
        return LAYER_UPPER;
    }
    p->protocol = next;
    p->is_fragment = true;
    struct fragment part = {
        .key = {
            .source = p->source,
            .destination = p->destination,
            .identification = identification,
            .version = 6,
            .vlan = p->vlan_count > 0 ? p->vlan[0] : 0,
        },
        .offset = place & 0xfff8,
        .is_last = !(place & 1),
        .protocol = next,
        .time_ns = p->mark.time_ns,
    };
    if (anomaly_has(&p->anomalies, ANOMALY_IPV6_TRUNCATED))
        return LAYER_END;
    enum layer result = decode_fragment(d, &part);
    chain->next = p->protocol;
    return result;
}

/* An extension header announces another: none fits in less than two bytes. */
static void check_announced(struct decoding *d)
{
    if (!d->packet->is_reassembled &&
        reader_left(&d->rest) + d->missing < 2)
        decoding_anomaly(d, ANOMALY_IPV6_EXTENSION_TRUNCATED);
}

/* Follow the extension headers to what they are there for. */
static enum layer follow_chain(struct decoding *d, struct chain *chain)
{
    int count = 0;

    for (; !chain->is_upper; count++) {
        d->packet->protocol = chain->next;
        if (count == DECODE_EXTENSIONS_MAX) {
            decoding_anomaly(d, ANOMALY_IPV6_EXTENSIONS_MANY);
            return LAYER_END;
        }
        if (chain->next == NEXT_FRAGMENT) {
            if (read_fragment(d, chain) == LAYER_END)
                return LAYER_END;
        } else if (!read_extension(d, chain)) {
            return LAYER_END;
        }
    }
    if (chain->next != NEXT_NONE) {
        if (count > 1) /* The last turn only saw what is no extension. */
            check_announced(d);
        return LAYER_UPPER;
    }
    if (reader_left(&d->rest) + d->missing > 0)
        decoding_anomaly(d, ANOMALY_IPV6_NONE_DATA);
    return LAYER_END;
}

/*
 * Let the packet end where its payload size says. Size 0 leaves the end open
 * for a jumbo payload option, and for TCP that the network card will cut up
 * after the capture.
 */
static void limit_payload(struct decoding *d, struct chain *chain)
{
    bool is_open = chain->payload_size == 0 &&
                   (chain->next == NEXT_HOP_BY_HOP ||
                    chain->next == IP_PROTOCOL_TCP);

    if (!is_open && !decoding_limit(d, chain->payload_size))
        decoding_anomaly(d, ANOMALY_IPV6_TRUNCATED);
}

enum layer decode_ipv6(struct decoding *d)
{
    struct packet *p = d->packet;
    struct reader from_header = d->rest;
    uint32_t first = reader_u32(&d->rest);
    uint32_t second = reader_u32(&d->rest);
    struct bytes source = reader_bytes(&d->rest, 16);
    struct bytes destination = reader_bytes(&d->rest, 16);

    if (!decoding_is_whole(d, ANOMALY_IPV6_HEADER_TRUNCATED))
        return LAYER_END;
    if (first >> 28 != 6) {
        decoding_anomaly(d, ANOMALY_IPV6_VERSION);
        return LAYER_END;
    }
    struct chain chain = {
        .next = second >> 8 & 0xff,
        .payload_size = second >> 16,
    };
    p->layer = PACKET_LAYER_IP;
    p->ip_version = 6;
    p->protocol = chain.next;
    p->ttl = (uint8_t)second;
    p->source = ip_of_v6_bytes(source.data);
    p->destination = ip_of_v6_bytes(destination.data);
    p->is_fragment = false;
    limit_payload(d, &chain);
    size_t whole = reader_left(&d->rest) + d->missing;
    p->ip_size = (uint32_t)(IPV6_HEADER_SIZE +
                            (chain.payload_size ? chain.payload_size : whole));
    p->network = bytes_slice(reader_rest(&from_header), 0, p->ip_size);
    return follow_chain(d, &chain);
}

/* The same header in IPv4. */
enum layer decode_ah(struct decoding *d)
{
    uint8_t next;

    if (!read_ah(d, &next))
        return LAYER_END;
    d->packet->protocol = next;
    return next == NEXT_NONE ? LAYER_END : LAYER_UPPER;
}

bool ipv6_is_likely(struct bytes b)
{
    struct reader r = reader_of(b);
    uint32_t first = reader_u32(&r);
    uint16_t size = reader_u16(&r);

    return reader_ok(&r) && first >> 28 == 6 &&
           b.size == (size_t)size + IPV6_HEADER_SIZE;
}
