/* SPDX-License-Identifier: Apache-2.0 */
#include "tlog/merkle.h"

#include <string.h>

#include "base/memory.h"
#include "test.h"

enum { LEAVES = 70 }; /* Past a full level, and no power of two. */

/* A whole tree in memory, and how often proofs asked it. */
struct forest {
    struct tlog_hash leaves[LEAVES];
    bool fails;
};

/* The hash over leaves [from, to) by the RFC's own recursive words. */
static struct tlog_hash plain_root(const struct forest *forest, size_t from,
                                   size_t to)
{
    size_t split = 1;

    if (to - from == 1)
        return forest->leaves[from];
    while (split * 2 < to - from)
        split *= 2;
    struct tlog_hash left = plain_root(forest, from, from + split);
    struct tlog_hash right = plain_root(forest, from + split, to);
    return tlog_hash_node(&left, &right);
}

static bool read_hash(void *context, unsigned level, uint64_t index,
                      struct tlog_hash *hash)
{
    const struct forest *forest = context;
    uint64_t width = 1ull << level;

    assert_true((index + 1) * width <= LEAVES);
    *hash = plain_root(forest, index * width, (index + 1) * width);
    return !forest->fails;
}

static struct forest make_forest(void)
{
    struct forest forest = { .fails = false };

    for (size_t i = 0; i < LEAVES; i++) {
        uint8_t content = (uint8_t)i;
        forest.leaves[i] = tlog_hash_leaf(bytes_of(&content, 1));
    }
    return forest;
}

static struct tlog_source source_of(struct forest *forest)
{
    return (struct tlog_source){ .read = read_hash, .context = forest };
}

static void the_empty_tree_is_the_hash_of_nothing(void **state)
{
    static const uint8_t expected[4] = { 0xe3, 0xb0, 0xc4, 0x42 };
    struct tlog_edge edge = { .size = 0 };
    struct tlog_hash root = tlog_edge_root(&edge);

    (void)state;
    assert_memory_equal(root.bytes, expected, sizeof expected);
}

static void an_edge_has_the_root_of_the_definition(void **state)
{
    struct forest forest = make_forest();
    struct tlog_edge edge = { .size = 0 };

    (void)state;
    for (size_t i = 0; i < LEAVES; i++) {
        tlog_edge_append(&edge, &forest.leaves[i]);
        struct tlog_hash root = tlog_edge_root(&edge);
        struct tlog_hash plain = plain_root(&forest, 0, i + 1);
        assert_true(tlog_hash_equal(&root, &plain));
    }
}

static void every_leaf_of_every_tree_is_proved(void **state)
{
    struct forest forest = make_forest();
    struct tlog_source source = source_of(&forest);

    (void)state;
    for (uint64_t size = 1; size <= LEAVES; size++) {
        struct tlog_hash root = plain_root(&forest, 0, size);
        for (uint64_t index = 0; index < size; index++) {
            struct tlog_path path;
            const struct tlog_hash *leaf = &forest.leaves[index];
            assert_true(tlog_prove_inclusion(&source, index, size, &path));
            assert_true(
                tlog_verify_inclusion(leaf, index, size, &path, &root));
            /* Nothing else passes: another place, size, length, leaf. */
            assert_false(tlog_verify_inclusion(leaf, index + 1, size, &path,
                                               &root));
            path.count++;
            assert_false(
                tlog_verify_inclusion(leaf, index, size, &path, &root));
            path.count--;
            if (path.count == 0)
                continue;
            path.hashes[path.count - 1].bytes[31] ^= 1;
            assert_false(
                tlog_verify_inclusion(leaf, index, size, &path, &root));
            path.hashes[path.count - 1].bytes[31] ^= 1;
            path.count--;
            assert_false(
                tlog_verify_inclusion(leaf, index, size, &path, &root));
        }
    }
}

static void every_tree_is_the_beginning_of_every_later_one(void **state)
{
    struct forest forest = make_forest();
    struct tlog_source source = source_of(&forest);

    (void)state;
    for (uint64_t size = 1; size <= LEAVES; size++) {
        struct tlog_head head = { size, plain_root(&forest, 0, size) };
        for (uint64_t before = 1; before <= size; before++) {
            struct tlog_head old = { before,
                                     plain_root(&forest, 0, before) };
            struct tlog_path path;
            assert_true(
                tlog_prove_consistency(&source, before, size, &path));
            assert_true(tlog_verify_consistency(&old, &head, &path));
            old.root.bytes[0] ^= 1;
            assert_false(tlog_verify_consistency(&old, &head, &path));
            old.root.bytes[0] ^= 1;
            path.count++;
            assert_false(tlog_verify_consistency(&old, &head, &path));
        }
    }
}

static void nothing_and_more_are_not_beginnings(void **state)
{
    struct forest forest = make_forest();
    struct tlog_head empty = { .size = 0 };
    struct tlog_head three = { 3, plain_root(&forest, 0, 3) };
    struct tlog_head four = { 4, plain_root(&forest, 0, 4) };
    struct tlog_path none = { .count = 0 };

    (void)state;
    assert_false(tlog_verify_consistency(&empty, &three, &none));
    assert_false(tlog_verify_consistency(&four, &three, &none));
    assert_true(tlog_verify_consistency(&three, &three, &none));
}

static void every_run_of_leaves_is_proved_at_once(void **state)
{
    struct forest forest = make_forest();
    struct tlog_source source = source_of(&forest);
    struct tlog_head head = { LEAVES, plain_root(&forest, 0, LEAVES) };

    (void)state;
    for (uint64_t from = 0; from < LEAVES; from++) {
        for (uint64_t to = from + 1; to <= LEAVES; to++) {
            struct tlog_range range = { from, to };
            struct tlog_range_path path;
            struct tlog_hash *leaves = &forest.leaves[from];
            assert_true(tlog_prove_range(&source, range, LEAVES, &path));
            assert_true(tlog_verify_range(leaves, range, &head, &path));
            leaves[to - from - 1].bytes[7] ^= 1;
            assert_false(tlog_verify_range(leaves, range, &head, &path));
            leaves[to - from - 1].bytes[7] ^= 1;
            path.count++;
            assert_false(tlog_verify_range(leaves, range, &head, &path));
        }
    }
}

static void leaves_that_changed_places_are_refused(void **state)
{
    struct forest forest = make_forest();
    struct tlog_source source = source_of(&forest);
    struct tlog_head head = { LEAVES, plain_root(&forest, 0, LEAVES) };
    struct tlog_range range = { 10, 20 };
    struct tlog_range_path path;
    struct tlog_hash leaves[10];

    (void)state;
    assert_true(tlog_prove_range(&source, range, LEAVES, &path));
    memcpy(leaves, &forest.leaves[10], sizeof leaves);
    leaves[3] = forest.leaves[14];
    leaves[4] = forest.leaves[13];
    assert_false(tlog_verify_range(leaves, range, &head, &path));
    leaves[4] = forest.leaves[14]; /* One twice, one lost. */
    assert_false(tlog_verify_range(leaves, range, &head, &path));
    range.to = LEAVES + 1;
    assert_false(tlog_verify_range(leaves, range, &head, &path));
    range.to = range.from;
    assert_false(tlog_verify_range(leaves, range, &head, &path));
}

static void a_hash_that_is_not_to_be_had_fails_the_proof(void **state)
{
    struct forest forest = make_forest();
    struct tlog_source source = source_of(&forest);
    struct tlog_path path = { .count = 77 };

    (void)state;
    forest.fails = true;
    assert_false(tlog_prove_inclusion(&source, 5, LEAVES, &path));
    assert_false(tlog_prove_consistency(&source, 5, LEAVES, &path));
    assert_int_equal(path.count, 77);
}

static void a_range_falls_into_its_largest_subtrees(void **state)
{
    (void)state;
    assert_int_equal(tlog_subtree_level(0, 1), 0);
    assert_int_equal(tlog_subtree_level(0, 70), 6);
    assert_int_equal(tlog_subtree_level(64, 70), 2);
    assert_int_equal(tlog_subtree_level(68, 70), 1);
    assert_int_equal(tlog_subtree_level(3, 70), 0);
    assert_int_equal(tlog_subtree_level(0, UINT64_MAX), 63);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_empty_tree_is_the_hash_of_nothing),
        cmocka_unit_test(an_edge_has_the_root_of_the_definition),
        cmocka_unit_test(every_leaf_of_every_tree_is_proved),
        cmocka_unit_test(every_tree_is_the_beginning_of_every_later_one),
        cmocka_unit_test(nothing_and_more_are_not_beginnings),
        cmocka_unit_test(every_run_of_leaves_is_proved_at_once),
        cmocka_unit_test(leaves_that_changed_places_are_refused),
        cmocka_unit_test(a_hash_that_is_not_to_be_had_fails_the_proof),
        cmocka_unit_test(a_range_falls_into_its_largest_subtrees),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
