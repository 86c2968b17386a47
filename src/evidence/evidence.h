/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Copies of the frames that something counted, so that a detection which needs
 * an hour still has its packets when the capture's history has moved on. The
 * store is bounded; each copy is shared by all who hold it and goes with its
 * last holder. A frame that no longer fits is refused and counted: a finding
 * then says how many of its packets were kept.
 */
#include "capture/capture.h"

enum {
    EVIDENCE_BYTES_MAX = 8 << 20,
    EVIDENCE_COUNT_MAX = 16384,
    EVIDENCE_SCENE_MAX = 64, /* Frames one event may bring. */
    EVIDENCE_NONE = 0,
};

struct evidence_store;

/* The frames behind one event: the last is the one that brought it. The
 * frames are looked up in `capture` only when somebody wants them kept. */
struct evidence_scene {
    struct evidence_store *store;
    const struct capture *capture;
    const struct frame_mark *marks;
    size_t count;
    const uint32_t *kept;  /* Frames in the store already; used first. */
    size_t kept_count;
};

struct evidence_counters {
    uint64_t kept;
    uint64_t refused;  /* No room. */
    uint64_t missed;   /* The history no longer had it. */
    size_t bytes;
};

struct evidence_store *evidence_store_new(size_t bytes_max);
void evidence_store_free(struct evidence_store *store);

/* Keep a copy of `frame`; the answer holds one reference. EVIDENCE_NONE when
 * there is no room. A frame already kept is not copied again. */
uint32_t evidence_keep(struct evidence_store *store,
                       const struct frame *frame);

/* Keep the newest `ids_max` frames of `scene` that can still be had, oldest
 * first; answers how many ids were written. A null scene has none. */
size_t evidence_keep_scene(const struct evidence_scene *scene, uint32_t *ids,
                           size_t ids_max);

/* One more, and one less, who holds it. EVIDENCE_NONE is allowed. */
void evidence_hold(struct evidence_store *store, uint32_t id);
void evidence_drop(struct evidence_store *store, uint32_t id);

/* The frame kept under `id`, valid while it is held. */
void evidence_read(const struct evidence_store *store, uint32_t id,
                   struct frame *frame);

/*
 * More than half of the store is taken. Whoever keeps frames only in case they
 * are needed stops then, so that what a finding needs still has room: nobody
 * can fill the store with what proves nothing.
 */
bool evidence_is_scarce(const struct evidence_store *store);

void evidence_read_counters(const struct evidence_store *store,
                            struct evidence_counters *counters);
