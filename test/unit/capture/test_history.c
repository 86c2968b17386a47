/* SPDX-License-Identifier: Apache-2.0 */
#include "capture/history.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "test.h"

enum { FRAME_SIZE = 1500 };

static struct bytes filled(uint8_t *data, size_t size, uint8_t value)
{
    memset(data, value, size);
    return bytes_of(data, size);
}

static void recalls_what_was_appended(void **state)
{
    (void)state;
    struct history *history = history_new();
    uint8_t data[] = "a frame";
    struct bytes copy = history_append(history, bytes_of(data, sizeof data));
    uint64_t place = history_place(history, copy.data);
    struct bytes found;

    data[0] = 'x'; /* The ring's block goes back to the kernel. */
    assert_true(history_recall(history, place, sizeof data, &found));
    assert_true(bytes_equal(found, bytes_of("a frame", sizeof data)));
    history_free(history);
}

static void remembers_by_size_however_small_the_pieces(void **state)
{
    (void)state;
    struct history *history = history_new();
    uint8_t data[FRAME_SIZE];
    size_t count = (size_t)(HISTORY_BLOCKS - 1) * HISTORY_BLOCK_SIZE /
                   FRAME_SIZE;
    uint64_t *places = memory_new(count, sizeof *places);
    struct bytes found;

    for (size_t i = 0; i < count; i++) {
        struct bytes copy = history_append(
            history, filled(data, sizeof data, (uint8_t)i));
        places[i] = history_place(history, copy.data);
    }
    for (size_t i = 0; i < count; i++) {
        assert_true(history_recall(history, places[i], FRAME_SIZE, &found));
        assert_int_equal(found.data[0], (uint8_t)i);
        assert_int_equal(found.data[FRAME_SIZE - 1], (uint8_t)i);
    }
    free(places);
    history_free(history);
}

static void forgets_what_its_blocks_no_longer_hold(void **state)
{
    (void)state;
    struct history *history = history_new();
    uint8_t data[FRAME_SIZE];
    struct bytes copy =
        history_append(history, filled(data, sizeof data, 1));
    uint64_t place = history_place(history, copy.data);
    struct bytes found;

    for (size_t i = 0;
         i < (size_t)HISTORY_BLOCKS * HISTORY_BLOCK_SIZE / FRAME_SIZE + 1; i++)
        (void)history_append(history, filled(data, sizeof data, 2));
    assert_false(history_recall(history, place, FRAME_SIZE, &found));
    history_free(history);
}

static void takes_the_largest_view_and_nothing(void **state)
{
    (void)state;
    struct history *history = history_new();
    uint8_t *large = memory_new(HISTORY_VIEW_MAX, 1);
    struct bytes found;

    /* Six of them do not fit one block; each stays whole. */
    for (uint8_t i = 0; i < 6; i++) {
        struct bytes copy = history_append(
            history, filled(large, HISTORY_VIEW_MAX, i));
        uint64_t place = history_place(history, copy.data);
        assert_true(history_recall(history, place, copy.size, &found));
        assert_true(bytes_equal(found, bytes_of(large, HISTORY_VIEW_MAX)));
    }
    assert_int_equal(history_append(history, bytes_of(NULL, 0)).size, 0);
    free(large);
    history_free(history);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(recalls_what_was_appended),
        cmocka_unit_test(remembers_by_size_however_small_the_pieces),
        cmocka_unit_test(forgets_what_its_blocks_no_longer_hold),
        cmocka_unit_test(takes_the_largest_view_and_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
