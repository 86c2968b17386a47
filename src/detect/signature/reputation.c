/* SPDX-License-Identifier: Apache-2.0 */
#include "detect/signature/reputation.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "detect/signature/part.h"

enum { PREFIX_LENGTH_MAX = 128 };

struct entry {
    struct ip_prefix prefix;
    uint8_t category;
    uint8_t score;
};

struct reputations {
    char *names[REPUTATION_CATEGORY_MAX + 1];
    struct entry *entries;
    size_t count;
    size_t capacity;
};

struct reputations *reputations_new(void)
{
    return memory_new(1, sizeof(struct reputations));
}

void reputations_free(struct reputations *all)
{
    if (!all)
        return;
    for (size_t i = 0; i < COUNT_OF(all->names); i++)
        free(all->names[i]);
    free(all->entries);
    free(all);
}

bool reputations_read_category(struct reputations *all, struct bytes line)
{
    struct bytes number, name;
    uint64_t category;

    if (!part_next(&line, ',', &number) || !part_next(&line, ',', &name) ||
        !part_number(number, REPUTATION_CATEGORY_MAX, &category) ||
        category == 0 || name.size == 0)
        return false;
    free(all->names[category]);
    all->names[category] = memory_copy_text(name);
    return true;
}

bool reputations_read_entry(struct reputations *all, struct bytes line)
{
    struct bytes address, number, value;
    struct entry entry;
    uint64_t category, score;

    if (!part_next(&line, ',', &address) || !part_next(&line, ',', &number) ||
        !part_next(&line, ',', &value) ||
        !ip_prefix_parse(address, &entry.prefix) ||
        !part_number(number, REPUTATION_CATEGORY_MAX, &category) ||
        category == 0 || !part_number(value, REPUTATION_SCORE_MAX, &score) ||
        all->count == REPUTATION_ENTRY_MAX)
        return false;
    entry.category = (uint8_t)category;
    entry.score = (uint8_t)score;
    if (all->count == all->capacity) {
        all->capacity = all->capacity * 2 + 256;
        all->entries = memory_resize(all->entries, all->capacity,
                                     sizeof *all->entries);
    }
    all->entries[all->count++] = entry;
    return true;
}

uint8_t reputations_category(const struct reputations *all,
                             struct bytes name)
{
    for (uint8_t i = 1; i <= REPUTATION_CATEGORY_MAX; i++)
        if (all->names[i] && part_is(name, all->names[i]))
            return i;
    return 0;
}

static bool compares(uint8_t score, enum comparison comparison, uint8_t with)
{
    switch (comparison) {
    case IS_EQUAL:
        return score == with;
    case IS_NOT_EQUAL:
        return score != with;
    case IS_LESS:
        return score < with;
    case IS_LESS_OR_EQUAL:
        return score <= with;
    case IS_GREATER:
        return score > with;
    case IS_GREATER_OR_EQUAL:
        break;
    }
    return score >= with;
}

/* What holds and what does not, of the entries of one prefix length. */
struct layer {
    struct span_list yes;
    struct span_list no;
};

static void add_layer(struct span_list *result, struct layer *layer)
{
    struct span all = { 0 };

    memset(all.high.bytes, 0xff, sizeof all.high.bytes);
    span_list_sort(&layer->yes);
    span_list_sort(&layer->no);
    struct span_list others = span_list_complement(&layer->no, all);
    struct span_list kept = span_list_both(result, &others);
    for (uint32_t i = 0; i < layer->yes.count; i++)
        (void)span_list_add(&kept, layer->yes.spans[i], UINT32_MAX);
    span_list_sort(&kept);
    span_list_clear(&others);
    span_list_clear(&layer->yes);
    span_list_clear(&layer->no);
    span_list_clear(result);
    *result = kept;
}

struct span_list reputations_find(const struct reputations *all,
                                  uint8_t category,
                                  enum comparison comparison, uint8_t score)
{
    struct layer layers[PREFIX_LENGTH_MAX + 1];
    struct span_list result = { 0 };

    memset(layers, 0, sizeof layers);
    for (size_t i = 0; i < all->count; i++) {
        const struct entry *entry = &all->entries[i];
        struct layer *layer = &layers[entry->prefix.length];
        if (entry->category != category)
            continue;
        bool holds = compares(entry->score, comparison, score);
        (void)span_list_add(holds ? &layer->yes : &layer->no,
                            span_of_prefix(entry->prefix),
                            REPUTATION_ENTRY_MAX); /* Never more. */
    }
    for (size_t i = 0; i < COUNT_OF(layers); i++)
        if (layers[i].yes.count + layers[i].no.count > 0)
            add_layer(&result, &layers[i]);
    return result;
}
