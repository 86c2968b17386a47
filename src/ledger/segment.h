/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Packet segments: pcapng files, packets-000001.pcapng and on, that frames
 * are appended to. Each writer begins a segment of its own, so two never mix;
 * a frame is found again by segment number and byte offset of its block.
 */
#include "base/error.h"
#include "capture/frame.h"

struct segment;

/* Nothing is touched before the first frame comes. */
struct segment *segment_new(const char *directory);
void segment_free(struct segment *segment);

/* Append a frame; where it stands is in `*number` and `*place`. */
int segment_append(struct segment *segment, const struct frame *frame,
                   uint32_t *number, uint64_t *place,
                   struct failure *failure) MUST_USE;

/* All appended frames are on disk when this answers 0. */
int segment_sync(struct segment *segment, struct failure *failure) MUST_USE;

/* Read a frame again; the view is valid until the next call. Packet number is
 * not in the file: `frame->mark.number` is 0. */
int segment_read(struct segment *segment, uint32_t number, uint64_t place,
                 struct frame *frame, struct failure *failure) MUST_USE;
