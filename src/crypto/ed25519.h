/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Ed25519 signatures (RFC 8032) on which every verifier agrees. Libraries
 * differ in what they take for a point: here a key or an R that is not in
 * canonical form, or is one of the 14 encodings of the eight points of small
 * order, is refused, as libsodium does. A key is checked the same way when it
 * is enrolled, so that no honest signature ever depends on who verifies it.
 */
#include "base/bytes.h"
#include "base/compiler.h"

enum {
    CRYPTO_ED25519_KEY_SIZE = 32, /* Public. */
    CRYPTO_ED25519_SEED_SIZE = 32, /* Private (RFC 8032 section 5.1.5). */
    CRYPTO_ED25519_SIGNATURE_SIZE = 64,
};

struct crypto_public_key {
    uint8_t bytes[CRYPTO_ED25519_KEY_SIZE];
};

/* Both halves. Whoever holds one wipes it with crypto_wipe(). */
struct crypto_key_pair {
    uint8_t seed[CRYPTO_ED25519_SEED_SIZE];
    struct crypto_public_key public_key;
};

struct crypto_signature {
    uint8_t bytes[CRYPTO_ED25519_SIGNATURE_SIZE];
};

/* May this be anybody's key? */
bool crypto_key_is_valid(const struct crypto_public_key *key);

struct crypto_key_pair
crypto_key_pair_of(const uint8_t seed[CRYPTO_ED25519_SEED_SIZE]);

/* A new pair from the kernel's source of chance. */
int crypto_key_pair_generate(struct crypto_key_pair *pair) MUST_USE;

struct crypto_signature crypto_sign(const struct crypto_key_pair *pair,
                                    struct bytes message);

bool crypto_verify(const struct crypto_public_key *key, struct bytes message,
                   const struct crypto_signature *signature) MUST_USE;

/* Fill with bytes nobody can guess; negative when the kernel has none. */
int crypto_random(void *data, size_t size) MUST_USE;

/* Overwrite a secret so that the compiler cannot leave it out. */
void crypto_wipe(void *data, size_t size);
