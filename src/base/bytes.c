/* SPDX-License-Identifier: Apache-2.0 */
#include "base/bytes.h"

#include <string.h>

struct bytes bytes_of(const void *data, size_t size)
{
    return (struct bytes){ .data = data, .size = size };
}

struct bytes bytes_of_text(const char *text)
{
    return bytes_of(text, strlen(text));
}

struct bytes bytes_slice(struct bytes b, size_t from, size_t size)
{
    if (from >= b.size)
        return (struct bytes){ 0 };
    if (size > b.size - from)
        size = b.size - from;
    return bytes_of(b.data + from, size);
}

static uint8_t fold(uint8_t byte)
{
    return byte >= 'A' && byte <= 'Z' ? (uint8_t)(byte | 0x20) : byte;
}

static bool equal_nocase(const uint8_t *a, const uint8_t *b, size_t size)
{
    for (size_t i = 0; i < size; i++)
        if (fold(a[i]) != fold(b[i]))
            return false;
    return true;
}

bool bytes_equal(struct bytes a, struct bytes b)
{
    return a.size == b.size &&
           (a.size == 0 || memcmp(a.data, b.data, a.size) == 0);
}

bool bytes_equal_nocase(struct bytes a, struct bytes b)
{
    return a.size == b.size && equal_nocase(a.data, b.data, a.size);
}

bool bytes_start_with(struct bytes b, struct bytes prefix)
{
    return b.size >= prefix.size &&
           bytes_equal(bytes_of(b.data, prefix.size), prefix);
}

bool bytes_start_with_nocase(struct bytes b, struct bytes prefix)
{
    return b.size >= prefix.size &&
           equal_nocase(b.data, prefix.data, prefix.size);
}

bool bytes_end_with_nocase(struct bytes b, struct bytes suffix)
{
    return b.size >= suffix.size &&
           equal_nocase(b.data + (b.size - suffix.size), suffix.data,
                        suffix.size);
}

size_t bytes_find(struct bytes b, struct bytes needle)
{
    if (needle.size == 0)
        return 0;
    if (b.size < needle.size)
        return b.size;
    const uint8_t *at = memmem(b.data, b.size, needle.data, needle.size);
    return at ? (size_t)(at - b.data) : b.size;
}

size_t bytes_find_nocase(struct bytes b, struct bytes needle)
{
    if (needle.size == 0)
        return 0;
    if (b.size < needle.size)
        return b.size;
    struct bytes starts = bytes_slice(b, 0, b.size - needle.size + 1);
    uint8_t lower = fold(needle.data[0]);
    bool is_letter = lower >= 'a' && lower <= 'z';
    size_t at_lower = bytes_find_byte(starts, lower);
    size_t at_upper = is_letter ? bytes_find_byte(starts, lower ^ 0x20)
                                : starts.size;
    for (;;) {
        bool is_lower = at_lower < at_upper;
        size_t at = is_lower ? at_lower : at_upper;
        if (at == starts.size)
            return b.size;
        if (equal_nocase(b.data + at, needle.data, needle.size))
            return at;
        size_t next = at + 1 + bytes_find_byte(
            bytes_slice(starts, at + 1, starts.size), b.data[at]);
        if (is_lower)
            at_lower = next;
        else
            at_upper = next;
    }
}

size_t bytes_find_byte(struct bytes b, uint8_t byte)
{
    if (b.size == 0)
        return 0;
    const uint8_t *at = memchr(b.data, byte, b.size);
    return at ? (size_t)(at - b.data) : b.size;
}

static bool is_space(uint8_t byte)
{
    return byte == ' ' || (byte >= '\t' && byte <= '\r');
}

struct bytes bytes_trim(struct bytes b)
{
    while (b.size > 0 && is_space(b.data[0]))
        b = bytes_slice(b, 1, b.size);
    while (b.size > 0 && is_space(b.data[b.size - 1]))
        b.size--;
    return b;
}

int bytes_compare(struct bytes a, struct bytes b)
{
    size_t shorter = a.size < b.size ? a.size : b.size;
    int order = shorter ? memcmp(a.data, b.data, shorter) : 0;
    if (order != 0)
        return order;
    return a.size < b.size ? -1 : a.size > b.size;
}

bool bytes_to_number(struct bytes b, uint64_t max, uint64_t *number)
{
    uint64_t value = 0;

    if (b.size == 0)
        return false;
    for (size_t i = 0; i < b.size; i++) {
        if (b.data[i] < '0' || b.data[i] > '9')
            return false;
        uint64_t digit = (uint64_t)(b.data[i] - '0');
        if (digit > max || value > (max - digit) / 10)
            return false;
        value = value * 10 + digit;
    }
    *number = value;
    return true;
}
