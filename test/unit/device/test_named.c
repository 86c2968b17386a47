/* SPDX-License-Identifier: Apache-2.0 */
#include "device/named.h"
#include "test.h"

#include <stdlib.h>

static struct ip host(uint32_t number)
{
    return ip_of_v4(0x0a000000 + number);
}

static void what_an_answer_gave_is_named(void **state)
{
    (void)state;
    struct named *named = calloc(1, sizeof *named);

    /* Who was never seen to ask may know names that we do not. */
    assert_false(named_is_unnamed(named, host(1), host(9)));
    named_note(named, host(1), host(8), 1);
    assert_true(named_has(named, host(8)));
    assert_false(named_has(named, host(1)));
    assert_false(named_is_unnamed(named, host(1), host(8)));
    assert_true(named_is_unnamed(named, host(1), host(9)));
    assert_false(named_is_unnamed(named, host(2), host(9)));
    /* A client is no named address. */
    assert_true(named_is_unnamed(named, host(1), host(1)));
    named_note(named, host(2), host(9), 2);
    assert_false(named_is_unnamed(named, host(1), host(9)));
    free(named);
}

static void the_oldest_are_forgotten(void **state)
{
    (void)state;
    struct named *named = calloc(1, sizeof *named);
    const uint32_t all = NAMED_SET_COUNT * NAMED_SET_SIZE;
    uint32_t forgotten = 0;

    for (uint32_t i = 0; i < 2 * all; i++)
        named_note(named, host(1), host(100 + i), i);
    assert_false(named_is_unnamed(named, host(1), host(99 + 2 * all)));
    for (uint32_t i = 0; i < 2 * all; i++)
        forgotten += named_is_unnamed(named, host(1), host(100 + i));
    assert_true(forgotten >= all);
    assert_true(forgotten < 2 * all - all / 2);
    free(named);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_an_answer_gave_is_named),
        cmocka_unit_test(the_oldest_are_forgotten),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
