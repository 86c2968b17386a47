/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/ed25519.h"

#include <errno.h>
#include <string.h>
#include <sys/random.h>

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include "base/check.h"

enum {
    SIGN_BIT = 0x80,      /* Of x, in the last byte. */
    SMALL_ORDER_COUNT = 7, /* Values of y; with either sign, 14 encodings. */
};

/*
 * The y of the points of order 1, 2, 4 and 8, and those that are the same
 * modulo p = 2^255 - 19. Least significant byte first, without the sign of x.
 */
static const uint8_t small_orders[SMALL_ORDER_COUNT][32] = {
    /* 0: order 4 */
    { 0 },
    /* 1: order 1 */
    { 1 },
    /* Order 8, the one and the other. */
    { 0x26, 0xe8, 0x95, 0x8f, 0xc2, 0xb2, 0x27, 0xb0, 0x45, 0xc3, 0xf4,
      0x89, 0xf2, 0xef, 0x98, 0xf0, 0xd5, 0xdf, 0xac, 0x05, 0xd3, 0xc6,
      0x33, 0x39, 0xb1, 0x38, 0x02, 0x88, 0x6d, 0x53, 0xfc, 0x05 },
    { 0xc7, 0x17, 0x6a, 0x70, 0x3d, 0x4d, 0xd8, 0x4f, 0xba, 0x3c, 0x0b,
      0x76, 0x0d, 0x10, 0x67, 0x0f, 0x2a, 0x20, 0x53, 0xfa, 0x2c, 0x39,
      0xcc, 0xc6, 0x4e, 0xc7, 0xfd, 0x77, 0x92, 0xac, 0x03, 0x7a },
    /* p - 1: order 2 */
    { 0xec, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
      0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
      0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f },
    /* p, which is 0 */
    { 0xed, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
      0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
      0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f },
    /* p + 1, which is 1 */
    { 0xee, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
      0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
      0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f },
};

static bool has_small_order(const uint8_t point[32])
{
    uint8_t y[32];

    memcpy(y, point, sizeof y);
    y[31] &= (uint8_t)~SIGN_BIT;
    for (size_t i = 0; i < SMALL_ORDER_COUNT; i++)
        if (memcmp(y, small_orders[i], sizeof y) == 0)
            return true;
    return false;
}

/* Is y below p? All but the first byte of p are ones. */
static bool is_canonical(const uint8_t point[32])
{
    if ((point[31] & ~SIGN_BIT) != 0x7f)
        return true;
    for (size_t i = 30; i > 0; i--)
        if (point[i] != 0xff)
            return true;
    return point[0] < 0xed;
}

static bool is_point(const uint8_t point[32])
{
    return is_canonical(point) && !has_small_order(point);
}

bool crypto_key_is_valid(const struct crypto_public_key *key)
{
    return is_point(key->bytes);
}

struct crypto_key_pair
crypto_key_pair_of(const uint8_t seed[CRYPTO_ED25519_SEED_SIZE])
{
    struct crypto_key_pair pair;
    size_t size = sizeof pair.public_key.bytes;
    EVP_PKEY *key = EVP_PKEY_new_raw_private_key(
        EVP_PKEY_ED25519, NULL, seed, CRYPTO_ED25519_SEED_SIZE);

    check(key);
    memcpy(pair.seed, seed, sizeof pair.seed);
    check(EVP_PKEY_get_raw_public_key(key, pair.public_key.bytes, &size));
    EVP_PKEY_free(key);
    return pair;
}

int crypto_key_pair_generate(struct crypto_key_pair *pair)
{
    uint8_t seed[CRYPTO_ED25519_SEED_SIZE];
    int result = crypto_random(seed, sizeof seed);

    if (result < 0)
        return result;
    *pair = crypto_key_pair_of(seed);
    crypto_wipe(seed, sizeof seed);
    return 0;
}

struct crypto_signature crypto_sign(const struct crypto_key_pair *pair,
                                    struct bytes message)
{
    struct crypto_signature signature;
    size_t size = sizeof signature.bytes;
    EVP_PKEY *key = EVP_PKEY_new_raw_private_key(
        EVP_PKEY_ED25519, NULL, pair->seed, sizeof pair->seed);
    EVP_MD_CTX *context = EVP_MD_CTX_new();

    check(key && context);
    check(EVP_DigestSignInit(context, NULL, NULL, NULL, key) == 1);
    check(EVP_DigestSign(context, signature.bytes, &size, message.data,
                         message.size) == 1);
    check(size == sizeof signature.bytes);
    EVP_MD_CTX_free(context);
    EVP_PKEY_free(key);
    return signature;
}

bool crypto_verify(const struct crypto_public_key *key, struct bytes message,
                   const struct crypto_signature *signature)
{
    if (!is_point(key->bytes) || !is_point(signature->bytes))
        return false;
    EVP_PKEY *public_key = EVP_PKEY_new_raw_public_key(
        EVP_PKEY_ED25519, NULL, key->bytes, sizeof key->bytes);
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    check(context);
    bool holds =
        public_key &&
        EVP_DigestVerifyInit(context, NULL, NULL, NULL, public_key) == 1 &&
        EVP_DigestVerify(context, signature->bytes, sizeof signature->bytes,
                         message.data, message.size) == 1;
    EVP_MD_CTX_free(context);
    EVP_PKEY_free(public_key);
    return holds;
}

int crypto_random(void *data, size_t size)
{
    uint8_t *next = data;

    while (size > 0) {
        ssize_t got = getrandom(next, size, 0);
        if (got < 0 && errno != EINTR)
            return -errno;
        if (got > 0) {
            next += got;
            size -= (size_t)got;
        }
    }
    return 0;
}

void crypto_wipe(void *data, size_t size)
{
    OPENSSL_cleanse(data, size);
}
