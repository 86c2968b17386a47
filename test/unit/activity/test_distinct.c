/* SPDX-License-Identifier: Apache-2.0 */
#include "activity/distinct.h"

#include "activity/ways.h"
#include "base/hash.h"
#include "test.h"

static uint64_t hash_of(uint64_t key, uint64_t thing)
{
    return hash_words((struct hash_key){ key, 0 }, &thing, 1);
}

static void is_exact_while_there_are_few(void **state)
{
    (void)state;
    struct distinct distinct = { 0 };

    for (uint32_t i = 1; i <= DISTINCT_EXACT_MAX; i++) {
        assert_true(distinct_add(&distinct, hash_of(1, i)));
        assert_false(distinct_add(&distinct, hash_of(1, i)));
        assert_int_equal(distinct_count(&distinct), i);
        assert_false(distinct.is_estimate);
    }
    (void)distinct_add(&distinct, hash_of(1, 0)); /* One past the limit. */
    assert_true(distinct.is_estimate);
    assert_true(distinct_count(&distinct) > DISTINCT_EXACT_MAX);
}

enum { KEYS = 100 };

/* 9% standard error: of 200 keys all within four, most within two. */
static void estimates_within_its_error(void **state)
{
    (void)state;
    static const uint32_t sizes[] = { 64, 500, 5000, 50000 };

    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        int far = 0;
        double sum = 0;
        for (uint64_t key = 1; key <= KEYS; key++) {
            struct distinct distinct = { 0 };
            for (uint32_t thing = 0; thing < sizes[i]; thing++)
                (void)distinct_add(&distinct, hash_of(key, thing));
            double error = (double)distinct_count(&distinct) / sizes[i] - 1;
            assert_true(error > -0.36);
            assert_true(error < 0.36);
            far += error < -0.18 || error > 0.18;
            sum += error;
        }
        assert_true(far <= KEYS / 8);
        assert_true(sum / KEYS > -0.05); /* And on the whole it is right. */
        assert_true(sum / KEYS < 0.05);
    }
}

static void never_exceeds_what_was_added(void **state)
{
    (void)state;
    bool was_above = false;

    for (uint64_t key = 1; key <= KEYS; key++) {
        struct distinct distinct = { 0 };
        for (uint32_t thing = 0; thing < 1000; thing++)
            (void)distinct_add(&distinct, hash_of(key, thing));
        was_above |= distinct_count(&distinct) > 1000;
        assert_true(distinct_count_of(&distinct, 1000) <= 1000);
    }
    assert_true(was_above); /* Else there was nothing to hold back. */
}

static void never_falls(void **state)
{
    (void)state;
    struct distinct distinct = { 0 };
    uint32_t before = 0;

    for (uint64_t thing = 0; thing < 3000; thing++) {
        bool moved = distinct_add(&distinct, hash_of(7, thing));
        uint32_t count = distinct_count(&distinct);
        if (thing > 1000) {
            assert_true(count >= before);
            assert_true(moved || count == before);
        }
        before = count;
    }
}

static void a_full_set_gives_up_the_quietest(void **state)
{
    (void)state;
    struct ways ways;
    bool is_new;

    ways_init(&ways, sizeof(uint64_t), 8);
    assert_int_equal(ways_count(&ways), 8);
    for (uint64_t i = 0; i < WAYS_PER_SET + 1; i++) { /* All in one set. */
        uint64_t *entry =
            ways_find(&ways, i + 1, (int64_t)(10 - i), &is_new);
        assert_true(is_new);
        if (i == WAYS_PER_SET) /* What stood there before is still seen. */
            assert_int_equal(*entry, WAYS_PER_SET);
        *entry = i + 1;
        assert_int_equal(ways.evicted, i == WAYS_PER_SET);
    }
    assert_null(ways_peek(&ways, WAYS_PER_SET)); /* Used longest ago. */
    assert_int_equal(*(uint64_t *)ways_peek(&ways, WAYS_PER_SET + 1),
                     WAYS_PER_SET + 1);
    assert_int_equal(*(uint64_t *)ways_find(&ways, 5, 1, &is_new), 5);
    assert_false(is_new); /* And used longest ago now. */
    assert_int_equal(*(uint64_t *)ways_find(&ways, 9, 99, &is_new), 5);
    assert_true(is_new);
    assert_null(ways_peek(&ways, 5));
    ways_clear(&ways);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(is_exact_while_there_are_few),
        cmocka_unit_test(estimates_within_its_error),
        cmocka_unit_test(never_exceeds_what_was_added),
        cmocka_unit_test(never_falls),
        cmocka_unit_test(a_full_set_gives_up_the_quietest),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
