/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The buffer a capture file is read into: a ring of blocks, used in turn, so
 * that what was read lately can be found again without having been copied.
 * Asked for the next bytes it answers with a view into the current block; a
 * run that does not fit there any more begins in the next block, after the
 * bytes already read of it. Where blocks end depends on the bytes alone, never
 * on how they arrived.
 */
#include "capture/source.h"

enum {
    HISTORY_BLOCK_SIZE = 1 << 20,
    HISTORY_BLOCKS = 17, /* 16 MiB that are full, and the one being filled. */
    HISTORY_VIEW_MAX = (256 << 10) + 64, /* A frame and its record header. */
};

struct history;

struct history *history_new(void);
void history_free(struct history *history);

/* Read from `source` from now on; what was read before stays. */
void history_attach(struct history *history, struct source *source);

/*
 * A view of the next `size` bytes (at most HISTORY_VIEW_MAX), which stay next
 * until history_skip(). Shorter only at the end of the source. False on
 * failure.
 */
bool history_peek(struct history *history, size_t size, struct bytes *view,
                  struct failure *failure) MUST_USE;

/* All that comes next and was read already, at most a view: it is there
 * without waiting, and no earlier view has to go for it. */
struct bytes history_at_hand(const struct history *history);

/* Move on by `size` bytes of those at hand. */
void history_take(struct history *history, size_t size);

/* Move on by `size` bytes, however many; answers how many there were. */
uint64_t history_skip(struct history *history, uint64_t size,
                      struct failure *failure);

/* Copy `data` (at most HISTORY_VIEW_MAX), which comes from no source, into the
 * history; answers the view of the copy. */
struct bytes history_append(struct history *history, struct bytes data);

/* Bytes of the source consumed so far, unpacked. */
uint64_t history_offset(const struct history *history);

/* The place of a byte inside the last view (null, for an empty frame, has one
 * too), and what is there now; false when its block was used again. */
uint64_t history_place(const struct history *history, const uint8_t *byte);
bool history_recall(const struct history *history, uint64_t place,
                    size_t size, struct bytes *view);
