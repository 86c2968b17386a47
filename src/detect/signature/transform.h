/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What is done to a buffer before a rule looks at it: transformations, in the
 * order they were written. Results live in the packet's arena; bytes that are
 * not changed are not copied. None makes more than TRANSFORM_GROWTH_MAX bytes
 * of what it gets, whatever a compressed body says.
 */
#include "base/arena.h"
#include "detect/signature/rule.h"

enum {
    TRANSFORM_GROWTH_MAX = 128 << 10, /* Bytes made from one buffer. */
};

struct pcre2_real_match_data_8;
struct pcre2_real_match_context_8;

struct transformer {
    struct arena *arena;
    struct pcre2_real_match_data_8 *match_data;
    struct pcre2_real_match_context_8 *match_context;
};

struct bytes transform_apply(const struct transformer *transformer,
                             const struct rule_transform *transforms,
                             size_t count, struct bytes data);

/* Are they the same chain? */
bool transform_equal(const struct rule_transform *a, size_t a_count,
                     const struct rule_transform *b, size_t b_count);
