/* SPDX-License-Identifier: Apache-2.0 */
#include "dissect/tls_fingerprint.h"

#include <string.h>

#include "base/check.h"
#include "base/reader.h"
#include "crypto/md5.h"
#include "crypto/digest.h"

enum {
    HASH_DIGITS = 12,            /* JA4 keeps so many of a SHA-256. */
    LIST_TEXT_MAX = TLS_LIST_MAX * 5 * 2 + 1,
    COUNT_SHOWN_MAX = 99,
};

/* Values of one list of the hello, without GREASE. */
struct list {
    uint16_t values[TLS_LIST_MAX];
    size_t count;
    bool is_too_long;
};

/* Text being built on the stack. It is sized for the largest lists. */
struct line {
    char text[LIST_TEXT_MAX];
    size_t size;
};

static const char digits[] = "0123456789abcdef";

void tls_fingerprint_hex(const uint8_t *digest, size_t size, char *text)
{
    for (size_t i = 0; i < size; i++) {
        text[i * 2] = digits[digest[i] >> 4];
        text[i * 2 + 1] = digits[digest[i] & 15];
    }
    text[size * 2] = 0;
}

static void list_add(struct list *list, uint16_t value)
{
    if (tls_is_grease(value))
        return;
    if (list->count == TLS_LIST_MAX) {
        list->is_too_long = true;
        return;
    }
    list->values[list->count++] = value;
}

static void list_read(struct list *list, struct bytes pairs)
{
    struct reader r = reader_of(pairs);

    list->count = 0;
    list->is_too_long = false;
    while (reader_left(&r) >= 2)
        list_add(list, reader_u16(&r));
}

static void list_read_extensions(struct list *list, struct bytes extensions)
{
    struct reader r = reader_of(extensions);

    list->count = 0;
    list->is_too_long = false;
    while (reader_left(&r) > 0) {
        uint16_t type = reader_u16(&r);
        reader_skip(&r, reader_u16(&r));
        if (reader_ok(&r))
            list_add(list, type);
    }
}

/* By insertion: the lists are short and often nearly in order. */
static void list_sort(struct list *list)
{
    for (size_t i = 1; i < list->count; i++) {
        uint16_t value = list->values[i];
        size_t at = i;
        for (; at > 0 && list->values[at - 1] > value; at--)
            list->values[at] = list->values[at - 1];
        list->values[at] = value;
    }
}

static void line_add(struct line *line, char character)
{
    check(line->size < sizeof line->text);
    line->text[line->size++] = character;
}

/* "1301,1302": four digits each. */
static void line_add_list(struct line *line, const struct list *list)
{
    for (size_t i = 0; i < list->count; i++) {
        uint16_t value = list->values[i];
        if (i > 0)
            line_add(line, ',');
        for (int shift = 12; shift >= 0; shift -= 4)
            line_add(line, digits[value >> shift & 15]);
    }
}

/* The first digits of the line's SHA-256, or zeros for none. */
static void put_hash(const struct line *line, char *text)
{
    uint8_t digest[CRYPTO_SHA256_SIZE] = { 0 };

    if (line->size > 0)
        crypto_sha256(bytes_of(line->text, line->size), digest);
    for (size_t i = 0; i < HASH_DIGITS; i++)
        text[i] = digits[i % 2 ? digest[i / 2] & 15 : digest[i / 2] >> 4];
}

static const char *version_digits(uint16_t version)
{
    switch (version) {
    case TLS_VERSION_1_3:
        return "13";
    case TLS_VERSION_1_2:
        return "12";
    case TLS_VERSION_1_1:
        return "11";
    case TLS_VERSION_1_0:
        return "10";
    case TLS_VERSION_SSL3:
        return "s3";
    case TLS_VERSION_SSL2:
        return "s2";
    case 0xfeff:
        return "d1";
    case 0xfefd:
        return "d2";
    case 0xfefc:
        return "d3";
    default:
        return "00";
    }
}

static void put_count(size_t count, char *text)
{
    if (count > COUNT_SHOWN_MAX)
        count = COUNT_SHOWN_MAX;
    text[0] = (char)('0' + count / 10);
    text[1] = (char)('0' + count % 10);
}

static bool is_alphanumeric(uint8_t c)
{
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') ||
           (c >= 'a' && c <= 'z');
}

/* First and last character of the first ALPN name; of its hexadecimal form
 * when one of them is neither letter nor digit. */
static void put_alpn(struct bytes alpn, char *text)
{
    struct reader r = reader_of(alpn);
    struct bytes name = reader_bytes(&r, reader_u8(&r));

    text[0] = text[1] = '0';
    if (name.size == 0)
        return;
    uint8_t first = name.data[0];
    uint8_t last = name.data[name.size - 1];
    bool is_plain = is_alphanumeric(first) && is_alphanumeric(last);
    text[0] = is_plain ? (char)first : digits[first >> 4];
    text[1] = is_plain ? (char)last : digits[last & 15];
}

/* Extensions in order without SNI and ALPN, then the signature algorithms as
 * they came. */
static void line_add_extensions(struct line *line, struct list *extensions,
                                const struct list *signatures)
{
    size_t kept = 0;

    for (size_t i = 0; i < extensions->count; i++) {
        uint16_t type = extensions->values[i];
        if (type != TLS_EXTENSION_SERVER_NAME && type != TLS_EXTENSION_ALPN)
            extensions->values[kept++] = type;
    }
    extensions->count = kept;
    list_sort(extensions);
    line_add_list(line, extensions);
    if (signatures->count > 0) {
        line_add(line, '_');
        line_add_list(line, signatures);
    }
}

/* t13d1516h2_8daaf6152771_e5627efa2ab1: a, b and c of the FoxIO text. */
void tls_fingerprint_ja4(const struct tls_client_hello *hello, char transport,
                         char text[TLS_JA4_TEXT_SIZE])
{
    struct list ciphers;
    struct list extensions;
    struct list signatures;
    struct line line;

    text[0] = 0;
    list_read(&ciphers, hello->ciphers);
    list_read_extensions(&extensions, hello->extensions);
    list_read(&signatures, hello->signatures);
    if (ciphers.is_too_long || extensions.is_too_long ||
        signatures.is_too_long)
        return;
    text[0] = transport;
    memcpy(text + 1, version_digits(hello->best_version), 2);
    text[3] = hello->has_server_name ? 'd' : 'i';
    put_count(ciphers.count, text + 4);
    put_count(extensions.count, text + 6);
    put_alpn(hello->alpn, text + 8);
    text[10] = text[23] = '_';
    list_sort(&ciphers);
    line.size = 0;
    line_add_list(&line, &ciphers);
    put_hash(&line, text + 11);
    line.size = 0;
    line_add_extensions(&line, &extensions, &signatures);
    put_hash(&line, text + 24);
    text[36] = 0;
}

static void md5_add_text(struct md5 *md5, const char *text)
{
    md5_add(md5, bytes_of_text(text));
}

static void md5_add_number(struct md5 *md5, uint16_t number)
{
    char text[5];
    size_t at = sizeof text;

    do {
        text[--at] = (char)('0' + number % 10);
        number /= 10;
    } while (number > 0);
    md5_add(md5, bytes_of(text + at, sizeof text - at));
}

/* ",49195-49199": a comma, then decimal numbers with hyphens between. */
static void md5_add_list(struct md5 *md5, const struct list *list)
{
    md5_add_text(md5, ",");
    for (size_t i = 0; i < list->count; i++) {
        if (i > 0)
            md5_add_text(md5, "-");
        md5_add_number(md5, list->values[i]);
    }
}

static void put_md5(struct md5 *md5, char text[TLS_JA3_TEXT_SIZE])
{
    uint8_t digest[MD5_SIZE];

    md5_finish(md5, digest);
    tls_fingerprint_hex(digest, sizeof digest, text);
}

static void list_read_bytes(struct list *list, struct bytes values)
{
    struct reader r = reader_of(values);

    list->count = 0;
    list->is_too_long = false;
    while (reader_left(&r) > 0)
        list_add(list, reader_u8(&r));
}

/* version,ciphers,extensions,groups,point formats */
void tls_fingerprint_ja3(const struct tls_client_hello *hello,
                         char text[TLS_JA3_TEXT_SIZE])
{
    struct list list;
    struct md5 md5;
    bool is_too_long = false;

    text[0] = 0;
    md5_init(&md5);
    md5_add_number(&md5, hello->version);
    list_read(&list, hello->ciphers);
    is_too_long |= list.is_too_long;
    md5_add_list(&md5, &list);
    list_read_extensions(&list, hello->extensions);
    is_too_long |= list.is_too_long;
    md5_add_list(&md5, &list);
    list_read(&list, hello->groups);
    is_too_long |= list.is_too_long;
    md5_add_list(&md5, &list);
    list_read_bytes(&list, hello->point_formats);
    md5_add_list(&md5, &list);
    if (!is_too_long)
        put_md5(&md5, text);
}

/* version,cipher,extensions */
void tls_fingerprint_ja3s(const struct tls_server_hello *hello,
                          char text[TLS_JA3_TEXT_SIZE])
{
    struct list list;
    struct md5 md5;

    text[0] = 0;
    md5_init(&md5);
    md5_add_number(&md5, hello->version);
    md5_add_text(&md5, ",");
    md5_add_number(&md5, hello->cipher);
    list_read_extensions(&list, hello->extensions);
    md5_add_list(&md5, &list);
    if (!list.is_too_long)
        put_md5(&md5, text);
}
