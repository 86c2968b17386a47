/* SPDX-License-Identifier: Apache-2.0 */
#include "base/pool.h"

#include <stdalign.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "base/memory.h"

enum { POOL_SLAB_SIZE = 64 * 1024 };

struct pool_item {
    struct pool_item *next;
};

struct pool_slab {
    struct pool_slab *next;
    alignas(max_align_t) uint8_t data[];
};

static size_t items_per_slab(const struct pool *pool)
{
    size_t count = POOL_SLAB_SIZE / pool->item_size;
    return count ? count : 1;
}

void pool_init(struct pool *pool, size_t item_size, size_t count_max)
{
    size_t align = alignof(max_align_t);

    check(item_size > 0);
    *pool = (struct pool){
        .item_size = size_add(item_size, align - 1) & ~(align - 1),
        .count_max = count_max,
    };
}

void pool_clear(struct pool *pool)
{
    while (pool->slabs) {
        struct pool_slab *next = pool->slabs->next;
        free(pool->slabs);
        pool->slabs = next;
    }
    *pool = (struct pool){ 0 };
}

static void add_slab(struct pool *pool)
{
    size_t count = items_per_slab(pool);
    size_t size = size_multiply(count, pool->item_size);
    struct pool_slab *slab =
        memory_resize(NULL, 1, size_add(sizeof *slab, size));

    slab->next = pool->slabs;
    pool->slabs = slab;
    pool->count_made += count;
    for (size_t i = count; i > 0; i--) {
        void *at = slab->data + (i - 1) * pool->item_size;
        struct pool_item *item = at;
        item->next = pool->free;
        pool->free = item;
    }
}

void *pool_take(struct pool *pool)
{
    if (pool->count_used >= pool->count_max)
        return NULL;
    if (!pool->free)
        add_slab(pool);
    struct pool_item *item = pool->free;
    pool->free = item->next;
    pool->count_used++;
    memset(item, 0, pool->item_size);
    return item;
}

void pool_give(struct pool *pool, void *item)
{
    if (!item)
        return;
    check(pool->count_used > 0);
    struct pool_item *free_item = item;
    free_item->next = pool->free;
    pool->free = free_item;
    pool->count_used--;
}

size_t pool_memory(const struct pool *pool)
{
    size_t slabs = pool->count_made / items_per_slab(pool);
    return slabs * (sizeof(struct pool_slab) +
                    items_per_slab(pool) * pool->item_size);
}
