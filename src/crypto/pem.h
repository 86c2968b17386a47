/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Ed25519 private keys as PKCS#8 PEM (RFC 8410 section 7), unencrypted. */
#include "base/writer.h"
#include "crypto/ed25519.h"

void crypto_pem_write(struct writer *w, const struct crypto_key_pair *pair);

/* False when it is not one such key. */
bool crypto_pem_read(struct bytes text,
                     struct crypto_key_pair *pair) MUST_USE;
