/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Packet segments: pcapng files, packets-000001.pcapng and on, that frames
 * are appended to. Each writer begins a segment of its own, so two never mix;
 * a frame is found again by segment number and byte offset of its block.
 */
#include "base/error.h"
#include "capture/frame.h"
#include "seal/files.h"
#include "tlog/merkle.h"

struct segment;

/* Where a frame stands: the block it is in, by byte and by number. */
struct segment_place {
    uint32_t number;           /* Of the segment. */
    uint64_t offset;
    uint64_t block;            /* From 0, the section header. */
    struct tlog_hash hash;     /* Of the block, as a leaf. */
};

/* What is said of a segment for good. */
struct segment_summary {
    uint32_t number;
    uint64_t size;
    uint64_t blocks;
    int64_t first_ns;          /* Of its packets, the earliest */
    int64_t last_ns;           /* and the latest. */
    struct tlog_hash root;     /* RFC 6962, every block a leaf. */
    uint8_t digest[32];        /* SHA-256 of the file. */
};

/* Nothing is touched before the first frame comes. */
struct segment *segment_new(const char *directory);
void segment_free(struct segment *segment);

int segment_append(struct segment *segment, const struct frame *frame,
                   struct segment_place *place,
                   struct failure *failure) MUST_USE;

/* Has the segment that is being written packets of a minute before `time_ns`,
 * or all that it may hold? */
bool segment_is_due(const struct segment *segment, int64_t time_ns);

/* Nothing more is appended to the segment that is being written: its file and
 * the hashes of its blocks are brought to disk, in `folder`. 0 when there is
 * none, else 1 and what it is. */
int segment_end(struct segment *segment, const struct seal_folder *folder,
                struct segment_summary *summary,
                struct failure *failure) MUST_USE;

/* All appended frames are on disk when this answers 0. */
int segment_sync(struct segment *segment, struct failure *failure) MUST_USE;

/* Read a frame again; the view is valid until the next call. Packet number is
 * not in the file: `frame->mark.number` is 0. */
int segment_read(struct segment *segment, uint32_t number, uint64_t place,
                 struct frame *frame, struct failure *failure) MUST_USE;

/* "packets-000007.pcapng" and "packets-000007.hashes" (the hash of each block,
 * 32 bytes) into `path`, which is returned. */
const char *segment_path(uint32_t number, char path[SEAL_PATH_MAX]);
const char *segment_hashes_path(uint32_t number, char path[SEAL_PATH_MAX]);
