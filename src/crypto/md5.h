/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * MD5 (RFC 1321), for names that others have given things by it: JA3, JA3S
 * and HASSH. It proves nothing and must not be used where something has to be
 * proved. It works in the caller's memory and allocates nothing.
 */
#include "base/bytes.h"

enum { MD5_SIZE = 16, MD5_BLOCK_SIZE = 64 };

struct md5 {
    uint32_t state[4];
    uint64_t size; /* Bytes taken in so far. */
    uint8_t block[MD5_BLOCK_SIZE];
};

void md5_init(struct md5 *md5);
void md5_add(struct md5 *md5, struct bytes b);

/* The digest of all that was added; `md5` must be initialised anew. */
void md5_finish(struct md5 *md5, uint8_t digest[MD5_SIZE]);
