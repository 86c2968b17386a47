/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * A log as plain files that any web server can serve (C2SP tlog-tiles
 * v0.1.0). A tile holds the 256 hashes of one stretch of one level of the
 * tree, eight levels apart; the rightmost of a level may be partial. Beside
 * them lie the entries themselves, 256 to a bundle, each after its size.
 */
#include "base/reader.h"
#include "base/writer.h"
#include "tlog/merkle.h"

enum {
    TLOG_TILE_HEIGHT = 8,
    TLOG_TILE_WIDTH = 256,
    TLOG_TILE_SIZE = TLOG_TILE_WIDTH * TLOG_HASH_SIZE,
    TLOG_TILE_LEVEL_MAX = 7,   /* 2^63 leaves need no more. */
    TLOG_TILE_PATH_SIZE = 64,  /* With the final zero; the longest is 50. */
    TLOG_ENTRY_MAX = 65535,    /* Bytes: its size is 16 bits. */
    TLOG_BUNDLE_SIZE_MAX = TLOG_TILE_WIDTH * (2 + TLOG_ENTRY_MAX),
};

struct tlog_tile {
    bool is_bundle;   /* Of entries; level is then 0. */
    unsigned level;   /* Of tiles: subtree level / 8. */
    uint64_t number;  /* From 0, left to right. */
    unsigned width;   /* 1 to 256: below 256 it is partial. */
};

/* "tile/0/x001/x234/067" or "tile/entries/000.p/12"; returns `path`. */
const char *tlog_tile_path(const struct tlog_tile *tile,
                           char path[TLOG_TILE_PATH_SIZE]);

/* The inverse, for who serves them: only the one spelling is accepted. */
bool tlog_tile_parse(struct bytes path, struct tlog_tile *tile) MUST_USE;

/* How many hashes tile `number` of `level` has in the tree of `size` leaves;
 * 0 when it is not there. Also of bundles, with level 0. */
unsigned tlog_tile_width(unsigned level, uint64_t number, uint64_t size);

/* The hash of a subtree inside a tile's hashes: `level` counts from the
 * tile's own, 0 to 7. False when the tile does not reach that far. */
bool tlog_tile_hash(struct bytes tile, unsigned level, uint64_t index,
                    struct tlog_hash *hash) MUST_USE;

/* Gives the content of a tile; a view valid until the next call. */
typedef bool tlog_tile_read_function(void *context,
                                     const struct tlog_tile *tile,
                                     struct bytes *content);

/* A source of subtree hashes over the tiles of the tree of `size` leaves:
 * give tlog_tiles_read with it as context. */
struct tlog_tiles {
    uint64_t size;
    tlog_tile_read_function *read;
    void *context;
};

bool tlog_tiles_read(void *context, unsigned level, uint64_t index,
                     struct tlog_hash *hash);

/* Append an entry to a bundle; it is at most TLOG_ENTRY_MAX. */
void tlog_bundle_append(struct writer *w, struct bytes entry);

/* The next entry of a bundle; ask reader_ok() at the end. */
struct bytes tlog_bundle_next(struct reader *r);
