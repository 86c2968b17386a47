/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The body of add-checkpoint (C2SP tlog-witness v1.0.0): the size the log
 * believes the witness knows, the proof of growth from there, an empty line,
 * and the signed checkpoint.
 *
 *     old 20852014
 *     PlRNCrwHpqhGrupue0L7gxbjbMiKA9temvuZZDDpkaw=
 *
 *     example.com/log
 *     20852163
 *     CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=
 *
 *     (signatures)
 */
#include "base/writer.h"
#include "tlog/checkpoint.h"

enum {
    WITNESS_PROOF_MAX = 63, /* Lines: the standard's own limit. */
    WITNESS_REQUEST_MAX = NOTE_SIZE_MAX + (4 << 10), /* Bytes: a checkpoint,
                             * 63 lines of 45, and the first line. */
};

struct witness_request {
    uint64_t old_size;
    struct tlog_path path;
    struct bytes checkpoint; /* A signed note; a view when read. */
};

/* False when it is not one. The checkpoint is not looked into. */
bool witness_request_read(struct bytes body,
                          struct witness_request *request) MUST_USE;

void witness_request_write(struct writer *w,
                           const struct witness_request *request);
