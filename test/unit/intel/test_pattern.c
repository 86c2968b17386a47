/* SPDX-License-Identifier: Apache-2.0 */
#include "detect/intel/pattern.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/writer.h"
#include "detect/intel/observed.h"
#include "test.h"

/* The published vectors, or null with a word of why not. */
static json_t *vectors(const char *name)
{
    const char *shared = getenv("TENET_SHARED");
    char path[4096];
    json_error_t error;

    (void)snprintf(path, sizeof path, "%s/vectors/stix/vectors/%s",
                   shared ? shared : "../shared", name);
    json_t *root = json_load_file(path, 0, &error);
    if (!root)
        print_message("%s: %s; set TENET_SHARED\n", path, error.text);
    return root;
}

static int parse(struct arena *arena, const char *text,
                 enum stix_strictness strictness,
                 struct stix_pattern *pattern)
{
    struct failure failure;

    return stix_pattern_parse(arena, bytes_of_text(text), strictness, pattern,
                              &failure);
}

static const char *verdict_of(struct stix_observed *observed,
                              const char *text)
{
    struct arena arena;
    struct stix_pattern pattern;
    bool is_invalid = false;
    const char *verdict = "error";

    arena_init(&arena);
    if (parse(&arena, text, STIX_LENIENT, &pattern) == 0) {
        enum stix_verdict found =
            stix_observed_match(observed, &pattern, &is_invalid);
        verdict = is_invalid               ? "error"
                  : found == STIX_MATCH    ? "match"
                  : found == STIX_NO_MATCH ? "nomatch"
                                           : "given up";
    }
    arena_clear(&arena);
    return verdict;
}

/* Twenty people a second apart, as the cases with many ways to match have. */
static json_t *twenty(void)
{
    json_t *objects = json_array();

    for (int i = 0; i < 20; i++) {
        char time[32];
        char id[16];
        (void)snprintf(time, sizeof time, "2004-10-11T21:44:%02dZ", 30 + i);
        (void)snprintf(id, sizeof id, "person--%d", i);
        json_array_append_new(objects, json_pack(
            "{s:s,s:s,s:s,s:i,s:[s]}", "type", "observed-data",
            "first_observed", time, "last_observed", time, "number_observed",
            1, "object_refs", id));
        json_array_append_new(objects, json_pack(
            "{s:s,s:s,s:i}", "type", "person", "id", id, "age", 10));
    }
    return json_pack("{s:o}", "objects", objects);
}

static size_t check_case(struct stix_observed *observed, const json_t *test)
{
    const char *pattern =
        json_string_value(json_object_get(test, "pattern"));
    const char *expected =
        json_string_value(json_object_get(test, "expected"));
    const char *verdict = verdict_of(observed, pattern);

    if (strcmp(verdict, expected) == 0)
        return 0;
    print_message("%s: %s, expected %s\n", pattern, verdict, expected);
    return 1;
}

static void matches_as_the_published_cases_say(void **state)
{
    (void)state;
    json_t *root = vectors("stix-pattern-matcher-v21.json");
    json_t *many = twenty();
    struct failure failure;
    size_t wrong = 0;
    size_t count = 0;

    struct stix_observed *crowd = stix_observed_new(many, &failure);
    assert_non_null(crowd);
    for (size_t i = 0; i < json_array_size(root); i++) {
        json_t *file = json_array_get(root, i);
        json_t *cases = json_object_get(file, "cases");
        struct stix_observed *observed = stix_observed_new(
            json_object_get(file, "observations"), &failure);
        assert_non_null(observed);
        for (size_t j = 0; j < json_array_size(cases); j++) {
            json_t *test = json_array_get(cases, j);
            bool needs_many = json_object_get(test, "note") != NULL;
            wrong += check_case(needs_many ? crowd : observed, test);
            count++;
        }
        stix_observed_free(observed);
    }
    stix_observed_free(crowd);
    json_decref(many);
    json_decref(root);
    assert_int_equal(wrong, 0);
    if (!root)
        skip();
    assert_int_equal(count, 412);
}

static size_t check_syntax(const json_t *cases, bool is_good)
{
    size_t wrong = 0;

    for (size_t i = 0; i < json_array_size(cases); i++) {
        const json_t *item = json_array_get(cases, i);
        const char *text = json_string_value(
            json_is_array(item) ? json_array_get(item, 0) : item);
        struct arena arena;
        struct stix_pattern pattern;
        arena_init(&arena);
        bool loads = parse(&arena, text, STIX_STRICT, &pattern) == 0;
        arena_clear(&arena);
        if (loads != is_good)
            print_message("%s: %s\n", text, loads ? "loads" : "is refused");
        wrong += loads != is_good;
    }
    return wrong;
}

static void reads_and_refuses_as_the_published_cases_say(void **state)
{
    (void)state;
    json_t *root = vectors("stix-patterns-v21.json");
    const char *key;
    json_t *cases;
    size_t wrong = 0;
    size_t count = 0;

    if (!root)
        skip();
    json_object_foreach(root, key, cases) {
        wrong += check_syntax(cases, strstr(key, "FAIL") == NULL);
        count += json_array_size(cases);
    }
    json_decref(root);
    assert_int_equal(wrong, 0);
    assert_true(count >= 87);
}

/* What refuses, and the words that must be in the reason. */
static const struct {
    const char *pattern;
    const char *reason;
} refused[] = {
    { "", "[ is missing" },
    { "[", "object type" },
    { "[a:b]", "operator" },
    { "[a:b = 1", "] is missing" },
    { "[a:b = 1] x", "nothing belongs here" },
    { "([a:b = 1]", "')' is missing" },
    { "[(a:b = 1]", "')' is missing" },
    { "[a:b = 1)]", "] is missing" },
    { "[a:b > true]", "no order" },
    { "[a:b LIKE 1]", "text in quotes" },
    { "[a:b MATCHES '(']", "PCRE" },
    { "[a:b IN (1, 'a')]", "one kind" },
    { "[a:b IN (1, 2]", "')' or ','" },
    { "[a:b = 'x\\n']", "backslash" },
    { "[a:b = h'abc']", "pairs of hex" },
    { "[a:b = b'AAA']", "Base64" },
    { "[a:b = 1e5]", "] is missing" },
    { "[a:b = 01]", "] is missing" },
    { "[NOT a:b = 1]", "NOT stands" },
    { "[a:b = 1] REPEATS 0 TIMES", "above 0" },
    { "[a:b = 1] REPEATS 257 TIMES", "256 repetitions" },
    { "[a:b = 1] REPEATS 256 TIMES REPEATS 2 TIMES", "observations" },
    { "[a:b = 1] WITHIN 0 SECONDS", "above 0" },
    { "[a:b = 1] START t'2020-01-01T00:00:00Z'", "STOP" },
    { "[a:b['x'] = 1]", "number or *" },
    { "[a:b.c.d.e.f.g.h.i.j.k.l.m.n.o.p.q.r = 1]", "16 steps" },
    { "[a:b = 1] AND \x01", "no meaning" },
};

static void says_what_is_wrong_and_where(void **state)
{
    (void)state;

    for (size_t i = 0; i < COUNT_OF(refused); i++) {
        struct arena arena;
        struct stix_pattern pattern;
        struct failure failure;
        arena_init(&arena);
        if (stix_pattern_parse(&arena, bytes_of_text(refused[i].pattern),
                               STIX_LENIENT, &pattern, &failure) == 0)
            fail_msg("%s was read", refused[i].pattern);
        if (!strstr(failure.text, refused[i].reason))
            fail_msg("%s: %s", refused[i].pattern, failure.text);
        assert_non_null(strstr(failure.text, "character"));
        arena_clear(&arena);
    }
}

/* `depth` parentheses around brackets, or inside of them. */
static bool nests(size_t depth, bool inside)
{
    struct writer w;
    struct arena arena;
    struct stix_pattern pattern;

    writer_init(&w, 4096);
    arena_init(&arena);
    writer_text(&w, inside ? "[" : "");
    for (size_t i = 0; i < depth; i++)
        writer_byte(&w, '(');
    writer_text(&w, inside ? "a:b = 1" : "[a:b = 1]");
    for (size_t i = 0; i < depth; i++)
        writer_byte(&w, ')');
    writer_text(&w, inside ? "]" : "");
    bool ok = parse(&arena, writer_as_text(&w), STIX_STRICT, &pattern) == 0;
    arena_clear(&arena);
    writer_clear(&w);
    return ok;
}

static void parentheses_have_a_limit(void **state)
{
    (void)state;

    for (int inside = 0; inside < 2; inside++) {
        assert_true(nests(STIX_DEPTH_MAX - 1, inside));
        assert_false(nests(STIX_DEPTH_MAX, inside));
    }
}

static bool has_parts(size_t count)
{
    struct writer w;
    struct arena arena;
    struct stix_pattern pattern;

    writer_init(&w, 1 << 16);
    arena_init(&arena);
    for (size_t i = 0; i < count; i++)
        writer_format(&w, "%s[a:b = %zu]", i ? " OR " : "", i);
    bool ok = parse(&arena, writer_as_text(&w), STIX_STRICT, &pattern) == 0;
    arena_clear(&arena);
    writer_clear(&w);
    return ok;
}

static void parts_have_a_limit(void **state)
{
    (void)state;
    assert_true(has_parts(STIX_LEAF_MAX));
    assert_false(has_parts(STIX_LEAF_MAX + 1));
}

/* Alternatives inside repetitions inside an order, over what is not there:
 * every way is tried or the search is given up, never more than its limit. */
static void hostile_patterns_are_bounded(void **state)
{
    (void)state;
    static const char *const patterns[] = {
        "(([a:b = 1] OR [a:b = 2] OR [a:b = 3]) REPEATS 40 TIMES) "
        "FOLLOWEDBY [a:b = 9]",
        "([a:b = 1] AND [a:b = 1] AND [a:b = 1] AND [a:b = 1] AND "
        "[a:b = 1] AND [a:b = 1] AND [a:b = 1] AND [a:b = 9])",
        "([a:b = 1] REPEATS 16 TIMES WITHIN 10 SECONDS) REPEATS 8 TIMES "
        "WITHIN 1 SECONDS",
    };
    struct stix_seen seen[200];

    for (size_t i = 0; i < COUNT_OF(seen); i++)
        seen[i] = (struct stix_seen){ (int64_t)i, (int64_t)i, 7 };
    for (size_t i = 0; i < COUNT_OF(patterns); i++) {
        struct arena arena;
        struct stix_pattern pattern;
        arena_init(&arena);
        assert_int_equal(
            parse(&arena, patterns[i], STIX_STRICT, &pattern), 0);
        assert_int_not_equal(
            stix_search(&pattern, seen, COUNT_OF(seen), NULL),
            i == 2 ? STIX_NO_MATCH : STIX_MATCH);
        arena_clear(&arena);
    }
}

/* Reading any beginning of a pattern, and any with one bit turned, ends. */
static void broken_patterns_are_read_to_their_end(void **state)
{
    (void)state;
    static const char text[] =
        "([file:hashes.'SHA-256' IN (h'00ff', b'AQID') AND a-b:c[*].d_ref "
        "NOT LIKE 'x%' OR e:f[0] >= -1.5] REPEATS 2 TIMES FOLLOWEDBY "
        "[EXISTS g:h]) START t'2020-01-01T00:00:00.5Z' STOP "
        "'2021-01-01T00:00:00Z' OR [i:j MATCHES '^a\\'+$'] WITHIN .5 "
        "SECONDS /* end */ // more";

    for (size_t cut = 0; cut < sizeof text; cut++) {
        for (int bit = -1; bit < 8; bit++) {
            struct arena arena;
            struct stix_pattern pattern;
            struct failure failure = { 0 };
            char *copy = malloc(cut + 1);
            assert_non_null(copy);
            memcpy(copy, text, cut);
            if (bit >= 0 && cut > 0)
                copy[cut - 1] = (char)(copy[cut - 1] ^ (1 << bit));
            arena_init(&arena);
            int result =
                stix_pattern_parse(&arena, bytes_of(copy, cut), STIX_STRICT,
                                   &pattern, &failure);
            assert_true(result == 0 || failure.text[0]);
            arena_clear(&arena);
            free(copy);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(matches_as_the_published_cases_say),
        cmocka_unit_test(reads_and_refuses_as_the_published_cases_say),
        cmocka_unit_test(says_what_is_wrong_and_where),
        cmocka_unit_test(parentheses_have_a_limit),
        cmocka_unit_test(parts_have_a_limit),
        cmocka_unit_test(hostile_patterns_are_bounded),
        cmocka_unit_test(broken_patterns_are_read_to_their_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
