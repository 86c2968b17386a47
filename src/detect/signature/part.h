/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Takes the values of keywords apart: "limit, track by_src, count 1". All of
 * these look only inside the bytes they are given.
 */
#include "base/bytes.h"
#include "base/compiler.h"
#include "detect/signature/values.h"

/* The byte at `index`, or 0 past the end. */
uint8_t part_byte(struct bytes text, size_t index);

/* Take what stands before the next `separator`, without spaces around it;
 * all of `rest` when there is none. False when nothing is left. */
bool part_next(struct bytes *rest, char separator, struct bytes *part);

/* The same up to the next space or tab. */
bool part_word(struct bytes *rest, struct bytes *part);

/* Is `text` this word? Case counts. */
bool part_is(struct bytes text, const char *word);
bool part_is_nocase(struct bytes text, const char *word);

/* Take `prefix` off the front of `text`, and spaces after it. */
bool part_skip(struct bytes *text, const char *prefix);

/* The index of `text` among `count` words, or `count`. */
size_t part_index(struct bytes text, const char *const *words, size_t count);

/* Whole numbers: decimal, or hexadecimal after 0x. */
bool part_number(struct bytes text, uint64_t max, uint64_t *number);
bool part_signed(struct bytes text, int64_t low, int64_t high,
                 int64_t *number);

/* "4096", "4KB", "4kb", "1mb", "2GB" */
bool part_size(struct bytes text, uint64_t max, uint64_t *number);

/* "5", "!5", ">5", ">=5", "<5", "<=5", "3<>9", "3-9" (both without their
 * ends, as Suricata counts). What is left is never empty: a comparison that
 * cannot hold is no range. */
bool part_range(struct bytes text, uint64_t max, struct number_range *range,
                bool *negated);
