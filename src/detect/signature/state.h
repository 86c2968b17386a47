/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The running state over a compiled rule set, whoever compiled it: signature.h
 * is the same for a rule set that was loaded from files.
 */
#include "detect/signature/judging.h"

/* What a new rule set calls what the old one numbered. */
struct renumbering {
    const uint16_t *bits;      /* By old number; UINT16_MAX: gone. */
    uint32_t bit_count;
    const uint16_t *integers;
    uint32_t integer_count;
};

struct signature_state *state_new(const struct compiled *compiled,
                                  struct hash_key key,
                                  struct evidence_store *store);
void state_replace(struct signature_state *state,
                   const struct compiled *compiled,
                   const struct renumbering *renumbering);
