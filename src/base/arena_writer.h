/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Builds a text of unknown size in an arena: for values that must last as long
 * as the packet and are put together from parts. It grows by doubling; what it
 * grew out of stays in the arena until that is reset, so a writer should be
 * started with room for the usual case. Nothing is to be released.
 */
#include "base/arena.h"

struct arena_writer {
    struct arena *arena;
    uint8_t *data;
    size_t size;
    size_t capacity;
};

/* `capacity` is what it starts with, and may be 0. */
void arena_writer_init(struct arena_writer *w, struct arena *arena,
                       size_t capacity);

void arena_writer_byte(struct arena_writer *w, uint8_t byte);
void arena_writer_bytes(struct arena_writer *w, struct bytes b);
void arena_writer_text(struct arena_writer *w, const char *text);
void arena_writer_number(struct arena_writer *w, uint64_t number);

/* Lower-case hexadecimal, two digits a byte. */
void arena_writer_hex(struct arena_writer *w, struct bytes b);

/* What was written; it stays in the arena, unmoved by further writing. */
struct bytes arena_writer_view(const struct arena_writer *w);
