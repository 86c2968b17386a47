/* SPDX-License-Identifier: Apache-2.0 */
#include "decode/fragment.h"

#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "base/memory.h"
#include "base/pool.h"
#include "base/table.h"

enum {
    BLOCK_SIZE = 1024,
    BLOCKS = FRAGMENT_DATAGRAM_MAX / BLOCK_SIZE + 1,
    BYTES_PER_DATAGRAM = 4096, /* One table entry for so much memory. */
};

static const uint64_t second_ns = 1000000000;

/* Bytes first..end-1 have not come yet. */
struct hole {
    uint16_t first;
    uint16_t end;
};

struct datagram {
    struct fragment_key key;
    uint64_t hash;
    int64_t first_ns;
    uint32_t older; /* The list by age; TABLE_NONE at its ends. */
    uint32_t newer; /* Also the list of free entries. */
    uint32_t size;  /* Known when has_end. */
    uint32_t end_seen;
    bool has_end;
    bool is_dropped; /* Swallows what still comes of it. */
    uint8_t protocol;
    uint8_t hole_count;
    struct hole holes[FRAGMENT_HOLES_MAX];
    uint8_t *blocks[BLOCKS];
};

struct fragment_table {
    struct hash_key key;
    struct table index;
    struct datagram *datagrams;
    uint32_t free;
    uint32_t oldest;
    uint32_t newest;
    struct pool blocks;
    struct fragment_counters counters;
    uint8_t assembled[FRAGMENT_DATAGRAM_MAX];
};

struct fragment_table *fragment_table_new(size_t bytes_max,
                                          struct hash_key key)
{
    struct fragment_table *table = memory_new(1, sizeof *table);

    if (bytes_max == 0)
        bytes_max = FRAGMENT_BYTES_DEFAULT;
    if (bytes_max < FRAGMENT_BYTES_MIN)
        bytes_max = FRAGMENT_BYTES_MIN;
    size_t count = bytes_max / BYTES_PER_DATAGRAM;
    size_t entries = size_multiply(count, sizeof(struct datagram));
    table->key = key;
    table_init(&table->index, count);
    table->datagrams = memory_new(count, sizeof *table->datagrams);
    pool_init(&table->blocks, BLOCK_SIZE, (bytes_max - entries) / BLOCK_SIZE);
    for (uint32_t i = 0; i < count; i++)
        table->datagrams[i].newer = i + 1 < count ? i + 1 : TABLE_NONE;
    table->oldest = TABLE_NONE;
    table->newest = TABLE_NONE;
    return table;
}

void fragment_table_free(struct fragment_table *table)
{
    if (!table)
        return;
    table_clear(&table->index);
    pool_clear(&table->blocks);
    free(table->datagrams);
    free(table);
}

struct bytes fragment_table_datagram(const struct fragment_table *table)
{
    return bytes_of(table->assembled, sizeof table->assembled);
}

void fragment_table_read_counters(const struct fragment_table *table,
                                  struct fragment_counters *counters)
{
    *counters = table->counters;
}

static void give_blocks(struct fragment_table *table, struct datagram *dg)
{
    for (size_t i = 0; i < BLOCKS; i++) {
        pool_give(&table->blocks, dg->blocks[i]);
        dg->blocks[i] = NULL;
    }
}

/* Keep the entry, so that what still comes of the datagram is swallowed. */
static void drop(struct fragment_table *table, struct datagram *dg)
{
    give_blocks(table, dg);
    dg->is_dropped = true;
}

static void release(struct fragment_table *table, uint32_t number)
{
    struct datagram *dg = &table->datagrams[number];

    give_blocks(table, dg);
    check(table_remove(&table->index, dg->hash, number));
    if (dg->older == TABLE_NONE)
        table->oldest = dg->newer;
    else
        table->datagrams[dg->older].newer = dg->newer;
    if (dg->newer == TABLE_NONE)
        table->newest = dg->older;
    else
        table->datagrams[dg->newer].older = dg->older;
    dg->newer = table->free;
    table->free = number;
}

static bool has_expired(const struct datagram *dg, int64_t now_ns)
{
    uint64_t limit_s = dg->key.version == 4 ? FRAGMENT_IPV4_TIMEOUT_S
                                            : FRAGMENT_IPV6_TIMEOUT_S;

    return now_ns > dg->first_ns &&
           (uint64_t)now_ns - (uint64_t)dg->first_ns > limit_s * second_ns;
}

static uint64_t hash_of(const struct fragment_table *table,
                        const struct fragment_key *key)
{
    uint64_t words[5];

    memcpy(words, key->source.bytes, 16);
    memcpy(words + 2, key->destination.bytes, 16);
    words[4] = (uint64_t)key->identification << 32 |
               (uint64_t)key->version << 24 | (uint64_t)key->protocol << 16 |
               key->vlan;
    return hash_words(table->key, words, COUNT_OF(words));
}

static bool key_equal(const struct fragment_key *a,
                      const struct fragment_key *b)
{
    return a->identification == b->identification &&
           a->version == b->version && a->protocol == b->protocol &&
           a->vlan == b->vlan && ip_equal(a->source, b->source) &&
           ip_equal(a->destination, b->destination);
}

static uint32_t find(const struct fragment_table *table, uint64_t hash,
                     const struct fragment_key *key)
{
    struct table_cursor cursor = table_seek(&table->index, hash);

    for (;;) {
        uint32_t number = table_next(&table->index, &cursor);
        if (number == TABLE_NONE ||
            key_equal(&table->datagrams[number].key, key))
            return number;
    }
}

static uint32_t insert(struct fragment_table *table, uint64_t hash,
                       const struct fragment *part)
{
    if (table->free == TABLE_NONE) {
        table->counters.evicted++;
        release(table, table->oldest);
    }
    uint32_t number = table->free;
    struct datagram *dg = &table->datagrams[number];
    table->free = dg->newer;
    *dg = (struct datagram){
        .key = part->key,
        .hash = hash,
        .first_ns = part->time_ns,
        .older = table->newest,
        .newer = TABLE_NONE,
        .protocol = part->protocol,
        .hole_count = 1,
        .holes = { { 0, FRAGMENT_DATAGRAM_MAX } },
    };
    if (table->newest == TABLE_NONE)
        table->oldest = number;
    else
        table->datagrams[table->newest].newer = number;
    table->newest = number;
    table_insert(&table->index, hash, number);
    return number;
}

static uint32_t find_or_insert(struct fragment_table *table,
                               const struct fragment *part)
{
    uint64_t hash = hash_of(table, &part->key);
    uint32_t number = find(table, hash, &part->key);

    if (number != TABLE_NONE &&
        has_expired(&table->datagrams[number], part->time_ns)) {
        table->counters.timed_out++;
        release(table, number);
        number = TABLE_NONE;
    }
    return number == TABLE_NONE ? insert(table, hash, part) : number;
}

/* A block, if need be that of the oldest datagram but `keep`. */
static uint8_t *take_block(struct fragment_table *table, uint32_t keep)
{
    for (;;) {
        uint8_t *block = pool_take(&table->blocks);
        uint32_t victim = table->oldest;
        if (block)
            return block;
        if (victim == keep)
            victim = table->datagrams[victim].newer;
        if (victim == TABLE_NONE)
            return NULL;
        table->counters.evicted++;
        release(table, victim);
    }
}

static bool take_blocks(struct fragment_table *table, uint32_t number,
                        uint32_t first, uint32_t end)
{
    struct datagram *dg = &table->datagrams[number];

    for (uint32_t i = first / BLOCK_SIZE; i * BLOCK_SIZE < end; i++) {
        if (!dg->blocks[i])
            dg->blocks[i] = take_block(table, number);
        if (!dg->blocks[i])
            return false;
    }
    return true;
}

/* Where byte `at` of the datagram lies, and how many up to `end` lie there. */
static uint8_t *place_of(const struct datagram *dg, uint32_t at, uint32_t end,
                         uint32_t *size)
{
    uint32_t inside = at % BLOCK_SIZE;

    *size = BLOCK_SIZE - inside < end - at ? BLOCK_SIZE - inside : end - at;
    return dg->blocks[at / BLOCK_SIZE] + inside;
}

/* Copy the fragment's bytes first..end-1 (of the datagram) to their place. */
static void write_range(struct datagram *dg, const struct fragment *part,
                        struct hole range)
{
    uint32_t size;

    for (uint32_t at = range.first; at < range.end; at += size) {
        uint8_t *place = place_of(dg, at, range.end, &size);
        struct bytes from = bytes_slice(part->data, at - part->offset, size);
        memcpy(place, from.data, from.size);
    }
}

/* Whether the fragment says what is there; all of it must be there. */
static bool repeats(const struct datagram *dg, const struct fragment *part)
{
    uint32_t end = part->offset + (uint32_t)part->data.size;
    uint32_t size;

    for (uint32_t at = part->offset; at < end; at += size) {
        const uint8_t *place = place_of(dg, at, end, &size);
        struct bytes says = bytes_slice(part->data, at - part->offset, size);
        if (!bytes_equal(bytes_of(place, size), says))
            return false;
    }
    return true;
}

static void assemble(struct fragment_table *table, const struct datagram *dg)
{
    uint32_t size;

    for (uint32_t at = 0; at < dg->size; at += size) {
        const uint8_t *place = place_of(dg, at, dg->size, &size);
        memcpy(table->assembled + at, place, size);
    }
}

/* Put the parts of `hole` that lie outside `filled` back on the list. */
static bool split_hole(struct datagram *dg, struct hole hole,
                       struct hole filled)
{
    unsigned parts = (hole.first < filled.first ? 1u : 0u) +
                     (filled.end < hole.end ? 1u : 0u);

    if (dg->hole_count + parts > FRAGMENT_HOLES_MAX)
        return false;
    if (hole.first < filled.first)
        dg->holes[dg->hole_count++] =
            (struct hole){ hole.first, filled.first };
    if (filled.end < hole.end)
        dg->holes[dg->hole_count++] = (struct hole){ filled.end, hole.end };
    return true;
}

/*
 * RFC 815 section 3: fill the holes the fragment reaches into, and only them,
 * so what came first stands. Walks downwards, so that a hole taken off the
 * list is replaced by one that has been looked at, or is new and does not
 * touch the fragment. The number of bytes filled, or -1: too many holes.
 */
static int fill_holes(struct datagram *dg, const struct fragment *part)
{
    uint32_t end = part->offset + (uint32_t)part->data.size;
    int filled = 0;

    for (unsigned i = dg->hole_count; i > 0; i--) {
        struct hole hole = dg->holes[i - 1];
        if (hole.end <= part->offset || hole.first >= end)
            continue;
        struct hole both = {
            hole.first > part->offset ? hole.first : (uint16_t)part->offset,
            hole.end < end ? hole.end : (uint16_t)end,
        };
        dg->holes[i - 1] = dg->holes[--dg->hole_count];
        if (!split_hole(dg, hole, both))
            return -1;
        write_range(dg, part, both);
        filled += both.end - both.first;
    }
    return filled;
}

/* Whether the fragment's end can be true, given what came before. */
static bool end_is_possible(const struct datagram *dg,
                            const struct fragment *part, uint32_t end)
{
    if (dg->has_end)
        return part->is_last ? end == dg->size : end <= dg->size;
    return !part->is_last || end >= dg->end_seen;
}

/* The last fragment came: nothing is missing from `size` on. */
static void set_end(struct datagram *dg, uint32_t size)
{
    dg->has_end = true;
    dg->size = size;
    for (unsigned i = dg->hole_count; i > 0; i--) {
        struct hole *hole = &dg->holes[i - 1];
        if (hole->end > size)
            hole->end = (uint16_t)size;
        if (hole->first >= hole->end)
            *hole = dg->holes[--dg->hole_count];
    }
}

/* Add the fragment's bytes; false when the datagram is given up. */
static bool add_bytes(struct fragment_table *table, struct datagram *dg,
                      const struct fragment *part,
                      struct fragment_result *result)
{
    int filled = fill_holes(dg, part);

    result->is_refused = filled < 0;
    if (filled < 0)
        return false;
    bool is_repeat = filled == 0 && repeats(dg, part);
    result->has_overlap = !is_repeat && (size_t)filled < part->data.size;
    if (part->key.version == 6 && result->has_overlap)
        return false;
    if (part->is_last && !dg->has_end)
        set_end(dg, part->offset + (uint32_t)part->data.size);
    if (dg->hole_count > 0 || !dg->has_end)
        return true;
    assemble(table, dg);
    result->is_complete = true;
    result->protocol = dg->protocol;
    result->datagram = bytes_of(table->assembled, dg->size);
    return true;
}

struct fragment_result fragment_table_insert(struct fragment_table *table,
                                             const struct fragment *part)
{
    struct fragment_result result = { 0 };
    uint32_t number = find_or_insert(table, part);
    struct datagram *dg = &table->datagrams[number];
    uint32_t end = part->offset + (uint32_t)part->data.size;

    check(end <= FRAGMENT_DATAGRAM_MAX);
    table->counters.fragments++;
    if (dg->is_dropped)
        return result;
    result.is_contradiction = !end_is_possible(dg, part, end);
    result.is_refused = !result.is_contradiction &&
                        !take_blocks(table, number, part->offset, end);
    if (result.is_contradiction || result.is_refused ||
        !add_bytes(table, dg, part, &result))
        drop(table, dg);
    table->counters.refused += result.is_refused;
    if (part->offset == 0)
        dg->protocol = part->protocol;
    if (end > dg->end_seen)
        dg->end_seen = end;
    if (result.is_complete) {
        table->counters.completed++;
        result.protocol = dg->protocol;
        release(table, number);
    }
    return result;
}
