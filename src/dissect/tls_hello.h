/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The two hellos of TLS (RFC 8446 section 4.1, RFC 5246 section 7.4.1), as
 * views into the message. The same parser serves TLS over TCP, DTLS and QUIC.
 * Lists are left as they are on the wire: pairs of bytes, or names with a size
 * in front.
 */
#include "base/bytes.h"
#include "base/compiler.h"

enum tls_version {
    TLS_VERSION_SSL2 = 0x0002,
    TLS_VERSION_SSL3 = 0x0300,
    TLS_VERSION_1_0 = 0x0301,
    TLS_VERSION_1_1 = 0x0302,
    TLS_VERSION_1_2 = 0x0303,
    TLS_VERSION_1_3 = 0x0304,
    TLS_DRAFT_HIGH_BYTE = 0x7f, /* 0x7f12 is draft 18 of TLS 1.3. */
};

/* IANA "TLS ExtensionType Values", those that are read. */
enum tls_extension {
    TLS_EXTENSION_SERVER_NAME = 0,
    TLS_EXTENSION_GROUPS = 10,
    TLS_EXTENSION_POINT_FORMATS = 11,
    TLS_EXTENSION_SIGNATURES = 13,
    TLS_EXTENSION_ALPN = 16,
    TLS_EXTENSION_TICKET = 35,
    TLS_EXTENSION_PRE_SHARED_KEY = 41,
    TLS_EXTENSION_VERSIONS = 43,
    TLS_EXTENSION_QUIC_PARAMETERS = 57,
    TLS_EXTENSION_QUIC_PARAMETERS_DRAFT = 0xffa5,
};

struct tls_client_hello {
    uint16_t version;            /* In the hello itself. */
    uint16_t best_version;       /* Highest offered, by extension 43. */
    bool is_datagram;            /* DTLS: it has a cookie. */
    bool has_server_name;        /* The extension is there. */
    bool has_ticket;             /* A session ticket or pre-shared key is. */
    struct bytes session_id;
    struct bytes ciphers;        /* uint16 each */
    struct bytes extensions;     /* uint16 type, uint16 size, data */
    struct bytes server_name;
    struct bytes alpn;           /* uint8 size, name */
    struct bytes groups;         /* uint16 each */
    struct bytes point_formats;  /* uint8 each */
    struct bytes signatures;     /* uint16 each */
    struct bytes quic_parameters;
};

struct tls_server_hello {
    uint16_t version;            /* In the hello itself. */
    uint16_t chosen_version;     /* By extension 43, else the same. */
    uint16_t cipher;
    bool is_retry;               /* HelloRetryRequest (section 4.1.4). */
    bool has_pre_shared_key;
    struct bytes session_id;
    struct bytes extensions;
    struct bytes alpn;           /* uint8 size, name */
};

/* `body` is the message after its type and length. False when its lengths do
 * not fit. */
bool tls_client_hello_parse(struct bytes body, bool is_datagram,
                            struct tls_client_hello *hello) MUST_USE;
bool tls_server_hello_parse(struct bytes body, struct tls_server_hello *hello)
    MUST_USE;

/* Values kept free so that nobody forgets to ignore the unknown (RFC 8701). */
bool tls_is_grease(uint16_t value);
