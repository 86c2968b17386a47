/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/pem.h"

#include <openssl/evp.h>
#include <openssl/pem.h>

#include "base/check.h"

enum { PEM_SIZE_MAX = 4096 };

void crypto_pem_write(struct writer *w, const struct crypto_key_pair *pair)
{
    EVP_PKEY *key = EVP_PKEY_new_raw_private_key(
        EVP_PKEY_ED25519, NULL, pair->seed, sizeof pair->seed);
    BIO *memory = BIO_new(BIO_s_secmem());
    char *text;

    check(key && memory);
    check(PEM_write_bio_PKCS8PrivateKey(memory, key, NULL, NULL, 0, NULL,
                                        NULL) == 1);
    long size = BIO_get_mem_data(memory, &text);
    check(size > 0);
    writer_bytes(w, bytes_of(text, (size_t)size));
    BIO_free(memory);
    EVP_PKEY_free(key);
}

bool crypto_pem_read(struct bytes text, struct crypto_key_pair *pair)
{
    uint8_t seed[CRYPTO_ED25519_SEED_SIZE];
    size_t size = sizeof seed;

    if (text.size > PEM_SIZE_MAX)
        return false;
    BIO *memory = BIO_new_mem_buf(text.data, (int)text.size);
    check(memory);
    /* An empty password: never ask the terminal for one. */
    static char nothing[] = "";
    EVP_PKEY *key = PEM_read_bio_PrivateKey(memory, NULL, NULL, nothing);
    bool is_one = key && EVP_PKEY_get_id(key) == EVP_PKEY_ED25519 &&
                  EVP_PKEY_get_raw_private_key(key, seed, &size) == 1 &&
                  size == sizeof seed;
    EVP_PKEY_free(key);
    BIO_free(memory);
    if (is_one)
        *pair = crypto_key_pair_of(seed);
    crypto_wipe(seed, sizeof seed);
    return is_one;
}
