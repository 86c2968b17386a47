/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The keys that protect QUIC Initial packets. They follow from the first
 * Destination Connection ID alone, so whoever sees the packet can read it
 * (RFC 9001 section 5.2; RFC 9369 section 3.3 for version 2).
 */
#include "base/bytes.h"
#include "base/compiler.h"

enum {
    QUIC_VERSION_1 = 1,
    QUIC_VERSION_2 = 0x6b3343cf,
    QUIC_SAMPLE_SIZE = 16,
    QUIC_MASK_SIZE = 5,
    QUIC_TAG_SIZE = 16,
    QUIC_CONNECTION_ID_MAX = 20, /* RFC 9000 section 17.2 */
};

struct quic_keys {
    uint8_t key[16];
    uint8_t iv[12];
    uint8_t header[16]; /* For header protection. */
};

/* The client's Initial keys. False when the version is not one of ours. */
bool quic_keys_client(uint32_t version, struct bytes connection_id,
                      struct quic_keys *keys) MUST_USE;

/* True for versions whose Initial packets can be opened: 1, 2 and drafts 29
 * to 34 (0xff00001d to 0xff000022). */
bool quic_keys_know(uint32_t version);

/* The five bytes that header protection was done with (section 5.4.3). */
bool quic_keys_mask(const struct quic_keys *keys, struct bytes sample,
                    uint8_t mask[QUIC_MASK_SIZE]) MUST_USE;

/*
 * Open a packet's payload, tag included, into `plain`, which has room for
 * sealed.size - QUIC_TAG_SIZE bytes. False when it is not authentic.
 */
bool quic_keys_open(const struct quic_keys *keys, uint64_t packet_number,
                    struct bytes header, struct bytes sealed,
                    uint8_t *plain) MUST_USE;
