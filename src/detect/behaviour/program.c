/* SPDX-License-Identifier: Apache-2.0 */
/* From the tree to the row of tests, and from rules to one index a type. */
#include <string.h>

#include "base/check.h"
#include "detect/behaviour/internal.h"

/* Where to go on when a part of the tree is decided. */
struct targets {
    uint16_t on_true;
    uint16_t on_false;
};

static void emit(struct test *tests, uint16_t at,
                 const struct expression *expression, struct targets targets);

/* Each part goes on to the next until one of them decides. */
static void emit_list(struct test *tests, uint16_t at,
                      const struct expression *list, struct targets targets)
{
    bool is_and = list->kind == EXPRESSION_AND;

    for (const struct expression *e = list->first; e; e = e->next) {
        uint16_t next = (uint16_t)(at + e->tests);
        struct targets inner = targets;
        if (e->next && is_and)
            inner.on_true = next;
        else if (e->next)
            inner.on_false = next;
        emit(tests, at, e, inner);
        at = next;
    }
}

/* Depth is bounded by what the condition and YAML may nest. */
static void emit(struct test *tests, uint16_t at,
                 const struct expression *expression, struct targets targets)
{
    switch (expression->kind) {
    case EXPRESSION_TEST:
        tests[at] = expression->test;
        tests[at].on_true = targets.on_true;
        tests[at].on_false = targets.on_false;
        break;
    case EXPRESSION_NOT:
        emit(tests, at, expression->first,
             (struct targets){ targets.on_false, targets.on_true });
        break;
    case EXPRESSION_AND:
    case EXPRESSION_OR:
        emit_list(tests, at, expression, targets);
        break;
    }
}

bool program_build(struct place *place, const struct expression *expression,
                   struct rule *rule, unsigned line)
{
    if (expression->tests > RULE_TEST_MAX)
        return place_refuse(place, line,
                            "the rule makes %zu comparisons; at most %d "
                            "are kept", expression->tests, RULE_TEST_MAX);
    rule->test_count = expression->tests;
    rule->tests = arena_allocate_zeroed(&place->behaviour->arena,
                                        rule->test_count,
                                        sizeof *rule->tests);
    emit(rule->tests, 0, expression,
         (struct targets){ RULE_ACCEPT, RULE_REJECT });
    return true;
}

/* The slot of a field, a new one when it has none; 0 when all are taken. */
static uint16_t slot_of(struct type_index *index, uint16_t field)
{
    if (index->slot_of[field] == 0 && index->slot_count < TYPE_FIELD_MAX) {
        index->fields[index->slot_count] = field;
        index->is_common[index->slot_count] =
            event_field_info((enum event_field)field)->event ==
            (uint8_t)EVENT_COMMON;
        index->slot_of[field] = (uint16_t)index->slot_count++;
    }
    return index->slot_of[field];
}

static bool has_field(const struct test *test)
{
    return test->op != TEST_TIME && test->op != TEST_KEYWORD &&
           test->op != TEST_KEYWORD_REGEX;
}

/*
 * Can the rule match a flow that nobody answered? Tests of the two fields that
 * say so are decided; of every other test both ends are followed. Places lie
 * ahead, so one pass finds all that can be reached.
 */
static bool may_match_unanswered(struct arena *arena, const struct rule *rule)
{
    enum event_field state =
        event_field_find(EVENT_FLOW, bytes_of_text("flow.state"));
    enum event_field answered =
        event_field_find(EVENT_FLOW, bytes_of_text("flow.answered"));
    bool *reached =
        arena_allocate_zeroed(arena, rule->test_count, sizeof *reached);
    struct event_value value = { .text = bytes_of_text("new") };
    struct matcher *matcher =
        arena_allocate_zeroed(arena, 1, sizeof *matcher);
    bool accepts = false;

    reached[0] = true;
    for (size_t i = 0; i < rule->test_count; i++) {
        const struct test *test = &rule->tests[i];
        bool is_state = test->field == state && test->op == TEST_TEXT;
        bool is_answered =
            test->field == answered && test->op == TEST_NUMBER;
        if (!reached[i])
            continue;
        bool holds = is_state ? value_matches(matcher, test, &value)
                              : test->number == 0;
        bool is_known = is_state || is_answered;
        uint16_t ends[2] = { test->on_true, test->on_false };
        for (size_t e = 0; e < 2; e++) {
            if (is_known && holds != (e == 0))
                continue;
            if (ends[e] < RULE_REJECT)
                reached[ends[e]] = true;
            accepts = accepts || ends[e] == RULE_ACCEPT;
        }
    }
    return accepts;
}

static bool fill(struct type_index *index, const struct rule *rule,
                 struct test *tests)
{
    memcpy(tests, rule->tests, rule->test_count * sizeof *tests);
    for (size_t i = 0; i < rule->test_count; i++) {
        if (!has_field(&tests[i]))
            continue;
        tests[i].field = slot_of(index, tests[i].field);
        if (tests[i].op == TEST_REFERENCE)
            tests[i].other = slot_of(index, tests[i].other);
        if (tests[i].field == 0)
            return false;
    }
    return true;
}

static bool belongs(const struct rule *rule, enum event_type type)
{
    return !rule->correlation && rule->type == type;
}

void type_index_build(struct behaviour *behaviour, enum event_type type)
{
    struct arena *arena = &behaviour->compiled;
    struct type_index *index = &behaviour->types[type];
    size_t tests = 0;
    size_t rules = 0;

    for (size_t i = 0; i < behaviour->rule_count; i++) {
        if (belongs(behaviour->rules[i], type)) {
            tests += behaviour->rules[i]->test_count;
            rules++;
        }
    }
    *index = (struct type_index){ .slot_count = 1 };
    if (rules == 0)
        return;
    index->rules = arena_allocate_zeroed(arena, rules, sizeof *index->rules);
    index->tests = arena_allocate_zeroed(arena, tests, sizeof *index->tests);
    index->slot_of =
        arena_allocate_zeroed(arena, FIELD_COUNT, sizeof *index->slot_of);
    tests = 0;
    for (size_t i = 0; i < behaviour->rule_count; i++) {
        struct rule *rule = behaviour->rules[i];
        if (!belongs(rule, type))
            continue;
        /* No type has as many fields as there are slots. */
        check(fill(index, rule, index->tests + tests));
        index->rules[index->rule_count++] =
            (struct compiled_rule){ rule, (uint32_t)tests };
        tests += rule->test_count;
        if (type == EVENT_FLOW && may_match_unanswered(arena, rule))
            index->wants_unanswered = true;
    }
    matcher_prepare(index);
}
