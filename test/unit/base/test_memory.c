/* SPDX-License-Identifier: Apache-2.0 */

/* Arenas, pools and tables: where memory comes from and how it is found. */
#include <stdalign.h>
#include <string.h>

#include "base/arena.h"
#include "base/pool.h"
#include "base/table.h"
#include "test.h"

static void arena_gives_aligned_memory_of_any_size(void **state)
{
    (void)state;
    static const size_t sizes[] = { 0, 1, 17, 65535, 65536, 65537, 300000 };
    struct arena arena;

    arena_init(&arena);
    for (size_t i = 0; i < COUNT_OF(sizes); i++) {
        void *memory = arena_allocate(&arena, sizes[i]);
        assert_non_null(memory);
        assert_int_equal((uintptr_t)memory % alignof(max_align_t), 0);
        memset(memory, 0xff, sizes[i]);
    }
    const uint8_t *zeroed = arena_allocate_zeroed(&arena, 100, 10);
    for (size_t i = 0; i < 1000; i++)
        assert_int_equal(zeroed[i], 0);
    assert_string_equal(arena_copy_text(&arena, bytes_of("a\0b", 1)), "a");
    assert_int_equal(arena_copy(&arena, bytes_of(NULL, 0)).size, 0);
    arena_clear(&arena);
    assert_null(arena.first);
}

/* A loop that resets must stop allocating: the same turn gives the same
 * addresses again. */
static void arena_reuses_its_blocks_after_a_reset(void **state)
{
    (void)state;
    static const size_t turn[] = { 100, 70000, 30, 65536, 200000, 1 };
    void *before[COUNT_OF(turn)];
    struct arena arena;

    arena_init(&arena);
    for (size_t round = 0; round < 4; round++) {
        arena_reset(&arena);
        for (size_t i = 0; i < COUNT_OF(turn); i++) {
            void *memory = arena_allocate(&arena, turn[i]);
            if (round > 1)
                assert_ptr_equal(memory, before[i]);
            before[i] = memory;
        }
    }
    arena_clear(&arena);
}

static void pool_gives_zeroed_items_up_to_its_limit(void **state)
{
    (void)state;
    enum { LIMIT = 3000, SIZE = 40 };
    static uint8_t *items[LIMIT];
    struct pool pool;

    pool_init(&pool, SIZE, LIMIT);
    assert_int_equal(pool_memory(&pool), 0);
    for (size_t i = 0; i < LIMIT; i++) {
        items[i] = pool_take(&pool);
        assert_non_null(items[i]);
        for (size_t j = 0; j < SIZE; j++)
            assert_int_equal(items[i][j], 0);
        memset(items[i], 0xaa, SIZE);
    }
    assert_null(pool_take(&pool)); /* One past the limit. */
    size_t memory = pool_memory(&pool);
    assert_true(memory >= (size_t)LIMIT * SIZE);
    pool_give(&pool, NULL);
    pool_give(&pool, items[7]);
    uint8_t *again = pool_take(&pool);
    assert_ptr_equal(again, items[7]);
    for (size_t j = 0; j < SIZE; j++)
        assert_int_equal(again[j], 0);
    assert_null(pool_take(&pool));
    for (size_t i = 0; i < LIMIT; i++)
        pool_give(&pool, items[i]);
    assert_int_equal(pool.count_used, 0);
    assert_int_equal(pool_memory(&pool), memory);
    pool_clear(&pool);
}

static void pool_holds_items_larger_than_a_slab(void **state)
{
    (void)state;
    struct pool pool;

    pool_init(&pool, 200000, 2);
    uint8_t *first = pool_take(&pool);
    uint8_t *second = pool_take(&pool);
    memset(first, 1, 200000);
    memset(second, 2, 200000);
    assert_int_equal(first[199999], 1);
    assert_null(pool_take(&pool));
    pool_clear(&pool);
}

static size_t count_of_hash(const struct table *table, uint64_t hash)
{
    struct table_cursor cursor = table_seek(table, hash);
    size_t count = 0;

    while (table_next(table, &cursor) != TABLE_NONE)
        count++;
    return count;
}

static bool has(const struct table *table, uint64_t hash, uint32_t number)
{
    struct table_cursor cursor = table_seek(table, hash);
    uint32_t found;

    while ((found = table_next(table, &cursor)) != TABLE_NONE)
        if (found == number)
            return true;
    return false;
}

/* Against an array that says what is in the table: some hashes collide in
 * full, some only in their slot, and runs pass over the end of the slots. */
static void table_finds_what_is_in_it_and_nothing_else(void **state)
{
    (void)state;
    enum { NUMBERS = 4096 };
    static bool is_in[NUMBERS];
    uint32_t random = 1;
    size_t used = 0;
    struct table table;

    memset(is_in, 0, sizeof is_in);
    table_init(&table, 0);
    for (size_t turn = 0; turn < 60000; turn++) {
        random = random * 1664525 + 1013904223;
        uint32_t number = random >> 20;
        uint64_t hash = (number % 509) * 0x100000000f0full | 0xfff0;
        assert_int_equal(has(&table, hash, number), is_in[number]);
        if (is_in[number]) {
            assert_true(table_remove(&table, hash, number));
            assert_false(table_remove(&table, hash, number));
            used--;
        } else {
            table_insert(&table, hash, number);
            used++;
        }
        is_in[number] = !is_in[number];
        assert_int_equal(table.used, used);
    }
    for (uint32_t number = 0; number < NUMBERS; number++)
        assert_int_equal(
            has(&table, (number % 509) * 0x100000000f0full | 0xfff0, number),
            is_in[number]);
    table_clear(&table);
}

static void table_keeps_all_numbers_of_one_hash(void **state)
{
    (void)state;
    struct table table;

    table_init(&table, 4);
    for (uint32_t number = 0; number < 100; number++)
        table_insert(&table, 42, number);
    assert_int_equal(count_of_hash(&table, 42), 100);
    assert_int_equal(count_of_hash(&table, 43), 0);
    table_insert(&table, 42, TABLE_NONE - 1); /* The largest number. */
    assert_true(has(&table, 42, TABLE_NONE - 1));
    table_clear(&table);
}

static void table_grows_no_more_than_it_was_told_to_expect(void **state)
{
    (void)state;
    struct table table;

    table_init(&table, 10000);
    size_t memory = table_memory(&table);
    for (uint32_t number = 0; number < 10000; number++)
        table_insert(&table, (uint64_t)number * 2654435761u, number);
    assert_int_equal(table_memory(&table), memory);
    table_clear(&table);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(arena_gives_aligned_memory_of_any_size),
        cmocka_unit_test(arena_reuses_its_blocks_after_a_reset),
        cmocka_unit_test(pool_gives_zeroed_items_up_to_its_limit),
        cmocka_unit_test(pool_holds_items_larger_than_a_slab),
        cmocka_unit_test(table_finds_what_is_in_it_and_nothing_else),
        cmocka_unit_test(table_keeps_all_numbers_of_one_hash),
        cmocka_unit_test(table_grows_no_more_than_it_was_told_to_expect),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
