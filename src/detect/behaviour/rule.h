/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The compiled form of a rule set. All of it lives in the set's arena, is
 * written while loading and read while matching.
 *
 * A detection is a row of tests, each with the place to go on at when it holds
 * and when it does not. Places only ever lie ahead, so a row ends.
 */
#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include "detect/behaviour/behaviour.h"
#include "detect/behaviour/pattern.h"

enum {
    RULE_TEST_MAX = 16384,      /* Places are 16 bits wide. */
    RULE_ACCEPT = UINT16_MAX,
    RULE_REJECT = UINT16_MAX - 1,
    TYPE_FIELD_MAX = 256,       /* Fields that rules of one type look at. */
    COMMON_FIELD_MAX = 32,
    REGEX_SIZE_MAX = 4096,
    REGEX_MATCH_LIMIT = 20000,  /* Steps before a match is given up. */
};

struct correlation;

enum test_op {
    TEST_EXISTS,
    TEST_NUMBER,
    TEST_REAL,
    TEST_NETWORK,
    TEST_MAC,
    TEST_TEXT,
    TEST_REGEX,
    TEST_SPECIAL,               /* From here on not of one field's values. */
    TEST_TIME = TEST_SPECIAL,
    TEST_REFERENCE,
    TEST_KEYWORD,
    TEST_KEYWORD_REGEX,
};

enum comparison {
    COMPARE_EQUAL,
    COMPARE_LESS,
    COMPARE_LESS_EQUAL,
    COMPARE_MORE,
    COMPARE_MORE_EQUAL,
};

enum time_part {
    TIME_MINUTE,
    TIME_HOUR,
    TIME_DAY,
    TIME_WEEK,
    TIME_MONTH,
    TIME_YEAR,
};

struct test {
    uint8_t op;                 /* enum test_op */
    uint8_t compare;            /* enum comparison */
    uint8_t kind;               /* enum event_kind of the field */
    uint8_t detail;             /* time_part; pattern_kind of a reference */
    bool cased;                 /* Of a reference. */
    uint16_t field;             /* event_field; once compiled, its slot. */
    uint16_t other;             /* The same for what is referred to. */
    uint16_t on_true;
    uint16_t on_false;
    union {
        uint64_t number;
        double real;
        struct ip_prefix network;
        struct mac mac;
        const struct pattern *pattern;
        const pcre2_code *regex;
    };
};

struct rule {
    struct detection detection;
    const char *name;           /* The Sigma `name`, or null. */
    struct correlation *correlation; /* Null for a plain rule. */
    enum event_type type;       /* Of a plain rule. */
    struct test *tests;
    size_t test_count;
    bool is_refused;            /* A correlation that did not resolve. */
    bool has_level;
    bool is_silent;             /* Only correlations hear of it. */
    bool is_referred;
    size_t index;
};

struct compiled_rule {
    struct rule *rule;
    uint32_t first_test;
};

/* All that is tested of events of one type. */
struct type_index {
    struct compiled_rule *rules;
    size_t rule_count;
    struct test *tests;
    uint16_t *slot_of;          /* By event_field; 0 when nobody looks. */
    uint16_t fields[TYPE_FIELD_MAX]; /* By slot, from 1. */
    bool is_common[TYPE_FIELD_MAX];
    const struct event_value *initial[TYPE_FIELD_MAX]; /* See match.c. */
    size_t slot_count;          /* One more than the last slot. */
    bool wants_unanswered;
};

struct behaviour {
    struct arena arena;
    struct arena scratch;       /* Of the file being read. */
    struct rule **rules;
    size_t rule_count;
    size_t rule_capacity;
    struct behaviour_refusal *refusals;
    size_t refusal_count;
    size_t refusal_capacity;
    pcre2_code **regexes;       /* To be freed. */
    size_t regex_count;
    size_t regex_capacity;
    pcre2_compile_context *regex_context;
    struct type_index types[EVENT_TYPE_COUNT];
    struct correlation **correlations; /* Each after what it refers to. */
    size_t correlation_count;
    size_t correlation_order;   /* Of the next one to be resolved. */
    struct arena compiled;      /* Rebuilt by each behaviour_compile(). */
};
