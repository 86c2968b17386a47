/* SPDX-License-Identifier: Apache-2.0 */
/* OpenSSL 3 advises against these calls for the sake of providers that can be
 * exchanged; that look-up on each call is the cost we avoid. */
#define OPENSSL_SUPPRESS_DEPRECATED
#include "crypto/digest.h"

#include <openssl/sha.h>
#include <string.h>

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

_Static_assert(sizeof(SHA_CTX) <= sizeof(struct crypto_state), "SHA-1 fits");
_Static_assert(sizeof(SHA256_CTX) <= sizeof(struct crypto_state),
               "SHA-256 fits");

/* OpenSSL's own state stands in ours; copies keep alignment and types apart
 * from each other. */
void crypto_sha1_init(struct crypto_state *state)
{
    SHA_CTX own;

    check(SHA1_Init(&own));
    memcpy(state, &own, sizeof own);
}

void crypto_sha1_add(struct crypto_state *state, struct bytes b)
{
    SHA_CTX own;

    memcpy(&own, state, sizeof own);
    check(SHA1_Update(&own, b.data, b.size));
    memcpy(state, &own, sizeof own);
}

void crypto_sha1_finish(struct crypto_state *state,
                        uint8_t digest[CRYPTO_SHA1_SIZE])
{
    SHA_CTX own;

    memcpy(&own, state, sizeof own);
    check(SHA1_Final(digest, &own));
}

void crypto_sha256_init(struct crypto_state *state)
{
    SHA256_CTX own;

    check(SHA256_Init(&own));
    memcpy(state, &own, sizeof own);
}

void crypto_sha256_add(struct crypto_state *state, struct bytes b)
{
    SHA256_CTX own;

    memcpy(&own, state, sizeof own);
    check(SHA256_Update(&own, b.data, b.size));
    memcpy(state, &own, sizeof own);
}

void crypto_sha256_finish(struct crypto_state *state,
                          uint8_t digest[CRYPTO_SHA256_SIZE])
{
    SHA256_CTX own;

    memcpy(&own, state, sizeof own);
    check(SHA256_Final(digest, &own));
}
