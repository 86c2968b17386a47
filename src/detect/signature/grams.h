/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Which of thousands of patterns occur in a buffer: one pass that looks at
 * every four bytes (a gram). Each pattern is entered under its rarest gram, by
 * a fixed table of how often grams are seen in traffic; letters are folded by
 * setting bit 0x20 of each byte. A bitmap that stays in the first cache says
 * no for nearly every place; the rest are looked up and compared.
 *
 * A sender who repeats a gram that many patterns share makes many comparisons:
 * they are capped per buffer, and the cap is counted. What a filter lets
 * through is only a candidate: the rule itself still has to hold.
 */
#include "detect/signature/candidates.h"

enum {
    GRAM_SIZE = 4,
    GRAM_PART_MAX = 32,   /* Bytes of a pattern that are compared. */
    GRAM_CHAIN_MAX = 32,  /* Patterns under one gram, where another will do. */
    GRAM_COMPARE_MIN = 1024, /* Comparisons allowed for a small buffer, */
    GRAM_COMPARE_PER_BYTE = 8, /* and for each byte of a large one. */
};

struct gram_pattern {
    struct bytes data;    /* At least GRAM_SIZE; lower case with is_nocase. */
    bool is_nocase;
    uint32_t rule;
};

struct gram_filter;

/* The patterns are copied. Null for none. */
struct gram_filter *gram_filter_new(const struct gram_pattern *patterns,
                                    size_t count);
void gram_filter_free(struct gram_filter *filter);

/* Add the rules of all patterns that end after the first `from` bytes. */
void gram_filter_scan(const struct gram_filter *filter, struct bytes data,
                      size_t from, struct candidates *found);

/* Memory it holds, and the longest chain: for the bench and the tests. */
size_t gram_filter_memory(const struct gram_filter *filter);
size_t gram_filter_chain(const struct gram_filter *filter);

/* How often a folded gram, the byte sent first lowest, is seen: 0 hardly ever,
 * 255 all the time. */
uint8_t gram_frequency_sent(uint32_t gram);
