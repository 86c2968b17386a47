/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Seals a client's Initial packet as a client would (RFC 9001 section 5), so
 * that tests can make packets of their own. */
#include <string.h>

#include <openssl/evp.h>

#include "base/arena.h"
#include "base/check.h"
#include "base/writer.h"
#include "crypto/quic_keys.h"

/* `frames` as packet `number` to connection id `id`; the datagram is 1200
 * bytes long when the frames are padded to 1162. */
static inline struct bytes sealed_initial(struct arena *arena,
                                          uint32_t version, struct bytes id,
                                          uint32_t number,
                                          struct bytes frames)
{
    struct quic_keys keys;
    uint8_t nonce[12];
    uint8_t mask[QUIC_MASK_SIZE];
    struct writer w;
    int size = 0;

    check(quic_keys_client(version, id, &keys));
    writer_init(&w, 4096);
    writer_byte(&w, version == QUIC_VERSION_2 ? 0xd3 : 0xc3);
    writer_u32(&w, version);
    writer_byte(&w, (uint8_t)id.size);
    writer_bytes(&w, id);
    writer_u16(&w, 0); /* No source id, no token. */
    writer_u16(&w, (uint16_t)(0x4000 | (4 + frames.size + QUIC_TAG_SIZE)));
    size_t at = writer_view(&w).size;
    writer_u32(&w, number);
    size_t header = writer_view(&w).size;

    uint8_t *packet =
        arena_allocate(arena, header + frames.size + QUIC_TAG_SIZE);
    memcpy(packet, writer_view(&w).data, header);
    writer_clear(&w);
    memcpy(nonce, keys.iv, sizeof nonce);
    for (unsigned i = 0; i < 4; i++)
        nonce[11 - i] ^= (uint8_t)(number >> (8 * i));
    EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
    check(EVP_EncryptInit_ex(context, EVP_aes_128_gcm(), NULL, keys.key,
                             nonce) == 1);
    check(EVP_EncryptUpdate(context, NULL, &size, packet, (int)header) == 1);
    check(EVP_EncryptUpdate(context, packet + header, &size, frames.data,
                            (int)frames.size) == 1);
    check(EVP_EncryptFinal_ex(context, packet + header + size, &size) == 1);
    check(EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_GCM_GET_TAG, QUIC_TAG_SIZE,
                              packet + header + frames.size) == 1);
    EVP_CIPHER_CTX_free(context);
    check(quic_keys_mask(&keys, bytes_of(packet + at + 4, QUIC_SAMPLE_SIZE),
                         mask));
    packet[0] ^= mask[0] & 0x0f;
    for (unsigned i = 0; i < 4; i++)
        packet[at + i] ^= mask[i + 1];
    return bytes_of(packet, header + frames.size + QUIC_TAG_SIZE);
}
