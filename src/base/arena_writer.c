/* SPDX-License-Identifier: Apache-2.0 */
#include "base/arena_writer.h"

#include <string.h>

#include "base/compiler.h"
#include "base/memory.h"

enum { ARENA_WRITER_CAPACITY_MIN = 32 };

void arena_writer_init(struct arena_writer *w, struct arena *arena,
                       size_t capacity)
{
    *w = (struct arena_writer){ .arena = arena, .capacity = capacity };
    if (capacity > 0)
        w->data = arena_allocate(arena, capacity);
}

static void make_room(struct arena_writer *w, size_t size)
{
    if (LIKELY(w->capacity - w->size >= size))
        return;
    size_t wanted = size_add(w->size, size);
    size_t capacity = w->capacity ? w->capacity : ARENA_WRITER_CAPACITY_MIN;
    while (capacity < wanted)
        capacity = size_multiply(capacity, 2);
    uint8_t *data = arena_allocate(w->arena, capacity);
    if (w->size > 0)
        memcpy(data, w->data, w->size);
    w->data = data;
    w->capacity = capacity;
}

void arena_writer_byte(struct arena_writer *w, uint8_t byte)
{
    make_room(w, 1);
    w->data[w->size++] = byte;
}

void arena_writer_bytes(struct arena_writer *w, struct bytes b)
{
    if (b.size == 0)
        return;
    make_room(w, b.size);
    memcpy(w->data + w->size, b.data, b.size);
    w->size += b.size;
}

void arena_writer_text(struct arena_writer *w, const char *text)
{
    arena_writer_bytes(w, bytes_of_text(text));
}

void arena_writer_number(struct arena_writer *w, uint64_t number)
{
    uint8_t digits[20];
    size_t at = sizeof digits;

    if (number < 10) {
        arena_writer_byte(w, (uint8_t)('0' + number));
        return;
    }
    do {
        digits[--at] = (uint8_t)('0' + number % 10);
        number /= 10;
    } while (number > 0);
    arena_writer_bytes(w, bytes_of(digits + at, sizeof digits - at));
}

void arena_writer_hex(struct arena_writer *w, struct bytes b)
{
    static const char digits[] = "0123456789abcdef";

    make_room(w, size_multiply(b.size, 2));
    for (size_t i = 0; i < b.size; i++) {
        w->data[w->size++] = (uint8_t)digits[b.data[i] >> 4];
        w->data[w->size++] = (uint8_t)digits[b.data[i] & 15];
    }
}

struct bytes arena_writer_view(const struct arena_writer *w)
{
    return bytes_of(w->data, w->size);
}
