/* SPDX-License-Identifier: Apache-2.0 */
#include "base/text.h"

#include "sweep.h"
#include "test.h"

static void decodes_utf8_as_rfc_3629_has_it(void **state)
{
    (void)state;
    static const struct {
        const char *bytes;
        size_t size;
        uint32_t point;
        const char *reason;
    } cases[] = {
        { "A", 1, 'A', "ASCII" },
        { "\x7f", 1, 0x7f, "last of one byte" },
        { "\xc2\x80", 2, 0x80, "first of two" },
        { "\xdf\xbf", 2, 0x7ff, "last of two" },
        { "\xe0\xa0\x80", 3, 0x800, "first of three" },
        { "\xed\x9f\xbf", 3, 0xd7ff, "before the surrogates" },
        { "\xee\x80\x80", 3, 0xe000, "after the surrogates" },
        { "\xf0\x90\x80\x80", 4, 0x10000, "first of four" },
        { "\xf4\x8f\xbf\xbf", 4, 0x10ffff, "the last code point" },
        { "", 0, 0, "nothing" },
        { "\x80", 0, 0, "a continuation alone" },
        { "\xc1\xbf", 0, 0, "overlong, two bytes" },
        { "\xe0\x9f\xbf", 0, 0, "overlong, three bytes" },
        { "\xf0\x8f\xbf\xbf", 0, 0, "overlong, four bytes" },
        { "\xed\xa0\x80", 0, 0, "a surrogate" },
        { "\xf4\x90\x80\x80", 0, 0, "past U+10FFFF" },
        { "\xf5\x80\x80\x80", 0, 0, "no such first byte" },
        { "\xff", 0, 0, "never in UTF-8" },
        { "\xe2\x82", 0, 0, "cut short" },
        { "\xe2\x28\xa1", 0, 0, "a broken continuation" },
    };

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        uint32_t point = 0;
        size_t size =
            text_utf8_next(bytes_of_text(cases[i].bytes), &point);
        if (size != cases[i].size || point != cases[i].point)
            fail_msg("%s", cases[i].reason);
    }
}

static void escapes_all_that_could_drive_a_terminal(void **state)
{
    (void)state;
    static const struct {
        const char *in, *out;
    } cases[] = {
        { "plain caf\xc3\xa9 \xe6\xbc\xa2 \xf0\x9f\x93\xb7",
          "plain caf\xc3\xa9 \xe6\xbc\xa2 \xf0\x9f\x93\xb7" },
        { "\x1b[31mred\n", "\\x1b[31mred\\x0a" },
        { "\x7f", "\\x7f" },
        { "\xc2\x9b" "31m", "\\u{009b}31m" },   /* CSI in one character. */
        { "\xe2\x80\xae" "gpj.exe", "\\u{202e}gpj.exe" },
        { "a\xe2\x80\x8b" "b", "a\\u{200b}b" }, /* Zero-width space. */
        { "\xe2\x80\xa8", "\\u{2028}" },
        { "\xef\xbb\xbf", "\\u{feff}" },
        { "\xf3\xa0\x81\x81", "\\u{e0041}" },   /* A tag character. */
        { "\xff\xfe", "\\xff\\xfe" },
        { "\xe2\x82", "\\xe2\\x82" },
        { "", "" },
    };
    struct writer w;

    writer_init(&w, 1024);
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        writer_reset(&w);
        text_escape(&w, bytes_of_text(cases[i].in));
        assert_string_equal(writer_as_text(&w), cases[i].out);
    }
    writer_clear(&w);
}

/* Whatever comes in, what goes out is valid UTF-8 and safe. */
static void escape_one(struct bytes variant, void *context)
{
    (void)context;
    struct writer w;

    writer_init(&w, 4096);
    text_escape(&w, variant);
    struct bytes out = writer_view(&w);
    while (out.size > 0) {
        uint32_t point = 0;
        size_t size = text_utf8_next(out, &point);
        assert_true(size > 0);
        assert_false(text_is_unsafe(point));
        out = bytes_slice(out, size, out.size);
    }
    writer_clear(&w);
}

static void escapes_every_variant_into_safe_text(void **state)
{
    (void)state;
    const struct bytes sample = bytes_of_text(
        "a\x1b\xc3\xa9\xe2\x80\xae\xf0\x9f\x93\xb7\xef\xbb\xbf\xff\n");

    sweep_truncate(sample, escape_one, NULL);
    sweep_flip(sample, escape_one, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(decodes_utf8_as_rfc_3629_has_it),
        cmocka_unit_test(escapes_all_that_could_drive_a_terminal),
        cmocka_unit_test(escapes_every_variant_into_safe_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
