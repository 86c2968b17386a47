/* SPDX-License-Identifier: Apache-2.0 */
#include "detect/signature/transform.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
#include <string.h>
#define ZLIB_CONST
#include <zlib.h>

#include "base/reader.h"
#include "crypto/digest.h"
#include "crypto/md5.h"
#include "detect/signature/inspect.h"

/* Bytes being made in an arena, at most `size` of them. */
struct output {
    uint8_t *data;
    size_t size;
    size_t used;
};

static struct output output_new(struct arena *arena, size_t size)
{
    return (struct output){ arena_allocate(arena, size ? size : 1), size, 0 };
}

static void put(struct output *out, uint8_t byte)
{
    if (out->used < out->size)
        out->data[out->used++] = byte;
}

static void put_all(struct output *out, struct bytes bytes)
{
    size_t size = bytes.size;

    if (size > out->size - out->used)
        size = out->size - out->used;
    if (size > 0)
        memcpy(out->data + out->used, bytes.data, size);
    out->used += size;
}

static struct bytes made(const struct output *out)
{
    return bytes_of(out->data, out->used);
}

static bool is_space(uint8_t byte)
{
    return byte == ' ' || (byte >= '\t' && byte <= '\r');
}

static uint8_t lower(uint8_t byte)
{
    return byte >= 'A' && byte <= 'Z' ? byte | 0x20 : byte;
}

static uint8_t upper(uint8_t byte)
{
    return byte >= 'a' && byte <= 'z' ? byte & 0xdf : byte;
}

static struct bytes change_case(struct arena *arena, struct bytes data,
                                uint8_t (*change)(uint8_t))
{
    struct output out = output_new(arena, data.size);
    struct reader r = reader_of(data);

    while (reader_left(&r) > 0)
        put(&out, change(reader_u8(&r)));
    return made(&out);
}

/* Names of header fields in lower case; what follows the colon stays. */
static struct bytes lower_headers(struct arena *arena, struct bytes data)
{
    struct output out = output_new(arena, data.size);
    struct reader r = reader_of(data);
    bool in_name = true;

    while (reader_left(&r) > 0) {
        uint8_t byte = reader_u8(&r);
        put(&out, in_name ? lower(byte) : byte);
        if (byte == ':')
            in_name = false;
        else if (byte == '\n')
            in_name = true;
    }
    return made(&out);
}

/* Without the lines of HTTP/2 that begin with a colon. */
static struct bytes strip_pseudo_headers(struct arena *arena,
                                         struct bytes data)
{
    struct output out = output_new(arena, data.size);
    struct reader r = reader_of(data);

    while (reader_left(&r) > 0) {
        struct bytes rest = { r.next, reader_left(&r) };
        size_t size = bytes_find_byte(rest, '\n');
        struct bytes line =
            reader_bytes(&r, size < rest.size ? size + 1 : rest.size);
        if (!bytes_start_with(line, bytes_of_text(":")))
            put_all(&out, line);
    }
    return made(&out);
}

/* None is kept, or one for each run of them. */
static struct bytes squeeze_spaces(struct arena *arena, struct bytes data,
                                   bool keep_one)
{
    struct output out = output_new(arena, data.size);
    struct reader r = reader_of(data);
    bool after_space = false;

    while (reader_left(&r) > 0) {
        uint8_t byte = reader_u8(&r);
        bool space = is_space(byte);
        if (!space || (keep_one && !after_space))
            put(&out, byte);
        after_space = space;
    }
    return made(&out);
}

static struct bytes prefix_dot(struct arena *arena, struct bytes data)
{
    struct output out = output_new(arena, data.size + 1);

    put(&out, '.');
    put_all(&out, data);
    return made(&out);
}

static bool hex_digit(uint8_t byte, unsigned *value)
{
    uint8_t folded = lower(byte);

    if (byte >= '0' && byte <= '9')
        *value = byte - '0';
    else if (folded >= 'a' && folded <= 'f')
        *value = folded - 'a' + 10u;
    else
        return false;
    return true;
}

/* Percent and two digits, and plus for space; anything else stays. */
static struct bytes decode_url(struct arena *arena, struct bytes data)
{
    struct output out = output_new(arena, data.size);
    struct reader r = reader_of(data);

    while (reader_left(&r) > 0) {
        uint8_t byte = reader_u8(&r);
        struct reader ahead = r;
        unsigned high = 0;
        unsigned low = 0;
        if (byte == '%' && reader_left(&r) >= 2 &&
            hex_digit(reader_u8(&ahead), &high) &&
            hex_digit(reader_u8(&ahead), &low)) {
            byte = (uint8_t)(high << 4 | low);
            r = ahead;
        } else if (byte == '+') {
            byte = ' ';
        }
        put(&out, byte);
    }
    return made(&out);
}

static struct bytes apply_xor(struct arena *arena, struct bytes data,
                              struct bytes key)
{
    struct output out = output_new(arena, data.size);
    struct reader r = reader_of(data);
    struct reader k = reader_of(key);

    if (key.size == 0)
        return data;
    while (reader_left(&r) > 0) {
        if (reader_left(&k) == 0)
            k = reader_of(key);
        put(&out, reader_u8(&r) ^ reader_u8(&k));
    }
    return made(&out);
}

static struct bytes apply_digest(struct arena *arena, struct bytes data,
                                 enum transform_kind kind)
{
    uint8_t *digest = arena_allocate(arena, CRYPTO_SHA256_SIZE);

    if (kind == TRANSFORM_TO_SHA256) {
        crypto_sha256(data, digest);
        return bytes_of(digest, CRYPTO_SHA256_SIZE);
    }
    if (kind == TRANSFORM_TO_SHA1) {
        crypto_sha1(data, digest);
        return bytes_of(digest, CRYPTO_SHA1_SIZE);
    }
    struct md5 md5;
    md5_init(&md5);
    md5_add(&md5, data);
    md5_finish(&md5, digest);
    return bytes_of(digest, MD5_SIZE);
}

/* What the first group matched; nothing when the expression does not. */
static struct bytes apply_pcre(const struct transformer *t,
                               const struct rule_transform *transform,
                               struct bytes data)
{
    const struct bytes nothing = { 0 };

    if (!transform->pcre || data.size == 0)
        return nothing;
    int found = pcre2_match(transform->pcre->code, data.data, data.size, 0, 0,
                            t->match_data, t->match_context);
    if (found < 0 || found == 1) /* 0: more groups than are kept. */
        return nothing;
    const PCRE2_SIZE *ends = pcre2_get_ovector_pointer(t->match_data);
    if (ends[2] > ends[3] || ends[3] > data.size)
        return nothing;
    return bytes_slice(data, ends[2], ends[3] - ends[2]);
}

static void *zlib_allocate(void *arena, unsigned count, unsigned size)
{
    return arena_allocate(arena, (size_t)count * size);
}

static void zlib_release(void *arena, void *address)
{
    (void)arena;
    (void)address; /* It goes with the packet. */
}

/* `window`: as inflateInit2 has it, 15 for zlib, 31 for gzip. What comes out
 * before an error stays, as a body that was cut still shows its start. */
static struct bytes apply_inflate(struct arena *arena, struct bytes data,
                                  int window, size_t most)
{
    struct output out = output_new(arena, most);
    z_stream stream = {
        .zalloc = zlib_allocate,
        .zfree = zlib_release,
        .opaque = arena,
    };

    if (data.size == 0 || data.size > UINT32_MAX)
        return data;
    stream.next_in = data.data;
    stream.avail_in = (uInt)data.size;
    stream.next_out = out.data;
    stream.avail_out = (uInt)most;
    if (inflateInit2(&stream, window) != Z_OK)
        return data;
    (void)inflate(&stream, Z_FINISH); /* Bad input ends early. */
    out.used = most - stream.avail_out;
    (void)inflateEnd(&stream);
    return made(&out);
}

static size_t growth_limit(const struct rule_transform *transform)
{
    if (transform->size > 0 && transform->size < TRANSFORM_GROWTH_MAX)
        return (size_t)transform->size;
    return TRANSFORM_GROWTH_MAX;
}

/* `number` and `size` are as from_base64's offset and bytes. */
static struct bytes apply_base64(struct arena *arena, struct bytes data,
                                 const struct rule_transform *transform)
{
    struct bytes text = bytes_slice(data, transform->number, SIZE_MAX);

    if (transform->size > 0)
        text = bytes_slice(text, 0, (size_t)transform->size);
    uint8_t *decoded = arena_allocate(arena, text.size ? text.size : 1);
    size_t size = base64_decode(text, transform->mode != 1, decoded);
    /* What is not base64 stays as it is, as Suricata leaves it. */
    return size > 0 ? bytes_of(decoded, size) : data;
}

/* The registrable domain: the last two labels; or the last label alone. Without
 * the list of public suffixes, "co.uk" counts as a domain. */
static struct bytes last_labels(struct bytes data, unsigned count)
{
    size_t from = data.size;
    const struct bytes dot = bytes_of_text(".");

    while (from > 0) {
        if (bytes_equal(bytes_slice(data, from - 1, 1), dot) && --count == 0)
            break;
        from--;
    }
    return bytes_slice(data, from, SIZE_MAX);
}

static struct bytes apply_text(struct arena *arena, struct bytes data,
                               const struct rule_transform *transform)
{
    switch ((enum transform_kind)transform->kind) {
    case TRANSFORM_TO_LOWERCASE:
        return change_case(arena, data, lower);
    case TRANSFORM_TO_UPPERCASE:
        return change_case(arena, data, upper);
    case TRANSFORM_STRIP_WHITESPACE:
        return squeeze_spaces(arena, data, false);
    case TRANSFORM_COMPRESS_WHITESPACE:
        return squeeze_spaces(arena, data, true);
    case TRANSFORM_DOTPREFIX:
        return prefix_dot(arena, data);
    case TRANSFORM_DOMAIN:
        return last_labels(data, 2);
    case TRANSFORM_TLD:
        return last_labels(data, 1);
    case TRANSFORM_URL_DECODE:
        return decode_url(arena, data);
    case TRANSFORM_HEADER_LOWERCASE:
        return lower_headers(arena, data);
    case TRANSFORM_STRIP_PSEUDO_HEADERS:
        return strip_pseudo_headers(arena, data);
    case TRANSFORM_TO_MD5:
    case TRANSFORM_TO_SHA1:
    case TRANSFORM_TO_SHA256:
    case TRANSFORM_XOR:
    case TRANSFORM_FROM_BASE64:
    case TRANSFORM_PCRE:
    case TRANSFORM_SUBSLICE:
    case TRANSFORM_GUNZIP:
    case TRANSFORM_ZLIB_INFLATE:
        break;
    }
    return data;
}

/* An offset below zero counts from the end. What begins outside is nothing,
 * unless it is to be cut to what is there. */
static struct bytes apply_subslice(struct bytes data,
                                   const struct rule_transform *transform)
{
    int64_t size = (int64_t)data.size;
    int64_t from = (int64_t)transform->number;
    uint64_t count = transform->size ? transform->size : data.size;

    if (from < 0)
        from = from < -size ? -1 : size + from;
    if (from < 0 && transform->mode == 1)
        from = 0;
    if (from < 0 || from > size)
        return (struct bytes){ 0 };
    return bytes_slice(data, (size_t)from,
                       count < data.size ? (size_t)count : data.size);
}

static struct bytes apply_one(const struct transformer *t,
                              const struct rule_transform *transform,
                              struct bytes data)
{
    enum transform_kind kind = (enum transform_kind)transform->kind;

    if (kind == TRANSFORM_TO_MD5 || kind == TRANSFORM_TO_SHA1 ||
        kind == TRANSFORM_TO_SHA256)
        return apply_digest(t->arena, data, kind);
    if (kind == TRANSFORM_XOR)
        return apply_xor(t->arena, data, transform->key);
    if (kind == TRANSFORM_FROM_BASE64)
        return apply_base64(t->arena, data, transform);
    if (kind == TRANSFORM_PCRE)
        return apply_pcre(t, transform, data);
    if (kind == TRANSFORM_SUBSLICE)
        return apply_subslice(data, transform);
    if (kind == TRANSFORM_GUNZIP)
        return apply_inflate(t->arena, data, 31, growth_limit(transform));
    if (kind == TRANSFORM_ZLIB_INFLATE)
        return apply_inflate(t->arena, data, 15, growth_limit(transform));
    return apply_text(t->arena, data, transform);
}

struct bytes transform_apply(const struct transformer *transformer,
                             const struct rule_transform *transforms,
                             size_t count, struct bytes data)
{
    for (size_t i = 0; i < count; i++)
        data = apply_one(transformer, &transforms[i], data);
    return data;
}

bool transform_equal(const struct rule_transform *a, size_t a_count,
                     const struct rule_transform *b, size_t b_count)
{
    if (a_count != b_count)
        return false;
    for (size_t i = 0; i < a_count; i++)
        if (a[i].kind != b[i].kind || !bytes_equal(a[i].key, b[i].key) ||
            a[i].number != b[i].number ||
            a[i].mode != b[i].mode || a[i].size != b[i].size ||
            a[i].pcre != b[i].pcre)
            return false;
    return true;
}
