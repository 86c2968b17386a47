/* SPDX-License-Identifier: Apache-2.0 */
/* One value against one comparison, and objects against what is in brackets. */
#include "base/arena_writer.h"
#include "base/check.h"
#include "base/text.h"
#include "detect/intel/normal.h"
#include "detect/intel/observation.h"
#include "detect/intel/parser.h"

enum { REGEX_NEST_MAX = 64 };

struct stix_regex {
    const pcre2_code *text;
    const pcre2_code *binary; /* Null: it has characters no byte can be. */
};

/* PCRE2 keeps in the pattern's arena what it compiles, and frees nothing. */
static void *allocate(PCRE2_SIZE size, void *arena)
{
    return arena_allocate(arena, size);
}

static void release(void *memory, void *arena)
{
    (void)memory;
    (void)arena;
}

static bool to_latin1(struct arena *arena, struct bytes text,
                      struct bytes *bytes)
{
    uint8_t *data = arena_allocate(arena, text.size + 1);
    size_t count = 0;

    while (text.size > 0) {
        uint32_t point = 0;
        size_t size = text_utf8_next(text, &point);
        if (size == 0 || point > 0xff)
            return false;
        data[count++] = (uint8_t)point;
        text = bytes_slice(text, size, text.size);
    }
    *bytes = bytes_of(data, count);
    return true;
}

static struct bytes from_latin1(struct arena *arena, struct bytes bytes)
{
    struct arena_writer w;

    arena_writer_init(&w, arena, 2 * bytes.size);
    for (size_t i = 0; i < bytes.size; i++) {
        uint8_t c = bytes.data[i];
        if (c >= 0x80)
            arena_writer_byte(&w, (uint8_t)(0xc0 | c >> 6));
        arena_writer_byte(&w, c < 0x80 ? c : (uint8_t)(0x80 | (c & 0x3f)));
    }
    return arena_writer_view(&w);
}

static pcre2_code *compile(struct bytes text, uint32_t options,
                           pcre2_compile_context *context)
{
    int error = 0;
    PCRE2_SIZE offset = 0;
    static const uint8_t empty[1];

    return pcre2_compile(text.size > 0 ? text.data : empty, text.size,
                         options | PCRE2_DOTALL | PCRE2_NEVER_BACKSLASH_C,
                         &error, &offset, context);
}

const struct stix_regex *stix_regex_new(struct arena *arena,
                                        struct bytes text)
{
    struct stix_regex *regex = arena_allocate_zeroed(arena, 1, sizeof *regex);
    struct bytes bytes;

    if (text.size > STIX_REGEX_SIZE_MAX)
        return NULL;
    pcre2_general_context *general =
        pcre2_general_context_create(allocate, release, arena);
    check(general);
    pcre2_compile_context *context = pcre2_compile_context_create(general);
    check(context);
    (void)pcre2_set_parens_nest_limit(context,
                                      REGEX_NEST_MAX); /* Never fails. */
    regex->text = compile(stix_normal(arena, text),
                          PCRE2_UTF | PCRE2_MATCH_INVALID_UTF, context);
    if (to_latin1(arena, text, &bytes))
        regex->binary = compile(bytes, 0, context);
    return regex->text ? regex : NULL;
}

void stix_matcher_init(struct stix_matcher *matcher)
{
    *matcher = (struct stix_matcher){ 0 };
    arena_init(&matcher->scratch);
    matcher->match_data = pcre2_match_data_create(1, NULL);
    check(matcher->match_data);
    matcher->match_context = pcre2_match_context_create(NULL);
    check(matcher->match_context);
    (void)pcre2_set_match_limit(matcher->match_context,
                                STIX_REGEX_MATCH_LIMIT); /* Never fails. */
    (void)pcre2_set_depth_limit(matcher->match_context,
                                STIX_REGEX_MATCH_LIMIT); /* Nor this. */
    (void)pcre2_set_heap_limit(matcher->match_context, 1024); /* Nor this. */
}

void stix_matcher_clear(struct stix_matcher *matcher)
{
    pcre2_match_data_free(matcher->match_data);
    pcre2_match_context_free(matcher->match_context);
    arena_clear(&matcher->scratch);
}

static bool regex_runs(struct stix_matcher *matcher, const pcre2_code *regex,
                       struct bytes text)
{
    static const uint8_t empty[1];

    if (!regex)
        return false;
    int result =
        pcre2_match(regex, text.size > 0 ? text.data : empty, text.size, 0, 0,
                    matcher->match_data, matcher->match_context);
    if (result < 0 && result != PCRE2_ERROR_NOMATCH)
        matcher->regexes_stopped++;
    return result >= 0;
}

static size_t character_size(struct bytes b)
{
    uint32_t point = 0;
    size_t size = text_utf8_next(b, &point);

    return size > 0 ? size : 1;
}

/* SQL's LIKE: % is any run, _ one character. Only the last % is ever gone
 * back to. */
static bool is_like(struct bytes text, struct bytes pattern)
{
    size_t at = 0;
    size_t wanted = 0;
    size_t run_at = 0;
    size_t run_wanted = SIZE_MAX;

    while (at < text.size) {
        uint8_t c = wanted < pattern.size ? pattern.data[wanted] : 0;
        bool has_more = wanted < pattern.size;
        if (has_more && c == '%') {
            run_wanted = ++wanted;
            run_at = at;
        } else if (has_more && c == '_') {
            at += character_size(bytes_slice(text, at, text.size));
            wanted++;
        } else if (has_more && c == text.data[at]) {
            at++;
            wanted++;
        } else if (run_wanted != SIZE_MAX) {
            run_at += character_size(bytes_slice(text, run_at, text.size));
            at = run_at;
            wanted = run_wanted;
        } else {
            return false;
        }
    }
    while (wanted < pattern.size && pattern.data[wanted] == '%')
        wanted++;
    return wanted == pattern.size;
}

static bool like_holds(struct stix_matcher *matcher,
                       const struct stix_test *test,
                       const struct stix_value *value)
{
    if (value->kind == STIX_BINARY)
        return is_like(from_latin1(&matcher->scratch, value->text),
                       test->normal);
    return value->kind == STIX_TEXT &&
           is_like(stix_normal(&matcher->scratch, value->text), test->normal);
}

static bool regex_holds(struct stix_matcher *matcher,
                        const struct stix_test *test,
                        const struct stix_value *value)
{
    if (value->kind == STIX_BINARY)
        return regex_runs(matcher, test->regex->binary, value->text);
    return value->kind == STIX_TEXT &&
           regex_runs(matcher, test->regex->text,
                      stix_normal(&matcher->scratch, value->text));
}

/* Is all of `inner` in `outer`? IPv4 and IPv6 are different networks. */
static bool is_within(const struct ip_prefix *inner,
                      const struct ip_prefix *outer)
{
    return inner->length >= outer->length &&
           ip_is_v4(inner->address) == ip_is_v4(outer->address) &&
           ip_prefix_contains(outer, inner->address);
}

static bool network_holds(const struct stix_test *test,
                          const struct stix_value *value)
{
    struct ip_prefix prefix;

    if (!test->has_prefix || value->kind != STIX_TEXT ||
        !ip_prefix_parse(value->text, &prefix))
        return false;
    return test->op == STIX_OP_ISSUBSET ? is_within(&prefix, &test->prefix)
                                        : is_within(&test->prefix, &prefix);
}

static enum stix_order order_to(struct stix_matcher *matcher,
                                const struct stix_value *value,
                                const struct stix_value *literal)
{
    enum stix_order order = stix_compare(value, literal);

    matcher->is_invalid |= order == STIX_INVALID;
    return order;
}

static bool set_holds(struct stix_matcher *matcher,
                      const struct stix_test *test,
                      const struct stix_value *value)
{
    for (size_t i = 0; i < test->value_count; i++)
        if (order_to(matcher, value, &test->values[i]) == STIX_EQUAL)
            return true;
    return false;
}

static bool order_holds(enum stix_op op, enum stix_order order)
{
    switch (op) {
    case STIX_OP_EQUAL:
        return order == STIX_EQUAL;
    case STIX_OP_UNEQUAL:
        return order != STIX_EQUAL;
    case STIX_OP_LESS:
        return order == STIX_LESS;
    case STIX_OP_LESS_EQUAL:
        return order == STIX_LESS || order == STIX_EQUAL;
    case STIX_OP_MORE:
        return order == STIX_MORE;
    case STIX_OP_MORE_EQUAL:
        return order == STIX_MORE || order == STIX_EQUAL;
    case STIX_OP_IN:
    case STIX_OP_LIKE:
    case STIX_OP_MATCHES:
    case STIX_OP_ISSUBSET:
    case STIX_OP_ISSUPERSET:
    case STIX_OP_EXISTS:
        break;
    }
    return false;
}

bool stix_test_holds(struct stix_matcher *matcher,
                     const struct stix_test *test,
                     const struct stix_value *value)
{
    bool holds = false;

    switch (test->op) {
    case STIX_OP_IN:
        holds = set_holds(matcher, test, value);
        break;
    case STIX_OP_LIKE:
        holds = like_holds(matcher, test, value);
        break;
    case STIX_OP_MATCHES:
        holds = regex_holds(matcher, test, value);
        break;
    case STIX_OP_ISSUBSET:
    case STIX_OP_ISSUPERSET:
        holds = network_holds(test, value);
        break;
    case STIX_OP_EXISTS:
        holds = true;
        break;
    case STIX_OP_EQUAL:
    case STIX_OP_UNEQUAL:
    case STIX_OP_LESS:
    case STIX_OP_LESS_EQUAL:
    case STIX_OP_MORE:
    case STIX_OP_MORE_EQUAL:
        holds = order_holds(test->op,
                            order_to(matcher, value, test->values));
        break;
    }
    return holds != test->is_negated;
}

/* One comparison while its path is walked. */
struct trial {
    struct stix_matcher *matcher;
    const struct stix_test *test;
    bool holds;
};

static bool try_value(void *context, const struct stix_value *value)
{
    struct trial *trial = context;

    trial->holds = stix_test_holds(trial->matcher, trial->test, value);
    return trial->holds;
}

static bool exists(void *context, const struct stix_value *value)
{
    (void)value;
    *(bool *)context = true;
    return true;
}

/* A path that leads nowhere makes a comparison false, negated or not. */
static bool holds_for(struct stix_matcher *matcher,
                      const struct stix_test *test,
                      const struct stix_observation *observation,
                      size_t object)
{
    struct trial trial = { matcher, test, false };
    bool is_there = false;

    if (!bytes_equal(observation->type_of(observation->context, object),
                     test->path->type))
        return false;
    if (test->op == STIX_OP_EXISTS) {
        observation->each_value(observation->context, object, test->path,
                                exists, &is_there);
        return is_there != test->is_negated;
    }
    observation->each_value(observation->context, object, test->path,
                            try_value, &trial);
    return trial.holds;
}

static bool object_holds(struct stix_matcher *matcher,
                         const struct stix_pattern *pattern,
                         const struct stix_leaf *leaf,
                         const struct stix_observation *observation,
                         size_t object)
{
    bool stack[3 * STIX_DEPTH_MAX + 1] = { false };
    size_t count = 0;

    for (size_t i = 0; i < leaf->step_count; i++) {
        uint32_t step = leaf->steps[i];
        if (step != STIX_AND && step != STIX_OR) {
            check(count < COUNT_OF(stack));
            stack[count++] = holds_for(matcher, &pattern->tests[step],
                                       observation, object);
            continue;
        }
        check(count > 1);
        bool last = stack[--count];
        stack[count - 1] = step == STIX_AND ? stack[count - 1] && last
                                            : stack[count - 1] || last;
    }
    return stack[0];
}

bool stix_leaf_holds(struct stix_matcher *matcher,
                     const struct stix_pattern *pattern,
                     const struct stix_leaf *leaf,
                     const struct stix_observation *observation)
{
    bool holds = false;

    for (size_t i = 0; i < observation->object_count && !holds; i++)
        holds = object_holds(matcher, pattern, leaf, observation, i);
    arena_reset(&matcher->scratch);
    return holds;
}

uint64_t stix_leaves_of(struct stix_matcher *matcher,
                        const struct stix_pattern *pattern,
                        const struct stix_observation *observation)
{
    uint64_t leaves = 0;

    for (size_t i = 0; i < pattern->leaf_count; i++)
        if (stix_leaf_holds(matcher, pattern, &pattern->leaves[i],
                            observation))
            leaves |= (uint64_t)1 << i;
    return leaves;
}
