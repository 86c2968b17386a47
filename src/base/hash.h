/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The one keyed hash for tables whose keys an outsider chooses: SipHash-1-3
 * (Aumasson and Bernstein), 64 bits. The key is random in a live run and fixed
 * where the result must be the same on every machine; no hash value or hash
 * order ever reaches an output.
 */
#include "base/bytes.h"

struct hash_key {
    uint64_t low;
    uint64_t high;
};

uint64_t hash_bytes(struct hash_key key, struct bytes b);

/* The same over `count` whole words: quicker for fixed-size keys. */
uint64_t hash_words(struct hash_key key, const uint64_t *words, size_t count);
