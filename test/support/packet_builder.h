/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Frames for tests. Headers are pushed in front of what is there already, so
 * a frame is built from the inside out: payload, TCP, IPv4, VLAN, Ethernet.
 * Lengths and checksums are right when a header is pushed; to test what is
 * wrong, change bytes afterwards. The builder is a plain value: no clean-up.
 */
#include "capture/frame.h"
#include "net/address.h"

enum {
    PACKET_BUILDER_MAX = 70000, /* An IP packet of 65535 bytes and more. */
    PACKET_BUILDER_PADDING = 1024,
};

struct packet_builder {
    uint8_t data[PACKET_BUILDER_MAX + PACKET_BUILDER_PADDING];
    size_t start; /* The frame is data[start..PACKET_BUILDER_MAX-1]. */
    size_t tail;  /* and `tail` bytes of padding after that. */
};

/* An endpoint; the fields a header does not need may be left zero. */
struct build_side {
    const char *mac;
    const char *ip;
    uint16_t port;
};

struct build_tcp {
    uint32_t sequence;
    uint32_t acknowledgement;
    uint8_t flags; /* enum tcp_flag */
    uint16_t window;
    struct bytes options; /* A multiple of 4 bytes. */
};

struct build_ip {
    uint8_t protocol;
    uint8_t ttl;             /* 0 for 64. */
    uint16_t identification;
    uint16_t fragment;       /* IPv4: flags and offset, as on the wire. */
    struct bytes options;    /* IPv4 only; a multiple of 4 bytes. */
};

/* Start over with `payload`. */
void packet_builder_start(struct packet_builder *b, struct bytes payload);

/* Push any bytes, or one number in network order, in front. */
void packet_builder_push(struct packet_builder *b, struct bytes front);
void packet_builder_push_u16(struct packet_builder *b, uint16_t number);
void packet_builder_push_u32(struct packet_builder *b, uint32_t number);

/* Transport headers; the IP addresses of the sides go into the checksum. */
void packet_builder_tcp(struct packet_builder *b, struct build_side from,
                        struct build_side to, const struct build_tcp *tcp);
void packet_builder_udp(struct packet_builder *b, struct build_side from,
                        struct build_side to);

/* ICMP, or ICMPv6 when the addresses are IPv6; what is there is the body
 * after the checksum. */
void packet_builder_icmp(struct packet_builder *b, struct build_side from,
                         struct build_side to, uint16_t type_and_code);

/* IPv4 or IPv6, by the addresses. */
void packet_builder_ip(struct packet_builder *b, struct build_side from,
                       struct build_side to, const struct build_ip *ip);

/* An 802.1Q tag, for between IP and Ethernet; then `ether_type` is 0x8100. */
void packet_builder_vlan(struct packet_builder *b, uint16_t vlan,
                         uint16_t ether_type);
void packet_builder_ethernet(struct packet_builder *b, struct build_side from,
                             struct build_side to, uint16_t ether_type);

/* Fill the frame with zeros at its end up to `size` bytes. */
void packet_builder_pad(struct packet_builder *b, size_t size);

/* What was built, good until the next push. */
struct bytes packet_builder_view(const struct packet_builder *b);

/* The same as an Ethernet frame at `time_ns`. */
struct frame packet_builder_frame(const struct packet_builder *b,
                                  int64_t time_ns);
