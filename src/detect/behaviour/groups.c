/* SPDX-License-Identifier: Apache-2.0 */
#include "detect/behaviour/groups.h"

#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "base/memory.h"

enum { GROUP_TEXT_MAX = 1024 }; /* Of the values shown in an alert. */

struct groups *groups_new(const struct behaviour *behaviour,
                          struct evidence_store *store)
{
    struct groups *groups = memory_new(1, sizeof *groups);

    groups->behaviour = behaviour;
    groups->store = store;
    size_t count = behaviour->correlation_count > 0 ? GROUP_MAX : 1;
    groups->groups = memory_new(count, sizeof *groups->groups);
    groups->first_free = GROUP_NONE;
    groups->orders = memory_new(behaviour->correlation_count + 1,
                                sizeof *groups->orders);
    for (size_t i = 0; i < behaviour->correlation_count; i++)
        groups->orders[i] = (struct group_order){ GROUP_NONE, GROUP_NONE };
    groups->heard =
        memory_new(behaviour->rule_count + 1, sizeof *groups->heard);
    table_init(&groups->by_key, 64);
    pool_init(&groups->chunks, sizeof(struct chunk), CHUNK_MAX);
    writer_init(&groups->text, GROUP_TEXT_MAX);
    return groups;
}

void groups_free(struct groups *groups)
{
    if (!groups)
        return;
    for (uint32_t i = 0; i < groups->used; i++)
        if (groups->groups[i].correlation)
            group_restart(groups, &groups->groups[i]);
    table_clear(&groups->by_key);
    pool_clear(&groups->chunks);
    writer_clear(&groups->text);
    free(groups->heard);
    free(groups->orders);
    free(groups->groups);
    free(groups);
}

struct slot *group_slot(struct group *group, size_t index)
{
    struct chunk *chunk = group->head;

    check(index < group->slot_count);
    index += group->head_at;
    for (; index >= CHUNK_SLOTS; index -= CHUNK_SLOTS)
        chunk = chunk->next;
    return &chunk->slots[index];
}

void slot_forget(struct groups *groups, struct slot *slot)
{
    for (size_t i = 0; i < SLOT_EVIDENCE_MAX; i++)
        if (slot->evidence[i] != EVIDENCE_NONE)
            evidence_drop(groups->store, slot->evidence[i]);
    *slot = (struct slot){ 0 };
}

void group_pop(struct groups *groups, struct group *group)
{
    struct chunk *head = group->head;
    struct slot *slot = &head->slots[group->head_at];

    if (group->correlation->type == CORRELATION_EVENT_COUNT)
        group->in_window -= slot->value;
    slot_forget(groups, slot);
    group->slot_count--;
    group->head_at++;
    if (group->head_at < CHUNK_SLOTS && group->slot_count > 0)
        return;
    group->head = head->next;
    group->head_at = 0;
    if (!group->head)
        group->tail = NULL;
    pool_give(&groups->chunks, head);
}

/* Forget what was counted, but not the group. */
void group_restart(struct groups *groups, struct group *group)
{
    while (group->slot_count > 0)
        group_pop(groups, group);
    group->count = 0;
    group->in_window = 0;
    group->next_count = 0;
}

static uint32_t number_of(const struct groups *groups,
                          const struct group *group)
{
    return (uint32_t)(group - groups->groups);
}

static void unlink_group(struct groups *groups, const struct group *group)
{
    struct group_order *order = &groups->orders[group->correlation->order];

    if (group->newer != GROUP_NONE)
        groups->groups[group->newer].older = group->older;
    else
        order->newest = group->older;
    if (group->older != GROUP_NONE)
        groups->groups[group->older].newer = group->newer;
    else
        order->oldest = group->newer;
}

static void link_newest(struct groups *groups, struct group *group)
{
    struct group_order *order = &groups->orders[group->correlation->order];
    uint32_t number = number_of(groups, group);

    group->newer = GROUP_NONE;
    group->older = order->newest;
    if (order->newest != GROUP_NONE)
        groups->groups[order->newest].newer = number;
    else
        order->oldest = number;
    order->newest = number;
}

static void remove_group(struct groups *groups, struct group *group)
{
    uint32_t number = number_of(groups, group);

    group_restart(groups, group);
    unlink_group(groups, group);
    check(table_remove(&groups->by_key, group->key[0], number));
    *group = (struct group){ .older = groups->first_free };
    groups->first_free = number;
}

/* Of all groups but `spared`, the one that has been quiet longest. */
static bool evict(struct groups *groups, const struct group *spared)
{
    struct group *oldest = NULL;

    for (size_t i = 0; i < groups->behaviour->correlation_count; i++) {
        uint32_t number = groups->orders[i].oldest;
        if (number == GROUP_NONE || &groups->groups[number] == spared)
            continue;
        struct group *group = &groups->groups[number];
        if (!oldest || group->last_ns < oldest->last_ns)
            oldest = group;
    }
    if (!oldest)
        return false;
    remove_group(groups, oldest);
    groups->evicted++;
    return true;
}

struct slot *group_append(struct groups *groups, struct group *group)
{
    size_t at = group->head_at + group->slot_count;

    if (group->tail && at % CHUNK_SLOTS != 0) {
        group->slot_count++;
        return &group->tail->slots[at % CHUNK_SLOTS];
    }
    struct chunk *chunk = pool_take(&groups->chunks);
    while (!chunk && evict(groups, group))
        chunk = pool_take(&groups->chunks);
    if (!chunk)
        return NULL;
    if (group->tail)
        group->tail->next = chunk;
    else
        group->head = chunk;
    group->tail = chunk;
    group->slot_count++;
    return &chunk->slots[0];
}

/* Groups of this correlation that have ended are not worth their room. */
static void reap(struct groups *groups, const struct correlation *correlation,
                 int64_t now_ns)
{
    const struct group_order *order = &groups->orders[correlation->order];

    for (size_t i = 0; i < REAP_MAX && order->oldest != GROUP_NONE; i++) {
        struct group *group = &groups->groups[order->oldest];
        if (now_ns - group->last_ns <= correlation->timespan_ns)
            return;
        remove_group(groups, group);
    }
}

static struct group *find(const struct groups *groups,
                          const struct correlation *correlation,
                          const uint64_t key[2])
{
    struct table_cursor cursor = table_seek(&groups->by_key, key[0]);
    uint32_t number = table_next(&groups->by_key, &cursor);

    for (; number != TABLE_NONE;
         number = table_next(&groups->by_key, &cursor)) {
        struct group *group = &groups->groups[number];
        if (group->correlation == correlation && group->key[0] == key[0] &&
            group->key[1] == key[1])
            return group;
    }
    return NULL;
}

static struct group *begin(struct groups *groups,
                           const struct correlation *correlation,
                           const uint64_t key[2])
{
    uint32_t number = groups->first_free;

    if (number == GROUP_NONE && groups->used == GROUP_MAX) {
        check(evict(groups, NULL)); /* All are in use, so there is one. */
        number = groups->first_free;
    }
    if (number != GROUP_NONE)
        groups->first_free = groups->groups[number].older;
    else
        number = groups->used++;
    struct group *group = &groups->groups[number];
    *group = (struct group){ .key = { key[0], key[1] },
                             .correlation = correlation };
    table_insert(&groups->by_key, key[0], number);
    link_newest(groups, group);
    return group;
}

struct group *groups_seek(struct groups *groups,
                          const struct correlation *correlation,
                          const uint64_t key[2], int64_t now_ns)
{
    reap(groups, correlation, now_ns);
    struct group *group = find(groups, correlation, key);
    if (!group) {
        group = begin(groups, correlation, key);
        group->last_ns = now_ns;
        return group;
    }
    unlink_group(groups, group);
    link_newest(groups, group);
    if (now_ns - group->last_ns > correlation->timespan_ns)
        group_restart(groups, group);
    if (now_ns > group->last_ns)
        group->last_ns = now_ns;
    return group;
}
