/* SPDX-License-Identifier: Apache-2.0 */
/*
 * RFC 791 section 3.1:
 *
 *   version 4 | header size 4 | service 8 | total size 16
 *   identification 16 | 0, DF, MF | fragment offset 13
 *   TTL 8 | protocol 8 | checksum 16
 *   source | destination | options, up to 40 bytes
 */
#include "decode/checksum.h"
#include "decode/internal.h"

enum {
    IPV4_HEADER_MIN = 20,
    IPV4_MORE_FRAGMENTS = 0x2000,
    IPV4_OFFSET_MASK = 0x1fff,

    OPTION_END = 0,
    OPTION_NOP = 1,
};

/* The row of flags and offset, and what else a fragment needs. */
struct ipv4_fields {
    uint32_t identification;
    uint16_t fragment;
    size_t header_size;
    size_t total_size;
};

/* Smallest and largest size an option may have, its two bytes included;
 * `pointer_min` is the first place its pointer can name (RFC 791 3.1). */
struct option_rule {
    uint8_t type;
    uint8_t size_min;
    uint8_t size_max;
    uint8_t pointer_min;
};

static const struct option_rule *option_rule_find(uint8_t type)
{
    static const struct option_rule rules[] = {
        { 7, 3, 40, 4 },    /* Record route */
        { 25, 8, 8, 0 },    /* Quick-Start, RFC 4782 */
        { 68, 4, 40, 5 },   /* Timestamp */
        { 82, 12, 12, 0 },  /* Traceroute, RFC 1393 */
        { 130, 3, 40, 0 },  /* Security, RFC 1108 */
        { 131, 3, 40, 4 },  /* Loose source route */
        { 133, 3, 40, 0 },  /* Extended security */
        { 134, 3, 40, 0 },  /* CIPSO */
        { 136, 4, 4, 0 },   /* Stream identifier */
        { 137, 3, 40, 4 },  /* Strict source route */
        { 148, 4, 4, 0 },   /* Router alert, RFC 2113 */
    };

    for (size_t i = 0; i < COUNT_OF(rules); i++)
        if (rules[i].type == type)
            return &rules[i];
    return NULL;
}

/* One option after its type; false when nothing after it can be read. */
static bool read_option(struct decoding *d, struct reader *r, uint8_t type)
{
    const struct option_rule *rule = option_rule_find(type);
    uint8_t size = reader_u8(r);
    struct reader body = reader_sub(r, size < 2 ? SIZE_MAX : size - 2u);

    if (!reader_ok(r) ||
        (rule && (size < rule->size_min || size > rule->size_max))) {
        decoding_anomaly(d, ANOMALY_IPV4_OPTION_LENGTH);
        return reader_ok(r);
    }
    if (!rule)
        decoding_anomaly(d, ANOMALY_IPV4_OPTION_UNKNOWN);
    else if (rule->pointer_min > 0 && reader_u8(&body) < rule->pointer_min)
        decoding_anomaly(d, ANOMALY_IPV4_OPTION_MALFORMED);
    return true;
}

static void read_options(struct decoding *d, struct reader r)
{
    uint64_t seen[4] = { 0 };

    while (reader_left(&r) > 0) {
        uint8_t type = reader_u8(&r);
        if (type == OPTION_END)
            return;
        if (type == OPTION_NOP)
            continue;
        uint64_t bit = UINT64_C(1) << type % 64;
        if (seen[type / 64] & bit)
            decoding_anomaly(d, ANOMALY_IPV4_OPTION_DUPLICATE);
        seen[type / 64] |= bit;
        if (!read_option(d, &r, type))
            return;
    }
}

static enum layer follow_fragment(struct decoding *d,
                                  const struct ipv4_fields *fields)
{
    const struct packet *p = d->packet;
    struct fragment part = {
        .key = {
            .source = p->source,
            .destination = p->destination,
            .identification = fields->identification,
            .version = 4,
            .protocol = p->protocol,
            .vlan = p->vlan_count > 0 ? p->vlan[0] : 0,
        },
        .offset = (fields->fragment & IPV4_OFFSET_MASK) * 8u,
        .is_last = !(fields->fragment & IPV4_MORE_FRAGMENTS),
        .protocol = p->protocol,
        .time_ns = p->mark.time_ns,
    };
    return decode_fragment(d, &part);
}

/* Length zero is how a frame looks that the network card will cut up: captured
 * before that, it may be TCP of more than 65535 bytes. */
static bool find_total_size(struct decoding *d, struct ipv4_fields *fields)
{
    if (fields->total_size == 0 && d->packet->protocol == IP_PROTOCOL_TCP)
        fields->total_size =
            IPV4_HEADER_MIN + reader_left(&d->rest) + d->missing;
    if (fields->total_size >= fields->header_size)
        return true;
    decoding_anomaly(d, ANOMALY_IPV4_TOTAL_LENGTH);
    return false;
}

/* The extent and the options, once the fixed header is in the packet. */
static enum layer finish_header(struct decoding *d, struct reader header,
                                struct ipv4_fields *fields)
{
    bool is_cut = !decoding_limit(d, fields->total_size - IPV4_HEADER_MIN);

    if (is_cut)
        decoding_anomaly(d, ANOMALY_IPV4_TRUNCATED);
    if (fields->header_size > IPV4_HEADER_MIN) {
        size_t size = fields->header_size - IPV4_HEADER_MIN;
        struct reader options = reader_sub(&d->rest, size);
        if (!decoding_is_whole(d, ANOMALY_IPV4_HEADER_TRUNCATED))
            return LAYER_END;
        read_options(d, options);
    }
    if (d->decoder->options.verify_checksums &&
        checksum_of(reader_bytes(&header, fields->header_size), 0) != 0)
        decoding_anomaly(d, ANOMALY_IPV4_CHECKSUM);
    if (fields->fragment & (IPV4_MORE_FRAGMENTS | IPV4_OFFSET_MASK)) {
        d->packet->is_fragment = true;
        return is_cut ? LAYER_END : follow_fragment(d, fields);
    }
    return LAYER_UPPER;
}

enum layer decode_ipv4(struct decoding *d)
{
    struct packet *p = d->packet;
    struct reader *r = &d->rest;
    struct reader header = d->rest;
    struct reader whole = d->rest;
    uint32_t first = reader_u32(r);
    uint32_t second = reader_u32(r);
    uint32_t third = reader_u32(r);
    uint32_t source = reader_u32(r);
    uint32_t destination = reader_u32(r);

    if (!decoding_is_whole(d, ANOMALY_IPV4_HEADER_TRUNCATED))
        return LAYER_END;
    struct ipv4_fields fields = {
        .identification = second >> 16,
        .fragment = (uint16_t)second,
        .header_size = (first >> 24 & 0x0f) * 4,
        .total_size = first & 0xffff,
    };
    if (first >> 28 != 4) {
        decoding_anomaly(d, ANOMALY_IPV4_VERSION);
        return LAYER_END;
    }
    if (fields.header_size < IPV4_HEADER_MIN) {
        decoding_anomaly(d, ANOMALY_IPV4_HEADER_SIZE);
        return LAYER_END;
    }
    p->protocol = third >> 16 & 0xff;
    if (!find_total_size(d, &fields))
        return LAYER_END;
    p->layer = PACKET_LAYER_IP;
    p->ip_version = 4;
    p->ttl = (uint8_t)(third >> 24);
    p->source = ip_of_v4(source);
    p->destination = ip_of_v4(destination);
    p->ip_size = (uint32_t)fields.total_size;
    p->is_fragment = false;
    p->network = bytes_slice(reader_rest(&whole), 0, fields.total_size);
    return finish_header(d, header, &fields);
}
