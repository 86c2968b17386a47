/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * A transparency log on disk, in plain files that any web server can serve:
 *
 *     checkpoint      the signed head (C2SP tlog-checkpoint)
 *     tile/...        hashes and entries (C2SP tlog-tiles)
 *     state           size and root of the newest head that was, or may have
 *                     been, signed
 *     key             the private key, PKCS#8 PEM, mode 0600
 *     vkey            the public one, as verifiers take it
 *
 * It only grows. The order in which things reach the disk is what makes it so
 * at any instant: entries and tiles, then the state, then the signature. A
 * head is signed only if its state is on disk, so no second one of the same
 * size can ever be signed; and when the process dies before the checkpoint is
 * there, the next to open it signs that same state again.
 *
 * One process writes at a time (a lock on `state`); any number may read. What
 * sealed_log_append() has answered for is in the log for good.
 */
#include "seal/files.h"
#include "tlog/checkpoint.h"
#include "tlog/proof.h"

enum {
    SEALED_LEAF_MAX = 8 << 10, /* Bytes; larger things go by their digest. */
};

struct sealed_log;

/* Make a log in a directory that has none: a new key, named `origin`, and the
 * head of the empty tree. */
int sealed_log_create(const char *directory, const char *origin,
                      struct failure *failure) MUST_USE;

struct sealed_log_options {
    const char *directory;
    bool may_write;
    void (*step)(void *context, const char *what); /* See seal_folder. */
    void *context;
};

/* -ENOENT, without a text, when there is no log. */
int sealed_log_open(const struct sealed_log_options *options,
                    struct sealed_log **log,
                    struct failure *failure) MUST_USE;
void sealed_log_close(struct sealed_log *log);

const struct note_key *sealed_log_key(const struct sealed_log *log);

/* The head that is signed; readers see what it was when they opened. */
struct tlog_head sealed_log_head(const struct sealed_log *log);

/* Append `count` leaves at once; their indexes follow the head's size. After
 * a failure (a full disk) the log on disk is as it was, and appending may be
 * tried again. */
int sealed_log_append(struct sealed_log *log, const struct bytes *leaves,
                      size_t count, struct failure *failure) MUST_USE;

/* The bytes of leaf `index`, into `w`, which is reset. */
int sealed_log_read(struct sealed_log *log, uint64_t index, struct writer *w,
                    struct failure *failure) MUST_USE;

/* A proof that leaf `index` is under the head; written as a tlog-proof. */
int sealed_log_prove(struct sealed_log *log, uint64_t index, struct writer *w,
                     struct failure *failure) MUST_USE;

/* That an older tree is the beginning of the head's. */
int sealed_log_prove_growth(struct sealed_log *log, uint64_t old_size,
                            struct tlog_path *path,
                            struct failure *failure) MUST_USE;

/* Put `checkpoint`, the signed head with more signatures under it, in the
 * place of the one on disk. Refused when it is not that head. */
int sealed_log_publish(struct sealed_log *log, struct bytes checkpoint,
                       struct failure *failure) MUST_USE;

/* The checkpoint as it lies on disk. */
struct bytes sealed_log_checkpoint(const struct sealed_log *log);

/* Recompute everything from the entries: each leaf, tile and the root. The
 * failure names the first thing that is not as it must be. */
int sealed_log_check(struct sealed_log *log,
                     struct failure *failure) MUST_USE;
