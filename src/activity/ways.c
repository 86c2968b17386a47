/* SPDX-License-Identifier: Apache-2.0 */
#include "activity/ways.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "base/compiler.h"
#include "base/memory.h"

enum { CACHE_LINE_SIZE = 64 };

struct way {
    uint64_t tag; /* 0 when the place is free. */
    int64_t last_ns;
};
static_assert(WAYS_PER_SET * sizeof(struct way) == CACHE_LINE_SIZE, "one line");

static size_t round_up(size_t size)
{
    return size_add(size, CACHE_LINE_SIZE - 1) & ~(size_t)(CACHE_LINE_SIZE - 1);
}

/* Zeroed, and on the start of a line. Not touched before it is used. */
static uint8_t *lines_new(struct ways *ways, size_t size)
{
    ways->memory = memory_new(size_add(size, CACHE_LINE_SIZE), 1);
    uintptr_t past = (uintptr_t)ways->memory % CACHE_LINE_SIZE;
    return ways->memory + (past ? CACHE_LINE_SIZE - past : 0);
}

void ways_init(struct ways *ways, size_t entry_size, size_t count)
{
    size_t sets = 1;

    while (sets * WAYS_PER_SET < count)
        sets *= 2;
    *ways = (struct ways){
        .entry_size = round_up(entry_size),
        .set_mask = sets - 1,
    };
    size_t size = size_add(ways->entry_size, sizeof(struct way));
    uint8_t *start =
        lines_new(ways, size_multiply(size, sets * WAYS_PER_SET));
    ways->places = (void *)start;
    ways->entries = start + sets * CACHE_LINE_SIZE;
}

void ways_clear(struct ways *ways)
{
    free(ways->memory);
    *ways = (struct ways){ 0 };
}

size_t ways_memory(const struct ways *ways)
{
    return ways_count(ways) * (sizeof(struct way) + ways->entry_size);
}

size_t ways_count(const struct ways *ways)
{
    return (ways->set_mask + 1) * WAYS_PER_SET;
}

void *ways_at(const struct ways *ways, size_t index)
{
    check(index < ways_count(ways));
    return ways->entries + index * ways->entry_size;
}

size_t ways_index(const struct ways *ways, const void *entry)
{
    size_t index = (size_t)((const uint8_t *)entry - ways->entries) /
                   ways->entry_size;

    check(index < ways_count(ways));
    return index;
}

static size_t first_of_set(const struct ways *ways, uint64_t tag)
{
    return ((tag >> 32) & ways->set_mask) * WAYS_PER_SET;
}

void *ways_peek(const struct ways *ways, uint64_t tag)
{
    size_t first = first_of_set(ways, tag);

    for (size_t i = first; i < first + WAYS_PER_SET; i++)
        if (ways->places[i].tag == tag)
            return ways_at(ways, i);
    return NULL;
}

/* Where `tag` stands, or the place it would take: the quietest. */
static struct way *way_of(const struct ways *ways, uint64_t tag)
{
    struct way *set = &ways->places[first_of_set(ways, tag)];
    struct way *quietest = &set[0];

    for (size_t i = 0; i < WAYS_PER_SET; i++) {
        struct way *way = &set[i];
        if (way->tag == tag)
            return way;
        if (quietest->tag != 0 &&
            (way->tag == 0 || way->last_ns < quietest->last_ns))
            quietest = way;
    }
    return quietest;
}

void ways_prefetch_set(const struct ways *ways, uint64_t tag)
{
    PREFETCH(&ways->places[first_of_set(ways, tag)]);
}

void ways_prefetch_entry(const struct ways *ways, uint64_t tag)
{
    PREFETCH(ways_at(ways, (size_t)(way_of(ways, tag) - ways->places)));
}

void *ways_find(struct ways *ways, uint64_t tag, int64_t now_ns, bool *is_new)
{
    struct way *way = way_of(ways, tag);

    *is_new = way->tag != tag;
    ways->evicted += *is_new && way->tag != 0;
    *way = (struct way){ tag, now_ns };
    return ways_at(ways, (size_t)(way - ways->places));
}
