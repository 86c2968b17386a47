/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Patterns as programs. Parts are read in the order of the text and an operator
 * is applied when both its operands are there, so the code of what a qualifier
 * or operator is about always stands at the end of what was written so far.
 */
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/memory.h"
#include "detect/intel/parser.h"

enum { SHOWN_MAX = 24 }; /* Bytes of a token in a message. */


struct builder {
    struct stix_parser parser;
    struct stix_leaf leaves[STIX_LEAF_MAX];
    size_t leaf_count;
    struct stix_code code[STIX_CODE_MAX];
    size_t code_count;
    struct stix_group groups[STIX_GROUP_MAX];
    size_t group_count;
    uint32_t begins[4 * STIX_DEPTH_MAX]; /* Of operands not yet combined. */
    size_t begin_count;
    enum stix_token_kind operators[4 * STIX_DEPTH_MAX];
    size_t operator_count;
    size_t depth;
};

bool stix_parser_refuse(struct stix_parser *parser, const char *format, ...)
{
    char reason[160];
    va_list arguments;

    va_start(arguments, format);
    (void)vsnprintf(reason, sizeof reason, format, arguments);
    va_end(arguments);
    if (parser->failed)
        return false;
    parser->failed = true;
    const struct stix_token *token = &parser->token;
    bool is_bad = token->kind == TOKEN_BAD;
    struct bytes near = bytes_slice(parser->lexer.text, token->position,
                                    SHOWN_MAX);
    struct writer shown;
    writer_init(&shown, 256);
    for (size_t i = 0; i < near.size; i++)
        writer_byte(&shown, near.data[i] >= 0x20 && near.data[i] < 0x7f
                                ? near.data[i] : '?');
    (void)failure_set(parser->failure, ERROR_FORMAT,
                      "character %zu of the pattern%s%s%s: %s",
                      token->position + 1, near.size ? ", at \"" : ", its end",
                      writer_as_text(&shown), near.size ? "\"" : "",
                      is_bad ? token->reason : reason);
    writer_clear(&shown);
    return false;
}

void stix_parser_advance(struct stix_parser *parser)
{
    parser->token = stix_lexer_next(&parser->lexer);
}

bool stix_parser_take(struct stix_parser *parser, enum stix_token_kind kind,
                      const char *what)
{
    if (parser->token.kind != kind)
        return stix_parser_refuse(parser, "%s is missing", what);
    stix_parser_advance(parser);
    return true;
}

static bool add_code(struct builder *b, enum stix_code_kind kind,
                     uint32_t number)
{
    if (b->code_count == STIX_CODE_MAX)
        return stix_parser_refuse(&b->parser,
                                  "the pattern is too large: more than %d "
                                  "steps with repetitions written out",
                                  STIX_CODE_MAX);
    b->code[b->code_count++] = (struct stix_code){ kind, number };
    return true;
}

static struct stix_group *add_group(struct builder *b,
                                    enum stix_group_kind kind, uint32_t begin)
{
    if (b->group_count == STIX_GROUP_MAX) {
        (void)stix_parser_refuse(
            &b->parser, "the pattern is too large: more than %d qualified "
                        "parts with repetitions written out",
            STIX_GROUP_MAX); /* The null says it. */
        return NULL;
    }
    struct stix_group *group = &b->groups[b->group_count++];
    *group = (struct stix_group){
        .kind = kind, .begin = begin, .end = (uint32_t)b->code_count,
    };
    return group;
}

/* Code from `begin` on moves one place: its targets and groups with it. */
static void shift(struct builder *b, uint32_t begin)
{
    for (uint32_t i = (uint32_t)b->code_count - 1; i > begin; i--)
        b->code[i] = b->code[i - 1];
    for (size_t i = begin + 1; i < b->code_count; i++)
        if (b->code[i].kind != STIX_CODE_SLOT)
            b->code[i].number++;
    for (size_t i = 0; i < b->group_count; i++) {
        struct stix_group *group = &b->groups[i];
        if (group->begin < begin)
            continue;
        group->begin++;
        group->middle++;
        group->end++;
    }
}

/* a OR b: split, a, jump past b, b. */
static bool combine_or(struct builder *b, uint32_t first, uint32_t second)
{
    if (!add_code(b, STIX_CODE_JUMP, 0))
        return false;
    shift(b, second);
    b->code[second] = (struct stix_code){
        STIX_CODE_JUMP, (uint32_t)b->code_count,
    };
    if (!add_code(b, STIX_CODE_SPLIT, 0))
        return false;
    shift(b, first);
    b->code[first] = (struct stix_code){ STIX_CODE_SPLIT, second + 2 };
    return true;
}

/* Apply the operator on top to the two newest operands. */
static bool combine(struct builder *b)
{
    enum stix_token_kind kind = b->operators[--b->operator_count];
    uint32_t second = b->begins[--b->begin_count];
    uint32_t first = b->begins[b->begin_count - 1];

    if (kind == TOKEN_OR)
        return combine_or(b, first, second);
    if (kind != TOKEN_FOLLOWEDBY)
        return true; /* AND: both, one after the other. */
    struct stix_group *group = add_group(b, STIX_GROUP_FOLLOWEDBY, first);
    if (group)
        group->middle = second;
    return group != NULL;
}

static int binding(enum stix_token_kind kind)
{
    return kind == TOKEN_AND ? 3 : kind == TOKEN_OR ? 2 : 1;
}

static bool settle(struct builder *b, enum stix_token_kind coming)
{
    while (b->operator_count > 0) {
        enum stix_token_kind top = b->operators[b->operator_count - 1];
        if (top == TOKEN_OPEN || binding(top) < binding(coming))
            return true;
        if (!combine(b))
            return false;
    }
    return true;
}

static bool read_within(struct builder *b, uint32_t begin)
{
    const struct stix_token *token = &b->parser.token;
    double seconds = token->value.kind == STIX_INTEGER
                         ? (double)token->value.integer
                         : token->value.real;
    bool is_number = token->kind == TOKEN_LITERAL &&
                     (token->value.kind == STIX_INTEGER ||
                      token->value.kind == STIX_REAL);

    if (!is_number || token->text.data[0] == '-' || !(seconds > 0))
        return stix_parser_refuse(&b->parser,
                                  "WITHIN takes a number above 0");
    struct stix_group *group = add_group(b, STIX_GROUP_WITHIN, begin);
    if (!group)
        return false;
    group->duration_ns =
        seconds < 9e9 ? (int64_t)llround(seconds * 1e9) : INT64_MAX;
    stix_parser_advance(&b->parser);
    return stix_parser_take(&b->parser, TOKEN_SECONDS, "SECONDS");
}

/* t'...', or as STIX 2.0 had it, the same as text. */
static bool read_moment(struct builder *b, struct stix_time *time)
{
    const struct stix_token *token = &b->parser.token;
    bool ok = token->kind == TOKEN_LITERAL;

    if (ok && token->value.kind == STIX_TIME)
        *time = token->value.time;
    else
        ok = ok && token->value.kind == STIX_TEXT &&
             stix_time_parse(token->value.text, time);
    if (!ok)
        return stix_parser_refuse(&b->parser, "a time like "
                                              "t'2026-01-31T00:00:00Z' is "
                                              "missing");
    stix_parser_advance(&b->parser);
    return true;
}

static bool read_during(struct builder *b, uint32_t begin)
{
    struct stix_group *group = add_group(b, STIX_GROUP_DURING, begin);

    return group && read_moment(b, &group->start) &&
           stix_parser_take(&b->parser, TOKEN_STOP, "STOP") &&
           read_moment(b, &group->stop);
}

/* One more copy of the code from `begin` to `end`, at the end. */
static bool copy_part(struct builder *b, uint32_t begin, uint32_t end,
                      size_t group_first, size_t group_last)
{
    uint32_t moved = (uint32_t)b->code_count - begin;

    for (uint32_t i = begin; i < end; i++) {
        struct stix_code code = b->code[i];
        if (code.kind != STIX_CODE_SLOT)
            code.number += moved;
        if (!add_code(b, code.kind, code.number))
            return false;
    }
    for (size_t i = group_first; i < group_last; i++) {
        const struct stix_group inner = b->groups[i];
        if (inner.begin < begin)
            continue;
        struct stix_group *group = add_group(b, inner.kind, 0);
        if (!group)
            return false;
        *group = inner;
        group->begin += moved;
        group->middle += moved;
        group->end += moved;
    }
    return true;
}

/* The part written out `times` times; repetitions have an order. */
static bool repeat(struct builder *b, uint32_t begin, uint64_t times)
{
    uint32_t end = (uint32_t)b->code_count;
    size_t groups = b->group_count;

    for (uint64_t i = 1; i < times; i++) {
        uint32_t from = (uint32_t)b->code_count;
        if (!copy_part(b, begin, end, 0, groups))
            return false;
        struct stix_group *group = add_group(b, STIX_GROUP_AGAIN, from);
        if (!group)
            return false;
        group->middle = from - (end - begin);
    }
    return true;
}

static bool read_repeats(struct builder *b, uint32_t begin)
{
    const struct stix_token *token = &b->parser.token;
    int64_t times = token->value.integer;

    if (token->kind != TOKEN_LITERAL || token->value.kind != STIX_INTEGER ||
        token->text.data[0] == '-' || times < 1)
        return stix_parser_refuse(&b->parser,
                                  "REPEATS takes a whole number above 0");
    if (times > STIX_SLOT_MAX)
        return stix_parser_refuse(&b->parser, "more than %d repetitions",
                                  STIX_SLOT_MAX);
    if (!repeat(b, begin, (uint64_t)times))
        return false;
    stix_parser_advance(&b->parser);
    return stix_parser_take(&b->parser, TOKEN_TIMES, "TIMES");
}

/* All qualifiers behind the newest operand. The OASIS validator refuses one
 * twice behind brackets, and takes it behind parentheses. */
static bool read_qualifiers(struct builder *b, bool is_leaf)
{
    bool is_strict = is_leaf && b->parser.strictness == STIX_STRICT;
    unsigned seen = 0;

    for (;;) {
        enum stix_token_kind kind = b->parser.token.kind;
        uint32_t begin = b->begins[b->begin_count - 1];
        if (kind != TOKEN_WITHIN && kind != TOKEN_START &&
            kind != TOKEN_REPEATS)
            return true;
        unsigned bit = 1u << (unsigned)kind;
        if ((seen & bit) && is_strict)
            return stix_parser_refuse(&b->parser,
                                      "the same qualifier twice");
        seen |= bit;
        stix_parser_advance(&b->parser);
        bool ok = kind == TOKEN_WITHIN  ? read_within(b, begin)
                  : kind == TOKEN_START ? read_during(b, begin)
                                        : read_repeats(b, begin);
        if (!ok)
            return false;
    }
}

static bool open_parentheses(struct builder *b)
{
    while (b->parser.token.kind == TOKEN_OPEN) {
        if (b->depth == STIX_DEPTH_MAX - 1)
            return stix_parser_refuse(&b->parser,
                                      "parentheses more than %d deep",
                                      STIX_DEPTH_MAX - 1);
        b->depth++;
        b->operators[b->operator_count++] = TOKEN_OPEN;
        stix_parser_advance(&b->parser);
    }
    return true;
}

static bool read_leaf(struct builder *b)
{
    struct stix_leaf leaf;

    if (!stix_parser_take(&b->parser, TOKEN_BRACKET, "["))
        return false;
    if (b->leaf_count == STIX_LEAF_MAX)
        return stix_parser_refuse(&b->parser, "more than %d parts in []",
                                  STIX_LEAF_MAX);
    if (!stix_leaf_read(&b->parser, &leaf) ||
        !stix_parser_take(&b->parser, TOKEN_BRACKET_END, "]"))
        return false;
    b->begins[b->begin_count++] = (uint32_t)b->code_count;
    if (!add_code(b, STIX_CODE_SLOT, (uint32_t)b->leaf_count))
        return false;
    b->leaves[b->leaf_count++] = leaf;
    return read_qualifiers(b, true);
}

static bool close_parentheses(struct builder *b)
{
    while (b->parser.token.kind == TOKEN_CLOSE && b->depth > 0) {
        if (!settle(b, TOKEN_FOLLOWEDBY))
            return false;
        b->operator_count--;
        b->depth--;
        stix_parser_advance(&b->parser);
        if (!read_qualifiers(b, false))
            return false;
    }
    return true;
}

static bool read_all(struct builder *b)
{
    for (;;) {
        if (!open_parentheses(b) || !read_leaf(b) || !close_parentheses(b))
            return false;
        enum stix_token_kind kind = b->parser.token.kind;
        if (kind != TOKEN_AND && kind != TOKEN_OR && kind != TOKEN_FOLLOWEDBY)
            break;
        if (!settle(b, kind))
            return false;
        b->operators[b->operator_count++] = kind;
        stix_parser_advance(&b->parser);
    }
    if (b->parser.token.kind != TOKEN_END)
        return stix_parser_refuse(&b->parser,
                                  b->depth > 0 ? "')' is missing"
                                               : "nothing belongs here");
    return b->depth == 0 ? settle(b, TOKEN_FOLLOWEDBY)
                         : stix_parser_refuse(&b->parser, "')' is missing");
}

static bool count_slots(struct builder *b, struct stix_pattern *pattern)
{
    for (size_t i = 0; i < b->code_count; i++)
        pattern->slot_count += b->code[i].kind == STIX_CODE_SLOT;
    if (pattern->slot_count > STIX_SLOT_MAX)
        return stix_parser_refuse(&b->parser,
                                  "more than %d observations with "
                                  "repetitions written out",
                                  STIX_SLOT_MAX);
    for (size_t i = 0; i < b->group_count; i++) {
        const struct stix_group *group = &b->groups[i];
        if (group->kind == STIX_GROUP_WITHIN && group->begin == 0 &&
            group->end == b->code_count)
            pattern->duration_ns = group->duration_ns;
    }
    return true;
}

static const void *keep(struct arena *arena, const void *items, size_t size)
{
    return arena_copy(arena, bytes_of(items, size)).data;
}

static void finish(struct builder *b, struct stix_pattern *pattern)
{
    struct arena *arena = b->parser.arena;

    pattern->test_count = b->parser.test_count;
    pattern->tests = keep(arena, b->parser.tests,
                          pattern->test_count * sizeof *pattern->tests);
    pattern->leaf_count = b->leaf_count;
    pattern->leaves = keep(arena, b->leaves,
                           b->leaf_count * sizeof *pattern->leaves);
    pattern->code_count = b->code_count;
    pattern->code =
        keep(arena, b->code, b->code_count * sizeof *pattern->code);
    pattern->group_count = b->group_count;
    pattern->groups = keep(arena, b->groups,
                           b->group_count * sizeof *pattern->groups);
}

int stix_pattern_parse(struct arena *arena, struct bytes text,
                       enum stix_strictness strictness,
                       struct stix_pattern *pattern, struct failure *failure)
{
    if (text.size > STIX_PATTERN_SIZE_MAX)
        return failure_set(failure, ERROR_LIMIT,
                           "the pattern is longer than %d bytes",
                           STIX_PATTERN_SIZE_MAX);
    struct builder *b = memory_new(1, sizeof *b);
    struct stix_pattern made = { 0 };

    b->parser = (struct stix_parser){
        .arena = arena, .lexer = { .text = text, .arena = arena },
        .strictness = strictness, .failure = failure,
    };
    writer_init(&b->parser.row, SIZE_MAX);
    stix_parser_advance(&b->parser);
    bool ok = read_all(b) && count_slots(b, &made);
    if (ok) {
        finish(b, &made);
        *pattern = made;
    }
    writer_clear(&b->parser.row);
    free(b->parser.tests);
    free(b);
    return ok ? 0 : ERROR_FORMAT;
}
