/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * A witness of transparency logs (C2SP tlog-witness v1.0.0): it signs that it
 * has seen a checkpoint, and never signs two of one log of which the one is
 * not the beginning of the other. What it has signed is on disk before anybody
 * is answered; that is all of its memory.
 *
 * Here are the rules alone: no socket, no clock, and the memory behind an
 * interface.
 */
#include "base/writer.h"
#include "tlog/checkpoint.h"
#include "witness/request.h"

enum {
    WITNESS_LOG_MAX = 256, /* Keys of logs; they are compared one by one. */
    WITNESS_BODY_MAX = NOTE_SIZE_MAX + (4 << 10), /* Of an answer. */
    WITNESS_NAME_MAX = 64, /* Hexadecimal digits that name an origin. */
};

/* What the witness remembers of one log. */
struct witness_store {
    void *context;
    /* The newest head that was signed, and in `checkpoint` (which is reset,
     * and may be null) its note. -ENOENT when there is none. */
    int (*read)(void *context, struct bytes origin, struct tlog_head *head,
                struct writer *checkpoint, struct failure *failure);
    /* Put `next` in the place of `known` (null: of nothing), and answer 0 when
     * that is on disk; ERROR_CONFLICT when `known` is not what is there. */
    int (*replace)(void *context, const struct checkpoint *next,
                   const struct tlog_head *known, struct bytes note,
                   struct failure *failure);
};

struct witness {
    struct note_key key;         /* A cosignature key. */
    struct crypto_key_pair pair;
    struct witness_store store;
    uint32_t log_count;
    struct note_key logs[WITNESS_LOG_MAX]; /* Named by origin; one origin may
                                            * have several keys. */
};

/* An HTTP answer. `type` is a content type, a constant. */
struct witness_answer {
    int status;
    const char *type;
    struct writer body;          /* The caller's; of WITNESS_BODY_MAX. */
    struct failure failure;      /* Of the store, for the log: status 500. */
};

/* Judge the body of add-checkpoint at a time, seconds since 1970. */
void witness_add_checkpoint(const struct witness *witness, struct bytes body,
                            uint64_t now_s, struct witness_answer *answer);

/* The newest checkpoint of the log whose origin has the SHA-256 `name`, in
 * hexadecimal: what monitors ask for. */
void witness_show_checkpoint(const struct witness *witness, struct bytes name,
                             struct witness_answer *answer);
