/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Inside the ledger: the database handle, the segment being written, and thin
 * helpers that make SQLite's answers into failures with a place. */
#include <sqlite3.h>

#include "crypto/digest.h"
#include "ledger/ledger.h"
#include "ledger/sealing.h"
#include "ledger/segment.h"
#include "seal/files.h"
#include "tlog/note.h"

enum { LEDGER_STATEMENT_MAX = 40 }; /* Kept ready; more are made anew. */

struct ledger {
    sqlite3 *database;
    char *directory;     /* Null when kept in memory. */
    struct segment *segment; /* Null when kept in memory. */
    struct sealing *sealing; /* Null when nothing is sealed. */
    int64_t run;
    struct {
        const char *sql;         /* A literal: compared by address. */
        sqlite3_stmt *statement;
    } kept[LEDGER_STATEMENT_MAX];
};

struct sealing {
    struct seal_folder folder;    /* The ledger's. */
    char *log_path;
    char *program;
    char origin[NOTE_NAME_MAX + 1];
    uint8_t key_digest[CRYPTO_SHA256_SIZE]; /* Of the vkey. */
    int64_t said_state;           /* States up to this have their leaves. */
    int64_t next_state;           /* That many will, after the commit. */
    bool say_all;
    uint64_t frames;
    uint64_t drops;
    struct ledger_moment last;    /* Zero before the first tick. */
    int64_t heartbeat_ns;         /* Steady. */
    int64_t said_ns;              /* Steady. */
};

/* Begin a transaction, unless one is under way. */
int ledger_begin(struct ledger *ledger, struct failure *failure);

int ledger_fail(struct ledger *ledger, struct failure *failure,
                const char *what);
int ledger_execute(struct ledger *ledger, const char *sql,
                   struct failure *failure);

/* A statement for `sql`, a literal, or null with the failure set. It is kept
 * for the next time: give it back with ledger_finish(). */
sqlite3_stmt *ledger_prepare(struct ledger *ledger, const char *sql,
                             struct failure *failure);

/* Bind a text, or NULL for a null pointer; copied by SQLite. */
void ledger_bind_text(sqlite3_stmt *statement, int index, const char *text);

void ledger_finish(struct ledger *ledger, sqlite3_stmt *statement);

/* Run a statement that gives no rows, and give it back. */
int ledger_run_once(struct ledger *ledger, sqlite3_stmt *statement,
                    struct failure *failure);

const char *ledger_column(sqlite3_stmt *statement, int index);

/* Finding `id` as `run` has it, or -ENOENT without a text. */
int ledger_of_run(struct ledger *ledger, const char *id, int64_t run,
                  ledger_finding_function *each, void *context,
                  struct failure *failure) MUST_USE;

/* What the sealing half does at its moments (sealing.c). */
void sealing_free(struct sealing *sealing);

/* Seal the segment that is being written: its leaf joins the transaction. */
int sealing_end_segment(struct ledger *ledger, struct failure *failure);

/* Leaves for the findings that have grown enough to say so. */
int sealing_add_findings(struct ledger *ledger, struct failure *failure);

/* From here to the next commit, every growth is enough. */
void sealing_say_all(struct ledger *ledger);

void sealing_committed(struct ledger *ledger);

int sealing_add_segment(struct ledger *ledger,
                        const struct segment_summary *segment,
                        bool is_recovered, struct failure *failure);

/* Seal the segments that their writers, who are gone, did not (recover.c). */
int sealing_recover(struct ledger *ledger, struct failure *failure);
