/* SPDX-License-Identifier: Apache-2.0 */
#include "dissect/tls_hello.h"

#include "base/reader.h"

enum { RANDOM_SIZE = 32, SESSION_ID_MAX = 32, NAME_TYPE_HOST = 0 };

/* SHA-256 of "HelloRetryRequest" (RFC 8446 section 4.1.3). */
static const uint8_t retry_random[RANDOM_SIZE] = {
    0xcf, 0x21, 0xad, 0x74, 0xe5, 0x9a, 0x61, 0x11, 0xbe, 0x1d, 0x8c,
    0x02, 0x1e, 0x65, 0xb8, 0x91, 0xc2, 0xa2, 0x11, 0x16, 0x7a, 0xbb,
    0x8c, 0x5e, 0x07, 0x9e, 0x09, 0xe2, 0xc8, 0xa8, 0x33, 0x9c,
};

bool tls_is_grease(uint16_t value)
{
    return (value & 0x0f0f) == 0x0a0a && value >> 8 == (value & 0xff);
}

static struct bytes list_u8(struct reader *r)
{
    size_t size = reader_u8(r);
    return reader_bytes(r, size);
}

static struct bytes list_u16(struct reader *r)
{
    size_t size = reader_u16(r);
    return reader_bytes(r, size);
}

/* RFC 6066 section 3; only one kind of name was ever defined. */
static struct bytes host_name(struct reader *r)
{
    struct reader list = reader_of(list_u16(r));

    while (reader_left(&list) > 0) {
        uint8_t type = reader_u8(&list);
        struct bytes name = list_u16(&list);
        if (type == NAME_TYPE_HOST && reader_ok(&list))
            return name;
    }
    return (struct bytes){ 0 };
}

/* The highest version offered. DTLS counts down from 0xfeff. */
static uint16_t best_of(struct bytes versions, bool is_datagram)
{
    struct reader r = reader_of(versions);
    uint16_t best = 0;

    while (reader_left(&r) >= 2) {
        uint16_t version = reader_u16(&r);
        if (tls_is_grease(version))
            continue;
        bool is_better = is_datagram ? version < best : version > best;
        if (best == 0 || is_better)
            best = version;
    }
    return best;
}

static void read_versions(struct reader *r, struct tls_client_hello *hello)
{
    uint16_t best = best_of(list_u8(r), hello->is_datagram);

    if (best != 0)
        hello->best_version = best;
}

static void read_client_extension(uint16_t type, struct reader *r,
                                  struct tls_client_hello *hello)
{
    switch (type) {
    case TLS_EXTENSION_SERVER_NAME:
        hello->has_server_name = true;
        hello->server_name = host_name(r);
        break;
    case TLS_EXTENSION_GROUPS:
        hello->groups = list_u16(r);
        break;
    case TLS_EXTENSION_POINT_FORMATS:
        hello->point_formats = list_u8(r);
        break;
    case TLS_EXTENSION_SIGNATURES:
        hello->signatures = list_u16(r);
        break;
    case TLS_EXTENSION_ALPN:
        hello->alpn = list_u16(r);
        break;
    case TLS_EXTENSION_TICKET:
    case TLS_EXTENSION_PRE_SHARED_KEY:
        hello->has_ticket |= reader_left(r) > 0;
        break;
    case TLS_EXTENSION_VERSIONS:
        read_versions(r, hello);
        break;
    case TLS_EXTENSION_QUIC_PARAMETERS:
    case TLS_EXTENSION_QUIC_PARAMETERS_DRAFT:
        hello->quic_parameters = reader_rest(r);
        break;
    default:
        break;
    }
}

bool tls_client_hello_parse(struct bytes body, bool is_datagram,
                            struct tls_client_hello *hello)
{
    struct reader r = reader_of(body);
    struct tls_client_hello parsed = { .is_datagram = is_datagram };

    parsed.version = reader_u16(&r);
    parsed.best_version = parsed.version;
    reader_skip(&r, RANDOM_SIZE);
    parsed.session_id = list_u8(&r);
    if (is_datagram)
        (void)list_u8(&r); /* The cookie (RFC 6347 section 4.2.1). */
    parsed.ciphers = list_u16(&r);
    (void)list_u8(&r); /* Compression: none is left that matters. */
    if (reader_left(&r) > 0)
        parsed.extensions = list_u16(&r);

    struct reader extensions = reader_of(parsed.extensions);
    while (reader_left(&extensions) > 0) {
        uint16_t type = reader_u16(&extensions);
        struct reader data = reader_of(list_u16(&extensions));
        read_client_extension(type, &data, &parsed);
    }
    if (!reader_ok(&r) || !reader_ok(&extensions) ||
        parsed.session_id.size > SESSION_ID_MAX || parsed.ciphers.size % 2)
        return false;
    *hello = parsed;
    return true;
}

static void read_server_extension(uint16_t type, struct reader *r,
                                  struct tls_server_hello *hello)
{
    if (type == TLS_EXTENSION_VERSIONS && reader_left(r) == 2)
        hello->chosen_version = reader_u16(r);
    else if (type == TLS_EXTENSION_ALPN)
        hello->alpn = list_u16(r);
    else if (type == TLS_EXTENSION_PRE_SHARED_KEY)
        hello->has_pre_shared_key = true;
}

bool tls_server_hello_parse(struct bytes body, struct tls_server_hello *hello)
{
    struct reader r = reader_of(body);
    struct tls_server_hello parsed = { .version = reader_u16(&r) };

    parsed.chosen_version = parsed.version;
    struct bytes random = reader_bytes(&r, RANDOM_SIZE);
    parsed.is_retry = bytes_equal(random, bytes_of(retry_random, RANDOM_SIZE));
    /* The drafts of TLS 1.3 before 22 left out two fields. */
    bool is_draft = parsed.version >> 8 == TLS_DRAFT_HIGH_BYTE;
    if (!is_draft)
        parsed.session_id = list_u8(&r);
    parsed.cipher = reader_u16(&r);
    if (!is_draft)
        reader_skip(&r, 1); /* Compression method. */
    if (reader_left(&r) > 0)
        parsed.extensions = list_u16(&r);

    struct reader extensions = reader_of(parsed.extensions);
    while (reader_left(&extensions) > 0) {
        uint16_t type = reader_u16(&extensions);
        struct reader data = reader_of(list_u16(&extensions));
        read_server_extension(type, &data, &parsed);
    }
    if (!reader_ok(&r) || !reader_ok(&extensions))
        return false;
    *hello = parsed;
    return true;
}
