/* SPDX-License-Identifier: Apache-2.0 */
#include "base/reader.h"
#include "test.h"

static void reads_in_network_order(void **state)
{
    (void)state;
    struct reader r =
        reader_of(bytes_of("\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a", 10));

    assert_int_equal(reader_u8(&r), 0x01);
    assert_int_equal(reader_u16(&r), 0x0203);
    assert_int_equal(reader_u24(&r), 0x040506);
    assert_int_equal(reader_u32(&r), 0x0708090a);
    assert_true(reader_finished(&r));
}

static void a_read_past_the_end_fails_and_drops_the_rest(void **state)
{
    (void)state;
    struct reader r = reader_of(bytes_of("\x01\x02\x03", 3));

    assert_int_equal(reader_u32(&r), 0);
    assert_int_equal(reader_left(&r), 0);
    assert_false(reader_ok(&r));
    assert_int_equal(reader_u8(&r), 0);
}

static void a_sub_reader_ends_at_its_extent(void **state)
{
    (void)state;
    struct reader r = reader_of(bytes_of("\x01\x02\x03", 3));
    struct reader sub = reader_sub(&r, 2);

    assert_int_equal(reader_u24(&sub), 0);
    assert_false(reader_ok(&sub));
    assert_true(reader_ok(&r));
    assert_int_equal(reader_u8(&r), 3);
}

static void a_sub_reader_past_the_end_has_failed(void **state)
{
    (void)state;
    struct reader r = reader_of(bytes_of("\x01", 1));
    struct reader sub = reader_sub(&r, 2);

    assert_false(reader_ok(&sub));
}

static void a_line_ends_with_lf_or_crlf(void **state)
{
    (void)state;
    struct reader r = reader_of(bytes_of_text("one\r\ntwo\nthree"));

    assert_true(bytes_equal(reader_line(&r, 100), bytes_of_text("one")));
    assert_true(bytes_equal(reader_line(&r, 100), bytes_of_text("two")));
    assert_true(reader_ok(&r));
    assert_int_equal(reader_line(&r, 100).size, 0);
    assert_false(reader_ok(&r));
}

static void a_line_longer_than_allowed_fails(void **state)
{
    (void)state;
    struct reader r = reader_of(bytes_of_text("abc\n"));

    assert_int_equal(reader_line(&r, 3).size, 0);
    assert_false(reader_ok(&r));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_in_network_order),
        cmocka_unit_test(a_read_past_the_end_fails_and_drops_the_rest),
        cmocka_unit_test(a_sub_reader_ends_at_its_extent),
        cmocka_unit_test(a_sub_reader_past_the_end_has_failed),
        cmocka_unit_test(a_line_ends_with_lf_or_crlf),
        cmocka_unit_test(a_line_longer_than_allowed_fails),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
