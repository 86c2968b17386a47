/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * An open-addressing index from a 64-bit hash to a 32-bit number, which is the
 * position of the entry in an array of the caller's. The caller compares keys:
 * walk the candidates of a hash until one is the key, or none are left.
 * Grows by doubling; the caller bounds how many entries it puts in.
 */
#include "base/bytes.h"
#include "base/compiler.h"

#define TABLE_NONE UINT32_MAX /* Too large for an enum. */

struct table_slot;

struct table {
    struct table_slot *slots;
    size_t mask;
    size_t used;
};

/* Where a walk over the candidates of one hash stands. */
struct table_cursor {
    uint64_t hash;
    size_t at;
};

void table_init(struct table *table, size_t expected);
void table_clear(struct table *table);

/* Bytes of memory the index holds now. */
size_t table_memory(const struct table *table);

/* Ask for the memory a walk from `hash` begins in, before it is needed. */
void table_prefetch(const struct table *table, uint64_t hash);

struct table_cursor table_seek(const struct table *table, uint64_t hash);

/* The next number stored under the cursor's hash, or TABLE_NONE. */
uint32_t table_next(const struct table *table, struct table_cursor *cursor);

/* Store `number` (not TABLE_NONE) under `hash`; duplicates are the caller's. */
void table_insert(struct table *table, uint64_t hash, uint32_t number);

/* Take away `number` stored under `hash`; false when it is not there. */
bool table_remove(struct table *table, uint64_t hash, uint32_t number);
