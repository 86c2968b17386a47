/* SPDX-License-Identifier: Apache-2.0 */
#include "base/hash.h"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>

#include "base/check.h"
#include "test.h"

enum { VECTOR_MAX = 64 };

/* The key of the reference vectors: bytes 00 to 0f. */
static const struct hash_key reference_key = {
    .low = 0x0706050403020100,
    .high = 0x0f0e0d0c0b0a0908,
};

static uint64_t word_of(const uint8_t *bytes)
{
    uint64_t word = 0;

    for (size_t i = 8; i > 0; i--)
        word = word << 8 | bytes[i - 1];
    return word;
}

/* OpenSSL's SipHash with one compression and three final rounds. */
static uint64_t openssl_siphash(struct bytes b)
{
    uint8_t key[16];
    uint8_t out[8];
    size_t size = sizeof out;
    unsigned compression = 1;
    unsigned final = 3;
    const OSSL_PARAM parameters[] = {
        OSSL_PARAM_construct_size_t(OSSL_MAC_PARAM_SIZE, &size),
        OSSL_PARAM_construct_uint(OSSL_MAC_PARAM_C_ROUNDS, &compression),
        OSSL_PARAM_construct_uint(OSSL_MAC_PARAM_D_ROUNDS, &final),
        OSSL_PARAM_construct_end(),
    };

    for (uint8_t i = 0; i < sizeof key; i++)
        key[i] = i;
    EVP_MAC *mac = EVP_MAC_fetch(NULL, "SIPHASH", NULL);
    EVP_MAC_CTX *context = EVP_MAC_CTX_new(mac);
    check(EVP_MAC_init(context, key, sizeof key, parameters) == 1);
    check(EVP_MAC_update(context, b.data, b.size) == 1);
    check(EVP_MAC_final(context, out, &size, sizeof out) == 1);
    EVP_MAC_CTX_free(context);
    EVP_MAC_free(mac);
    return word_of(out);
}

static void gives_the_reference_vectors(void **state)
{
    (void)state;
    uint8_t input[VECTOR_MAX];

    for (size_t i = 0; i < VECTOR_MAX; i++)
        input[i] = (uint8_t)i;
    /* The first vector of SipHash-1-3 under this key. */
    assert_true(hash_bytes(reference_key, bytes_of(input, 0)) ==
                0xabac0158050fc4dc);
    for (size_t size = 0; size < VECTOR_MAX; size++)
        assert_true(hash_bytes(reference_key, bytes_of(input, size)) ==
                    openssl_siphash(bytes_of(input, size)));
}

static void hashes_words_as_their_little_endian_bytes(void **state)
{
    (void)state;
    uint8_t input[VECTOR_MAX];
    uint64_t words[VECTOR_MAX / 8];

    for (size_t i = 0; i < VECTOR_MAX; i++)
        input[i] = (uint8_t)(i * 37 + 1);
    for (size_t i = 0; i < VECTOR_MAX / 8; i++)
        words[i] = word_of(input + 8 * i);
    for (size_t count = 0; count <= VECTOR_MAX / 8; count++)
        assert_true(hash_words(reference_key, words, count) ==
                    hash_bytes(reference_key, bytes_of(input, 8 * count)));
}

static void depends_on_both_halves_of_the_key(void **state)
{
    (void)state;
    const struct bytes text = bytes_of_text("camera");
    const struct hash_key low = { .low = 1 };
    const struct hash_key high = { .high = 1 };
    const struct hash_key none = { 0 };

    assert_true(hash_bytes(none, text) != hash_bytes(low, text));
    assert_true(hash_bytes(none, text) != hash_bytes(high, text));
    assert_true(hash_bytes(low, text) != hash_bytes(high, text));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gives_the_reference_vectors),
        cmocka_unit_test(hashes_words_as_their_little_endian_bytes),
        cmocka_unit_test(depends_on_both_halves_of_the_key),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
