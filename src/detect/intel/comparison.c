/* SPDX-License-Identifier: Apache-2.0 */
/* The comparisons in one pair of brackets. */
#include <stdlib.h>

#include "base/arena_writer.h"
#include "base/memory.h"
#include "detect/intel/normal.h"
#include "detect/intel/parser.h"

enum { OPEN_MARK = INT32_MAX - 2 }; /* A parenthesis among the operators. */

static const struct {
    enum stix_token_kind token;
    enum stix_op op;
} operators[] = {
    { TOKEN_EQUAL, STIX_OP_EQUAL },
    { TOKEN_UNEQUAL, STIX_OP_UNEQUAL },
    { TOKEN_LESS, STIX_OP_LESS },
    { TOKEN_LESS_EQUAL, STIX_OP_LESS_EQUAL },
    { TOKEN_MORE, STIX_OP_MORE },
    { TOKEN_MORE_EQUAL, STIX_OP_MORE_EQUAL },
    { TOKEN_IN, STIX_OP_IN },
    { TOKEN_LIKE, STIX_OP_LIKE },
    { TOKEN_MATCHES, STIX_OP_MATCHES },
    { TOKEN_ISSUBSET, STIX_OP_ISSUBSET },
    { TOKEN_ISSUPERSET, STIX_OP_ISSUPERSET },
};

size_t stix_digest_digits(struct bytes algorithm)
{
    static const struct {
        const char *name;
        size_t digits;
    } known[] = {
        { "MD5", 32 },       { "SHA-1", 40 },     { "SHA1", 40 },
        { "SHA-256", 64 },   { "SHA256", 64 },    { "SHA-512", 128 },
        { "SHA512", 128 },   { "SHA3-256", 64 },  { "SHA3-512", 128 },
    };

    for (size_t i = 0; i < COUNT_OF(known); i++)
        if (bytes_equal_nocase(algorithm, bytes_of_text(known[i].name)))
            return known[i].digits;
    return 0;
}

/* A key, quoted or not, or the text of the path cannot be said. */
static bool read_key(struct stix_parser *parser, struct stix_path *path)
{
    const struct stix_token *token = &parser->token;
    bool is_quoted =
        token->kind == TOKEN_LITERAL && token->value.kind == STIX_TEXT;

    if (token->kind != TOKEN_NAME && !is_quoted)
        return stix_parser_refuse(
            parser, "a property is a name, in quotes when it has a hyphen");
    path->steps[path->step_count++] = (struct stix_step){
        .kind = STIX_STEP_KEY,
        .key = is_quoted ? token->value.text : token->text,
    };
    stix_parser_advance(parser);
    return true;
}

static bool read_index(struct stix_parser *parser, struct stix_path *path)
{
    struct stix_step step = { .kind = STIX_STEP_ANY };
    const struct stix_token *token = &parser->token;

    if (token->kind == TOKEN_LITERAL && token->value.kind == STIX_INTEGER) {
        step.kind = STIX_STEP_INDEX;
        /* A negative one is well formed and finds nothing. */
        step.index = (uint64_t)token->value.integer;
    } else if (token->kind != TOKEN_ASTERISK) {
        return stix_parser_refuse(parser, "a list is indexed by a number or *");
    }
    path->steps[path->step_count++] = step;
    stix_parser_advance(parser);
    return stix_parser_take(parser, TOKEN_BRACKET_END, "]");
}

static void write_path_text(struct arena *arena, struct stix_path *path)
{
    struct arena_writer w;

    arena_writer_init(&w, arena, 64);
    for (size_t i = 0; i < path->step_count; i++) {
        const struct stix_step *step = &path->steps[i];
        if (step->kind != STIX_STEP_KEY) {
            arena_writer_text(&w, "[]");
            continue;
        }
        if (i > 0)
            arena_writer_byte(&w, '.');
        arena_writer_bytes(&w, step->key);
    }
    path->text = arena_writer_view(&w);
}

/* file:hashes.'SHA-256', network-traffic:protocols[0] */
static bool read_path(struct stix_parser *parser,
                      const struct stix_path **answer)
{
    struct stix_path *path =
        arena_allocate_zeroed(parser->arena, 1, sizeof *path);
    enum stix_token_kind kind = parser->token.kind;

    if (kind != TOKEN_NAME && kind != TOKEN_HYPHEN_NAME)
        return stix_parser_refuse(parser, "an object type is missing");
    path->type = parser->token.text;
    stix_parser_advance(parser);
    if (!stix_parser_take(parser, TOKEN_COLON, ":") ||
        !read_key(parser, path))
        return false;
    for (kind = parser->token.kind;
         kind == TOKEN_DOT || kind == TOKEN_BRACKET;
         kind = parser->token.kind) {
        if (path->step_count == STIX_STEP_MAX)
            return stix_parser_refuse(parser, "a path has at most %d steps",
                                      STIX_STEP_MAX);
        stix_parser_advance(parser);
        if (kind == TOKEN_DOT ? !read_key(parser, path)
                              : !read_index(parser, path))
            return false;
    }
    write_path_text(parser->arena, path);
    *answer = path;
    return true;
}

static bool is_literal(struct stix_parser *parser, bool must_be_text,
                       bool must_have_order)
{
    const struct stix_token *token = &parser->token;

    if (token->kind != TOKEN_LITERAL)
        return stix_parser_refuse(parser, "a value is missing");
    if (must_be_text && token->value.kind != STIX_TEXT)
        return stix_parser_refuse(parser, "a text in quotes is missing");
    if (must_have_order && token->value.kind == STIX_FLAG)
        return stix_parser_refuse(parser, "true and false have no order");
    return true;
}

/* Numbers go together; else all of a set are of one kind. */
static bool is_like_others(const struct stix_value *values, size_t count,
                           const struct stix_value *value)
{
    if (count == 0 || values[0].kind == value->kind)
        return true;
    bool is_number =
        value->kind == STIX_INTEGER || value->kind == STIX_REAL;
    return is_number &&
           (values[0].kind == STIX_INTEGER || values[0].kind == STIX_REAL);
}

/* The values of a set up to the closing parenthesis, into heap memory. */
static bool read_members(struct stix_parser *parser,
                         struct stix_value **values, size_t *count)
{
    size_t capacity = 0;

    if (parser->token.kind == TOKEN_CLOSE)
        return true;
    for (;;) {
        if (!is_literal(parser, false, false))
            return false;
        if (!is_like_others(*values, *count, &parser->token.value))
            return stix_parser_refuse(parser,
                                      "the values of a set are of one kind");
        if (*count == STIX_SET_MAX)
            return stix_parser_refuse(parser, "a set has at most %d values",
                                      STIX_SET_MAX);
        if (*count == capacity) {
            capacity = capacity * 2 + 16;
            *values = memory_resize(*values, capacity, sizeof **values);
        }
        (*values)[(*count)++] = parser->token.value;
        stix_parser_advance(parser);
        if (parser->token.kind != TOKEN_COMMA)
            return true;
        stix_parser_advance(parser);
    }
}

static bool read_set(struct stix_parser *parser, struct stix_test *test)
{
    struct stix_value *values = NULL;
    size_t count = 0;
    bool ok = stix_parser_take(parser, TOKEN_OPEN, "(") &&
              read_members(parser, &values, &count) &&
              stix_parser_take(parser, TOKEN_CLOSE, "')' or ','");

    if (ok && count > 0) {
        struct bytes copy = arena_copy(
            parser->arena, bytes_of(values, count * sizeof *values));
        test->values = (const void *)copy.data;
    }
    test->value_count = count;
    free(values);
    return ok;
}

/* What is worked out once of a literal. */
static bool prepare(struct stix_parser *parser, struct stix_test *test)
{
    struct bytes text = test->values->text;

    switch (test->op) {
    case STIX_OP_LIKE:
        test->normal = stix_normal(parser->arena, text);
        return true;
    case STIX_OP_MATCHES:
        test->regex = stix_regex_new(parser->arena, text);
        if (!test->regex)
            return stix_parser_refuse(
                parser, "MATCHES takes a PCRE of at most %d bytes",
                STIX_REGEX_SIZE_MAX);
        return true;
    case STIX_OP_ISSUBSET:
    case STIX_OP_ISSUPERSET:
        test->has_prefix = ip_prefix_parse(text, &test->prefix);
        return true;
    case STIX_OP_EQUAL:
    case STIX_OP_UNEQUAL:
    case STIX_OP_LESS:
    case STIX_OP_LESS_EQUAL:
    case STIX_OP_MORE:
    case STIX_OP_MORE_EQUAL:
    case STIX_OP_IN:
    case STIX_OP_EXISTS:
        break;
    }
    return true;
}

static bool read_operand(struct stix_parser *parser, struct stix_test *test)
{
    bool must_be_text =
        test->op >= STIX_OP_LIKE && test->op <= STIX_OP_ISSUPERSET;
    bool must_have_order =
        test->op >= STIX_OP_LESS && test->op <= STIX_OP_MORE_EQUAL;

    if (test->op == STIX_OP_IN)
        return read_set(parser, test);
    if (!is_literal(parser, must_be_text, must_have_order))
        return false;
    struct bytes copy =
        arena_copy(parser->arena, bytes_of(&parser->token.value,
                                           sizeof parser->token.value));
    test->values = (const void *)copy.data;
    test->value_count = 1;
    if (!prepare(parser, test))
        return false;
    stix_parser_advance(parser);
    return true;
}

static bool is_hex(struct bytes text)
{
    for (size_t i = 0; i < text.size; i++) {
        uint8_t c = text.data[i] | 0x20;
        if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f')))
            return false;
    }
    return true;
}

/* A digest of the wrong size never matches: whoever wrote it is told. */
static bool has_whole_digests(struct stix_parser *parser,
                              const struct stix_test *test)
{
    const struct stix_path *path = test->path;

    if (path->step_count < 2 || test->op == STIX_OP_EXISTS ||
        (test->op != STIX_OP_EQUAL && test->op != STIX_OP_IN))
        return true;
    const struct stix_step *steps = path->steps + path->step_count - 2;
    size_t digits = stix_digest_digits(steps[1].key);
    if (digits == 0 || !bytes_equal(steps[0].key, bytes_of_text("hashes")))
        return true;
    for (size_t i = 0; i < test->value_count; i++)
        if (test->values[i].kind != STIX_TEXT ||
            test->values[i].text.size != digits ||
            !is_hex(test->values[i].text))
            return stix_parser_refuse(
                parser, "a digest of that name has %zu hex digits", digits);
    return true;
}

/* In the processor's own order: the row is an array in the end. */
static void add_step(struct stix_parser *parser, uint32_t step)
{
    writer_bytes(&parser->row, bytes_of(&step, sizeof step));
}

static void keep_test(struct stix_parser *parser, const struct stix_test *test)
{
    if (parser->test_count == parser->test_capacity) {
        parser->test_capacity = parser->test_capacity * 2 + 8;
        parser->tests = memory_resize(parser->tests, parser->test_capacity,
                                      sizeof *parser->tests);
    }
    parser->tests[parser->test_count++] = *test;
}

static bool read_operator(struct stix_parser *parser, struct stix_test *test)
{
    if (parser->token.kind == TOKEN_NOT) {
        test->is_negated = true;
        stix_parser_advance(parser);
    }
    for (size_t i = 0; i < COUNT_OF(operators); i++) {
        if (operators[i].token != parser->token.kind)
            continue;
        test->op = operators[i].op;
        stix_parser_advance(parser);
        return true;
    }
    return stix_parser_refuse(parser, "a comparison operator is missing");
}

/* path NOT? op value, or NOT? EXISTS path; its place goes into the row. */
static bool read_test(struct stix_parser *parser)
{
    struct stix_test test = { 0 };

    if (parser->test_count == STIX_TEST_MAX)
        return stix_parser_refuse(parser, "more than %d comparisons",
                                  STIX_TEST_MAX);
    if (parser->token.kind == TOKEN_NOT) {
        test.is_negated = true;
        stix_parser_advance(parser);
        if (parser->token.kind != TOKEN_EXISTS)
            return stix_parser_refuse(parser, "NOT stands before EXISTS or "
                                              "an operator");
    }
    if (parser->token.kind == TOKEN_EXISTS) {
        test.op = STIX_OP_EXISTS;
        stix_parser_advance(parser);
        if (!read_path(parser, &test.path))
            return false;
    } else if (!read_path(parser, &test.path) ||
               !read_operator(parser, &test) ||
               !read_operand(parser, &test)) {
        return false;
    }
    if (parser->strictness == STIX_STRICT &&
        !has_whole_digests(parser, &test))
        return false;
    add_step(parser, (uint32_t)parser->test_count);
    keep_test(parser, &test);
    return true;
}

/* Operators that wait for their second operand. */
struct waiting {
    uint32_t marks[3 * STIX_DEPTH_MAX];
    size_t count;
    size_t depth;
};

/* AND binds tighter than OR: at most one of each waits in one parenthesis. */
static void settle(struct stix_parser *parser, struct waiting *waiting,
                   uint32_t coming)
{
    while (waiting->count > 0) {
        uint32_t top = waiting->marks[waiting->count - 1];
        if (top == OPEN_MARK || (top == STIX_OR && coming == STIX_AND))
            return;
        add_step(parser, top);
        waiting->count--;
    }
}

static bool open_parentheses(struct stix_parser *parser,
                             struct waiting *waiting)
{
    while (parser->token.kind == TOKEN_OPEN) {
        if (waiting->depth == STIX_DEPTH_MAX - 1)
            return stix_parser_refuse(parser,
                                      "parentheses more than %d deep",
                                      STIX_DEPTH_MAX - 1);
        waiting->depth++;
        waiting->marks[waiting->count++] = OPEN_MARK;
        stix_parser_advance(parser);
    }
    return true;
}

static void close_parentheses(struct stix_parser *parser,
                              struct waiting *waiting)
{
    while (parser->token.kind == TOKEN_CLOSE && waiting->depth > 0) {
        settle(parser, waiting, STIX_OR);
        waiting->count--; /* The mark. */
        waiting->depth--;
        stix_parser_advance(parser);
    }
}

bool stix_leaf_read(struct stix_parser *parser, struct stix_leaf *leaf)
{
    struct waiting waiting = { 0 };

    writer_reset(&parser->row);
    for (;;) {
        if (!open_parentheses(parser, &waiting) || !read_test(parser))
            return false;
        close_parentheses(parser, &waiting);
        enum stix_token_kind kind = parser->token.kind;
        if (kind != TOKEN_AND && kind != TOKEN_OR)
            break;
        uint32_t mark = kind == TOKEN_AND ? STIX_AND : STIX_OR;
        settle(parser, &waiting, mark);
        waiting.marks[waiting.count++] = mark;
        stix_parser_advance(parser);
    }
    if (waiting.depth > 0)
        return stix_parser_refuse(parser, "')' is missing");
    settle(parser, &waiting, STIX_OR);
    leaf->step_count = parser->row.size / sizeof(uint32_t);
    leaf->steps =
        (const void *)arena_copy(parser->arena, writer_view(&parser->row))
            .data;
    return true;
}
