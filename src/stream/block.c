/* SPDX-License-Identifier: Apache-2.0 */

/*
 * A buddy allocator: blocks of six sizes out of one piece of memory, so that
 * the budget holds whatever the mix of sizes. A block is halved until it fits,
 * and joined with its other half when both are free.
 */
#include <stdlib.h>

#include "base/check.h"
#include "base/memory.h"
#include "stream/internal.h"

enum { ALIGNMENT = 64, TOP_ORDER = BLOCK_ORDER_COUNT - 1 };

#define NO_UNIT UINT32_MAX

/* The memory is counted in units of the smallest block; a block is known by
 * its first unit. */
struct unit {
    uint32_t next; /* Free blocks of one order. */
    uint32_t previous;
    uint8_t order;
    bool is_free;  /* The first unit of a free block. */
};

struct block_store {
    uint8_t *memory;
    struct unit *units;
    uint32_t unit_count;
    uint32_t free[BLOCK_ORDER_COUNT];
};

static void list_add(struct block_store *store, uint32_t at, uint8_t order)
{
    struct unit *unit = &store->units[at];

    *unit = (struct unit){ store->free[order], NO_UNIT, order, true };
    if (unit->next != NO_UNIT)
        store->units[unit->next].previous = at;
    store->free[order] = at;
}

static void list_remove(struct block_store *store, uint32_t at)
{
    struct unit *unit = &store->units[at];

    if (unit->previous != NO_UNIT)
        store->units[unit->previous].next = unit->next;
    else
        store->free[unit->order] = unit->next;
    if (unit->next != NO_UNIT)
        store->units[unit->next].previous = unit->previous;
    unit->is_free = false;
}

struct block_store *block_store_new(size_t size_max)
{
    struct block_store *store = memory_new(1, sizeof *store);
    uint32_t per_top = 1u << TOP_ORDER;
    size_t tops = size_max / BLOCK_SIZE_MAX ? size_max / BLOCK_SIZE_MAX : 1;

    check(tops < NO_UNIT / per_top);
    store->unit_count = (uint32_t)tops * per_top;
    store->units = memory_new(store->unit_count, sizeof *store->units);
    store->memory =
        memory_new_aligned(ALIGNMENT, store->unit_count, BLOCK_SIZE_MIN);
    for (uint8_t order = 0; order < BLOCK_ORDER_COUNT; order++)
        store->free[order] = NO_UNIT;
    for (uint32_t at = store->unit_count; at > 0; at -= per_top)
        list_add(store, at - per_top, TOP_ORDER);
    return store;
}

void block_store_free(struct block_store *store)
{
    if (!store)
        return;
    free(store->memory);
    free(store->units);
    free(store);
}

uint8_t *block_take(struct block_store *store, uint8_t order)
{
    uint8_t from = order;

    while (from < BLOCK_ORDER_COUNT && store->free[from] == NO_UNIT)
        from++;
    if (from == BLOCK_ORDER_COUNT)
        return NULL;
    uint32_t at = store->free[from];
    list_remove(store, at);
    while (from > order) {
        from--;
        list_add(store, at + (1u << from), from);
    }
    store->units[at].order = order;
    return store->memory + (size_t)at * BLOCK_SIZE_MIN;
}

void block_give(struct block_store *store, uint8_t *block)
{
    if (!block)
        return;
    uint32_t at = (uint32_t)((size_t)(block - store->memory) / BLOCK_SIZE_MIN);
    check(at < store->unit_count);
    uint8_t order = store->units[at].order;
    check(!store->units[at].is_free);
    while (order < TOP_ORDER) {
        uint32_t other = at ^ (1u << order);
        const struct unit *half = &store->units[other];
        if (!half->is_free || half->order != order)
            break;
        list_remove(store, other);
        at &= ~(1u << order);
        order++;
    }
    list_add(store, at, order);
}
