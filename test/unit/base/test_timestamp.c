/* SPDX-License-Identifier: Apache-2.0 */
#include "base/timestamp.h"

#include "base/compiler.h"
#include "test.h"

#define SECOND INT64_C(1000000000)

static void any_time_has_its_text(void **state)
{
    (void)state;
    /* The seconds are those of `date -u -d <text> +%s`. */
    static const struct {
        const char *why;
        int64_t time_ns;
        const char *text;
    } cases[] = {
        { "the epoch", 0, "1970-01-01T00:00:00.000000+0000" },
        { "just before it", -1, "1969-12-31T23:59:59.999999+0000" },
        { "parts are cut, not rounded", 1999,
          "1970-01-01T00:00:00.000001+0000" },
        { "a leap day of a 400th year", 951782400 * SECOND,
          "2000-02-29T00:00:00.000000+0000" },
        { "no leap day in 2100", 4107542400 * SECOND,
          "2100-03-01T00:00:00.000000+0000" },
        { "the last second of a year", 1767225599 * SECOND,
          "2025-12-31T23:59:59.000000+0000" },
        { "a leap day", 1709164800 * SECOND,
          "2024-02-29T00:00:00.000000+0000" },
        { "the first there is", INT64_MIN, "1677-09-21T00:12:43.145224+0000" },
        { "the last there is", INT64_MAX, "2262-04-11T23:47:16.854775+0000" },
    };
    char text[TIMESTAMP_TEXT_SIZE];

    for (size_t i = 0; i < COUNT_OF(cases); i++)
        assert_string_equal(timestamp_text(cases[i].time_ns, text),
                            cases[i].text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(any_time_has_its_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
