/* SPDX-License-Identifier: Apache-2.0 */
#include "dissect/authorization.h"

#include "base/reader.h"

static int sextet_of(uint8_t byte)
{
    if (byte >= 'A' && byte <= 'Z')
        return byte - 'A';
    if (byte >= 'a' && byte <= 'z')
        return byte - 'a' + 26;
    if (byte >= '0' && byte <= '9')
        return byte - '0' + 52;
    if (byte == '+')
        return 62;
    return byte == '/' ? 63 : -1;
}

/* RFC 4648 section 4, with or without padding. */
static bool decode_base64(struct bytes text, struct arena *arena,
                          struct bytes *decoded)
{
    if (text.size > AUTHORIZATION_BASIC_MAX)
        return false;
    struct reader r = reader_of(text);
    uint8_t *data = arena_allocate(arena, text.size);
    size_t size = 0;
    uint32_t bits = 0;
    int bit_count = 0;

    while (reader_left(&r) > 0 && reader_peek(&r) != '=') {
        int sextet = sextet_of(reader_u8(&r));
        if (sextet < 0)
            return false;
        bits = (bits << 6 | (uint32_t)sextet) & 0xffffff;
        bit_count += 6;
        if (bit_count >= 8) {
            bit_count -= 8;
            data[size++] = (uint8_t)(bits >> bit_count);
        }
    }
    *decoded = bytes_of(data, size);
    return true;
}

static bool parse_basic(struct bytes value, struct arena *arena,
                        struct authorization *authorization)
{
    struct bytes pair;

    if (!decode_base64(value, arena, &pair))
        return false;
    size_t colon = bytes_find_byte(pair, ':');
    if (colon == pair.size)
        return false;
    *authorization = (struct authorization){
        .method = "basic",
        .user = bytes_slice(pair, 0, colon),
        .password = bytes_slice(pair, colon + 1, SIZE_MAX),
        .is_clear = true,
    };
    return true;
}

/* username="name"; a quote inside the name is not looked for. */
static bool parse_digest(struct bytes value,
                         struct authorization *authorization)
{
    struct bytes key = bytes_of_text("username=");
    size_t at = bytes_find_nocase(value, key);

    if (at == value.size)
        return false;
    struct bytes rest = bytes_slice(value, at + key.size, SIZE_MAX);
    struct bytes user = bytes_slice(rest, 0, bytes_find_byte(rest, ','));
    if (bytes_start_with(rest, bytes_of("\"", 1))) {
        rest = bytes_slice(rest, 1, SIZE_MAX);
        user = bytes_slice(rest, 0, bytes_find_byte(rest, '"'));
    }
    *authorization = (struct authorization){
        .method = "digest",
        .user = user,
    };
    return true;
}

const char *authorization_scheme(struct bytes value)
{
    if (bytes_start_with_nocase(value, bytes_of_text("Basic ")))
        return "basic";
    if (bytes_start_with_nocase(value, bytes_of_text("Digest ")))
        return "digest";
    return NULL;
}

bool authorization_parse(struct bytes value, struct arena *arena,
                         struct authorization *authorization)
{
    size_t space = bytes_find_byte(value, ' ');
    const char *scheme = authorization_scheme(value);
    struct bytes rest = bytes_trim(bytes_slice(value, space, SIZE_MAX));

    if (!scheme)
        return false;
    if (bytes_start_with(bytes_of_text(scheme), bytes_of_text("basic")))
        return parse_basic(rest, arena, authorization);
    return parse_digest(rest, authorization);
}
