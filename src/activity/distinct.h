/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * How many different things were there? Exact while there are few, then an
 * estimate by HyperLogLog (Flajolet et al. 2007) over 128 registers: about 9%
 * standard error, in 136 bytes whatever the number. Things are given as
 * 64-bit keyed hashes.
 */
#include <stdbool.h>
#include <stdint.h>

enum { DISTINCT_EXACT_MAX = 32, DISTINCT_REGISTERS = 128 };

struct distinct {
    uint16_t count;     /* While exact. */
    bool is_estimate;
    union {
        uint32_t hashes[DISTINCT_EXACT_MAX];
        uint8_t registers[DISTINCT_REGISTERS];
    };
};

/* True when it may be new: certainly while exact, else when the estimate
 * moved. A zeroed struct is an empty one. */
bool distinct_add(struct distinct *distinct, uint64_t hash);

uint32_t distinct_count(const struct distinct *distinct);

/* The same, when no more than `max` things were added: an estimate may be
 * above that, and the truth is not. */
uint32_t distinct_count_of(const struct distinct *distinct, uint32_t max);
