/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Inside the ledger: the database handle, the segment being written, and thin
 * helpers that make SQLite's answers into failures with a place. */
#include <sqlite3.h>

#include "ledger/ledger.h"
#include "ledger/segment.h"

enum { LEDGER_STATEMENT_MAX = 24 }; /* Kept ready; more are made anew. */

struct ledger {
    sqlite3 *database;
    char *directory;     /* Null when kept in memory. */
    struct segment *segment; /* Null when kept in memory. */
    int64_t run;
    bool in_transaction;
    struct {
        const char *sql;         /* A literal: compared by address. */
        sqlite3_stmt *statement;
    } kept[LEDGER_STATEMENT_MAX];
};

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
