/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Sigma's value modifiers (Modifiers Appendix 2.1) as a set of bits, read from
 * a key like "field|contains|all". Which go together is a table; what is not
 * in it is refused rather than guessed.
 */
#include "detect/behaviour/internal.h"

enum modifier {
    MODIFIER_CONTAINS = 1 << 0,
    MODIFIER_STARTSWITH = 1 << 1,
    MODIFIER_ENDSWITH = 1 << 2,
    MODIFIER_ALL = 1 << 3,
    MODIFIER_RE = 1 << 4,
    MODIFIER_RE_I = 1 << 5,
    MODIFIER_RE_M = 1 << 6,
    MODIFIER_RE_S = 1 << 7,
    MODIFIER_CIDR = 1 << 8,
    MODIFIER_LT = 1 << 9,
    MODIFIER_LTE = 1 << 10,
    MODIFIER_GT = 1 << 11,
    MODIFIER_GTE = 1 << 12,
    MODIFIER_NEQ = 1 << 13,
    MODIFIER_EXISTS = 1 << 14,
    MODIFIER_CASED = 1 << 15,
    MODIFIER_WINDASH = 1 << 16,
    MODIFIER_BASE64 = 1 << 17,
    MODIFIER_BASE64OFFSET = 1 << 18,
    MODIFIER_UTF16LE = 1 << 19,
    MODIFIER_UTF16BE = 1 << 20,
    MODIFIER_UTF16 = 1 << 21,
    MODIFIER_FIELDREF = 1 << 22,
    MODIFIER_EXPAND = 1 << 23,
    MODIFIER_MINUTE = 1 << 24,
    MODIFIER_HOUR = 1 << 25,
    MODIFIER_DAY = 1 << 26,
    MODIFIER_WEEK = 1 << 27,
    MODIFIER_MONTH = 1 << 28,
    MODIFIER_YEAR = 1 << 29,
    /* Groups of the above. */
    MODIFIERS_PLACE =
        MODIFIER_CONTAINS | MODIFIER_STARTSWITH | MODIFIER_ENDSWITH,
    MODIFIERS_ORDER =
        MODIFIER_LT | MODIFIER_LTE | MODIFIER_GT | MODIFIER_GTE,
    MODIFIERS_FLAGS = MODIFIER_RE_I | MODIFIER_RE_M | MODIFIER_RE_S,
    MODIFIERS_UTF16 = MODIFIER_UTF16LE | MODIFIER_UTF16BE | MODIFIER_UTF16,
    MODIFIERS_BASE64 = MODIFIER_BASE64 | MODIFIER_BASE64OFFSET,
    MODIFIERS_ENCODE = MODIFIERS_UTF16 | MODIFIERS_BASE64,
    MODIFIERS_TIME = MODIFIER_MINUTE | MODIFIER_HOUR | MODIFIER_DAY |
                     MODIFIER_WEEK | MODIFIER_MONTH | MODIFIER_YEAR,
    MODIFIERS_STRING = MODIFIERS_PLACE | MODIFIER_ALL | MODIFIER_NEQ |
                       MODIFIER_CASED | MODIFIER_WINDASH | MODIFIERS_ENCODE,
};

/* A key of a map taken apart. */
struct field_key {
    struct bytes name;  /* Empty for keywords. */
    uint32_t modifiers;
};

/* False, refused, when a modifier is unknown or does not go with another. */
bool field_key_read(struct place *place, const struct yaml_node *node,
                    struct field_key *key);

/* The part of time that MODIFIERS_TIME in `modifiers` name. */
enum time_part modifier_time_part(uint32_t modifiers);
enum comparison modifier_comparison(uint32_t modifiers);
