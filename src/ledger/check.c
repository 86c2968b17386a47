/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger/sealing.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ledger/blocks.h"
#include "ledger/internal.h"
#include "ledger/queue.h"
#include "ledger/record.h"
#include "seal/log.h"

enum { HEX_SIZE = 2 * CRYPTO_SHA256_SIZE + 1, HASHES_MAX = 1 << 30 };

/* All that one check holds. */
struct audit {
    struct ledger *ledger;
    struct sealed_log *log;
    struct seal_folder folder;
    struct ledger_check *check;
    struct failure *failure;
    struct writer entry;         /* Of the log. */
    struct writer object;
    char previous[HEX_SIZE];     /* The file before this segment. */
};

/* A segment file held against the hashes of its blocks. */
struct comparison {
    const uint8_t *hashes;
    uint64_t count;
    uint64_t blocks;             /* Seen. */
    bool differs;
    uint64_t at;                 /* The first block that differs, */
    struct tlog_hash found;      /* what is there, */
    struct tlog_hash next;       /* and what comes after. */
    bool has_next;
};

static int compare_block(void *context, const struct block *block)
{
    struct comparison *c = context;

    c->blocks++;
    if (c->differs && !c->has_next) {
        c->next = block->hash;
        c->has_next = true;
    }
    if (c->differs ||
        (block->index < c->count &&
         memcmp(block->hash.bytes, c->hashes + block->index * TLOG_HASH_SIZE,
                TLOG_HASH_SIZE) == 0))
        return 0;
    c->differs = true;
    c->at = block->index;
    c->found = block->hash;
    return 0;
}

static bool is_block(const struct comparison *c, uint64_t index,
                     const struct tlog_hash *hash)
{
    return index < c->count &&
           memcmp(c->hashes + index * TLOG_HASH_SIZE, hash->bytes,
                  TLOG_HASH_SIZE) == 0;
}

/* What was done to the block, as far as the hashes tell. */
static const char *name_of_change(const struct comparison *c)
{
    if (c->at > 0 && is_block(c, c->at - 1, &c->found))
        return "is there twice";
    if (is_block(c, c->at + 1, &c->found))
        return c->has_next && is_block(c, c->at, &c->next)
                   ? "has changed places with the next"
                   : "is missing";
    for (uint64_t i = 0; i < c->count; i++)
        if (is_block(c, i, &c->found))
            return "is not in its place";
    return c->at >= c->count ? "was added" : "was changed";
}

static struct tlog_hash root_of(struct bytes hashes)
{
    struct tlog_edge edge = { 0 };
    struct tlog_hash hash;

    for (size_t at = 0; at + TLOG_HASH_SIZE <= hashes.size;
         at += TLOG_HASH_SIZE) {
        memcpy(hash.bytes, hashes.data + at, TLOG_HASH_SIZE);
        tlog_edge_append(&edge, &hash);
    }
    return tlog_edge_root(&edge);
}

/* The file is not what was sealed: which block? The hashes beside it tell,
 * when they are those of the root. */
static int name_block(struct audit *audit, uint32_t number, const char *root,
                      const struct block_walk *walk)
{
    char path[SEAL_PATH_MAX];
    char text[HEX_SIZE];
    struct writer hashes;
    struct block_walk again;
    struct comparison c = { 0 };

    writer_init(&hashes, HASHES_MAX);
    int result =
        seal_file_read(&audit->folder, segment_hashes_path(number, path),
                       HASHES_MAX, &hashes, audit->failure);
    struct tlog_hash own = root_of(writer_view(&hashes));
    hex_of(own.bytes, text);
    if (result < 0 || strcmp(text, root) != 0) {
        writer_clear(&hashes);
        return failure_set(audit->failure, ERROR_FORMAT,
                           "%s is not what was sealed, and its hashes, which "
                           "would tell the block, are not there whole",
                           segment_path(number, path));
    }
    c.hashes = hashes.data;
    c.count = hashes.size / TLOG_HASH_SIZE;
    result = blocks_walk(&audit->folder, segment_path(number, path),
                         compare_block, &c, &again, audit->failure);
    if (result == 0 && c.differs)
        result = failure_set(audit->failure, ERROR_FORMAT,
                             "%s: block %" PRIu64 " %s", path, c.at,
                             name_of_change(&c));
    else if (result == 0 && c.blocks < c.count)
        result = failure_set(audit->failure, ERROR_FORMAT,
                             "%s: block %" PRIu64 " is missing, and all that "
                             "followed",
                             path, c.blocks);
    else if (result == 0)
        result = failure_set(audit->failure, ERROR_FORMAT,
                             "%s: %" PRIu64 " bytes follow its last block",
                             path, walk->rest);
    writer_clear(&hashes);
    return result;
}

static int check_segment(struct audit *audit,
                         const struct statement *statement)
{
    uint64_t number = 0;
    uint64_t size = 0;
    char path[SEAL_PATH_MAX];
    char digest[HEX_SIZE];
    char root[HEX_SIZE];
    struct block_walk walk;
    const char *sealed = statement_text(statement, "root");
    const char *previous = statement_text(statement, "previous");

    if (!statement_number(statement, "segment", &number) ||
        !statement_number(statement, "bytes", &size) || !sealed || !previous)
        return failure_set(audit->failure, ERROR_FORMAT,
                           "a segment's leaf lacks what it must say");
    if (strcmp(previous, audit->previous) != 0)
        return failure_set(audit->failure, ERROR_FORMAT,
                           "segment %" PRIu64 " does not follow the one "
                           "before it", number);
    memcpy(audit->previous, statement->digest, sizeof audit->previous);
    int result =
        blocks_walk(&audit->folder, segment_path((uint32_t)number, path),
                    NULL, NULL, &walk, audit->failure);
    if (result == -ENOENT)
        return failure_set(audit->failure, result, "%s is missing", path);
    if (result < 0)
        return result;
    hex_of(walk.digest, digest);
    hex_of(walk.root.bytes, root);
    if (strcmp(root, sealed) != 0 || walk.rest > 0 || walk.size != size ||
        strcmp(digest, statement->digest) != 0)
        return name_block(audit, (uint32_t)number, sealed, &walk);
    audit->check->segments++;
    audit->check->blocks += walk.blocks;
    return 0;
}

/* What a leaf names by its digest must be there, and be that. */
static int check_object(struct audit *audit, const char *digest)
{
    uint8_t hash[CRYPTO_SHA256_SIZE];
    char found[HEX_SIZE];
    char path[SEAL_PATH_MAX];
    int result = seal_file_read(&audit->folder, object_path(digest, path),
                                RECORD_SIZE_MAX, &audit->object,
                                audit->failure);

    if (result == -ENOENT)
        return failure_set(audit->failure, result, "%s is missing", path);
    if (result < 0)
        return result;
    crypto_sha256(writer_view(&audit->object), hash);
    hex_of(hash, found);
    if (strcmp(found, digest) == 0)
        return 0;
    return failure_set(audit->failure, ERROR_FORMAT, "%s was changed", path);
}

static int check_statement(struct audit *audit, uint64_t number,
                           struct bytes content)
{
    struct statement statement;
    struct failure inner = { .text = "" };
    int result = statement_read(content, &statement, &inner);

    if (result < 0)
        return failure_set(audit->failure, result, "leaf %" PRIu64 ": %s",
                           number, inner.text);
    if (statement.kind == STATEMENT_SEGMENT)
        result = check_segment(audit, &statement);
    if (statement.kind == STATEMENT_FINDING ||
        statement.kind == STATEMENT_RULESET)
        result = check_object(audit, statement.digest);
    statement_clear(&statement);
    return result;
}

/* A row of the index, and its leaf in the log. Rows past the head wait. */
static int check_row(void *context, uint64_t number, struct bytes content)
{
    struct audit *audit = context;

    if (number < sealed_log_head(audit->log).size) {
        int result = sealed_log_read(audit->log, number, &audit->entry,
                                     audit->failure);
        if (result < 0)
            return result;
        if (!bytes_equal(writer_view(&audit->entry), content))
            return failure_set(audit->failure, ERROR_FORMAT,
                               "leaf %" PRIu64 " of the index is not that of "
                               "the log", number);
    }
    audit->check->leaves++;
    return check_statement(audit, number, content);
}

static int check_record(void *context, const struct ledger_finding *finding)
{
    struct audit *audit = context;
    struct record_packets packets;
    int result = record_read_packets(audit->ledger, finding->id, finding->run,
                                     &packets, audit->failure);

    return result < 0 ? result
                      : record_write(audit->ledger, finding, &packets,
                                     &audit->object, audit->failure);
}

/* The newest leaf of a finding against what the index makes of it now. */
static int check_finding(struct audit *audit, const char *id, int64_t run,
                         const char *digest)
{
    uint8_t hash[CRYPTO_SHA256_SIZE];
    char found[HEX_SIZE];
    int result = ledger_of_run(audit->ledger, id, run, check_record, audit,
                               audit->failure);

    if (result == -ENOENT) {
        audit->check->unindexed++;
        return 0;
    }
    if (result < 0)
        return result;
    crypto_sha256(writer_view(&audit->object), hash);
    hex_of(hash, found);
    if (strcmp(found, digest) != 0)
        return failure_set(audit->failure, ERROR_FORMAT,
                           "finding %s of run %" PRId64 " is not in the index "
                           "as it was sealed", id, run);
    audit->check->findings++;
    return 0;
}

/* Runs that have not ended may hold what no leaf says yet. */
static int check_findings(struct audit *audit)
{
    sqlite3_stmt *row = ledger_prepare(
        audit->ledger,
        "SELECT finding, run, subject, MAX(leaf.number) FROM leaf"
        " LEFT JOIN run ON run.number = leaf.run WHERE finding IS NOT NULL"
        " AND (run.number IS NULL OR run.stats IS NOT NULL)"
        " GROUP BY finding, run",
        audit->failure);
    int step = SQLITE_DONE;
    int result = 0;

    if (!row)
        return -EIO;
    while (result == 0 && (step = sqlite3_step(row)) == SQLITE_ROW)
        result = check_finding(audit, ledger_column(row, 0),
                               sqlite3_column_int64(row, 1),
                               ledger_column(row, 2));
    if (result == 0 && step != SQLITE_DONE)
        result = ledger_fail(audit->ledger, audit->failure, "read findings");
    ledger_finish(audit->ledger, row);
    return result;
}

static int check_all(struct audit *audit)
{
    int64_t rebuilt = 0;
    int result = sealed_log_check(audit->log, audit->failure);

    if (result == 0)
        rebuilt = queue_rebuild(audit->ledger, audit->log, audit->failure);
    if (rebuilt < 0)
        result = (int)rebuilt;
    else
        audit->check->rebuilt = (uint64_t)rebuilt;
    if (result == 0)
        result = queue_each(audit->ledger, 0, check_row, audit,
                            audit->failure);
    return result < 0 ? result : check_findings(audit);
}

int ledger_check(struct ledger *ledger, struct ledger_check *check,
                 struct failure *failure)
{
    struct audit audit = { .ledger = ledger, .check = check,
                           .failure = failure,
                           .folder = { .descriptor = -1 } };
    char *path = ledger_log_path(ledger->directory);
    struct sealed_log_options options = { .directory = path };
    int result = seal_folder_open(ledger->directory, false, &audit.folder,
                                  failure);

    *check = (struct ledger_check){ 0 };
    if (result == 0)
        result = sealed_log_open(&options, &audit.log, failure);
    if (result == -ENOENT)
        result = failure_set(failure, result, "%s: there is no log; 'tenet "
                             "ledger init' or 'tenet watch' makes one", path);
    writer_init(&audit.entry, SEALED_LEAF_MAX);
    writer_init(&audit.object, RECORD_SIZE_MAX);
    if (result == 0)
        result = check_all(&audit);
    sealed_log_close(audit.log);
    seal_folder_close(&audit.folder);
    writer_clear(&audit.entry);
    writer_clear(&audit.object);
    free(path);
    return result;
}
