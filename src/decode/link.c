/* SPDX-License-Identifier: Apache-2.0 */
/* Ethernet, its tags, and 802.2 on top of it. */
#include "decode/internal.h"

enum {
    ETHER_TYPE_MIN = 0x0600, /* Below it is an 802.3 length. */
    ETHER_IPV4 = 0x0800,
    ETHER_ARP = 0x0806,
    ETHER_BRIDGED = 0x6558, /* RFC 1701: Ethernet inside. */
    ETHER_VLAN = 0x8100,
    ETHER_IPV6 = 0x86dd,
    ETHER_PPP = 0x880b,
    ETHER_MPLS = 0x8847,
    ETHER_MPLS_MULTICAST = 0x8848,
    ETHER_PPPOE_SESSION = 0x8864,
    ETHER_EAPOL = 0x888e,
    ETHER_SERVICE_VLAN = 0x88a8, /* 802.1ad */
    ETHER_LLDP = 0x88cc,
    ETHER_BACKBONE = 0x88e7, /* 802.1ah I-TAG */
    ETHER_PORT_TAG = 0x8926, /* VN-Tag */
    ETHER_QINQ = 0x9100,
    ETHER_QINQ_OLD = 0x9200,

    LLC_IP = 0x06,
    LLC_SNAP = 0xaa,
};

enum layer layer_of_ether_type(uint16_t ether_type)
{
    switch (ether_type) {
    case ETHER_IPV4:
        return LAYER_IPV4;
    case ETHER_IPV6:
        return LAYER_IPV6;
    case ETHER_ARP:
        return LAYER_ARP;
    case ETHER_VLAN:
    case ETHER_SERVICE_VLAN:
    case ETHER_QINQ:
    case ETHER_QINQ_OLD:
        return LAYER_VLAN;
    case ETHER_PPP:
        return LAYER_PPP;
    case ETHER_PPPOE_SESSION:
        return LAYER_PPPOE;
    case ETHER_MPLS:
    case ETHER_MPLS_MULTICAST:
        return LAYER_MPLS;
    case ETHER_EAPOL:
        return LAYER_EAPOL;
    case ETHER_LLDP:
        return LAYER_LLDP;
    case ETHER_BACKBONE:
        return LAYER_BACKBONE_TAG;
    case ETHER_PORT_TAG:
        return LAYER_PORT_TAG;
    case ETHER_BRIDGED:
        return LAYER_ETHERNET;
    default:
        return LAYER_END;
    }
}

bool ethernet_is_likely(struct bytes b)
{
    struct reader r = reader_of(b);

    reader_skip(&r, 12);
    uint16_t type = reader_u16(&r);
    return reader_ok(&r) && layer_of_ether_type(type) != LAYER_END;
}

/* An EtherType or an 802.3 length, and what it says comes next. */
static enum layer follow_ether_type(struct decoding *d, uint16_t type)
{
    if (type >= ETHER_TYPE_MIN) {
        d->packet->ether_type = type;
        return layer_of_ether_type(type);
    }
    d->packet->ether_type = 0;
    if (!decoding_limit(d, type))
        decoding_anomaly(d, ANOMALY_ETHERNET_LENGTH);
    return LAYER_LLC;
}

enum layer decode_ethernet(struct decoding *d)
{
    struct packet *p = d->packet;
    struct bytes destination = reader_bytes(&d->rest, 6);
    struct bytes source = reader_bytes(&d->rest, 6);
    uint16_t type = reader_u16(&d->rest);

    if (!decoding_is_whole(d, ANOMALY_ETHERNET_TRUNCATED))
        return LAYER_END;
    p->destination_mac = mac_of(destination.data);
    p->source_mac = mac_of(source.data);
    p->has_mac = true;
    p->vlan_count = 0;
    p->layer = PACKET_LAYER_LINK;
    return follow_ether_type(d, type);
}

enum layer decode_vlan(struct decoding *d)
{
    struct packet *p = d->packet;
    uint16_t tag = reader_u16(&d->rest);
    uint16_t type = reader_u16(&d->rest);

    if (!decoding_is_whole(d, ANOMALY_VLAN_TRUNCATED))
        return LAYER_END;
    if (p->vlan_count == PACKET_VLAN_MAX) {
        decoding_anomaly(d, ANOMALY_VLAN_TOO_MANY);
        return LAYER_END;
    }
    p->vlan[p->vlan_count++] = tag & 0x0fff;
    return follow_ether_type(d, type);
}

enum layer decode_port_tag(struct decoding *d)
{
    reader_skip(&d->rest, 4);
    uint16_t type = reader_u16(&d->rest);

    if (!decoding_is_whole(d, ANOMALY_VNTAG_TRUNCATED))
        return LAYER_END;
    return follow_ether_type(d, type);
}

/* 802.1ah: priority and service id, then the customer's own frame. */
enum layer decode_backbone_tag(struct decoding *d)
{
    reader_skip(&d->rest, 4);
    if (!decoding_is_whole(d, ANOMALY_ITAG_TRUNCATED))
        return LAYER_END;
    return LAYER_ETHERNET;
}

/* After AA AA 03: the organisation and, for its own, an EtherType. */
static enum layer decode_snap(struct decoding *d)
{
    uint32_t organisation = reader_u24(&d->rest);
    uint16_t type = reader_u16(&d->rest);

    if (!decoding_is_whole(d, ANOMALY_LLC_TRUNCATED))
        return LAYER_END;
    d->packet->ether_type = type;
    /* RFC 1042, and 802.1H bridge-tunnel encapsulation. */
    if (organisation != 0 && organisation != 0x0000f8)
        return LAYER_END;
    return layer_of_ether_type(type);
}

enum layer decode_llc(struct decoding *d)
{
    struct packet *p = d->packet;

    p->layer = PACKET_LAYER_LINK;
    uint8_t destination = reader_u8(&d->rest);
    uint8_t source = reader_u8(&d->rest);
    uint8_t control = reader_u8(&d->rest);
    if ((control & 3) != 3)
        reader_skip(&d->rest, 1); /* Numbered frames have two bytes. */
    if (!decoding_is_whole(d, ANOMALY_LLC_TRUNCATED))
        return LAYER_END;
    if (destination == LLC_SNAP && source == LLC_SNAP)
        return decode_snap(d);
    return destination == LLC_IP && source == LLC_IP ? LAYER_IPV4 : LAYER_END;
}

/*
 * RFC 826, for Ethernet and IPv4:
 *
 *   hardware type | protocol type | 6 | 4 | operation
 *   sender MAC | sender IP | target MAC | target IP
 */
enum layer decode_arp(struct decoding *d)
{
    struct packet *p = d->packet;
    struct reader *r = &d->rest;

    p->layer = PACKET_LAYER_LINK;
    uint16_t hardware = reader_u16(r);
    uint16_t protocol = reader_u16(r);
    uint16_t sizes = reader_u16(r);
    uint16_t operation = reader_u16(r);
    if (!decoding_is_whole(d, ANOMALY_ARP_TRUNCATED))
        return LAYER_END;
    /* Hardware type 6 is IEEE 802, which writes the same addresses. */
    if ((hardware != 1 && hardware != 6) || protocol != ETHER_IPV4 ||
        sizes != 0x0604) {
        decoding_anomaly(d, ANOMALY_ARP_UNSUPPORTED);
        return LAYER_END;
    }
    struct bytes sender_mac = reader_bytes(r, 6);
    uint32_t sender_ip = reader_u32(r);
    struct bytes target_mac = reader_bytes(r, 6);
    uint32_t target_ip = reader_u32(r);
    if (!decoding_is_whole(d, ANOMALY_ARP_TRUNCATED))
        return LAYER_END;
    p->arp = (struct packet_arp){
        .operation = operation,
        .sender_mac = mac_of(sender_mac.data),
        .target_mac = mac_of(target_mac.data),
        .sender_ip = ip_of_v4(sender_ip),
        .target_ip = ip_of_v4(target_ip),
    };
    p->layer = PACKET_LAYER_ARP;
    return LAYER_END;
}

enum layer decode_lldp(struct decoding *d)
{
    d->packet->layer = PACKET_LAYER_LLDP;
    return LAYER_END;
}

/* IEEE 802.1X section 11.3: version, type, length of the body. */
enum layer decode_eapol(struct decoding *d)
{
    struct reader header = d->rest;

    d->packet->layer = PACKET_LAYER_EAPOL;
    reader_skip(&header, 2);
    uint16_t size = reader_u16(&header);
    bool is_cut = !reader_ok(&header) && d->missing == 0;
    if (is_cut || (reader_ok(&header) && !decoding_limit(d, size + 4u)))
        decoding_anomaly(d, ANOMALY_EAPOL_LENGTH);
    return LAYER_END;
}
