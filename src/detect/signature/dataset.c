/* SPDX-License-Identifier: Apache-2.0 */
#include "detect/signature/dataset.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/memory.h"
#include "base/table.h"

struct member {
    struct bytes value;
    uint16_t reputation;
    bool is_present;
};

struct dataset {
    struct arena arena;
    struct table index;
    struct member *members;
    size_t count;
    size_t capacity;
    size_t present;
    size_t added;
    uint64_t refused;
    struct hash_key key;
    char *name;
    uint8_t *room;         /* For values that are added. */
};

struct dataset *dataset_new(const char *name)
{
    struct dataset *set = memory_new(1, sizeof *set);

    arena_init(&set->arena);
    table_init(&set->index, 16);
    set->name = memory_copy_text(bytes_of_text(name));
    /* Values come from files and from traffic: the place of each is chosen by
     * where this set is, which no sender knows. */
    set->key = (struct hash_key){ (uint64_t)(uintptr_t)set,
                                  (uint64_t)(uintptr_t)set->name };
    return set;
}

void dataset_free(struct dataset *set)
{
    if (!set)
        return;
    arena_clear(&set->arena);
    table_clear(&set->index);
    free(set->members);
    free(set->room);
    free(set->name);
    free(set);
}

const char *dataset_name(const struct dataset *set)
{
    return set->name;
}

size_t dataset_count(const struct dataset *set)
{
    return set->present;
}

uint64_t dataset_refused(const struct dataset *set)
{
    return set->refused;
}

static struct member *find(const struct dataset *set, struct bytes value)
{
    struct table_cursor cursor =
        table_seek(&set->index, hash_bytes(set->key, value));
    uint32_t at;

    while ((at = table_next(&set->index, &cursor)) != TABLE_NONE)
        if (bytes_equal(set->members[at].value, value))
            return &set->members[at];
    return NULL;
}

static void enter(struct dataset *set, struct bytes value, uint16_t reputation)
{
    set->members[set->count] = (struct member){ value, reputation, true };
    table_insert(&set->index, hash_bytes(set->key, value),
                 (uint32_t)set->count);
    set->count++;
    set->present++;
}

bool dataset_load_value(struct dataset *set, struct bytes value,
                        uint16_t reputation)
{
    if (find(set, value))
        return true;
    if (set->count >= DATASET_VALUE_MAX)
        return false;
    if (set->count == set->capacity) {
        set->capacity = set->capacity ? set->capacity * 2 : 16;
        set->members =
            memory_resize(set->members, set->capacity, sizeof *set->members);
    }
    enter(set, arena_copy(&set->arena, value), reputation);
    return true;
}

void dataset_make_room(struct dataset *set)
{
    if (set->room)
        return;
    set->room = memory_new(DATASET_ADDED_MAX, DATASET_ADDED_SIZE_MAX);
    set->capacity = set->count + DATASET_ADDED_MAX;
    set->members =
        memory_resize(set->members, set->capacity, sizeof *set->members);
    table_clear(&set->index);
    table_init(&set->index, set->capacity);
    for (size_t i = 0; i < set->count; i++)
        table_insert(&set->index,
                     hash_bytes(set->key, set->members[i].value),
                     (uint32_t)i);
}

bool dataset_add(struct dataset *set, struct bytes value)
{
    struct member *member = find(set, value);

    if (member) {
        set->present += !member->is_present;
        member->is_present = true;
        return true;
    }
    if (!set->room || set->added >= DATASET_ADDED_MAX ||
        value.size > DATASET_ADDED_SIZE_MAX) {
        set->refused++;
        return false;
    }
    uint8_t *copy = set->room + set->added++ * DATASET_ADDED_SIZE_MAX;
    if (value.size > 0)
        memcpy(copy, value.data, value.size);
    enter(set, bytes_of(copy, value.size), 0);
    return true;
}

bool dataset_remove(struct dataset *set, struct bytes value)
{
    struct member *member = find(set, value);

    if (!member || !member->is_present)
        return false;
    member->is_present = false;
    set->present--;
    return true;
}

bool dataset_has(const struct dataset *set, struct bytes value,
                 uint16_t *reputation)
{
    const struct member *member = find(set, value);

    if (!member || !member->is_present)
        return false;
    *reputation = member->reputation;
    return true;
}
