/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The values that STIX patterns compare: literals of a pattern, and what was
 * observed. Text and binary values are views that somebody else owns.
 */
#include "base/bytes.h"
#include "base/compiler.h"

enum stix_kind {
    STIX_NULL,
    STIX_FLAG,
    STIX_INTEGER,
    STIX_REAL,
    STIX_TEXT,
    STIX_BINARY, /* h'...', b'...', and properties named _hex or _bin. */
    STIX_TIME,
};

/* Seconds since 1970-01-01 UTC: nanoseconds alone would end in 2262. */
struct stix_time {
    int64_t seconds;
    uint32_t nanoseconds;
};

struct stix_value {
    enum stix_kind kind;
    union {
        bool flag;
        int64_t integer;
        double real;
        struct bytes text; /* TEXT and BINARY. */
        struct stix_time time;
    };
};

/* "2026-01-31T23:59:59.123Z" and nothing else (STIX 2.1 section 2.16 and the
 * grammar's TimestampLiteral, which asks no day of its month). */
bool stix_time_parse(struct bytes text, struct stix_time *time);
int stix_time_compare(struct stix_time a, struct stix_time b);

/* Nanoseconds since 1970, held to what 64 bits can say. */
int64_t stix_time_ns(struct stix_time time);

/* How two values stand to each other. */
enum stix_order {
    STIX_LESS = -1,
    STIX_EQUAL = 0,
    STIX_MORE = 1,
    STIX_UNLIKE,  /* Of kinds that are never equal and have no order. */
    STIX_INVALID, /* A text beside a time that is no time. */
};

/* Numbers compare as numbers, text by code points, text with binary when all
 * of it is below U+0100 (9.6 of STIX 2.1, as the OASIS matcher has it). */
enum stix_order stix_compare(const struct stix_value *a,
                             const struct stix_value *b);
