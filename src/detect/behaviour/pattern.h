/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Sigma's strings: text with `*` for any run and `?` for one character, each
 * of which a backslash makes plain (specification 2.1, "Escape Character").
 * A string is first a row of tokens, which modifiers transform, and then a
 * pattern that is matched without allocation. Case is folded for ASCII letters
 * only, as the protocols do.
 */
#include "base/arena.h"
#include "base/compiler.h"

enum {
    PATTERN_TOKEN_MAX = 4096,   /* Of one string, after transformation. */
    PATTERN_VARIANT_MAX = 625,  /* Four dashes in five forms each. */
    TOKEN_ONE = 256,            /* `?`; below that a plain byte. */
    TOKEN_MANY = 257,           /* `*` */
};

struct tokens {
    const uint16_t *items;
    size_t count;
};

enum pattern_kind {
    PATTERN_ANY,
    PATTERN_EXACT,
    PATTERN_PREFIX,
    PATTERN_SUFFIX,
    PATTERN_WITHIN,
    PATTERN_GLOB,
};

struct pattern {
    enum pattern_kind kind;
    bool cased;
    struct bytes literal;       /* For all kinds but GLOB. */
    struct tokens tokens;       /* For GLOB. */
};

/* False when `text` is longer than PATTERN_TOKEN_MAX. */
bool tokens_parse(struct arena *arena, struct bytes text,
                  struct tokens *tokens);

bool tokens_have_wildcard(struct tokens tokens);

/* The same with `*` before, after, or both. */
struct tokens tokens_wrap(struct arena *arena, struct tokens tokens,
                          bool before, bool after);

/* The bytes of tokens without wildcards. */
struct bytes tokens_literal(struct arena *arena, struct tokens tokens);
struct tokens tokens_of_bytes(struct arena *arena, struct bytes b);

struct pattern pattern_of(struct arena *arena, struct tokens tokens,
                          bool cased);

bool pattern_match(const struct pattern *pattern, struct bytes text);

/* Base64 (RFC 4648 section 4) of `b` with padding. */
struct bytes encode_base64(struct arena *arena, struct bytes b);

/* The part of the Base64 of any text that has `b` at an offset of `shift` (0
 * to 2) modulo three which does not depend on its neighbours. */
struct bytes encode_base64_offset(struct arena *arena, struct bytes b,
                                  unsigned shift);

/* UTF-16 of UTF-8 text, in either order; false when `b` is not UTF-8. */
bool encode_utf16(struct arena *arena, struct bytes b, bool big_endian,
                  struct bytes *encoded);

/* Every way to write the dashes that begin a word, `-/` and the three long
 * ones; 0 when there would be more than PATTERN_VARIANT_MAX. */
size_t dash_variants(struct arena *arena, struct tokens tokens,
                     struct tokens *variants);
