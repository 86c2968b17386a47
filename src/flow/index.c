/* SPDX-License-Identifier: Apache-2.0 */
#include "flow/index.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "base/memory.h"

enum {
    BUCKET_SLOTS = 7,
    BUCKET_SIZE = 64, /* A cache line. */
    LOAD_PERCENT = 60, /* One bucket in sixteen then sends entries on. */
};

/*
 * An entry stands in the bucket its hash names or, when that was full, in the
 * first after it that was not. `passed` counts the entries that went past a
 * bucket: where it is 0, or all were seen, a walk ends. So taking an entry
 * away moves no other.
 */
struct flow_bucket {
    uint32_t hash[BUCKET_SLOTS];
    uint32_t passed;
    uint32_t place_plus_one[BUCKET_SLOTS]; /* 0 in a free slot. */
    uint32_t unused;
};
static_assert(sizeof(struct flow_bucket) == BUCKET_SIZE, "one line");

void flow_index_init(struct flow_index *index, uint32_t count_max)
{
    uint64_t slots = (uint64_t)count_max * 100 / LOAD_PERCENT;
    size_t count = (size_t)(slots / BUCKET_SLOTS + 1);

    check(count <= UINT32_MAX);
    *index = (struct flow_index){
        .buckets =
            memory_new_aligned(BUCKET_SIZE, count, sizeof *index->buckets),
        .bucket_count = (uint32_t)count,
    };
    memset(index->buckets, 0, count * sizeof *index->buckets);
}

void flow_index_clear(struct flow_index *index)
{
    free(index->buckets);
    *index = (struct flow_index){ 0 };
}

size_t flow_index_memory(const struct flow_index *index)
{
    return index->bucket_count * sizeof *index->buckets;
}

/* The hash as a fraction of all hashes, and so of all buckets. */
static uint32_t home_of(const struct flow_index *index, uint32_t hash)
{
    return (uint32_t)((uint64_t)hash * index->bucket_count >> 32);
}

static uint32_t after(const struct flow_index *index, uint32_t bucket)
{
    return bucket + 1 == index->bucket_count ? 0 : bucket + 1;
}

/* The slots whose hash is `hash`, as bits: without a branch for each. */
static uint32_t slots_of(const struct flow_bucket *bucket, uint32_t hash)
{
    uint32_t found = 0;

    for (unsigned i = 0; i < BUCKET_SLOTS; i++)
        found |= (uint32_t)(bucket->hash[i] == hash) << i;
    return found;
}

static uint32_t free_slots(const struct flow_bucket *bucket)
{
    uint32_t found = 0;

    for (unsigned i = 0; i < BUCKET_SLOTS; i++)
        found |= (uint32_t)(bucket->place_plus_one[i] == 0) << i;
    return found;
}

void flow_index_prefetch(const struct flow_index *index, uint32_t hash)
{
    PREFETCH(&index->buckets[home_of(index, hash)]);
}

struct flow_index_cursor flow_index_seek(const struct flow_index *index,
                                         uint32_t hash)
{
    uint32_t home = home_of(index, hash);

    return (struct flow_index_cursor){
        .hash = hash,
        .bucket = home,
        .matches = slots_of(&index->buckets[home], hash),
    };
}

uint32_t flow_index_next(const struct flow_index *index,
                         struct flow_index_cursor *cursor)
{
    for (;;) {
        const struct flow_bucket *bucket = &index->buckets[cursor->bucket];
        while (cursor->matches) {
            int slot = trailing_zeros(cursor->matches);
            cursor->matches &= cursor->matches - 1;
            if (bucket->place_plus_one[slot] > 0)
                return bucket->place_plus_one[slot] - 1;
        }
        uint32_t next = after(index, cursor->bucket);
        if (bucket->passed == 0 || next == home_of(index, cursor->hash))
            return FLOW_INDEX_NONE;
        cursor->bucket = next;
        cursor->matches =
            slots_of(&index->buckets[cursor->bucket], cursor->hash);
    }
}

void flow_index_insert(struct flow_index *index, uint32_t hash,
                       uint32_t place)
{
    uint32_t at = home_of(index, hash);
    uint32_t room;

    check(place != FLOW_INDEX_NONE);
    check(index->used / BUCKET_SLOTS < index->bucket_count);
    while ((room = free_slots(&index->buckets[at])) == 0) {
        index->buckets[at].passed++;
        at = after(index, at);
    }
    struct flow_bucket *bucket = &index->buckets[at];
    int slot = trailing_zeros(room);
    bucket->hash[slot] = hash;
    bucket->place_plus_one[slot] = place + 1;
    index->used++;
}

static bool empty_slot(struct flow_bucket *bucket, uint32_t hash,
                       uint32_t place)
{
    uint32_t matches = slots_of(bucket, hash);

    for (; matches; matches &= matches - 1) {
        uint32_t *found = &bucket->place_plus_one[trailing_zeros(matches)];
        if (*found != place + 1)
            continue;
        *found = 0;
        return true;
    }
    return false;
}

bool flow_index_remove(struct flow_index *index, uint32_t hash,
                       uint32_t place)
{
    uint32_t home = home_of(index, hash);
    uint32_t at = home;

    while (!empty_slot(&index->buckets[at], hash, place)) {
        uint32_t next = after(index, at);
        if (index->buckets[at].passed == 0 || next == home)
            return false;
        at = next;
    }
    for (uint32_t i = home; i != at; i = after(index, i))
        index->buckets[i].passed--;
    index->used--;
    return true;
}
