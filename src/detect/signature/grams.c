/* SPDX-License-Identifier: Apache-2.0 */
#include "detect/signature/grams.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

enum {
    BITMAP_BITS_MIN = 9,
    BITMAP_BITS_MAX = 18,    /* 32 KiB: the first cache. */
    BITMAP_BITS_PER_GRAM = 4, /* Sixteen bits of the map a pattern. */
    FREQUENCY_BITS = 12,
    CHAIN_COST = 8,          /* Of each pattern that shares the gram. */
};

#define GRAM_FOLD UINT32_C(0x20202020)
#define GRAM_MULTIPLIER UINT32_C(0x9e3779b1)

/* One pattern, whoever asks for it. */
struct part {
    uint32_t gram;
    uint32_t first;      /* Of its bytes. */
    uint32_t rules;      /* Of its rules. */
    uint32_t rule_count;
    uint8_t size;
    uint8_t gram_at;     /* Where in it the gram stands. */
    bool is_nocase;
};

struct gram_filter {
    uint64_t *bitmap;
    uint32_t *starts;    /* Of each bucket in `parts`; one more at the end. */
    struct part *parts;  /* By bucket. */
    uint8_t *bytes;
    uint32_t *rules;
    uint32_t part_count;
    uint32_t byte_count;
    uint32_t rule_count;
    unsigned bitmap_shift;
    unsigned bucket_shift;
    size_t chain_max;
};

static const uint8_t frequencies[1 << FREQUENCY_BITS] = {
#include "detect/signature/gram_frequency.def"
};

static uint32_t gram_at(const uint8_t *data)
{
    uint32_t gram;

    memcpy(&gram, data, sizeof gram);
    return gram | GRAM_FOLD;
}

uint8_t gram_frequency_sent(uint32_t gram)
{
    return frequencies[(gram * GRAM_MULTIPLIER) >> (32 - FREQUENCY_BITS)];
}

/* Of a gram as this machine loads it. */
static uint8_t gram_frequency(uint32_t gram)
{
    uint8_t bytes[GRAM_SIZE];

    memcpy(bytes, &gram, sizeof gram);
    return gram_frequency_sent(
        (uint32_t)bytes[0] | (uint32_t)bytes[1] << 8 |
        (uint32_t)bytes[2] << 16 | (uint32_t)bytes[3] << 24);
}

static int compare_patterns(const void *a, const void *b)
{
    const struct gram_pattern *x = a;
    const struct gram_pattern *y = b;

    if (x->is_nocase != y->is_nocase)
        return x->is_nocase ? 1 : -1;
    int order = bytes_compare(x->data, y->data);
    return order ? order : (x->rule > y->rule) - (x->rule < y->rule);
}

static bool same_pattern(const struct gram_pattern *a,
                         const struct gram_pattern *b)
{
    return a->is_nocase == b->is_nocase && bytes_equal(a->data, b->data);
}

static unsigned bits_for(size_t count)
{
    unsigned bits = BITMAP_BITS_MIN;

    while (bits < BITMAP_BITS_MAX &&
           (size_t)1 << bits < count << BITMAP_BITS_PER_GRAM)
        bits++;
    return bits;
}

/* The rarest gram, and rather one that few other patterns stand under. */
static size_t choose_gram(const struct gram_filter *filter,
                          const uint16_t *chains, struct bytes data)
{
    size_t best = 0;
    unsigned best_cost = UINT32_MAX;

    for (size_t at = 0; at + GRAM_SIZE <= data.size; at++) {
        uint32_t gram = gram_at(data.data + at);
        uint16_t chain =
            chains[(gram * GRAM_MULTIPLIER) >> filter->bucket_shift];
        unsigned cost = gram_frequency(gram) + (unsigned)chain * CHAIN_COST;
        if (chain >= GRAM_CHAIN_MAX)
            cost += 1u << 20;
        if (cost < best_cost) {
            best_cost = cost;
            best = at;
        }
    }
    return best;
}

static void enter(struct gram_filter *filter, uint16_t *chains,
                  const struct gram_pattern *pattern)
{
    struct part *part = &filter->parts[filter->part_count++];
    size_t at = choose_gram(filter, chains, pattern->data);
    size_t from = at > GRAM_PART_MAX / 2 ? at - GRAM_PART_MAX / 2 : 0;
    struct bytes kept = bytes_slice(pattern->data, from, GRAM_PART_MAX);

    *part = (struct part){
        .gram = gram_at(pattern->data.data + at),
        .first = filter->byte_count,
        .rules = filter->rule_count,
        .size = (uint8_t)kept.size,
        .gram_at = (uint8_t)(at - from),
        .is_nocase = pattern->is_nocase,
    };
    memcpy(filter->bytes + filter->byte_count, kept.data, kept.size);
    filter->byte_count += (uint32_t)kept.size;
    uint32_t hash = part->gram * GRAM_MULTIPLIER;
    chains[hash >> filter->bucket_shift]++;
    uint32_t bit = hash >> filter->bitmap_shift;
    filter->bitmap[bit / 64] |= UINT64_C(1) << bit % 64;
}

/* Parts in the order of their buckets, by counting. */
static void order_parts(struct gram_filter *filter, const uint16_t *chains)
{
    size_t buckets = (size_t)1 << (32 - filter->bucket_shift);
    struct part *ordered = memory_new(filter->part_count, sizeof *ordered);
    uint32_t *next = memory_new(buckets, sizeof *next);
    uint32_t start = 0;

    for (size_t i = 0; i < buckets; i++) {
        filter->starts[i] = next[i] = start;
        start += chains[i];
        if (chains[i] > filter->chain_max)
            filter->chain_max = chains[i];
    }
    filter->starts[buckets] = start;
    for (uint32_t i = 0; i < filter->part_count; i++) {
        uint32_t hash = filter->parts[i].gram * GRAM_MULTIPLIER;
        ordered[next[hash >> filter->bucket_shift]++] = filter->parts[i];
    }
    free(filter->parts);
    free(next);
    filter->parts = ordered;
}

static void fill(struct gram_filter *filter, struct gram_pattern *patterns,
                 size_t count)
{
    size_t buckets = (size_t)1 << (32 - filter->bucket_shift);
    uint16_t *chains = memory_new(buckets, sizeof *chains);

    for (size_t i = 0; i < count; i++) {
        if (i == 0 || !same_pattern(&patterns[i], &patterns[i - 1]))
            enter(filter, chains, &patterns[i]);
        struct part *part = &filter->parts[filter->part_count - 1];
        if (part->rule_count > 0 &&
            filter->rules[filter->rule_count - 1] == patterns[i].rule)
            continue;
        filter->rules[filter->rule_count++] = patterns[i].rule;
        part->rule_count++;
    }
    order_parts(filter, chains);
    free(chains);
}

struct gram_filter *gram_filter_new(const struct gram_pattern *patterns,
                                    size_t count)
{
    if (count == 0)
        return NULL;
    struct gram_filter *filter = memory_new(1, sizeof *filter);
    struct gram_pattern *sorted = memory_new(count, sizeof *sorted);
    unsigned bits = bits_for(count);
    unsigned bucket_bits = bits - BITMAP_BITS_PER_GRAM + 1;

    memcpy(sorted, patterns, count * sizeof *sorted);
    qsort(sorted, count, sizeof *sorted, compare_patterns);
    filter->bitmap_shift = 32 - bits;
    filter->bucket_shift = 32 - bucket_bits;
    filter->bitmap = memory_new(((size_t)1 << bits) / 64, sizeof(uint64_t));
    filter->starts =
        memory_new(((size_t)1 << bucket_bits) + 1, sizeof *filter->starts);
    filter->parts = memory_new(count, sizeof *filter->parts);
    filter->bytes = memory_new(count, GRAM_PART_MAX);
    filter->rules = memory_new(count, sizeof *filter->rules);
    fill(filter, sorted, count);
    filter->bytes = memory_resize(filter->bytes, filter->byte_count, 1);
    free(sorted);
    return filter;
}

void gram_filter_free(struct gram_filter *filter)
{
    if (!filter)
        return;
    free(filter->bitmap);
    free(filter->starts);
    free(filter->parts);
    free(filter->bytes);
    free(filter->rules);
    free(filter);
}

size_t gram_filter_memory(const struct gram_filter *filter)
{
    if (!filter)
        return 0;
    return sizeof *filter + ((size_t)1 << (32 - filter->bitmap_shift)) / 8 +
           (((size_t)1 << (32 - filter->bucket_shift)) + 1) *
               sizeof *filter->starts +
           filter->part_count * sizeof *filter->parts + filter->byte_count +
           filter->rule_count * sizeof *filter->rules;
}

size_t gram_filter_chain(const struct gram_filter *filter)
{
    return filter ? filter->chain_max : 0;
}

/* Does this part of a pattern stand around the gram at `at`? */
static bool part_stands(const struct gram_filter *filter,
                        const struct part *part, struct bytes data, size_t at)
{
    if (at < part->gram_at || data.size - (at - part->gram_at) < part->size)
        return false;
    struct bytes there =
        bytes_slice(data, at - part->gram_at, part->size);
    struct bytes wanted = { filter->bytes + part->first, part->size };
    return part->is_nocase ? bytes_equal_nocase(there, wanted)
                           : memcmp(there.data, wanted.data, part->size) == 0;
}

/* The patterns under one gram; answers how many were compared. */
static uint32_t look_up(const struct gram_filter *filter, struct bytes data,
                        size_t at, size_t from, struct candidates *found)
{
    uint32_t gram = gram_at(data.data + at);
    uint32_t bucket = (gram * GRAM_MULTIPLIER) >> filter->bucket_shift;
    uint32_t end = filter->starts[bucket + 1];

    for (uint32_t i = filter->starts[bucket]; i < end; i++) {
        const struct part *part = &filter->parts[i];
        if (part->gram != gram || at + part->size <= from + part->gram_at)
            continue;
        if (part_stands(filter, part, data, at))
            candidates_add_all(found, filter->rules + part->rules,
                               part->rule_count);
    }
    return 1 + end - filter->starts[bucket];
}

static inline bool may_start(const struct gram_filter *filter,
                             const uint8_t *data)
{
    uint32_t bit = (gram_at(data) * GRAM_MULTIPLIER) >> filter->bitmap_shift;

    return filter->bitmap[bit / 64] >> bit % 64 & 1;
}

void gram_filter_scan(const struct gram_filter *filter, struct bytes data,
                      size_t from, struct candidates *found)
{
    if (!filter || data.size < GRAM_SIZE)
        return;
    size_t left = GRAM_COMPARE_MIN + data.size * GRAM_COMPARE_PER_BYTE;
    size_t at = from > GRAM_PART_MAX ? from - GRAM_PART_MAX : 0;
    size_t end = data.size - GRAM_SIZE + 1;

    for (; at < end; at++) {
        if (LIKELY(!may_start(filter, data.data + at)))
            continue;
        uint32_t compared = look_up(filter, data, at, from, found);
        if (compared > left) {
            found->stopped++;
            return;
        }
        left -= compared;
    }
}
