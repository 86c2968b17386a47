/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * SHA-1 and SHA-256 of bytes at hand, through OpenSSL's own block functions
 * and the caller's stack: nothing is allocated or looked up by name, so that
 * naming a flow costs fifty nanoseconds and not five hundred. SHA-1 is here
 * because Community ID is defined by it; it protects nothing.
 */
#include "base/bytes.h"

enum {
    CRYPTO_SHA1_SIZE = 20,
    CRYPTO_SHA256_SIZE = 32,
};

/* SHA-1 and SHA-256 of what comes piece by piece, in the caller's memory. */
struct crypto_state {
    uint64_t words[14];
};

void crypto_sha1_init(struct crypto_state *state);
void crypto_sha1_add(struct crypto_state *state, struct bytes b);
void crypto_sha1_finish(struct crypto_state *state,
                        uint8_t digest[CRYPTO_SHA1_SIZE]);
void crypto_sha256_init(struct crypto_state *state);
void crypto_sha256_add(struct crypto_state *state, struct bytes b);
void crypto_sha256_finish(struct crypto_state *state,
                          uint8_t digest[CRYPTO_SHA256_SIZE]);

void crypto_sha1(struct bytes b, uint8_t digest[CRYPTO_SHA1_SIZE]);
void crypto_sha256(struct bytes b, uint8_t digest[CRYPTO_SHA256_SIZE]);

/* SHA-256 of one byte that says what follows, and what follows: how RFC 6962
 * keeps leaves and nodes of a tree apart. */
void crypto_sha256_tagged(uint8_t tag, struct bytes b,
                          uint8_t digest[CRYPTO_SHA256_SIZE]);
