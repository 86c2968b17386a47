/* SPDX-License-Identifier: Apache-2.0 */
/* OpenSSL 3 advises against these calls for the sake of providers that can be
 * exchanged; that look-up on each call is the cost we avoid. */
#define OPENSSL_SUPPRESS_DEPRECATED
#include "crypto/digest.h"

#include <openssl/sha.h>

#include "base/check.h"

void crypto_sha1(struct bytes b, uint8_t digest[CRYPTO_SHA1_SIZE])
{
    SHA_CTX state;

    check(SHA1_Init(&state));
    check(SHA1_Update(&state, b.data, b.size));
    check(SHA1_Final(digest, &state));
}

void crypto_sha256(struct bytes b, uint8_t digest[CRYPTO_SHA256_SIZE])
{
    SHA256_CTX state;

    check(SHA256_Init(&state));
    check(SHA256_Update(&state, b.data, b.size));
    check(SHA256_Final(digest, &state));
}

void crypto_sha256_tagged(uint8_t tag, struct bytes b,
                          uint8_t digest[CRYPTO_SHA256_SIZE])
{
    SHA256_CTX state;

    check(SHA256_Init(&state));
    check(SHA256_Update(&state, &tag, 1));
    check(SHA256_Update(&state, b.data, b.size));
    check(SHA256_Final(digest, &state));
}
