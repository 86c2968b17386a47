/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger/sealing.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "format/pcapng.h"
#include "ledger/blocks.h"
#include "ledger/internal.h"
#include "ledger/queue.h"
#include "ledger/record.h"
#include "seal/log.h"

enum { HEX_SIZE = 2 * CRYPTO_SHA256_SIZE + 1 };

/* All that making one case holds. */
struct proving {
    struct ledger *ledger;
    struct sealed_log *log;
    struct seal_folder from;      /* The ledger's. */
    struct seal_folder to;
    struct failure *failure;
    char *id;
    int matches;
    struct record_packets packets;
    uint64_t number;              /* Of the finding's leaf. */
    char digest[HEX_SIZE];        /* Of its record. */
    struct writer text;           /* What is written next. */
    struct writer proof;          /* The excerpt's. */
    struct json_writer json;      /* Over it. */
    struct writer excerpt;
};

/* What is taken of one segment. */
struct cut {
    struct proving *proving;
    uint32_t segment;
    uint64_t last;                /* The last block that is wanted. */
    struct writer hashes;         /* Of all its blocks. */
    struct record_range ranges[RECORD_RANGE_MAX * 2 + PCAPNG_INTERFACE_MAX];
    size_t count;
};

static bool is_wanted(const struct cut *cut, const struct block *block)
{
    const struct record_packets *packets = &cut->proving->packets;

    if (block->index > cut->last)
        return false;
    if (block->type == PCAPNG_SECTION || block->type == PCAPNG_INTERFACE)
        return true; /* A packet's interface is a number: all are needed. */
    for (uint32_t i = 0; i < packets->count; i++)
        if (packets->ranges[i].segment == cut->segment &&
            block->index >= packets->ranges[i].from &&
            block->index < packets->ranges[i].to)
            return true;
    return false;
}

static int take_block(void *context, const struct block *block)
{
    struct cut *cut = context;

    writer_bytes(&cut->hashes,
                 bytes_of(block->hash.bytes, sizeof block->hash.bytes));
    if (!is_wanted(cut, block))
        return 0;
    writer_bytes(&cut->proving->excerpt, block->data);
    if (cut->count > 0 && cut->ranges[cut->count - 1].to == block->index) {
        cut->ranges[cut->count - 1].to++;
        return 0;
    }
    if (cut->count == COUNT_OF(cut->ranges))
        return failure_set(cut->proving->failure, ERROR_LIMIT,
                           "segment %" PRIu32 " has too many interfaces",
                           cut->segment);
    cut->ranges[cut->count++] = (struct record_range){
        cut->segment, block->index, block->index + 1
    };
    return 0;
}

/* The hash of any subtree, from the hashes of the leaves. */
static bool read_subtree(void *context, unsigned level, uint64_t index,
                         struct tlog_hash *hash)
{
    struct writer *hashes = context;
    struct tlog_edge edge = { 0 };
    uint64_t count = UINT64_C(1) << level;

    if ((index + 1) * count > hashes->size / TLOG_HASH_SIZE)
        return false;
    for (uint64_t i = index * count; i < (index + 1) * count; i++) {
        memcpy(hash->bytes, hashes->data + i * TLOG_HASH_SIZE,
               TLOG_HASH_SIZE);
        tlog_edge_append(&edge, hash);
    }
    *hash = tlog_edge_root(&edge);
    return true;
}

static void write_hash(struct json_writer *json, const struct tlog_hash *hash)
{
    char text[HEX_SIZE];

    hex_of(hash->bytes, text);
    json_text(json, text);
}

static int prove_range(struct cut *cut, const struct record_range *range)
{
    struct json_writer *json = &cut->proving->json;
    struct tlog_source source = { read_subtree, &cut->hashes };
    struct tlog_range wanted = { range->from, range->to };
    struct tlog_range_path path;

    if (!tlog_prove_range(&source, wanted, cut->hashes.size / TLOG_HASH_SIZE,
                          &path))
        return failure_set(cut->proving->failure, ERROR_FORMAT,
                           "segment %" PRIu32 ": no proof can be made: tenet "
                           "ledger fsck", cut->segment);
    json_object_open(json);
    json_key(json, "from");
    json_number(json, range->from);
    json_key(json, "path");
    json_array_open(json);
    for (uint32_t i = 0; i < path.count; i++)
        write_hash(json, &path.hashes[i]);
    json_array_close(json);
    json_key(json, "to");
    json_number(json, range->to);
    json_object_close(json);
    return 0;
}

static int put(struct proving *proving, const char *name, struct bytes content)
{
    return seal_file_write(&proving->to, name, content, proving->failure);
}

/* A leaf and its proof: NAME.statement.json and NAME.tlog-proof. */
static int put_leaf(struct proving *proving, const char *name,
                    uint64_t number)
{
    char path[SEAL_PATH_MAX];
    int result = sealed_log_read(proving->log, number, &proving->text,
                                 proving->failure);

    (void)snprintf(path, sizeof path, "%s.statement.json", name);
    if (result == 0)
        result = put(proving, path, writer_view(&proving->text));
    if (result == 0)
        result = sealed_log_prove(proving->log, number, &proving->text,
                                  proving->failure);
    (void)snprintf(path, sizeof path, "%s.tlog-proof", name);
    return result < 0 ? result
                      : put(proving, path, writer_view(&proving->text));
}

/* The number of the leaf that seals a segment, or negative. */
static int64_t segment_leaf(struct proving *proving, uint32_t segment)
{
    sqlite3_stmt *row = ledger_prepare(
        proving->ledger, "SELECT MIN(number) FROM leaf WHERE segment = ?",
        proving->failure);
    int64_t number = -ENOENT;

    if (!row)
        return -EIO;
    (void)sqlite3_bind_int64(row, 1, segment); /* The step says it. */
    if (sqlite3_step(row) == SQLITE_ROW &&
        sqlite3_column_type(row, 0) == SQLITE_INTEGER)
        number = sqlite3_column_int64(row, 0);
    ledger_finish(proving->ledger, row);
    if (number == -ENOENT)
        return failure_set(proving->failure, -ENOENT,
                           "packet segment %" PRIu32 " is not sealed yet: "
                           "it is a minute after its first packet",
                           segment);
    return number;
}

static int write_cut(struct cut *cut, const struct block_walk *walk)
{
    struct json_writer *json = &cut->proving->json;
    int result = 0;

    json_object_open(json);
    json_key(json, "blocks");
    json_number(json, walk->blocks);
    json_key(json, "ranges");
    json_array_open(json);
    for (size_t i = 0; i < cut->count && result == 0; i++)
        result = prove_range(cut, &cut->ranges[i]);
    json_array_close(json);
    json_key(json, "root");
    write_hash(json, &walk->root);
    json_key(json, "segment");
    json_number(json, cut->segment);
    json_object_close(json);
    return result;
}

/* Everything of one segment: its leaf, its blocks and their proofs. */
static int prove_segment(struct proving *proving, uint32_t segment,
                         uint64_t last)
{
    struct cut *cut = memory_new(1, sizeof *cut);
    struct block_walk walk;
    char name[SEAL_PATH_MAX];
    int64_t leaf = segment_leaf(proving, segment);
    int result = leaf < 0 ? (int)leaf : 0;

    cut->proving = proving;
    cut->segment = segment;
    cut->last = last;
    writer_init(&cut->hashes, SIZE_MAX);
    if (result == 0)
        result = blocks_walk(&proving->from, segment_path(segment, name),
                             take_block, cut, &walk, proving->failure);
    if (result == -ENOENT && leaf >= 0)
        result = failure_set(proving->failure, result, "%s is missing", name);
    if (result == 0)
        result = write_cut(cut, &walk);
    (void)snprintf(name, sizeof name, "segment-%06" PRIu32, segment);
    if (result == 0)
        result = put_leaf(proving, name, (uint64_t)leaf);
    writer_clear(&cut->hashes);
    free(cut);
    return result;
}

/* The segments follow each other: one section of the excerpt each. */
static int prove_packets(struct proving *proving)
{
    const struct record_packets *packets = &proving->packets;
    int result = 0;

    json_init(&proving->json, &proving->proof);
    json_object_open(&proving->json);
    json_key(&proving->json, "segments");
    json_array_open(&proving->json);
    for (uint32_t i = 0; i < packets->count && result == 0; i++) {
        bool is_last = i + 1 == packets->count ||
                       packets->ranges[i + 1].segment !=
                           packets->ranges[i].segment;
        if (is_last)
            result = prove_segment(proving, packets->ranges[i].segment,
                                   packets->ranges[i].to - 1);
    }
    json_array_close(&proving->json);
    json_object_close(&proving->json);
    if (result == 0)
        result = put(proving, "excerpt.pcapng", writer_view(&proving->excerpt));
    return result < 0 ? result
                      : put(proving, "excerpt.proof.json",
                            writer_view(&proving->proof));
}

static int take_match(void *context, const struct ledger_finding *finding)
{
    struct proving *proving = context;

    if (proving->matches++ == 0)
        proving->id = memory_copy_text(bytes_of_text(finding->id));
    return 0;
}

static int find(struct proving *proving, const char *prefix)
{
    int result = ledger_find(proving->ledger, prefix, take_match, proving,
                             proving->failure);

    if (result < 0)
        return result;
    if (proving->matches == 1)
        return 0;
    return failure_set(proving->failure, -ENOENT,
                       proving->matches == 0
                           ? "no finding begins with '%s'; 'tenet findings "
                             "--all --json' lists them"
                           : "more than one finding begins with '%s'; give "
                             "more of its id",
                       prefix);
}

/* The newest leaf of the finding that the log has. */
static int find_leaf(struct proving *proving)
{
    sqlite3_stmt *row = ledger_prepare(
        proving->ledger,
        "SELECT number, subject FROM leaf WHERE finding = ?"
        " AND number < ? ORDER BY number DESC LIMIT 1",
        proving->failure);
    int result = -ENOENT;

    if (!row)
        return -EIO;
    ledger_bind_text(row, 1, proving->id);
    (void)sqlite3_bind_int64(row, 2,
                             (int64_t)sealed_log_head(proving->log).size);
    if (sqlite3_step(row) == SQLITE_ROW) {
        proving->number = (uint64_t)sqlite3_column_int64(row, 0);
        (void)snprintf(proving->digest, sizeof proving->digest, "%s",
                       ledger_column(row, 1));
        result = 0;
    }
    ledger_finish(proving->ledger, row);
    return result == 0
               ? 0
               : failure_set(proving->failure, result,
                             "finding %s is not in the log: it was kept "
                             "without sealing, or a moment ago",
                             proving->id);
}

/* One {"from":..,"segment":..,"to":..} of a leaf. */
static bool read_range(const json_t *value, struct record_range *range)
{
    json_int_t segment = json_integer_value(json_object_get(value, "segment"));
    json_int_t from = json_integer_value(json_object_get(value, "from"));
    json_int_t to = json_integer_value(json_object_get(value, "to"));

    *range = (struct record_range){ (uint32_t)segment, (uint64_t)from,
                                    (uint64_t)to };
    return segment > 0 && segment <= UINT32_MAX && from >= 0 && to > from;
}

/* The packets that the leaf speaks of: the index may have more by now. */
static int read_packets(struct proving *proving)
{
    struct statement statement;
    int result = sealed_log_read(proving->log, proving->number,
                                 &proving->text, proving->failure);

    if (result == 0)
        result = statement_read(writer_view(&proving->text), &statement,
                                proving->failure);
    if (result < 0)
        return result;
    const json_t *ranges = json_object_get(
        json_object_get(statement.content, "packets"), "ranges");
    size_t count = json_array_size(ranges);
    for (size_t i = 0; i < count && result == 0; i++) {
        if (i == RECORD_RANGE_MAX ||
            !read_range(json_array_get(ranges, i),
                        &proving->packets.ranges[i]))
            result = failure_set(proving->failure, ERROR_FORMAT,
                                 "the finding's leaf names no blocks");
        proving->packets.count++;
    }
    statement_clear(&statement);
    return result;
}

static int prove(struct proving *proving, const char *prefix)
{
    char path[SEAL_PATH_MAX];
    int result = find(proving, prefix);

    if (result == 0)
        result = find_leaf(proving);
    if (result == 0)
        result = seal_file_read(&proving->from,
                                object_path(proving->digest, path),
                                RECORD_SIZE_MAX, &proving->text,
                                proving->failure);
    if (result == -ENOENT && proving->digest[0])
        result = failure_set(proving->failure, result, "%s is missing", path);
    if (result == 0)
        result = put(proving, "finding.json", writer_view(&proving->text));
    if (result == 0)
        result = put_leaf(proving, "finding", proving->number);
    if (result == 0)
        result = read_packets(proving);
    return result < 0 ? result : prove_packets(proving);
}

int ledger_prove(struct ledger *ledger, const char *prefix, const char *to,
                 struct failure *failure)
{
    struct proving proving = { .ledger = ledger, .failure = failure,
                               .from = { .descriptor = -1 },
                               .to = { .descriptor = -1 } };
    char *path = ledger_log_path(ledger->directory);
    struct sealed_log_options options = { .directory = path };
    int result = sealed_log_open(&options, &proving.log, failure);

    if (result == -ENOENT)
        result = failure_set(failure, result, "%s: there is no log", path);
    if (result == 0)
        result = seal_folder_open(ledger->directory, false, &proving.from,
                                  failure);
    if (result == 0)
        result = seal_folder_open(to, true, &proving.to, failure);
    writer_init(&proving.text, RECORD_SIZE_MAX);
    writer_init(&proving.proof, SIZE_MAX);
    writer_init(&proving.excerpt, SIZE_MAX);
    if (result == 0)
        result = prove(&proving, prefix);
    sealed_log_close(proving.log);
    seal_folder_close(&proving.from);
    seal_folder_close(&proving.to);
    writer_clear(&proving.text);
    writer_clear(&proving.proof);
    writer_clear(&proving.excerpt);
    free(proving.id);
    free(path);
    return result;
}
