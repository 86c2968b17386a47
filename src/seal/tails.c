/* SPDX-License-Identifier: Apache-2.0 */
#include "seal/tails.h"

#include <errno.h>
#include <string.h>

#include "base/check.h"

void tails_init(struct tails *tails)
{
    memset(tails, 0, sizeof *tails);
    writer_init(&tails->bundle, TLOG_BUNDLE_SIZE_MAX);
}

void tails_clear(struct tails *tails)
{
    writer_clear(&tails->bundle);
}

/* A tile's size in bytes; a bundle's is only bounded. */
static size_t size_max(const struct tlog_tile *tile)
{
    return tile->is_bundle ? (size_t)TLOG_BUNDLE_SIZE_MAX
                           : (size_t)TLOG_TILE_SIZE;
}

int tails_read_tile(const struct seal_folder *folder,
                    const struct tlog_tile *tile, struct writer *w,
                    struct failure *failure)
{
    char path[TLOG_TILE_PATH_SIZE];
    struct tlog_tile whole = *tile;
    int result = seal_file_read(folder, tlog_tile_path(tile, path),
                                size_max(tile), w, failure);

    /* A partial tile may be gone once the whole one is there. */
    whole.width = TLOG_TILE_WIDTH;
    if (result == -ENOENT && tile->width < TLOG_TILE_WIDTH)
        result = seal_file_read(folder, tlog_tile_path(&whole, path),
                                size_max(tile), w, failure);
    if (result == -ENOENT)
        return failure_set(failure, result, "%s/%s: missing", folder->name,
                           path);
    if (result == 0 && !tile->is_bundle &&
        w->size < (size_t)tile->width * TLOG_HASH_SIZE)
        return failure_set(failure, ERROR_TRUNCATED, "%s/%s: too short",
                           folder->name, path);
    return result;
}

static int load_level(struct tails *tails, unsigned level,
                      const struct seal_folder *folder,
                      struct failure *failure)
{
    struct tail *tail = &tails->levels[level];
    uint64_t hashes = tails->size >> level * TLOG_TILE_HEIGHT;
    struct tlog_tile tile = {
        .level = level,
        .number = hashes / TLOG_TILE_WIDTH,
        .width = (unsigned)(hashes % TLOG_TILE_WIDTH),
    };
    struct writer w;

    tail->number = tile.number;
    tail->width = tile.width;
    if (tile.width == 0)
        return 0;
    writer_init(&w, TLOG_TILE_SIZE);
    int result = tails_read_tile(folder, &tile, &w, failure);
    struct reader r = reader_of(writer_view(&w));
    for (unsigned i = 0; result == 0 && i < tile.width; i++) {
        struct bytes hash = reader_bytes(&r, TLOG_HASH_SIZE);
        check(hash.size == TLOG_HASH_SIZE); /* Its size was looked at. */
        memcpy(tail->hashes[i].bytes, hash.data, TLOG_HASH_SIZE);
    }
    writer_clear(&w);
    return result;
}

static int load_bundle(struct tails *tails, const struct seal_folder *folder,
                       struct failure *failure)
{
    struct tlog_tile tile = {
        .is_bundle = true,
        .number = tails->size / TLOG_TILE_WIDTH,
        .width = (unsigned)(tails->size % TLOG_TILE_WIDTH),
    };
    struct writer w;

    writer_reset(&tails->bundle);
    if (tile.width == 0)
        return 0;
    writer_init(&w, TLOG_BUNDLE_SIZE_MAX);
    int result = tails_read_tile(folder, &tile, &w, failure);
    struct reader r = reader_of(writer_view(&w));
    for (unsigned i = 0; result == 0 && i < tile.width; i++)
        tlog_bundle_append(&tails->bundle, tlog_bundle_next(&r));
    if (result == 0 && !reader_ok(&r))
        result = failure_set(failure, ERROR_TRUNCATED,
                             "%s: bundle %llu of entries is too short",
                             folder->name, (unsigned long long)tile.number);
    writer_clear(&w);
    return result;
}

int tails_load(struct tails *tails, const struct seal_folder *folder,
               uint64_t size, struct failure *failure)
{
    tails->size = size;
    for (unsigned level = 0; level <= TLOG_TILE_LEVEL_MAX; level++) {
        int result = load_level(tails, level, folder, failure);
        if (result < 0)
            return result;
    }
    return load_bundle(tails, folder, failure);
}

static int write_tile(const struct tail *tail, unsigned level,
                      const struct seal_folder *folder,
                      struct failure *failure)
{
    struct tlog_tile tile = { .level = level, .number = tail->number,
                              .width = tail->width };
    char path[TLOG_TILE_PATH_SIZE];

    return seal_file_write(
        folder, tlog_tile_path(&tile, path),
        bytes_of(tail->hashes, (size_t)tail->width * TLOG_HASH_SIZE),
        failure);
}

static int write_bundle(const struct tails *tails, unsigned width,
                        const struct seal_folder *folder,
                        struct failure *failure)
{
    struct tlog_tile tile = { .is_bundle = true,
                              .number = tails->levels[0].number,
                              .width = width };
    char path[TLOG_TILE_PATH_SIZE];

    return seal_file_write(folder, tlog_tile_path(&tile, path),
                           writer_view(&tails->bundle), failure);
}

struct tlog_hash tails_tile_root(const struct tail *tail)
{
    struct tlog_edge edge = { .size = 0 };

    for (unsigned i = 0; i < tail->width; i++)
        tlog_edge_append(&edge, &tail->hashes[i]);
    return tlog_edge_root(&edge);
}

/* Add a hash to a level; a tile that is full is written and carries. */
static int carry(struct tails *tails, const struct tlog_hash *leaf,
                 const struct seal_folder *folder, struct failure *failure)
{
    struct tlog_hash hash = *leaf;

    for (unsigned level = 0; level <= TLOG_TILE_LEVEL_MAX; level++) {
        struct tail *tail = &tails->levels[level];
        tail->hashes[tail->width++] = hash;
        if (tail->width < TLOG_TILE_WIDTH)
            return 0;
        int result = write_tile(tail, level, folder, failure);
        if (result < 0)
            return result;
        hash = tails_tile_root(tail);
        tail->width = 0;
        tail->number++;
    }
    return failure_set(failure, ERROR_LIMIT, "%s: the log is full",
                       folder->name);
}

int tails_append(struct tails *tails, const struct seal_folder *folder,
                 struct bytes leaf, struct failure *failure)
{
    struct tlog_hash hash = tlog_hash_leaf(leaf);
    bool is_last = tails->levels[0].width == TLOG_TILE_WIDTH - 1;

    tlog_bundle_append(&tails->bundle, leaf);
    check(!tails->bundle.overflowed);
    /* Entries before the hashes over them. */
    int result = is_last ? write_bundle(tails, TLOG_TILE_WIDTH, folder,
                                        failure)
                         : 0;
    if (result < 0)
        return result;
    if (is_last)
        writer_reset(&tails->bundle);
    tails->size++;
    return carry(tails, &hash, folder, failure);
}

int tails_flush(const struct tails *tails, const struct seal_folder *folder,
                struct failure *failure)
{
    int result = 0;

    if (tails->levels[0].width > 0)
        result = write_bundle(tails, tails->levels[0].width, folder, failure);
    for (unsigned level = 0; result == 0 && level <= TLOG_TILE_LEVEL_MAX;
         level++)
        if (tails->levels[level].width > 0)
            result =
                write_tile(&tails->levels[level], level, folder, failure);
    return result;
}

struct tlog_hash tails_root(const struct tails *tails)
{
    struct tlog_edge edge = { .size = 0 };

    for (unsigned level = TLOG_TILE_LEVEL_MAX + 1; level-- > 0;) {
        const struct tail *tail = &tails->levels[level];
        for (unsigned i = 0; i < tail->width; i++)
            tlog_edge_append_subtree(&edge, level * TLOG_TILE_HEIGHT,
                                     &tail->hashes[i]);
    }
    check(edge.size == tails->size);
    return tlog_edge_root(&edge);
}
