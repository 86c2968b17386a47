/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The right edge of a log in tiles: of each level the hashes of the tile that
 * is not full yet, and the entries of the bundle that is not. What appending
 * needs, and all of it; full tiles are written once and never looked at.
 */
#include "seal/files.h"
#include "tlog/tile.h"

struct tail {
    unsigned width;                       /* 0 to 255. */
    uint64_t number;                      /* Of the tile. */
    struct tlog_hash hashes[TLOG_TILE_WIDTH];
};

struct tails {
    uint64_t size;                        /* Leaves. */
    struct tail levels[TLOG_TILE_LEVEL_MAX + 1];
    struct writer bundle;
};

void tails_init(struct tails *tails);
void tails_clear(struct tails *tails);

/* Read the edge of the tree of `size` leaves from the folder; an error when a
 * tile is missing or too short. */
int tails_load(struct tails *tails, const struct seal_folder *folder,
               uint64_t size, struct failure *failure) MUST_USE;

/* Append a leaf. Tiles and bundles that it fills are written. */
int tails_append(struct tails *tails, const struct seal_folder *folder,
                 struct bytes leaf, struct failure *failure) MUST_USE;

/* Write what is partial, so that the tree of this size can be served. */
int tails_flush(const struct tails *tails, const struct seal_folder *folder,
                struct failure *failure) MUST_USE;

struct tlog_hash tails_root(const struct tails *tails);

/* The hash over a whole tile: one hash of the level above. */
struct tlog_hash tails_tile_root(const struct tail *tail);

/* Read a tile, or the whole one of which it is the beginning, into `w`. */
int tails_read_tile(const struct seal_folder *folder,
                    const struct tlog_tile *tile, struct writer *w,
                    struct failure *failure) MUST_USE;
