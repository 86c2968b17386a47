/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Memory for reading views out of streams: text that is not complete yet,
 * in blocks, and decompressors. Taken from the system as it is first used,
 * bounded for all flows together; what finds no room is counted, and the
 * reader goes on without.
 */
#include "base/bytes.h"
#include "base/compiler.h"

enum {
    VIEW_BLOCK_SIZE = 4 << 10,
    VIEW_BLOCK_MAX = 4096,      /* 16 MiB of text that is not complete. */
    VIEW_TEXT_MAX = 64 << 10,   /* Of one text: as of one message. */
    VIEW_INFLATE_MAX = 256,     /* Bodies decoded at once, 48 KiB each. */
    VIEW_INFLATE_PIECE = 16 << 10, /* Of decoded bytes handed on at once. */
};

struct view_memory;
struct view_block;
struct view_inflate;

struct view_memory_counters {
    uint64_t text_refused;      /* Bytes: no block left, or too long. */
    uint64_t inflate_refused;   /* Bodies: no decompressor left. */
};

struct view_memory *view_memory_new(void);
void view_memory_free(struct view_memory *memory);
void view_memory_read_counters(const struct view_memory *memory,
                               struct view_memory_counters *counters);

/* Bytes that wait for the rest of them. Zeroed is empty. */
struct view_text {
    struct view_block *first;
    struct view_block *last;
    uint32_t size;
    bool is_cut;                /* Something found no room. */
};

void view_text_add(struct view_memory *memory, struct view_text *text,
                   struct bytes data);
void view_text_clear(struct view_memory *memory, struct view_text *text);

/* All of it in one piece in `out`, which has room for text->size. */
void view_text_copy(const struct view_text *text, uint8_t *out);

/*
 * A decompressor, or null (counted). It reads gzip, zlib and raw deflate,
 * whichever the first bytes are: senders name one and send another, and what
 * reads them does not mind.
 */
struct view_inflate *view_inflate_new(struct view_memory *memory);
void view_inflate_free(struct view_memory *memory,
                       struct view_inflate *inflate);

enum view_inflate_result {
    VIEW_INFLATE_MORE,    /* All of data was used. */
    VIEW_INFLATE_FULL,    /* `out` is full: call again with what is left. */
    VIEW_INFLATE_END,     /* The compressed stream has ended. */
    VIEW_INFLATE_BROKEN,  /* It is not what it was said to be. */
};

/*
 * Decode the next of `*data`, which moves on past what was used, into `out`;
 * `*size` is how many bytes came out of it. Checksums are not held against
 * the content.
 */
enum view_inflate_result view_inflate_step(struct view_inflate *inflate,
                                           struct bytes *data, uint8_t *out,
                                           size_t out_max, size_t *size);
