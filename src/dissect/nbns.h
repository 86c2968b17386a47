/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* NetBIOS names (RFC 1001 section 14, RFC 1002 section 4). */
#include "base/arena.h"

enum { NBNS_NAME_SIZE = 16 }; /* 15 characters and the suffix. */

struct nbns_name {
    struct bytes text; /* Without the padding; in the arena. */
    uint8_t suffix;    /* What kind of name: 0x00, 0x20, 0x1b, ... */
};

/* Decode the 32 letters of first-level encoding; false when it is not. */
bool nbns_name_parse(struct bytes label, struct arena *arena,
                     struct nbns_name *name);
