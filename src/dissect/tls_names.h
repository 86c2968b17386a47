/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What the numbers of TLS are called. */
#include <stddef.h>
#include <stdint.h>

enum { TLS_NAME_SIZE = 16 }; /* For numbers without a name. */

/* "TLS 1.2", as EVE has it; "0x7f1c" in `text` for others. */
const char *tls_version_name(uint16_t version, char text[TLS_NAME_SIZE]);

/* "TLS_AES_128_GCM_SHA256", or the number in hexadecimal. */
const char *tls_cipher_name(uint16_t cipher, char text[TLS_NAME_SIZE]);

/* "handshake_failure" (RFC 8446 section 6), or the number. */
const char *tls_alert_name(uint8_t alert, char text[TLS_NAME_SIZE]);
