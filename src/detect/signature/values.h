/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The operands of Suricata keywords, as values: what rule.h is made of. All
 * pointers are owned by the rule set.
 */
#include "net/address.h"

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

/* number & mask == value */
struct flags_value {
    uint8_t mask;
    uint8_t value;
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

bool comparison_holds(enum comparison comparison, uint64_t a, uint64_t b);

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

/* Layers count from the outermost, 0; from the innermost, -1. */
enum { VLAN_LAYER_ANY = 100, VLAN_LAYER_ALL = 101 };

struct vlan_test {
    struct number_range id;
    int8_t layer;
};

enum reputation_side {
    REPUTATION_ANY, REPUTATION_SOURCE, REPUTATION_DESTINATION,
    REPUTATION_BOTH,
};

struct reputation_test {
    uint8_t side;          /* enum reputation_side */
    uint8_t category;
    const struct address_set *addresses; /* For which it holds; not null. */
};

struct rule_metadata {
    const char *key;
    const char *value;
};
