/* SPDX-License-Identifier: Apache-2.0 */
#include "detect/signature/part.h"

#include "base/reader.h"

uint8_t part_byte(struct bytes text, size_t index)
{
    struct reader r = reader_of(bytes_slice(text, index, 1));

    return reader_peek(&r);
}

bool part_next(struct bytes *rest, char separator, struct bytes *part)
{
    if (rest->size == 0)
        return false;
    size_t at = bytes_find_byte(*rest, (uint8_t)separator);

    *part = bytes_trim(bytes_slice(*rest, 0, at));
    *rest = bytes_slice(*rest, at + 1, rest->size);
    return true;
}

bool part_word(struct bytes *rest, struct bytes *part)
{
    *rest = bytes_trim(*rest);
    if (rest->size == 0)
        return false;
    size_t at = 0;

    while (at < rest->size && part_byte(*rest, at) != ' ' &&
           part_byte(*rest, at) != '\t')
        at++;
    *part = bytes_slice(*rest, 0, at);
    *rest = bytes_trim(bytes_slice(*rest, at, rest->size));
    return true;
}

bool part_is(struct bytes text, const char *word)
{
    return bytes_equal(text, bytes_of_text(word));
}

bool part_is_nocase(struct bytes text, const char *word)
{
    return bytes_equal_nocase(text, bytes_of_text(word));
}

bool part_skip(struct bytes *text, const char *prefix)
{
    struct bytes front = bytes_of_text(prefix);

    if (!bytes_start_with(*text, front))
        return false;
    *text = bytes_trim(bytes_slice(*text, front.size, text->size));
    return true;
}

size_t part_index(struct bytes text, const char *const *words, size_t count)
{
    size_t i = 0;

    while (i < count && !part_is_nocase(text, words[i]))
        i++;
    return i;
}

static bool hex_number(struct bytes digits, uint64_t max, uint64_t *number)
{
    uint64_t value = 0;

    if (digits.size == 0 || digits.size > 16)
        return false;
    for (size_t i = 0; i < digits.size; i++) {
        uint8_t byte = part_byte(digits, i);
        uint8_t lower = byte | 0x20;
        if (byte >= '0' && byte <= '9')
            value = value << 4 | (uint64_t)(byte - '0');
        else if (lower >= 'a' && lower <= 'f')
            value = value << 4 | (uint64_t)(lower - 'a' + 10);
        else
            return false;
    }
    if (value > max)
        return false;
    *number = value;
    return true;
}

bool part_number(struct bytes text, uint64_t max, uint64_t *number)
{
    text = bytes_trim(text);
    if (bytes_start_with_nocase(text, bytes_of_text("0x")))
        return hex_number(bytes_slice(text, 2, text.size), max, number);
    return bytes_to_number(text, max, number);
}

bool part_signed(struct bytes text, int64_t low, int64_t high,
                 int64_t *number)
{
    uint64_t value;

    text = bytes_trim(text);
    bool minus = part_byte(text, 0) == '-';
    if (minus || part_byte(text, 0) == '+')
        text = bytes_slice(text, 1, text.size);
    if (!part_number(text, INT64_MAX, &value))
        return false;
    int64_t result = minus ? -(int64_t)value : (int64_t)value;
    if (result < low || result > high)
        return false;
    *number = result;
    return true;
}

bool part_size(struct bytes text, uint64_t max, uint64_t *number)
{
    static const struct {
        const char *suffix;
        unsigned shift;
    } units[] = {
        { "kib", 10 }, { "mib", 20 }, { "gib", 30 },
        { "kb", 10 }, { "mb", 20 }, { "gb", 30 },
        { "k", 10 }, { "m", 20 }, { "g", 30 }, { "", 0 },
    };
    uint64_t value;
    size_t i = 0;

    text = bytes_trim(text);
    while (!bytes_end_with_nocase(text, bytes_of_text(units[i].suffix)))
        i++;
    size_t size = bytes_of_text(units[i].suffix).size;
    if (!part_number(bytes_slice(text, 0, text.size - size),
                     max >> units[i].shift, &value))
        return false;
    *number = value << units[i].shift;
    return true;
}

/* "3<>9" or "3-9": between, without both. */
static bool between(struct bytes text, uint64_t max,
                    struct number_range *range)
{
    size_t at = bytes_find(text, bytes_of_text("<>"));
    size_t width = 2;
    uint64_t low, high;

    if (at == text.size) {
        at = bytes_find_byte(text, '-');
        width = 1;
    }
    if (at == text.size)
        return false;
    if (!part_size(bytes_slice(text, 0, at), max, &low) ||
        !part_size(bytes_slice(text, at + width, text.size), max, &high))
        return false;
    if (high < low || high - low < 2)
        return false;
    *range = (struct number_range){ low + 1, high - 1 };
    return true;
}

/* One bound: what stands before the number says which. */
static bool bounded(struct bytes text, uint64_t max,
                    struct number_range *range)
{
    uint64_t n;
    bool or_equal;
    bool less = part_skip(&text, "<");

    if (!less && !part_skip(&text, ">"))
        return false;
    or_equal = part_skip(&text, "=");
    if (!part_size(text, max, &n))
        return false;
    if (less && (or_equal || n > 0))
        *range = (struct number_range){ 0, or_equal ? n : n - 1 };
    else if (!less && (or_equal || n < max))
        *range = (struct number_range){ or_equal ? n : n + 1, max };
    else
        return false;
    return true;
}

bool part_range(struct bytes text, uint64_t max, struct number_range *range,
                bool *negated)
{
    uint64_t n;

    text = bytes_trim(text);
    *negated = part_skip(&text, "!");
    if (bounded(text, max, range) || between(text, max, range))
        return true;
    (void)part_skip(&text, "="); /* "!=5" and "=5" are written too. */
    if (!part_size(text, max, &n))
        return false;
    *range = (struct number_range){ n, n };
    return true;
}
