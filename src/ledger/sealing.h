/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The half of the ledger that proves: what is kept is also said in an
 * append-only, signed log (seal/log.h) in plain files beside the database:
 *
 *     log/                   tiles, entries, checkpoint, key
 *     obj/ab/<sha256>        what leaves name by its digest: findings, rules
 *     packets-N.pcapng       evidence; each block is a leaf of a tree
 *     packets-N.hashes       whose leaves' hashes are here
 *
 * A leaf is written in the same transaction as what it is about, and can then
 * neither be changed nor removed; ledger_integrate() takes what was committed
 * into the log. The files are the truth: the database is a queue and an index.
 */
#include "ledger/ledger.h"

enum {
    SEALING_HEARTBEAT_S = 600,
    SEALING_STEP_MS = 100,   /* A clock that jumps by more is said to. */
    SEALING_SAY_S = 60,      /* Findings that grow slowly say so this often;
                              * at once when they are new, or twice the size. */
};

/* The log's directory in a ledger's; the caller frees it. */
char *ledger_log_path(const char *directory);

/* Make the log of a ledger directory; `origin` null for "tenet/<random>".
 * Refused when there is one. */
int ledger_make_log(const char *directory, const char *origin,
                    struct failure *failure) MUST_USE;

struct ledger_moment {
    int64_t wall_ns;    /* CLOCK_REALTIME */
    int64_t steady_ns;  /* CLOCK_MONOTONIC */
};

/* From here on what is added is sealed. The log is made if there is none; what
 * a writer before left behind, leaves and packet segments, is taken in. */
int ledger_seal(struct ledger *ledger, const char *program,
                struct failure *failure) MUST_USE;

/* Is what is added sealed? */
bool ledger_is_sealed(const struct ledger *ledger);

/* How many frames this run has seen, and how many it has missed: segments and
 * heartbeats say it. */
void ledger_note_traffic(struct ledger *ledger, uint64_t frames,
                         uint64_t drops);

/* What the run detects by, a JSON object: a leaf when it is not the last. */
int ledger_add_ruleset(struct ledger *ledger, struct bytes object,
                       struct failure *failure) MUST_USE;

/* Live: time has passed. Ends segments, and says that it is still there. */
int ledger_tick(struct ledger *ledger, struct ledger_moment now,
                struct failure *failure) MUST_USE;

/* Take committed leaves into the log. What fails stays in the queue. */
int ledger_integrate(struct ledger *ledger, struct failure *failure) MUST_USE;

/* Make the finding's case in the new directory `to`: finding.json, its leaf
 * and proof, its packets with theirs. `prefix` is enough of its id. */
int ledger_prove(struct ledger *ledger, const char *prefix, const char *to,
                 struct failure *failure) MUST_USE;

struct ledger_check {
    uint64_t leaves;
    uint64_t segments;
    uint64_t blocks;
    uint64_t findings;      /* Whose latest leaf is what the index has. */
    uint64_t unindexed;     /* That only the log knows. */
    uint64_t rebuilt;       /* Leaves the index had lost. */
};

/* Recompute everything; the failure names the first thing that is wrong. An
 * index behind the log is brought up to it. */
int ledger_check(struct ledger *ledger, struct ledger_check *check,
                 struct failure *failure) MUST_USE;
