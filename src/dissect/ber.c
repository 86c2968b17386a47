/* SPDX-License-Identifier: Apache-2.0 */
#include "dissect/ber.h"

#include "base/arena_writer.h"

enum {
    TAG_LONG = 0x1f,     /* X.690 8.1.2.4: more bytes of tag follow. */
    LENGTH_LONG = 0x80,  /* X.690 8.1.3.5 */
    LENGTH_SIZE_MAX = 4,
    OID_TEXT_USUAL = 48,
};

static size_t take_length(struct reader *r)
{
    uint8_t first = reader_u8(r);
    size_t length = 0;

    if (!(first & LENGTH_LONG))
        return first;
    uint8_t count = first & 0x7f;
    if (count == 0 || count > LENGTH_SIZE_MAX)
        reader_fail(r);
    for (uint8_t i = 0; i < count && reader_left(r) > 0; i++)
        length = length << 8 | reader_u8(r);
    return length;
}

struct ber ber_read(struct reader *r)
{
    uint8_t tag = reader_u8(r);

    if ((tag & TAG_LONG) == TAG_LONG)
        reader_fail(r);
    struct bytes value = reader_bytes(r, take_length(r));
    return (struct ber){ .tag = reader_ok(r) ? tag : 0, .value = value };
}

struct bytes ber_take(struct reader *r, uint8_t tag)
{
    struct ber element = ber_read(r);

    if (element.tag == tag && reader_ok(r))
        return element.value;
    reader_fail(r);
    return (struct bytes){ 0 };
}

struct reader ber_enter(struct reader *r, uint8_t tag)
{
    struct reader content = reader_of(ber_take(r, tag));

    if (!reader_ok(r))
        reader_fail(&content);
    return content;
}

int64_t ber_take_integer(struct reader *r)
{
    struct bytes value = ber_take(r, BER_INTEGER);

    if (value.size == 0 || value.size > sizeof(int64_t)) {
        reader_fail(r);
        return 0;
    }
    uint64_t number = value.data[0] & 0x80 ? UINT64_MAX : 0;
    for (size_t i = 0; i < value.size; i++)
        number = number << 8 | value.data[i];
    return (int64_t)number;
}

/* X.690 8.19: seven bits a byte, the highest bit says that more follow. */
static uint32_t take_part(struct reader *r)
{
    uint32_t part = 0;

    for (;;) {
        uint8_t byte = reader_u8(r);
        if (part > UINT32_MAX >> 7)
            reader_fail(r);
        part = part << 7 | (byte & 0x7f);
        if (!(byte & 0x80) || !reader_ok(r))
            return part;
    }
}

bool ber_oid_text(struct bytes oid, struct arena *arena, struct bytes *text)
{
    struct reader r = reader_of(oid);
    uint32_t first = take_part(&r);
    uint32_t root = first < 80 ? first / 40 : 2;
    struct arena_writer w;

    arena_writer_init(&w, arena, OID_TEXT_USUAL);
    arena_writer_number(&w, root);
    arena_writer_byte(&w, '.');
    arena_writer_number(&w, first - root * 40);
    for (int parts = 2; reader_left(&r) > 0; parts++) {
        if (parts == BER_OID_PARTS_MAX)
            return false;
        arena_writer_byte(&w, '.');
        arena_writer_number(&w, take_part(&r));
    }
    if (!reader_ok(&r))
        return false;
    *text = arena_writer_view(&w);
    return true;
}
