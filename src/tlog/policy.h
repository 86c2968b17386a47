/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Whom a verifier trusts (C2SP tlog-policy): logs, witnesses, and how many of
 * which witnesses must have seen a checkpoint. It is the verifier's own file
 * and never comes with what is to be verified.
 */
#include "tlog/checkpoint.h"

enum {
    POLICY_SIZE_MAX = 256 << 10,
    POLICY_LOG_MAX = 64,     /* The standard asks for 32 of each. */
    POLICY_WITNESS_MAX = 64,
    POLICY_GROUP_MAX = 64,
    POLICY_MEMBER_MAX = POLICY_WITNESS_MAX + POLICY_GROUP_MAX,
};

struct policy;

/* Read a policy; `name` stands for the file in messages, which say the line. */
int policy_read(const char *name, struct bytes text, struct policy **policy,
                struct failure *failure) MUST_USE;
void policy_free(struct policy *policy);

/* The witnesses in the order of the file: the key, and where to ask (an empty
 * view, which is of the policy's memory, when the file does not say). */
uint32_t policy_witness_count(const struct policy *policy);
const struct note_key *policy_witness(const struct policy *policy,
                                      uint32_t index, struct bytes *url);

/* What a checkpoint is worth under a policy. */
struct policy_verdict {
    struct checkpoint checkpoint;
    const struct note_key *log;   /* Which of the policy's it is of. */
    uint32_t witness_count;       /* Cosignatures of known witnesses. */
    uint64_t first_seen_s;        /* Earliest and latest cosignature, seconds */
    uint64_t last_seen_s;         /* since 1970; 0 without any. */
};

/* Verify a signed checkpoint: by a log of the policy, and by its quorum. A
 * signature by a known key that does not hold refuses the whole. */
int policy_check(const struct policy *policy, struct bytes checkpoint,
                 struct policy_verdict *verdict,
                 struct failure *failure) MUST_USE;
