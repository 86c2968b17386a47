/* SPDX-License-Identifier: Apache-2.0 */
#include "detect/intel/index.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

enum {
    BUCKET_BITS_MAX = 22,
    BUCKET_BITS_MIN = 8,
    SORT_FEW_MAX = 32,
    PAGE_SIZE_HUGE = 2 << 20,
    V4_PARTS = 1 << 16,    /* Of the ranges, by the first two bytes. */
};

/* 16 bytes: what is compared of the hash, and the claim. */
struct entry {
    uint64_t high;
    uint32_t low;
    uint32_t claim;
};

struct network {
    struct ip_prefix prefix;
    uint32_t claim;
    uint32_t wider; /* The next that holds it, or INTEL_NONE. */
};

/* Addresses from `start` up to the next range have this longest prefix. */
struct range {
    struct ip start;
    uint32_t network;
};

/* One access says where the entries of a hash stand, and mostly that there is
 * none: each entry sets two of the 32 bits. */
struct bucket {
    uint32_t start;
    uint32_t filter;
};

struct intel_index {
    struct hash_key keys[2];
    struct entry *entries;
    size_t count;
    size_t capacity;
    struct bucket *buckets; /* One more at the end. */
    unsigned bucket_bits;
    struct network *networks;
    size_t network_count;
    size_t network_capacity;
    struct range *ranges;
    size_t range_count;
    uint32_t *v4_starts;   /* Ranges before each part of IPv4; one more. */
};

struct intel_index *intel_index_new(struct hash_key key)
{
    struct intel_index *index = memory_new(1, sizeof *index);

    index->keys[0] = key;
    index->keys[1] =
        (struct hash_key){ ~key.high, key.low ^ 0x9e3779b97f4a7c15ull };
    return index;
}

void intel_index_free(struct intel_index *index)
{
    if (!index)
        return;
    free(index->entries);
    free(index->buckets);
    free(index->networks);
    free(index->ranges);
    free(index->v4_starts);
    free(index);
}

struct hashed {
    uint64_t first;  /* Bucket, filter, and the low part. */
    uint64_t second; /* The high part. */
};

static uint64_t seal(uint64_t hash, uint8_t kind)
{
    hash ^= (uint64_t)kind * 0xd6e8feb86659fd93ull;
    hash ^= hash >> 32;
    hash *= 0xd6e8feb86659fd93ull;
    return hash ^ hash >> 32;
}

/* The whole of the first hash decides where; the second is asked for only
 * when something stands there. */
static uint64_t first_hash(const struct intel_index *index, uint8_t kind,
                           struct bytes bytes)
{
    return seal(hash_bytes(index->keys[0], bytes), kind);
}

static uint64_t second_hash(const struct intel_index *index, uint8_t kind,
                            struct bytes bytes)
{
    return hash_bytes(index->keys[1], bytes) + kind;
}

static size_t bucket_of(const struct intel_index *index, uint64_t first)
{
    return (size_t)(first >> (64 - index->bucket_bits));
}

bool intel_index_add(struct intel_index *index, uint8_t kind,
                     struct bytes bytes, uint32_t claim)
{
    uint64_t first = first_hash(index, kind, bytes);

    if (index->count >= INTEL_INDEX_MAX)
        return false;
    if (index->count == index->capacity) {
        index->capacity = index->capacity + index->capacity / 2 + 1024;
        index->entries = memory_resize(index->entries, index->capacity,
                                       sizeof *index->entries);
    }
    /* Until it is built the entry holds the first hash whole, as the bucket
     * comes from it: the second goes to `low` and `high` when sorted. */
    index->entries[index->count++] = (struct entry){
        .high = first,
        .low = (uint32_t)second_hash(index, kind, bytes),
        .claim = claim,
    };
    return true;
}

bool intel_index_add_network(struct intel_index *index,
                             struct ip_prefix prefix, uint32_t claim)
{
    if (index->network_count >= INTEL_NETWORK_MAX)
        return false;
    if (index->network_count == index->network_capacity) {
        index->network_capacity = index->network_capacity * 2 + 64;
        index->networks =
            memory_resize(index->networks, index->network_capacity,
                          sizeof *index->networks);
    }
    for (unsigned bit = prefix.length; bit < 128; bit++)
        prefix.address.bytes[bit / 8] &= (uint8_t)~(0x80u >> bit % 8);
    index->networks[index->network_count++] =
        (struct network){ prefix, claim, INTEL_NONE };
    return true;
}

static int compare_entries(const void *a, const void *b)
{
    const struct entry *x = a;
    const struct entry *y = b;

    if (x->high != y->high)
        return x->high < y->high ? -1 : 1;
    if (x->low != y->low)
        return x->low < y->low ? -1 : 1;
    return (x->claim > y->claim) - (x->claim < y->claim);
}

static uint32_t filter_bits(uint64_t first)
{
    return (uint32_t)1 << (first & 31) | (uint32_t)1 << (first >> 5 & 31);
}

/* Each bucket's entries together, in memory of their own: huge pages save the
 * look-up a walk through the page table. */
static void distribute(struct intel_index *index)
{
    size_t count = (size_t)1 << index->bucket_bits;
    struct bucket *buckets = index->buckets;
    struct entry *placed =
        memory_new_aligned(PAGE_SIZE_HUGE, index->count + 1, sizeof *placed);

    for (size_t i = 0; i < index->count; i++)
        buckets[bucket_of(index, index->entries[i].high) + 1].start++;
    for (size_t i = 0; i < count; i++)
        buckets[i + 1].start += buckets[i].start;
    for (size_t i = 0; i < index->count; i++) {
        uint64_t first = index->entries[i].high;
        struct bucket *bucket = &buckets[bucket_of(index, first)];
        placed[bucket->start++] = index->entries[i];
        bucket->filter |= filter_bits(first);
    }
    /* Each start now stands where the next bucket's stood. */
    for (size_t i = count; i > 0; i--)
        buckets[i].start = buckets[i - 1].start;
    buckets[0].start = 0;
    free(index->entries);
    index->entries = placed;
    index->capacity = index->count + 1;
}

static void sort_few(struct entry *entries, size_t count)
{
    for (size_t i = 1; i < count; i++) {
        const struct entry entry = entries[i];
        size_t at = i;
        while (at > 0 && compare_entries(&entries[at - 1], &entry) > 0) {
            entries[at] = entries[at - 1];
            at--;
        }
        entries[at] = entry;
    }
}

/* Sort inside each bucket and close up over what is there twice. */
static size_t settle(struct intel_index *index)
{
    size_t buckets = (size_t)1 << index->bucket_bits;
    size_t kept = 0;

    for (size_t bucket = 0; bucket < buckets; bucket++) {
        size_t from = index->buckets[bucket].start;
        size_t to = index->buckets[bucket + 1].start;
        if (to - from > SORT_FEW_MAX)
            qsort(index->entries + from, to - from, sizeof *index->entries,
                  compare_entries);
        else
            sort_few(index->entries + from, to - from);
        index->buckets[bucket].start = (uint32_t)kept;
        for (size_t i = from; i < to; i++)
            if (i == from || compare_entries(&index->entries[i - 1],
                                             &index->entries[i]) != 0)
                index->entries[kept++] = index->entries[i];
    }
    index->buckets[buckets].start = (uint32_t)kept;
    size_t doubles = index->count - kept;
    index->count = kept;
    return doubles;
}

static int compare_networks(const void *a, const void *b)
{
    const struct network *x = a;
    const struct network *y = b;
    int order = ip_compare(x->prefix.address, y->prefix.address);

    if (order != 0)
        return order;
    if (x->prefix.length != y->prefix.length)
        return x->prefix.length < y->prefix.length ? -1 : 1;
    return (x->claim > y->claim) - (x->claim < y->claim);
}

static bool is_same_network(const struct network *a, const struct network *b)
{
    return a->prefix.length == b->prefix.length &&
           ip_equal(a->prefix.address, b->prefix.address);
}

/* The first address after a network; false after the last of all. */
static bool after(const struct ip_prefix *prefix, struct ip *ip)
{
    *ip = prefix->address;
    if (prefix->length == 0)
        return false;
    for (unsigned i = (prefix->length - 1u) / 8 + 1; i-- > 0;) {
        unsigned unit = i == (prefix->length - 1u) / 8
                            ? 0x80u >> (prefix->length - 1u) % 8 : 1;
        unsigned sum = ip->bytes[i] + unit;
        ip->bytes[i] = (uint8_t)sum;
        if (sum < 256)
            return true;
    }
    return false;
}

static void add_range(struct intel_index *index, struct ip start,
                      uint32_t network)
{
    struct range *last = &index->ranges[index->range_count];

    if (index->range_count > 0 && ip_equal(last[-1].start, start))
        last[-1].network = network;
    else
        index->ranges[index->range_count++] = (struct range){ start,
                                                              network };
}

static size_t drop_double_networks(struct intel_index *index)
{
    size_t kept = 0;

    qsort(index->networks, index->network_count, sizeof *index->networks,
          compare_networks);
    for (size_t i = 0; i < index->network_count; i++)
        if (i == 0 || compare_networks(&index->networks[kept - 1],
                                       &index->networks[i]) != 0)
            index->networks[kept++] = index->networks[i];
    size_t doubles = index->network_count - kept;
    index->network_count = kept;
    return doubles;
}

/* Networks in order open and close like parentheses. */
static void build_ranges(struct intel_index *index)
{
    uint32_t open = INTEL_NONE;

    index->ranges =
        memory_new(2 * index->network_count + 1, sizeof *index->ranges);
    for (size_t i = 0; i <= index->network_count; i++) {
        struct network *network =
            i < index->network_count ? &index->networks[i] : NULL;
        while (open != INTEL_NONE &&
               (!network ||
                !ip_prefix_contains(&index->networks[open].prefix,
                                    network->prefix.address))) {
            struct network *closed = &index->networks[open];
            struct ip next;
            uint32_t wider = closed->wider;
            while (wider != INTEL_NONE &&
                   is_same_network(&index->networks[wider], closed))
                wider = index->networks[wider].wider;
            if (after(&closed->prefix, &next))
                add_range(index, next, wider);
            open = wider;
        }
        if (!network)
            break;
        network->wider = open;
        open = (uint32_t)i;
        add_range(index, network->prefix.address, open);
    }
}

/* Where the search among the ranges of an IPv4 address begins and ends. */
static void build_v4_starts(struct intel_index *index)
{
    size_t range = 0;

    index->v4_starts = memory_new(V4_PARTS + 1, sizeof *index->v4_starts);
    for (uint32_t part = 0; part < V4_PARTS; part++) {
        struct ip first = ip_of_v4(part << 16);
        while (range < index->range_count &&
               ip_compare(index->ranges[range].start, first) < 0)
            range++;
        index->v4_starts[part] = (uint32_t)range;
    }
    struct ip last = ip_of_v4(UINT32_MAX);
    while (range < index->range_count &&
           ip_compare(index->ranges[range].start, last) <= 0)
        range++;
    index->v4_starts[V4_PARTS] = (uint32_t)range;
}

size_t intel_index_build(struct intel_index *index)
{
    index->bucket_bits = BUCKET_BITS_MIN;
    while (index->bucket_bits < BUCKET_BITS_MAX &&
           (size_t)2 << index->bucket_bits < index->count)
        index->bucket_bits++;
    size_t buckets = (size_t)1 << index->bucket_bits;
    index->buckets = memory_new_aligned(PAGE_SIZE_HUGE, buckets + 1,
                                        sizeof *index->buckets);
    memset(index->buckets, 0, (buckets + 1) * sizeof *index->buckets);
    distribute(index);
    size_t doubles = settle(index);
    if (index->network_count > 0) {
        doubles += drop_double_networks(index);
        build_ranges(index);
        build_v4_starts(index);
    }
    return doubles;
}

struct intel_cursor intel_index_seek(const struct intel_index *index,
                                     uint8_t kind, struct bytes bytes)
{
    struct intel_cursor cursor = { 0 };

    if (index->count == 0)
        return cursor;
    uint64_t first = first_hash(index, kind, bytes);
    uint32_t bits = filter_bits(first);
    const struct bucket *bucket = &index->buckets[bucket_of(index, first)];
    if ((bucket->filter & bits) != bits)
        return cursor;
    cursor.at = bucket[0].start;
    cursor.end = bucket[1].start;
    PREFETCH(&index->entries[cursor.at]);
    cursor.high = first;
    cursor.low = (uint32_t)second_hash(index, kind, bytes);
    return cursor;
}

uint32_t intel_index_next(const struct intel_index *index,
                          struct intel_cursor *cursor)
{
    while (cursor->at < cursor->end) {
        const struct entry *entry = &index->entries[cursor->at++];
        if (entry->high == cursor->high && entry->low == cursor->low)
            return entry->claim;
    }
    return INTEL_NONE;
}

struct intel_network_cursor
intel_index_seek_network(const struct intel_index *index, struct ip ip)
{
    struct intel_network_cursor cursor = { INTEL_NONE };
    size_t low = 0;
    size_t high = index->range_count;

    if (high > 0 && ip_is_v4(ip)) {
        uint32_t part = ip_v4_number(ip) >> 16;
        low = index->v4_starts[part];
        high = index->v4_starts[part + 1];
    }
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (ip_compare(index->ranges[middle].start, ip) <= 0)
            low = middle + 1;
        else
            high = middle;
    }
    if (low > 0)
        cursor.at = index->ranges[low - 1].network;
    return cursor;
}

uint32_t intel_index_next_network(const struct intel_index *index,
                                  struct intel_network_cursor *cursor,
                                  struct ip_prefix *prefix)
{
    if (cursor->at == INTEL_NONE)
        return INTEL_NONE;
    const struct network *network = &index->networks[cursor->at];
    *prefix = network->prefix;
    cursor->at = network->wider;
    return network->claim;
}

size_t intel_index_count(const struct intel_index *index)
{
    return index->count + index->network_count;
}

size_t intel_index_memory(const struct intel_index *index)
{
    return index->capacity * sizeof *index->entries +
           (((size_t)1 << index->bucket_bits) + 1) * sizeof *index->buckets +
           index->network_capacity * sizeof *index->networks +
           (index->network_count ? 2 * index->network_count + 1 : 0) *
               sizeof *index->ranges;
}
