/* SPDX-License-Identifier: Apache-2.0 */
/* ICMP (RFC 792) and ICMPv6 (RFC 4443), and the packets their errors quote. */
#include "decode/checksum.h"
#include "decode/internal.h"

enum {
    ICMP_HEADER_SIZE = 8,
    ICMP_UNREACHABLE = 3,
    ICMP_SOURCE_QUENCH = 4,
    ICMP_REDIRECT = 5,
    ICMP_TIME_EXCEEDED = 11,
    ICMP_PARAMETER = 12,

    ICMPV6_ERROR_LAST = 4,
    ICMPV6_MLD_QUERY = 130,
    ICMPV6_MLD_DONE = 132,
    ICMPV6_ROUTER_SOLICITATION = 133,
    ICMPV6_REDIRECT = 137,
    ICMPV6_MLDV2_REPORT = 143,
    ND_HOP_LIMIT = 255,  /* RFC 4861 section 3.1 */
    MLD_HOP_LIMIT = 1,   /* RFC 3810 section 5 */
};

/* Errors quote at least 8 bytes of the transport header: its ports, for those
 * that have them. Only a first fragment has them. */
static void read_quoted_ports(struct packet *p, struct reader *r)
{
    bool has_ports = p->quoted_protocol == IP_PROTOCOL_TCP ||
                     p->quoted_protocol == IP_PROTOCOL_UDP ||
                     p->quoted_protocol == IP_PROTOCOL_SCTP;
    struct reader copy = *r;
    uint32_t ports = reader_u32(&copy);

    if (!has_ports || !reader_ok(&copy))
        return;
    p->quoted_source_port = (uint16_t)(ports >> 16);
    p->quoted_destination_port = (uint16_t)ports;
}

static void read_quoted_ipv4(struct decoding *d, struct reader r)
{
    struct packet *p = d->packet;
    uint32_t first = reader_u32(&r);
    uint32_t second = reader_u32(&r);
    uint32_t third = reader_u32(&r);
    uint32_t source = reader_u32(&r);
    uint32_t destination = reader_u32(&r);
    size_t header_size = (first >> 24 & 0x0f) * 4;

    if (!reader_ok(&r) || header_size < 20) {
        if (d->missing == 0)
            decoding_anomaly(d, ANOMALY_ICMPV4_QUOTE);
        return;
    }
    if (first >> 28 != 4) {
        decoding_anomaly(d, ANOMALY_ICMPV4_QUOTE_VERSION);
        return;
    }
    p->has_quoted = true;
    p->quoted_source = ip_of_v4(source);
    p->quoted_destination = ip_of_v4(destination);
    p->quoted_protocol = third >> 16 & 0xff;
    reader_skip(&r, header_size - 20);
    if ((second & 0x1fff) == 0)
        read_quoted_ports(p, &r);
}

static void read_quoted_ipv6(struct decoding *d, struct reader r)
{
    struct packet *p = d->packet;
    uint32_t first = reader_u32(&r);
    uint32_t second = reader_u32(&r);
    struct bytes source = reader_bytes(&r, 16);
    struct bytes destination = reader_bytes(&r, 16);

    if (!reader_ok(&r)) {
        if (d->missing == 0)
            decoding_anomaly(d, ANOMALY_ICMPV6_QUOTE);
        return;
    }
    if (first >> 28 != 6) {
        decoding_anomaly(d, ANOMALY_ICMPV6_QUOTE_VERSION);
        return;
    }
    p->has_quoted = true;
    p->quoted_source = ip_of_v6_bytes(source.data);
    p->quoted_destination = ip_of_v6_bytes(destination.data);
    p->quoted_protocol = second >> 8 & 0xff;
    read_quoted_ports(p, &r);
}

static void check_icmp(struct decoding *d, struct reader whole,
                       enum anomaly anomaly)
{
    const struct packet *p = d->packet;
    struct bytes b = reader_rest(&whole);

    if (!d->decoder->options.verify_checksums || d->missing > 0)
        return;
    uint64_t start =
        p->ip_version == 6 ? checksum_pseudo_header(p, b.size) : 0;
    if (checksum_of(b, start) != 0)
        decoding_anomaly(d, anomaly);
}

/* Type, code, checksum; the 4 bytes after those depend on the type. */
static bool read_header(struct decoding *d, enum anomaly anomaly)
{
    struct packet *p = d->packet;
    uint32_t first = reader_u32(&d->rest);

    if (!decoding_is_whole(d, anomaly))
        return false;
    p->icmp_type = (uint8_t)(first >> 24);
    p->icmp_code = (uint8_t)(first >> 16);
    p->has_transport = true;
    return true;
}

enum layer decode_icmpv4(struct decoding *d)
{
    struct packet *p = d->packet;
    struct reader whole = d->rest;

    if (!read_header(d, ANOMALY_ICMPV4_TRUNCATED))
        return LAYER_END;
    if (reader_left(&whole) + d->missing < ICMP_HEADER_SIZE)
        decoding_anomaly(d, ANOMALY_ICMPV4_TRUNCATED);
    struct reader quoted = d->rest;
    reader_skip(&quoted, 4);
    switch (p->icmp_type) {
    case ICMP_UNREACHABLE:
    case ICMP_SOURCE_QUENCH:
    case ICMP_REDIRECT:
    case ICMP_TIME_EXCEEDED:
    case ICMP_PARAMETER:
        read_quoted_ipv4(d, quoted);
        break;
    default:
        break;
    }
    check_icmp(d, whole, ANOMALY_ICMPV4_CHECKSUM);
    return LAYER_END;
}

/* Messages of the link itself, which no router passes on. */
static void check_hops(struct decoding *d)
{
    const struct packet *p = d->packet;
    uint8_t type = p->icmp_type;

    if (type >= ICMPV6_ROUTER_SOLICITATION && type <= ICMPV6_REDIRECT &&
        p->ttl != ND_HOP_LIMIT)
        decoding_anomaly(d, ANOMALY_ICMPV6_ND_HOPS);
    bool is_mld = (type >= ICMPV6_MLD_QUERY && type <= ICMPV6_MLD_DONE) ||
                  type == ICMPV6_MLDV2_REPORT;
    if (is_mld && p->ttl != MLD_HOP_LIMIT)
        decoding_anomaly(d, ANOMALY_ICMPV6_MLD_HOPS);
}

enum layer decode_icmpv6(struct decoding *d)
{
    struct packet *p = d->packet;
    struct reader whole = d->rest;

    if (!read_header(d, ANOMALY_ICMPV6_TRUNCATED))
        return LAYER_END;
    check_hops(d);
    if (p->icmp_type >= 1 && p->icmp_type <= ICMPV6_ERROR_LAST) {
        struct reader quoted = d->rest;
        reader_skip(&quoted, 4);
        read_quoted_ipv6(d, quoted);
    }
    check_icmp(d, whole, ANOMALY_ICMPV6_CHECKSUM);
    return LAYER_END;
}
