/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Items of one size, taken and given back in constant time. Memory comes in
 * slabs as it is first needed and never exceeds `count_max` items: a full pool
 * answers null, and the caller's policy decides what to shed.
 */
#include <stddef.h>
#include <stdint.h>

struct pool_item;
struct pool_slab;

struct pool {
    size_t item_size;
    size_t count_max;
    size_t count_used;
    size_t count_made;
    struct pool_item *free;
    struct pool_slab *slabs;
};

void pool_init(struct pool *pool, size_t item_size, size_t count_max);
void pool_clear(struct pool *pool);

/* A zeroed item, or null when `count_max` are in use. */
void *pool_take(struct pool *pool);

/* Give back an item of this pool; null is allowed. */
void pool_give(struct pool *pool, void *item);

/* Bytes of memory the pool holds now. */
size_t pool_memory(const struct pool *pool);
