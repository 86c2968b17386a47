/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The part of reader.h that every packet runs through, inline: a decoder takes
 * some twenty fields from a frame, and as calls they took more than half of
 * its time. Include "base/reader.h", not this.
 */

static inline struct reader reader_of(struct bytes b)
{
    static const uint8_t nothing;
    /* C has no arithmetic with a null pointer, not even by zero. */
    const uint8_t *data = b.data ? b.data : &nothing;

    return (struct reader){ .next = data, .end = data + b.size };
}

static inline void reader_fail(struct reader *r)
{
    r->failed = true;
    r->next = r->end;
}

static inline size_t reader_left(const struct reader *r)
{
    return (size_t)(r->end - r->next);
}

/* Take `size` bytes, or fail and return null. */
static inline const uint8_t *reader_take(struct reader *r, size_t size)
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

static inline uint64_t reader_big(struct reader *r, size_t size)
{
    const uint8_t *at = reader_take(r, size);
    uint64_t value = 0;

    for (size_t i = 0; at && i < size; i++)
        value = value << 8 | at[i];
    return value;
}

static inline uint64_t reader_little(struct reader *r, size_t size)
{
    const uint8_t *at = reader_take(r, size);
    uint64_t value = 0;

    for (size_t i = size; at && i > 0; i--)
        value = value << 8 | at[i - 1];
    return value;
}

static inline uint8_t reader_u8(struct reader *r)
{
    const uint8_t *at = reader_take(r, 1);
    return at ? *at : 0;
}

static inline uint16_t reader_u16(struct reader *r)
{
    return (uint16_t)reader_big(r, 2);
}

static inline uint32_t reader_u24(struct reader *r)
{
    return (uint32_t)reader_big(r, 3);
}

static inline uint32_t reader_u32(struct reader *r)
{
    return (uint32_t)reader_big(r, 4);
}

static inline uint64_t reader_u64(struct reader *r)
{
    return reader_big(r, 8);
}

static inline uint16_t reader_u16_le(struct reader *r)
{
    return (uint16_t)reader_little(r, 2);
}

static inline uint32_t reader_u32_le(struct reader *r)
{
    return (uint32_t)reader_little(r, 4);
}

static inline uint64_t reader_u64_le(struct reader *r)
{
    return reader_little(r, 8);
}

static inline uint8_t reader_peek(const struct reader *r)
{
    return reader_left(r) > 0 ? *r->next : 0;
}

static inline struct bytes reader_bytes(struct reader *r, size_t size)
{
    const uint8_t *at = reader_take(r, size);
    return at ? bytes_of(at, size) : (struct bytes){ 0 };
}

static inline struct reader reader_sub(struct reader *r, size_t size)
{
    struct reader sub = reader_of(reader_bytes(r, size));
    sub.failed = r->failed;
    return sub;
}

static inline void reader_skip(struct reader *r, size_t size)
{
    (void)reader_take(r, size);
}

static inline bool reader_ok(const struct reader *r)
{
    return !r->failed;
}

static inline bool reader_finished(const struct reader *r)
{
    return !r->failed && r->next == r->end;
}
