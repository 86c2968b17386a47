/* SPDX-License-Identifier: Apache-2.0 */
#include "format/json_place.h"

#include "base/reader.h"

static void skip_space(struct reader *r)
{
    while (reader_left(r) > 0) {
        uint8_t byte = reader_peek(r);
        if (byte != ' ' && byte != '\t' && byte != '\n' && byte != '\r')
            return;
        reader_skip(r, 1);
    }
}

/* Past a string whose first quote comes next; the view is what is quoted. */
static struct bytes take_string(struct reader *r)
{
    const uint8_t *start = r->next + 1;

    reader_skip(r, 1);
    while (reader_left(r) > 0) {
        uint8_t byte = reader_u8(r);
        if (byte == '\\')
            reader_skip(r, 1);
        else if (byte == '"')
            return bytes_of(start, (size_t)(r->next - 1 - start));
    }
    reader_fail(r);
    return (struct bytes){ 0 };
}

static bool is_open(uint8_t byte)
{
    return byte == '{' || byte == '[';
}

static bool is_close(uint8_t byte)
{
    return byte == '}' || byte == ']';
}

/* Past one value, whatever is inside it. */
static void skip_value(struct reader *r)
{
    size_t depth = 0;

    while (reader_left(r) > 0) {
        uint8_t byte = reader_peek(r);
        if (byte == '"') {
            (void)take_string(r);
            if (depth == 0)
                return;
            continue;
        }
        if (depth == 0 && (byte == ',' || is_close(byte)))
            return;
        reader_skip(r, 1);
        if (is_open(byte))
            depth++;
        else if (is_close(byte) && --depth == 0)
            return;
    }
}

/* Into the object that comes next, up to the member's value. */
static bool enter_member(struct reader *r, const char *key)
{
    if (reader_u8(r) != '{')
        return false;
    while (reader_left(r) > 0) {
        skip_space(r);
        if (reader_peek(r) != '"')
            return false;
        struct bytes name = take_string(r);
        skip_space(r);
        if (reader_u8(r) != ':')
            return false;
        skip_space(r);
        if (bytes_equal(name, bytes_of_text(key)))
            return reader_ok(r);
        skip_value(r);
        skip_space(r);
        if (reader_u8(r) != ',')
            return false;
    }
    return false;
}

static bool enter_item(struct reader *r, size_t index)
{
    if (reader_u8(r) != '[')
        return false;
    for (size_t at = 0; reader_left(r) > 0; at++) {
        skip_space(r);
        if (at == index)
            return reader_left(r) > 0 && !is_close(reader_peek(r));
        skip_value(r);
        skip_space(r);
        if (reader_u8(r) != ',')
            return false;
    }
    return false;
}

static uint32_t line_of(struct bytes text, const uint8_t *at)
{
    struct reader r = reader_of(text);
    uint32_t line = 1;

    while (reader_left(&r) > 0 && r.next < at)
        line += reader_u8(&r) == '\n';
    return line;
}

/* Up to the value that the steps lead to, or the last one on the way. */
static const uint8_t *follow(struct reader *r, const struct json_step *steps,
                             size_t count)
{
    skip_space(r);
    const uint8_t *found = r->next;
    for (size_t i = 0; i < count; i++) {
        bool is_there = steps[i].key ? enter_member(r, steps[i].key)
                                     : enter_item(r, steps[i].index);
        if (!is_there)
            break;
        found = r->next;
    }
    return found;
}

uint32_t json_place(struct bytes text, const struct json_step *steps,
                    size_t count)
{
    struct reader r = reader_of(text);

    return line_of(text, follow(&r, steps, count));
}

void json_place_items(struct bytes text, const struct json_step *steps,
                      size_t count, uint32_t *lines, size_t line_count)
{
    struct reader r = reader_of(text);
    const uint8_t *at = follow(&r, steps, count);
    uint32_t line = line_of(text, at);

    reader_skip(&r, 1);
    for (size_t i = 0; i < line_count; i++) {
        skip_space(&r);
        line += line_of(bytes_of(at, (size_t)(r.next - at)), r.next) - 1;
        at = r.next;
        lines[i] = line;
        skip_value(&r);
        skip_space(&r);
        reader_skip(&r, 1);
    }
}
