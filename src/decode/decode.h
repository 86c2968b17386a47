/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Frame to packet in one pass, without allocation. The decoder holds what must
 * outlive a frame: IP fragments waiting for the rest of their datagram, in a
 * bounded table (RFC 815 holes, RFC 5722: overlapping IPv6 fragments drop the
 * datagram), and one counter for each anomaly.
 */
#include "base/hash.h"
#include "decode/fragment.h"
#include "decode/packet.h"

struct decoder;

struct decode_options {
    bool verify_checksums;     /* Count bad IP, TCP, UDP, ICMP checksums. */
    size_t fragment_bytes_max; /* Memory for fragments; 0 for the default. */
    struct hash_key hash_key;  /* For the table of fragments. */
};

/* What the decoder counts beside the anomalies. */
struct decode_counters {
    uint64_t frames;
    uint64_t tunnelled;
    uint64_t wlan_protected; /* 802.11 frames that are encrypted. */
    struct fragment_counters fragments;
};

struct decoder *decoder_new(const struct decode_options *options);
void decoder_free(struct decoder *decoder);

/*
 * Read `frame` into `*packet`, whatever it holds; never fails. In a tunnel the
 * inner packet is the packet, and the outer addresses are kept. MAC addresses
 * and VLANs are those of the innermost Ethernet: what VXLAN, ERSPAN and their
 * kind carry was mirrored or bridged from where the device is.
 */
void decode_frame(struct decoder *decoder, const struct frame *frame,
                  struct packet *packet);

/* How often each anomaly was seen. */
uint64_t decoder_anomaly_count(const struct decoder *decoder,
                               enum anomaly anomaly);

void decoder_read_counters(const struct decoder *decoder,
                           struct decode_counters *counters);

/* Where the views of a packet point that was put together from fragments. */
struct bytes decoder_memory(const struct decoder *decoder);
