/* SPDX-License-Identifier: Apache-2.0 */
#include "device/clients.h"
#include "test.h"

#include <stdlib.h>

#define SECOND 1000000000LL

static struct ip host(uint32_t number)
{
    return ip_of_v4(0x0a000000 + number);
}

static void a_newcomer_is_told_from_the_first(void **state)
{
    (void)state;
    struct clients *clients = calloc(1, sizeof *clients);
    struct clients_answer answer;

    answer = clients_note(clients, host(1), host(2), 10 * SECOND);
    assert_int_equal(answer.before, 0);
    assert_int_equal(answer.before_ns, 0);
    answer = clients_note(clients, host(1), host(3), 90 * SECOND);
    assert_int_equal(answer.before, 1);
    assert_int_equal(answer.before_ns, 80 * SECOND);
    assert_int_equal(answer.since_ns, 0);
    answer = clients_note(clients, host(1), host(3), 95 * SECOND);
    assert_int_equal(answer.before, 1);
    assert_int_equal(answer.since_ns, 5 * SECOND);
    answer = clients_note(clients, host(1), host(2), 99 * SECOND);
    assert_int_equal(answer.before, 0);
    assert_int_equal(answer.since_ns, 89 * SECOND);
    answer = clients_note(clients, host(4), host(3), 100 * SECOND);
    assert_int_equal(answer.before, 0);
    assert_int_equal(clients->evicted, 0);
    free(clients);
}

static void the_longest_silent_makes_way(void **state)
{
    (void)state;
    struct clients *clients = calloc(1, sizeof *clients);

    for (uint32_t i = 0; i < CLIENTS_SET_SIZE; i++)
        (void)clients_note(clients, host(1), host(10 + i), i * SECOND);
    assert_int_equal(clients->evicted, 0);
    (void)clients_note(clients, host(1), host(10), 50 * SECOND);
    (void)clients_note(clients, host(1), host(99), 51 * SECOND);
    assert_int_equal(clients->evicted, 1);
    /* Host 11 was the one: it comes anew. Host 10 had spoken since. */
    assert_int_equal(clients_note(clients, host(1), host(10), 52 * SECOND)
                         .since_ns, 52 * SECOND);
    assert_int_equal(clients_note(clients, host(1), host(11), 53 * SECOND)
                         .since_ns, 0);
    assert_int_equal(clients->evicted, 2);
    free(clients);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_newcomer_is_told_from_the_first),
        cmocka_unit_test(the_longest_silent_makes_way),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
