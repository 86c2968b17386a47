/* SPDX-License-Identifier: Apache-2.0 */
#include "evidence/blocks.h"

#include <stdlib.h>

#include "base/check.h"
#include "base/memory.h"

static void list_push(struct blocks *blocks, uint16_t block, unsigned order)
{
    uint16_t head = blocks->free[order];

    blocks->order[block] = (uint8_t)(order + 1);
    blocks->next[block] = head;
    blocks->previous[block] = BLOCK_NONE;
    if (head != BLOCK_NONE)
        blocks->previous[head] = block;
    blocks->free[order] = block;
}

static void list_remove(struct blocks *blocks, uint16_t block, unsigned order)
{
    uint16_t next = blocks->next[block];
    uint16_t previous = blocks->previous[block];

    blocks->order[block] = 0;
    if (next != BLOCK_NONE)
        blocks->previous[next] = previous;
    if (previous != BLOCK_NONE)
        blocks->next[previous] = next;
    else
        blocks->free[order] = next;
}

void blocks_init(struct blocks *blocks, size_t size)
{
    size_t count = size / BLOCK_SIZE_MIN;

    if (count >= BLOCK_NONE)
        count = BLOCK_NONE;
    *blocks = (struct blocks){
        .memory = memory_new(count + 1, BLOCK_SIZE_MIN),
        .count = count,
        .next = memory_new(count + 1, sizeof *blocks->next),
        .previous = memory_new(count + 1, sizeof *blocks->previous),
        .order = memory_new(count + 1, sizeof *blocks->order),
    };
    for (unsigned i = 0; i < BLOCK_ORDER_COUNT; i++)
        blocks->free[i] = BLOCK_NONE;
    for (size_t at = 0; at < count;) {
        unsigned order = BLOCK_ORDER_COUNT - 1;
        while (at + ((size_t)1 << order) > count)
            order--; /* Order 0 always fits. Earlier ones are larger. */
        list_push(blocks, (uint16_t)at, order);
        at += (size_t)1 << order;
    }
}

void blocks_clear(struct blocks *blocks)
{
    free(blocks->memory);
    free(blocks->next);
    free(blocks->previous);
    free(blocks->order);
    *blocks = (struct blocks){ 0 };
}

unsigned block_order(size_t size)
{
    unsigned order = 0;

    while (order < BLOCK_ORDER_COUNT &&
           ((size_t)BLOCK_SIZE_MIN << order) < size)
        order++;
    return order;
}

uint16_t blocks_take(struct blocks *blocks, unsigned order)
{
    unsigned found = order;

    check(order < BLOCK_ORDER_COUNT);
    while (found < BLOCK_ORDER_COUNT && blocks->free[found] == BLOCK_NONE)
        found++;
    if (found == BLOCK_ORDER_COUNT)
        return BLOCK_NONE;
    uint16_t block = blocks->free[found];
    list_remove(blocks, block, found);
    while (found > order) {
        found--;
        list_push(blocks, (uint16_t)(block + (1u << found)), found);
    }
    return block;
}

void blocks_give(struct blocks *blocks, uint16_t block, unsigned order)
{
    while (order + 1 < BLOCK_ORDER_COUNT) {
        size_t buddy = block ^ (1u << order);
        if (buddy >= blocks->count || blocks->order[buddy] != order + 1)
            break;
        list_remove(blocks, (uint16_t)buddy, order);
        block = block < buddy ? block : (uint16_t)buddy;
        order++;
    }
    list_push(blocks, block, order);
}

uint8_t *blocks_at(const struct blocks *blocks, uint16_t block)
{
    check(block < blocks->count);
    return blocks->memory + (size_t)block * BLOCK_SIZE_MIN;
}
