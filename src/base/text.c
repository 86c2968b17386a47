/* SPDX-License-Identifier: Apache-2.0 */
#include "base/text.h"

/* Size and smallest code point of a sequence, by its first byte. */
static size_t sequence_size(uint8_t first, uint32_t *smallest)
{
    if (first < 0x80) {
        *smallest = 0;
        return 1;
    }
    if (first >= 0xc2 && first < 0xe0) {
        *smallest = 0x80;
        return 2;
    }
    if (first >= 0xe0 && first < 0xf0) {
        *smallest = 0x800;
        return 3;
    }
    if (first >= 0xf0 && first < 0xf5) {
        *smallest = 0x10000;
        return 4;
    }
    return 0;
}

size_t text_utf8_next(struct bytes b, uint32_t *point)
{
    uint32_t smallest;
    size_t size = b.size ? sequence_size(b.data[0], &smallest) : 0;

    if (size == 0 || size > b.size)
        return 0;
    uint32_t value = size == 1 ? b.data[0] : b.data[0] & (0x7fu >> size);
    for (size_t i = 1; i < size; i++) {
        if ((b.data[i] & 0xc0) != 0x80)
            return 0;
        value = value << 6 | (b.data[i] & 0x3fu);
    }
    if (value < smallest || value > 0x10ffff ||
        (value >= 0xd800 && value <= 0xdfff))
        return 0;
    *point = value;
    return size;
}

bool text_is_unsafe(uint32_t point)
{
    return point < 0x20 || (point >= 0x7f && point < 0xa0) ||
           point == 0x61c || (point >= 0x200b && point <= 0x200f) ||
           (point >= 0x2028 && point <= 0x202e) ||
           (point >= 0x2060 && point <= 0x206f) || point == 0xfeff ||
           (point >= 0xfff9 && point <= 0xfffb) ||
           (point >= 0xe0000 && point <= 0xe007f);
}

void text_escape(struct writer *w, struct bytes b)
{
    while (b.size > 0) {
        uint32_t point = 0;
        size_t size = text_utf8_next(b, &point);

        if (size == 0 || (size == 1 && text_is_unsafe(point)))
            writer_format(w, "\\x%02x", b.data[0]);
        else if (text_is_unsafe(point))
            writer_format(w, "\\u{%04x}", (unsigned)point);
        else
            writer_bytes(w, bytes_of(b.data, size));
        b = bytes_slice(b, size ? size : 1, b.size);
    }
}
