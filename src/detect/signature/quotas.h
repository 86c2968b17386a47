/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * How often rules may alert: one entry for each rule and address (or pair, or
 * flow) that is counted, in a table of fixed size with a keyed hash, for the
 * addresses are the sender's choice. A set of places that is full gives up the
 * entry that began first, and counts it.
 */
#include "base/hash.h"
#include "detect/signature/threshold.h"

enum {
    QUOTA_MAX = 16384,     /* Entries. */
    QUOTA_WAYS = 8,        /* Places where one may stand. */
};

struct quota_entry {
    uint64_t hash;        /* 0: free. */
    int64_t since_ns;
    uint32_t count;
    uint32_t next;        /* BACKOFF: the count that alerts. */
};

struct quotas {
    struct quota_entry *entries;
    struct hash_key key;
    uint64_t evicted;
};

/* Whom it is counted for. */
struct quota_subject {
    uint64_t rule;        /* gid and sid. */
    uint32_t place;       /* Which of the thresholds of the rule. */
    struct ip source;
    struct ip destination;
    uint64_t flow;
    int64_t now_ns;
};

void quotas_init(struct quotas *quotas, struct hash_key key);
void quotas_clear(struct quotas *quotas);

/* May it alert, now that it holds once more? */
bool quotas_allow(struct quotas *quotas, const struct threshold *threshold,
                 const struct quota_subject *subject);
