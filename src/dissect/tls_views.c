/* SPDX-License-Identifier: Apache-2.0 */
#include "dissect/tls_views.h"

#include <string.h>

#include "base/arena_writer.h"
#include "base/reader.h"
#include "crypto/certificate.h"

enum {
    VERSION_SIZE = 2,
    RANDOM_SIZE = 32,      /* RFC 5246 section 7.4.1.2 */
    RANDOM_TIME_SIZE = 4,
    CHAIN_MAX = 32,        /* Certificates; real chains have under 6. */
    JA3_TEXT_SIZE = 512,   /* Usual; it grows. */
    SHA1_SIZE = 20,
};

static void write_values(struct arena_writer *w, struct bytes list,
                         size_t value_size)
{
    struct reader r = reader_of(list);
    bool is_first = true;

    arena_writer_byte(w, ',');
    while (reader_left(&r) >= value_size) {
        uint16_t value = value_size == 1 ? reader_u8(&r) : reader_u16(&r);
        if (value_size > 1 && tls_is_grease(value))
            continue;
        if (!is_first)
            arena_writer_byte(w, '-');
        is_first = false;
        arena_writer_number(w, value);
    }
}

static void write_extensions(struct arena_writer *w, struct bytes extensions)
{
    struct reader r = reader_of(extensions);
    bool is_first = true;

    arena_writer_byte(w, ',');
    while (reader_left(&r) > 0) {
        uint16_t type = reader_u16(&r);
        reader_skip(&r, reader_u16(&r));
        if (!reader_ok(&r) || tls_is_grease(type))
            continue;
        if (!is_first)
            arena_writer_byte(w, '-');
        is_first = false;
        arena_writer_number(w, type);
    }
}

struct bytes tls_ja3_text(const struct tls_client_hello *hello,
                          struct arena *arena)
{
    struct arena_writer w;

    arena_writer_init(&w, arena, JA3_TEXT_SIZE);
    arena_writer_number(&w, hello->version);
    write_values(&w, hello->ciphers, 2);
    write_extensions(&w, hello->extensions);
    write_values(&w, hello->groups, 2);
    write_values(&w, hello->point_formats, 1);
    return arena_writer_view(&w);
}

struct bytes tls_ja3s_text(const struct tls_server_hello *hello,
                           struct arena *arena)
{
    struct arena_writer w;

    arena_writer_init(&w, arena, JA3_TEXT_SIZE);
    arena_writer_number(&w, hello->version);
    arena_writer_byte(&w, ',');
    arena_writer_number(&w, hello->cipher);
    write_extensions(&w, hello->extensions);
    return arena_writer_view(&w);
}

static void show(const struct dissect_input *input, enum view_id id,
                 struct bytes data)
{
    if (data.size > 0)
        view_add_text(input->views, id, input->side, 0, data);
}

static void show_text(const struct dissect_input *input, enum view_id id,
                      const char *text)
{
    show(input, id, arena_copy(input->arena, bytes_of_text(text)));
}

static void show_random(const struct dissect_input *input, struct bytes body)
{
    struct bytes random = bytes_slice(body, VERSION_SIZE, RANDOM_SIZE);

    show(input, VIEW_TLS_RANDOM, random);
    show(input, VIEW_TLS_RANDOM_TIME,
         bytes_slice(random, 0, RANDOM_TIME_SIZE));
    show(input, VIEW_TLS_RANDOM_BYTES,
         bytes_slice(random, RANDOM_TIME_SIZE, RANDOM_SIZE));
}

static void show_alpn(const struct dissect_input *input, struct bytes alpn)
{
    struct reader r = reader_of(alpn);

    while (reader_left(&r) > 0) {
        size_t size = reader_u8(&r);
        show(input, VIEW_TLS_ALPN, reader_bytes(&r, size));
    }
}

void tls_views_client_hello(const struct dissect_input *input,
                            struct bytes body,
                            const struct tls_client_hello *hello,
                            const struct tls_session *session)
{
    if (!input->views)
        return;
    show(input, VIEW_TLS_SNI, hello->server_name);
    show_alpn(input, hello->alpn);
    show_random(input, body);
    view_add_number(input->views, VIEW_TLS_VERSION, input->side, 0,
                    hello->best_version);
    show_text(input, VIEW_JA3_HASH, session->ja3);
    show_text(input, VIEW_JA4_HASH, session->ja4);
    if (view_is_wanted(input->views, VIEW_JA3_STRING))
        show(input, VIEW_JA3_STRING, tls_ja3_text(hello, input->arena));
}

void tls_views_server_hello(const struct dissect_input *input,
                            struct bytes body,
                            const struct tls_server_hello *hello,
                            const struct tls_session *session)
{
    if (!input->views)
        return;
    show_alpn(input, hello->alpn);
    show_random(input, body);
    view_add_number(input->views, VIEW_TLS_VERSION, input->side, 0,
                    hello->chosen_version);
    show_text(input, VIEW_JA3S_HASH, session->ja3s);
    if (view_is_wanted(input->views, VIEW_JA3S_STRING))
        show(input, VIEW_JA3S_STRING, tls_ja3s_text(hello, input->arena));
}

/* "0a:1b:2c" */
static struct bytes fingerprint(const uint8_t *digest, size_t size,
                                struct arena *arena)
{
    struct arena_writer w;

    arena_writer_init(&w, arena, 3 * size);
    for (size_t i = 0; i < size; i++) {
        if (i > 0)
            arena_writer_byte(&w, ':');
        arena_writer_hex(&w, bytes_of(&digest[i], 1));
    }
    return arena_writer_view(&w);
}

/* A time before 1970 is no number for rules: it is the earliest there is. */
static void show_time(const struct dissect_input *input, enum view_id id,
                      int64_t seconds)
{
    view_add_number(input->views, id, input->side, 0,
                    seconds > 0 ? (uint64_t)seconds : 0);
}

/* What the first certificate says. */
static void show_leaf(const struct dissect_input *input, struct bytes der)
{
    struct certificate certificate;

    if (!certificate_parse(der, input->arena, &certificate))
        return;
    show(input, VIEW_TLS_CERT_SUBJECT, certificate.subject);
    show(input, VIEW_TLS_CERT_ISSUER, certificate.issuer);
    show(input, VIEW_TLS_CERT_SERIAL, certificate.serial);
    show(input, VIEW_TLS_CERT_FINGERPRINT,
         fingerprint(certificate.sha1, SHA1_SIZE, input->arena));
    for (uint32_t i = 0; i < certificate.name_count; i++)
        show(input, VIEW_TLS_SUBJECTALTNAME, certificate.names[i]);
    show_time(input, VIEW_TLS_CERT_NOTBEFORE, certificate.not_before);
    show_time(input, VIEW_TLS_CERT_NOTAFTER, certificate.not_after);
}

static bool wants_leaf(const struct view_list *views)
{
    static const enum view_id leaf[] = {
        VIEW_TLS_CERT_SUBJECT,     VIEW_TLS_CERT_ISSUER,
        VIEW_TLS_CERT_SERIAL,      VIEW_TLS_CERT_FINGERPRINT,
        VIEW_TLS_SUBJECTALTNAME,   VIEW_TLS_CERT_NOTBEFORE,
        VIEW_TLS_CERT_NOTAFTER,
    };
    for (size_t i = 0; i < COUNT_OF(leaf); i++)
        if (view_is_wanted(views, leaf[i]))
            return true;
    return false;
}

/* RFC 5246 section 7.4.2: uint24 size of all, then uint24 size and data. */
void tls_views_certificates(const struct dissect_input *input,
                            struct bytes body)
{
    struct reader r = reader_of(body);
    struct reader list = reader_sub(&r, reader_u24(&r));

    if (!input->views)
        return;
    for (size_t i = 0; i < CHAIN_MAX && reader_left(&list) > 0; i++) {
        size_t size = reader_u24(&list);
        struct bytes der = reader_bytes(&list, size);
        if (!reader_ok(&list))
            return;
        if (i == 0 && wants_leaf(input->views))
            show_leaf(input, der);
        show(input, VIEW_TLS_CERTS, der);
    }
}
