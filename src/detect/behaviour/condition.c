/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The condition of a detection, by recursive descent of bounded depth:
 *
 *   or   = and { "or" and }
 *   and  = not { "and" not }
 *   not  = { "not" } ( "(" or ")" | quantity "of" pattern | identifier )
 */
#include "detect/behaviour/internal.h"

enum {
    CONDITION_SIZE_MAX = 4096,
    CONDITION_DEPTH_MAX = 32,   /* Brackets and negations within each other. */
    SELECTION_MAX = 256,
};

struct selection {
    struct bytes name;
    struct expression *expression;
    bool is_used;
};

struct condition {
    struct place *place;
    struct arena *scratch;
    struct selection *selections;
    size_t selection_count;
    struct bytes rest;
    struct bytes token;         /* Empty at the end. */
    unsigned line;
    unsigned depth;
};

static bool is_space(uint8_t byte)
{
    return byte == ' ' || (byte >= '\t' && byte <= '\r');
}

static bool is_single(uint8_t byte)
{
    return byte == '(' || byte == ')' || byte == '|';
}

static void next_token(struct condition *c)
{
    size_t size = 0;

    c->rest = bytes_trim(c->rest);
    while (size < c->rest.size && !is_space(c->rest.data[size]) &&
           !is_single(c->rest.data[size]))
        size++;
    if (size == 0 && c->rest.size > 0)
        size = 1;
    c->token = bytes_slice(c->rest, 0, size);
    c->rest = bytes_slice(c->rest, size, c->rest.size);
}

static bool token_is(const struct condition *c, const char *word)
{
    return bytes_equal_nocase(c->token, bytes_of_text(word));
}

static struct expression *refuse(struct condition *c, const char *wanted)
{
    (void)place_refuse(c->place, c->line, "condition: %s, not %s", wanted,
                       c->token.size > 0 ? place_quote(c->place, c->token)
                                         : "the end");
    return NULL;
}

/* A node may stand at several places of the tree; its list of siblings is of
 * one place, so each use gets a node of its own over the same children. */
static struct expression *use(struct condition *c, struct selection *s)
{
    struct expression *copy =
        arena_allocate(c->scratch, sizeof *copy);

    s->is_used = true;
    *copy = *s->expression;
    copy->next = NULL;
    return copy;
}

/* Only `*` is special in the names of searches. */
static bool fits_pattern(struct bytes pattern, struct bytes name)
{
    size_t star = SIZE_MAX;
    size_t star_at = 0;
    size_t p = 0;

    for (size_t at = 0; at < name.size;) {
        if (p < pattern.size && pattern.data[p] == '*') {
            star = p++;
            star_at = at;
        } else if (p < pattern.size && pattern.data[p] == name.data[at]) {
            p++;
            at++;
        } else if (star != SIZE_MAX) {
            p = star + 1;
            at = ++star_at;
        } else {
            return false;
        }
    }
    while (p < pattern.size && pattern.data[p] == '*')
        p++;
    return p == pattern.size;
}

/* "1 of them", "all of selection_*": names with _ in front are left out of
 * "them" by convention. */
static struct expression *read_quantity(struct condition *c)
{
    bool is_all = token_is(c, "all");
    struct expression *list = expression_new(
        c->scratch, is_all ? EXPRESSION_AND : EXPRESSION_OR);

    next_token(c);
    if (!token_is(c, "of"))
        return refuse(c, "after a quantity comes \"of\"");
    next_token(c);
    if (c->token.size == 0)
        return refuse(c, "after \"of\" come names");
    bool is_them = token_is(c, "them");
    for (size_t i = 0; i < c->selection_count; i++) {
        struct selection *s = &c->selections[i];
        bool is_hidden = s->name.size > 0 && s->name.data[0] == '_';
        if (is_them ? !is_hidden : fits_pattern(c->token, s->name))
            expression_add(list, use(c, s));
    }
    if (!list->first)
        return refuse(c, "a pattern must fit the name of a search");
    next_token(c);
    expression_order(list);
    return list;
}

static struct expression *read_name(struct condition *c)
{
    for (size_t i = 0; i < c->selection_count; i++) {
        if (bytes_equal(c->selections[i].name, c->token)) {
            next_token(c);
            return use(c, &c->selections[i]);
        }
    }
    if (token_is(c, "|"))
        return refuse(c, "aggregation after a bar is now a correlation "
                         "rule; the name of a search is wanted");
    return refuse(c, "the name of a search is wanted");
}

static struct expression *read_or(struct condition *c);

static struct expression *read_primary(struct condition *c)
{
    if (token_is(c, "1") || token_is(c, "all") || token_is(c, "any"))
        return read_quantity(c);
    if (!token_is(c, "("))
        return read_name(c);
    next_token(c);
    struct expression *inner = read_or(c);
    if (!inner)
        return NULL;
    if (!token_is(c, ")"))
        return refuse(c, "a closing bracket is wanted");
    next_token(c);
    return inner;
}

static struct expression *read_not(struct condition *c)
{
    bool is_negated = false;

    while (token_is(c, "not")) {
        is_negated = !is_negated;
        next_token(c);
    }
    struct expression *inner = read_primary(c);
    if (!inner || !is_negated)
        return inner;
    return expression_not(c->scratch, inner);
}

static struct expression *read_and(struct condition *c)
{
    struct expression *first = read_not(c);

    if (!first || !token_is(c, "and"))
        return first;
    struct expression *list = expression_new(c->scratch, EXPRESSION_AND);
    expression_add(list, first);
    while (token_is(c, "and")) {
        next_token(c);
        struct expression *item = read_not(c);
        if (!item)
            return NULL;
        expression_add(list, item);
    }
    expression_order(list);
    return list;
}

static struct expression *read_or(struct condition *c)
{
    if (++c->depth > CONDITION_DEPTH_MAX)
        return refuse(c, "brackets go deeper than 32 levels");
    struct expression *first = read_and(c);
    if (first && token_is(c, "or")) {
        struct expression *list = expression_new(c->scratch, EXPRESSION_OR);
        expression_add(list, first);
        while (token_is(c, "or")) {
            next_token(c);
            struct expression *item = read_and(c);
            if (!item)
                return NULL;
            expression_add(list, item);
        }
        expression_order(list);
        first = list;
    }
    c->depth--;
    return first;
}

static struct expression *read_one(struct condition *c,
                                   const struct yaml_node *node)
{
    c->line = node->line;
    c->depth = 0;
    if (node->kind != YAML_SCALAR || node->text.size > CONDITION_SIZE_MAX) {
        (void)place_refuse(c->place, node->line,
                           "a condition is text of at most 4096 bytes");
        return NULL;
    }
    c->rest = node->text;
    next_token(c);
    struct expression *expression = read_or(c);
    if (expression && c->token.size > 0)
        return refuse(c, "\"and\", \"or\" or the end is wanted");
    return expression;
}

/* Several conditions are alternatives. */
static struct expression *read_all(struct condition *c,
                                   const struct yaml_node *node)
{
    if (node->kind != YAML_LIST)
        return read_one(c, node);
    struct expression *any = expression_new(c->scratch, EXPRESSION_OR);
    for (const struct yaml_node *n = node->first; n; n = n->next) {
        struct expression *one = read_one(c, n);
        if (!one)
            return NULL;
        expression_add(any, one);
    }
    if (!any->first) {
        (void)place_refuse(c->place, node->line, "the condition is missing");
        return NULL;
    }
    expression_order(any);
    return any;
}

static bool read_selections(struct condition *c,
                            const struct yaml_node *detection)
{
    for (const struct yaml_node *n = detection->first; n; n = n->next) {
        if (bytes_equal(n->key, bytes_of_text("condition")))
            continue;
        if (bytes_equal(n->key, bytes_of_text("timeframe")))
            return place_refuse(c->place, n->line,
                                "timeframe belongs to aggregations, which "
                                "are now correlation rules with a timespan");
        if (c->selection_count == SELECTION_MAX)
            return place_refuse(c->place, n->line,
                                "more than 256 searches in one detection");
        struct expression *expression = selection_read(c->place, n);
        if (!expression)
            return false;
        c->selections[c->selection_count++] =
            (struct selection){ .name = n->key, .expression = expression };
    }
    return true;
}

struct expression *condition_read(struct place *place,
                                  const struct yaml_node *detection)
{
    struct arena *scratch = &place->behaviour->scratch;
    struct condition c = { .place = place, .scratch = scratch };
    const struct yaml_node *node = yaml_find(detection, "condition");

    if (!node) {
        (void)place_refuse(place, detection->line,
                           "the detection has no condition");
        return NULL;
    }
    c.selections = arena_allocate_zeroed(scratch, SELECTION_MAX,
                                         sizeof *c.selections);
    if (!read_selections(&c, detection))
        return NULL;
    struct expression *expression = read_all(&c, node);
    for (size_t i = 0; expression && i < c.selection_count; i++) {
        struct bytes name = c.selections[i].name;
        if (c.selections[i].is_used || (name.size > 0 && name.data[0] == '_'))
            continue;
        (void)place_refuse(place, node->line,
                           "the condition never asks for %s",
                           place_quote(place, name));
        return NULL;
    }
    return expression;
}
