/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * A set-associative table of fixed size: a tag may stand in one of four
 * places, and a new tag takes the place that was quiet for longest. Entries
 * are the caller's structs and begin with a `struct way`.
 */
#include "base/bytes.h"

enum { WAYS_PER_SET = 4 };

struct way {
    uint64_t tag;     /* A keyed hash; 0 when the place is free. */
    int64_t last_ns;
};

struct ways {
    uint8_t *entries;
    size_t entry_size;
    size_t set_mask;
    uint64_t evicted;
};

void ways_init(struct ways *ways, size_t entry_size, size_t count);
void ways_clear(struct ways *ways);

/*
 * The entry of `tag`, used at `now_ns`. When it was not there, `*is_new` is
 * set and the entry still holds what stood there before (tag and all), for
 * the caller to give up and zero; it must then set the tag.
 */
void *ways_find(struct ways *ways, uint64_t tag, int64_t now_ns,
                bool *is_new);

/* The entry if it is there, untouched; null otherwise. */
void *ways_peek(const struct ways *ways, uint64_t tag);

/* Entry number `index` of ways_count(), in use or not. */
void *ways_at(const struct ways *ways, size_t index);
size_t ways_count(const struct ways *ways);

/* The number of an entry of this table. */
size_t ways_index(const struct ways *ways, const void *entry);
