/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What the files of this room share: the compiled form of a rule set. All of
 * it lives in the set's arena, is written while loading and read while
 * matching.
 *
 * A detection is a row of tests, each with the place to go on at when it holds
 * and when it does not. Places only ever lie ahead, so a row ends.
 */
#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include "detect/behaviour/behaviour.h"
#include "detect/behaviour/pattern.h"
#include "detect/behaviour/yaml.h"

enum {
    RULE_TEST_MAX = 16384,      /* Places are 16 bits wide. */
    RULE_ACCEPT = UINT16_MAX,
    RULE_REJECT = UINT16_MAX - 1,
    TYPE_FIELD_MAX = 256,       /* Fields that rules of one type look at. */
    COMMON_FIELD_MAX = 32,
    REGEX_SIZE_MAX = 4096,
    REGEX_MATCH_LIMIT = 20000,  /* Steps before a match is given up. */
    CORRELATION_RULE_MAX = 16,
    CORRELATION_GROUP_MAX = 8,
    CORRELATION_VALUE_MAX = 4,
    CORRELATION_COUNT_MAX = 1024, /* Counted one by one; see correlate.c. */
};

enum test_op {
    TEST_EXISTS,
    TEST_NUMBER,
    TEST_REAL,
    TEST_NETWORK,
    TEST_MAC,
    TEST_TIME,
    TEST_TEXT,
    TEST_REFERENCE,
    TEST_REGEX,
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

/* A detection while it is being read. */
enum expression_kind {
    EXPRESSION_TEST,
    EXPRESSION_AND,
    EXPRESSION_OR,
    EXPRESSION_NOT,
};

struct expression {
    enum expression_kind kind;
    unsigned cost;
    size_t tests;               /* In all below. */
    struct test test;
    struct expression *first;
    struct expression *last;
    struct expression *next;
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

/* Where a reader stands: what a refusal needs to say. */
struct place {
    struct behaviour *behaviour;
    const char *file;
    const char *title;          /* Null until it is known. */
    enum event_type type;
    bool refused;
};

/* Collect a refusal; answers false so that readers can end with it. */
bool place_refuse(struct place *place, unsigned line, const char *format, ...)
    PRINTF_LIKE(3, 4);

/* Printable text for messages, shortened; lives as long as the set. */
const char *place_quote(struct place *place, struct bytes text);

/* field.c */
enum event_field field_find(enum event_type type, struct bytes name);
const char *field_suggest(struct place *place, struct bytes name);
const char *nearest_name(struct bytes name, const char *const *names,
                         size_t count);
struct bytes value_render(const struct event_value *value,
                          enum event_kind kind, char text[64]);

/* selection.c, value.c, condition.c, program.c: null or false: refused. */
struct expression *expression_new(struct arena *arena,
                                  enum expression_kind kind);
void expression_add(struct expression *parent, struct expression *child);
struct expression *expression_not(struct arena *arena,
                                  struct expression *child);
void expression_order(struct expression *parent);
struct expression *selection_read(struct place *place,
                                  const struct yaml_node *node);
struct expression *field_read(struct place *place,
                              const struct yaml_node *node);
struct expression *condition_read(struct place *place,
                                  const struct yaml_node *detection);
bool program_build(struct place *place, const struct expression *expression,
                   struct rule *rule, unsigned line);
void type_index_build(struct behaviour *behaviour, enum event_type type);

/* logsource.c, document.c, correlation.c, digest.c */
bool logsource_read(struct place *place, const struct yaml_node *node,
                    enum event_type *type);
void document_read(struct place *place, const struct yaml_node *root);
struct correlation *correlation_read(struct place *place,
                                     const struct yaml_node *root);
void correlation_resolve(struct behaviour *behaviour);
struct bytes canonical_text(struct arena *arena, const struct yaml_node *root);
const char *digest_of(struct arena *arena, struct bytes canonical);

/* match.c: does one value satisfy a test? Also asked while compiling. */
struct matcher {
    const struct event *event;
    const struct type_index *index;
    pcre2_match_data *match_data;
    pcre2_match_context *match_context;
    uint64_t regex_stopped;
    uint16_t first[TYPE_FIELD_MAX]; /* Of a slot: position plus one. */
    uint16_t last[TYPE_FIELD_MAX];
    struct event_value common[COMMON_FIELD_MAX];
    uint8_t common_state[COMMON_FIELD_MAX];
    char protocol[16];
};

bool value_matches(struct matcher *matcher, const struct test *test,
                   const struct event_value *value);
void matcher_begin(struct matcher *matcher, const struct type_index *index,
                   const struct event *event);
bool matcher_run(struct matcher *matcher, const struct test *tests);
bool common_value(const struct event *event, enum event_field field,
                  char protocol[16], struct event_value *value);

/* groups.c */
struct groups;
struct groups *groups_new(const struct behaviour *behaviour,
                          struct evidence_store *store);
void groups_free(struct groups *groups);
