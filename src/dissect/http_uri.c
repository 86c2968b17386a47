/* SPDX-License-Identifier: Apache-2.0 */
#include "dissect/http_uri.h"

#include <string.h>

static int digit(uint8_t c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* `count` hexadecimal digits at `at`; -1 when there are none. */
static int number_at(struct bytes text, size_t at, size_t count)
{
    int value = 0;

    if (at + count > text.size)
        return -1;
    for (size_t i = 0; i < count; i++) {
        int next = digit(text.data[at + i]);
        if (next < 0)
            return -1;
        value = value * 16 + next;
    }
    return value;
}

/* Full-width forms have narrow twins; what has none becomes '?'. */
static uint8_t best_fit(int code)
{
    if (code < 0x100)
        return (uint8_t)code;
    if (code >= 0xff01 && code <= 0xff5e)
        return (uint8_t)(code - 0xff01 + '!');
    switch (code) {
    case 0x2044: case 0x2215: return '/';
    case 0x2216: return '\\';
    case 0x2024: return '.';
    default: return '?';
    }
}

/* The byte that stands at `*at`, which moves past it. */
static uint8_t decode_one(struct bytes text, size_t *at)
{
    uint8_t c = text.data[*at];
    int code;

    if (c == '%' && *at + 1 < text.size && (text.data[*at + 1] | 0x20) == 'u') {
        code = number_at(text, *at + 2, 4);
        if (code >= 0) {
            *at += 6;
            return best_fit(code);
        }
    }
    code = c == '%' ? number_at(text, *at + 1, 2) : -1;
    if (code < 0) { /* A percent sign that says nothing stays. */
        (*at)++;
        return c;
    }
    *at += 3;
    return (uint8_t)code;
}

static size_t decode_path(struct bytes path, uint8_t *out)
{
    size_t size = 0;
    size_t at = 0;

    while (at < path.size) {
        uint8_t c = decode_one(path, &at);
        if (c == '\\')
            c = '/';
        if (c == '/' && size > 0 && out[size - 1] == '/')
            continue;
        out[size++] = c;
    }
    return size;
}

/* Back to before the last part of what was written. */
static size_t go_up(const uint8_t *out, size_t size)
{
    while (size > 0 && out[size - 1] != '/')
        size--;
    return size > 0 ? size - 1 : 0;
}

/* RFC 3986 section 5.2.4, in place: `read` never falls behind `size`. */
static size_t remove_dots(uint8_t *path, size_t path_size)
{
    size_t size = 0;
    size_t at = 0;

    while (at < path_size) {
        size_t end = at + 1;
        while (end < path_size && path[end] != '/')
            end++;
        bool is_slash = path[at] == '/';
        size_t from = is_slash ? at + 1 : at;
        size_t part = end - from;
        bool is_dot = part == 1 && path[from] == '.';
        bool is_up = part == 2 && path[from] == '.' && path[from + 1] == '.';
        if (is_up)
            size = go_up(path, size);
        if (!is_dot && !is_up) {
            memmove(path + size, path + at, end - at);
            size += end - at;
        } else if (end == path_size && is_slash) {
            path[size++] = '/'; /* A directory stays one. */
        }
        at = end;
    }
    return size;
}

static size_t decode_query(struct bytes query, uint8_t *out)
{
    size_t size = 0;
    size_t at = 0;

    while (at < query.size)
        out[size++] = decode_one(query, &at);
    return size;
}

/* "http://host:port" in front of the path; what follows it. */
static struct bytes take_authority(struct http_uri *uri, struct bytes target)
{
    struct bytes mark = bytes_of_text("://");
    size_t scheme = bytes_find(bytes_slice(target, 0, 16), mark);

    if (scheme == 0 || scheme + mark.size > target.size ||
        !bytes_start_with(bytes_slice(target, scheme, target.size), mark))
        return target;
    struct bytes rest =
        bytes_slice(target, scheme + mark.size, target.size);
    size_t end = 0;
    while (end < rest.size && rest.data[end] != '/' &&
           rest.data[end] != '?' && rest.data[end] != '#')
        end++;
    uri->host = bytes_slice(rest, 0, end);
    size_t user = bytes_find_byte(uri->host, '@');
    if (user < uri->host.size)
        uri->host = bytes_slice(uri->host, user + 1, end);
    return bytes_slice(rest, end, rest.size);
}

static bool has_code(struct bytes text)
{
    for (size_t i = 0; i < text.size; i++)
        if (text.data[i] == '%' && number_at(text, i + 1, 2) >= 0)
            return true;
    return false;
}

void http_uri_read(struct http_uri *uri, struct bytes target,
                   bool is_connect, struct arena *arena)
{
    uint8_t *out = arena_allocate(arena, target.size + 2);

    *uri = (struct http_uri){ 0 };
    if (is_connect) {
        uri->host = target;
        uri->normal = target;
        return;
    }
    if (target.size > 0 && target.data[0] != '/')
        target = take_authority(uri, target);
    size_t query = bytes_find_byte(target, '?');
    size_t fragment = bytes_find_byte(target, '#');
    size_t path_size = query < fragment ? query : fragment;
    size_t size = decode_path(bytes_slice(target, 0, path_size), out);
    size = remove_dots(out, size);
    uri->is_double_encoded = has_code(bytes_of(out, size));
    if (query < fragment) {
        out[size++] = '?';
        size += decode_query(
            bytes_slice(target, query + 1, fragment - query - 1), out + size);
    }
    if (fragment < target.size) {
        struct bytes rest = bytes_slice(target, fragment, target.size);
        memcpy(out + size, rest.data, rest.size);
        size += rest.size;
    }
    uri->normal = bytes_of(out, size);
}

struct bytes http_uri_host(struct bytes host, struct arena *arena)
{
    size_t bracket = bytes_find_byte(host, ']');
    size_t from = bracket < host.size ? bracket : 0;
    size_t colon =
        from + bytes_find_byte(bytes_slice(host, from, host.size), ':');
    struct bytes name = bytes_trim(bytes_slice(host, 0, colon));
    uint8_t *out = arena_allocate(arena, name.size + 1);

    for (size_t i = 0; i < name.size; i++)
        out[i] = name.data[i] >= 'A' && name.data[i] <= 'Z'
                     ? name.data[i] | 0x20
                     : name.data[i];
    while (name.size > 0 && out[name.size - 1] == '.')
        name.size--; /* The root's dot says nothing. */
    return bytes_of(out, name.size);
}
