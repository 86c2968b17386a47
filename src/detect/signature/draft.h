/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * A rule while it is read: tests in the order they were written, each with
 * the number of the inspection it belongs to, so that a modifier that comes
 * later ("http_uri") can move one to another buffer. When all options are
 * read and agree with each other, the draft becomes a `struct rule`.
 */
#include "detect/signature/internal.h"

enum {
    RULE_OPTION_MAX = 1024,           /* Of one rule. */
    RULE_CONDITION_MAX = 64,
    RULE_EFFECT_MAX = 32,
    RULE_METADATA_MAX = 128,
    RULE_REFERENCE_MAX = 64,
    RULE_DRAFT_TEST_MAX = 512,        /* Of all inspections. */
    RULE_NAME_SIZE_MAX = 256,         /* Of a variable, a flowbit. */
};

struct draft_inspection {
    enum view_id view;
    uint8_t transform_count;
    bool is_base64;         /* What base64_decode made of it. */
    struct rule_transform transforms[RULE_TRANSFORM_MAX];
};

struct draft_test {
    struct rule_test test;
    uint16_t inspection;
    bool is_decoded;        /* It looks at what base64_decode made. */
};

enum { DRAFT_NONE = -1 };

struct draft {
    struct signature *set;
    const char *file;
    unsigned line;
    const char *keyword;         /* Being read, for remarks. */
    bool negated;                /* '!' stood before its value. */
    struct rule rule;
    struct bytes header;         /* As written. */
    struct bytes options;        /* The same, without the brackets. */
    struct draft_inspection pending; /* A sticky buffer yet without test. */
    bool has_pending;
    bool is_sticky;              /* `current` was named by a sticky buffer. */
    int current;                 /* Inspection tests go to, or DRAFT_NONE. */
    int last_test;
    int last_content;
    unsigned test_count;
    unsigned reference_count;
    const struct rule_class *class; /* Null when it is not known. */
    bool has_message;
    bool has_sid;
    bool has_class;
    bool has_priority;
    bool has_flow;
    bool only_packets;           /* Keywords of single packets were used. */
    bool has_stream_size;
    bool only_stream;
    bool no_stream;
    /* Filled from the front: the counts are above, or in `rule`. */
    struct draft_inspection inspections[RULE_INSPECTION_MAX];
    struct draft_test tests[RULE_DRAFT_TEST_MAX];
    struct rule_condition conditions[RULE_CONDITION_MAX];
    struct rule_effect effects[RULE_EFFECT_MAX];
    struct rule_metadata metadata[RULE_METADATA_MAX];
    const char *references[RULE_REFERENCE_MAX];
    struct bytes variables[RULE_VARIABLE_MAX];
};

/* One keyword of the language: keywords.def. */
struct keyword;
typedef bool keyword_function(struct draft *d, const struct keyword *keyword,
                              struct bytes value);

enum {
    KEYWORD_VALUE = 1,     /* Must have a value. */
    KEYWORD_OPTIONAL = 2,  /* May have one. */
    KEYWORD_QUOTED = 4,    /* It may stand in quotes, which are taken off. */
    KEYWORD_NEGATABLE = 8, /* '!' before it is taken off, and noted. */
    KEYWORD_PACKET = 16,   /* Of a single packet. */
};

struct keyword {
    const char *name;
    keyword_function *read;
    unsigned flags;
    unsigned number;       /* For readers that serve several keywords. */
    const char *text;      /* Another name, or a reason. */
};

#define KEYWORD(name, read, flags, number) keyword_function keyword_##read;
#include "detect/signature/keywords.def"
#undef KEYWORD
keyword_function keyword_buffer;
keyword_function keyword_legacy;
keyword_function keyword_number;
keyword_function keyword_unsupported;

/* Fill the set's table of keywords. */
void keyword_table_init(struct signature *set);
/* "did you mean ...", or null. */
const char *keyword_nearest(struct signature *set, struct bytes name);
const struct keyword *keyword_find(const struct signature *set,
                                   struct bytes name);

/* The next option: up to a ';' that no backslash stands before. */
bool draft_next_option(struct bytes *rest, struct bytes *option);

/* Read one rule, lines joined; what is wrong is remarked. */
void draft_read_rule(struct signature *set, const char *file, unsigned line,
                     struct bytes text);

/* Always false, so that readers can return it. `suggestion` may be null. */
bool draft_refuse(struct draft *d, const char *suggestion, const char *format,
                  ...) PRINTF_LIKE(3, 4);
void draft_warn(struct draft *d, const char *suggestion, const char *format,
                ...) PRINTF_LIKE(3, 4);

/* `text` made printable, cut, in quotes; lives in the scratch arena. */
const char *draft_quote(struct draft *d, struct bytes text);

/* Room for one more, zeroed, or null when the rule has too many (refused). A
 * test goes to the current buffer; a relative one without a sticky buffer, to
 * where the test before it went. */
struct rule_test *draft_add_test(struct draft *d, enum rule_test_kind kind,
                                 bool relative);
struct rule_condition *draft_add_condition(struct draft *d,
                                           enum rule_condition_kind kind);
struct rule_effect *draft_add_effect(struct draft *d,
                                     enum rule_effect_kind kind);

/* A test of this view, whatever buffer is current. */
struct rule_test *draft_add_view_test(struct draft *d, enum view_id view,
                                      enum rule_test_kind kind);

/* The inspection of a view without transformations, made when it is not
 * there; DRAFT_NONE when there are too many (refused). */
int draft_inspection(struct draft *d, enum view_id view);

/* The rule is of this protocol; false when it is of another (refused). */
bool draft_set_application(struct draft *d, const char *application);

/* A variable of byte_extract and byte_math: its number, or DRAFT_NONE. */
int draft_find_variable(const struct draft *d, struct bytes name);
int draft_add_variable(struct draft *d, struct bytes name);

/* Judge the whole and hand it to the set; false when it was refused. */
bool draft_finish(struct draft *d);
