/* SPDX-License-Identifier: Apache-2.0 */
/* Links that are not Ethernet, and labels: cooked, loopback, raw, PPP, MPLS. */
#include "decode/internal.h"

enum {
    PPP_IPV4 = 0x0021,
    PPP_IPV6 = 0x0057,
    PPP_MPLS = 0x0281,
    PPP_MPLS_MULTICAST = 0x0283,

    COOKED_TYPE_MIN = 0x0600, /* Below it are Linux's own numbers: */
    COOKED_LLC = 0x0004,

    LABEL_IPV4_NULL = 0, /* RFC 3032 section 2.1 */
    LABEL_ROUTER_ALERT = 1,
    LABEL_IPV6_NULL = 2,
    LABEL_IMPLICIT_NULL = 3,
    LABEL_ENTROPY = 7,     /* RFC 6790 */
    LABEL_GENERIC_OAM = 13, /* RFC 5586 */
    LABEL_RESERVED_LAST = 15,
};

enum layer layer_of_link_type(uint16_t link_type)
{
    static const struct {
        uint16_t link_type;
        uint8_t layer; /* enum layer */
    } links[] = {
        { 0, LAYER_LOOPBACK },     /* NULL */
        { 9, LAYER_PPP },          /* PPP */
        { 12, LAYER_RAW_IP },      /* DLT_RAW on most systems */
        { 14, LAYER_RAW_IP },      /* DLT_RAW on OpenBSD */
        { 50, LAYER_PPP },         /* PPP_HDLC */
        { 51, LAYER_PPPOE },       /* PPP_ETHER */
        { 101, LAYER_RAW_IP },     /* RAW */
        { 104, LAYER_CHDLC },      /* C_HDLC */
        { 105, LAYER_WLAN },       /* IEEE802_11 */
        { 108, LAYER_LOOPBACK },   /* LOOP */
        { 113, LAYER_COOKED_1 },   /* LINUX_SLL */
        { 119, LAYER_PRISM },      /* IEEE802_11_PRISM */
        { 127, LAYER_RADIOTAP },   /* IEEE802_11_RADIOTAP */
        { 163, LAYER_PRISM },      /* IEEE802_11_AVS */
        { 192, LAYER_PER_PACKET }, /* PPI */
        { 228, LAYER_IPV4 },       /* IPV4 */
        { 229, LAYER_IPV6 },       /* IPV6 */
        { 276, LAYER_COOKED_2 },   /* LINUX_SLL2 */
    };

    if (LIKELY(link_type == 1))
        return LAYER_ETHERNET;
    for (size_t i = 0; i < COUNT_OF(links); i++)
        if (links[i].link_type == link_type)
            return (enum layer)links[i].layer;
    return LAYER_END;
}

static enum layer follow_cooked(struct decoding *d, uint16_t protocol,
                                struct reader address)
{
    struct packet *p = d->packet;
    struct bytes mac = reader_bytes(&address, 6);

    p->layer = PACKET_LAYER_LINK;
    if (reader_ok(&address)) {
        p->source_mac = mac_of(mac.data);
        p->has_mac = true; /* The destination is not recorded: zero. */
    }
    if (protocol == COOKED_LLC)
        return LAYER_LLC;
    if (protocol < COOKED_TYPE_MIN)
        return LAYER_END;
    p->ether_type = protocol;
    return layer_of_ether_type(protocol);
}

/* The 8 bytes that hold an address of `size` bytes, cut to those. */
static struct reader read_cooked_address(struct reader *r, size_t size)
{
    struct bytes field = reader_bytes(r, 8);
    return reader_of(bytes_slice(field, 0, size));
}

/* Packet type, ARPHRD type, address size and 8 bytes of it, protocol. */
enum layer decode_cooked_1(struct decoding *d)
{
    reader_skip(&d->rest, 4);
    uint16_t size = reader_u16(&d->rest);
    struct reader address = read_cooked_address(&d->rest, size);
    uint16_t protocol = reader_u16(&d->rest);

    if (!decoding_is_whole(d, ANOMALY_SLL_TRUNCATED))
        return LAYER_END;
    return follow_cooked(d, protocol, address);
}

/* Protocol, zero, interface, ARPHRD type, packet type, address. */
enum layer decode_cooked_2(struct decoding *d)
{
    uint16_t protocol = reader_u16(&d->rest);
    reader_skip(&d->rest, 9);
    uint8_t size = reader_u8(&d->rest);
    struct reader address = read_cooked_address(&d->rest, size);

    if (!decoding_is_whole(d, ANOMALY_SLL_TRUNCATED))
        return LAYER_END;
    return follow_cooked(d, protocol, address);
}

/*
 * NULL writes the address family in the order of the machine that captured,
 * LOOP in network order. Families are small, so the order shows.
 */
enum layer decode_loopback(struct decoding *d)
{
    uint32_t family = reader_u32(&d->rest);

    if (!decoding_is_whole(d, ANOMALY_NULL_TRUNCATED))
        return LAYER_END;
    if (family > 0xffff)
        family = family >> 24 | (family >> 8 & 0xff00);
    d->packet->layer = PACKET_LAYER_LINK;
    switch (family) {
    case 2:
        return LAYER_IPV4;
    case 10: /* AF_INET6: Linux, Windows, NetBSD and OpenBSD, */
    case 23:
    case 24:
    case 28: /* FreeBSD, */
    case 30: /* Darwin. */
        return LAYER_IPV6;
    default:
        decoding_anomaly(d, ANOMALY_NULL_TYPE);
        return LAYER_END;
    }
}

enum layer decode_raw_ip(struct decoding *d)
{
    d->packet->layer = PACKET_LAYER_LINK;
    switch (reader_peek(&d->rest) >> 4) {
    case 4:
        return LAYER_IPV4;
    case 6:
        return LAYER_IPV6;
    default:
        decoding_anomaly(d, ANOMALY_RAW_VERSION);
        return LAYER_END;
    }
}

/* Cisco HDLC: address, control, EtherType. */
enum layer decode_chdlc(struct decoding *d)
{
    reader_skip(&d->rest, 2);
    uint16_t type = reader_u16(&d->rest);

    if (!decoding_is_whole(d, ANOMALY_CHDLC_TRUNCATED))
        return LAYER_END;
    d->packet->layer = PACKET_LAYER_LINK;
    d->packet->ether_type = type;
    return layer_of_ether_type(type);
}

/*
 * RFC 1661 and 1662: FF 03 may be left out, and so may the first byte of the
 * protocol when it is zero; a protocol's last byte is odd, its first even.
 */
enum layer decode_ppp(struct decoding *d)
{
    struct reader *r = &d->rest;

    if (reader_peek(r) == 0xff)
        reader_skip(r, 2);
    uint16_t protocol = reader_peek(r) & 1 ? reader_u8(r) : reader_u16(r);
    if (!decoding_is_whole(d, ANOMALY_PPP_TRUNCATED))
        return LAYER_END;
    d->packet->layer = PACKET_LAYER_LINK;
    switch (protocol) {
    case PPP_IPV4:
        return LAYER_IPV4;
    case PPP_IPV6:
        return LAYER_IPV6;
    case PPP_MPLS:
    case PPP_MPLS_MULTICAST:
        return LAYER_MPLS;
    default:
        return LAYER_END;
    }
}

/* RFC 2516 section 4: version and type 1, code 0 in a session. */
enum layer decode_pppoe(struct decoding *d)
{
    uint16_t head = reader_u16(&d->rest);
    reader_skip(&d->rest, 2);
    uint16_t size = reader_u16(&d->rest);

    if (!decoding_is_whole(d, ANOMALY_PPPOE_TRUNCATED))
        return LAYER_END;
    d->packet->layer = PACKET_LAYER_LINK;
    if (head != 0x1100) {
        decoding_anomaly(d, ANOMALY_PPPOE_CODE);
        return LAYER_END;
    }
    if (!decoding_limit(d, size))
        decoding_anomaly(d, ANOMALY_PPPOE_LENGTH);
    return LAYER_PPP;
}

/*
 * Nothing says what is under the labels but the first bytes themselves: an IP
 * version, or a pseudowire's control word, which begins with 0 (RFC 4385).
 */
static enum layer guess_under_labels(struct decoding *d)
{
    struct reader after = d->rest;
    struct bytes plain = reader_rest(&after);
    struct bytes controlled = bytes_slice(plain, 4, plain.size);

    switch (reader_peek(&d->rest) >> 4) {
    case 4:
        return LAYER_IPV4;
    case 6:
        return LAYER_IPV6;
    case 0:
        if (!ethernet_is_likely(controlled))
            break;
        reader_skip(&d->rest, 4);
        return LAYER_ETHERNET;
    default:
        break;
    }
    if (ethernet_is_likely(plain))
        return LAYER_ETHERNET;
    if (plain.size > 0 || d->missing == 0)
        decoding_anomaly(d, ANOMALY_MPLS_PAYLOAD);
    return LAYER_END;
}

/* Note labels RFC 3032 keeps for itself and that are out of place. */
static void check_label(struct decoding *d, uint32_t label, bool is_last)
{
    if (label == LABEL_ROUTER_ALERT && is_last)
        decoding_anomaly(d, ANOMALY_MPLS_ROUTER_ALERT);
    if (label == LABEL_IMPLICIT_NULL)
        decoding_anomaly(d, ANOMALY_MPLS_IMPLICIT_NULL);
    if (label > LABEL_IMPLICIT_NULL && label <= LABEL_RESERVED_LAST &&
        label != LABEL_ENTROPY && label != LABEL_GENERIC_OAM)
        decoding_anomaly(d, ANOMALY_MPLS_RESERVED);
}

/* RFC 3032: label, 20 bits; class, 3; last of the stack, 1; TTL, 8. */
enum layer decode_mpls(struct decoding *d)
{
    bool is_last = false;
    uint32_t label = 0;

    d->packet->layer = PACKET_LAYER_LINK;
    for (int count = 0; !is_last; count++) {
        if (count == DECODE_LABELS_MAX) {
            decoding_anomaly(d, ANOMALY_MPLS_TOO_MANY);
            return LAYER_END;
        }
        uint32_t entry = reader_u32(&d->rest);
        if (!decoding_is_whole(d, ANOMALY_MPLS_TRUNCATED))
            return LAYER_END;
        label = entry >> 12;
        is_last = entry >> 8 & 1;
        check_label(d, label, is_last);
    }
    if (label == LABEL_IPV4_NULL)
        return LAYER_IPV4;
    return label == LABEL_IPV6_NULL ? LAYER_IPV6 : guess_under_labels(d);
}

/* PPI: version, flags, size and link type in little-endian order, fields. */
enum layer decode_per_packet(struct decoding *d)
{
    reader_skip(&d->rest, 2);
    uint16_t size = reader_u16_le(&d->rest);
    uint32_t link_type = reader_u32_le(&d->rest);
    if (size < 8)
        reader_fail(&d->rest);
    else
        reader_skip(&d->rest, size - 8u);
    if (!decoding_is_whole(d, ANOMALY_RADIOTAP_HEADER))
        return LAYER_END;
    enum layer next =
        link_type > UINT16_MAX ? LAYER_END
                               : layer_of_link_type((uint16_t)link_type);
    if (next == LAYER_END)
        decoding_anomaly(d, ANOMALY_LINK_UNKNOWN);
    return next;
}
