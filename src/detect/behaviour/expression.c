/* SPDX-License-Identifier: Apache-2.0 */
/* The tree a detection is while it is read, and its search identifiers. */
#include "detect/behaviour/internal.h"

struct expression *expression_new(struct arena *arena,
                                  enum expression_kind kind)
{
    struct expression *expression =
        arena_allocate_zeroed(arena, 1, sizeof *expression);

    expression->kind = kind;
    return expression;
}

void expression_add(struct expression *parent, struct expression *child)
{
    if (parent->last)
        parent->last->next = child;
    else
        parent->first = child;
    parent->last = child;
    parent->tests += child->tests;
    parent->cost += child->cost;
}

struct expression *expression_not(struct arena *arena,
                                  struct expression *child)
{
    struct expression *expression = expression_new(arena, EXPRESSION_NOT);

    expression_add(expression, child);
    return expression;
}

/* Cheap tests first; the order of equals stays, so that the same rule always
 * makes the same program. */
void expression_order(struct expression *parent)
{
    struct expression *sorted = NULL;

    for (struct expression *child = parent->first; child;) {
        struct expression *next = child->next;
        struct expression **at = &sorted;
        while (*at && (*at)->cost <= child->cost)
            at = &(*at)->next;
        child->next = *at;
        *at = child;
        child = next;
    }
    parent->first = sorted;
    parent->last = sorted;
    while (parent->last && parent->last->next)
        parent->last = parent->last->next;
}

/* A map: all of its fields. */
static struct expression *read_map(struct place *place,
                                   const struct yaml_node *map)
{
    struct expression *all =
        expression_new(&place->behaviour->scratch, EXPRESSION_AND);

    for (const struct yaml_node *n = map->first; n; n = n->next) {
        struct expression *field = field_read(place, n);
        if (!field)
            return NULL;
        expression_add(all, field);
    }
    if (!all->first) {
        (void)place_refuse(place, map->line, "an empty map matches nothing; "
                                             "name a field and its value");
        return NULL;
    }
    expression_order(all);
    return all;
}

static struct expression *read_keyword(struct place *place,
                                       const struct yaml_node *scalar)
{
    struct yaml_node keyword = *scalar;

    keyword.key = (struct bytes){ 0 };
    keyword.next = NULL;
    return field_read(place, &keyword);
}

/* A list: any of its maps and keywords. */
static struct expression *read_list(struct place *place,
                                    const struct yaml_node *list)
{
    struct expression *any =
        expression_new(&place->behaviour->scratch, EXPRESSION_OR);

    for (const struct yaml_node *n = list->first; n; n = n->next) {
        struct expression *item = NULL;
        if (n->kind == YAML_MAP)
            item = read_map(place, n);
        else if (n->kind == YAML_SCALAR)
            item = read_keyword(place, n);
        else
            (void)place_refuse(place, n->line,
                               "a list directly within a list has no "
                               "meaning in Sigma");
        if (!item)
            return NULL;
        expression_add(any, item);
    }
    if (!any->first) {
        (void)place_refuse(place, list->line,
                           "an empty list matches nothing");
        return NULL;
    }
    expression_order(any);
    return any;
}

struct expression *selection_read(struct place *place,
                                  const struct yaml_node *node)
{
    switch (node->kind) {
    case YAML_MAP:
        return read_map(place, node);
    case YAML_LIST:
        return read_list(place, node);
    case YAML_SCALAR:
        break;
    }
    (void)place_refuse(place, node->line,
                       "%s must be a map of fields or a list",
                       place_quote(place, node->key));
    return NULL;
}
