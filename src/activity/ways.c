/* SPDX-License-Identifier: Apache-2.0 */
#include "activity/ways.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "base/compiler.h"
#include "base/memory.h"

enum { SET_SIZE = 64 }; /* A cache line. */

struct way {
    uint64_t tag; /* 0 when the place is free. */
    int64_t last_ns;
};
static_assert(WAYS_PER_SET * sizeof(struct way) == SET_SIZE, "one line");

void ways_init(struct ways *ways, size_t entry_size, size_t count)
{
    size_t sets = 1;

    check(entry_size % 8 == 0);
    while (sets * WAYS_PER_SET < count)
        sets *= 2;
    *ways = (struct ways){
        .places = memory_new_aligned(SET_SIZE, sets, SET_SIZE),
        .entries = memory_new(size_multiply(sets, WAYS_PER_SET), entry_size),
        .entry_size = entry_size,
        .set_mask = sets - 1,
    };
    memset(ways->places, 0, sets * SET_SIZE);
}

void ways_clear(struct ways *ways)
{
    free(ways->places);
    free(ways->entries);
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

void *ways_find(struct ways *ways, uint64_t tag, int64_t now_ns, bool *is_new)
{
    size_t first = first_of_set(ways, tag);
    struct way *quietest = NULL;

    *is_new = false;
    for (size_t i = first; i < first + WAYS_PER_SET; i++) {
        struct way *way = &ways->places[i];
        if (way->tag == tag) {
            way->last_ns = now_ns;
            return ways_at(ways, i);
        }
        if (!quietest || (quietest->tag != 0 &&
                          (way->tag == 0 || way->last_ns < quietest->last_ns)))
            quietest = way;
    }
    ways->evicted += quietest->tag != 0;
    *quietest = (struct way){ tag, now_ns };
    *is_new = true;
    return ways_at(ways, (size_t)(quietest - ways->places));
}
