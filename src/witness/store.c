/* SPDX-License-Identifier: Apache-2.0 */
#include "witness/store.h"

#include <errno.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/memory.h"

enum { BUSY_TIMEOUT_MS = 5000 };

/* Sizes are at most 2^63 - 1 (tlog_read_size), so they fit. STRICT is younger
 * than some SQLite that is in use. */
static const char schema[] =
    "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;"
    "CREATE TABLE IF NOT EXISTS log ("
    " origin BLOB PRIMARY KEY NOT NULL, size INTEGER NOT NULL,"
    " root BLOB NOT NULL, checkpoint BLOB NOT NULL) WITHOUT ROWID;";

struct witness_database {
    sqlite3 *handle;
    char *path;
    sqlite3_stmt *read;
    sqlite3_stmt *write;
};

static int fail(struct witness_database *database, struct failure *failure)
{
    return failure_set(failure, -EIO, "witness store %s: %s", database->path,
                       sqlite3_errmsg(database->handle));
}

static int execute(struct witness_database *database, const char *sql,
                   struct failure *failure)
{
    if (sqlite3_exec(database->handle, sql, NULL, NULL, NULL) == SQLITE_OK)
        return 0;
    return fail(database, failure);
}

static int prepare(struct witness_database *database, const char *sql,
                   sqlite3_stmt **statement, struct failure *failure)
{
    if (sqlite3_prepare_v2(database->handle, sql, -1, statement, NULL) ==
        SQLITE_OK)
        return 0;
    return fail(database, failure);
}

static int set_up(struct witness_database *database, struct failure *failure)
{
    int result = execute(database, schema, failure);

    if (result == 0)
        result = prepare(database,
                         "SELECT size, root, checkpoint FROM log"
                         " WHERE origin = ?1",
                         &database->read, failure);
    if (result == 0)
        result = prepare(database,
                         "INSERT OR REPLACE INTO log"
                         " (origin, size, root, checkpoint)"
                         " VALUES (?1, ?2, ?3, ?4)",
                         &database->write, failure);
    return result;
}

int witness_database_open(const char *path,
                          struct witness_database **database,
                          struct failure *failure)
{
    struct witness_database *made = memory_new(1, sizeof *made);
    mode_t mask = umask(0077); /* SQLite asks for 0644. */

    made->path = memory_copy_text(bytes_of_text(path ? path : ":memory:"));
    int result = sqlite3_open_v2(made->path, &made->handle,
                                 SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE |
                                     SQLITE_OPEN_NOMUTEX,
                                 NULL) == SQLITE_OK
                     ? 0
                     : fail(made, failure);
    if (result == 0) {
        (void)sqlite3_busy_timeout(made->handle, BUSY_TIMEOUT_MS); /* Sure. */
        result = set_up(made, failure);
    }
    (void)umask(mask); /* Cannot fail. */
    if (result < 0) {
        witness_database_close(made);
        return result;
    }
    *database = made;
    return 0;
}

void witness_database_close(struct witness_database *database)
{
    if (!database)
        return;
    (void)sqlite3_finalize(database->read);  /* Repeats the step's error. */
    (void)sqlite3_finalize(database->write); /* The same. */
    (void)sqlite3_close(database->handle);   /* Nothing is open any more. */
    free(database->path);
    free(database);
}

/* A text that SQLite need not copy: the statement ends before it does. */
static void bind(sqlite3_stmt *statement, int index, struct bytes b)
{
    /* Cannot fail but for memory, and then the step fails too. */
    (void)sqlite3_bind_blob64(statement, index, b.data, b.size,
                              SQLITE_STATIC);
}

static struct bytes column(sqlite3_stmt *statement, int index)
{
    const void *data = sqlite3_column_blob(statement, index);

    return bytes_of(data, data ? (size_t)sqlite3_column_bytes(statement,
                                                              index)
                               : 0);
}

static bool take_row(sqlite3_stmt *row, struct tlog_head *head,
                     struct writer *checkpoint)
{
    sqlite3_int64 size = sqlite3_column_int64(row, 0);
    struct bytes root = column(row, 1);

    if (size < 0 || root.size != sizeof head->root.bytes)
        return false;
    head->size = (uint64_t)size;
    memcpy(head->root.bytes, root.data, root.size);
    if (checkpoint) {
        writer_reset(checkpoint);
        writer_bytes(checkpoint, column(row, 2));
    }
    return true;
}

static int read_log(void *context, struct bytes origin,
                    struct tlog_head *head, struct writer *checkpoint,
                    struct failure *failure)
{
    struct witness_database *database = context;
    int result = -ENOENT;

    bind(database->read, 1, origin);
    int stepped = sqlite3_step(database->read);
    if (stepped == SQLITE_ROW)
        result = take_row(database->read, head, checkpoint)
                     ? 0
                     : failure_set(failure, ERROR_FORMAT,
                                   "witness store %s: not as it was written",
                                   database->path);
    else if (stepped != SQLITE_DONE)
        result = fail(database, failure);
    (void)sqlite3_reset(database->read); /* Repeats the step's error. */
    return result;
}

static bool is_as_known(int found, const struct tlog_head *head,
                        const struct tlog_head *known)
{
    if (!known)
        return found == -ENOENT;
    return found == 0 && head->size == known->size &&
           tlog_hash_equal(&head->root, &known->root);
}

static int write_log(struct witness_database *database,
                     const struct checkpoint *next, struct bytes note,
                     struct failure *failure)
{
    sqlite3_stmt *write = database->write;
    const struct tlog_hash *root = &next->head.root;

    bind(write, 1, next->origin);
    /* Cannot fail but for memory, and then the step fails too. */
    (void)sqlite3_bind_int64(write, 2, (sqlite3_int64)next->head.size);
    bind(write, 3, bytes_of(root->bytes, sizeof root->bytes));
    bind(write, 4, note);
    int stepped = sqlite3_step(write);
    int result = stepped == SQLITE_DONE ? 0 : fail(database, failure);
    (void)sqlite3_reset(write); /* Repeats the step's error. */
    return result;
}

static int replace_log(void *context, const struct checkpoint *next,
                       const struct tlog_head *known, struct bytes note,
                       struct failure *failure)
{
    struct witness_database *database = context;
    struct tlog_head head = { 0 };
    int result = execute(database, "BEGIN IMMEDIATE", failure);

    if (result < 0)
        return result;
    int found = read_log(database, next->origin, &head, NULL, failure);
    if (found < 0 && found != -ENOENT)
        result = found;
    else if (!is_as_known(found, &head, known))
        result = failure_set(failure, ERROR_CONFLICT,
                             "witness store %s: changed meanwhile",
                             database->path);
    else
        result = write_log(database, next, note, failure);
    if (result == 0)
        result = execute(database, "COMMIT", failure);
    if (result < 0) /* A failed commit may have ended it already. */
        (void)sqlite3_exec(database->handle, "ROLLBACK", NULL, NULL, NULL);
    return result;
}

struct witness_store witness_database_store(struct witness_database *database)
{
    return (struct witness_store){
        .context = database, .read = read_log, .replace = replace_log,
    };
}
