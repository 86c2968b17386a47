/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/certificate_cache.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "crypto/digest.h"

struct entry {
    uint64_t last_use;    /* By the cache's own count; 0: empty. */
    struct certificate certificate;
    uint8_t text[CERTIFICATE_CACHE_TEXT_MAX]; /* What its views show. */
};

struct certificate_cache {
    struct hash_key key;
    uint64_t uses;
    uint64_t misses;
    struct entry entries[CERTIFICATE_CACHE_SETS][CERTIFICATE_CACHE_WAYS];
};

struct certificate_cache *certificate_cache_new(struct hash_key key)
{
    struct certificate_cache *cache = memory_new(1, sizeof *cache);

    cache->key = key;
    return cache;
}

void certificate_cache_free(struct certificate_cache *cache)
{
    free(cache);
}

/* Each view of a certificate moves over what it shows, by `move`. */
static void each_text(struct certificate *certificate,
                      struct bytes (*move)(void *context, struct bytes text),
                      void *context)
{
    struct bytes *texts[] = {
        &certificate->subject,  &certificate->issuer,
        &certificate->serial,   &certificate->signature,
        &certificate->key_type, &certificate->mud_url,
    };

    for (size_t i = 0; i < COUNT_OF(texts); i++)
        *texts[i] = move(context, *texts[i]);
    for (uint32_t i = 0; i < certificate->name_count; i++)
        certificate->names[i] = move(context, certificate->names[i]);
}

static struct bytes copy_to_arena(void *context, struct bytes text)
{
    return arena_copy(context, text);
}

/* Where the next text goes; `used` counts on past the end. */
struct shelf {
    uint8_t *text;
    size_t used;
};

static struct bytes copy_to_shelf(void *context, struct bytes text)
{
    struct shelf *shelf = context;
    size_t at = shelf->used;

    shelf->used += text.size;
    if (shelf->used > CERTIFICATE_CACHE_TEXT_MAX || text.size == 0)
        return (struct bytes){ 0 };
    memcpy(shelf->text + at, text.data, text.size);
    return bytes_of(shelf->text + at, text.size);
}

/* The place of `sha256` in its set, or the one that is to be given up. */
static struct entry *find(struct certificate_cache *cache,
                          const uint8_t sha256[CRYPTO_SHA256_SIZE],
                          bool *is_known)
{
    struct bytes digest = bytes_of(sha256, CRYPTO_SHA256_SIZE);
    uint64_t hash = hash_bytes(cache->key, digest);
    struct entry *set = cache->entries[hash % CERTIFICATE_CACHE_SETS];
    struct entry *oldest = &set[0];

    *is_known = true;
    for (size_t way = 0; way < CERTIFICATE_CACHE_WAYS; way++) {
        if (set[way].last_use > 0 &&
            memcmp(set[way].certificate.sha256, sha256,
                   CRYPTO_SHA256_SIZE) == 0)
            return &set[way];
        if (set[way].last_use < oldest->last_use)
            oldest = &set[way];
    }
    *is_known = false;
    return oldest;
}

/* A certificate whose texts do not fit is not kept. */
static void keep(struct entry *entry, const struct certificate *certificate,
                 uint64_t use)
{
    struct shelf shelf = { .text = entry->text };

    entry->certificate = *certificate;
    each_text(&entry->certificate, copy_to_shelf, &shelf);
    entry->last_use = shelf.used <= CERTIFICATE_CACHE_TEXT_MAX ? use : 0;
}

bool certificate_cache_parse(struct certificate_cache *cache, struct bytes der,
                             struct arena *arena,
                             struct certificate *certificate)
{
    uint8_t sha256[CRYPTO_SHA256_SIZE];
    bool is_known;

    if (!cache)
        return certificate_parse(der, arena, certificate);
    crypto_sha256(der, sha256);
    struct entry *entry = find(cache, sha256, &is_known);
    cache->uses++;
    if (is_known) {
        entry->last_use = cache->uses;
        *certificate = entry->certificate;
        each_text(certificate, copy_to_arena, arena);
        return true;
    }
    cache->misses++;
    if (!certificate_parse(der, arena, certificate))
        return false;
    keep(entry, certificate, cache->uses);
    return true;
}

uint64_t certificate_cache_misses(const struct certificate_cache *cache)
{
    return cache->misses;
}
