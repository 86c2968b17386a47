/* SPDX-License-Identifier: Apache-2.0 */
#include "base/writer.h"

#include <string.h>

#include "test.h"

static void writes_numbers_text_and_bytes(void **state)
{
    (void)state;
    struct writer w;

    writer_init(&w, 1024);
    assert_string_equal(writer_as_text(&w), "");
    writer_number(&w, 0);
    writer_byte(&w, ' ');
    writer_number(&w, UINT64_MAX);
    writer_byte(&w, ' ');
    writer_signed(&w, INT64_MIN);
    writer_byte(&w, ' ');
    writer_signed(&w, -1);
    writer_text(&w, " ");
    writer_hex(&w, bytes_of("\x00\xfe", 2));
    writer_bytes(&w, bytes_of(NULL, 0));
    writer_format(&w, " %s-%d", "a", 7);
    assert_string_equal(writer_as_text(&w),
                        "0 18446744073709551615 -9223372036854775808 -1 "
                        "00fe a-7");
    writer_reset(&w);
    assert_string_equal(writer_as_text(&w), "");
    writer_clear(&w);
}

static void writes_integers_in_both_orders(void **state)
{
    (void)state;
    struct writer w;

    writer_init(&w, 64);
    writer_u16(&w, 0x0102);
    writer_u16_le(&w, 0x0102);
    writer_u32(&w, 0x01020304);
    writer_u32_le(&w, 0x01020304);
    writer_u64(&w, 0x0102030405060708);
    writer_u64_le(&w, 0x0102030405060708);
    assert_true(bytes_equal(
        writer_view(&w),
        bytes_of("\1\2\2\1\1\2\3\4\4\3\2\1\1\2\3\4\5\6\7\10\10\7\6\5\4\3\2\1",
                 28)));
    writer_clear(&w);
}

/* At its limit and one past it, whether that is below or above the memory a
 * writer begins with. */
static void holds_no_more_than_its_limit(void **state)
{
    (void)state;
    static const size_t limits[] = { 0, 1, 64, 255, 256, 257, 1000 };

    for (size_t i = 0; i < COUNT_OF(limits); i++) {
        struct writer w;
        writer_init(&w, limits[i]);
        for (size_t j = 0; j < limits[i]; j++)
            writer_byte(&w, 'x');
        assert_int_equal(writer_view(&w).size, limits[i]);
        assert_false(w.overflowed);
        assert_int_equal(bytes_of_text(writer_as_text(&w)).size, limits[i]);
        writer_byte(&w, 'y');
        assert_true(w.overflowed);
        assert_int_equal(writer_view(&w).size, limits[i]);
        assert_int_equal(bytes_of_text(writer_as_text(&w)).size, limits[i]);
        writer_reset(&w);
        assert_false(w.overflowed);
        writer_clear(&w);
    }
}

static void formats_texts_of_any_length(void **state)
{
    (void)state;
    char text[2000];
    struct writer w;

    for (size_t i = 0; i < sizeof text; i++)
        text[i] = (char)('a' + i % 26);
    writer_init(&w, 2000);
    for (size_t size = 505; size < 520; size++) {
        writer_reset(&w);
        writer_format(&w, "%.*s", (int)size, text);
        assert_true(bytes_equal(writer_view(&w), bytes_of(text, size)));
    }
    writer_format(&w, "%.*s", 1900, text); /* Does not fit behind it. */
    assert_true(w.overflowed);
    assert_true(writer_view(&w).size <= 2000);
    writer_clear(&w);
}

/* What a drain was given, and how often it may be. */
struct taken {
    struct writer all;
    size_t calls;
    size_t calls_max;
};

static bool take(void *context, struct bytes b)
{
    struct taken *taken = context;

    if (taken->calls++ == taken->calls_max)
        return false;
    writer_bytes(&taken->all, b);
    return true;
}

static struct taken taken_of(size_t calls_max)
{
    struct taken taken = { .calls_max = calls_max };

    writer_init(&taken.all, 1 << 24);
    return taken;
}

static void drains_what_is_full_in_order(void **state)
{
    (void)state;
    struct taken taken = taken_of(SIZE_MAX);
    struct writer expected;
    struct writer w;

    writer_init(&expected, 1 << 24);
    writer_init_drained(&w, 1000, take, &taken);
    for (unsigned i = 0; expected.size < 3 * WRITER_DRAIN_SIZE; i++) {
        writer_format(&expected, "%u,", i);
        writer_format(&w, "%u,", i);
        assert_true(w.size < WRITER_DRAIN_SIZE);
    }
    assert_int_equal(taken.calls, 3);
    assert_true(writer_drain(&w));
    assert_true(writer_drain(&w)); /* Nothing is left, so no call. */
    assert_int_equal(taken.calls, 4);
    assert_true(bytes_equal(writer_view(&taken.all), writer_view(&expected)));
    writer_clear(&w);
    writer_clear(&expected);
    writer_clear(&taken.all);
}

/* One piece larger than what is drained at once, at the limit and past it. */
static void drains_around_a_large_piece(void **state)
{
    (void)state;
    enum { LIMIT = 2 * WRITER_DRAIN_SIZE };
    static const uint8_t piece[LIMIT + 1];
    struct taken taken = taken_of(SIZE_MAX);
    struct writer w;

    writer_init_drained(&w, LIMIT, take, &taken);
    writer_text(&w, "before");
    writer_bytes(&w, bytes_of(piece, LIMIT));
    writer_text(&w, "after");
    assert_true(writer_drain(&w));
    assert_int_equal(taken.all.size, strlen("beforeafter") + LIMIT);
    writer_bytes(&w, bytes_of(piece, LIMIT + 1));
    assert_true(w.overflowed);
    assert_false(writer_drain(&w));
    assert_int_equal(taken.all.size, strlen("beforeafter") + LIMIT);
    writer_clear(&w);
    writer_clear(&taken.all);
}

static void stops_when_the_drain_does(void **state)
{
    (void)state;
    struct taken taken = taken_of(1);
    struct writer w;

    writer_init_drained(&w, 1000, take, &taken);
    for (unsigned i = 0; i < 4 * WRITER_DRAIN_SIZE; i++)
        writer_byte(&w, 'x');
    assert_false(writer_drain(&w));
    assert_int_equal(taken.calls, 2);
    assert_true(taken.all.size < WRITER_DRAIN_SIZE);
    writer_clear(&w);
    writer_clear(&taken.all);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(writes_numbers_text_and_bytes),
        cmocka_unit_test(writes_integers_in_both_orders),
        cmocka_unit_test(holds_no_more_than_its_limit),
        cmocka_unit_test(formats_texts_of_any_length),
        cmocka_unit_test(drains_what_is_full_in_order),
        cmocka_unit_test(drains_around_a_large_piece),
        cmocka_unit_test(stops_when_the_drain_does),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
