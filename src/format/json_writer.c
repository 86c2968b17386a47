/* SPDX-License-Identifier: Apache-2.0 */
#include "format/json_writer.h"

#include <math.h>
#include <string.h>

#include "base/check.h"
#include "base/text.h"

void json_init(struct json_writer *json, struct writer *out)
{
    *json = (struct json_writer){ .out = out };
}

/* What stands before a value or key: a comma, unless it is the first. */
static void separate(struct json_writer *json)
{
    uint32_t level = 1u << json->depth;

    if (json->after_key) {
        json->after_key = false;
        return;
    }
    if (json->has_items & level)
        writer_byte(json->out, ',');
    json->has_items |= level;
}

static void open(struct json_writer *json, uint8_t bracket)
{
    separate(json);
    check(json->depth + 1 < JSON_DEPTH_MAX);
    json->depth++;
    json->has_items &= ~(1u << json->depth);
    writer_byte(json->out, bracket);
}

static void close(struct json_writer *json, uint8_t bracket)
{
    check(json->depth > 0);
    check(!json->after_key);
    json->depth--;
    writer_byte(json->out, bracket);
}

void json_object_open(struct json_writer *json)
{
    open(json, '{');
}

void json_object_close(struct json_writer *json)
{
    close(json, '}');
}

void json_array_open(struct json_writer *json)
{
    open(json, '[');
}

void json_array_close(struct json_writer *json)
{
    close(json, ']');
}

/* One byte that JSON wants escaped (RFC 8259 section 7). */
static void write_escape(struct writer *w, uint8_t byte)
{
    switch (byte) {
    case '"':
        writer_text(w, "\\\"");
        return;
    case '\\':
        writer_text(w, "\\\\");
        return;
    case '\n':
        writer_text(w, "\\n");
        return;
    case '\r':
        writer_text(w, "\\r");
        return;
    case '\t':
        writer_text(w, "\\t");
        return;
    default:
        writer_format(w, "\\u%04x", byte);
    }
}

/* What stands for itself: printable ASCII but for the quote and backslash. */
static bool is_plain(uint8_t byte)
{
    return (byte >= 0x20) & (byte < 0x7f) & (byte != '"') & (byte != '\\');
}

/* Text as it nearly always is: all plain, and so written in one piece. */
static bool write_plain(struct writer *w, struct bytes text)
{
    bool plain = true;

    for (size_t i = 0; i < text.size; i++)
        plain &= is_plain(text.data[i]);
    if (!plain)
        return false;
    uint8_t *room = writer_take(w, text.size + 2);
    if (!room)
        return true;
    room[0] = '"';
    if (text.size > 0)
        memcpy(room + 1, text.data, text.size);
    room[text.size + 1] = '"';
    return true;
}

static void write_quoted(struct writer *w, struct bytes text)
{
    if (write_plain(w, text))
        return;
    writer_byte(w, '"');
    while (text.size > 0) {
        size_t plain = 0;
        while (plain < text.size && is_plain(text.data[plain]))
            plain++;
        writer_bytes(w, bytes_slice(text, 0, plain));
        text = bytes_slice(text, plain, text.size);
        if (text.size == 0)
            break;
        uint32_t point;
        size_t size = text_utf8_next(text, &point);
        if (size == 0)
            writer_text(w, "\xef\xbf\xbd");
        else if (size == 1)
            write_escape(w, text.data[0]);
        else
            writer_bytes(w, bytes_slice(text, 0, size));
        text = bytes_slice(text, size ? size : 1, text.size);
    }
    writer_byte(w, '"');
}

void json_key_bytes(struct json_writer *json, struct bytes key)
{
    separate(json);
    write_quoted(json->out, key);
    writer_byte(json->out, ':');
    json->after_key = true;
}

void json_key(struct json_writer *json, const char *key)
{
    json_key_bytes(json, bytes_of_text(key));
}

void json_bytes(struct json_writer *json, struct bytes text)
{
    separate(json);
    write_quoted(json->out, text);
}

void json_text(struct json_writer *json, const char *text)
{
    json_bytes(json, bytes_of_text(text));
}

void json_number(struct json_writer *json, uint64_t number)
{
    separate(json);
    writer_number(json->out, number);
}

void json_signed(struct json_writer *json, int64_t number)
{
    separate(json);
    writer_signed(json->out, number);
}

/* JSON has no infinities and no NaN; they become null. */
void json_double(struct json_writer *json, double number)
{
    separate(json);
    if (isfinite(number))
        writer_format(json->out, "%.6g", number);
    else
        writer_text(json->out, "null");
}

void json_flag(struct json_writer *json, bool flag)
{
    separate(json);
    writer_text(json->out, flag ? "true" : "false");
}

void json_nothing(struct json_writer *json)
{
    separate(json);
    writer_text(json->out, "null");
}
