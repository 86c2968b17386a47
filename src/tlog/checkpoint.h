/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The head of a log, as C2SP tlog-checkpoint v1.0.0 writes it: three lines,
 * the log's origin, its size, its root. Lines after those are not written
 * here, and are skipped when read.
 */
#include "tlog/merkle.h"
#include "tlog/note.h"

struct checkpoint {
    struct bytes origin;     /* A view into the text that was read. */
    struct tlog_head head;
};

void checkpoint_write(struct writer *w, const struct checkpoint *checkpoint);

/* Read the text of a note that has been verified. */
bool checkpoint_read(struct bytes text,
                     struct checkpoint *checkpoint) MUST_USE;

/* Take a note apart and verify it by the log's key, whose name must be the
 * origin: a head of one log never passes for that of another. */
int checkpoint_open(struct bytes data, const struct note_key *log,
                    struct note *note, struct checkpoint *checkpoint,
                    struct failure *failure) MUST_USE;

/* A size as the formats write it: decimal, no leading zero. */
bool tlog_read_size(struct bytes text, uint64_t *size) MUST_USE;

/* One hash in base64; false when it is not 32 bytes. */
bool tlog_read_hash(struct bytes text, struct tlog_hash *hash) MUST_USE;
void tlog_write_hash(struct writer *w, const struct tlog_hash *hash);
