/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Frame to packet in one pass, without allocation. The decoder holds what must
 * outlive a frame: IP fragments waiting for the rest of their datagram, in a
 * bounded table (RFC 815 holes, RFC 5722: overlapping IPv6 fragments drop the
 * datagram), and one counter for each anomaly.
 */
#include "decode/packet.h"

struct decoder;

struct decode_options {
    bool verify_checksums;     /* Count bad IP, TCP, UDP, ICMP checksums. */
    size_t fragment_bytes_max; /* Memory for fragments; 0 for the default. */
};

struct decoder *decoder_new(const struct decode_options *options);
void decoder_free(struct decoder *decoder);

/* Read `frame` into `*packet`, whatever it holds; never fails. */
void decode_frame(struct decoder *decoder, const struct frame *frame,
                  struct packet *packet);

/* How often each anomaly was seen. */
uint64_t decoder_anomaly_count(const struct decoder *decoder,
                               enum anomaly anomaly);
