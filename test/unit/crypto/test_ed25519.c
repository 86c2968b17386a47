/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/ed25519.h"

#include <string.h>

#include "test.h"

/* RFC 8032 section 7.1, tests 1 and 3. */
static const struct {
    const char *seed;
    const char *key;
    const char *message;
    const char *signature;
} vectors[] = {
    { "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
      "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
      "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522490155"
      "5fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b" },
    { "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
      "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
      "af82",
      "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac"
      "18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a" },
};

static uint8_t digit(char c)
{
    return (uint8_t)(c <= '9' ? c - '0' : c - 'a' + 10);
}

static size_t unhex(const char *text, uint8_t *bytes)
{
    size_t size = strlen(text) / 2;

    for (size_t i = 0; i < size; i++)
        bytes[i] =
            (uint8_t)(digit(text[2 * i]) << 4 | digit(text[2 * i + 1]));
    return size;
}

static void signs_and_verifies_as_the_rfc_shows(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(vectors); i++) {
        uint8_t seed[32];
        uint8_t key[32];
        uint8_t message[64];
        uint8_t expected[64];
        (void)unhex(vectors[i].seed, seed);
        (void)unhex(vectors[i].key, key);
        (void)unhex(vectors[i].signature, expected);
        struct bytes text =
            bytes_of(message, unhex(vectors[i].message, message));
        struct crypto_key_pair pair = crypto_key_pair_of(seed);
        struct crypto_signature signature = crypto_sign(&pair, text);
        assert_memory_equal(pair.public_key.bytes, key, sizeof key);
        assert_memory_equal(signature.bytes, expected, sizeof expected);
        assert_true(crypto_verify(&pair.public_key, text, &signature));
    }
}

static void refuses_any_flipped_bit(void **state)
{
    struct crypto_key_pair pair;
    uint8_t message[] = "these bytes and no others";
    struct bytes text = bytes_of(message, sizeof message);

    (void)state;
    assert_int_equal(crypto_key_pair_generate(&pair), 0);
    struct crypto_signature good = crypto_sign(&pair, text);
    for (size_t bit = 0; bit < sizeof good.bytes * 8; bit++) {
        struct crypto_signature bad = good;
        bad.bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
        assert_false(crypto_verify(&pair.public_key, text, &bad));
    }
    for (size_t bit = 0; bit < sizeof message * 8; bit++) {
        message[bit / 8] ^= (uint8_t)(1u << bit % 8);
        assert_false(crypto_verify(&pair.public_key, text, &good));
        message[bit / 8] ^= (uint8_t)(1u << bit % 8);
    }
    assert_true(crypto_verify(&pair.public_key, text, &good));
    crypto_wipe(&pair, sizeof pair);
}

/* A key of small order makes one signature fit any message. */
static void refuses_keys_that_prove_nothing(void **state)
{
    struct crypto_public_key key = { { 1 } };
    struct crypto_signature signature = { { 1 } };

    (void)state;
    assert_false(crypto_key_is_valid(&key));
    assert_false(crypto_verify(&key, bytes_of_text("any"), &signature));
    key.bytes[31] = 0x80;
    assert_false(crypto_key_is_valid(&key));
    memset(key.bytes, 0xff, sizeof key.bytes);
    assert_false(crypto_key_is_valid(&key)); /* y is not below p. */
    key.bytes[0] = 0xec; /* p - 1 */
    assert_false(crypto_key_is_valid(&key));
    key.bytes[0] = 0xeb; /* The largest y that is left. */
    assert_true(crypto_key_is_valid(&key));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(signs_and_verifies_as_the_rfc_shows),
        cmocka_unit_test(refuses_any_flipped_bit),
        cmocka_unit_test(refuses_keys_that_prove_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
