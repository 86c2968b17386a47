/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What one pass over a frame found: addresses, transport header, payload, and
 * every malformation by name. All views point into the frame (or, for a
 * datagram put together from fragments, into the decoder's memory) and are
 * good until the next frame is decoded. Integers are in host order.
 */
#include "capture/frame.h"
#include "decode/anomaly.h"
#include "net/address.h"

enum { PACKET_VLAN_MAX = 4 };

enum packet_layer {
    PACKET_LAYER_NONE,  /* The link layer could not be read. */
    PACKET_LAYER_LINK,  /* A frame that carries no IP and none of these: */
    PACKET_LAYER_ARP,
    PACKET_LAYER_LLDP,
    PACKET_LAYER_EAPOL,
    PACKET_LAYER_IP,
};

/* IANA protocol numbers that the later stages know by name. */
enum ip_protocol {
    IP_PROTOCOL_ICMP = 1,
    IP_PROTOCOL_IGMP = 2,
    IP_PROTOCOL_TCP = 6,
    IP_PROTOCOL_UDP = 17,
    IP_PROTOCOL_GRE = 47,
    IP_PROTOCOL_ESP = 50,
    IP_PROTOCOL_ICMPV6 = 58,
    IP_PROTOCOL_SCTP = 132,
};

enum tcp_flag {
    TCP_FIN = 0x01,
    TCP_SYN = 0x02,
    TCP_RST = 0x04,
    TCP_PSH = 0x08,
    TCP_ACK = 0x10,
    TCP_URG = 0x20,
    TCP_ECE = 0x40,
    TCP_CWR = 0x80,
};

struct packet_tcp {
    uint32_t sequence;
    uint32_t acknowledgement;
    uint8_t flags;          /* enum tcp_flag, or-ed. */
    uint8_t window_scale;   /* From a SYN's option; 0 without. */
    uint16_t window;        /* As on the wire, not scaled. */
    uint16_t maximum_segment_size; /* 0 without the option. */
    struct bytes options;
};

struct packet_arp {
    uint16_t operation;     /* 1 request, 2 reply (RFC 826). */
    struct mac sender_mac;
    struct mac target_mac;
    struct ip sender_ip;    /* IPv4 only; anything else is an anomaly. */
    struct ip target_ip;
};

/* How an inner packet was carried; the outer addresses are kept. */
enum packet_tunnel {
    PACKET_TUNNEL_NONE,
    PACKET_TUNNEL_GRE,
    PACKET_TUNNEL_ERSPAN,
    PACKET_TUNNEL_VXLAN,
    PACKET_TUNNEL_IP_IN_IP, /* IPv4 or IPv6 in IPv4 (6in4) or in IPv6. */
    PACKET_TUNNEL_TEREDO,
    PACKET_TUNNEL_GENEVE,
};

struct packet {
    struct frame_mark mark;
    struct bytes frame;

    struct mac source_mac;      /* Valid when has_mac. */
    struct mac destination_mac;
    bool has_mac;
    uint8_t vlan_count;
    uint16_t vlan[PACKET_VLAN_MAX]; /* VLAN ids, outermost first. */
    uint16_t ether_type;        /* Of what follows the tags; 0 if none. */
    enum packet_layer layer;

    /* layer ARP */
    struct packet_arp arp;

    /* layer IP: the innermost IP header */
    struct ip source;
    struct ip destination;
    uint8_t ip_version;         /* 4 or 6 */
    uint8_t protocol;           /* enum ip_protocol or another number. */
    uint8_t ttl;                /* Hop limit for IPv6. */
    bool is_fragment;           /* Not (yet) a whole datagram: no transport. */
    bool is_reassembled;        /* Put together from fragments. */
    bool has_transport;         /* The transport header was read whole. */
    uint32_t ip_size;           /* IP header and payload, by its own field. */
    struct bytes network;       /* From the IP header on, as captured. */

    enum packet_tunnel tunnel;
    struct ip outer_source;     /* Valid when tunnel is not NONE. */
    struct ip outer_destination;
    struct mac outer_source_mac; /* Valid when has_outer_mac. */
    struct mac outer_destination_mac;
    bool has_outer_mac;
    uint32_t outer_ip_size;

    /* TCP, UDP, SCTP: ports. */
    uint16_t source_port;
    uint16_t destination_port;
    uint8_t icmp_type; /* ICMP and ICMPv6 */
    uint8_t icmp_code;
    struct packet_tcp tcp;

    /* After the transport header (for ICMP: type, code and checksum); after
     * the IP header for other protocols, after the link header for the other
     * layers. Cut at the length the headers give: never link padding. */
    struct bytes payload;
    uint32_t payload_missing;   /* Bytes the snapshot length cut off. */

    /* For an ICMP error: the packet it quotes, addresses only. */
    bool has_quoted;
    struct ip quoted_source;
    struct ip quoted_destination;
    uint8_t quoted_protocol;
    uint16_t quoted_source_port;
    uint16_t quoted_destination_port;

    struct anomaly_set anomalies;
};
