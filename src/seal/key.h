/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * A log's private key as a file: PKCS#8 in PEM, which `openssl pkey` reads.
 */
#include "crypto/ed25519.h"
#include "seal/files.h"

/* Make a new key and keep it; refused when there is one. */
int seal_key_create(const struct seal_folder *folder, const char *path,
                    struct crypto_key_pair *pair,
                    struct failure *failure) MUST_USE;

int seal_key_read(const struct seal_folder *folder, const char *path,
                  struct crypto_key_pair *pair,
                  struct failure *failure) MUST_USE;
