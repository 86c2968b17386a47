/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The internet checksum of RFC 1071. */
#include "decode/packet.h"

/*
 * Of `b` (at most 16 MiB), on top of what `start` adds up to: 0 when `b` holds
 * its own checksum and that is right; else what belongs in its zeroed field.
 */
uint16_t checksum_of(struct bytes b, uint64_t start);

/* What the addresses, protocol and size add up to, the "pseudo-header" of
 * TCP and UDP (RFC 9293 section 3.1) and all of IPv6 (RFC 8200 section 8.1). */
uint64_t checksum_pseudo_header(const struct packet *packet, size_t size);
