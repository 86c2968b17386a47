/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Inside the flow room: from the hash of a flow's key to the place of its
 * record. Made for a known number of flows, so it never grows and never moves
 * an entry; a look-up reads one cache line, of which many can be asked for
 * ahead. The caller compares keys: walk the places of a hash until one is the
 * key's, or none are left.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/compiler.h"

#define FLOW_INDEX_NONE UINT32_MAX /* Too large for an enum. */

struct flow_bucket;

struct flow_index {
    struct flow_bucket *buckets;
    uint32_t bucket_count;
    uint32_t used;
};

/* Where a walk over the places of one hash stands. */
struct flow_index_cursor {
    uint32_t hash;
    uint32_t bucket;
    uint32_t matches; /* Slots of the bucket still to look at, as bits. */
};

/* For at most `count_max` entries at a time. */
void flow_index_init(struct flow_index *index, uint32_t count_max);
void flow_index_clear(struct flow_index *index);
size_t flow_index_memory(const struct flow_index *index);

/* Ask for the memory that a walk from `hash` begins in. */
void flow_index_prefetch(const struct flow_index *index, uint32_t hash);

struct flow_index_cursor flow_index_seek(const struct flow_index *index,
                                         uint32_t hash);

/* The next place under the cursor's hash, or FLOW_INDEX_NONE. */
uint32_t flow_index_next(const struct flow_index *index,
                         struct flow_index_cursor *cursor);

void flow_index_insert(struct flow_index *index, uint32_t hash,
                       uint32_t place);

/* Take away `place`, which stands under `hash`; false when it does not. */
bool flow_index_remove(struct flow_index *index, uint32_t hash,
                       uint32_t place) MUST_USE;
