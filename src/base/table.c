/* SPDX-License-Identifier: Apache-2.0 */
#include "base/table.h"

#include <stdlib.h>

#include "base/check.h"
#include "base/memory.h"

/* `number` is stored plus one, so that a zeroed slot is a free one. */
struct table_slot {
    uint64_t hash;
    uint32_t number_plus_one;
};

void table_init(struct table *table, size_t expected)
{
    size_t size = 16;

    while (size < expected * 2)
        size = size_multiply(size, 2);
    *table = (struct table){
        .slots = memory_new(size, sizeof(struct table_slot)),
        .mask = size - 1,
    };
}

void table_clear(struct table *table)
{
    free(table->slots);
    *table = (struct table){ 0 };
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
        if (slot->hash == cursor->hash)
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

    table->mask = size_multiply(old_size, 2) - 1;
    table->slots = memory_new(table->mask + 1, sizeof *old);
    for (size_t i = 0; i < old_size; i++)
        if (old[i].number_plus_one != 0)
            place(table, old[i]);
    free(old);
}

void table_insert(struct table *table, uint64_t hash, uint32_t number)
{
    check(number != TABLE_NONE);
    if (table->used * 2 >= table->mask)
        grow(table);
    table->used++;
    place(table, (struct table_slot){ hash, number + 1 });
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
        if (slot->hash == hash && slot->number_plus_one == number + 1) {
            table->used--;
            close_gap(table, at);
            return true;
        }
        at = (at + 1) & table->mask;
    }
    return false;
}
