/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Unicode Normalization Form C (Unicode Standard Annex 15): LIKE and MATCHES
 * compare text in it (STIX 2.1 section 9.6). The tables are drawn from the
 * Unicode Character Database by tools/normalization.py.
 */
#include "base/arena.h"

enum { STIX_NORMAL_SIZE_MAX = 16 << 10 }; /* Longer text is left as it is. */

/* `text` in NFC, in the arena; the same view when it is ASCII, is not valid
 * UTF-8, or is longer than STIX_NORMAL_SIZE_MAX. */
struct bytes stix_normal(struct arena *arena, struct bytes text);
