/* SPDX-License-Identifier: Apache-2.0 */
#include "dissect/lines.h"

#include "base/reader.h"

enum { HEADER_COUNT_MAX = 128 }; /* Lines of a head that are looked at. */

static struct bytes without_cr(struct bytes line)
{
    if (bytes_end_with_nocase(line, bytes_of("\r", 1)))
        return bytes_slice(line, 0, line.size - 1);
    return line;
}

enum line_verdict dissect_take_line(struct bytes *rest, size_t max,
                                    struct bytes *line)
{
    size_t size = bytes_find_byte(*rest, '\n');

    if (size > max)
        return LINE_TOO_LONG;
    if (size == rest->size)
        return LINE_PARTIAL;
    *line = without_cr(bytes_slice(*rest, 0, size));
    *rest = bytes_slice(*rest, size + 1, SIZE_MAX);
    return LINE_WHOLE;
}

struct bytes dissect_take_word(struct bytes *rest)
{
    struct bytes text = bytes_trim(*rest);
    size_t size = bytes_find_byte(text, ' ');

    *rest = bytes_trim(bytes_slice(text, size, SIZE_MAX));
    return bytes_slice(text, 0, size);
}

size_t dissect_head_size(struct bytes data)
{
    struct bytes end = bytes_of_text("\r\n\r\n");
    size_t at = bytes_find(data, end);

    if (at < data.size)
        return at + end.size;
    at = bytes_find(data, bytes_of_text("\n\n"));
    return at < data.size ? at + 2 : 0;
}

struct bytes dissect_header(struct bytes head, const char *name,
                            const char *compact)
{
    struct bytes line;

    for (int i = 0; i < HEADER_COUNT_MAX; i++) {
        if (dissect_take_line(&head, head.size, &line) != LINE_WHOLE)
            break;
        size_t colon = bytes_find_byte(line, ':');
        struct bytes found = bytes_trim(bytes_slice(line, 0, colon));
        if (bytes_equal_nocase(found, bytes_of_text(name)) ||
            (compact && bytes_equal_nocase(found, bytes_of_text(compact))))
            return bytes_trim(bytes_slice(line, colon + 1, SIZE_MAX));
    }
    return (struct bytes){ 0 };
}

bool dissect_content_length(struct bytes head, uint64_t *size)
{
    struct bytes value = dissect_header(head, "Content-Length", "l");

    if (value.size == 0) {
        *size = 0;
        return true;
    }
    return bytes_to_number(value, UINT32_MAX, size);
}

bool dissect_is_text(struct bytes b)
{
    struct reader r = reader_of(b);

    while (reader_left(&r) > 0) {
        uint8_t byte = reader_u8(&r);
        bool is_space = byte == '\t' || byte == '\r' || byte == '\n';
        if (!is_space && (byte < ' ' || byte > '~'))
            return false;
    }
    return b.size > 0;
}

bool dissect_is_word(struct bytes b)
{
    struct reader r = reader_of(b);

    while (reader_left(&r) > 0) {
        uint8_t byte = reader_u8(&r);
        if (byte <= ' ' || byte > '~')
            return false;
    }
    return b.size > 0;
}

void dissect_set_text(struct event *event, enum event_field field,
                      struct bytes text)
{
    if (text.size > 0)
        event_set_text(event, field, text);
}

struct bytes dissect_hex(struct arena *arena, struct bytes b)
{
    static const char digits[] = "0123456789abcdef";
    struct reader r = reader_of(b);
    uint8_t *text = arena_allocate(arena, b.size * 2);

    for (size_t i = 0; reader_left(&r) > 0; i++) {
        uint8_t byte = reader_u8(&r);
        text[i * 2] = (uint8_t)digits[byte >> 4];
        text[i * 2 + 1] = (uint8_t)digits[byte & 15];
    }
    return bytes_of(text, b.size * 2);
}
