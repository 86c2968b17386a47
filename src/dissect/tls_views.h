/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The parts of a TLS handshake that rules look into, as Suricata has them
 * (user guide, "SSL/TLS Keywords", "JA3/JA4 Keywords"). One transaction a
 * connection: number 0. All accept an input without views and do nothing.
 */
#include "dissect/dissector.h"
#include "dissect/tls_session.h"

/* `body` is the message after its type and size. */
void tls_views_client_hello(const struct dissect_input *input,
                            struct bytes body,
                            const struct tls_client_hello *hello,
                            const struct tls_session *session);
void tls_views_server_hello(const struct dissect_input *input,
                            struct bytes body,
                            const struct tls_server_hello *hello,
                            const struct tls_session *session);

/* The body of a Certificate message. */
void tls_views_certificates(const struct dissect_input *input,
                            struct bytes body);

/* ja3.string and ja3s.string: decimal numbers, "771,4865-4866,0-23,29,0". */
struct bytes tls_ja3_text(const struct tls_client_hello *hello,
                          struct arena *arena);
struct bytes tls_ja3s_text(const struct tls_server_hello *hello,
                           struct arena *arena);
