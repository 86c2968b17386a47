/* SPDX-License-Identifier: Apache-2.0 */
#include "dissect/json_scan.h"

#include "base/reader.h"

enum { JSON_NESTING_MAX = 32 }; /* Deeper than any message of use here. */

static void skip_space(struct reader *r)
{
    while (reader_left(r) > 0) {
        uint8_t byte = reader_peek(r);
        if (byte != ' ' && byte != '\t' && byte != '\r' && byte != '\n')
            return;
        reader_skip(r, 1);
    }
}

/* After the opening quote, past the closing one. */
static void skip_string(struct reader *r)
{
    for (;;) {
        uint8_t byte = reader_u8(r);
        if (byte == '\\')
            reader_skip(r, 1);
        else if (byte == '"' || !reader_ok(r))
            return;
    }
}

/* An object or array, from its opening bracket to its closing one. */
static void skip_nested(struct reader *r)
{
    int depth = 0;

    do {
        uint8_t byte = reader_u8(r);
        if (byte == '"')
            skip_string(r);
        else if (byte == '{' || byte == '[')
            depth++;
        else if (byte == '}' || byte == ']')
            depth--;
        if (depth > JSON_NESTING_MAX)
            reader_fail(r);
    } while (depth > 0 && reader_ok(r));
}

static void skip_plain(struct reader *r)
{
    while (reader_left(r) > 0) {
        uint8_t byte = reader_peek(r);
        if (byte == ',' || byte == '}' || byte == ']' || byte <= ' ')
            return;
        reader_skip(r, 1);
    }
}

/* One value, as it stands; a string without its quotes. */
static struct bytes take_value(struct reader *r)
{
    skip_space(r);
    struct reader start = *r;
    uint8_t first = reader_peek(r);
    size_t quote = first == '"' ? 1 : 0;

    if (first == '"') {
        reader_skip(r, 1);
        skip_string(r);
    } else if (first == '{' || first == '[') {
        skip_nested(r);
    } else {
        skip_plain(r);
    }
    if (!reader_ok(r))
        return (struct bytes){ 0 };
    size_t size = reader_left(&start) - reader_left(r);
    reader_skip(&start, quote);
    return reader_bytes(&start, size - 2 * quote);
}

static bool take_byte(struct reader *r, uint8_t byte)
{
    skip_space(r);
    if (reader_left(r) == 0 || reader_peek(r) != byte)
        return false;
    reader_skip(r, 1);
    return true;
}

struct bytes json_scan_member(struct bytes json, const char *key)
{
    struct reader r = reader_of(json);

    if (!take_byte(&r, '{'))
        return (struct bytes){ 0 };
    do {
        struct bytes name = take_value(&r);
        if (!take_byte(&r, ':'))
            break;
        struct bytes value = take_value(&r);
        if (reader_ok(&r) && bytes_equal(name, bytes_of_text(key)))
            return value;
    } while (take_byte(&r, ','));
    return (struct bytes){ 0 };
}

struct bytes json_scan_item(struct bytes json, size_t index)
{
    struct reader r = reader_of(json);

    if (!take_byte(&r, '['))
        return (struct bytes){ 0 };
    for (size_t i = 0; i < index; i++) {
        (void)take_value(&r); /* Only where it ends matters. */
        if (!take_byte(&r, ','))
            return (struct bytes){ 0 };
    }
    return take_value(&r);
}
