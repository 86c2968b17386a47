/* SPDX-License-Identifier: Apache-2.0 */
#include "detect/behaviour/pattern.h"

#include <string.h>

#include "base/text.h"

static bool is_special(uint8_t byte)
{
    return byte == '*' || byte == '?' || byte == '\\';
}

static uint16_t token_of(uint8_t byte)
{
    switch (byte) {
    case '*':
        return TOKEN_MANY;
    case '?':
        return TOKEN_ONE;
    default:
        return byte;
    }
}

bool tokens_parse(struct arena *arena, struct bytes text,
                  struct tokens *tokens)
{
    if (text.size > PATTERN_TOKEN_MAX)
        return false;
    uint16_t *items = arena_allocate(arena, (text.size + 1) * sizeof *items);
    size_t count = 0;

    for (size_t i = 0; i < text.size; i++) {
        bool escapes = text.data[i] == '\\' && i + 1 < text.size &&
                       is_special(text.data[i + 1]);
        if (escapes)
            items[count++] = text.data[++i];
        else
            items[count++] = token_of(text.data[i]);
    }
    *tokens = (struct tokens){ items, count };
    return true;
}

bool tokens_have_wildcard(struct tokens tokens)
{
    for (size_t i = 0; i < tokens.count; i++)
        if (tokens.items[i] >= TOKEN_ONE)
            return true;
    return false;
}

struct tokens tokens_wrap(struct arena *arena, struct tokens tokens,
                          bool before, bool after)
{
    uint16_t *items =
        arena_allocate(arena, (tokens.count + 2) * sizeof *items);
    size_t count = 0;

    if (before)
        items[count++] = TOKEN_MANY;
    for (size_t i = 0; i < tokens.count; i++)
        items[count++] = tokens.items[i];
    if (after)
        items[count++] = TOKEN_MANY;
    return (struct tokens){ items, count };
}

struct bytes tokens_literal(struct arena *arena, struct tokens tokens)
{
    uint8_t *data = arena_allocate(arena, tokens.count + 1);

    for (size_t i = 0; i < tokens.count; i++)
        data[i] = (uint8_t)tokens.items[i];
    data[tokens.count] = 0;
    return bytes_of(data, tokens.count);
}

struct tokens tokens_of_bytes(struct arena *arena, struct bytes b)
{
    uint16_t *items = arena_allocate(arena, (b.size + 1) * sizeof *items);

    for (size_t i = 0; i < b.size; i++)
        items[i] = b.data[i];
    return (struct tokens){ items, b.size };
}

static struct tokens without_ends(struct tokens tokens, bool *before,
                                  bool *after)
{
    *before = *after = false;
    while (tokens.count > 0 && tokens.items[0] == TOKEN_MANY) {
        tokens.items++;
        tokens.count--;
        *before = true;
    }
    while (tokens.count > 0 && tokens.items[tokens.count - 1] == TOKEN_MANY) {
        tokens.count--;
        *after = true;
    }
    return tokens;
}

static uint16_t fold(uint16_t token)
{
    return token >= 'A' && token <= 'Z' ? (uint16_t)(token + 32) : token;
}

static struct tokens folded(struct arena *arena, struct tokens tokens)
{
    uint16_t *items =
        arena_allocate(arena, (tokens.count + 1) * sizeof *items);

    for (size_t i = 0; i < tokens.count; i++)
        items[i] = fold(tokens.items[i]);
    return (struct tokens){ items, tokens.count };
}

struct pattern pattern_of(struct arena *arena, struct tokens tokens,
                          bool cased)
{
    struct pattern pattern = { .cased = cased };
    bool before;
    bool after;

    if (!cased)
        tokens = folded(arena, tokens);
    struct tokens middle = without_ends(tokens, &before, &after);
    if (tokens_have_wildcard(middle)) {
        pattern.kind = PATTERN_GLOB;
        pattern.tokens = tokens;
        return pattern;
    }
    pattern.literal = tokens_literal(arena, middle);
    if (middle.count == 0 && (before || after))
        pattern.kind = PATTERN_ANY;
    else if (before && after)
        pattern.kind = PATTERN_WITHIN;
    else if (before)
        pattern.kind = PATTERN_SUFFIX;
    else if (after)
        pattern.kind = PATTERN_PREFIX;
    else
        pattern.kind = PATTERN_EXACT;
    return pattern;
}

/* How many bytes of `text` the token takes at `at`; 0 when it does not fit.
 * One character is one of UTF-8, or one byte where the text is none. */
static size_t token_fits(const struct pattern *pattern, uint16_t token,
                         struct bytes text, size_t at)
{
    uint32_t point;

    if (at >= text.size)
        return 0;
    if (token == TOKEN_ONE) {
        size_t size =
            text_utf8_next(bytes_slice(text, at, text.size), &point);
        return size > 0 ? size : 1;
    }
    uint16_t byte = text.data[at];
    return token == (pattern->cased ? byte : fold(byte));
}

/* Only the last `*` needs to be gone back to: an earlier one could not take
 * less than its shortest run to any avail. */
static bool match_glob(const struct pattern *pattern, struct bytes text)
{
    const struct tokens tokens = pattern->tokens;
    size_t at = 0;
    size_t token = 0;
    size_t star = SIZE_MAX;
    size_t star_at = 0;

    while (token < tokens.count || at < text.size) {
        if (token < tokens.count && tokens.items[token] == TOKEN_MANY) {
            star = token++;
            star_at = at;
            continue;
        }
        size_t size = token < tokens.count
                          ? token_fits(pattern, tokens.items[token], text, at)
                          : 0;
        if (size > 0) {
            at += size;
            token++;
        } else if (star != SIZE_MAX && star_at < text.size) {
            at = ++star_at;
            token = star + 1;
        } else {
            return false;
        }
    }
    return true;
}

static bool match_cased(const struct pattern *pattern, struct bytes text)
{
    struct bytes literal = pattern->literal;

    switch (pattern->kind) {
    case PATTERN_EXACT:
        return bytes_equal(text, literal);
    case PATTERN_PREFIX:
        return bytes_start_with(text, literal);
    case PATTERN_SUFFIX:
        return text.size >= literal.size &&
               bytes_equal(bytes_slice(text, text.size - literal.size,
                                       literal.size),
                           literal);
    case PATTERN_WITHIN:
        return bytes_find(text, literal) < text.size;
    case PATTERN_ANY:
    case PATTERN_GLOB:
        break;
    }
    return pattern->kind == PATTERN_ANY || match_glob(pattern, text);
}

bool pattern_match(const struct pattern *pattern, struct bytes text)
{
    if (pattern->cased)
        return match_cased(pattern, text);
    switch (pattern->kind) {
    case PATTERN_ANY:
        return true;
    case PATTERN_EXACT:
        return bytes_equal_nocase(text, pattern->literal);
    case PATTERN_PREFIX:
        return bytes_start_with_nocase(text, pattern->literal);
    case PATTERN_SUFFIX:
        return bytes_end_with_nocase(text, pattern->literal);
    case PATTERN_WITHIN:
        return bytes_find_nocase(text, pattern->literal) < text.size;
    case PATTERN_GLOB:
        break;
    }
    return match_glob(pattern, text);
}
