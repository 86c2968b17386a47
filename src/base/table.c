/* SPDX-License-Identifier: Apache-2.0 */
#include "base/table.h"

#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "base/memory.h"

enum { TABLE_CACHE_LINE = 64 };

/*
 * Eight to a cache line: the low half of the hash, which is enough to place the
 * entry again and to pass over almost every other key. `number` is stored plus
 * one, so that a zeroed slot is a free one.
 */
struct table_slot {
    uint32_t hash;
    uint32_t number_plus_one;
};

/* Full at five eighths: a walk that finds nothing takes about four steps. */
static bool is_full(size_t used, size_t size)
{
    return used > size / 8 * 5;
}

static struct table_slot *slots_new(size_t size)
{
    struct table_slot *slots =
        memory_new_aligned(TABLE_CACHE_LINE, size, sizeof *slots);
    memset(slots, 0, size * sizeof *slots);
    return slots;
}

void table_init(struct table *table, size_t expected)
{
    size_t size = 16;

    while (is_full(expected, size))
        size = size_multiply(size, 2);
    *table = (struct table){
        .slots = slots_new(size),
        .mask = size - 1,
    };
}

void table_clear(struct table *table)
{
    free(table->slots);
    *table = (struct table){ 0 };
}

size_t table_memory(const struct table *table)
{
    return (table->mask + 1) * sizeof *table->slots;
}

void table_prefetch(const struct table *table, uint64_t hash)
{
    PREFETCH(&table->slots[hash & table->mask]);
}

struct table_cursor table_seek(const struct table *table, uint64_t hash)
{
    return (struct table_cursor){ .hash = hash, .at = hash & table->mask };
}

uint32_t table_next(const struct table *table, struct table_cursor *cursor)
{
    for (;;) {
        const struct table_slot *slot = &table->slots[cursor->at];
        if (slot->number_plus_one == 0)
            return TABLE_NONE;
        cursor->at = (cursor->at + 1) & table->mask;
        if (slot->hash == (uint32_t)cursor->hash)
            return slot->number_plus_one - 1;
    }
}

static void place(struct table *table, struct table_slot entry)
{
    size_t at = entry.hash & table->mask;

    while (table->slots[at].number_plus_one != 0)
        at = (at + 1) & table->mask;
    table->slots[at] = entry;
}

static void grow(struct table *table)
{
    struct table_slot *old = table->slots;
    size_t old_size = table->mask + 1;

    check(old_size <= UINT32_MAX / 2); /* Half a hash places an entry. */
    table->mask = size_multiply(old_size, 2) - 1;
    table->slots = slots_new(table->mask + 1);
    for (size_t i = 0; i < old_size; i++)
        if (old[i].number_plus_one != 0)
            place(table, old[i]);
    free(old);
}

void table_insert(struct table *table, uint64_t hash, uint32_t number)
{
    check(number != TABLE_NONE);
    if (is_full(table->used + 1, table->mask + 1))
        grow(table);
    table->used++;
    place(table, (struct table_slot){ (uint32_t)hash, number + 1 });
}

/*
 * Removal closes the gap: every later entry of the run that may stand in the
 * hole moves into it, so no tombstones are left for look-ups to step over.
 */
static void close_gap(struct table *table, size_t hole)
{
    size_t at = hole;

    for (;;) {
        table->slots[hole] = (struct table_slot){ 0 };
        for (;;) {
            at = (at + 1) & table->mask;
            if (table->slots[at].number_plus_one == 0)
                return;
            size_t home = table->slots[at].hash & table->mask;
            if (((at - home) & table->mask) >= ((at - hole) & table->mask))
                break;
        }
        table->slots[hole] = table->slots[at];
        hole = at;
    }
}

bool table_remove(struct table *table, uint64_t hash, uint32_t number)
{
    size_t at = hash & table->mask;

    while (table->slots[at].number_plus_one != 0) {
        const struct table_slot *slot = &table->slots[at];
        if (slot->hash == (uint32_t)hash &&
            slot->number_plus_one == number + 1) {
            table->used--;
            close_gap(table, at);
            return true;
        }
        at = (at + 1) & table->mask;
    }
    return false;
}
