/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The operands of Suricata keywords, as values: what rule.h is made of. All
 * pointers are owned by the rule set.
 */
#include "net/address.h"

struct pcre2_real_code_8;

/* low <= n <= high, both included; negation is the condition's. */
struct number_range {
    uint64_t low;
    uint64_t high;
};

/* Addresses as disjoint ranges in order (IPv4 mapped), negations resolved.
 * Equal sets are one object: compare pointers. */
struct address_range {
    struct ip low;
    struct ip high;
};

struct address_set {
    const struct address_range *ranges;
    uint32_t count;
    uint32_t index;   /* Of the set in its rule set: for memory of answers. */
};

struct port_range {
    uint16_t low;
    uint16_t high;
};

struct port_set {
    const struct port_range *ranges;
    uint32_t count;
    uint32_t index;
};

enum flags_match {
    FLAGS_EXACT, /* these and no others */
    FLAGS_ALL,   /* '+': these, and any others */
    FLAGS_ANY,   /* '*': any of these */
    FLAGS_NOT,   /* '!': none of these */
};

struct flags_test {
    uint8_t match;  /* enum flags_match */
    uint8_t flags;  /* TCP flags, or fragment bits (4 M, 2 D, 1 R). */
    uint8_t ignored; /* Not looked at: "S,12". */
};

enum stream_size_side { SIZE_SERVER, SIZE_CLIENT, SIZE_BOTH, SIZE_EITHER };

struct stream_size_test {
    uint8_t side;
    struct number_range size;
};

enum bits_action {
    BITS_SET, BITS_UNSET, BITS_TOGGLE, BITS_IS_SET, BITS_IS_NOT_SET,
};

enum bits_track {
    BITS_TRACK_FLOW, BITS_TRACK_SOURCE, BITS_TRACK_DESTINATION,
    BITS_TRACK_PAIR, BITS_TRACK_TRANSACTION,
};

/* flowbits:isset,a|b holds for any of its names. */
struct bits_test {
    uint8_t action;        /* enum bits_action */
    uint8_t track;         /* enum bits_track */
    uint16_t count;
    const uint16_t *bits;  /* Numbers of names, by rule set. */
    uint32_t expires_s;    /* xbits */
};

enum integer_action {
    INTEGER_SET, INTEGER_ADD, INTEGER_SUBTRACT, INTEGER_COMPARE,
    INTEGER_IS_SET, INTEGER_IS_NOT_SET,
};

enum comparison { IS_EQUAL, IS_NOT_EQUAL, IS_LESS, IS_LESS_OR_EQUAL,
                  IS_GREATER, IS_GREATER_OR_EQUAL };

struct integer_test {
    uint8_t action;        /* enum integer_action */
    uint8_t comparison;    /* enum comparison */
    uint16_t variable;     /* Number of its name. */
    bool has_other;        /* The operand is another variable: */
    uint16_t other;
    uint32_t value;
};

struct checksum_test {
    uint8_t protocol;      /* IP_PROTOCOL_..., 0 for the IPv4 header */
    uint8_t ip_version;
    bool wants_valid;
};

struct counter_test {
    uint8_t side;          /* enum stream_size_side */
    struct number_range value;
};

struct reputation_test {
    uint8_t side;          /* 0 any, 1 source, 2 destination, 3 both */
    uint8_t comparison;    /* enum comparison */
    uint8_t category;
    uint8_t score;
};

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
    struct operand count;  /* Bytes read: 1 to 8, of text up to 23. */
    struct operand offset;
    struct operand value;  /* Compared with, or math's right side. */
    uint8_t form;          /* enum byte_form */
    uint8_t operator;      /* enum byte_operator */
    bool is_little_endian;
    bool is_dce;           /* Order as the DCE/RPC header says. */
    bool operator_negated;
    uint64_t bitmask;      /* 0 for none; the result is shifted down. */
    uint32_t multiplier;   /* byte_jump, byte_extract */
    int32_t post_offset;   /* byte_jump */
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

struct rule_metadata {
    const char *key;
    const char *value;
};
