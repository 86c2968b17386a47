/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What correlations remember: for each group of events the times or values
 * counted and the frames behind them. Everything is bounded; when it is full
 * the group that was quiet longest is forgotten, and counted.
 *
 * A group raises its alert when the count is reached within the timespan, and
 * again each time the events of the same stretch have doubled. The stretch
 * ends when the group is quiet for one timespan.
 *
 * Up to CORRELATION_COUNT_MAX events are counted one by one. Larger counts are
 * kept in that many steps of the timespan, so an event may leave the window up
 * to a 1024th of the timespan early.
 */
#include "base/pool.h"
#include "base/table.h"
#include "base/writer.h"
#include "detect/behaviour/internal.h"

enum {
    GROUP_MAX = 16384,
    CHUNK_MAX = 32768,      /* 8 MiB of slots in all. */
    CHUNK_SLOTS = 7,        /* A chunk is 232 bytes. */
    SLOT_EVIDENCE_MAX = 4,  /* Frames kept of one event. */
    EVIDENCE_FIRST_MAX = 8, /* Of the first events, before the newest. */
    REAP_MAX = 4,           /* Ended groups forgotten with each event. */
    GROUP_NONE = GROUP_MAX,
};

/* One counted event, or one value or rule when it was last seen. */
struct slot {
    int64_t time_ns;
    uint64_t value;         /* Its hash, the rule's place, or how many. */
    uint32_t evidence[SLOT_EVIDENCE_MAX];
};

struct chunk {
    struct chunk *next;
    struct slot slots[CHUNK_SLOTS];
};

struct group {
    uint64_t key[2];
    const struct correlation *correlation; /* Null: free. */
    uint32_t newer;
    uint32_t older;
    int64_t first_ns;
    int64_t last_ns;
    uint64_t count;         /* Events of this stretch. */
    uint64_t in_window;     /* Of event_count: sum over the slots. */
    uint64_t next_count;    /* The next alert; 0 before the first. */
    struct chunk *head;
    struct chunk *tail;
    size_t slot_count;
    uint8_t head_at;        /* First slot in use in the head. */
};

/* The groups of one correlation, by when they were last heard of. */
struct group_order {
    uint32_t newest;
    uint32_t oldest;
};

struct groups {
    const struct behaviour *behaviour;
    struct evidence_store *store;
    struct group *groups;   /* GROUP_MAX; free ones are linked by `older`. */
    uint32_t used;
    uint32_t first_free;
    struct group_order *orders; /* One a correlation. */
    struct table by_key;
    struct pool chunks;
    uint64_t *heard;        /* By rule: the event that matched it last. */
    uint64_t event_number;
    struct writer text;
    uint64_t evicted;
    uint64_t ungrouped;     /* Events without a field to group by. */
    uint64_t values_dropped;
};

/* The slot at `index`, from the oldest; and the places around it. */
struct slot *group_slot(struct group *group, size_t index);

/* A new slot at the end, evicting other groups for room; never null but when
 * `group` alone has all there is. */
struct slot *group_append(struct groups *groups, struct group *group);
void group_pop(struct groups *groups, struct group *group);
void slot_forget(struct groups *groups, struct slot *slot);

/* Find or begin the group of `key`; it becomes the newest. */
struct group *groups_seek(struct groups *groups,
                          const struct correlation *correlation,
                          const uint64_t key[2], int64_t now_ns);
void group_restart(struct groups *groups, struct group *group);

/* One event whose rules are marked as heard; see correlate.c. */
void groups_hear(struct groups *groups, const struct rule *rule);
void groups_feed(struct groups *groups, const struct event *event,
                 const struct evidence_scene *scene,
                 struct alert_list *alerts);
