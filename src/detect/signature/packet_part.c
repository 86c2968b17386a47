/* SPDX-License-Identifier: Apache-2.0 */
#include "detect/signature/packet_part.h"

#include "base/reader.h"

enum {
    LINK_TYPE_ETHERNET = 1, /* LINKTYPE_ETHERNET */
    ETHERNET_SIZE = 14,
    ARP_SIZE = 28,          /* Of IPv4 over Ethernet: RFC 826. */
    TCP_FIXED_SIZE = 20,
    UDP_SIZE = 8,
    SCTP_SIZE = 12,         /* RFC 9260 3.1: the common header. */
    ICMP_READ_SIZE = 4,     /* The decoder's payload begins after it. */
    ICMP_SIZE = 8,
    ICMP_TIMESTAMP = 13,    /* RFC 792: three times follow. */
    ICMP_TIMESTAMP_REPLY = 14,
    ICMP_TIMESTAMP_SIZE = 20,
};

const char *packet_part_name(enum view_id view)
{
    static const char *const names[] = {
        [VIEW_PAYLOAD - VIEW_PAYLOAD] = "payload",
        [VIEW_ETHERNET_HEADER - VIEW_PAYLOAD] = "ether.hdr",
        [VIEW_ARP_HEADER - VIEW_PAYLOAD] = "arp.hdr",
        [VIEW_IPV4_HEADER - VIEW_PAYLOAD] = "ipv4.hdr",
        [VIEW_IPV6_HEADER - VIEW_PAYLOAD] = "ipv6.hdr",
        [VIEW_TCP_HEADER - VIEW_PAYLOAD] = "tcp.hdr",
        [VIEW_UDP_HEADER - VIEW_PAYLOAD] = "udp.hdr",
        [VIEW_SCTP_HEADER - VIEW_PAYLOAD] = "sctp.hdr",
        [VIEW_ICMPV4_HEADER - VIEW_PAYLOAD] = "icmpv4.hdr",
        [VIEW_ICMPV6_HEADER - VIEW_PAYLOAD] = "icmpv6.hdr",
        [VIEW_IGMP_HEADER - VIEW_PAYLOAD] = "igmp.hdr",
        [VIEW_IP_SOURCE - VIEW_PAYLOAD] = "ip.src",
        [VIEW_IP_DESTINATION - VIEW_PAYLOAD] = "ip.dst",
    };

    return view < VIEW_PAYLOAD || view >= VIEW_ID_COUNT
               ? ""
               : names[view - VIEW_PAYLOAD];
}

/* What of the transport header the decoder took off before the payload. */
static size_t transport_taken(const struct packet *packet)
{
    if (!packet->has_transport)
        return 0;
    switch (packet->protocol) {
    case IP_PROTOCOL_TCP:
        return TCP_FIXED_SIZE + packet->tcp.options.size;
    case IP_PROTOCOL_UDP:
        return UDP_SIZE;
    case IP_PROTOCOL_SCTP:
        return SCTP_SIZE;
    case IP_PROTOCOL_ICMP:
    case IP_PROTOCOL_ICMPV6:
        return ICMP_READ_SIZE;
    default:
        return 0;
    }
}

/* Where the payload of IP begins in packet->network. */
static size_t transport_at(const struct packet *packet)
{
    size_t size = transport_taken(packet) + packet->payload.size;

    return packet->network.size < size ? packet->network.size
                                       : packet->network.size - size;
}

static size_t icmp_size(const struct packet *packet)
{
    bool has_times = packet->protocol == IP_PROTOCOL_ICMP &&
                     (packet->icmp_type == ICMP_TIMESTAMP ||
                      packet->icmp_type == ICMP_TIMESTAMP_REPLY);

    return has_times ? ICMP_TIMESTAMP_SIZE : ICMP_SIZE;
}

static struct bytes transport_header(const struct packet *packet,
                                     enum ip_protocol protocol)
{
    bool is_icmp =
        protocol == IP_PROTOCOL_ICMP || protocol == IP_PROTOCOL_ICMPV6;

    if (packet->layer != PACKET_LAYER_IP || !packet->has_transport ||
        packet->protocol != protocol)
        return (struct bytes){ 0 };
    return bytes_slice(packet->network, transport_at(packet),
                       is_icmp ? icmp_size(packet) : transport_taken(packet));
}

/* All of it, with IPv4 options and the extension headers of IPv6. */
static struct bytes ip_header(const struct packet *packet, uint8_t version)
{
    struct reader r = reader_of(packet->network);
    size_t size = (reader_peek(&r) & 0x0f) * 4u;

    if (packet->layer != PACKET_LAYER_IP || packet->ip_version != version)
        return (struct bytes){ 0 };
    return bytes_slice(packet->network, 0,
                       version == 4 ? size : transport_at(packet));
}

static struct bytes ip_address(const struct packet *packet, bool is_source)
{
    bool is_v4 = packet->ip_version == 4;
    size_t size = is_v4 ? 4 : 16;
    size_t at = is_v4 ? 12 : 8;

    if (packet->layer != PACKET_LAYER_IP)
        return (struct bytes){ 0 };
    return bytes_slice(packet->network, is_source ? at : at + size, size);
}

static struct bytes link_header(const struct packet *packet)
{
    if (packet->mark.link_type != LINK_TYPE_ETHERNET)
        return (struct bytes){ 0 };
    return bytes_slice(packet->frame, 0, ETHERNET_SIZE);
}

static struct bytes arp_header(const struct packet *packet)
{
    if (packet->layer != PACKET_LAYER_ARP)
        return (struct bytes){ 0 };
    return bytes_slice(packet->payload, 0, ARP_SIZE);
}

static struct bytes igmp_header(const struct packet *packet)
{
    if (packet->layer != PACKET_LAYER_IP ||
        packet->protocol != IP_PROTOCOL_IGMP || packet->is_fragment)
        return (struct bytes){ 0 };
    return packet->payload;
}

struct bytes packet_part(const struct packet *packet, enum view_id view)
{
    if (view == VIEW_ETHERNET_HEADER)
        return link_header(packet);
    if (view == VIEW_ARP_HEADER)
        return arp_header(packet);
    if (view == VIEW_IPV4_HEADER || view == VIEW_IPV6_HEADER)
        return ip_header(packet, view == VIEW_IPV4_HEADER ? 4 : 6);
    if (view == VIEW_TCP_HEADER)
        return transport_header(packet, IP_PROTOCOL_TCP);
    if (view == VIEW_UDP_HEADER)
        return transport_header(packet, IP_PROTOCOL_UDP);
    if (view == VIEW_SCTP_HEADER)
        return transport_header(packet, IP_PROTOCOL_SCTP);
    if (view == VIEW_ICMPV4_HEADER)
        return transport_header(packet, IP_PROTOCOL_ICMP);
    if (view == VIEW_ICMPV6_HEADER)
        return transport_header(packet, IP_PROTOCOL_ICMPV6);
    if (view == VIEW_IGMP_HEADER)
        return igmp_header(packet);
    if (view == VIEW_IP_SOURCE || view == VIEW_IP_DESTINATION)
        return ip_address(packet, view == VIEW_IP_SOURCE);
    return (struct bytes){ 0 };
}
