/* SPDX-License-Identifier: Apache-2.0 */
#include "evidence/evidence.h"

#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "base/hash.h"
#include "base/memory.h"
#include "base/table.h"
#include "evidence/blocks.h"

/* One kept frame. A free entry's `next_free` leads to the next one. */
struct entry {
    struct frame_mark mark;
    uint32_t holders; /* 0: free. */
    uint32_t next_free;
    uint16_t block;   /* BLOCK_NONE for a frame without bytes. */
    uint8_t order;
};

struct evidence_store {
    struct blocks blocks;
    struct table by_number;
    struct entry *entries;  /* EVIDENCE_COUNT_MAX; an id is its place + 1. */
    uint32_t entries_used;
    uint32_t first_free;    /* Id, EVIDENCE_NONE when there is none. */
    size_t bytes_max;
    uint32_t entries_held;
    struct evidence_counters counters;
};

/* Frame numbers are our own counter, so no outsider chooses the key. */
static uint64_t number_hash(uint64_t number)
{
    return hash_words((struct hash_key){ 0 }, &number, 1);
}

struct evidence_store *evidence_store_new(size_t bytes_max)
{
    struct evidence_store *store = memory_new(1, sizeof *store);

    store->bytes_max = bytes_max;
    blocks_init(&store->blocks, bytes_max);
    table_init(&store->by_number, 64);
    store->entries = memory_new(EVIDENCE_COUNT_MAX, sizeof *store->entries);
    return store;
}

void evidence_store_free(struct evidence_store *store)
{
    if (!store)
        return;
    blocks_clear(&store->blocks);
    table_clear(&store->by_number);
    free(store->entries);
    free(store);
}

static struct entry *entry_of(const struct evidence_store *store, uint32_t id)
{
    check(id != EVIDENCE_NONE);
    check(id <= store->entries_used);
    struct entry *entry = &store->entries[id - 1];
    check(entry->holders > 0);
    return entry;
}

/* The id that frame `number` is kept under, or EVIDENCE_NONE. */
static uint32_t find(const struct evidence_store *store, uint64_t number)
{
    struct table_cursor cursor =
        table_seek(&store->by_number, number_hash(number));
    uint32_t id = table_next(&store->by_number, &cursor);

    while (id != TABLE_NONE) {
        if (store->entries[id - 1].mark.number == number)
            return id;
        id = table_next(&store->by_number, &cursor);
    }
    return EVIDENCE_NONE;
}

static uint32_t take_entry(struct evidence_store *store)
{
    uint32_t id = store->first_free;

    if (id != EVIDENCE_NONE) {
        store->first_free = store->entries[id - 1].next_free;
        return id;
    }
    if (store->entries_used == EVIDENCE_COUNT_MAX)
        return EVIDENCE_NONE;
    return ++store->entries_used;
}

static void give_entry(struct evidence_store *store, uint32_t id)
{
    store->entries[id - 1] =
        (struct entry){ .next_free = store->first_free };
    store->first_free = id;
}

/* A block with a copy of the frame's bytes; false when there is no room. */
static bool copy_bytes(struct evidence_store *store, struct bytes data,
                       struct entry *entry)
{
    unsigned order = block_order(data.size);

    entry->block = BLOCK_NONE;
    if (data.size == 0)
        return true;
    if (order >= BLOCK_ORDER_COUNT)
        return false;
    entry->order = (uint8_t)order;
    entry->block = blocks_take(&store->blocks, order);
    if (entry->block == BLOCK_NONE)
        return false;
    memcpy(blocks_at(&store->blocks, entry->block), data.data, data.size);
    store->counters.bytes += (size_t)BLOCK_SIZE_MIN << order;
    return true;
}

uint32_t evidence_keep(struct evidence_store *store, const struct frame *frame)
{
    uint32_t id = find(store, frame->mark.number);

    if (id != EVIDENCE_NONE) {
        evidence_hold(store, id);
        return id;
    }
    id = take_entry(store);
    if (id == EVIDENCE_NONE) {
        store->counters.refused++;
        return EVIDENCE_NONE;
    }
    struct entry *entry = &store->entries[id - 1];
    *entry = (struct entry){ .mark = frame->mark, .holders = 1 };
    entry->mark.captured_size = (uint32_t)frame->data.size;
    if (!copy_bytes(store, frame->data, entry)) {
        give_entry(store, id);
        store->counters.refused++;
        return EVIDENCE_NONE;
    }
    table_insert(&store->by_number, number_hash(entry->mark.number), id);
    store->counters.kept++;
    store->entries_held++;
    return id;
}

/* One frame of a scene: held already, or copied from the history. */
static uint32_t keep_mark(const struct evidence_scene *scene,
                          const struct frame_mark *mark)
{
    struct frame frame;
    uint32_t id = find(scene->store, mark->number);

    if (id != EVIDENCE_NONE) {
        evidence_hold(scene->store, id);
        return id;
    }
    if (!scene->capture || !capture_recall(scene->capture, mark, &frame)) {
        scene->store->counters.missed++;
        return EVIDENCE_NONE;
    }
    return evidence_keep(scene->store, &frame);
}

size_t evidence_keep_scene(const struct evidence_scene *scene, uint32_t *ids,
                           size_t ids_max)
{
    uint32_t newest_first[EVIDENCE_SCENE_MAX];
    size_t count = 0;

    if (!scene || !scene->store)
        return 0;
    if (ids_max > EVIDENCE_SCENE_MAX)
        ids_max = EVIDENCE_SCENE_MAX;
    for (size_t i = scene->kept_count; i > 0 && count < ids_max; i--) {
        evidence_hold(scene->store, scene->kept[i - 1]);
        newest_first[count++] = scene->kept[i - 1];
    }
    for (size_t i = scene->count; i > 0 && count < ids_max; i--) {
        uint32_t id = keep_mark(scene, &scene->marks[i - 1]);
        if (id != EVIDENCE_NONE)
            newest_first[count++] = id;
    }
    for (size_t i = 0; i < count; i++)
        ids[i] = newest_first[count - 1 - i];
    return count;
}

void evidence_hold(struct evidence_store *store, uint32_t id)
{
    if (id == EVIDENCE_NONE)
        return;
    struct entry *entry = entry_of(store, id);
    check(entry->holders < UINT32_MAX);
    entry->holders++;
}

void evidence_drop(struct evidence_store *store, uint32_t id)
{
    if (id == EVIDENCE_NONE)
        return;
    struct entry *entry = entry_of(store, id);
    if (--entry->holders > 0)
        return;
    store->entries_held--;
    (void)table_remove(&store->by_number, number_hash(entry->mark.number),
                       id); /* It was put there when it was kept. */
    if (entry->block != BLOCK_NONE) {
        blocks_give(&store->blocks, entry->block, entry->order);
        store->counters.bytes -= (size_t)BLOCK_SIZE_MIN << entry->order;
    }
    give_entry(store, id);
}

void evidence_read(const struct evidence_store *store, uint32_t id,
                   struct frame *frame)
{
    const struct entry *entry = entry_of(store, id);

    frame->mark = entry->mark;
    frame->data = (struct bytes){ 0 };
    if (entry->block != BLOCK_NONE)
        frame->data = bytes_of(blocks_at(&store->blocks, entry->block),
                               entry->mark.captured_size);
}

bool evidence_is_scarce(const struct evidence_store *store)
{
    return store->counters.bytes > store->bytes_max / 2 ||
           store->entries_held > EVIDENCE_COUNT_MAX / 2;
}

void evidence_read_counters(const struct evidence_store *store,
                            struct evidence_counters *counters)
{
    *counters = store->counters;
}
