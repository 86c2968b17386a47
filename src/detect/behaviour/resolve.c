/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What correlations refer to, once all files are loaded: the rules, and for
 * each type of event that can reach a correlation the fields it groups by.
 * Each correlation is resolved after those it refers to; circles are refused.
 */
#include <stdlib.h>

#include "base/memory.h"
#include "base/writer.h"
#include "detect/behaviour/internal.h"

enum { CHAIN_DEPTH_MAX = 16 }; /* Correlations of correlations. */

static bool resolve(struct behaviour *behaviour,
                    struct correlation *correlation, unsigned depth);

static struct place place_of(struct behaviour *behaviour,
                             const struct rule *rule)
{
    return (struct place){ .behaviour = behaviour,
                           .file = rule->detection.source,
                           .title = rule->detection.title };
}

static struct rule *find_rule(const struct behaviour *behaviour,
                              struct bytes name)
{
    for (size_t i = 0; i < behaviour->rule_count; i++) {
        struct rule *rule = behaviour->rules[i];
        if (bytes_equal(bytes_of_text(rule->detection.id), name) ||
            (rule->name && bytes_equal(bytes_of_text(rule->name), name)))
            return rule;
    }
    return NULL;
}

/* The field that `name` stands for in the events of one rule. */
static struct bytes through_alias(const struct correlation *correlation,
                                  const struct reference *reference,
                                  struct bytes name)
{
    for (size_t i = 0; i < correlation->alias_count; i++) {
        const struct alias *alias = &correlation->aliases[i];
        bool is_rule =
            bytes_equal(alias->rule, reference->name) ||
            (reference->rule->name &&
             bytes_equal(alias->rule, bytes_of_text(reference->rule->name)));
        if (is_rule && bytes_equal(alias->name, name))
            return alias->field;
    }
    return name;
}

/* One field for one type; false, refused, when that has none. */
static bool bind_field(struct place *place,
                       const struct correlation *correlation,
                       const struct reference *reference, struct bytes name,
                       uint16_t *field)
{
    struct bytes real = through_alias(correlation, reference, name);
    enum event_field found = field_find(place->type, real);
    const char *near = NULL;

    if (found != FIELD_COUNT) {
        *field = (uint16_t)found;
        return true;
    }
    near = field_suggest(place, real);
    return place_refuse(place, correlation->line,
                        "%s events have no field %s to group by or count"
                        "%s%s%s", event_type_name(place->type),
                        place_quote(place, real),
                        near ? "; did you mean \"" : "", near ? near : "",
                        near ? "\"?" : "");
}

static bool bind_type(struct place *place,
                      const struct correlation *correlation,
                      struct reference *reference, enum event_type type)
{
    for (struct binding *b = reference->bindings; b; b = b->next)
        if (b->type == type)
            return true;
    struct binding *binding = arena_allocate_zeroed(
        &place->behaviour->arena, 1, sizeof *binding);
    binding->type = type;
    place->type = type;
    for (size_t i = 0; i < correlation->group_count; i++)
        if (!bind_field(place, correlation, reference, correlation->group[i],
                        &binding->group[i]))
            return false;
    for (size_t i = 0; i < correlation->value_count; i++)
        if (!bind_field(place, correlation, reference, correlation->value[i],
                        &binding->value[i]))
            return false;
    binding->next = reference->bindings;
    reference->bindings = binding;
    return true;
}

/* All types of events that can complete what is referred to. */
static bool bind(struct place *place, const struct correlation *correlation,
                 struct reference *reference)
{
    const struct correlation *inner = reference->rule->correlation;

    if (!inner)
        return bind_type(place, correlation, reference,
                         reference->rule->type);
    for (size_t i = 0; i < inner->reference_count; i++)
        for (const struct binding *b = inner->references[i].bindings; b;
             b = b->next)
            if (!bind_type(place, correlation, reference, b->type))
                return false;
    return true;
}

static bool resolve_reference(struct behaviour *behaviour,
                              struct correlation *correlation,
                              struct reference *reference, unsigned depth)
{
    struct place place = place_of(behaviour, correlation->rule);

    reference->rule = find_rule(behaviour, reference->name);
    if (!reference->rule)
        return place_refuse(&place, reference->line,
                            "there is no rule with the name or id %s",
                            place_quote(&place, reference->name));
    for (size_t i = 0; &correlation->references[i] != reference; i++)
        if (correlation->references[i].rule == reference->rule)
            return place_refuse(&place, reference->line,
                                "the same rule stands twice");
    for (size_t i = 0; i < behaviour->correlation_count; i++) {
        struct correlation *inner = behaviour->correlations[i];
        if (inner->rule == reference->rule &&
            !resolve(behaviour, inner, depth + 1))
            return place_refuse(&place, reference->line,
                                "it refers to %s, which is itself refused "
                                "or part of a circle",
                                place_quote(&place, reference->name));
    }
    return bind(&place, correlation, reference);
}

/* Its own text and the versions of all it refers to, in their order. */
static void set_version(struct behaviour *behaviour,
                        struct correlation *correlation)
{
    struct writer w;

    writer_init(&w, SIZE_MAX);
    writer_bytes(&w, correlation->canonical);
    for (size_t i = 0; i < correlation->reference_count; i++)
        writer_text(&w, correlation->references[i].rule->detection.version);
    correlation->rule->detection.version =
        digest_of(&behaviour->arena, writer_view(&w));
    writer_clear(&w);
}

/* Without a level of its own it is as severe as the worst it refers to. */
static void set_level(struct correlation *correlation)
{
    struct rule *rule = correlation->rule;

    for (size_t i = 0; !rule->has_level && i < correlation->reference_count;
         i++) {
        enum severity other =
            correlation->references[i].rule->detection.severity;
        if (other > rule->detection.severity)
            rule->detection.severity = other;
    }
}

static bool resolve(struct behaviour *behaviour,
                    struct correlation *correlation, unsigned depth)
{
    if (correlation->is_resolved)
        return true;
    if (correlation->is_visited || correlation->rule->is_refused ||
        depth > CHAIN_DEPTH_MAX)
        return false;
    correlation->is_visited = true;
    for (size_t i = 0; i < correlation->reference_count; i++) {
        if (!resolve_reference(behaviour, correlation,
                               &correlation->references[i], depth)) {
            correlation->rule->is_refused = true;
            return false;
        }
    }
    correlation->is_visited = false;
    correlation->is_resolved = true;
    correlation->order = behaviour->correlation_order++;
    set_version(behaviour, correlation);
    set_level(correlation);
    return true;
}

/* What only correlations ask for raises no alert of its own. */
static void mark_referred(const struct correlation *correlation)
{
    for (size_t i = 0; i < correlation->reference_count; i++) {
        struct rule *rule = correlation->references[i].rule;
        if (!rule->is_referred)
            rule->is_silent = true;
        rule->is_referred = true;
        if (correlation->generate)
            rule->is_silent = false;
    }
}

static int by_order(const void *a, const void *b)
{
    const struct correlation *const *left = a;
    const struct correlation *const *right = b;

    return ((*left)->order > (*right)->order) -
           ((*left)->order < (*right)->order);
}

static void collect(struct behaviour *behaviour)
{
    behaviour->correlations =
        memory_resize(behaviour->correlations, behaviour->rule_count + 1,
                      sizeof(struct correlation *));
    behaviour->correlation_count = 0;
    for (size_t i = 0; i < behaviour->rule_count; i++)
        if (behaviour->rules[i]->correlation)
            behaviour->correlations[behaviour->correlation_count++] =
                behaviour->rules[i]->correlation;
}

void correlation_resolve(struct behaviour *behaviour)
{
    size_t kept = 0;

    collect(behaviour);
    for (size_t i = 0; i < behaviour->correlation_count; i++)
        (void)resolve(behaviour, behaviour->correlations[i], 0);
    for (size_t i = 0; i < behaviour->rule_count; i++) {
        if (behaviour->rules[i]->is_refused)
            continue;
        behaviour->rules[i]->index = kept;
        behaviour->rules[kept++] = behaviour->rules[i];
    }
    behaviour->rule_count = kept;
    collect(behaviour);
    qsort(behaviour->correlations, behaviour->correlation_count,
          sizeof(struct correlation *), by_order);
    for (size_t i = 0; i < behaviour->correlation_count; i++) {
        behaviour->correlations[i]->order = i;
        mark_referred(behaviour->correlations[i]);
    }
    behaviour->correlation_order = behaviour->correlation_count;
}
