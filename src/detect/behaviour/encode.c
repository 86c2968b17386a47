/* SPDX-License-Identifier: Apache-2.0 */
#include "detect/behaviour/pattern.h"

#include <string.h>

#include "base/text.h"

struct bytes encode_base64(struct arena *arena, struct bytes b)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                 "abcdefghijklmnopqrstuvwxyz0123456789+/";
    size_t size = (b.size + 2) / 3 * 4;
    uint8_t *out = arena_allocate(arena, size + 1);

    for (size_t i = 0, at = 0; i < b.size; i += 3, at += 4) {
        struct bytes group = bytes_slice(b, i, 3);
        uint32_t bits = 0;
        for (size_t j = 0; j < 3; j++)
            bits = bits << 8 | (j < group.size ? group.data[j] : 0u);
        for (size_t j = 0; j < 4; j++)
            out[at + j] = j <= group.size
                              ? (uint8_t)digits[bits >> (18 - 6 * j) & 63]
                              : (uint8_t)'=';
    }
    return bytes_of(out, size);
}

/*
 * With `shift` unknown bytes before it, the first digits carry bits of those
 * bytes, and an incomplete last group carries bits of what follows: both are
 * cut off. After 1 byte two digits are not ours alone, after 2 bytes three.
 */
struct bytes encode_base64_offset(struct arena *arena, struct bytes b,
                                  unsigned shift)
{
    static const size_t front[3] = { 0, 2, 3 };
    uint8_t *shifted = arena_allocate(arena, b.size + shift + 1);

    memset(shifted, ' ', shift);
    if (b.size > 0)
        memcpy(shifted + shift, b.data, b.size);
    size_t total = b.size + shift;
    size_t whole = total * 8 / 6; /* Digits that need no byte after. */
    struct bytes all = encode_base64(arena, bytes_of(shifted, total));
    if (whole < front[shift])
        return (struct bytes){ 0 };
    return bytes_slice(all, front[shift], whole - front[shift]);
}

static void put_unit(uint8_t *out, uint32_t unit, bool big_endian)
{
    out[big_endian ? 0 : 1] = (uint8_t)(unit >> 8);
    out[big_endian ? 1 : 0] = (uint8_t)unit;
}

/* RFC 2781 section 2.1: a pair of surrogates beyond 16 bits. */
bool encode_utf16(struct arena *arena, struct bytes b, bool big_endian,
                  struct bytes *encoded)
{
    uint8_t *out = arena_allocate(arena, b.size * 2 + 1);
    size_t size = 0;

    for (size_t i = 0; i < b.size;) {
        uint32_t point;
        size_t used = text_utf8_next(bytes_slice(b, i, b.size), &point);
        if (used == 0)
            return false;
        i += used;
        if (point >= 0x10000) {
            put_unit(out + size, 0xd800 + ((point - 0x10000) >> 10),
                     big_endian);
            size += 2;
            point = 0xdc00 + ((point - 0x10000) & 0x3ff);
        }
        put_unit(out + size, point, big_endian);
        size += 2;
    }
    *encoded = bytes_of(out, size);
    return true;
}

/* The five forms that a dash may take. */
static const char *const dashes[] = { "-", "/", "\xe2\x80\x93",
                                      "\xe2\x80\x94", "\xe2\x80\x95" };

static bool is_word(uint16_t token)
{
    return (token >= '0' && token <= '9') || (token >= 'A' && token <= 'Z') ||
           (token >= 'a' && token <= 'z') || token == '_';
}

/* The length of a dash at `at` that begins a word; 0 when none does. */
static size_t dash_at(struct tokens tokens, size_t at)
{
    for (size_t d = 0; d < COUNT_OF(dashes); d++) {
        struct bytes dash = bytes_of_text(dashes[d]);
        if (at + dash.size >= tokens.count)
            continue;
        bool same = true;
        for (size_t i = 0; i < dash.size; i++)
            same = same && tokens.items[at + i] == dash.data[i];
        bool begins = (at == 0 || !is_word(tokens.items[at - 1])) &&
                      is_word(tokens.items[at + dash.size]);
        if (same && begins)
            return dash.size;
    }
    return 0;
}

/* The variant in which dash number i has the form of digit i of `choice`. */
static struct tokens variant_of(struct arena *arena, struct tokens tokens,
                                size_t choice)
{
    uint16_t *items =
        arena_allocate(arena, (tokens.count * 3 + 1) * sizeof *items);
    size_t count = 0;

    for (size_t i = 0; i < tokens.count;) {
        size_t size = dash_at(tokens, i);
        if (size == 0) {
            items[count++] = tokens.items[i++];
            continue;
        }
        struct bytes dash = bytes_of_text(dashes[choice % COUNT_OF(dashes)]);
        choice /= COUNT_OF(dashes);
        for (size_t j = 0; j < dash.size; j++)
            items[count++] = dash.data[j];
        i += size;
    }
    return (struct tokens){ items, count };
}

size_t dash_variants(struct arena *arena, struct tokens tokens,
                     struct tokens *variants)
{
    size_t total = 1;

    for (size_t i = 0; i < tokens.count; i++) {
        if (dash_at(tokens, i) > 0)
            total *= COUNT_OF(dashes);
        if (total > PATTERN_VARIANT_MAX)
            return 0;
    }
    for (size_t i = 0; i < total; i++)
        variants[i] = variant_of(arena, tokens, i);
    return total;
}
