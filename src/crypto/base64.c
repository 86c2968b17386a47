/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/base64.h"

#include <string.h>

#include <openssl/evp.h>

#include "base/check.h"

enum { GROUP = 3, GROUP_TEXT = 4 };

void crypto_base64_write(struct writer *w, struct bytes b)
{
    while (b.size > 0) {
        uint8_t text[GROUP_TEXT + 1];
        struct bytes group = bytes_slice(b, 0, GROUP);
        int written = EVP_EncodeBlock(text, group.data, (int)group.size);
        check(written == GROUP_TEXT);
        writer_bytes(w, bytes_of(text, GROUP_TEXT));
        b = bytes_slice(b, group.size, b.size);
    }
}

/* Four characters; answers how many bytes they stand for, 0 for none. */
static size_t read_group(struct bytes text, bool is_last,
                         uint8_t bytes[GROUP])
{
    uint8_t again[GROUP_TEXT + 1];
    size_t size = GROUP;

    if (EVP_DecodeBlock(bytes, text.data, GROUP_TEXT) != GROUP)
        return 0;
    if (is_last && text.data[3] == '=')
        size = text.data[2] == '=' ? 1 : 2;
    /* OpenSSL forgives spaces and stray bits; the one form does not. */
    (void)EVP_EncodeBlock(again, bytes, (int)size);
    return memcmp(again, text.data, GROUP_TEXT) == 0 ? size : 0;
}

bool crypto_base64_read(struct bytes text, uint8_t *data, size_t size_max,
                        size_t *size)
{
    size_t done = 0;

    if (text.size % GROUP_TEXT != 0)
        return false;
    for (size_t at = 0; at < text.size; at += GROUP_TEXT) {
        uint8_t group[GROUP];
        size_t got = read_group(bytes_slice(text, at, GROUP_TEXT),
                                at + GROUP_TEXT == text.size, group);
        if (got == 0 || got > size_max - done)
            return false;
        memcpy(data + done, group, got);
        done += got;
    }
    *size = done;
    return true;
}
