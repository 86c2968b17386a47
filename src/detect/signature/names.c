/* SPDX-License-Identifier: Apache-2.0 */
#include "detect/signature/names.h"

#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/memory.h"

/* The keys come from rules and the table is fixed when they are read: there is
 * nothing that a sender could fill, so that the key need not be secret. */
static const struct hash_key fixed_key = { 0x6e616d6573, 0x72756c6573 };

struct name_entry {
    uint32_t first;       /* Of its bytes. */
    uint32_t rules;       /* Of its rules; 0 count: an empty place. */
    uint16_t rule_count;
    uint16_t size;
    uint32_t tag;         /* High half of its hash. */
};

struct name_set {
    struct name_entry *entries;
    size_t mask;
    uint8_t *bytes;
    uint32_t *rules;
    size_t byte_count;
    size_t rule_count;
    unsigned dots_max;    /* Of the suffix with most. */
};

static uint8_t lower(uint8_t byte)
{
    return byte >= 'A' && byte <= 'Z' ? byte | 0x20 : byte;
}

static int compare_names(const void *a, const void *b)
{
    const struct name_rule *x = a;
    const struct name_rule *y = b;
    int order = bytes_compare(x->name, y->name);

    return order ? order : (x->rule > y->rule) - (x->rule < y->rule);
}

static struct name_entry *seek(const struct name_set *set, struct bytes name)
{
    uint64_t hash = hash_bytes(fixed_key, name);
    uint32_t tag = (uint32_t)(hash >> 32);
    size_t at = hash & set->mask;

    while (set->entries[at].rule_count > 0) {
        struct name_entry *entry = &set->entries[at];
        if (entry->tag == tag && entry->size == name.size &&
            memcmp(set->bytes + entry->first, name.data, name.size) == 0)
            return entry;
        at = (at + 1) & set->mask;
    }
    return &set->entries[at];
}

static unsigned count_dots(struct bytes name)
{
    unsigned dots = 0;

    for (size_t i = 0; i < name.size; i++)
        dots += name.data[i] == '.';
    return dots;
}

/* The first rule of a name makes its entry; the names come sorted. */
static void enter(struct name_set *set, const struct name_rule *rule)
{
    struct name_entry *entry = seek(set, rule->name);

    if (entry->rule_count == 0) {
        entry->first = (uint32_t)(rule->name.data - set->bytes);
        entry->rules = (uint32_t)set->rule_count;
        entry->size = (uint16_t)rule->name.size;
        entry->tag = (uint32_t)(hash_bytes(fixed_key, rule->name) >> 32);
        unsigned dots = count_dots(rule->name);
        if (dots > set->dots_max)
            set->dots_max = dots;
    }
    if (entry->rule_count == UINT16_MAX)
        return; /* Equal rules by the ten thousand are one and the same. */
    entry->rule_count++;
    set->rules[set->rule_count++] = rule->rule;
}

/* Lower-case copies of the names, and those sorted. */
static struct name_rule *copy_names(struct name_set *set,
                                    const struct name_rule *names,
                                    size_t count)
{
    struct name_rule *sorted = memory_new(count, sizeof *sorted);
    size_t used = 0;

    for (size_t i = 0; i < count; i++) {
        struct bytes name = names[i].name;
        for (size_t k = 0; k < name.size; k++)
            set->bytes[used + k] = lower(name.data[k]);
        sorted[i].name = bytes_of(set->bytes + used, name.size);
        sorted[i].rule = names[i].rule;
        used += name.size;
    }
    qsort(sorted, count, sizeof *sorted, compare_names);
    return sorted;
}

struct name_set *name_set_new(const struct name_rule *names, size_t count)
{
    if (count == 0)
        return NULL;
    struct name_set *set = memory_new(1, sizeof *set);
    size_t places = 16;

    for (size_t i = 0; i < count; i++)
        set->byte_count += names[i].name.size;
    while (places < count * 2)
        places *= 2;
    set->mask = places - 1;
    set->entries = memory_new(places, sizeof *set->entries);
    set->bytes = memory_new(set->byte_count + 1, 1);
    set->rules = memory_new(count, sizeof *set->rules);
    struct name_rule *sorted = copy_names(set, names, count);
    for (size_t i = 0; i < count; i++)
        enter(set, &sorted[i]);
    free(sorted);
    return set;
}

void name_set_free(struct name_set *set)
{
    if (!set)
        return;
    free(set->entries);
    free(set->bytes);
    free(set->rules);
    free(set);
}

size_t name_set_memory(const struct name_set *set)
{
    if (!set)
        return 0;
    return sizeof *set + (set->mask + 1) * sizeof *set->entries +
           set->byte_count + set->rule_count * sizeof *set->rules;
}

static void find_one(const struct name_set *set, struct bytes name,
                     struct candidates *found)
{
    const struct name_entry *entry = seek(set, name);

    if (entry->rule_count > 0)
        candidates_add_all(found, set->rules + entry->rules,
                           entry->rule_count);
}

/* Of a long name only the end can be a suffix that is known. */
void name_set_find(const struct name_set *set, struct bytes data,
                   struct candidates *found)
{
    uint8_t folded[NAME_SIZE_MAX];
    unsigned dots = 0;

    if (!set || data.size == 0)
        return;
    bool is_whole = data.size <= NAME_SIZE_MAX;
    if (!is_whole)
        data = bytes_slice(data, data.size - NAME_SIZE_MAX, NAME_SIZE_MAX);
    for (size_t i = 0; i < data.size; i++)
        folded[i] = lower(data.data[i]);
    if (is_whole && folded[0] != '.')
        find_one(set, bytes_of(folded, data.size), found);
    for (size_t at = data.size; at > 0 && dots < set->dots_max; at--) {
        if (folded[at - 1] != '.')
            continue;
        find_one(set, bytes_of(folded + at - 1, data.size - at + 1), found);
        dots++;
    }
}
