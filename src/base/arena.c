/* SPDX-License-Identifier: Apache-2.0 */
#include "base/arena.h"

#include <stdalign.h>
#include <stdlib.h>
#include <string.h>

#include "base/compiler.h"
#include "base/memory.h"

enum { ARENA_BLOCK_SIZE = 64 * 1024 };

struct arena_block {
    struct arena_block *next;
    size_t size;
    alignas(max_align_t) uint8_t data[];
};

void arena_init(struct arena *arena)
{
    *arena = (struct arena){ 0 };
}

void arena_clear(struct arena *arena)
{
    struct arena_block *block = arena->first;

    while (block) {
        struct arena_block *next = block->next;
        free(block);
        block = next;
    }
    arena_init(arena);
}

static void enter(struct arena *arena, struct arena_block *block)
{
    arena->current = block;
    arena->next = block->data;
    arena->end = block->data + block->size;
}

void arena_reset(struct arena *arena)
{
    if (arena->first)
        enter(arena, arena->first);
}

/* Move on to a block with room for `size`: a kept one that fits, or a new. */
static void advance(struct arena *arena, size_t size)
{
    struct arena_block *kept = arena->current ? arena->current->next : NULL;

    if (kept && kept->size >= size) {
        enter(arena, kept);
        return;
    }
    size_t room = size > ARENA_BLOCK_SIZE ? size : ARENA_BLOCK_SIZE;
    struct arena_block *block =
        memory_resize(NULL, 1, size_add(sizeof *block, room));
    block->size = room;
    block->next = kept;
    if (arena->current)
        arena->current->next = block;
    else
        arena->first = block;
    enter(arena, block);
}

void *arena_allocate(struct arena *arena, size_t size)
{
    size_t rounded = size_add(size, alignof(max_align_t) - 1) &
                     ~(alignof(max_align_t) - 1);

    if (UNLIKELY((size_t)(arena->end - arena->next) < rounded ||
                 !arena->next))
        advance(arena, rounded);
    void *memory = arena->next;
    arena->next += rounded;
    return memory;
}

void *arena_allocate_zeroed(struct arena *arena, size_t count, size_t size)
{
    size_t total = size_multiply(count, size);
    void *memory = arena_allocate(arena, total);

    memset(memory, 0, total);
    return memory;
}

struct bytes arena_copy(struct arena *arena, struct bytes b)
{
    uint8_t *copy = arena_allocate(arena, b.size);

    if (b.size > 0)
        memcpy(copy, b.data, b.size);
    return bytes_of(copy, b.size);
}

char *arena_copy_text(struct arena *arena, struct bytes b)
{
    char *copy = arena_allocate(arena, size_add(b.size, 1));

    if (b.size > 0)
        memcpy(copy, b.data, b.size);
    copy[b.size] = '\0';
    return copy;
}
