/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * That an entry is in a log, in one text that carries all it takes but the
 * reader's own policy (C2SP tlog-proof v1): the entry's index, the hashes
 * beside its way to the root, and the checkpoint as it was signed.
 */
#include "tlog/checkpoint.h"

struct tlog_proof {
    uint64_t index;
    struct tlog_path path;
    struct bytes checkpoint;  /* A signed note; a view when read. */
};

void tlog_proof_write(struct writer *w, const struct tlog_proof *proof);

/* Take a proof apart; nothing of it holds yet. Its "extra" line is skipped:
 * nobody has signed it. */
int tlog_proof_read(struct bytes text, struct tlog_proof *proof,
                    struct failure *failure) MUST_USE;
