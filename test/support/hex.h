/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Bytes written as hexadecimal digits, for vectors out of RFCs. */
#include "base/arena.h"
#include "base/check.h"
#include "base/compiler.h"

static inline uint8_t hex_digit_value(char c)
{
    check((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'));
    return (uint8_t)(c <= '9' ? c - '0' : c - 'a' + 10);
}

/* Spaces are passed over; the bytes lie in the arena. */
static inline struct bytes hex_bytes(struct arena *arena, const char *text)
{
    uint8_t *out = arena_allocate(arena, bytes_of_text(text).size / 2 + 1);
    size_t digits = 0;

    for (; *text; text++) {
        if (*text == ' ')
            continue;
        uint8_t value = hex_digit_value(*text);
        if (digits % 2 == 0)
            out[digits / 2] = (uint8_t)(value << 4);
        else
            out[digits / 2] |= value;
        digits++;
    }
    return bytes_of(out, digits / 2);
}
