/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/digest.h"

#include <openssl/evp.h>

#include "test.h"

enum { SIZE_MAX_TRIED = 200 }; /* Past three blocks and both paddings. */

static void agrees_with_openssl_for_every_size(void **state)
{
    (void)state;
    uint8_t input[SIZE_MAX_TRIED];

    for (size_t size = 0; size <= sizeof input; size++) {
        uint8_t expected[CRYPTO_SHA256_SIZE];
        uint8_t digest[CRYPTO_SHA256_SIZE];
        if (size > 0)
            input[size - 1] = (uint8_t)(size * 37);
        assert_int_equal(EVP_Digest(input, size, expected, NULL,
                                    EVP_sha256(), NULL),
                         1);
        crypto_sha256(bytes_of(input, size), digest);
        assert_memory_equal(digest, expected, CRYPTO_SHA256_SIZE);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(agrees_with_openssl_for_every_size),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
