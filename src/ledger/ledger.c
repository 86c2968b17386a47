/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger/ledger.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/memory.h"
#include "ledger/internal.h"
#include "ledger/sealing.h"

static const char schema[] =
    "CREATE TABLE IF NOT EXISTS run ("
    " number INTEGER PRIMARY KEY AUTOINCREMENT, source TEXT NOT NULL,"
    " program TEXT NOT NULL, stats TEXT);"
    "CREATE TABLE IF NOT EXISTS finding ("
    " id TEXT NOT NULL, run INTEGER NOT NULL, detection TEXT NOT NULL,"
    " version TEXT NOT NULL, name TEXT NOT NULL, title TEXT NOT NULL,"
    " description TEXT, harm TEXT NOT NULL, severity INTEGER NOT NULL,"
    " role TEXT NOT NULL, techniques TEXT NOT NULL, refs TEXT NOT NULL,"
    " device TEXT, mac TEXT, address TEXT, peer TEXT,"
    " tunnel_source TEXT, tunnel_destination TEXT,"
    " first_ns INTEGER NOT NULL, language TEXT NOT NULL DEFAULT 'sigma',"
    " PRIMARY KEY (id, run)) WITHOUT ROWID;"
    "CREATE INDEX IF NOT EXISTS finding_run ON finding (run);"
    "CREATE TABLE IF NOT EXISTS finding_state ("
    " sequence INTEGER PRIMARY KEY AUTOINCREMENT, finding TEXT NOT NULL,"
    " run INTEGER NOT NULL, last_ns INTEGER NOT NULL,"
    " count INTEGER NOT NULL, sentence TEXT NOT NULL, severity INTEGER);"
    "CREATE INDEX IF NOT EXISTS finding_state_of ON"
    " finding_state (finding, run, sequence);"
    "CREATE TABLE IF NOT EXISTS fact ("
    " finding TEXT NOT NULL, run INTEGER NOT NULL,"
    " position INTEGER NOT NULL, name TEXT NOT NULL, value TEXT NOT NULL,"
    " PRIMARY KEY (finding, run, position)) WITHOUT ROWID;"
    "CREATE TABLE IF NOT EXISTS evidence ("
    " finding TEXT NOT NULL, run INTEGER NOT NULL,"
    " packet INTEGER NOT NULL, time_ns INTEGER NOT NULL,"
    " segment INTEGER NOT NULL, place INTEGER NOT NULL,"
    " block INTEGER, hash BLOB,"
    " PRIMARY KEY (finding, run, packet)) WITHOUT ROWID;"
    "CREATE TABLE IF NOT EXISTS device ("
    " run INTEGER NOT NULL, id TEXT NOT NULL, mac TEXT, same_as TEXT,"
    " random_mac INTEGER NOT NULL, gateway INTEGER NOT NULL,"
    " first_ns INTEGER NOT NULL, last_ns INTEGER NOT NULL,"
    " packets INTEGER NOT NULL, PRIMARY KEY (run, id)) WITHOUT ROWID;"
    "CREATE TABLE IF NOT EXISTS claim ("
    " run INTEGER NOT NULL, device TEXT NOT NULL, kind TEXT NOT NULL,"
    " source TEXT NOT NULL, value TEXT NOT NULL, first_ns INTEGER NOT NULL,"
    " last_ns INTEGER NOT NULL);"
    "CREATE INDEX IF NOT EXISTS claim_of ON claim (run, device);"
    "CREATE TABLE IF NOT EXISTS address ("
    " run INTEGER NOT NULL, device TEXT NOT NULL, address TEXT NOT NULL,"
    " first_ns INTEGER NOT NULL, last_ns INTEGER NOT NULL);"
    "CREATE INDEX IF NOT EXISTS address_of ON address (run, device);"
    /* What is, or will be, entry `number` of the log: see queue.h. */
    "CREATE TABLE IF NOT EXISTS leaf ("
    " number INTEGER PRIMARY KEY, kind TEXT NOT NULL,"
    " subject TEXT NOT NULL, segment INTEGER, finding TEXT, run INTEGER,"
    " count INTEGER, severity TEXT, content BLOB NOT NULL);"
    "CREATE INDEX IF NOT EXISTS leaf_finding ON leaf (finding, run)"
    " WHERE finding IS NOT NULL;"
    "CREATE INDEX IF NOT EXISTS leaf_segment ON leaf (segment)"
    " WHERE segment IS NOT NULL;"
    "CREATE TRIGGER IF NOT EXISTS leaf_stays BEFORE UPDATE ON leaf"
    " BEGIN SELECT RAISE(ABORT, 'a leaf is never changed'); END;"
    "CREATE TRIGGER IF NOT EXISTS leaf_remains BEFORE DELETE ON leaf"
    " BEGIN SELECT RAISE(ABORT, 'a leaf is never removed'); END;";

int ledger_fail(struct ledger *ledger, struct failure *failure,
                const char *what)
{
    return failure_set(failure, -EIO, "ledger %s: cannot %s: %s",
                       ledger->directory ? ledger->directory : "in memory",
                       what, sqlite3_errmsg(ledger->database));
}

int ledger_execute(struct ledger *ledger, const char *sql,
                   struct failure *failure)
{
    if (sqlite3_exec(ledger->database, sql, NULL, NULL, NULL) == SQLITE_OK)
        return 0;
    return ledger_fail(ledger, failure, "write");
}

static sqlite3_stmt *prepare(struct ledger *ledger, const char *sql,
                             struct failure *failure)
{
    sqlite3_stmt *statement = NULL;

    if (sqlite3_prepare_v2(ledger->database, sql, -1, &statement, NULL) !=
        SQLITE_OK)
        (void)ledger_fail(ledger, failure, "read"); /* Null says it. */
    return statement;
}

/* Statements that are used over and over stay prepared. One that is being
 * walked while the same is wanted again is not shared. */
sqlite3_stmt *ledger_prepare(struct ledger *ledger, const char *sql,
                             struct failure *failure)
{
    for (size_t i = 0; i < LEDGER_STATEMENT_MAX; i++) {
        sqlite3_stmt *statement = ledger->kept[i].statement;
        if (statement && ledger->kept[i].sql == sql &&
            !sqlite3_stmt_busy(statement))
            return statement;
        if (statement)
            continue;
        ledger->kept[i].sql = sql;
        ledger->kept[i].statement = prepare(ledger, sql, failure);
        return ledger->kept[i].statement;
    }
    return prepare(ledger, sql, failure);
}

void ledger_finish(struct ledger *ledger, sqlite3_stmt *statement)
{
    for (size_t i = 0; i < LEDGER_STATEMENT_MAX; i++) {
        if (ledger->kept[i].statement != statement)
            continue;
        (void)sqlite3_reset(statement); /* Repeats the step's error. */
        (void)sqlite3_clear_bindings(statement); /* Always works. */
        return;
    }
    (void)sqlite3_finalize(statement); /* Repeats the step's error. */
}

void ledger_bind_text(sqlite3_stmt *statement, int index, const char *text)
{
    /* Cannot fail but for memory, and then the step fails too. */
    if (text)
        (void)sqlite3_bind_text(statement, index, text, -1, SQLITE_TRANSIENT);
    else
        (void)sqlite3_bind_null(statement, index);
}

int ledger_run_once(struct ledger *ledger, sqlite3_stmt *statement,
                    struct failure *failure)
{
    int result = 0;

    if (!statement)
        return -EIO;
    if (sqlite3_step(statement) != SQLITE_DONE)
        result = ledger_fail(ledger, failure, "write");
    ledger_finish(ledger, statement);
    return result;
}

const char *ledger_column(sqlite3_stmt *statement, int index)
{
    return (const char *)sqlite3_column_text(statement, index);
}

/* Make `path` and the directories above it. */
static int make_directories(const char *path, struct failure *failure)
{
    char *copy = memory_copy_text(bytes_of_text(path));
    int result = 0;

    for (char *at = copy + 1; result == 0; at++) {
        if (*at != '/' && *at != '\0')
            continue;
        char kept = *at;
        *at = '\0';
        if (mkdir(copy, 0700) != 0 && errno != EEXIST)
            result = failure_set(failure, -errno,
                                 "cannot make the ledger directory %s: %s",
                                 copy, strerror(errno));
        *at = kept;
        if (kept == '\0')
            break;
    }
    free(copy);
    return result;
}

/* What version 1 lacked. Its detections were all Sigma rules, and a finding
 * had the severity of its rule in every state. */
static const char upgrade_1[] =
    "BEGIN IMMEDIATE;"
    "ALTER TABLE finding ADD COLUMN language TEXT NOT NULL"
    " DEFAULT 'sigma';"
    "ALTER TABLE finding_state ADD COLUMN severity INTEGER;"
    "CREATE TABLE fact ("
    " finding TEXT NOT NULL, run INTEGER NOT NULL,"
    " position INTEGER NOT NULL, name TEXT NOT NULL,"
    " value TEXT NOT NULL,"
    " PRIMARY KEY (finding, run, position)) WITHOUT ROWID;"
    "PRAGMA user_version = 2;"
    "COMMIT";

/* What version 2 lacked: which block of its segment a frame is. Its frames
 * say only where they begin. The table of leaves is made with the rest. */
static const char upgrade_2[] =
    "BEGIN IMMEDIATE;"
    "ALTER TABLE evidence ADD COLUMN block INTEGER;"
    "ALTER TABLE evidence ADD COLUMN hash BLOB;"
    "PRAGMA user_version = 3;"
    "COMMIT";

static int read_version(struct ledger *ledger, struct failure *failure)
{
    sqlite3_stmt *statement =
        ledger_prepare(ledger, "PRAGMA user_version", failure);
    int version = -1;

    if (!statement)
        return -EIO;
    if (sqlite3_step(statement) == SQLITE_ROW)
        version = sqlite3_column_int(statement, 0);
    ledger_finish(ledger, statement);
    return version;
}

static int check_version(struct ledger *ledger, enum ledger_mode mode,
                         struct failure *failure)
{
    int version = read_version(ledger, failure);
    int result = 0;

    if (version == LEDGER_SCHEMA_VERSION || version == -EIO)
        return version == -EIO ? version : 0;
    if (version == 0 && mode != LEDGER_READ)
        return ledger_execute(ledger, "PRAGMA user_version = 3", failure);
    if (version != 1 && version != 2)
        return failure_set(failure, ERROR_FORMAT,
                           "ledger %s has format %d, this program reads %d",
                           ledger->directory ? ledger->directory
                                             : "in memory",
                           version, LEDGER_SCHEMA_VERSION);
    if (version == 1)
        result = ledger_execute(ledger, upgrade_1, failure);
    if (result == 0)
        result = ledger_execute(ledger, upgrade_2, failure);
    return result == 0 ? ledger_execute(ledger, schema, failure) : result;
}

static int prepare_database(struct ledger *ledger, enum ledger_mode mode,
                            struct failure *failure)
{
    int result = 0;

    (void)sqlite3_busy_timeout(ledger->database, LEDGER_BUSY_MS);
    /* A live watch may not make files outside its ledger: sort in memory. */
    if (mode != LEDGER_READ)
        result = ledger_execute(ledger, "PRAGMA temp_store = MEMORY",
                                failure);
    if (result == 0 && mode == LEDGER_WRITE)
        result = ledger_execute(
            ledger, "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL",
            failure);
    if (result == 0)
        result = check_version(ledger, mode, failure);
    if (result == 0 && mode != LEDGER_READ)
        result = ledger_execute(ledger, schema, failure);
    return result;
}

static int open_database(struct ledger *ledger, enum ledger_mode mode,
                         struct failure *failure)
{
    struct writer path;
    int flags = mode == LEDGER_READ
                    ? SQLITE_OPEN_READWRITE
                    : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
    int result = 0;

    writer_init(&path, 8192);
    if (mode == LEDGER_MEMORY)
        writer_text(&path, ":memory:");
    else
        writer_format(&path, "%s/ledger.db", ledger->directory);
    if (sqlite3_open_v2(writer_as_text(&path), &ledger->database, flags,
                        NULL) != SQLITE_OK)
        result = failure_set(
            failure, -ENOENT, "cannot open the ledger %s: %s",
            writer_as_text(&path),
            mode == LEDGER_READ ? "there is none; run 'tenet watch' first"
                                : sqlite3_errmsg(ledger->database));
    writer_clear(&path);
    return result;
}

int ledger_open(const char *directory, enum ledger_mode mode,
                struct ledger **ledger, struct failure *failure)
{
    struct ledger *made = memory_new(1, sizeof *made);
    int result = 0;

    if (mode != LEDGER_MEMORY)
        made->directory = memory_copy_text(bytes_of_text(directory));
    if (mode == LEDGER_WRITE)
        result = make_directories(directory, failure);
    if (result == 0)
        result = open_database(made, mode, failure);
    if (result == 0)
        result = prepare_database(made, mode, failure);
    if (result == 0 && mode != LEDGER_MEMORY)
        made->segment = segment_new(made->directory);
    if (result < 0) {
        ledger_close(made);
        return result;
    }
    *ledger = made;
    return 0;
}

void ledger_close(struct ledger *ledger)
{
    if (!ledger)
        return;
    sealing_free(ledger->sealing);
    segment_free(ledger->segment);
    for (size_t i = 0; i < LEDGER_STATEMENT_MAX; i++)
        (void)sqlite3_finalize(ledger->kept[i].statement); /* Or null. */
    (void)sqlite3_close(ledger->database); /* All statements are done. */
    free(ledger->directory);
    free(ledger);
}

const char *ledger_directory(const struct ledger *ledger)
{
    return ledger->directory;
}
