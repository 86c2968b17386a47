/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * A correlation as it is read and then resolved: what it refers to, what it
 * groups by, and when it fires. Lives in the set's arena.
 */
#include "detect/behaviour/rule.h"

enum {
    CORRELATION_RULE_MAX = 16,
    CORRELATION_GROUP_MAX = 8,
    CORRELATION_VALUE_MAX = 4,
    CORRELATION_COUNT_MAX = 1024, /* Counted one by one; see correlate.c. */
};

enum correlation_type {
    CORRELATION_EVENT_COUNT,
    CORRELATION_VALUE_COUNT,
    CORRELATION_TEMPORAL,
    CORRELATION_TEMPORAL_ORDERED,
};

/* The fields to group by and count, as events of one type have them. */
struct binding {
    struct binding *next;
    enum event_type type;
    uint16_t group[CORRELATION_GROUP_MAX];
    uint16_t value[CORRELATION_VALUE_MAX];
};

/* What an alias stands for in the events of one rule. */
struct alias {
    struct bytes name;
    struct bytes rule;
    struct bytes field;
};

/* One rule that a correlation refers to. */
struct reference {
    struct bytes name;
    struct rule *rule;
    struct binding *bindings;
    unsigned line;
};

struct correlation {
    enum correlation_type type;
    struct rule *rule;
    struct reference references[CORRELATION_RULE_MAX];
    size_t reference_count;
    struct bytes group[CORRELATION_GROUP_MAX];
    size_t group_count;
    struct bytes value[CORRELATION_VALUE_MAX];
    size_t value_count;
    struct alias *aliases;
    size_t alias_count;
    int64_t timespan_ns;
    uint64_t threshold;         /* Fires when this is reached ... */
    uint64_t ceiling;           /* ... and not past this. */
    bool generate;
    bool is_once;               /* `eq`: not again as the count grows. */
    bool is_resolved;
    bool is_visited;            /* While looking for circles. */
    struct bytes canonical;
    unsigned line;
    size_t order;               /* After all it refers to. */
};
