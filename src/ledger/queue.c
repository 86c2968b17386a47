/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger/queue.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

enum { BATCH_MAX = 256 }; /* Leaves appended at once: one bundle's worth. */

int64_t queue_size(struct ledger *ledger, struct failure *failure)
{
    sqlite3_stmt *statement = ledger_prepare(
        ledger, "SELECT COALESCE(MAX(number) + 1, 0) FROM leaf", failure);
    int64_t size = -EIO;

    if (!statement)
        return size;
    if (sqlite3_step(statement) == SQLITE_ROW)
        size = sqlite3_column_int64(statement, 0);
    else
        (void)ledger_fail(ledger, failure, "read leaves"); /* Size says it. */
    ledger_finish(ledger, statement);
    return size;
}

int queue_add(struct ledger *ledger, const struct queue_leaf *leaf,
              struct failure *failure)
{
    sqlite3_stmt *statement = ledger_prepare(
        ledger,
        "INSERT INTO leaf (number, kind, subject, segment, finding, run,"
        " count, severity, content) SELECT COALESCE(MAX(number) + 1, 0),"
        " ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8 FROM leaf",
        failure);

    if (!statement)
        return -EIO;
    ledger_bind_text(statement, 1, statement_kind_name(leaf->kind));
    ledger_bind_text(statement, 2, leaf->subject);
    if (leaf->segment > 0)
        (void)sqlite3_bind_int64(statement, 3, leaf->segment);
    if (leaf->finding) {
        ledger_bind_text(statement, 4, leaf->finding);
        (void)sqlite3_bind_int64(statement, 5, leaf->run);
        (void)sqlite3_bind_int64(statement, 6, (int64_t)leaf->count);
        ledger_bind_text(statement, 7, leaf->severity);
    }
    /* What does not bind fails the step. */
    (void)sqlite3_bind_blob(statement, 8, leaf->content.data,
                            (int)leaf->content.size, SQLITE_TRANSIENT);
    return ledger_run_once(ledger, statement, failure);
}

struct queue_leaf queue_leaf_of(const struct statement *statement,
                                struct bytes content)
{
    struct queue_leaf leaf = { .kind = statement->kind,
                               .subject = statement->digest,
                               .content = content };
    uint64_t number = 0;

    if (statement->kind == STATEMENT_SEGMENT &&
        statement_number(statement, "segment", &number))
        leaf.segment = (uint32_t)number;
    if (statement->kind != STATEMENT_FINDING)
        return leaf;
    leaf.finding = statement_text(statement, "id");
    if (statement_number(statement, "run", &number))
        leaf.run = (int64_t)number;
    leaf.severity = statement_text(statement, "severity");
    if (statement_number(statement, "count", &number))
        leaf.count = number;
    return leaf;
}

int queue_each(struct ledger *ledger, uint64_t from, queue_function *each,
               void *context, struct failure *failure)
{
    sqlite3_stmt *row = ledger_prepare(
        ledger,
        "SELECT number, content FROM leaf WHERE number >= ? ORDER BY number",
        failure);
    int result = 0;
    int step = SQLITE_DONE;

    if (!row)
        return -EIO;
    (void)sqlite3_bind_int64(row, 1, (int64_t)from); /* The step says it. */
    while (result >= 0 && (step = sqlite3_step(row)) == SQLITE_ROW) {
        const void *data = sqlite3_column_blob(row, 1);
        result = each(context, (uint64_t)sqlite3_column_int64(row, 0),
                      bytes_of(data, (size_t)sqlite3_column_bytes(row, 1)));
    }
    if (result >= 0 && step != SQLITE_DONE)
        result = ledger_fail(ledger, failure, "read leaves");
    ledger_finish(ledger, row);
    return result;
}

/* Leaves on their way into the log. */
struct batch {
    struct sealed_log *log;
    struct failure *failure;
    uint64_t next;               /* The number that must come. */
    char *copies[BATCH_MAX];
    struct bytes leaves[BATCH_MAX]; /* Views into them. */
    size_t count;
};

static void batch_clear(struct batch *batch)
{
    for (size_t i = 0; i < batch->count; i++)
        free(batch->copies[i]);
    batch->count = 0;
}

static int batch_append(struct batch *batch)
{
    int result = sealed_log_append(batch->log, batch->leaves, batch->count,
                                   batch->failure);

    batch_clear(batch);
    return result;
}

static int batch_take(void *context, uint64_t number, struct bytes content)
{
    struct batch *batch = context;

    if (number != batch->next || content.size > SEALED_LEAF_MAX)
        return failure_set(batch->failure, ERROR_FORMAT,
                           "the queue's leaf %" PRIu64 " is not what follows: "
                           "the index was changed; tenet ledger fsck",
                           number);
    batch->next++;
    char *copy = memory_copy_text(content);
    batch->copies[batch->count] = copy;
    batch->leaves[batch->count++] = bytes_of(copy, content.size);
    return batch->count == BATCH_MAX ? batch_append(batch) : 0;
}

struct meeting {
    struct bytes entry;   /* Of the log. */
    bool is_same;
};

static int compare(void *context, uint64_t number, struct bytes content)
{
    struct meeting *meeting = context;

    (void)number;
    meeting->is_same = bytes_equal(meeting->entry, content);
    return -ECANCELED; /* One is enough. */
}

/* The last leaf that both have must be the same: else they are of different
 * histories, and what one has more does not follow the other. */
static int check_meeting(struct ledger *ledger, struct sealed_log *log,
                         uint64_t size, struct failure *failure)
{
    struct writer w;
    struct meeting meeting = { 0 };
    int result = 0;

    if (size == 0)
        return 0;
    writer_init(&w, SEALED_LEAF_MAX);
    result = sealed_log_read(log, size - 1, &w, failure);
    meeting.entry = writer_view(&w);
    if (result == 0)
        result = queue_each(ledger, size - 1, compare, &meeting, failure);
    if (result == -ECANCELED)
        result = 0;
    if (result == 0 && !meeting.is_same)
        result = failure_set(failure, ERROR_FORMAT,
                             "ledger %s: leaf %" PRIu64 " of the index is not "
                             "that of the log: one of them is from elsewhere",
                             ledger->directory, size - 1);
    writer_clear(&w);
    return result;
}

int queue_integrate(struct ledger *ledger, struct sealed_log *log,
                    struct failure *failure)
{
    uint64_t head = sealed_log_head(log).size;
    int64_t size = queue_size(ledger, failure);
    struct batch *batch;

    if (size < 0)
        return (int)size;
    int result = check_meeting(ledger, log,
                               (uint64_t)size < head ? (uint64_t)size : head,
                               failure);
    if (result < 0 || (uint64_t)size <= head)
        return result;
    batch = memory_new(1, sizeof *batch);
    batch->log = log;
    batch->failure = failure;
    batch->next = head;
    result = queue_each(ledger, head, batch_take, batch, failure);
    if (result >= 0 && batch->count > 0)
        result = batch_append(batch);
    batch_clear(batch);
    free(batch);
    return result < 0 ? result : 0;
}

static int add_from_log(struct ledger *ledger, struct sealed_log *log,
                        uint64_t number, struct failure *failure)
{
    struct statement statement;
    struct writer w;

    writer_init(&w, SEALED_LEAF_MAX);
    int result = sealed_log_read(log, number, &w, failure);
    if (result == 0)
        result = statement_read(writer_view(&w), &statement, failure);
    if (result == 0) {
        struct queue_leaf leaf = queue_leaf_of(&statement, writer_view(&w));
        result = queue_add(ledger, &leaf, failure);
        statement_clear(&statement);
    }
    writer_clear(&w);
    return result;
}

/* Inside a transaction. */
static int64_t rebuild(struct ledger *ledger, struct sealed_log *log,
                       struct failure *failure)
{
    uint64_t head = sealed_log_head(log).size;
    int64_t size = queue_size(ledger, failure);

    if (size < 0 || (uint64_t)size >= head)
        return size < 0 ? size : 0;
    int result = check_meeting(ledger, log, (uint64_t)size, failure);
    for (uint64_t i = (uint64_t)size; result == 0 && i < head; i++)
        result = add_from_log(ledger, log, i, failure);
    return result < 0 ? result : (int64_t)head - size;
}

int64_t queue_rebuild(struct ledger *ledger, struct sealed_log *log,
                      struct failure *failure)
{
    int result = ledger_begin(ledger, failure);
    int64_t added = result < 0 ? result : rebuild(ledger, log, failure);

    if (added >= 0)
        result = ledger_execute(ledger, "COMMIT", failure);
    if ((result < 0 || added < 0) && !sqlite3_get_autocommit(ledger->database))
        (void)ledger_execute(ledger, "ROLLBACK", NULL); /* The first says. */
    return result < 0 ? result : added;
}
