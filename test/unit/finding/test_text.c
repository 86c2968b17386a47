/* SPDX-License-Identifier: Apache-2.0 */
#include "finding/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/check.h"
#include "sweep.h"
#include "test.h"

/* {n} is the context's number, {who} a text that looks like a pattern. */
static bool argument(const void *context, struct bytes name, struct writer *w,
                     double *number)
{
    const uint64_t *n = context;

    if (bytes_equal(name, bytes_of_text("n"))) {
        *number = (double)*n;
        text_write_number(w, *n);
        return true;
    }
    if (bytes_equal(name, bytes_of_text("who"))) {
        writer_text(w, "{n} # }");
        return true;
    }
    return false;
}

static void renders_arguments_and_plurals(void **state)
{
    (void)state;
    static const struct {
        const char *pattern;
        uint64_t n;
        const char *out;
    } cases[] = {
        { "", 0, "" },
        { "no argument, # as it is", 0, "no argument, # as it is" },
        { "{n} ports", 1234567, "1,234,567 ports" },
        { "{ n }", 999, "999" },
        { "{unknown}", 0, "?" },
        { "{who}", 7, "{n} # }" }, /* What comes in is not read again. */
        { "{n, plural, one {# port} other {# ports}}", 1, "1 port" },
        { "{n, plural, one {# port} other {# ports}}", 0, "0 ports" },
        { "{n, plural, one {# port} other {# ports}}", 1000, "1,000 ports" },
        { "{n, plural, =0 {none} =3 {three} other {many}}", 0, "none" },
        { "{n, plural, =0 {none} =3 {three} other {many}}", 3, "three" },
        { "{n, plural, =1 {exactly} one {a} other {b}}", 1, "exactly" },
        { "{n,plural,one{a}other{b}}", 2, "b" },
        { "{n, plural, other {{who} of {n, plural, one {a} other {#}}}}", 5,
          "{n} # } of 5" },
        { "{unknown, plural, =0 {none} other {some}}", 5, "none" },
        { "a{n}b{n}c", 1, "a1b1c" },
    };
    struct writer w;

    writer_init(&w, 4096);
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        writer_reset(&w);
        assert_true(text_render(&w, bytes_of_text(cases[i].pattern), argument,
                                &cases[i].n));
        assert_string_equal(writer_as_text(&w), cases[i].out);
    }
    writer_clear(&w);
}

static const struct {
    const char *pattern;
    const char *reason;
} malformed[] = {
    { "{", "an open brace" },
    { "}", "a closing brace alone" },
    { "{n", "an argument without an end" },
    { "{}", "an argument without a name" },
    { "{ }", "an argument without a name" },
    { "{n}}", "one brace too many" },
    { "{n, select, other {a}}", "a kind that is not understood" },
    { "{n, plural}", "a plural without choices" },
    { "{n, plural, }", "a plural without choices" },
    { "{n, plural, one {a}}", "a plural without other" },
    { "{n, plural, other}", "a choice without text" },
    { "{n, plural, other {a}", "a plural without an end" },
    { "{n, plural, one {{}} other {a}}", "a bad choice that 0 passes over" },
    { "{n, plural, other {a} =7 {{x, y}}}", "a bad choice after the good" },
};

static bool loads(const char *json, struct failure *failure)
{
    char path[] = "/tmp/texts-XXXXXX";
    struct text_catalogue *catalogue;
    int file = mkstemp(path);

    check(file >= 0);
    check(write(file, json, strlen(json)) == (ssize_t)strlen(json));
    check(close(file) == 0);
    int result = text_catalogue_load(path, &catalogue, failure);
    check(unlink(path) == 0);
    if (result == 0)
        text_catalogue_free(catalogue);
    else
        assert_non_null(strstr(failure->text, path));
    return result == 0;
}

static void refuses_a_bad_pattern_when_it_is_loaded(void **state)
{
    (void)state;
    char json[512];
    struct failure failure;

    assert_true(loads("{\"a\": \"{n, plural, one {a} other {b}}\"}", &failure));
    for (size_t i = 0; i < COUNT_OF(malformed); i++) {
        (void)snprintf(json, sizeof json, "{\"key-7\": \"%s\"}",
                       malformed[i].pattern);
        if (loads(json, &failure))
            fail_msg("%s: %s", malformed[i].reason, malformed[i].pattern);
        assert_non_null(strstr(failure.text, "key-7"));
    }
}

static void refuses_what_is_no_catalogue(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "", "[]", "{\"a\": 1.5}", "{\"a\": null}", "{\"a\": {}}",
        "{\"a\": \"b\", \"a\": \"c\"}", "{\"a\": \"b\"",
    };
    struct failure failure;
    struct text_catalogue *catalogue;

    for (size_t i = 0; i < COUNT_OF(bad); i++)
        assert_false(loads(bad[i], &failure));
    assert_true(text_catalogue_load("no/such/file", &catalogue, &failure) < 0);
    text_catalogue_free(NULL);
}

static void bounds_patterns_and_their_depth(void **state)
{
    (void)state;
    static char json[TEXT_PATTERN_MAX + 100];
    struct failure failure;
    struct writer w;

    for (size_t i = 0; i < 2; i++) {
        memset(json, 'x', sizeof json);
        memcpy(json, "{\"a\": \"", 7);
        memcpy(json + 7 + TEXT_PATTERN_MAX + i, "\"}", 3);
        assert_int_equal(loads(json, &failure), i == 0);
    }
    writer_init(&w, 4096);
    for (size_t depth = 1; depth <= TEXT_DEPTH_MAX + 1; depth++) {
        writer_reset(&w);
        writer_text(&w, "{\"a\": \"");
        for (size_t i = 0; i < depth; i++)
            writer_text(&w, "{n, plural, other {");
        for (size_t i = 0; i < depth; i++)
            writer_text(&w, "}}");
        writer_text(&w, "\"}");
        assert_int_equal(loads(writer_as_text(&w), &failure),
                         depth <= TEXT_DEPTH_MAX);
    }
    writer_clear(&w);
}

static void render_variant(struct bytes variant, void *context)
{
    const uint64_t n = 1;
    struct writer w;

    (void)context;
    writer_init(&w, 4096);
    (void)text_render(&w, variant, argument, &n); /* Any answer. */
    writer_clear(&w);
}

static void survives_every_cut_and_flip(void **state)
{
    (void)state;
    const struct bytes sample = bytes_of_text(
        "{who}: {n, plural, =0 {none} one {# {who}} other {# {n}}}.");

    sweep_truncate(sample, render_variant, NULL);
    sweep_flip(sample, render_variant, NULL);
}

static void the_catalogue_we_ship_is_well_formed(void **state)
{
    (void)state;
    struct text_catalogue *catalogue;
    struct failure failure;

    if (text_catalogue_load("data/texts/en.json", &catalogue, &failure) < 0)
        fail_msg("%s", failure.text);
    assert_non_null(text_pattern(catalogue, "amplifier"));
    assert_null(text_pattern(catalogue, "no-such-key"));
    text_catalogue_free(catalogue);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(renders_arguments_and_plurals),
        cmocka_unit_test(refuses_a_bad_pattern_when_it_is_loaded),
        cmocka_unit_test(refuses_what_is_no_catalogue),
        cmocka_unit_test(bounds_patterns_and_their_depth),
        cmocka_unit_test(survives_every_cut_and_flip),
        cmocka_unit_test(the_catalogue_we_ship_is_well_formed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
