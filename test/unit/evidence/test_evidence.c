/* SPDX-License-Identifier: Apache-2.0 */
#include "evidence/evidence.h"

#include "capture_fake.h"
#include "evidence/blocks.h"
#include "test.h"

static struct frame frame_of(uint64_t number, const uint8_t *data, size_t size)
{
    return (struct frame){ .data = bytes_of(data, size),
                           .mark = { .number = number, .time_ns = 5 } };
}

static struct evidence_counters counters_of(struct evidence_store *store)
{
    struct evidence_counters counters;
    evidence_read_counters(store, &counters);
    return counters;
}

static void keeps_a_copy_that_is_read_back(void **state)
{
    (void)state;
    struct evidence_store *store = evidence_store_new(EVIDENCE_BYTES_MAX);
    uint8_t data[] = "abc";
    struct frame frame = frame_of(7, data, 3);
    uint32_t id = evidence_keep(store, &frame);
    struct frame read;

    data[0] = 'x';
    evidence_read(store, id, &read);
    assert_true(bytes_equal(read.data, bytes_of_text("abc")));
    assert_int_equal(read.mark.number, 7);
    assert_int_equal(read.mark.time_ns, 5);
    evidence_drop(store, id);
    assert_int_equal(counters_of(store).bytes, 0);
    evidence_store_free(store);
}

static void keeps_a_frame_once_until_its_last_holder_drops_it(void **state)
{
    (void)state;
    struct evidence_store *store = evidence_store_new(EVIDENCE_BYTES_MAX);
    struct frame frame = frame_of(1, (const uint8_t *)"abc", 3);
    uint32_t id = evidence_keep(store, &frame);

    assert_int_equal(evidence_keep(store, &frame), id);
    evidence_hold(store, id);
    assert_int_equal(counters_of(store).kept, 1);
    evidence_drop(store, id);
    evidence_drop(store, id);
    assert_int_equal(counters_of(store).bytes, BLOCK_SIZE_MIN);
    evidence_drop(store, id);
    assert_int_equal(counters_of(store).bytes, 0);
    evidence_hold(store, EVIDENCE_NONE);
    evidence_drop(store, EVIDENCE_NONE);
    evidence_store_free(store);
}

static void refuses_and_counts_a_frame_without_room(void **state)
{
    (void)state;
    struct evidence_store *store = evidence_store_new(4 * BLOCK_SIZE_MIN);
    static const uint8_t data[BLOCK_SIZE_MIN + 1];
    uint32_t ids[4];

    for (uint64_t i = 0; i < 4; i++) {
        struct frame frame = frame_of(i + 1, data, BLOCK_SIZE_MIN);
        ids[i] = evidence_keep(store, &frame);
        assert_int_not_equal(ids[i], EVIDENCE_NONE);
    }
    struct frame frame = frame_of(5, data, 1);
    assert_int_equal(evidence_keep(store, &frame), EVIDENCE_NONE);
    assert_int_equal(counters_of(store).refused, 1);
    evidence_drop(store, ids[0]);
    evidence_drop(store, ids[1]);
    frame = frame_of(6, data, BLOCK_SIZE_MIN + 1); /* Two halves joined. */
    assert_int_not_equal(evidence_keep(store, &frame), EVIDENCE_NONE);
    evidence_store_free(store);
}

static void refuses_the_frame_past_the_last_entry(void **state)
{
    (void)state;
    struct evidence_store *store = evidence_store_new(EVIDENCE_BYTES_MAX);
    struct frame frame;

    for (uint64_t i = 1; i <= EVIDENCE_COUNT_MAX; i++) {
        frame = frame_of(i, NULL, 0);
        assert_int_not_equal(evidence_keep(store, &frame), EVIDENCE_NONE);
    }
    frame = frame_of(EVIDENCE_COUNT_MAX + 1, NULL, 0);
    assert_int_equal(evidence_keep(store, &frame), EVIDENCE_NONE);
    evidence_drop(store, 77);
    assert_int_equal(evidence_keep(store, &frame), 77);
    evidence_store_free(store);
}

static void keeps_the_newest_of_a_scene_oldest_first(void **state)
{
    (void)state;
    struct evidence_store *store = evidence_store_new(EVIDENCE_BYTES_MAX);
    struct capture capture = { .history_end = 4 };
    struct frame_mark marks[5] = { 0 };
    uint32_t ids[8];
    struct frame read;

    for (size_t i = 0; i < 5; i++)
        marks[i].number = i + 1;
    struct evidence_scene scene = {
        .store = store, .capture = &capture, .marks = marks, .count = 5
    };
    assert_int_equal(evidence_keep_scene(&scene, ids, 2), 2);
    evidence_read(store, ids[0], &read);
    assert_int_equal(read.mark.number, 2);
    evidence_read(store, ids[1], &read);
    assert_int_equal(read.mark.number, 3);
    assert_int_equal(counters_of(store).missed, 2);
    assert_int_equal(evidence_keep_scene(NULL, ids, 2), 0);
    scene.capture = NULL; /* What is kept needs no history. */
    assert_int_equal(evidence_keep_scene(&scene, ids, 8), 2);
    evidence_store_free(store);
}

/* Any order of taking and giving back leaves the memory whole again. */
static void blocks_join_again_after_any_order(void **state)
{
    (void)state;
    struct blocks blocks;
    uint16_t taken[64];
    unsigned orders[64];
    uint32_t random = 1;

    blocks_init(&blocks, (size_t)100 * BLOCK_SIZE_MIN);
    for (int round = 0; round < 200; round++) {
        size_t count = 0;
        for (size_t i = 0; i < 64; i++) {
            random = random * 1664525 + 1013904223;
            orders[count] = random >> 28 & 3;
            taken[count] = blocks_take(&blocks, orders[count]);
            count += taken[count] != BLOCK_NONE;
        }
        for (size_t i = 0; i < count; i++) {
            size_t at = (i * 7 + (size_t)round) % count;
            while (taken[at] == BLOCK_NONE)
                at = (at + 1) % count;
            blocks_give(&blocks, taken[at], orders[at]);
            taken[at] = BLOCK_NONE;
        }
        uint16_t whole = blocks_take(&blocks, 6);
        assert_int_not_equal(whole, BLOCK_NONE);
        blocks_give(&blocks, whole, 6);
    }
    blocks_clear(&blocks);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keeps_a_copy_that_is_read_back),
        cmocka_unit_test(keeps_a_frame_once_until_its_last_holder_drops_it),
        cmocka_unit_test(refuses_and_counts_a_frame_without_room),
        cmocka_unit_test(refuses_the_frame_past_the_last_entry),
        cmocka_unit_test(keeps_the_newest_of_a_scene_oldest_first),
        cmocka_unit_test(blocks_join_again_after_any_order),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
