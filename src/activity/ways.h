/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * A set-associative table of fixed size: a tag may stand in one of four
 * places, and a new tag takes the place that was quiet for longest. Entries
 * are the caller's structs, of any content. Tags and times stand apart from
 * them, a cache line a set: a flood of tags that are never seen again then
 * moves little memory.
 */
#include "base/bytes.h"

enum { WAYS_PER_SET = 4 };

struct way;

struct ways {
    uint8_t *memory;
    struct way *places; /* One for each entry, in `memory`, */
    uint8_t *entries;   /* as these, each from the start of a cache line. */
    size_t entry_size;
    size_t set_mask;
    uint64_t evicted;
};

void ways_init(struct ways *ways, size_t entry_size, size_t count);
void ways_clear(struct ways *ways);
size_t ways_memory(const struct ways *ways);

/*
 * The entry of `tag` (a keyed hash, not 0), used at `now_ns`. When it was not
 * there, `*is_new` is set and the entry still holds what stood in its place
 * before, for the caller to give up and begin anew.
 */
void *ways_find(struct ways *ways, uint64_t tag, int64_t now_ns,
                bool *is_new);

/*
 * Ask for the memory of ways_find(): for the tags first, and for the entry when
 * those have come. Neither is needed, both only save waiting.
 */
void ways_prefetch_set(const struct ways *ways, uint64_t tag);
void ways_prefetch_entry(const struct ways *ways, uint64_t tag);

/* The entry if it is there, untouched; null otherwise. */
void *ways_peek(const struct ways *ways, uint64_t tag);

/* Entry number `index` of ways_count(), in use or not. */
void *ways_at(const struct ways *ways, size_t index);
size_t ways_count(const struct ways *ways);

/* The number of an entry of this table. */
size_t ways_index(const struct ways *ways, const void *entry);
