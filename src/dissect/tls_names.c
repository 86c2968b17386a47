/* SPDX-License-Identifier: Apache-2.0 */
#include "dissect/tls_names.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/compiler.h"

struct name {
    uint16_t number;
    const char *text;
};

static const struct name versions[] = {
    { 0x0002, "SSLv2" },     { 0x0300, "SSLv3" },    { 0x0301, "TLSv1" },
    { 0x0302, "TLS 1.1" },   { 0x0303, "TLS 1.2" },  { 0x0304, "TLS 1.3" },
    { 0xfefc, "DTLS 1.3" },  { 0xfefd, "DTLS 1.2" }, { 0xfeff, "DTLS 1.0" },
};

static const struct name ciphers[] = {
#define CIPHER(number, name) { number, name },
#include "dissect/tls_ciphers.def"
#undef CIPHER
};

static const struct name alerts[] = {
    { 0, "close_notify" },
    { 10, "unexpected_message" },
    { 20, "bad_record_mac" },
    { 21, "decryption_failed" },
    { 22, "record_overflow" },
    { 30, "decompression_failure" },
    { 40, "handshake_failure" },
    { 41, "no_certificate" },
    { 42, "bad_certificate" },
    { 43, "unsupported_certificate" },
    { 44, "certificate_revoked" },
    { 45, "certificate_expired" },
    { 46, "certificate_unknown" },
    { 47, "illegal_parameter" },
    { 48, "unknown_ca" },
    { 49, "access_denied" },
    { 50, "decode_error" },
    { 51, "decrypt_error" },
    { 60, "export_restriction" },
    { 70, "protocol_version" },
    { 71, "insufficient_security" },
    { 80, "internal_error" },
    { 86, "inappropriate_fallback" },
    { 90, "user_canceled" },
    { 100, "no_renegotiation" },
    { 109, "missing_extension" },
    { 110, "unsupported_extension" },
    { 112, "unrecognized_name" },
    { 113, "bad_certificate_status_response" },
    { 115, "unknown_psk_identity" },
    { 116, "certificate_required" },
    { 120, "no_application_protocol" },
};

static int compare(const void *key, const void *item)
{
    const uint16_t *number = key;
    const struct name *name = item;
    return (int)*number - (int)name->number;
}

static const char *find(const struct name *names, size_t count,
                        uint16_t number)
{
    const struct name *name =
        bsearch(&number, names, count, sizeof *names, compare);
    return name ? name->text : NULL;
}

static const char *hexadecimal(uint16_t number, char text[TLS_NAME_SIZE])
{
    (void)snprintf(text, TLS_NAME_SIZE, "0x%04x", number); /* It fits. */
    return text;
}

const char *tls_version_name(uint16_t version, char text[TLS_NAME_SIZE])
{
    const char *name = find(versions, COUNT_OF(versions), version);
    return name ? name : hexadecimal(version, text);
}

const char *tls_cipher_name(uint16_t cipher, char text[TLS_NAME_SIZE])
{
    const char *name = find(ciphers, COUNT_OF(ciphers), cipher);
    return name ? name : hexadecimal(cipher, text);
}

const char *tls_alert_name(uint8_t alert, char text[TLS_NAME_SIZE])
{
    const char *name = find(alerts, COUNT_OF(alerts), alert);

    if (name)
        return name;
    (void)snprintf(text, TLS_NAME_SIZE, "%u", alert); /* It fits. */
    return text;
}
