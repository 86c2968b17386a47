/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Digests of a file's content while it passes, in the fixed memory of its
 * flow: MD5, SHA-1 and SHA-256 as lists of known files name them. A file that
 * is larger than FILE_HASH_SIZE_MAX, or that lost a byte, has none.
 */
#include "crypto/digest.h"
#include "crypto/md5.h"
#include "dissect/dissector.h"

enum { FILE_HASH_SIZE_MAX = 32 << 20 }; /* Some tenth of a second of work. */

struct file_hash {
    struct md5 md5;
    struct crypto_state sha1;
    struct crypto_state sha256;
    uint64_t size;
    bool is_active;
};

void file_hash_begin(struct file_hash *hash);

/* The next bytes; ends by itself past the limit. */
void file_hash_add(struct file_hash *hash, struct bytes content);

/* Something was lost: there will be no digest. */
void file_hash_stop(struct file_hash *hash);

/* The file is whole: append an event with its size and digests. Nothing
 * happens when the hash was stopped. `file` has its name and way. */
void file_hash_tell(struct file_hash *hash, const struct dissect_file *file,
                    struct event_list *events);
