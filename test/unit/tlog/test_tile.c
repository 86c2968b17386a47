/* SPDX-License-Identifier: Apache-2.0 */
#include "tlog/tile.h"

#include <string.h>

#include "test.h"

enum { LEAVES = 70000 };

static void paths_are_those_of_the_standard(void **state)
{
    static const struct {
        struct tlog_tile tile;
        const char *path;
    } vectors[] = {
        { { false, 0, 0, 256 }, "tile/0/000" },
        { { false, 0, 1234067, 256 }, "tile/0/x001/x234/067" },
        { { false, 1, 1, 17 }, "tile/1/001.p/17" },
        { { true, 0, 999, 256 }, "tile/entries/999" },
        { { true, 0, 1000, 1 }, "tile/entries/x001/000.p/1" },
        { { false, 7, INT64_MAX, 255 },
          "tile/7/x009/x223/x372/x036/x854/x775/807.p/255" },
    };
    char path[TLOG_TILE_PATH_SIZE];

    (void)state;
    for (size_t i = 0; i < COUNT_OF(vectors); i++) {
        struct tlog_tile parsed;
        assert_string_equal(tlog_tile_path(&vectors[i].tile, path),
                            vectors[i].path);
        assert_true(
            tlog_tile_parse(bytes_of_text(vectors[i].path), &parsed));
        assert_int_equal(parsed.is_bundle, vectors[i].tile.is_bundle);
        assert_int_equal(parsed.level, vectors[i].tile.level);
        assert_true(parsed.number == vectors[i].tile.number);
        assert_int_equal(parsed.width, vectors[i].tile.width);
    }
}

static void other_spellings_are_refused(void **state)
{
    static const char *const bad[] = {
        "",
        "tile",
        "tile/0",
        "tile/0/",
        "tile/0/67",           /* Three digits. */
        "tile/0/x000/067",     /* An empty group. */
        "tile/0/x001",         /* Goes on, and does not. */
        "tile/0/067/067",      /* Ended, and goes on. */
        "tile/8/000",          /* No tree is that high. */
        "tile/00/000",
        "tile/0/000.p/0",      /* No empty tile. */
        "tile/0/000.p/256",    /* A whole one has no suffix. */
        "tile/0/000.p/01",
        "tile/0/000.p",
        "tile/0/../../etc/passwd",
        "/tile/0/000",
        "tile/0/x999/x999/x999/x999/x999/x999/x999/999",
        "tile/0/x009/x223/x372/x036/x854/x775/808",
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        struct tlog_tile tile;
        if (tlog_tile_parse(bytes_of_text(bad[i]), &tile))
            fail_msg("accepted: %s", bad[i]);
    }
}

/* C2SP tlog-tiles: a tree of 70,000 leaves has 273 whole tiles and one of
 * 112, 1 and one of 17, and one of 1. */
static void widths_are_those_of_the_standard(void **state)
{
    (void)state;
    assert_int_equal(tlog_tile_width(0, 272, LEAVES), 256);
    assert_int_equal(tlog_tile_width(0, 273, LEAVES), 112);
    assert_int_equal(tlog_tile_width(0, 274, LEAVES), 0);
    assert_int_equal(tlog_tile_width(1, 0, LEAVES), 256);
    assert_int_equal(tlog_tile_width(1, 1, LEAVES), 17);
    assert_int_equal(tlog_tile_width(2, 0, LEAVES), 1);
    assert_int_equal(tlog_tile_width(3, 0, LEAVES), 0);
    assert_int_equal(tlog_tile_width(0, 0, 256), 256);
    assert_int_equal(tlog_tile_width(0, 1, 256), 0);
    assert_int_equal(tlog_tile_width(1, 0, 256), 1);
    assert_int_equal(tlog_tile_width(0, 0, 0), 0);
}

/* The tiles of a tree, made of its leaves by the plain rule. */
struct tree {
    struct tlog_hash levels[3][LEAVES];
    uint8_t content[TLOG_TILE_SIZE];
};

static bool read_tile(void *context, const struct tlog_tile *tile,
                      struct bytes *content)
{
    struct tree *tree = context;
    const struct tlog_hash *first =
        &tree->levels[tile->level][tile->number * TLOG_TILE_WIDTH];

    for (unsigned i = 0; i < tile->width; i++)
        memcpy(tree->content + (size_t)i * TLOG_HASH_SIZE, first[i].bytes,
               TLOG_HASH_SIZE);
    *content =
        bytes_of(tree->content, (size_t)tile->width * TLOG_HASH_SIZE);
    return true;
}

static void proofs_come_from_tiles(void **state)
{
    static struct tree tree;
    struct tlog_tiles tiles = { LEAVES, read_tile, &tree };
    struct tlog_source source = { tlog_tiles_read, &tiles };
    struct tlog_edge edge = { .size = 0 };
    static const uint64_t places[] = { 0, 255, 256, 65535, 65536, 69999 };

    (void)state;
    for (uint32_t i = 0; i < LEAVES; i++) {
        tree.levels[0][i] = tlog_hash_leaf(bytes_of(&i, sizeof i));
        tlog_edge_append(&edge, &tree.levels[0][i]);
    }
    for (unsigned level = 1; level < 3; level++) {
        for (size_t i = 0; i < (size_t)LEAVES >> level * 8; i++) {
            struct tlog_edge part = { .size = 0 };
            for (size_t k = 0; k < TLOG_TILE_WIDTH; k++)
                tlog_edge_append(&part, &tree.levels[level - 1]
                                             [i * TLOG_TILE_WIDTH + k]);
            tree.levels[level][i] = tlog_edge_root(&part);
        }
    }
    struct tlog_head head = { LEAVES, tlog_edge_root(&edge) };
    for (size_t i = 0; i < COUNT_OF(places); i++) {
        struct tlog_path path;
        assert_true(
            tlog_prove_inclusion(&source, places[i], LEAVES, &path));
        assert_true(tlog_verify_inclusion(&tree.levels[0][places[i]],
                                          places[i], LEAVES, &path,
                                          &head.root));
    }
    struct tlog_range range = { 60000, 60040 };
    struct tlog_range_path path;
    assert_true(tlog_prove_range(&source, range, LEAVES, &path));
    assert_true(tlog_verify_range(&tree.levels[0][range.from], range, &head,
                                  &path));
}

static void a_tile_cut_short_gives_no_hash(void **state)
{
    uint8_t content[3 * TLOG_HASH_SIZE] = { 0 };
    struct bytes tile = bytes_of(content, sizeof content);
    struct tlog_hash hash;

    (void)state;
    assert_true(tlog_tile_hash(tile, 0, 2, &hash));
    assert_false(tlog_tile_hash(tile, 0, 3, &hash));
    assert_true(tlog_tile_hash(tile, 1, 0, &hash));
    assert_false(tlog_tile_hash(tile, 1, 1, &hash));
    assert_false(tlog_tile_hash(tile, 0, TLOG_TILE_WIDTH, &hash));
}

static void bundles_give_back_their_entries(void **state)
{
    struct writer w;

    (void)state;
    writer_init(&w, 1024);
    tlog_bundle_append(&w, bytes_of_text("one"));
    tlog_bundle_append(&w, bytes_of_text(""));
    tlog_bundle_append(&w, bytes_of_text("three"));
    struct reader r = reader_of(writer_view(&w));
    assert_true(bytes_equal(tlog_bundle_next(&r), bytes_of_text("one")));
    assert_int_equal(tlog_bundle_next(&r).size, 0);
    assert_true(bytes_equal(tlog_bundle_next(&r), bytes_of_text("three")));
    assert_true(reader_finished(&r));
    writer_clear(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(paths_are_those_of_the_standard),
        cmocka_unit_test(other_spellings_are_refused),
        cmocka_unit_test(widths_are_those_of_the_standard),
        cmocka_unit_test(proofs_come_from_tiles),
        cmocka_unit_test(a_tile_cut_short_gives_no_hash),
        cmocka_unit_test(bundles_give_back_their_entries),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
