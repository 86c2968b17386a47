/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Names for TLS software by how it says hello: JA4 of clients (FoxIO, BSD
 * 3-clause) and the older JA3 and JA3S (Salesforce, BSD 3-clause). All work on
 * the stack. A list with more than TLS_LIST_MAX entries has no fingerprint:
 * the text stays empty.
 */
#include "dissect/tls_hello.h"

enum {
    TLS_LIST_MAX = 512,       /* Entries; real clients send under 200. */
    TLS_JA4_TEXT_SIZE = 37,   /* With the final zero. */
    TLS_JA3_TEXT_SIZE = 33,
};

/* `transport` is 't' for TCP, 'q' for QUIC, 'd' for DTLS. */
void tls_fingerprint_ja4(const struct tls_client_hello *hello, char transport,
                         char text[TLS_JA4_TEXT_SIZE]);

void tls_fingerprint_ja3(const struct tls_client_hello *hello,
                         char text[TLS_JA3_TEXT_SIZE]);
void tls_fingerprint_ja3s(const struct tls_server_hello *hello,
                          char text[TLS_JA3_TEXT_SIZE]);

/* `digest` of `size` bytes as lower-case hexadecimal with a final zero. */
void tls_fingerprint_hex(const uint8_t *digest, size_t size, char *text);
