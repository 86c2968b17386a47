/* SPDX-License-Identifier: Apache-2.0 */
/* GRE and ERSPAN over IP; VXLAN, Geneve and Teredo over UDP. */
#include "decode/internal.h"

enum {
    GRE_CHECKSUM = 0x8000, /* RFC 2784 and RFC 2890 */
    GRE_ROUTING = 0x4000,  /* RFC 1701 */
    GRE_KEY = 0x2000,
    GRE_SEQUENCE = 0x1000,
    GRE_STRICT_ROUTE = 0x0800,
    GRE_RECURSION = 0x0700,
    GRE_ACKNOWLEDGEMENT = 0x0080, /* RFC 2637, version 1 */
    GRE_RESERVED = 0x00f8,
    GRE_VERSION = 0x0007,
    GRE_ROUTES_MAX = 16, /* Source routes in one header; none are in use. */

    GRE_TYPE_ERSPAN_2 = 0x88be, /* Type I too, without a sequence number. */
    GRE_TYPE_ERSPAN_3 = 0x22eb,
    GRE_TYPE_PPP = 0x880b,
    GRE_TYPE_WCCP = 0x883e,

    PORT_TEREDO = 3544,
    PORT_VXLAN = 4789,
    PORT_VXLAN_LINUX = 8472, /* Linux before IANA's number; others use it. */
    PORT_GENEVE = 6081,
};

/* Enter the tunnel if `next` is a layer we read. */
static enum layer enter(struct decoding *d, enum packet_tunnel tunnel,
                        enum layer next)
{
    if (next == LAYER_END || !decoding_enter(d, tunnel))
        return LAYER_END;
    return next;
}

/* RFC 1701: family, offset, size, address; a family of 0 ends the list. */
static void skip_routes(struct reader *r)
{
    for (int i = 0; i < GRE_ROUTES_MAX; i++) {
        uint16_t family = reader_u16(r);
        reader_skip(r, 1);
        uint8_t size = reader_u8(r);
        if (family == 0 && size == 0)
            return;
        reader_skip(r, size);
    }
    reader_fail(r);
}

/* WCCP redirects carry IP with or without a header of 4 bytes of their own,
 * which never begins as IPv4 does. */
static enum layer follow_wccp(struct decoding *d)
{
    if (reader_peek(&d->rest) >> 4 != 4)
        reader_skip(&d->rest, 4);
    return enter(d, PACKET_TUNNEL_GRE, LAYER_IPV4);
}

static enum layer follow_gre(struct decoding *d, uint16_t flags, uint16_t type)
{
    switch (type) {
    case GRE_TYPE_ERSPAN_2:
        if (flags & GRE_SEQUENCE)
            return LAYER_ERSPAN_2;
        return enter(d, PACKET_TUNNEL_ERSPAN, LAYER_ETHERNET);
    case GRE_TYPE_ERSPAN_3:
        return LAYER_ERSPAN_3;
    case GRE_TYPE_WCCP:
        return follow_wccp(d);
    default:
        return enter(d, PACKET_TUNNEL_GRE, layer_of_ether_type(type));
    }
}

static enum layer decode_gre_0(struct decoding *d, uint16_t flags,
                               uint16_t type)
{
    if (flags & (GRE_CHECKSUM | GRE_ROUTING))
        reader_skip(&d->rest, 4);
    if (flags & GRE_KEY)
        reader_skip(&d->rest, 4);
    if (flags & GRE_SEQUENCE)
        reader_skip(&d->rest, 4);
    if (flags & GRE_ROUTING)
        skip_routes(&d->rest);
    if (!decoding_is_whole(d, ANOMALY_GRE_TRUNCATED))
        return LAYER_END;
    if (flags & (GRE_STRICT_ROUTE | GRE_RECURSION | GRE_RESERVED))
        decoding_anomaly(d, ANOMALY_GRE_V0_FLAGS);
    return follow_gre(d, flags, type);
}

/* RFC 2637 section 4.1: PPTP's GRE always has a key and carries PPP. */
static enum layer decode_gre_1(struct decoding *d, uint16_t flags,
                               uint16_t type)
{
    uint16_t size = reader_u16(&d->rest);

    reader_skip(&d->rest, 2);
    if (flags & GRE_SEQUENCE)
        reader_skip(&d->rest, 4);
    if (flags & GRE_ACKNOWLEDGEMENT)
        reader_skip(&d->rest, 4);
    if (!decoding_is_whole(d, ANOMALY_GRE_TRUNCATED))
        return LAYER_END;
    if (flags & (GRE_CHECKSUM | GRE_ROUTING | GRE_STRICT_ROUTE |
                 GRE_RECURSION))
        decoding_anomaly(d, ANOMALY_GRE_V1_FLAGS);
    if (!(flags & GRE_KEY))
        decoding_anomaly(d, ANOMALY_GRE_V1_KEY);
    if (type != GRE_TYPE_PPP) {
        decoding_anomaly(d, ANOMALY_GRE_V1_PROTOCOL);
        return LAYER_END;
    }
    if (!decoding_limit(d, size))
        decoding_anomaly(d, ANOMALY_GRE_TRUNCATED);
    if (size == 0) /* An acknowledgement only. */
        return LAYER_END;
    return enter(d, PACKET_TUNNEL_GRE, LAYER_PPP);
}

enum layer decode_gre(struct decoding *d)
{
    uint16_t flags = reader_u16(&d->rest);
    uint16_t type = reader_u16(&d->rest);

    if (!decoding_is_whole(d, ANOMALY_GRE_TRUNCATED))
        return LAYER_END;
    switch (flags & GRE_VERSION) {
    case 0:
        return decode_gre_0(d, flags, type);
    case 1:
        return decode_gre_1(d, flags, type);
    default:
        decoding_anomaly(d, ANOMALY_GRE_VERSION);
        return LAYER_END;
    }
}

/* draft-foschiano-erspan-03 section 4.2: version 1 and 8 bytes in all. */
enum layer decode_erspan_2(struct decoding *d)
{
    uint32_t first = reader_u32(&d->rest);

    reader_skip(&d->rest, 4);
    if (!decoding_is_whole(d, ANOMALY_ERSPAN_TRUNCATED))
        return LAYER_END;
    if (first >> 28 != 1) {
        decoding_anomaly(d, ANOMALY_ERSPAN_VERSION);
        return LAYER_END;
    }
    return enter(d, PACKET_TUNNEL_ERSPAN, LAYER_ETHERNET);
}

/* Section 4.3: version 2 and 12 bytes; the last bit says 8 more follow. The
 * frame type, in bits 14 to 10, is 0 for Ethernet and 2 for IP. */
enum layer decode_erspan_3(struct decoding *d)
{
    uint32_t first = reader_u32(&d->rest);

    reader_skip(&d->rest, 4);
    uint32_t third = reader_u32(&d->rest);
    if (third & 1)
        reader_skip(&d->rest, 8);
    if (!decoding_is_whole(d, ANOMALY_ERSPAN_TRUNCATED))
        return LAYER_END;
    if (first >> 28 != 2) {
        decoding_anomaly(d, ANOMALY_ERSPAN_VERSION);
        return LAYER_END;
    }
    bool is_ip = (third >> 10 & 0x1f) == 2;
    return enter(d, PACKET_TUNNEL_ERSPAN,
                 is_ip ? LAYER_RAW_IP : LAYER_ETHERNET);
}

/* RFC 7348 section 5: flags, with the one for a valid network set; the other
 * bits are reserved, but group policy uses some. */
static bool vxlan_begins(struct decoding *d, bool is_registered)
{
    struct reader r = d->rest;
    uint32_t flags = reader_u32(&r);
    uint32_t network = reader_u32(&r);
    struct bytes inner = reader_rest(&r);

    if (is_registered)
        return inner.size >= 14 && (flags & 0x08000000);
    return flags == 0x08000000 && (network & 0xff) == 0 &&
           ethernet_is_likely(inner);
}

static bool enter_vxlan(struct decoding *d, bool is_registered,
                        enum layer *next)
{
    if (!vxlan_begins(d, is_registered) ||
        !decoding_enter(d, PACKET_TUNNEL_VXLAN))
        return false;
    reader_skip(&d->rest, 8);
    *next = LAYER_ETHERNET;
    return true;
}

/* RFC 8926 section 3.4: version 2, option words 6, flags 8, EtherType;
 * network 24, reserved 8; options. */
static bool enter_geneve(struct decoding *d, enum layer *next)
{
    struct reader r = d->rest;
    uint16_t head = reader_u16(&r);
    uint16_t type = reader_u16(&r);
    uint32_t network = reader_u32(&r);
    enum layer inner = layer_of_ether_type(type);

    reader_skip(&r, (head >> 8 & 0x3f) * 4u);
    if (!reader_ok(&r) || head >> 14 != 0 || (network & 0xff) != 0 ||
        inner == LAYER_END || !decoding_enter(d, PACKET_TUNNEL_GENEVE))
        return false;
    d->rest = r;
    *next = inner;
    return true;
}

/* 2001::/32 (RFC 4380 section 2.6): one end at least is a Teredo client. */
static bool has_teredo_address(struct bytes ipv6)
{
    struct reader r = reader_of(ipv6);

    reader_skip(&r, 8);
    uint32_t source = reader_u32(&r);
    reader_skip(&r, 12);
    uint32_t destination = reader_u32(&r);
    return reader_ok(&r) && (source == 0x20010000 || destination == 0x20010000);
}

/* RFC 4380 section 5.1.1: an authentication and an origin indication may
 * come before the IPv6 packet. */
static void skip_teredo_indications(struct reader *r)
{
    struct reader copy = *r;

    if (reader_u16(&copy) == 1) {
        uint8_t client_size = reader_u8(&copy);
        uint8_t value_size = reader_u8(&copy);
        reader_skip(&copy, client_size + value_size + 9u);
        *r = copy;
    }
    copy = *r;
    if (reader_u16(&copy) == 0) {
        reader_skip(&copy, 6);
        *r = copy;
    }
}

/* Clients speak to each other on any port, so content decides there. */
static bool enter_teredo(struct decoding *d, bool is_registered,
                         enum layer *next)
{
    struct reader r = d->rest;

    if (is_registered)
        skip_teredo_indications(&r);
    struct reader copy = r;
    struct bytes inner = reader_rest(&copy);
    if (!ipv6_is_likely(inner) ||
        (!is_registered && !has_teredo_address(inner)) ||
        !decoding_enter(d, PACKET_TUNNEL_TEREDO))
        return false;
    d->rest = r;
    *next = LAYER_IPV6;
    return true;
}

bool tunnel_over_udp(struct decoding *d, enum layer *next)
{
    const struct packet *p = d->packet;

    switch (p->destination_port) {
    case PORT_VXLAN:
        return enter_vxlan(d, true, next);
    case PORT_VXLAN_LINUX:
        return enter_vxlan(d, false, next);
    case PORT_GENEVE:
        return enter_geneve(d, next);
    case PORT_TEREDO:
        return enter_teredo(d, true, next);
    default:
        break;
    }
    if (p->source_port == PORT_TEREDO)
        return enter_teredo(d, true, next);
    if (reader_peek(&d->rest) >> 4 == 6)
        return enter_teredo(d, false, next);
    return false;
}
