/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The outside of QUIC packets: the long header that all versions share
 * (RFC 8999), what versions 1 and 2 put in it (RFC 9000 section 17.2, RFC 9369
 * section 3.2), and the packets of Google's QUIC before it.
 */
#include "base/arena.h"
#include "base/compiler.h"
#include "base/reader.h"

enum quic_kind {
    QUIC_INITIAL,
    QUIC_ZERO_RTT,
    QUIC_HANDSHAKE,
    QUIC_RETRY_PACKET,
    QUIC_NEGOTIATION, /* Version 0: the server names what it speaks. */
    QUIC_UNKNOWN,     /* A version whose packets are not read further. */
    QUIC_GOOGLE,      /* Q035 to Q046: hello in the clear. */
};

struct quic_packet {
    enum quic_kind kind;
    uint32_t version;
    struct bytes destination_id;
    struct bytes source_id;
    struct bytes whole;     /* From the first byte of its header. */
    struct bytes rest;      /* After length (INITIAL), after ids (others). */
};

/* Take one packet with a long header off `r`. False when it is not one. */
bool quic_packet_read(struct reader *r, struct quic_packet *packet) MUST_USE;

/* A version that somebody has used: 1, 2, a draft, or Google's. */
bool quic_version_is_known(uint32_t version);

enum { QUIC_VERSION_TEXT_SIZE = 16 };
const char *quic_version_text(uint32_t version,
                              char text[QUIC_VERSION_TEXT_SIZE]);

/* RFC 9000 section 16. */
uint64_t quic_read_number(struct reader *r);

/*
 * Take protection off an Initial packet of the client whose first destination
 * connection id was `connection_id` (RFC 9001 sections 5.3 and 5.4). The
 * frames lie in the arena. False when the keys do not fit.
 */
bool quic_packet_open(const struct quic_packet *packet,
                      struct bytes connection_id, struct arena *arena,
                      struct bytes *frames) MUST_USE;
