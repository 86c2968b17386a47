/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Blocks of memory cut from one fixed piece by the buddy method (Knowlton
 * 1965): sizes are powers of two, a freed block joins its other half when that
 * is free too. Nothing is asked of the system after the start, a block is
 * contiguous, and at most half of what is handed out is slack.
 */
#include "base/bytes.h"

enum {
    BLOCK_SIZE_MIN = 128,       /* Most frames of devices fit. */
    BLOCK_ORDER_COUNT = 12,     /* Up to 256 KiB, the largest frame. */
    BLOCK_NONE = UINT16_MAX,
};

struct blocks {
    uint8_t *memory;
    size_t count;               /* Smallest blocks in all. */
    uint16_t *next;             /* Of a free block, by its first position. */
    uint16_t *previous;
    uint8_t *order;             /* Of a free block, plus one; else 0. */
    uint16_t free[BLOCK_ORDER_COUNT];
};

/* Memory for `size` bytes, rounded down; at most 65,535 smallest blocks. */
void blocks_init(struct blocks *blocks, size_t size);
void blocks_clear(struct blocks *blocks);

/* The order that holds `size` bytes; BLOCK_ORDER_COUNT when none does. */
unsigned block_order(size_t size);

/* A block of `order`, or BLOCK_NONE; and its return with the same order. */
uint16_t blocks_take(struct blocks *blocks, unsigned order);
void blocks_give(struct blocks *blocks, uint16_t block, unsigned order);

uint8_t *blocks_at(const struct blocks *blocks, uint16_t block);
