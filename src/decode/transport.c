/* SPDX-License-Identifier: Apache-2.0 */
/* What IP carries: fragments of it, TCP, UDP, SCTP. */
#include "decode/checksum.h"
#include "decode/internal.h"

enum {
    TCP_HEADER_MIN = 20,
    UDP_HEADER_SIZE = 8,

    TCP_OPTION_END = 0,
    TCP_OPTION_NOP = 1,
    TCP_OPTION_SEGMENT_SIZE = 2,
    TCP_OPTION_WINDOW_SCALE = 3,
    TCP_OPTION_SACK_PERMITTED = 4,
    TCP_OPTION_SACK = 5,
    TCP_OPTION_TIMESTAMP = 8,

    PROTOCOL_IPV4 = 4,
    PROTOCOL_IPV6 = 41,
    PROTOCOL_AH = 51,
};

/* An inner IP packet must be of the version announced. */
static enum layer follow_ip_in_ip(struct decoding *d, unsigned version)
{
    if (reader_peek(&d->rest) >> 4 != version) {
        if (reader_left(&d->rest) > 0 || d->missing == 0)
            decoding_anomaly(d, ANOMALY_IP_IN_IP_VERSION);
        return LAYER_END;
    }
    if (!decoding_enter(d, PACKET_TUNNEL_IP_IN_IP))
        return LAYER_END;
    return version == 4 ? LAYER_IPV4 : LAYER_IPV6;
}

static enum layer follow_icmp(struct decoding *d, bool is_icmpv6)
{
    bool is_ipv6 = d->packet->ip_version == 6;

    if (is_icmpv6 && !is_ipv6) {
        decoding_anomaly(d, ANOMALY_IPV4_ICMPV6);
        return LAYER_END;
    }
    if (!is_icmpv6 && is_ipv6) {
        decoding_anomaly(d, ANOMALY_IPV6_ICMPV4);
        return LAYER_END;
    }
    return is_icmpv6 ? LAYER_ICMPV6 : LAYER_ICMPV4;
}

enum layer decode_upper(struct decoding *d)
{
    switch (d->packet->protocol) {
    case IP_PROTOCOL_TCP:
        return decode_tcp(d);
    case IP_PROTOCOL_UDP:
        return decode_udp(d);
    case IP_PROTOCOL_SCTP:
        return LAYER_SCTP;
    case IP_PROTOCOL_ICMP:
        return follow_icmp(d, false);
    case IP_PROTOCOL_ICMPV6:
        return follow_icmp(d, true);
    case IP_PROTOCOL_GRE:
        return LAYER_GRE;
    case PROTOCOL_IPV4:
        return follow_ip_in_ip(d, 4);
    case PROTOCOL_IPV6:
        return follow_ip_in_ip(d, 6);
    case PROTOCOL_AH:
        return LAYER_AH;
    default:
        return LAYER_END;
    }
}

/* RFC 1858, RFC 7112: the first fragment must hold the transport header, and
 * no other may reach into it. */
static bool fragment_is_tiny(const struct fragment *part)
{
    size_t need = part->protocol == IP_PROTOCOL_TCP   ? TCP_HEADER_MIN
                  : part->protocol == IP_PROTOCOL_UDP ? UDP_HEADER_SIZE
                                                      : 0;

    if (part->offset == 0)
        return part->data.size < need;
    return part->key.version == 4 && part->offset < need;
}

/* The same anomaly under its name for either IP version. */
static void fragment_anomaly(struct decoding *d, enum anomaly ipv4,
                             enum anomaly ipv6)
{
    decoding_anomaly(d, d->packet->ip_version == 4 ? ipv4 : ipv6);
}

static bool fragment_is_sane(struct decoding *d, const struct fragment *part)
{
    size_t size = part->data.size + d->missing;

    if (size == 0 || (!part->is_last && size % 8 != 0)) {
        fragment_anomaly(d, ANOMALY_IPV4_FRAGMENT_SIZE,
                         ANOMALY_IPV6_FRAGMENT_SIZE);
        return false;
    }
    if (part->offset + size > FRAGMENT_DATAGRAM_MAX) {
        fragment_anomaly(d, ANOMALY_IPV4_FRAGMENT_LARGE,
                         ANOMALY_IPV6_FRAGMENT_LARGE);
        return false;
    }
    if (d->missing > 0)
        return false; /* Cannot be put together, and is no one's fault. */
    if (fragment_is_tiny(part))
        fragment_anomaly(d, ANOMALY_IPV4_FRAGMENT_TINY,
                         ANOMALY_IPV6_FRAGMENT_TINY);
    return true;
}

static void note_result(struct decoding *d,
                        const struct fragment_result *result)
{
    if (result->has_overlap)
        fragment_anomaly(d, ANOMALY_IPV4_FRAGMENT_OVERLAP,
                         ANOMALY_IPV6_FRAGMENT_OVERLAP);
    if (result->is_contradiction)
        fragment_anomaly(d, ANOMALY_IPV4_FRAGMENT_TEARDROP,
                         ANOMALY_IPV6_FRAGMENT_TEARDROP);
    if (result->is_refused)
        fragment_anomaly(d, ANOMALY_IPV4_FRAGMENT_IGNORED,
                         ANOMALY_IPV6_FRAGMENT_IGNORED);
}

enum layer decode_fragment(struct decoding *d, const struct fragment *part)
{
    struct packet *p = d->packet;
    struct reader copy = d->rest;
    struct fragment whole = *part;

    whole.data = reader_rest(&copy);
    if (!fragment_is_sane(d, &whole))
        return LAYER_END;
    struct fragment_result result =
        fragment_table_insert(d->decoder->fragments, &whole);
    note_result(d, &result);
    if (!result.is_complete)
        return LAYER_END;
    p->is_fragment = false;
    p->is_reassembled = true;
    p->protocol = result.protocol;
    p->ip_size = (uint32_t)(result.datagram.size +
                            (p->ip_version == 4 ? 20u : 40u));
    d->rest = reader_of(result.datagram);
    return LAYER_UPPER;
}

/* Judge the checksum of all that is in `whole`, if asked to and all came. */
static void check_transport(struct decoding *d, struct reader whole,
                            enum anomaly anomaly)
{
    struct bytes b = reader_rest(&whole);

    if (!d->decoder->options.verify_checksums || d->missing > 0)
        return;
    if (checksum_of(b, checksum_pseudo_header(d->packet, b.size)) != 0)
        decoding_anomaly(d, anomaly);
}

/* One option after its type and size; what else it may be is not ours. */
static void read_tcp_option(struct decoding *d, uint8_t type,
                            struct reader body)
{
    struct packet_tcp *tcp = &d->packet->tcp;
    size_t size = reader_left(&body);
    bool is_bad = false;

    switch (type) {
    case TCP_OPTION_SEGMENT_SIZE:
        tcp->maximum_segment_size = reader_u16(&body);
        is_bad = size != 2;
        break;
    case TCP_OPTION_WINDOW_SCALE:
        tcp->window_scale = reader_u8(&body);
        is_bad = size != 1;
        break;
    case TCP_OPTION_SACK_PERMITTED:
        is_bad = size != 0;
        break;
    case TCP_OPTION_SACK:
        is_bad = size % 8 != 0;
        break;
    case TCP_OPTION_TIMESTAMP:
        is_bad = size != 8;
        break;
    default:
        break;
    }
    if (is_bad)
        decoding_anomaly(d, ANOMALY_TCP_OPTION_LENGTH);
}

static void read_tcp_options(struct decoding *d, struct reader r)
{
    uint64_t seen = 0;

    while (reader_left(&r) > 0) {
        uint8_t type = reader_u8(&r);
        if (type == TCP_OPTION_END)
            return;
        if (type == TCP_OPTION_NOP)
            continue;
        uint8_t size = reader_u8(&r);
        struct reader body = reader_sub(&r, size < 2 ? SIZE_MAX : size - 2u);
        if (!reader_ok(&r)) {
            decoding_anomaly(d, ANOMALY_TCP_OPTION_LENGTH);
            return;
        }
        uint64_t bit = type < 64 ? UINT64_C(1) << type : 0;
        if (seen & bit)
            decoding_anomaly(d, ANOMALY_TCP_OPTION_DUPLICATE);
        seen |= bit;
        read_tcp_option(d, type, body);
    }
}

/* The layout of nearly all segments after the handshake: two bytes of filling
 * and a timestamp, which RFC 7323 appendix A recommends. */
static bool is_timestamp_only(struct bytes options)
{
    struct reader r = reader_of(options);
    return options.size == 12 && reader_u32(&r) == 0x0101080a;
}

/*
 * RFC 9293 section 3.1:
 *
 *   source port | destination port
 *   sequence number
 *   acknowledgement number
 *   header size 4 | reserved 4 | flags 8 | window
 *   checksum | urgent pointer | options
 */
enum layer decode_tcp(struct decoding *d)
{
    struct packet *p = d->packet;
    struct reader *r = &d->rest;
    struct reader whole = d->rest;
    uint32_t ports = reader_u32(r);
    uint32_t sequence = reader_u32(r);
    uint32_t acknowledgement = reader_u32(r);
    uint32_t control = reader_u32(r);
    reader_skip(r, 4);

    if (!decoding_is_whole(d, ANOMALY_TCP_TRUNCATED))
        return LAYER_END;
    p->source_port = (uint16_t)(ports >> 16);
    p->destination_port = (uint16_t)ports;
    p->tcp.sequence = sequence;
    p->tcp.acknowledgement = acknowledgement;
    p->tcp.flags = control >> 16 & 0xff;
    p->tcp.window = (uint16_t)control;
    size_t header_size = (control >> 28) * 4;
    if (header_size < TCP_HEADER_MIN) {
        decoding_anomaly(d, ANOMALY_TCP_HEADER_SIZE);
        return LAYER_END;
    }
    p->tcp.options = reader_bytes(r, header_size - TCP_HEADER_MIN);
    if (!decoding_is_whole(d, ANOMALY_TCP_OPTIONS_TRUNCATED))
        return LAYER_END;
    if (p->tcp.options.size > 0 && !is_timestamp_only(p->tcp.options))
        read_tcp_options(d, reader_of(p->tcp.options));
    p->has_transport = true;
    check_transport(d, whole, ANOMALY_TCP_CHECKSUM);
    return LAYER_END;
}

static void check_udp(struct decoding *d, struct reader whole,
                      uint16_t checksum)
{
    if (!d->decoder->options.verify_checksums)
        return;
    if (checksum != 0)
        check_transport(d, whole, ANOMALY_UDP_CHECKSUM);
    else if (d->packet->ip_version == 6)
        /* RFC 8200 section 8.1; RFC 6935 excepts some tunnels. */
        decoding_anomaly(d, ANOMALY_UDP_CHECKSUM_ZERO);
}

/* Let the packet end where UDP's own length says; all there is for a jumbo
 * payload, which has length 0 (RFC 2675 section 4). */
static bool limit_udp(struct decoding *d, size_t size)
{
    if (d->is_jumbo && size == 0)
        return true;
    if (size < UDP_HEADER_SIZE) {
        decoding_anomaly(d, ANOMALY_UDP_HEADER_SIZE);
        return false;
    }
    if (!decoding_limit(d, size - UDP_HEADER_SIZE))
        decoding_anomaly(d, ANOMALY_UDP_LENGTH);
    return true;
}

/* RFC 768: source port, destination port, size with header, checksum. */
enum layer decode_udp(struct decoding *d)
{
    struct packet *p = d->packet;
    struct reader whole = d->rest;
    uint32_t ports = reader_u32(&d->rest);
    uint32_t second = reader_u32(&d->rest);
    enum layer next = LAYER_END;

    if (!decoding_is_whole(d, ANOMALY_UDP_TRUNCATED))
        return LAYER_END;
    p->source_port = (uint16_t)(ports >> 16);
    p->destination_port = (uint16_t)ports;
    if (!limit_udp(d, second >> 16))
        return LAYER_END;
    p->has_transport = true;
    whole = reader_sub(&whole, UDP_HEADER_SIZE + reader_left(&d->rest));
    check_udp(d, whole, (uint16_t)second);
    return tunnel_over_udp(d, &next) ? next : LAYER_END;
}

/* RFC 9260 section 3.1: ports, verification tag, checksum (a CRC). */
enum layer decode_sctp(struct decoding *d)
{
    struct packet *p = d->packet;
    uint32_t ports = reader_u32(&d->rest);

    reader_skip(&d->rest, 8);
    if (!decoding_is_whole(d, ANOMALY_SCTP_TRUNCATED))
        return LAYER_END;
    p->source_port = (uint16_t)(ports >> 16);
    p->destination_port = (uint16_t)ports;
    p->has_transport = true;
    return LAYER_END;
}
