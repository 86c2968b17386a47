/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/quic_keys.h"

#include <string.h>

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "base/check.h"
#include "crypto/digest.h"

enum { LABEL_MAX = 16 }; /* Of the labels below; each is shorter. */

/* Too large for an enum. */
#define DRAFT_29 0xff00001du
#define DRAFT_32 0xff000020u
#define DRAFT_34 0xff000022u

struct labels {
    const char *key;
    const char *iv;
    const char *header;
};

/* RFC 9001 section 5.1, and RFC 9369 section 3.3.2. */
static const struct labels labels_version_1 = { "quic key", "quic iv",
                                                "quic hp" };
static const struct labels labels_version_2 = { "quicv2 key", "quicv2 iv",
                                                "quicv2 hp" };

/* RFC 9001 section 5.2; drafts 33 and 34 already have it. */
static const uint8_t salt_version_1[20] = {
    0x38, 0x76, 0x2c, 0xf7, 0xf5, 0x59, 0x34, 0xb3, 0x4d, 0x17,
    0x9a, 0xe6, 0xa4, 0xc8, 0x0c, 0xad, 0xcc, 0xbb, 0x7f, 0x0a,
};

/* RFC 9369 section 3.3.1. */
static const uint8_t salt_version_2[20] = {
    0x0d, 0xed, 0xe3, 0xde, 0xf7, 0x00, 0xa6, 0xdb, 0x81, 0x93,
    0x81, 0xbe, 0x6e, 0x26, 0x9d, 0xcb, 0xf9, 0xbd, 0x2e, 0xd9,
};

/* draft-ietf-quic-tls-29 section 5.2, until draft 32. */
static const uint8_t salt_draft_29[20] = {
    0xaf, 0xbf, 0xec, 0x28, 0x99, 0x93, 0xd2, 0x4c, 0x9e, 0x97,
    0x86, 0xf1, 0x9c, 0x61, 0x11, 0xe0, 0x43, 0x90, 0xa8, 0x99,
};

static const uint8_t *salt_of(uint32_t version)
{
    if (version == QUIC_VERSION_1)
        return salt_version_1;
    if (version == QUIC_VERSION_2)
        return salt_version_2;
    if (version >= DRAFT_29 && version <= DRAFT_32)
        return salt_draft_29;
    if (version > DRAFT_32 && version <= DRAFT_34)
        return salt_version_1;
    return NULL;
}

bool quic_keys_know(uint32_t version)
{
    return salt_of(version) != NULL;
}

static void hmac(struct bytes key, struct bytes data,
                 uint8_t digest[CRYPTO_SHA256_SIZE])
{
    unsigned size = CRYPTO_SHA256_SIZE;
    const uint8_t *made = HMAC(EVP_sha256(), key.data, (int)key.size,
                               data.data, data.size, digest, &size);
    check(made);
}

/*
 * HKDF-Expand-Label (RFC 8446 section 7.1) with an empty context, for outputs
 * of one block or less:
 *
 *     uint16 size | uint8 label size | "tls13 " label | uint8 0 | uint8 1
 */
static void expand(const uint8_t secret[CRYPTO_SHA256_SIZE], const char *label,
                   uint8_t *out, size_t size)
{
    static const char prefix[] = "tls13 ";
    uint8_t info[4 + sizeof prefix + LABEL_MAX];
    uint8_t digest[CRYPTO_SHA256_SIZE];
    size_t label_size = strlen(label);
    size_t at = 0;

    check(label_size <= LABEL_MAX);
    check(size <= CRYPTO_SHA256_SIZE);
    info[at++] = 0;
    info[at++] = (uint8_t)size;
    info[at++] = (uint8_t)(sizeof prefix - 1 + label_size);
    memcpy(info + at, prefix, sizeof prefix - 1);
    at += sizeof prefix - 1;
    memcpy(info + at, label, label_size);
    at += label_size;
    info[at++] = 0;
    info[at++] = 1;
    hmac(bytes_of(secret, CRYPTO_SHA256_SIZE), bytes_of(info, at), digest);
    memcpy(out, digest, size);
}

bool quic_keys_client(uint32_t version, struct bytes connection_id,
                      struct quic_keys *keys)
{
    const uint8_t *salt = salt_of(version);
    const struct labels *labels = version == QUIC_VERSION_2
                                      ? &labels_version_2
                                      : &labels_version_1;
    uint8_t initial[CRYPTO_SHA256_SIZE];
    uint8_t client[CRYPTO_SHA256_SIZE];

    if (!salt || connection_id.size > QUIC_CONNECTION_ID_MAX)
        return false;
    /* An empty message is still a message: HMAC wants a pointer. */
    hmac(bytes_of(salt, 20),
         bytes_of(connection_id.size > 0 ? connection_id.data : salt,
                  connection_id.size),
         initial);
    expand(initial, "client in", client, sizeof client);
    expand(client, labels->key, keys->key, sizeof keys->key);
    expand(client, labels->iv, keys->iv, sizeof keys->iv);
    expand(client, labels->header, keys->header, sizeof keys->header);
    return true;
}

bool quic_keys_mask(const struct quic_keys *keys, struct bytes sample,
                    uint8_t mask[QUIC_MASK_SIZE])
{
    uint8_t block[32];
    int size = 0;

    if (sample.size != QUIC_SAMPLE_SIZE)
        return false;
    EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
    check(context);
    bool is_done =
        EVP_EncryptInit_ex(context, EVP_aes_128_ecb(), NULL, keys->header,
                           NULL) == 1 &&
        EVP_EncryptUpdate(context, block, &size, sample.data,
                          QUIC_SAMPLE_SIZE) == 1;
    EVP_CIPHER_CTX_free(context);
    if (is_done)
        memcpy(mask, block, QUIC_MASK_SIZE);
    return is_done;
}

static bool open_with(EVP_CIPHER_CTX *context, struct bytes header,
                      struct bytes sealed, uint8_t *plain)
{
    size_t size = sealed.size - QUIC_TAG_SIZE;
    struct bytes seal = bytes_slice(sealed, size, QUIC_TAG_SIZE);
    uint8_t tag[QUIC_TAG_SIZE];
    int made = 0;
    int last = 0;

    memcpy(tag, seal.data, sizeof tag);
    return EVP_DecryptUpdate(context, NULL, &made, header.data,
                             (int)header.size) == 1 &&
           EVP_DecryptUpdate(context, plain, &made, sealed.data,
                             (int)size) == 1 &&
           EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_GCM_SET_TAG, QUIC_TAG_SIZE,
                               tag) == 1 &&
           EVP_DecryptFinal_ex(context, plain + made, &last) == 1;
}

/* The nonce is the IV with the packet number's bits turned over in it
 * (RFC 9001 section 5.3). */
bool quic_keys_open(const struct quic_keys *keys, uint64_t packet_number,
                    struct bytes header, struct bytes sealed, uint8_t *plain)
{
    uint8_t nonce[sizeof keys->iv];

    if (sealed.size <= QUIC_TAG_SIZE || sealed.size > UINT16_MAX ||
        header.size > UINT16_MAX)
        return false;
    memcpy(nonce, keys->iv, sizeof nonce);
    for (unsigned i = 0; i < 8; i++)
        nonce[sizeof nonce - 1 - i] ^= (uint8_t)(packet_number >> (8 * i));

    EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
    check(context);
    bool is_open = EVP_DecryptInit_ex(context, EVP_aes_128_gcm(), NULL,
                                      keys->key, nonce) == 1 &&
                   open_with(context, header, sealed, plain);
    EVP_CIPHER_CTX_free(context);
    return is_open;
}
