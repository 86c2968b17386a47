/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger/record.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "ledger/statement.h"

void hex_of(const uint8_t digest[CRYPTO_SHA256_SIZE],
            char text[2 * CRYPTO_SHA256_SIZE + 1])
{
    for (size_t i = 0; i < CRYPTO_SHA256_SIZE; i++)
        (void)snprintf(text + 2 * i, 3, "%02x", digest[i]); /* Fits. */
}

const char *object_path(const char *digest, char path[SEAL_PATH_MAX])
{
    (void)snprintf(path, SEAL_PATH_MAX, "obj/%.2s/%s", digest, digest);
    return path;
}

/* One that a crash cut short is not: it is written again. */
static bool is_kept(const struct seal_folder *folder, const char *path,
                    struct bytes content)
{
    struct writer known;

    writer_init(&known, content.size);
    bool is_same =
        seal_file_read(folder, path, content.size, &known, NULL) == 0 &&
        bytes_equal(writer_view(&known), content);
    writer_clear(&known);
    return is_same;
}

int object_keep(const struct seal_folder *folder, struct bytes content,
                char digest[2 * CRYPTO_SHA256_SIZE + 1],
                struct failure *failure)
{
    uint8_t hash[CRYPTO_SHA256_SIZE];
    char path[SEAL_PATH_MAX];

    crypto_sha256(content, hash);
    hex_of(hash, digest);
    (void)object_path(digest, path);
    if (is_kept(folder, path, content))
        return 0;
    return seal_file_place(folder, path, content, failure);
}

/* One more block: of the last range, or of a new one. */
static void add_block(struct record_packets *packets, uint32_t segment,
                      uint64_t block)
{
    struct record_range *last =
        packets->count > 0 ? &packets->ranges[packets->count - 1] : NULL;

    if (last && last->segment == segment && last->to == block)
        last->to++;
    else if (packets->count == RECORD_RANGE_MAX)
        packets->dropped++;
    else
        packets->ranges[packets->count++] =
            (struct record_range){ segment, block, block + 1 };
}

int record_read_packets(struct ledger *ledger, const char *finding,
                        int64_t run, struct record_packets *packets,
                        struct failure *failure)
{
    sqlite3_stmt *row = ledger_prepare(
        ledger,
        "SELECT segment, block, hash FROM evidence WHERE finding = ? AND"
        " run = ? AND hash IS NOT NULL ORDER BY segment, block",
        failure);
    int step;

    memset(packets, 0, sizeof *packets);
    if (!row)
        return -EIO;
    ledger_bind_text(row, 1, finding);
    (void)sqlite3_bind_int64(row, 2, run); /* The step says it. */
    while ((step = sqlite3_step(row)) == SQLITE_ROW) {
        struct tlog_hash hash;
        const void *data = sqlite3_column_blob(row, 2);
        if (!data || sqlite3_column_bytes(row, 2) != sizeof hash.bytes)
            break;
        memcpy(hash.bytes, data, sizeof hash.bytes);
        tlog_edge_append(&packets->edge, &hash);
        add_block(packets, (uint32_t)sqlite3_column_int64(row, 0),
                  (uint64_t)sqlite3_column_int64(row, 1));
    }
    int result = step == SQLITE_DONE
                     ? 0
                     : ledger_fail(ledger, failure, "read evidence");
    ledger_finish(ledger, row);
    return result;
}

static void write_ranges(struct json_writer *json,
                         const struct record_packets *packets)
{
    json_key(json, "ranges");
    json_array_open(json);
    for (uint32_t i = 0; i < packets->count; i++) {
        const struct record_range *range = &packets->ranges[i];
        json_object_open(json);
        json_key(json, "from");
        json_number(json, range->from);
        json_key(json, "segment");
        json_number(json, range->segment);
        json_key(json, "to");
        json_number(json, range->to);
        json_object_close(json);
    }
    json_array_close(json);
}

void record_write_packets(struct json_writer *json,
                          const struct record_packets *packets)
{
    char root[2 * CRYPTO_SHA256_SIZE + 1];
    struct tlog_hash hash = tlog_edge_root(&packets->edge);

    hex_of(hash.bytes, root);
    json_key(json, "packets");
    json_object_open(json);
    json_key(json, "count");
    json_number(json, packets->edge.size);
    json_key(json, "outside");
    json_number(json, packets->dropped);
    write_ranges(json, packets);
    json_key(json, "root");
    json_text(json, root);
    json_object_close(json);
}

static void text(struct json_writer *json, const char *key, const char *value)
{
    json_key(json, key);
    if (value)
        json_text(json, value);
    else
        json_nothing(json);
}

static int add_fact(void *context, const struct ledger_fact *fact)
{
    struct json_writer *json = context;

    json_object_open(json);
    text(json, "name", fact->name);
    text(json, "value", fact->value);
    json_object_close(json);
    return 0;
}

static int write_first_half(struct ledger *ledger, struct json_writer *json,
                            const struct ledger_finding *f,
                            struct failure *failure)
{
    text(json, "address", f->address);
    json_key(json, "count");
    json_number(json, f->count);
    text(json, "description", f->description);
    text(json, "detection", f->detection);
    text(json, "device", f->device);
    json_key(json, "facts");
    json_array_open(json);
    int result = ledger_each_fact(ledger, f, add_fact, json, failure);
    json_array_close(json);
    statement_time(json, "first", f->first_ns);
    json_key(json, "format");
    json_number(json, 1);
    text(json, "harm", f->harm);
    text(json, "id", f->id);
    text(json, "language", f->language);
    statement_time(json, "last", f->last_ns);
    return result;
}

int record_write(struct ledger *ledger, const struct ledger_finding *f,
                 const struct record_packets *packets, struct writer *w,
                 struct failure *failure)
{
    struct json_writer json;

    writer_reset(w);
    json_init(&json, w);
    json_object_open(&json);
    int result = write_first_half(ledger, &json, f, failure);
    text(&json, "mac", f->mac);
    text(&json, "name", f->name);
    record_write_packets(&json, packets);
    text(&json, "peer", f->peer);
    text(&json, "references", f->references);
    text(&json, "role", f->role);
    json_key(&json, "run");
    json_signed(&json, f->run);
    text(&json, "sentence", f->sentence);
    text(&json, "severity", f->severity);
    text(&json, "techniques", f->techniques);
    text(&json, "title", f->title);
    text(&json, "tunnel_destination", f->tunnel_destination);
    text(&json, "tunnel_source", f->tunnel_source);
    text(&json, "version", f->version);
    json_object_close(&json);
    if (result >= 0 && w->overflowed)
        result = failure_set(failure, ERROR_LIMIT,
                             "finding %s is larger than %d bytes", f->id,
                             RECORD_SIZE_MAX);
    return result;
}
