/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What is remembered of one TLS connection until its event can be made: the
 * client's hello in short, and the server's choice.
 */
#include "dissect/dissector.h"
#include "dissect/tls_fingerprint.h"

enum {
    TLS_SERVER_NAME_MAX = 255, /* A DNS name is no longer (RFC 1035). */
    TLS_ALPN_MAX = 128,        /* Bytes of the offered list; cut beyond. */
    TLS_SERVER_ALPN_MAX = 32,
    TLS_SESSION_ID_MAX = 32,
};

struct tls_session {
    bool has_client_hello;
    bool has_server_hello;
    bool has_certificate;      /* The server sent one. */
    bool is_emitted;
    bool awaits_certificate;   /* The client was asked for one. */
    bool is_resumed;
    bool has_alert;
    bool is_client_ciphered;   /* The client changed to its keys. */
    uint8_t client_side;       /* enum flow_side; with either hello. */
    uint8_t alert;
    uint8_t server_name_size;
    uint8_t alpn_size;
    uint8_t server_alpn_size;
    uint8_t session_id_size;
    uint16_t client_version;
    uint16_t version;
    uint16_t cipher;
    char ja3[TLS_JA3_TEXT_SIZE];
    char ja3s[TLS_JA3_TEXT_SIZE];
    char ja4[TLS_JA4_TEXT_SIZE];
    uint8_t session_id[TLS_SESSION_ID_MAX];
    uint8_t server_name[TLS_SERVER_NAME_MAX];
    uint8_t alpn[TLS_ALPN_MAX];
    uint8_t server_alpn[TLS_SERVER_ALPN_MAX];
};

/* Remember the first hello of either side. */
void tls_session_client_hello(struct tls_session *session,
                              const struct tls_client_hello *hello,
                              char transport);
void tls_session_server_hello(struct tls_session *session,
                              const struct tls_server_hello *hello);

/* Append the one EVENT_TLS of this session; `certificates` is the body of the
 * server's Certificate message, empty without. Once only. */
void tls_session_emit(struct tls_session *session,
                      const struct dissect_input *input,
                      struct event_list *events, struct bytes certificates);

/* Append an EVENT_TLS with what the client's Certificate message says. */
void tls_session_emit_client(struct tls_session *session,
                             const struct dissect_input *input,
                             struct event_list *events,
                             struct bytes certificates);

/* Set `field` once for each name of an ALPN list (RFC 7301 section 3.1). */
void tls_session_set_alpn(struct event *event, enum event_field field,
                          struct bytes alpn);
