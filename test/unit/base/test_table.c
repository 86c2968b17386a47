/* SPDX-License-Identifier: Apache-2.0 */
#include "base/table.h"

#include "test.h"

enum { NUMBERS = 2000, STEPS = 40000 };

static uint32_t next_random(uint64_t *seed)
{
    *seed = *seed * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(*seed >> 33);
}

/* Few hashes, so that entries share them and runs are long. */
static uint64_t hash_of(uint32_t number)
{
    return (uint64_t)(number % 300) << 32 | (number % 300) * 7;
}

static bool has(const struct table *table, uint32_t number)
{
    struct table_cursor cursor = table_seek(table, hash_of(number));
    uint32_t found = table_next(table, &cursor);

    while (found != TABLE_NONE && found != number)
        found = table_next(table, &cursor);
    return found == number;
}

static void holds_exactly_what_was_put_and_not_taken(void **state)
{
    (void)state;
    struct table table;
    bool is_in[NUMBERS] = { false };
    uint64_t seed = 1;

    table_init(&table, 0);
    for (uint32_t step = 0; step < STEPS; step++) {
        uint32_t number = next_random(&seed) % NUMBERS;
        assert_int_equal(has(&table, number), is_in[number]);
        if (is_in[number])
            assert_true(table_remove(&table, hash_of(number), number));
        else
            table_insert(&table, hash_of(number), number);
        is_in[number] = !is_in[number];
    }
    for (uint32_t number = 0; number < NUMBERS; number++) {
        assert_int_equal(has(&table, number), is_in[number]);
        assert_int_equal(table_remove(&table, hash_of(number), number),
                         is_in[number]);
    }
    assert_int_equal(table.used, 0);
    table_clear(&table);
}

static void does_not_grow_within_what_was_expected(void **state)
{
    (void)state;
    struct table table;

    table_init(&table, NUMBERS);
    size_t memory = table_memory(&table);
    for (uint32_t number = 0; number < NUMBERS; number++)
        table_insert(&table, number * UINT64_C(0x9e3779b97f4a7c15), number);
    assert_int_equal(table_memory(&table), memory);
    table_clear(&table);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(holds_exactly_what_was_put_and_not_taken),
        cmocka_unit_test(does_not_grow_within_what_was_expected),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
