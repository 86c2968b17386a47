/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger/statement.h"

#include <string.h>

#include "sweep.h"
#include "test.h"

static const uint8_t digest[CRYPTO_SHA256_SIZE] = { 0xab, 1 };

static void write_statement(struct writer *w, enum statement_kind kind,
                            int64_t time_ns)
{
    struct json_writer json;
    const struct statement_end end = { .kind = kind, .salt = { 0xcd },
                                       .subject = "a \"name\"",
                                       .digest = digest };

    writer_init(w, STATEMENT_SIZE_MAX);
    json_init(&json, w);
    statement_open(&json);
    statement_time(&json, "at", time_ns);
    json_key(&json, "count");
    json_number(&json, 7);
    json_key(&json, "id");
    json_text(&json, "f1");
    statement_close(&json, &end);
}

static void a_statement_is_in_toto_with_sorted_keys(void **state)
{
    (void)state;
    struct writer w;

    write_statement(&w, STATEMENT_FINDING, 1700000000000000005);
    assert_string_equal(
        writer_as_text(&w),
        "{\"_type\":\"https://in-toto.io/Statement/v1\",\"predicate\":{"
        "\"content\":{\"at\":{\"ns\":5,\"s\":1700000000},\"count\":7,"
        "\"id\":\"f1\"},\"salt\":\"cd000000000000000000000000000000\"},"
        "\"predicateType\":\"tenet:finding/v1\",\"subject\":[{\"digest\":{"
        "\"sha256\":\"ab0100000000000000000000000000000000000000000000000000"
        "0000000000\"},\"name\":\"a \\\"name\\\"\"}]}");
    writer_clear(&w);
}

static void times_before_1970_have_nanoseconds_too(void **state)
{
    (void)state;
    struct writer w;

    write_statement(&w, STATEMENT_CLOCK, -1);
    assert_non_null(strstr(writer_as_text(&w),
                           "\"at\":{\"ns\":999999999,\"s\":-1}"));
    writer_clear(&w);
}

static void every_kind_is_read_as_it_was_written(void **state)
{
    (void)state;
    struct writer w;
    struct statement statement;
    uint64_t number = 0;

    for (int kind = STATEMENT_GENESIS; kind <= STATEMENT_ERASURE; kind++) {
        write_statement(&w, (enum statement_kind)kind, 1);
        assert_int_equal(statement_read(writer_view(&w), &statement, NULL),
                         0);
        assert_int_equal(statement.kind, kind);
        assert_int_equal(strncmp(statement.digest, "ab01", 4), 0);
        assert_true(statement_number(&statement, "count", &number));
        assert_true(number == 7);
        assert_false(statement_number(&statement, "id", &number));
        assert_string_equal(statement_text(&statement, "id"), "f1");
        assert_null(statement_text(&statement, "count"));
        statement_clear(&statement);
        writer_clear(&w);
    }
}

static void what_is_not_a_statement_is_refused(void **state)
{
    (void)state;
    static const struct {
        const char *from;   /* In a good one. */
        const char *to;
        const char *reason;
    } cases[] = {
        { "in-toto.io", "in-toto.ia", "not an in-toto" },
        { "tenet:finding/v1", "tenet:finding/v2", "no kind" },
        { "tenet:finding/v1", "tenet:fondung/v1", "no kind" },
        { "\"sha256\":\"ab", "\"sha256\":\"AB", "subject" },
        { "\"salt\"", "\"sult\"", "salt" },
        { "\"content\"", "\"contant\"", "content" },
        { "\"count\"", "\"id\",  ", "not JSON" },
    };
    struct statement statement;
    struct writer w;

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct failure failure = { .text = "" };
        write_statement(&w, STATEMENT_FINDING, 1);
        char *at = strstr((char *)(uintptr_t)writer_as_text(&w),
                          cases[i].from);
        assert_non_null(at);
        memcpy(at, cases[i].to, strlen(cases[i].to));
        assert_true(statement_read(writer_view(&w), &statement, &failure) <
                    0);
        if (!strstr(failure.text, cases[i].reason))
            fail_msg("%s", failure.text);
        writer_clear(&w);
    }
}

/* At the limit and one past it. */
static void a_statement_has_a_size(void **state)
{
    (void)state;
    struct writer w;
    struct writer padded;
    struct statement statement;

    write_statement(&w, STATEMENT_GENESIS, 1);
    writer_init(&padded, STATEMENT_SIZE_MAX + 1);
    while (padded.size + w.size < STATEMENT_SIZE_MAX)
        writer_byte(&padded, ' ');
    writer_bytes(&padded, writer_view(&w));
    assert_int_equal(statement_read(writer_view(&padded), &statement, NULL),
                     0);
    statement_clear(&statement);
    writer_byte(&padded, ' ');
    assert_int_equal(statement_read(writer_view(&padded), &statement, NULL),
                     ERROR_LIMIT);
    writer_clear(&padded);
    writer_clear(&w);
}

static void read_any(struct bytes variant, void *context)
{
    struct statement statement;
    size_t *good = context;

    if (statement_read(variant, &statement, NULL) < 0)
        return;
    (*good)++;
    assert_true(statement.kind <= STATEMENT_ERASURE);
    assert_true(strlen(statement.digest) == 64);
    assert_true(json_is_object(statement.content));
    statement_clear(&statement);
}

static void anything_can_be_read(void **state)
{
    (void)state;
    struct writer w;
    size_t good = 0;

    write_statement(&w, STATEMENT_FINDING, 1);
    sweep_truncate(writer_view(&w), read_any, &good);
    assert_int_equal(good, 1); /* The whole one. */
    sweep_flip(writer_view(&w), read_any, &good);
    assert_true(good > 1); /* Names, numbers and salts are anything. */
    writer_clear(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_statement_is_in_toto_with_sorted_keys),
        cmocka_unit_test(times_before_1970_have_nanoseconds_too),
        cmocka_unit_test(every_kind_is_read_as_it_was_written),
        cmocka_unit_test(what_is_not_a_statement_is_refused),
        cmocka_unit_test(a_statement_has_a_size),
        cmocka_unit_test(anything_can_be_read),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
