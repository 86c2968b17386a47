/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Where keywords take a number or the name of a variable, and the bytes of
 * contents. */
#include "detect/signature/draft.h"

/* What depth, offset, distance and within may be. */
#define RULE_PLACE_MIN (-1048576)
#define RULE_PLACE_MAX 1048576

/* A number in these bounds, or a variable that an earlier byte_extract or
 * byte_math of the rule writes; refused otherwise. */
bool operand_read(struct draft *d, struct bytes text, int64_t low,
                  int64_t high, struct operand *operand);

/* Text with |hex| and escapes to bytes of the set's arena. */
bool content_read_bytes(struct draft *d, struct bytes text,
                        struct bytes *content);

/* Is what the modifiers of this content say possible together? */
bool content_check(struct draft *d, struct rule_test *test);

/* Compile and keep; null when it does not compile (refused). */
struct pcre2_real_code_8;
struct pcre2_real_code_8 *pcre_compile(struct draft *d, struct bytes pattern,
                                       uint32_t options, bool captures);
