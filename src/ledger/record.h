/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * A finding as one JSON object, the same bytes whenever it is written from the
 * same rows: keys sorted, times in seconds and nanoseconds. Its digest is what
 * the finding's leaf names; the object itself is a file that can be erased.
 */
#include "crypto/digest.h"
#include "format/json_writer.h"
#include "ledger/internal.h"
#include "seal/files.h"
#include "tlog/merkle.h"

enum { RECORD_SIZE_MAX = 4 << 20, RECORD_RANGE_MAX = 128 };

/* Blocks [from, to) of a segment. */
struct record_range {
    uint32_t segment;
    uint64_t from;
    uint64_t to;
};

/* The packets of a finding, by segment and block. */
struct record_packets {
    struct record_range ranges[RECORD_RANGE_MAX];
    uint32_t count;
    uint32_t dropped;       /* Packets past the last range that fits. */
    struct tlog_edge edge;  /* Over all its blocks, in this order. */
};

int record_read_packets(struct ledger *ledger, const char *finding,
                        int64_t run, struct record_packets *packets,
                        struct failure *failure) MUST_USE;

/* "packets":{...}, of the ranges and the root. */
void record_write_packets(struct json_writer *json,
                          const struct record_packets *packets);

/* The object, into `w`. */
int record_write(struct ledger *ledger, const struct ledger_finding *finding,
                 const struct record_packets *packets, struct writer *w,
                 struct failure *failure) MUST_USE;

/* Keep an object under its digest (hex, 64 digits); at once when known. */
int object_keep(const struct seal_folder *folder, struct bytes content,
                char digest[2 * CRYPTO_SHA256_SIZE + 1],
                struct failure *failure) MUST_USE;

/* "obj/ab/<digest>"; returns `path`. */
const char *object_path(const char *digest, char path[SEAL_PATH_MAX]);

void hex_of(const uint8_t digest[CRYPTO_SHA256_SIZE],
            char text[2 * CRYPTO_SHA256_SIZE + 1]);
