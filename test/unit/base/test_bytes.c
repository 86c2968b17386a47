/* SPDX-License-Identifier: Apache-2.0 */
#include "base/bytes.h"

#include "base/compiler.h"
#include "test.h"

static struct bytes text(const char *of)
{
    return bytes_of_text(of);
}

static void cuts_slices_that_stay_inside(void **state)
{
    (void)state;
    static const struct {
        size_t from, size;
        const char *part;
    } cases[] = {
        { 0, 3, "abc" }, { 1, 1, "b" },       { 2, 5, "c" },
        { 3, 1, "" },    { 1, SIZE_MAX, "bc" }, { SIZE_MAX, 1, "" },
    };

    for (size_t i = 0; i < COUNT_OF(cases); i++)
        assert_true(bytes_equal(
            bytes_slice(text("abc"), cases[i].from, cases[i].size),
            text(cases[i].part)));
}

static void compares_with_and_without_case(void **state)
{
    (void)state;
    const struct bytes none = { 0 };

    assert_true(bytes_equal(none, text("")));
    assert_false(bytes_equal(text("abc"), text("abC")));
    assert_true(bytes_equal_nocase(text("aBc-"), text("AbC-")));
    /* Only letters fold: '@' and '`' differ by the same bit. */
    assert_false(bytes_equal_nocase(text("@"), text("`")));
    assert_false(bytes_equal_nocase(text("["), text("{")));
    assert_true(bytes_start_with(text("abc"), none));
    assert_false(bytes_start_with(text("ab"), text("abc")));
    assert_true(bytes_start_with_nocase(text("GET /"), text("get ")));
    assert_true(bytes_end_with_nocase(text("destPort"), text("PORT")));
    assert_false(bytes_end_with_nocase(text("ort"), text("port")));
}

static void finds_the_first_place(void **state)
{
    (void)state;
    static const struct {
        const char *in, *needle;
        size_t exact, nocase;
    } cases[] = {
        { "abcabc", "bc", 1, 1 }, { "abcABC", "BC", 4, 1 },
        { "abc", "", 0, 0 },      { "", "", 0, 0 },
        { "", "a", 0, 0 },        { "abc", "abcd", 3, 3 },
        { "abc", "C", 3, 2 },     { "aab", "ab", 1, 1 },
    };

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct bytes in = text(cases[i].in);
        struct bytes needle = text(cases[i].needle);
        assert_int_equal(bytes_find(in, needle), cases[i].exact);
        assert_int_equal(bytes_find_nocase(in, needle), cases[i].nocase);
    }
    assert_int_equal(bytes_find_byte(text("a,b,"), ','), 1);
    assert_int_equal(bytes_find_byte(text("ab"), ','), 2);
    assert_int_equal(bytes_find_byte(bytes_of(NULL, 0), ','), 0);
}

static void trims_and_orders(void **state)
{
    (void)state;

    assert_true(bytes_equal(bytes_trim(text(" \t\r\n a b \v\f")),
                            text("a b")));
    assert_int_equal(bytes_trim(text(" \n ")).size, 0);
    assert_true(bytes_compare(text("a"), text("ab")) < 0);
    assert_true(bytes_compare(text("b"), text("ab")) > 0);
    assert_true(bytes_compare(text("\x80"), text("\x7f")) > 0);
    assert_int_equal(bytes_compare(text(""), bytes_of(NULL, 0)), 0);
}

static void reads_whole_decimal_numbers_up_to_a_maximum(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        uint64_t max;
        bool ok;
        uint64_t number;
    } cases[] = {
        { "0", 0, true, 0 },
        { "1", 0, false, 0 },
        { "65535", 65535, true, 65535 },
        { "65536", 65535, false, 0 },
        { "00080", 80, true, 80 },
        { "18446744073709551615", UINT64_MAX, true, UINT64_MAX },
        { "18446744073709551616", UINT64_MAX, false, 0 },
        { "99999999999999999999", UINT64_MAX, false, 0 },
        { "", 9, false, 0 },
        { "-1", 9, false, 0 },
        { "+1", 9, false, 0 },
        { " 1", 9, false, 0 },
        { "1 ", 9, false, 0 },
        { "0x1", 9, false, 0 },
    };

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        uint64_t number = 7777;
        assert_int_equal(
            bytes_to_number(text(cases[i].text), cases[i].max, &number),
            cases[i].ok);
        assert_true(number == (cases[i].ok ? cases[i].number : 7777));
    }
}

/* The text or needle of `size` bytes that `number` stands for, of an alphabet
 * of four. */
static struct bytes spell(unsigned number, size_t size, uint8_t *room)
{
    static const char alphabet[] = "aA.b";

    for (size_t i = 0; i < size; i++, number /= 4)
        room[i] = (uint8_t)alphabet[number % 4];
    return bytes_of(room, size);
}

static size_t find_one_by_one(struct bytes in, struct bytes needle)
{
    for (size_t at = 0; at + needle.size <= in.size; at++)
        if (bytes_equal_nocase(bytes_slice(in, at, needle.size), needle))
            return at;
    return in.size;
}

static void finds_without_case_what_comparing_finds(void **state)
{
    (void)state;
    enum { TEXT_SIZE = 6, NEEDLE_SIZE = 3 };
    uint8_t text_room[TEXT_SIZE];
    uint8_t needle_room[TEXT_SIZE];

    for (size_t size = 1; size <= NEEDLE_SIZE; size++) {
        for (unsigned n = 0; n < 1u << 2 * size; n++) {
            struct bytes needle = spell(n, size, needle_room);
            for (unsigned t = 0; t < 1u << 2 * TEXT_SIZE; t++) {
                struct bytes in = spell(t, TEXT_SIZE, text_room);
                assert_int_equal(bytes_find_nocase(in, needle),
                                 find_one_by_one(in, needle));
            }
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cuts_slices_that_stay_inside),
        cmocka_unit_test(compares_with_and_without_case),
        cmocka_unit_test(finds_the_first_place),
        cmocka_unit_test(trims_and_orders),
        cmocka_unit_test(reads_whole_decimal_numbers_up_to_a_maximum),
        cmocka_unit_test(finds_without_case_what_comparing_finds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
