/* SPDX-License-Identifier: Apache-2.0 */
#include "format/json_writer.h"

#include <math.h>

#include "base/text.h"
#include "sweep.h"
#include "test.h"

static void writes_commas_where_they_belong(void **state)
{
    (void)state;
    struct writer w;
    struct json_writer json;

    writer_init(&w, 4096);
    json_init(&json, &w);
    json_object_open(&json);
    json_key(&json, "a");
    json_array_open(&json);
    json_array_close(&json);
    json_key(&json, "b");
    json_array_open(&json);
    json_number(&json, UINT64_MAX);
    json_signed(&json, INT64_MIN);
    json_object_open(&json);
    json_key_bytes(&json, bytes_of_text("c\""));
    json_nothing(&json);
    json_object_close(&json);
    json_flag(&json, false);
    json_array_close(&json);
    json_key(&json, "d");
    json_text(&json, "e");
    json_object_close(&json);
    assert_string_equal(
        writer_as_text(&w),
        "{\"a\":[],\"b\":[18446744073709551615,-9223372036854775808,"
        "{\"c\\\"\":null},false],\"d\":\"e\"}");
    writer_clear(&w);
}

static void writes_reals_that_json_allows(void **state)
{
    (void)state;
    static const struct {
        double number;
        const char *text;
    } cases[] = {
        { 0.5, "0.5" }, { -2, "-2" }, { 1e300, "1e+300" },
        { NAN, "null" }, { INFINITY, "null" }, { -INFINITY, "null" },
    };

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct writer w;
        struct json_writer json;
        writer_init(&w, 64);
        json_init(&json, &w);
        json_double(&json, cases[i].number);
        assert_string_equal(writer_as_text(&w), cases[i].text);
        writer_clear(&w);
    }
}

static void escapes_strings_as_rfc_8259_has_it(void **state)
{
    (void)state;
    static const struct {
        struct bytes in;
        const char *out;
    } cases[] = {
        { { (const uint8_t *)"a\"\\/\n\r\t", 7 }, "\"a\\\"\\\\/\\n\\r\\t\"" },
        { { (const uint8_t *)"\0\x1f", 2 }, "\"\\u0000\\u001f\"" },
        { { (const uint8_t *)"\xc3\xa9", 2 }, "\"\xc3\xa9\"" },
        { { (const uint8_t *)"\xff", 1 }, "\"\xef\xbf\xbd\"" },
        { { (const uint8_t *)"\xe2\x82", 2 },
          "\"\xef\xbf\xbd\xef\xbf\xbd\"" },
        { { NULL, 0 }, "\"\"" },
    };

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct writer w;
        struct json_writer json;
        writer_init(&w, 64);
        json_init(&json, &w);
        json_bytes(&json, cases[i].in);
        assert_string_equal(writer_as_text(&w), cases[i].out);
        writer_clear(&w);
    }
}

/* Inside the quotes: valid UTF-8, no control character, and no quote or
 * backslash that is not part of an escape. */
static void check_quoted(struct bytes text)
{
    while (text.size > 0) {
        uint32_t point = 0;
        size_t size = text_utf8_next(text, &point);
        assert_true(size > 0);
        assert_true(point >= 0x20);
        assert_true(point != '"');
        if (point == '\\') {
            assert_true(text.size >= 2);
            size = text.data[1] == 'u' ? 6 : 2;
            assert_true(bytes_find_byte(bytes_of_text("\"\\nrtu"),
                                        text.data[1]) < 6);
            assert_true(text.size >= size);
        }
        text = bytes_slice(text, size, text.size);
    }
}

static void write_variant(struct bytes variant, void *context)
{
    (void)context;
    struct writer w;
    struct json_writer json;

    writer_init(&w, 4096);
    json_init(&json, &w);
    json_bytes(&json, variant);
    struct bytes text = writer_view(&w);
    assert_true(text.size >= 2);
    assert_int_equal(text.data[0], '"');
    assert_int_equal(text.data[text.size - 1], '"');
    check_quoted(bytes_slice(text, 1, text.size - 2));
    writer_clear(&w);
}

static void writes_valid_strings_of_any_bytes(void **state)
{
    (void)state;
    const struct bytes sample =
        bytes_of_text("q\"\\\x01\x7f\xc2\x85\xe2\x80\xae\xf0\x9f\x93\xb7");

    sweep_truncate(sample, write_variant, NULL);
    sweep_flip(sample, write_variant, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(writes_commas_where_they_belong),
        cmocka_unit_test(writes_reals_that_json_allows),
        cmocka_unit_test(escapes_strings_as_rfc_8259_has_it),
        cmocka_unit_test(writes_valid_strings_of_any_bytes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
