/* SPDX-License-Identifier: Apache-2.0 */
#include "base/writer.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

enum { WRITER_CAPACITY_MIN = 256 };

void writer_init(struct writer *w, size_t size_max)
{
    *w = (struct writer){ .size_max = size_max };
}

void writer_init_drained(struct writer *w, size_t size_max,
                         writer_drain_function *drain, void *context)
{
    writer_init(w, size_max);
    w->drain = drain;
    w->context = context;
    w->capacity = WRITER_DRAIN_SIZE;
    w->data = memory_resize(NULL, w->capacity, 1);
}

bool writer_drain(struct writer *w)
{
    if (w->size > 0 && !w->overflowed && !w->drain(w->context, writer_view(w)))
        w->overflowed = true;
    w->size = 0;
    return !w->overflowed;
}

void writer_clear(struct writer *w)
{
    free(w->data);
    *w = (struct writer){ 0 };
}

void writer_reset(struct writer *w)
{
    w->size = 0;
    w->overflowed = false;
}

/* Make room for `size` more bytes and one zero; false when over the limit. */
static bool make_room(struct writer *w, size_t size)
{
    if (LIKELY(w->capacity > w->size && w->capacity - w->size > size))
        return true;
    if (w->drain && writer_drain(w) && w->capacity > size)
        return true;
    if (w->overflowed || size > w->size_max - w->size) {
        w->overflowed = true;
        return false;
    }
    size_t wanted = size_add(w->size, size_add(size, 1));
    size_t capacity = w->capacity ? w->capacity : WRITER_CAPACITY_MIN;
    while (capacity < wanted)
        capacity = size_multiply(capacity, 2);
    if (capacity - 1 > w->size_max)
        capacity = w->size_max + 1; /* So that the first test sees the limit. */
    w->data = memory_resize(w->data, capacity, 1);
    w->capacity = capacity;
    return true;
}

void writer_byte(struct writer *w, uint8_t byte)
{
    if (make_room(w, 1))
        w->data[w->size++] = byte;
}

void writer_bytes(struct writer *w, struct bytes b)
{
    if (b.size == 0 || !make_room(w, b.size))
        return;
    memcpy(w->data + w->size, b.data, b.size);
    w->size += b.size;
}

uint8_t *writer_take(struct writer *w, size_t size)
{
    if (!make_room(w, size))
        return NULL;
    uint8_t *room = w->data + w->size;
    w->size += size;
    return room;
}

void writer_text(struct writer *w, const char *text)
{
    writer_bytes(w, bytes_of_text(text));
}

void writer_format(struct writer *w, const char *format, ...)
{
    char small[512];
    va_list arguments;

    va_start(arguments, format);
    int size = vsnprintf(small, sizeof small, format, arguments);
    va_end(arguments);
    if (size < 0)
        return;
    if ((size_t)size < sizeof small) {
        writer_bytes(w, bytes_of(small, (size_t)size));
        return;
    }
    if (!make_room(w, (size_t)size))
        return;
    va_start(arguments, format);
    (void)vsnprintf((char *)w->data + w->size, (size_t)size + 1, format,
                    arguments); /* The room is exactly what it asked for. */
    va_end(arguments);
    w->size += (size_t)size;
}

void writer_number(struct writer *w, uint64_t number)
{
    uint8_t digits[20];
    size_t at = sizeof digits;

    do {
        digits[--at] = (uint8_t)('0' + number % 10);
        number /= 10;
    } while (number > 0);
    writer_bytes(w, bytes_of(digits + at, sizeof digits - at));
}

void writer_signed(struct writer *w, int64_t number)
{
    if (number < 0)
        writer_byte(w, '-');
    writer_number(w, number < 0 ? ~(uint64_t)number + 1 : (uint64_t)number);
}

static void write_big(struct writer *w, uint64_t value, size_t size)
{
    for (size_t i = size; i > 0; i--)
        writer_byte(w, (uint8_t)(value >> (8 * (i - 1))));
}

static void write_little(struct writer *w, uint64_t value, size_t size)
{
    for (size_t i = 0; i < size; i++)
        writer_byte(w, (uint8_t)(value >> (8 * i)));
}

void writer_u16(struct writer *w, uint16_t value)
{
    write_big(w, value, 2);
}

void writer_u32(struct writer *w, uint32_t value)
{
    write_big(w, value, 4);
}

void writer_u64(struct writer *w, uint64_t value)
{
    write_big(w, value, 8);
}

void writer_u16_le(struct writer *w, uint16_t value)
{
    write_little(w, value, 2);
}

void writer_u32_le(struct writer *w, uint32_t value)
{
    write_little(w, value, 4);
}

void writer_u64_le(struct writer *w, uint64_t value)
{
    write_little(w, value, 8);
}

void writer_hex(struct writer *w, struct bytes b)
{
    static const char digits[] = "0123456789abcdef";

    for (size_t i = 0; i < b.size; i++) {
        writer_byte(w, (uint8_t)digits[b.data[i] >> 4]);
        writer_byte(w, (uint8_t)digits[b.data[i] & 15]);
    }
}

struct bytes writer_view(const struct writer *w)
{
    return bytes_of(w->data, w->size);
}

const char *writer_as_text(struct writer *w)
{
    if (!make_room(w, 0) || !w->data)
        return "";
    w->data[w->size] = '\0';
    return (const char *)w->data;
}
