/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The sentences people read, kept as data: one JSON file a language, from text
 * key to a pattern in ICU MessageFormat. Understood here are plain arguments,
 * {name}, and {name, plural, =0 {..} one {..} other {..}} with # for the
 * number. A pattern that cannot be read is refused when the file is loaded.
 */
#include "base/error.h"
#include "base/writer.h"

enum {
    TEXT_PATTERN_MAX = 4096,
    TEXT_DEPTH_MAX = 4, /* Plurals inside plurals. */
};

struct text_catalogue;

/* Load `path`; 0 and the catalogue, which the caller frees, or negative. */
int text_catalogue_load(const char *path, struct text_catalogue **catalogue,
                        struct failure *failure) MUST_USE;
void text_catalogue_free(struct text_catalogue *catalogue);

/* The pattern of `key`, or null. */
const char *text_pattern(const struct text_catalogue *catalogue,
                         const char *key);

/* Write the value of argument `name` for people to read; `*number` is its
 * number where it has one. False when there is no such argument. */
typedef bool text_argument_function(const void *context, struct bytes name,
                                    struct writer *shown, double *number);

/* Write `pattern` with its arguments put in. Arguments that are not there are
 * written as "?". False when the pattern is not well formed. */
bool text_render(struct writer *out, struct bytes pattern,
                 text_argument_function *argument, const void *context);

/* 1234567 as 1,234,567. */
void text_write_number(struct writer *out, uint64_t number);
