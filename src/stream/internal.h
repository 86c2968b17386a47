/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Where bytes wait: blocks of memory out of one budget, and, in a block, a
 * window on one side of a stream of which some ranges are there.
 */
#include "base/bytes.h"
#include "base/compiler.h"

enum {
    BLOCK_ORDER_COUNT = 6,
    BLOCK_SIZE_MIN = 2 << 10, /* Order 0: a segment of an Ethernet frame. */
    BLOCK_SIZE_MAX = BLOCK_SIZE_MIN << (BLOCK_ORDER_COUNT - 1),

    /* Pieces with holes between them. Loss and reordering make a few; only
     * an attack makes more. */
    WINDOW_RANGE_MAX = 12,
};

struct block_store;

/* Memory is taken from the system as it is first used, never more than
 * `size_max`, rounded down to whole largest blocks (at least one). */
struct block_store *block_store_new(size_t size_max);
void block_store_free(struct block_store *store);

static inline uint32_t block_size(uint8_t order)
{
    return (uint32_t)BLOCK_SIZE_MIN << order;
}

/* A block of `block_size(order)` bytes, or null when there is none. */
uint8_t *block_take(struct block_store *store, uint8_t order);
void block_give(struct block_store *store, uint8_t *block);

/* Positions count from the window's base, both inclusive. */
struct window_range {
    uint16_t first;
    uint16_t last;
};

/* Ranges are in order, apart, and never touch. */
struct window {
    uint8_t *block; /* Null when nothing waits. */
    uint32_t begin; /* Of the base in the block. */
    uint8_t order;
    uint8_t count;
    struct window_range ranges[WINDOW_RANGE_MAX];
};

/* How many bytes there are from the base on without a hole. */
uint32_t window_ready(const struct window *window);
struct bytes window_view(const struct window *window);

/* Where the first range after a hole begins; WINDOW_NO_ISLAND without one. */
#define WINDOW_NO_ISLAND UINT32_MAX
uint32_t window_island(const struct window *window);

/* One past the last byte that is there. */
uint32_t window_extent(const struct window *window);

/* How many bytes wait, holes not counted. */
uint32_t window_size(const struct window *window);

/* True when a range [at, at + size) would not be one too many. */
bool window_may_hold(const struct window *window, uint32_t at, size_t size);

/* True when the block has room (perhaps after a move) up to `extent`. */
bool window_has_room(const struct window *window, uint32_t extent);

/* Go on in a larger block; returns the old one, or null. */
uint8_t *window_change_block(struct window *window, uint8_t *block,
                             uint8_t order);

/*
 * Bytes at position `at`, for which there are a range and room. Bytes that
 * are there already stay as they are; false when they are not the same.
 */
bool window_put(struct window *window, uint32_t at, struct bytes data);

/* Move the base on; what is before it is gone. */
void window_advance(struct window *window, uint64_t size);

/* Empty the window; returns its block, or null. */
uint8_t *window_drop(struct window *window);
