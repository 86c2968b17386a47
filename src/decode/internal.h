/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * How the decoder is built: one function for each kind of header. It takes its
 * header off the front of `decoding.rest`, writes what it learnt into the
 * packet and names the header that follows. A loop in decode.c calls the next,
 * so nothing recurses and one limit bounds every nesting.
 *
 * Lengths: `rest` ends where the innermost length field says, or where the
 * frame does; `missing` counts the bytes the snapshot length cut off from that
 * same extent. A header that is cut is an anomaly only when missing is 0.
 */
#include "base/reader.h"
#include "decode/decode.h"
#include "decode/fragment.h"

enum {
    DECODE_LAYERS_MAX = 24,     /* Headers a frame; real ones need 10. */
    DECODE_EXTENSIONS_MAX = 12, /* IPv6: RFC 8200 knows seven, some twice. */
    DECODE_LABELS_MAX = 16,     /* MPLS stacks in use have six at most. */
};

/* What comes next at the front of `rest`. */
enum layer {
    LAYER_END, /* Nothing more to decode: the rest is payload. */
    LAYER_ETHERNET,
    LAYER_VLAN,
    LAYER_PORT_TAG,
    LAYER_BACKBONE_TAG,
    LAYER_LLC,
    LAYER_COOKED_1,
    LAYER_COOKED_2,
    LAYER_LOOPBACK,
    LAYER_RAW_IP,
    LAYER_CHDLC,
    LAYER_PPP,
    LAYER_PPPOE,
    LAYER_MPLS,
    LAYER_RADIOTAP,
    LAYER_PRISM,
    LAYER_WLAN,
    LAYER_PER_PACKET,
    LAYER_ARP,
    LAYER_LLDP,
    LAYER_EAPOL,
    LAYER_IPV4,
    LAYER_IPV6,
    LAYER_UPPER, /* What the IP header's protocol number says. */
    LAYER_TCP,
    LAYER_UDP,
    LAYER_SCTP,
    LAYER_ICMPV4,
    LAYER_ICMPV6,
    LAYER_GRE,
    LAYER_ERSPAN_2,
    LAYER_ERSPAN_3,
    LAYER_AH,
};

struct decoding {
    struct decoder *decoder;
    struct packet *packet;
    struct reader rest;
    size_t missing;
    bool is_jumbo;       /* RFC 2675: lengths of 0 mean all there is. */
    bool was_fragmented; /* Some IP header here was a fragment's. */
};

struct decoder {
    struct decode_options options;
    struct fragment_table *fragments;
    struct decode_counters counters;
    uint64_t anomalies[ANOMALY_COUNT];
};

typedef enum layer layer_function(struct decoding *d);

/* Take note of `anomaly` on the packet. */
void decoding_anomaly(struct decoding *d, enum anomaly anomaly);

/*
 * Ask whether the header just read was whole. If not, note `anomaly`, unless
 * it was the snapshot length that cut it.
 */
bool decoding_is_whole(struct decoding *d, enum anomaly anomaly) MUST_USE;

/*
 * Let `rest` end after `size` bytes, as a length field says. False when the
 * frame never had that many; then `rest` stays.
 */
bool decoding_limit(struct decoding *d, size_t size) MUST_USE;

/*
 * The packet so far carries another one: keep its addresses as the outer ones
 * and start over for the inner packet. False, and noted, when the packet is
 * an inner one already: tunnels are opened one level down.
 */
bool decoding_enter(struct decoding *d, enum packet_tunnel tunnel) MUST_USE;

/* The header for an EtherType, a LINKTYPE_ value; LAYER_END for unknown. */
enum layer layer_of_ether_type(uint16_t ether_type);
enum layer layer_of_link_type(uint16_t link_type);

/* Whether `b` begins with an Ethernet header that carries what we know. */
bool ethernet_is_likely(struct bytes b);

/* Whether the first bytes of an IPv6 packet and its length fit `b` exactly. */
bool ipv6_is_likely(struct bytes b);

/* The tunnel a UDP payload is by port and content; false for none. */
bool tunnel_over_udp(struct decoding *d, enum layer *next) MUST_USE;

layer_function decode_ethernet, decode_vlan, decode_port_tag,
    decode_backbone_tag, decode_llc, decode_cooked_1, decode_cooked_2,
    decode_loopback, decode_raw_ip, decode_chdlc, decode_ppp, decode_pppoe,
    decode_mpls, decode_radiotap, decode_prism, decode_wlan,
    decode_per_packet, decode_arp, decode_lldp, decode_eapol, decode_ipv4,
    decode_ipv6, decode_upper, decode_tcp, decode_udp, decode_sctp,
    decode_icmpv4, decode_icmpv6, decode_gre, decode_erspan_2,
    decode_erspan_3, decode_ah;

/*
 * Hand the fragment in `rest` to the table. LAYER_UPPER when it completed its
 * datagram, which `rest` then is; LAYER_END when more must come.
 */
enum layer decode_fragment(struct decoding *d, const struct fragment *part);
