/* SPDX-License-Identifier: Apache-2.0 */
#include "base/reader.h"

struct reader reader_of(struct bytes b)
{
    /* Nothing may be added to a null pointer, not even 0. */
    return (struct reader){ .next = b.data,
                            .end = b.size > 0 ? b.data + b.size : b.data };
}

void reader_fail(struct reader *r)
{
    r->failed = true;
    r->next = r->end;
}

size_t reader_left(const struct reader *r)
{
    return (size_t)(r->end - r->next);
}

/* Take `size` bytes, or fail and return null. */
static const uint8_t *take(struct reader *r, size_t size)
{
    if (UNLIKELY(reader_left(r) < size)) {
        reader_fail(r);
        return NULL;
    }
    const uint8_t *at = r->next;
    if (size > 0)
        r->next += size;
    return at;
}

static uint64_t read_big(struct reader *r, size_t size)
{
    const uint8_t *at = take(r, size);
    uint64_t value = 0;

    for (size_t i = 0; at && i < size; i++)
        value = value << 8 | at[i];
    return value;
}

static uint64_t read_little(struct reader *r, size_t size)
{
    const uint8_t *at = take(r, size);
    uint64_t value = 0;

    for (size_t i = size; at && i > 0; i--)
        value = value << 8 | at[i - 1];
    return value;
}

uint8_t reader_u8(struct reader *r)
{
    const uint8_t *at = take(r, 1);
    return at ? *at : 0;
}

uint16_t reader_u16(struct reader *r)
{
    return (uint16_t)read_big(r, 2);
}

uint32_t reader_u24(struct reader *r)
{
    return (uint32_t)read_big(r, 3);
}

uint32_t reader_u32(struct reader *r)
{
    return (uint32_t)read_big(r, 4);
}

uint64_t reader_u64(struct reader *r)
{
    return read_big(r, 8);
}

uint16_t reader_u16_le(struct reader *r)
{
    return (uint16_t)read_little(r, 2);
}

uint32_t reader_u32_le(struct reader *r)
{
    return (uint32_t)read_little(r, 4);
}

uint64_t reader_u64_le(struct reader *r)
{
    return read_little(r, 8);
}

uint8_t reader_peek(const struct reader *r)
{
    return reader_left(r) > 0 ? *r->next : 0;
}

struct bytes reader_bytes(struct reader *r, size_t size)
{
    const uint8_t *at = take(r, size);
    return at ? bytes_of(at, size) : (struct bytes){ 0 };
}

struct reader reader_sub(struct reader *r, size_t size)
{
    struct reader sub = reader_of(reader_bytes(r, size));
    sub.failed = r->failed;
    return sub;
}

struct bytes reader_until(struct reader *r, uint8_t byte, size_t max)
{
    struct bytes left = bytes_slice(bytes_of(r->next, reader_left(r)), 0, max);
    size_t at = bytes_find_byte(left, byte);

    if (at == left.size) {
        reader_fail(r);
        return (struct bytes){ 0 };
    }
    r->next += at + 1;
    return bytes_of(left.data, at);
}

struct bytes reader_line(struct reader *r, size_t max)
{
    struct bytes line = reader_until(r, '\n', max);

    if (line.size > 0 && line.data[line.size - 1] == '\r')
        line.size--;
    return line;
}

struct bytes reader_rest(struct reader *r)
{
    return reader_bytes(r, reader_left(r));
}
