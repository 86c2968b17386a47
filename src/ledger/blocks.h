/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The blocks of a packet segment as they lie on disk, each with its hash as a
 * leaf. Nothing is believed: a file may end anywhere and hold anything.
 */
#include "capture/capture.h"
#include "seal/files.h"
#include "tlog/merkle.h"

enum { BLOCK_SIZE_MAX = CAPTURE_FRAME_MAX + 4096 };

struct block {
    uint64_t index;         /* In the file, from 0. */
    uint64_t offset;
    uint32_t type;
    struct bytes data;      /* All of it; valid during the call. */
    struct tlog_hash hash;
    int64_t time_ns;        /* Of packets; 0 of others. */
};

/* A negative answer stops the walk and is returned. */
typedef int block_function(void *context, const struct block *block);

/* What a walk has seen. */
struct block_walk {
    uint64_t blocks;
    uint64_t size;          /* Bytes of whole blocks; */
    uint64_t rest;          /* and those after them that are none. */
    int64_t first_ns;
    int64_t last_ns;
    struct tlog_hash root;
    uint8_t digest[32];     /* SHA-256 of the whole blocks. */
};

/* Walk a segment; `each` may be null. -ENOENT, without a text, when there is
 * no such file. */
int blocks_walk(const struct seal_folder *folder, const char *path,
                block_function *each, void *context, struct block_walk *walk,
                struct failure *failure) MUST_USE;
