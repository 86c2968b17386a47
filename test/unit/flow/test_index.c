/* SPDX-License-Identifier: Apache-2.0 */
#include "flow/index.h"

#include "test.h"

enum { PLACES = 900, STEPS = 60000 };

static uint32_t next_random(uint64_t *seed)
{
    *seed = *seed * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(*seed >> 33);
}

/* All in a few buckets, the last among them, and many under one hash: entries
 * go on to later buckets, and round the end. */
static uint32_t crowded(uint32_t place)
{
    return UINT32_MAX - place % 40 * 7;
}

static uint32_t spread(uint32_t place)
{
    return place * 2654435761u;
}

static bool has(const struct flow_index *index, uint32_t hash, uint32_t place)
{
    struct flow_index_cursor cursor = flow_index_seek(index, hash);
    uint32_t found = flow_index_next(index, &cursor);

    while (found != FLOW_INDEX_NONE && found != place)
        found = flow_index_next(index, &cursor);
    return found == place;
}

static void put_and_take(uint32_t (*hash_of)(uint32_t place))
{
    struct flow_index index;
    bool is_in[PLACES] = { false };
    uint64_t seed = 1;

    flow_index_init(&index, PLACES);
    for (uint32_t step = 0; step < STEPS; step++) {
        uint32_t place = next_random(&seed) % PLACES;
        uint32_t hash = hash_of(place);
        assert_int_equal(has(&index, hash, place), is_in[place]);
        if (is_in[place])
            assert_true(flow_index_remove(&index, hash, place));
        else
            flow_index_insert(&index, hash, place);
        is_in[place] = !is_in[place];
    }
    for (uint32_t place = 0; place < PLACES; place++)
        assert_int_equal(flow_index_remove(&index, hash_of(place), place),
                         is_in[place]);
    assert_int_equal(index.used, 0);
    for (uint32_t place = 0; place < PLACES; place++)
        assert_false(has(&index, hash_of(place), place));
    flow_index_clear(&index);
}

static void holds_exactly_what_was_put_and_not_taken(void **state)
{
    (void)state;

    put_and_take(spread);
    put_and_take(crowded);
}

/* Every bucket full, and some entries past it: a walk still ends. */
static void holds_as_many_as_it_was_made_for(void **state)
{
    (void)state;

    for (uint32_t count = 1; count <= 64; count++) {
        struct flow_index index;
        flow_index_init(&index, count);
        for (uint32_t i = 0; i < count; i++)
            flow_index_insert(&index, i % 2 ? 0 : UINT32_MAX, i);
        for (uint32_t i = 0; i < count; i++)
            assert_true(has(&index, i % 2 ? 0 : UINT32_MAX, i));
        assert_false(has(&index, 0x80000000, 0));
        assert_false(flow_index_remove(&index, 0x80000000, 0));
        assert_false(flow_index_remove(&index, 0, count));
        flow_index_clear(&index);
    }
}

static void takes_a_quarter_of_a_line_an_entry(void **state)
{
    (void)state;
    struct flow_index index;

    flow_index_init(&index, 1000000);
    assert_in_range(flow_index_memory(&index), 15000000, 15400000);
    flow_index_clear(&index);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(holds_exactly_what_was_put_and_not_taken),
        cmocka_unit_test(holds_as_many_as_it_was_made_for),
        cmocka_unit_test(takes_a_quarter_of_a_line_an_entry),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
