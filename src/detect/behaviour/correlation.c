/* SPDX-License-Identifier: Apache-2.0 */
/* Correlations as they are read, and what they refer to once all is loaded. */

#include "detect/behaviour/internal.h"

enum {
    TIMESPAN_DAY = 86400,
    TIMESPAN_MAX = 366 * TIMESPAN_DAY, /* Nothing is remembered longer. */
};

static bool is_list_of_text(const struct yaml_node *node)
{
    if (!node || node->kind != YAML_LIST || node->count == 0)
        return false;
    for (const struct yaml_node *n = node->first; n; n = n->next)
        if (n->kind != YAML_SCALAR)
            return false;
    return true;
}

static struct bytes keep(struct place *place, struct bytes text)
{
    return arena_copy(&place->behaviour->arena, text);
}

/* A map's keys must be among `keys`; others could change what is meant. */
static bool has_only(struct place *place, const struct yaml_node *map,
                     const char *const *keys, size_t count)
{
    for (const struct yaml_node *n = map->first; n; n = n->next) {
        bool is_known = false;
        for (size_t i = 0; i < count; i++)
            is_known |= bytes_equal(n->key, bytes_of_text(keys[i]));
        if (is_known)
            continue;
        const char *near = nearest_name(n->key, keys, count);
        return place_refuse(place, n->line,
                            "%s is not known here%s%s%s",
                            place_quote(place, n->key),
                            near ? "; did you mean \"" : "",
                            near ? near : "", near ? "\"?" : "");
    }
    return true;
}

static bool read_type(struct place *place, const struct yaml_node *map,
                      struct correlation *correlation)
{
    static const char *const types[] = { "event_count", "value_count",
                                         "temporal", "temporal_ordered" };
    const struct yaml_node *node = yaml_find(map, "type");

    if (!node || node->kind != YAML_SCALAR)
        return place_refuse(place, map->line, "the correlation has no type");
    for (size_t i = 0; i < COUNT_OF(types); i++) {
        if (yaml_is_text(node, types[i])) {
            correlation->type = (enum correlation_type)i;
            return true;
        }
    }
    return place_refuse(place, node->line,
                        "a correlation of type %s is not carried out; "
                        "event_count, value_count, temporal and "
                        "temporal_ordered are",
                        place_quote(place, node->text));
}

static bool read_rules(struct place *place, const struct yaml_node *map,
                       struct correlation *correlation)
{
    const struct yaml_node *node = yaml_find(map, "rules");

    if (!node)
        return place_refuse(place, map->line,
                            "the correlation names no rules");
    if (node->kind == YAML_SCALAR) {
        correlation->references[correlation->reference_count++] =
            (struct reference){ .name = keep(place, node->text),
                                .line = node->line };
        return true;
    }
    if (!is_list_of_text(node) || node->count > CORRELATION_RULE_MAX)
        return place_refuse(place, node->line,
                            "rules must be a list of 1 to %d ids or names",
                            CORRELATION_RULE_MAX);
    for (const struct yaml_node *n = node->first; n; n = n->next)
        correlation->references[correlation->reference_count++] =
            (struct reference){ .name = keep(place, n->text),
                                .line = n->line };
    return true;
}

/* A word, or a list of at most `max`; how many are in `*count`. */
static bool read_names(struct place *place, const struct yaml_node *node,
                       struct bytes *names, size_t max, size_t *count)
{
    if (!node)
        return true;
    if (node->kind == YAML_SCALAR) {
        names[(*count)++] = keep(place, node->text);
        return true;
    }
    if (!is_list_of_text(node) || node->count > max)
        return place_refuse(place, node->line,
                            "%s must be a list of 1 to %zu fields",
                            (const char *)node->key.data, max);
    for (const struct yaml_node *n = node->first; n; n = n->next)
        names[(*count)++] = keep(place, n->text);
    return true;
}

/* Seconds in one of the letter's unit; 0 for other letters. */
static uint64_t unit_of(uint8_t letter)
{
    switch (letter) {
    case 's':
        return 1;
    case 'm':
        return 60;
    case 'h':
        return 3600;
    case 'd':
        return TIMESPAN_DAY;
    default:
        return 0;
    }
}

static bool read_timespan(struct place *place, const struct yaml_node *map,
                          struct correlation *correlation)
{
    const struct yaml_node *node = yaml_find(map, "timespan");
    uint64_t number;

    if (!node || node->kind != YAML_SCALAR || node->text.size < 2)
        return place_refuse(place, node ? node->line : map->line,
                            "the correlation needs a timespan like 10m");
    size_t size = node->text.size - 1;
    uint64_t unit = unit_of(node->text.data[size]);
    if (unit == 0 ||
        !bytes_to_number(bytes_slice(node->text, 0, size),
                         TIMESPAN_MAX / unit, &number) ||
        number == 0)
        return place_refuse(place, node->line,
                            "a timespan is a number and s, m, h or d, up to "
                            "366 days");
    correlation->timespan_ns = (int64_t)(number * unit) * 1000000000;
    return true;
}

static bool read_bound(struct place *place, const struct yaml_node *node,
                       struct correlation *correlation)
{
    uint64_t number;

    if (node->kind != YAML_SCALAR ||
        !bytes_to_number(node->text, UINT32_MAX, &number))
        return place_refuse(place, node->line,
                            "the bounds of a condition are numbers");
    if (bytes_equal(node->key, bytes_of_text("gt")))
        correlation->threshold = number + 1;
    else if (bytes_equal(node->key, bytes_of_text("gte")))
        correlation->threshold = number;
    else if (bytes_equal(node->key, bytes_of_text("lte")))
        correlation->ceiling = number;
    else if (number == 0)
        return place_refuse(place, node->line, "nothing is less than 0");
    else
        correlation->ceiling = number - 1;
    if (bytes_equal(node->key, bytes_of_text("eq"))) {
        correlation->threshold = number;
        correlation->ceiling = number;
        correlation->is_once = true;
    }
    return true;
}

/* A stream shows when a count is reached, not that it never will be. */
static bool is_possible(struct place *place, unsigned line,
                        const struct correlation *correlation)
{
    if (correlation->threshold == 0)
        return place_refuse(place, line,
                            "the condition needs gt, gte or eq with at least "
                            "1: that something stays rare shows only when "
                            "the time is over");
    if (correlation->ceiling < correlation->threshold)
        return place_refuse(place, line,
                            "no count is within these bounds");
    if (correlation->type != CORRELATION_EVENT_COUNT &&
        correlation->threshold > CORRELATION_COUNT_MAX)
        return place_refuse(place, line,
                            "at most %d different values are counted",
                            CORRELATION_COUNT_MAX);
    return true;
}

static bool read_bounds(struct place *place, const struct yaml_node *node,
                        struct correlation *correlation)
{
    static const char *const keys[] = { "gt", "gte", "lt", "lte", "eq",
                                        "field" };

    if (!has_only(place, node, keys, COUNT_OF(keys)))
        return false;
    correlation->threshold = 0;
    for (const struct yaml_node *n = node->first; n; n = n->next)
        if (!bytes_equal(n->key, bytes_of_text("field")) &&
            !read_bound(place, n, correlation))
            return false;
    return is_possible(place, node->line, correlation);
}

static bool read_condition(struct place *place, const struct yaml_node *map,
                           struct correlation *correlation)
{
    const struct yaml_node *node = yaml_find(map, "condition");
    bool is_temporal = correlation->type >= CORRELATION_TEMPORAL;
    bool is_value = correlation->type == CORRELATION_VALUE_COUNT;

    correlation->ceiling = UINT64_MAX;
    correlation->threshold = correlation->reference_count;
    if (!node && is_temporal)
        return true;
    if (!node || node->kind != YAML_MAP)
        return place_refuse(place, node ? node->line : map->line,
                            "the correlation needs a condition like "
                            "gte: 10");
    const struct yaml_node *field = yaml_find(node, "field");
    if (is_value != (field != NULL))
        return place_refuse(place, node->line,
                            is_value ? "value_count needs the field to count"
                                     : "only value_count has a field");
    if (!read_names(place, field, correlation->value, CORRELATION_VALUE_MAX,
                    &correlation->value_count) ||
        !read_bounds(place, node, correlation))
        return false;
    if (is_temporal && correlation->threshold > correlation->reference_count)
        return place_refuse(place, node->line,
                            "more rules are wanted than are named");
    if (correlation->type == CORRELATION_TEMPORAL_ORDERED &&
        correlation->threshold != correlation->reference_count)
        return place_refuse(place, node->line,
                            "temporal_ordered means all of its rules");
    return true;
}

static bool read_aliases(struct place *place, const struct yaml_node *map,
                         struct correlation *correlation)
{
    const struct yaml_node *node = yaml_find(map, "aliases");
    size_t count = 0;

    if (!node)
        return true;
    if (node->kind != YAML_MAP)
        return place_refuse(place, node->line, "aliases must be a map");
    for (const struct yaml_node *a = node->first; a; a = a->next)
        count += a->count;
    correlation->aliases = arena_allocate_zeroed(
        &place->behaviour->arena, count + 1, sizeof *correlation->aliases);
    for (const struct yaml_node *a = node->first; a; a = a->next) {
        if (a->kind != YAML_MAP)
            return place_refuse(place, a->line,
                                "an alias is a map of rules to fields");
        for (const struct yaml_node *n = a->first; n; n = n->next) {
            if (n->kind != YAML_SCALAR)
                return place_refuse(place, n->line,
                                    "an alias names one field a rule");
            correlation->aliases[correlation->alias_count++] =
                (struct alias){ keep(place, a->key), keep(place, n->key),
                                keep(place, n->text) };
        }
    }
    return true;
}

static bool read_generate(struct place *place, const struct yaml_node *map,
                          struct correlation *correlation)
{
    const struct yaml_node *node = yaml_find(map, "generate");

    if (!node || yaml_to_flag(node, &correlation->generate))
        return true;
    return place_refuse(place, node->line, "generate is true or false");
}

struct correlation *correlation_read(struct place *place,
                                     const struct yaml_node *root)
{
    static const char *const keys[] = { "type",     "rules",     "group-by",
                                        "timespan", "condition", "aliases",
                                        "generate" };
    const struct yaml_node *map = yaml_find(root, "correlation");
    struct arena *arena = &place->behaviour->arena;
    struct correlation *correlation =
        arena_allocate_zeroed(arena, 1, sizeof *correlation);

    if (map->kind != YAML_MAP) {
        (void)place_refuse(place, map->line, "correlation must be a map");
        return NULL;
    }
    correlation->line = map->line;
    if (!has_only(place, map, keys, COUNT_OF(keys)) ||
        !read_type(place, map, correlation) ||
        !read_rules(place, map, correlation) ||
        !read_names(place, yaml_find(map, "group-by"), correlation->group,
                    CORRELATION_GROUP_MAX, &correlation->group_count) ||
        !read_timespan(place, map, correlation) ||
        !read_condition(place, map, correlation) ||
        !read_aliases(place, map, correlation) ||
        !read_generate(place, map, correlation))
        return NULL;
    correlation->canonical = canonical_text(arena, root);
    return correlation;
}
