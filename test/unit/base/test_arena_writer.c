/* SPDX-License-Identifier: Apache-2.0 */
#include "base/arena_writer.h"
#include "test.h"

static void puts_parts_together(void **state)
{
    (void)state;
    struct arena arena;
    struct arena_writer w;

    arena_init(&arena);
    arena_writer_init(&w, &arena, 0);
    assert_int_equal(arena_writer_view(&w).size, 0);
    arena_writer_text(&w, "a=");
    arena_writer_number(&w, 0);
    arena_writer_byte(&w, ' ');
    arena_writer_number(&w, UINT64_MAX);
    arena_writer_byte(&w, ' ');
    arena_writer_hex(&w, bytes_of("\x00\xfe", 2));
    arena_writer_bytes(&w, bytes_of(NULL, 0));
    assert_true(
        bytes_equal(arena_writer_view(&w),
                    bytes_of_text("a=0 18446744073709551615 00fe")));
    arena_clear(&arena);
}

/* At its first capacity and one past it, nothing that was written is lost. */
static void grows_past_its_capacity(void **state)
{
    (void)state;
    struct arena arena;

    arena_init(&arena);
    for (size_t size = 0; size <= 65; size++) {
        struct arena_writer w;
        arena_writer_init(&w, &arena, 64);
        for (size_t i = 0; i < size; i++)
            arena_writer_byte(&w, (uint8_t)i);
        struct bytes view = arena_writer_view(&w);
        assert_int_equal(view.size, size);
        for (size_t i = 0; i < size; i++)
            assert_int_equal(view.data[i], i);
    }
    arena_clear(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(puts_parts_together),
        cmocka_unit_test(grows_past_its_capacity),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
