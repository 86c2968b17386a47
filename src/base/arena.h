/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Memory that is given back all at once: per packet, per request, per file.
 * Allocation is a pointer increment; blocks are kept for reuse on reset, so a
 * loop that resets allocates nothing after its first turns. Memory is not
 * zeroed unless the function says so.
 */
#include "base/bytes.h"

struct arena_block;

struct arena {
    struct arena_block *first;
    struct arena_block *current;
    uint8_t *next;
    uint8_t *end;
};

void arena_init(struct arena *arena);
void arena_clear(struct arena *arena);

/* Forget all that was allocated; keep the memory. */
void arena_reset(struct arena *arena);

/* `size` bytes, aligned for any type. Never null. */
void *arena_allocate(struct arena *arena, size_t size);
void *arena_allocate_zeroed(struct arena *arena, size_t count, size_t size);

/* A copy that lives as long as the arena's contents. */
struct bytes arena_copy(struct arena *arena, struct bytes b);

/* The same with a final zero. */
char *arena_copy_text(struct arena *arena, struct bytes b);
