/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include "base/bytes.h"
#include "crypto/digest.h"

/* FIPS 180-4's examples: one block, and two. */
static const char one_block[] = "abc";
static const char two_blocks[] =
    "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq";

static void sha1_answers_the_standard_examples(void **state)
{
    static const uint8_t first[] = { 0xa9, 0x99, 0x3e, 0x36, 0x47, 0x06, 0x81,
                                     0x6a, 0xba, 0x3e, 0x25, 0x71, 0x78, 0x50,
                                     0xc2, 0x6c, 0x9c, 0xd0, 0xd8, 0x9d };
    static const uint8_t second[] = { 0x84, 0x98, 0x3e, 0x44, 0x1c, 0x3b, 0xd2,
                                      0x6e, 0xba, 0xae, 0x4a, 0xa1, 0xf9, 0x51,
                                      0x29, 0xe5, 0xe5, 0x46, 0x70, 0xf1 };
    uint8_t digest[CRYPTO_SHA1_SIZE];

    (void)state;
    crypto_sha1(bytes_of_text(one_block), digest);
    assert_memory_equal(digest, first, sizeof first);
    crypto_sha1(bytes_of_text(two_blocks), digest);
    assert_memory_equal(digest, second, sizeof second);
}

static void sha256_answers_the_standard_examples(void **state)
{
    static const uint8_t first[] = {
        0xba, 0x78, 0x16, 0xbf, 0x8f, 0x01, 0xcf, 0xea, 0x41, 0x41, 0x40,
        0xde, 0x5d, 0xae, 0x22, 0x23, 0xb0, 0x03, 0x61, 0xa3, 0x96, 0x17,
        0x7a, 0x9c, 0xb4, 0x10, 0xff, 0x61, 0xf2, 0x00, 0x15, 0xad
    };
    static const uint8_t nothing[] = {
        0xe3, 0xb0, 0xc4, 0x42, 0x98, 0xfc, 0x1c, 0x14, 0x9a, 0xfb, 0xf4,
        0xc8, 0x99, 0x6f, 0xb9, 0x24, 0x27, 0xae, 0x41, 0xe4, 0x64, 0x9b,
        0x93, 0x4c, 0xa4, 0x95, 0x99, 0x1b, 0x78, 0x52, 0xb8, 0x55
    };
    uint8_t digest[CRYPTO_SHA256_SIZE];

    (void)state;
    crypto_sha256(bytes_of_text(one_block), digest);
    assert_memory_equal(digest, first, sizeof first);
    crypto_sha256((struct bytes){ 0 }, digest);
    assert_memory_equal(digest, nothing, sizeof nothing);
}

/* In any pieces the digest is that of the whole. */
static void pieces_give_the_digest_of_the_whole(void **state)
{
    uint8_t whole[CRYPTO_SHA256_SIZE];
    uint8_t pieces[CRYPTO_SHA256_SIZE];
    struct bytes text = bytes_of_text(two_blocks);
    struct crypto_state hash;

    (void)state;
    for (size_t cut = 0; cut <= text.size; cut++) {
        crypto_sha1(text, whole);
        crypto_sha1_init(&hash);
        crypto_sha1_add(&hash, bytes_slice(text, 0, cut));
        crypto_sha1_add(&hash, bytes_slice(text, cut, text.size));
        crypto_sha1_finish(&hash, pieces);
        assert_memory_equal(whole, pieces, CRYPTO_SHA1_SIZE);
        crypto_sha256(text, whole);
        crypto_sha256_init(&hash);
        crypto_sha256_add(&hash, bytes_slice(text, 0, cut));
        crypto_sha256_add(&hash, bytes_slice(text, cut, text.size));
        crypto_sha256_finish(&hash, pieces);
        assert_memory_equal(whole, pieces, CRYPTO_SHA256_SIZE);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sha1_answers_the_standard_examples),
        cmocka_unit_test(sha256_answers_the_standard_examples),
        cmocka_unit_test(pieces_give_the_digest_of_the_whole),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
