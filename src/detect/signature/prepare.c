/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "base/memory.h"
#include "detect/signature/compiled.h"
#include "detect/signature/compiling.h"
#include "detect/signature/dataset.h"
#include "detect/signature/transform.h"

/* Networks of more addresses than this are no list: their rules are tried on
 * every flow rather than put under each of thousands of intervals. */
static const double list_span_max = 4194304; /* A /10. */

static void add(struct growing *list, uint32_t rule)
{
    if (list->count == list->capacity) {
        list->capacity = list->capacity ? list->capacity * 2 : 16;
        list->rules =
            memory_resize(list->rules, list->capacity, sizeof *list->rules);
    }
    list->rules[list->count++] = rule;
}

static struct rule_list keep(struct arena *arena, struct growing *list)
{
    struct rule_list kept = { .count = list->count };

    kept.rules = arena_allocate(arena, (list->count + 1) * sizeof(uint32_t));
    if (list->count > 0)
        memcpy(kept.rules, list->rules, list->count * sizeof(uint32_t));
    free(list->rules);
    *list = (struct growing){ 0 };
    return kept;
}

static void add_pattern(struct patterns *list, const struct anchor *anchor,
                        uint32_t rule)
{
    if (list->count == list->capacity) {
        list->capacity = list->capacity ? list->capacity * 2 : 16;
        list->patterns = memory_resize(list->patterns, list->capacity,
                                       sizeof *list->patterns);
    }
    list->patterns[list->count++] = (struct gram_pattern){
        anchor->data, anchor->is_nocase, rule
    };
}

static void add_name(struct names *list, const struct anchor *anchor,
                     uint32_t rule)
{
    if (list->count == list->capacity) {
        list->capacity = list->capacity ? list->capacity * 2 : 16;
        list->names =
            memory_resize(list->names, list->capacity, sizeof *list->names);
    }
    list->names[list->count++] = (struct name_rule){ anchor->data, rule };
}

/* The lens of an inspection, made when it is the first of its kind. */
static uint16_t find_lens(struct compiling *c,
                          const struct rule_inspection *inspection)
{
    struct compiled *compiled = c->compiled;
    uint16_t *link = &compiled->view_lens[inspection->view];

    if (inspection->view >= VIEW_NAMED_COUNT)
        return LENS_NONE;
    while (*link != LENS_NONE) {
        struct lens *lens = &compiled->lenses[*link];
        if (transform_equal(lens->transforms, lens->transform_count,
                            inspection->transforms,
                            inspection->transform_count))
            return *link;
        link = &lens->next;
    }
    if (compiled->lens_count == c->lens_capacity)
        return LENS_NONE;
    *link = compiled->lens_count;
    compiled->lenses[compiled->lens_count] = (struct lens){
        .view = inspection->view,
        .transform_count = inspection->transform_count,
        .transforms = inspection->transforms,
        .next = LENS_NONE,
    };
    compiled->wanted_views[inspection->view / 64] |=
        UINT64_C(1) << inspection->view % 64;
    return compiled->lens_count++;
}

static void set_lenses(struct compiling *c, struct compiled_rule *rule)
{
    uint16_t count = rule->rule->inspection_count;
    uint16_t *lenses =
        arena_allocate(&c->compiled->arena, (count + 1u) * sizeof *lenses);

    for (uint16_t i = 0; i < count; i++)
        lenses[i] = find_lens(c, &rule->rule->inspections[i]);
    rule->lenses = lenses;
}

static void place_transaction(struct compiling *c, uint32_t number)
{
    const struct compiled_rule *rule = &c->compiled->rules[number];
    struct anchor anchor;

    anchor_find(rule->rule, &anchor);
    uint16_t lens = rule->rule->inspection_count > 0
                        ? rule->lenses[anchor.inspection]
                        : LENS_NONE;
    for (uint16_t i = 0; !anchor.is_name && !anchor.is_pattern &&
                         i < rule->rule->inspection_count; i++)
        if (lens == LENS_NONE)
            lens = rule->lenses[i];
    if (rule->needs_end || lens == LENS_NONE) {
        add(&c->at_end, number);
    } else if (anchor.is_name) {
        add_name(&c->lens_names[lens], &anchor, number);
        c->compiled->names++;
        return;
    } else if (anchor.is_pattern) {
        add_pattern(&c->lens_patterns[lens], &anchor, number);
        c->compiled->patterns++;
        return;
    } else {
        add(&c->lens_others[lens], number);
    }
    c->compiled->unfiltered++;
}

static void place_by_port(struct compiling *c, uint32_t number)
{
    struct compiled_rule *rule = &c->compiled->rules[number];

    c->compiled->unfiltered++;
    rule->is_always_tried = true;
    for (unsigned class = 0; class < PACKET_CLASS_COUNT; class++) {
        if (!(rule->classes >> class & 1))
            continue;
        bool has_ports = class == CLASS_TCP || class == CLASS_UDP ||
                         class == CLASS_SCTP;
        if (!has_ports || rule->rule->both_ways)
            add(&c->any[class], number);
        else if (rule->rule->destination_ports)
            add(&c->by_destination[class], number);
        else if (rule->rule->source_ports)
            add(&c->by_source[class], number);
        else
            add(&c->any[class], number);
    }
}

/* A rule of a protocol without a pattern. */
static void place_application(struct compiling *c, uint32_t number)
{
    struct compiled *compiled = c->compiled;
    const char *name = compiled->rules[number].rule->application;
    uint32_t at = 0;

    while (at < compiled->application_count &&
           strcmp(compiled->applications[at].application, name) != 0)
        at++;
    if (at == APPLICATION_RULES_MAX) {
        place_by_port(c, number);
        return;
    }
    if (at == compiled->application_count)
        compiled->applications[compiled->application_count++].application =
            name;
    add(&c->applications[at], number);
    compiled->rules[number].is_always_tried = true;
    compiled->unfiltered++;
}

static void place_payload(struct compiling *c, uint32_t number)
{
    const struct compiled_rule *rule = &c->compiled->rules[number];
    struct anchor anchor;

    anchor_find(rule->rule, &anchor);
    if (!anchor.is_pattern && rule->rule->application) {
        place_application(c, number);
        return;
    }
    if (!anchor.is_pattern) {
        place_by_port(c, number);
        return;
    }
    c->compiled->patterns++;
    for (unsigned class = 0; class < PACKET_CLASS_COUNT; class++)
        for (unsigned side = 0; side < 2; side++)
            if (rule->classes >> class & 1 && rule->sides >> side & 1)
                add_pattern(&c->payload[class][side], &anchor, number);
}

static void place_addresses(struct compiling *c, uint32_t number)
{
    const struct rule *rule = c->compiled->rules[number].rule;
    double source = address_set_span(rule->source);
    double destination = address_set_span(rule->destination);

    if (rule->both_ways ||
        (source > list_span_max && destination > list_span_max))
        add(&c->everywhere, number);
    else if (source <= destination)
        c->sources[c->source_count++] =
            (struct range_rule){ rule->source, number };
    else
        c->destinations[c->destination_count++] =
            (struct range_rule){ rule->destination, number };
}

static void place(struct compiling *c, uint32_t number)
{
    const struct compiled_rule *rule = &c->compiled->rules[number];

    switch ((enum judged_on)rule->judged_on) {
    case JUDGED_ADDRESS:
        place_addresses(c, number);
        return;
    case JUDGED_EVENT:
        add(&c->events, number);
        return;
    case JUDGED_DISCOVERY:
        add(&c->discoveries, number);
        return;
    case JUDGED_TRANSACTION:
        place_transaction(c, number);
        return;
    case JUDGED_PACKET:
    case JUDGED_STREAM:
        break;
    }
    if (rule->rule->inspection_count > 0)
        place_payload(c, number);
    else if (rule->rule->application)
        place_application(c, number);
    else
        place_by_port(c, number);
}

static void finish_lenses(struct compiling *c)
{
    struct compiled *compiled = c->compiled;

    for (uint16_t i = 0; i < compiled->lens_count; i++) {
        struct lens *lens = &compiled->lenses[i];
        lens->filter = gram_filter_new(c->lens_patterns[i].patterns,
                                       c->lens_patterns[i].count);
        lens->names =
            name_set_new(c->lens_names[i].names, c->lens_names[i].count);
        lens->others = keep(&compiled->arena, &c->lens_others[i]);
        free(c->lens_patterns[i].patterns);
        free(c->lens_names[i].names);
    }
}

static void finish_classes(struct compiling *c)
{
    struct compiled *compiled = c->compiled;
    struct arena *arena = &compiled->arena;

    for (unsigned i = 0; i < PACKET_CLASS_COUNT; i++) {
        struct class_rules *class = &compiled->classes[i];
        class->any = keep(arena, &c->any[i]);
        struct rule_list list = keep(arena, &c->by_destination[i]);
        port_index_build(&class->by_destination, arena, compiled->rules,
                         &list, false);
        list = keep(arena, &c->by_source[i]);
        port_index_build(&class->by_source, arena, compiled->rules, &list,
                         true);
        for (unsigned side = 0; side < 2; side++) {
            struct patterns *patterns = &c->payload[i][side];
            class->payload[side] =
                gram_filter_new(patterns->patterns, patterns->count);
            free(patterns->patterns);
        }
    }
}

static void finish(struct compiling *c)
{
    struct compiled *compiled = c->compiled;
    struct arena *arena = &compiled->arena;

    finish_lenses(c);
    finish_classes(c);
    compiled->sources = range_index_new(c->sources, c->source_count);
    compiled->destinations =
        range_index_new(c->destinations, c->destination_count);
    compiled->everywhere = keep(arena, &c->everywhere);
    compiled->events = keep(arena, &c->events);
    compiled->discoveries = keep(arena, &c->discoveries);
    compiled->at_end = keep(arena, &c->at_end);
    for (uint32_t i = 0; i < compiled->application_count; i++)
        compiled->applications[i].list = keep(arena, &c->applications[i]);
    free(c->sources);
    free(c->destinations);
    free(c->lens_patterns);
    free(c->lens_names);
    free(c->lens_others);
}

static struct compiling *compiling_new(struct compiled *compiled,
                                       const struct rule **rules, size_t count)
{
    struct compiling *c = memory_new(1, sizeof *c);
    size_t inspections = 0;

    for (size_t i = 0; i < count; i++)
        inspections += rules[i]->inspection_count;
    c->compiled = compiled;
    c->lens_capacity =
        inspections < LENS_NONE ? (uint16_t)inspections : LENS_NONE - 1;
    compiled->lenses =
        memory_new(c->lens_capacity + 1u, sizeof *compiled->lenses);
    c->lens_patterns =
        memory_new(c->lens_capacity + 1u, sizeof *c->lens_patterns);
    c->lens_names = memory_new(c->lens_capacity + 1u, sizeof *c->lens_names);
    c->lens_others = memory_new(c->lens_capacity + 1u, sizeof *c->lens_others);
    c->sources = memory_new(count + 1, sizeof *c->sources);
    c->destinations = memory_new(count + 1, sizeof *c->destinations);
    for (size_t i = 0; i < VIEW_ID_COUNT; i++)
        compiled->view_lens[i] = LENS_NONE;
    return c;
}

static void note_sets(struct compiled *compiled, const struct rule *rule)
{
    const struct address_set *sets[] = { rule->source, rule->destination };

    for (size_t i = 0; i < COUNT_OF(sets); i++)
        if (sets[i] && sets[i]->index >= compiled->address_set_count)
            compiled->address_set_count = sets[i]->index + 1;
}

static void make_room(const struct rule *rule)
{
    for (uint16_t i = 0; i < rule->inspection_count; i++)
        for (uint16_t k = 0; k < rule->inspections[i].test_count; k++) {
            const struct rule_test *test = &rule->inspections[i].tests[k];
            if (test->kind == TEST_DATASET &&
                test->dataset.action == BITS_SET)
                dataset_make_room(test->dataset.set);
        }
}

struct compiled *compiled_new(const struct rule *const *rules, size_t count)
{
    struct compiled *compiled = memory_new(1, sizeof *compiled);
    const struct rule **ordered = memory_new(count + 1, sizeof *ordered);

    check(count < UINT32_MAX);
    arena_init(&compiled->arena);
    for (size_t i = 0; i < count; i++)
        ordered[i] = rules[i];
    compiled_order(ordered, count);
    struct compiling *c = compiling_new(compiled, ordered, count);
    compiled->rules = memory_new(count + 1, sizeof *compiled->rules);
    compiled->rule_count = (uint32_t)count;
    for (uint32_t i = 0; i < count; i++) {
        rule_study(ordered[i], &compiled->rules[i]);
        set_lenses(c, &compiled->rules[i]);
        note_sets(compiled, ordered[i]);
        make_room(ordered[i]);
        place(c, i);
    }
    finish(c);
    free(c);
    free(ordered);
    return compiled;
}

void compiled_free(struct compiled *compiled)
{
    if (!compiled)
        return;
    for (uint16_t i = 0; i < compiled->lens_count; i++) {
        gram_filter_free(compiled->lenses[i].filter);
        name_set_free(compiled->lenses[i].names);
    }
    for (unsigned i = 0; i < PACKET_CLASS_COUNT; i++)
        for (unsigned side = 0; side < 2; side++)
            gram_filter_free(compiled->classes[i].payload[side]);
    range_index_free(compiled->sources);
    range_index_free(compiled->destinations);
    free(compiled->lenses);
    free(compiled->rules);
    arena_clear(&compiled->arena);
    free(compiled);
}

size_t compiled_memory(const struct compiled *compiled)
{
    size_t size = sizeof *compiled +
                  compiled->rule_count * sizeof *compiled->rules +
                  range_index_memory(compiled->sources) +
                  range_index_memory(compiled->destinations);

    for (uint16_t i = 0; i < compiled->lens_count; i++)
        size += sizeof(struct lens) +
                gram_filter_memory(compiled->lenses[i].filter) +
                name_set_memory(compiled->lenses[i].names);
    for (unsigned i = 0; i < PACKET_CLASS_COUNT; i++)
        for (unsigned side = 0; side < 2; side++)
            size += gram_filter_memory(compiled->classes[i].payload[side]);
    return size;
}
