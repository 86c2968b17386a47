/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * A log's checkpoint gets a time stamp (RFC 3161) over the whole note, text
 * and signatures: with the witnesses' times that is time from a second side.
 * Note and token are kept beside each other in the log's directory, for the
 * checkpoint itself goes on changing:
 *
 *     stamp/SIZE-HASH.note          the checkpoint as it was
 *     stamp/SIZE-HASH-TOKEN.tsr     a TimeStampResp over it
 *
 * HASH and TOKEN begin the SHA-256 of each file. `openssl ts -verify` checks
 * them without us.
 */
#include "crypto/timestamp_token.h"
#include "seal/log.h"

struct stamp_trust {
    struct bytes roots;      /* PEM: authorities that are trusted. */
    struct bytes others;     /* PEM: certificates tokens came without. */
};

/* A log, and where it lies. */
struct stamp_place {
    struct sealed_log *log;
    struct seal_folder folder;          /* Its directory. */
};

/* Have the checkpoint stamped by the authority at `url`; the token is
 * verified, then kept. */
int stamp_checkpoint(const struct stamp_place *place, const char *url,
                     const struct stamp_trust *trust,
                     struct timestamp_verdict *verdict,
                     struct failure *failure) MUST_USE;

/* One stamp that is kept, and what it comes to. */
struct stamp_verdict {
    const char *name;                   /* Of the token's file. */
    int result;                         /* Negative: `failure` says why. */
    struct failure failure;
    struct tlog_head head;              /* What was stamped. */
    struct timestamp_verdict time;
};

typedef void stamp_tell(void *context, const struct stamp_verdict *verdict);

/* Verify all stamps in order of their names: the token, the log's signature,
 * and that the head is in the log's past. Answers how many do not hold;
 * negative when they cannot be listed. */
int stamp_check_all(const struct stamp_place *place,
                    const struct stamp_trust *trust, stamp_tell *tell,
                    void *context, struct failure *failure) MUST_USE;
