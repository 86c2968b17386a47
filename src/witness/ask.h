/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * A log asks a witness to cosign its head (C2SP tlog-witness v1.0.0, the
 * client). A witness may be down, be wrong, or lie: then its cosignature is
 * missing, and nothing worse. But when it shows a head that carries this log's
 * own signature and that is not in this log's past, then this log has forked:
 * it was restored from a backup, or its key is used elsewhere. No more may be
 * signed.
 */
#include "seal/log.h"

enum {
    WITNESS_URL_MAX = 1024,
    WITNESS_ATTEMPTS_MAX = 4, /* Each may tell a newer size. */
};

enum witness_outcome {
    WITNESS_COSIGNED,
    WITNESS_MISSING,   /* Not reached, or no valid cosignature. */
    WITNESS_FORKED,    /* Proved by the log's own signature. */
};

struct witness_reply {
    enum witness_outcome outcome;
    uint64_t time_s;             /* Of the cosignature, since 1970. */
    char text[FAILURE_TEXT_MAX]; /* Why, when it is not WITNESS_COSIGNED. */
};

struct witness_peer {
    const struct note_key *key;
    struct bytes url;            /* The prefix of add-checkpoint. */
};

/* Ask for the head as `log` has it. A valid cosignature is appended to
 * `lines`, as it stands in a note. */
void witness_ask(struct sealed_log *log, const struct witness_peer *peer,
                 struct writer *lines, struct witness_reply *reply);

/* Is the head in the past of the log, or its present? */
bool witness_is_past(struct sealed_log *log,
                     const struct tlog_head *head) MUST_USE;

/* `checkpoint` with more signature lines; one by a key that has signed before
 * takes the place of the older. False when either is not a note's. */
bool witness_merge(struct bytes checkpoint, struct bytes lines,
                   struct writer *merged) MUST_USE;
