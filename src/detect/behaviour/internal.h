/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What the files of this room share: how they refuse, the tree a detection is
 * while it is read, and the functions that one file has for the others.
 */
#include "detect/behaviour/correlation.h"
#include "detect/behaviour/rule.h"
#include "detect/behaviour/yaml.h"

/* Where a reader stands: what a refusal needs to say. */
struct place {
    struct behaviour *behaviour;
    const char *file;
    const char *title;          /* Null until it is known. */
    enum event_type type;
    bool refused;
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
    const struct event_value *first[TYPE_FIELD_MAX]; /* By slot. */
    const struct event_value *last[TYPE_FIELD_MAX];
    struct event_value common[COMMON_FIELD_MAX];
    char protocol[16];
};

bool value_matches(struct matcher *matcher, const struct test *test,
                   const struct event_value *value);
void matcher_prepare(struct type_index *index);
void matcher_begin(struct matcher *matcher, const struct type_index *index,
                   const struct event *event);
bool matcher_run(struct matcher *matcher, const struct test *tests);
bool compare_numbers(enum comparison compare, uint64_t a, uint64_t b);
const struct event_value *first_value(struct matcher *matcher, uint16_t slot);
const struct event_value *next_value(const struct matcher *matcher,
                                     uint16_t slot,
                                     const struct event_value *value);
bool common_value(const struct event *event, enum event_field field,
                  char protocol[16], struct event_value *value);

/* special.c */
bool special_holds(struct matcher *matcher, const struct test *test);
bool regex_matches(struct matcher *matcher, const struct test *test,
                   const struct event_value *value);
bool rendered_matches(const struct test *test,
                      const struct event_value *value);

/* groups.c */
struct groups;
struct groups *groups_new(const struct behaviour *behaviour,
                          struct evidence_store *store);
void groups_free(struct groups *groups);
