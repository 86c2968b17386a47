/* SPDX-License-Identifier: Apache-2.0 */
#include "dissect/tls_session.h"

#include <string.h>

#include "base/reader.h"
#include "crypto/certificate_cache.h"
#include "dissect/tls_names.h"

enum {
    NANOSECONDS = 1000000000,
    FINGERPRINT_TEXT_SIZE = 20 * 3,
    CHAIN_MAX = 32, /* Certificates counted; real chains have under 6. */
};

/* Copy what fits of `from`; how much that was. */
static uint8_t keep(uint8_t *to, size_t max, struct bytes from)
{
    struct bytes kept = bytes_slice(from, 0, max);

    if (kept.size > 0)
        memcpy(to, kept.data, kept.size);
    return (uint8_t)kept.size;
}

void tls_session_client_hello(struct tls_session *session,
                              const struct tls_client_hello *hello,
                              char transport)
{
    session->has_client_hello = true;
    session->client_version = hello->best_version;
    session->server_name_size =
        keep(session->server_name, TLS_SERVER_NAME_MAX, hello->server_name);
    session->alpn_size = keep(session->alpn, TLS_ALPN_MAX, hello->alpn);
    session->session_id_size =
        keep(session->session_id, TLS_SESSION_ID_MAX, hello->session_id);
    tls_fingerprint_ja3(hello, session->ja3);
    tls_fingerprint_ja4(hello, transport, session->ja4);
}

void tls_session_server_hello(struct tls_session *session,
                              const struct tls_server_hello *hello)
{
    session->has_server_hello = true;
    session->version = hello->chosen_version;
    session->cipher = hello->cipher;
    session->server_alpn_size =
        keep(session->server_alpn, TLS_SERVER_ALPN_MAX, hello->alpn);
    session->is_resumed = hello->has_pre_shared_key;
    tls_fingerprint_ja3s(hello, session->ja3s);
}

void tls_session_set_alpn(struct event *event, enum event_field field,
                          struct bytes alpn)
{
    struct reader r = reader_of(alpn);

    while (reader_left(&r) > 0) {
        size_t size = reader_u8(&r);
        struct bytes name = reader_bytes(&r, size);
        if (name.size > 0)
            event_set_text(event, field, name);
    }
}

static void set_copy(struct event *event, enum event_field field,
                     struct bytes text)
{
    if (event && text.size > 0)
        event_set_text(event, field, arena_copy(event->arena, text));
}

static void set_text(struct event *event, enum event_field field,
                     const char *text)
{
    set_copy(event, field, bytes_of_text(text));
}

/* "0a:1b:2c" */
static void set_fingerprint(struct event *event, enum event_field field,
                            const uint8_t sha1[20])
{
    static const char digits[] = "0123456789abcdef";
    char text[FINGERPRINT_TEXT_SIZE];

    for (size_t i = 0; i < 20; i++) {
        text[i * 3] = digits[sha1[i] >> 4];
        text[i * 3 + 1] = digits[sha1[i] & 15];
        text[i * 3 + 2] = ':';
    }
    set_copy(event, field, bytes_of(text, sizeof text - 1));
}

static void set_validity(struct event *event,
                         const struct certificate *certificate,
                         int64_t time_ns)
{
    char text[CERTIFICATE_TIME_SIZE];
    int64_t now = time_ns / NANOSECONDS;

    set_text(event, FIELD_TLS_NOTBEFORE,
             certificate_time_text(certificate->not_before, text));
    set_text(event, FIELD_TLS_NOTAFTER,
             certificate_time_text(certificate->not_after, text));
    event_set_flag(event, FIELD_TLS_CERT_EXPIRED,
                   now > certificate->not_after);
    event_set_flag(event, FIELD_TLS_CERT_NOT_YET_VALID,
                   now < certificate->not_before);
}

static void set_text_if_any(struct event *event, enum event_field field,
                            struct bytes text)
{
    if (text.size > 0)
        event_set_text(event, field, text);
}

/* The texts are already in the event's arena. */
static void set_certificate(struct event *event,
                            const struct certificate *certificate,
                            int64_t time_ns)
{
    char sha256[2 * sizeof certificate->sha256 + 1];

    set_text_if_any(event, FIELD_TLS_SUBJECT, certificate->subject);
    set_text_if_any(event, FIELD_TLS_ISSUERDN, certificate->issuer);
    set_text_if_any(event, FIELD_TLS_SERIAL, certificate->serial);
    set_fingerprint(event, FIELD_TLS_FINGERPRINT, certificate->sha1);
    tls_fingerprint_hex(certificate->sha256, sizeof certificate->sha256,
                        sha256);
    set_text(event, FIELD_TLS_FINGERPRINT_SHA256, sha256);
    set_validity(event, certificate, time_ns);
    for (uint32_t i = 0; i < certificate->name_count; i++)
        set_text_if_any(event, FIELD_TLS_SUBJECT_ALT_NAME,
                        certificate->names[i]);
    set_text_if_any(event, FIELD_TLS_CERT_KEY_TYPE, certificate->key_type);
    if (certificate->key_bits > 0)
        event_set_number(event, FIELD_TLS_CERT_KEY_BITS,
                         certificate->key_bits);
    set_text_if_any(event, FIELD_TLS_CERT_SIGNATURE, certificate->signature);
    event_set_flag(event, FIELD_TLS_CERT_WEAK_SIGNATURE,
                   certificate->is_weakly_signed);
    event_set_flag(event, FIELD_TLS_CERT_SELF_SIGNED,
                   certificate->is_self_signed);
    set_text_if_any(event, FIELD_TLS_CERT_MUD_URL, certificate->mud_url);
}

/* The first certificate of the message, and how many there are (RFC 5246
 * section 7.4.2): uint24 size of all, then uint24 size and data of each. */
static struct bytes first_certificate(struct bytes body, uint32_t *count)
{
    struct reader r = reader_of(body);
    struct reader list = reader_sub(&r, reader_u24(&r));
    struct bytes first = { 0 };

    *count = 0;
    while (reader_left(&list) > 0 && *count < CHAIN_MAX) {
        size_t size = reader_u24(&list);
        struct bytes der = reader_bytes(&list, size);
        if (!reader_ok(&list))
            break;
        if ((*count)++ == 0)
            first = der;
    }
    return first;
}

static void set_chain(struct event *event, const struct dissect_input *input,
                      struct bytes body)
{
    struct certificate certificate;
    uint32_t count = 0;
    struct bytes der = first_certificate(body, &count);

    event_set_number(event, FIELD_TLS_CERT_CHAIN_LENGTH, count);
    if (count == 0)
        return;
    if (certificate_cache_parse(input->certificates, der, event->arena,
                                &certificate))
        set_certificate(event, &certificate, input->time_ns);
    else
        event_set_flag(event, FIELD_TLS_CERT_MALFORMED, true);
}

static void set_client(struct event *event, const struct tls_session *session)
{
    char text[TLS_NAME_SIZE];

    set_text(event, FIELD_TLS_CLIENT_VERSION,
             tls_version_name(session->client_version, text));
    set_copy(event, FIELD_TLS_SNI,
             bytes_of(session->server_name, session->server_name_size));
    tls_session_set_alpn(
        event, FIELD_TLS_CLIENT_ALPN,
        arena_copy(event->arena, bytes_of(session->alpn, session->alpn_size)));
    set_text(event, FIELD_TLS_JA3, session->ja3);
    set_text(event, FIELD_TLS_JA4, session->ja4);
}

static void set_server(struct event *event, const struct tls_session *session)
{
    char text[TLS_NAME_SIZE];

    set_text(event, FIELD_TLS_VERSION,
             tls_version_name(session->version, text));
    if (session->version == TLS_VERSION_SSL2)
        return; /* Its ciphers are of another kind. */
    set_text(event, FIELD_TLS_CIPHER, tls_cipher_name(session->cipher, text));
    tls_session_set_alpn(event, FIELD_TLS_SERVER_ALPN,
                         arena_copy(event->arena,
                                    bytes_of(session->server_alpn,
                                             session->server_alpn_size)));
    set_text(event, FIELD_TLS_JA3S, session->ja3s);
    event_set_flag(event, FIELD_TLS_RESUMED, session->is_resumed);
}

void tls_session_emit(struct tls_session *session,
                      const struct dissect_input *input,
                      struct event_list *events, struct bytes certificates)
{
    char text[TLS_NAME_SIZE];

    if (session->is_emitted ||
        (!session->has_client_hello && !session->has_server_hello))
        return;
    session->is_emitted = true;
    struct event *event = event_new(events, EVENT_TLS);
    if (!event)
        return;
    if (session->has_client_hello)
        set_client(event, session);
    if (session->has_server_hello)
        set_server(event, session);
    if (session->has_alert)
        set_text(event, FIELD_TLS_ALERT, tls_alert_name(session->alert, text));
    if (certificates.size > 0)
        set_chain(event, input, certificates);
}

void tls_session_emit_client(struct tls_session *session,
                             const struct dissect_input *input,
                             struct event_list *events,
                             struct bytes certificates)
{
    struct certificate certificate;
    uint32_t count = 0;
    struct bytes der = first_certificate(certificates, &count);

    session->awaits_certificate = false;
    if (!certificate_cache_parse(input->certificates, der, events->arena,
                                 &certificate))
        return;
    struct event *event = event_new(events, EVENT_TLS);
    if (!event)
        return;
    set_copy(event, FIELD_TLS_SNI,
             bytes_of(session->server_name, session->server_name_size));
    set_text_if_any(event, FIELD_TLS_CLIENT_SUBJECT, certificate.subject);
    set_text_if_any(event, FIELD_TLS_CLIENT_ISSUERDN, certificate.issuer);
    set_text_if_any(event, FIELD_TLS_CLIENT_SERIAL, certificate.serial);
    set_fingerprint(event, FIELD_TLS_CLIENT_FINGERPRINT, certificate.sha1);
    set_text_if_any(event, FIELD_TLS_CLIENT_MUD_URL, certificate.mud_url);
}
