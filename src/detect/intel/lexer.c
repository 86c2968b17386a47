/* SPDX-License-Identifier: Apache-2.0 */
#include "detect/intel/lexer.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

enum { NUMBER_SIZE_MAX = 64 }; /* Digits of a number; more say nothing. */

/* The byte `ahead` of where the lexer stands; 0 past the end. */
static uint8_t peek(const struct stix_lexer *lexer, size_t ahead)
{
    size_t left = lexer->text.size - lexer->at;

    return ahead < left ? lexer->text.data[lexer->at + ahead] : 0;
}

static bool is_space(uint32_t point)
{
    return (point >= 0x09 && point <= 0x0d) || point == ' ' ||
           point == 0x85 || point == 0xa0 || point == 0x1680 ||
           (point >= 0x2000 && point <= 0x200a) || point == 0x2028 ||
           point == 0x2029 || point == 0x202f || point == 0x205f ||
           point == 0x3000;
}

static struct bytes rest(const struct stix_lexer *lexer)
{
    return bytes_slice(lexer->text, lexer->at, lexer->text.size);
}

/* The size of the comment here; 0 without one or when it has no end. */
static size_t comment_size(const struct stix_lexer *lexer)
{
    struct bytes b = rest(lexer);

    if (bytes_start_with(b, bytes_of_text("/*"))) {
        struct bytes inside = bytes_slice(b, 2, b.size);
        size_t end = bytes_find(inside, bytes_of_text("*/"));
        return end == inside.size ? 0 : end + 4;
    }
    if (!bytes_start_with(b, bytes_of_text("//")))
        return 0;
    size_t size = 2;
    while (size < b.size && b.data[size] != '\n' && b.data[size] != '\r')
        size++;
    return size;
}

static void skip_space(struct stix_lexer *lexer)
{
    for (;;) {
        uint32_t point = 0;
        size_t size = text_utf8_next(rest(lexer), &point);
        if (size == 0 || !is_space(point))
            size = comment_size(lexer);
        if (size == 0)
            return;
        lexer->at += size;
    }
}

static struct stix_token token(struct stix_lexer *lexer,
                               enum stix_token_kind kind, size_t size)
{
    struct stix_token made = {
        .kind = kind,
        .position = lexer->at,
        .text = bytes_slice(lexer->text, lexer->at, size),
    };

    lexer->at += made.text.size;
    return made;
}

static struct stix_token bad(const struct stix_lexer *lexer,
                             const char *reason)
{
    return (struct stix_token){
        .kind = TOKEN_BAD, .position = lexer->at, .reason = reason,
    };
}

static int hex_digit(uint8_t c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

bool stix_decode_hex(struct arena *arena, struct bytes text,
                     struct bytes *bytes)
{
    uint8_t *data = arena_allocate(arena, text.size / 2 + 1);

    if (text.size % 2 != 0)
        return false;
    for (size_t i = 0; i < text.size / 2; i++) {
        int high = hex_digit(text.data[2 * i]);
        int low = hex_digit(text.data[2 * i + 1]);
        if (high < 0 || low < 0)
            return false;
        data[i] = (uint8_t)(high << 4 | low);
    }
    *bytes = bytes_of(data, text.size / 2);
    return true;
}

static int base64_digit(uint8_t c)
{
    if (c >= 'A' && c <= 'Z')
        return c - 'A';
    if (c >= 'a' && c <= 'z')
        return c - 'a' + 26;
    if (c >= '0' && c <= '9')
        return c - '0' + 52;
    return c == '+' ? 62 : c == '/' ? 63 : -1;
}

bool stix_decode_base64(struct arena *arena, struct bytes text,
                        struct bytes *bytes)
{
    size_t padding = 0;
    uint8_t *data = arena_allocate(arena, text.size / 4 * 3 + 1);
    size_t size = 0;
    uint32_t bits = 0;

    if (text.size == 0 || text.size % 4 != 0)
        return false;
    while (padding < 2 && text.data[text.size - 1 - padding] == '=')
        padding++;
    for (size_t i = 0; i < text.size; i++) {
        int digit = i < text.size - padding ? base64_digit(text.data[i]) : 0;
        if (digit < 0)
            return false;
        bits = bits << 6 | (uint32_t)digit;
        if (i % 4 != 3)
            continue;
        data[size++] = (uint8_t)(bits >> 16);
        data[size++] = (uint8_t)(bits >> 8);
        data[size++] = (uint8_t)bits;
        bits = 0;
    }
    *bytes = bytes_of(data, size - padding);
    return true;
}

/* What a quoted text says: \' and \\ are the only escapes. */
static struct bytes unescape(struct arena *arena, struct bytes raw)
{
    if (bytes_find_byte(raw, '\\') == raw.size)
        return raw;
    uint8_t *data = arena_allocate(arena, raw.size);
    size_t size = 0;
    for (size_t i = 0; i < raw.size; i++) {
        if (raw.data[i] == '\\')
            i++;
        data[size++] = raw.data[i];
    }
    return bytes_of(data, size);
}

/* Bytes up to the closing quote, when the text begins `from` bytes ahead; the
 * answer is false when there is none or an escape is not one. */
static bool find_quoted(const struct stix_lexer *lexer, size_t from,
                        struct bytes *inside)
{
    struct bytes b = bytes_slice(rest(lexer), from, SIZE_MAX);

    for (size_t i = 0; i < b.size; i++) {
        if (b.data[i] == '\'') {
            *inside = bytes_slice(b, 0, i);
            return true;
        }
        if (b.data[i] != '\\')
            continue;
        i++;
        if (i == b.size || (b.data[i] != '\'' && b.data[i] != '\\'))
            return false;
    }
    return false;
}

static struct stix_token text_literal(struct stix_lexer *lexer)
{
    struct bytes inside;

    if (!find_quoted(lexer, 1, &inside))
        return bad(lexer, "the text has no closing quote, or a backslash that "
                          "escapes neither ' nor \\");
    struct stix_token made = token(lexer, TOKEN_LITERAL, inside.size + 2);
    made.value.kind = STIX_TEXT;
    made.value.text = unescape(lexer->arena, inside);
    return made;
}

/* t'...', h'...' and b'...' */
static struct stix_token marked_literal(struct stix_lexer *lexer, uint8_t mark)
{
    struct bytes inside;
    struct stix_value value = { .kind = STIX_BINARY };

    if (!find_quoted(lexer, 2, &inside))
        return bad(lexer, "the literal has no closing quote");
    if (mark == 't') {
        value.kind = STIX_TIME;
        if (!stix_time_parse(inside, &value.time))
            return bad(lexer, "a time is t'YYYY-MM-DDThh:mm:ss[.s]Z'");
    } else if (mark == 'h'
                   ? !stix_decode_hex(lexer->arena, inside, &value.text)
                   : !stix_decode_base64(lexer->arena, inside, &value.text)) {
        return bad(lexer, mark == 'h' ? "h'...' takes pairs of hex digits"
                                      : "b'...' takes padded Base64");
    }
    struct stix_token made = token(lexer, TOKEN_LITERAL, inside.size + 3);
    made.value = value;
    return made;
}

static bool is_digit(uint8_t c)
{
    return c >= '0' && c <= '9';
}

/* The size of the number here, 0 for none: no leading zeros, and a fraction
 * has digits. */
static size_t number_size(const struct stix_lexer *lexer, bool *is_real)
{
    size_t start = peek(lexer, 0) == '+' || peek(lexer, 0) == '-';
    size_t size = start;

    while (is_digit(peek(lexer, size)))
        size++;
    *is_real = peek(lexer, size) == '.' && is_digit(peek(lexer, size + 1));
    if (!*is_real)
        return size == start                   ? 0
               : peek(lexer, start) == '0'     ? start + 1
                                               : size;
    size++;
    while (is_digit(peek(lexer, size)))
        size++;
    return size;
}

static struct stix_token number_literal(struct stix_lexer *lexer)
{
    bool is_real;
    size_t size = number_size(lexer, &is_real);
    char text[NUMBER_SIZE_MAX + 1] = { 0 };
    uint64_t number = 0;

    if (size == 0 || size > NUMBER_SIZE_MAX)
        return bad(lexer, size ? "the number is too long"
                               : "this character has no meaning here");
    struct stix_token made = token(lexer, TOKEN_LITERAL, size);
    uint8_t first = made.text.data[0];
    made.is_signed = first == '-' || first == '+';
    memcpy(text, made.text.data, size);
    struct bytes digits = bytes_slice(made.text, made.is_signed, size);
    if (!is_real && bytes_to_number(digits, INT64_MAX, &number)) {
        made.value.kind = STIX_INTEGER;
        made.value.integer = first == '-' ? -(int64_t)number
                                          : (int64_t)number;
        return made;
    }
    made.value.kind = STIX_REAL;
    made.value.real = strtod(text, NULL); /* Checked above: all a number. */
    return isfinite(made.value.real) ? made
                                     : bad(lexer, "the number is too large");
}

static const struct {
    const char *text;
    enum stix_token_kind kind;
} keywords[] = {
    { "AND", TOKEN_AND },           { "OR", TOKEN_OR },
    { "NOT", TOKEN_NOT },           { "FOLLOWEDBY", TOKEN_FOLLOWEDBY },
    { "LIKE", TOKEN_LIKE },         { "MATCHES", TOKEN_MATCHES },
    { "ISSUPERSET", TOKEN_ISSUPERSET }, { "ISSUBSET", TOKEN_ISSUBSET },
    { "EXISTS", TOKEN_EXISTS },     { "LAST", TOKEN_LAST },
    { "IN", TOKEN_IN },             { "START", TOKEN_START },
    { "STOP", TOKEN_STOP },         { "SECONDS", TOKEN_SECONDS },
    { "WITHIN", TOKEN_WITHIN },     { "REPEATS", TOKEN_REPEATS },
    { "TIMES", TOKEN_TIMES },
};

static bool is_letter(uint8_t c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

static struct stix_token word(struct stix_lexer *lexer)
{
    size_t size = 0;
    bool has_hyphen = false;

    while (is_letter(peek(lexer, size)) || is_digit(peek(lexer, size)) ||
           peek(lexer, size) == '-')
        has_hyphen |= peek(lexer, size++) == '-';
    struct stix_token made =
        token(lexer, has_hyphen ? TOKEN_HYPHEN_NAME : TOKEN_NAME, size);
    for (size_t i = 0; i < COUNT_OF(keywords); i++)
        if (bytes_equal(made.text, bytes_of_text(keywords[i].text)))
            made.kind = keywords[i].kind;
    bool is_true = bytes_equal(made.text, bytes_of_text("true"));
    if (is_true || bytes_equal(made.text, bytes_of_text("false"))) {
        made.kind = TOKEN_LITERAL;
        made.value = (struct stix_value){ .kind = STIX_FLAG,
                                          .flag = is_true };
    }
    return made;
}

static const struct {
    const char *text;
    enum stix_token_kind kind;
} signs[] = {
    { "==", TOKEN_EQUAL },      { "=", TOKEN_EQUAL },
    { "!=", TOKEN_UNEQUAL },    { "<>", TOKEN_UNEQUAL },
    { "<=", TOKEN_LESS_EQUAL }, { "<", TOKEN_LESS },
    { ">=", TOKEN_MORE_EQUAL }, { ">", TOKEN_MORE },
    { ":", TOKEN_COLON },       { ",", TOKEN_COMMA },
    { "(", TOKEN_OPEN },        { ")", TOKEN_CLOSE },
    { "[", TOKEN_BRACKET },     { "]", TOKEN_BRACKET_END },
    { "*", TOKEN_ASTERISK },
};

struct stix_token stix_lexer_next(struct stix_lexer *lexer)
{
    skip_space(lexer);
    uint8_t c = peek(lexer, 0);

    if (lexer->at >= lexer->text.size)
        return token(lexer, TOKEN_END, 0);
    if (c == '\'')
        return text_literal(lexer);
    if ((c == 't' || c == 'h' || c == 'b') && peek(lexer, 1) == '\'')
        return marked_literal(lexer, c);
    if (is_letter(c))
        return word(lexer);
    for (size_t i = 0; i < COUNT_OF(signs); i++)
        if (bytes_start_with(rest(lexer), bytes_of_text(signs[i].text)))
            return token(lexer, signs[i].kind, strlen(signs[i].text));
    if (c == '.' && !is_digit(peek(lexer, 1)))
        return token(lexer, TOKEN_DOT, 1);
    return number_literal(lexer);
}
