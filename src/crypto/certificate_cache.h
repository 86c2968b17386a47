/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Certificates read before. A server sends the same one with each connection,
 * and reading one takes OpenSSL longer than all else that its connection
 * costs, so the latest are kept by their SHA-256: a digest found again stands
 * for the same bytes. When a set of places is full, the one that was asked for
 * least lately goes.
 */
#include "base/hash.h"
#include "crypto/certificate.h"

enum {
    CERTIFICATE_CACHE_SETS = 64,      /* Of four places each: a network of */
    CERTIFICATE_CACHE_WAYS = 4,       /* devices talks to few servers. */
    CERTIFICATE_CACHE_TEXT_MAX = 3072, /* All texts of one; longer ones are
                                       * read anew each time. 1 MiB in all. */
};

struct certificate_cache;

struct certificate_cache *certificate_cache_new(struct hash_key key);
void certificate_cache_free(struct certificate_cache *cache);

/* As certificate_parse(), and the same answer; without a cache (null) too. */
bool certificate_cache_parse(struct certificate_cache *cache, struct bytes der,
                             struct arena *arena,
                             struct certificate *certificate) MUST_USE;

/* How many certificates OpenSSL had to read. */
uint64_t certificate_cache_misses(const struct certificate_cache *cache);
