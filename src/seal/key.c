/* SPDX-License-Identifier: Apache-2.0 */
#include "seal/key.h"

#include <errno.h>
#include <string.h>

#include "crypto/pem.h"

enum { KEY_FILE_MAX = 4096 };

int seal_key_create(const struct seal_folder *folder, const char *path,
                    struct crypto_key_pair *pair, struct failure *failure)
{
    struct crypto_key_pair made;
    struct writer w;
    int result = crypto_key_pair_generate(&made);

    if (result < 0)
        return failure_set(failure, result, "%s/%s: no random bytes: %s",
                           folder->name, path, strerror(-result));
    writer_init(&w, KEY_FILE_MAX);
    crypto_pem_write(&w, &made);
    result = seal_file_create_secret(folder, path, writer_view(&w), failure);
    crypto_wipe(w.data, w.size);
    writer_clear(&w);
    if (result == 0)
        *pair = made;
    crypto_wipe(&made, sizeof made);
    return result;
}

int seal_key_read(const struct seal_folder *folder, const char *path,
                  struct crypto_key_pair *pair, struct failure *failure)
{
    struct writer w;

    writer_init(&w, KEY_FILE_MAX);
    int result = seal_file_read(folder, path, KEY_FILE_MAX, &w, failure);
    if (result == -ENOENT)
        result = failure_set(failure, result, "%s/%s: no key is there",
                             folder->name, path);
    else if (result == 0 && !crypto_pem_read(writer_view(&w), pair))
        result = failure_set(failure, ERROR_FORMAT,
                             "%s/%s: not an Ed25519 private key in PEM",
                             folder->name, path);
    if (w.data)
        crypto_wipe(w.data, w.size);
    writer_clear(&w);
    return result;
}
