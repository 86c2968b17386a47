/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What the tests of a rule look for in a buffer, as values: the other half of
 * values.h. All pointers are owned by the rule set.
 */
#include "base/bytes.h"

struct pcre2_real_code_8;

/* Where a number comes from: itself, or a variable of byte_extract. */
struct operand {
    bool is_variable;
    uint8_t variable;
    int64_t value;
};

struct content_test {
    struct bytes data;     /* Lower case with is_nocase. */
    bool is_nocase;
    bool has_depth;        /* From the start of the buffer. */
    bool has_offset;
    bool has_distance;     /* From the end of the last match. */
    bool has_within;
    bool starts;           /* startswith */
    bool ends;             /* endswith */
    struct operand depth;
    struct operand offset;
    struct operand distance;
    struct operand within;
    bool is_fast;          /* fast_pattern, or chosen to be it */
    bool is_fast_only;
    uint16_t fast_offset;  /* fast_pattern:offset,length */
    uint16_t fast_size;
};

struct pcre_test {
    struct pcre2_real_code_8 *code; /* JIT compiled where it can be. */
    const char *text;
    uint32_t capture_count;
    bool from_start;       /* 'R' is the test's relative; 'A' anchors. */
    uint8_t variable_count; /* (?P<name>...) or flow:name captures */
};

struct position_test {     /* isdataat */
    struct operand at;
};

enum byte_form {
    BYTE_BINARY, BYTE_HEX, BYTE_DECIMAL, BYTE_OCTAL,
};

enum byte_operator {
    BYTE_IS_LESS, BYTE_IS_GREATER, BYTE_IS_EQUAL, BYTE_AND, BYTE_OR,
    BYTE_IS_LESS_OR_EQUAL, BYTE_IS_GREATER_OR_EQUAL,
    BYTE_ADD, BYTE_SUBTRACT, BYTE_MULTIPLY, BYTE_DIVIDE,
    BYTE_SHIFT_LEFT, BYTE_SHIFT_RIGHT,
};

struct byte_test {
    struct operand count;  /* Bytes read: 1 to 8, of text up to 23, with 0
                            * for all digits that stand there. */
    struct operand offset;
    struct operand value;  /* Compared with, or math's right side. */
    uint8_t form;          /* enum byte_form */
    uint8_t operator;      /* enum byte_operator */
    bool is_little_endian;
    bool is_dce;           /* Order as the DCE/RPC header says. */
    bool operator_negated;
    uint64_t bitmask;      /* 0 for none; the result is shifted down. */
    uint32_t multiplier;   /* byte_jump, byte_extract */
    int32_t post_offset;   /* byte_jump; or that variable's value: */
    bool has_post_variable;
    uint8_t post_variable;
    uint8_t align;         /* 0, 2 or 4 */
    bool from_beginning;   /* byte_jump */
    bool from_end;
    uint8_t result;        /* Variable written, _extract and _math. */
};

struct base64_test {
    uint32_t bytes;        /* Encoded bytes at most; 0 for all. */
    uint32_t offset;
};

struct dataset;            /* A named set of values: dataset.h */

struct dataset_test {
    struct dataset *set;
    uint8_t action;        /* enum bits_action: SET, UNSET, IS_SET... */
    bool is_reputation;    /* datarep: the value is compared. */
    uint8_t comparison;
    uint16_t value;
};
