/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger/sealing.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/memory.h"
#include "ledger/queue.h"
#include "ledger/record.h"
#include "seal/log.h"

enum { NAME_SIZE = 128, RETRY_MS = 50, HEX_SIZE = 2 * CRYPTO_SHA256_SIZE + 1 };

char *ledger_log_path(const char *directory)
{
    struct writer path;

    writer_init(&path, 8192);
    writer_format(&path, "%s/log", directory);
    char *text = memory_copy_text(writer_view(&path));
    writer_clear(&path);
    return text;
}

int ledger_make_log(const char *directory, const char *origin,
                    struct failure *failure)
{
    char name[NAME_SIZE];
    uint64_t number;

    if (!origin) {
        int result = crypto_random(&number, sizeof number);
        if (result < 0)
            return failure_set(failure, result,
                               "the system gives no random numbers");
        (void)snprintf(name, sizeof name, "tenet/%016llx",
                       (unsigned long long)number); /* Fits. */
        origin = name;
    }
    char *path = ledger_log_path(directory);
    int result = sealed_log_create(path, origin, failure);
    free(path);
    return result;
}

void sealing_free(struct sealing *sealing)
{
    if (!sealing)
        return;
    seal_folder_close(&sealing->folder);
    free(sealing->log_path);
    free(sealing->program);
    free(sealing);
}

bool ledger_is_sealed(const struct ledger *ledger)
{
    return ledger->sealing != NULL;
}

void ledger_note_traffic(struct ledger *ledger, uint64_t frames,
                         uint64_t drops)
{
    if (!ledger->sealing)
        return;
    ledger->sealing->frames = frames;
    ledger->sealing->drops = drops;
}

/* A statement under way, with the queue's row that it becomes. */
struct draft {
    struct writer w;
    struct json_writer json;
    struct queue_leaf leaf;
};

static void draft_open(struct draft *draft, enum statement_kind kind)
{
    draft->leaf = (struct queue_leaf){ .kind = kind };
    writer_init(&draft->w, STATEMENT_SIZE_MAX);
    json_init(&draft->json, &draft->w);
    statement_open(&draft->json);
}

/* Close it and queue it; the draft is cleared. */
static int draft_queue(struct draft *draft, struct ledger *ledger,
                       const char *subject,
                       const uint8_t digest[CRYPTO_SHA256_SIZE],
                       struct failure *failure)
{
    struct statement_end end = { .kind = draft->leaf.kind,
                                 .subject = subject, .digest = digest };
    char text[HEX_SIZE];
    int result = crypto_random(end.salt, sizeof end.salt);

    hex_of(digest, text);
    draft->leaf.subject = text;
    statement_close(&draft->json, &end);
    draft->leaf.content = writer_view(&draft->w);
    if (result < 0)
        result = failure_set(failure, result,
                             "the system gives no random numbers");
    else if (draft->w.overflowed)
        result = failure_set(failure, ERROR_LIMIT,
                             "a leaf of more than %d bytes: %s",
                             STATEMENT_SIZE_MAX, subject);
    if (result == 0)
        result = queue_add(ledger, &draft->leaf, failure);
    writer_clear(&draft->w);
    return result;
}

static void add_number(struct draft *draft, const char *key, uint64_t number)
{
    json_key(&draft->json, key);
    json_number(&draft->json, number);
}

static void add_text(struct draft *draft, const char *key, const char *text)
{
    json_key(&draft->json, key);
    json_text(&draft->json, text);
}

static int add_genesis(struct ledger *ledger, struct failure *failure)
{
    struct sealing *sealing = ledger->sealing;
    struct draft draft;

    draft_open(&draft, STATEMENT_GENESIS);
    add_text(&draft, "origin", sealing->origin);
    add_text(&draft, "program", sealing->program);
    return draft_queue(&draft, ledger, "vkey", sealing->key_digest, failure);
}

/* The digest of the last segment file that has a leaf; "" before the first. */
static int last_segment(struct ledger *ledger, char digest[HEX_SIZE],
                        struct failure *failure)
{
    sqlite3_stmt *row = ledger_prepare(
        ledger,
        "SELECT subject FROM leaf WHERE segment IS NOT NULL"
        " ORDER BY number DESC LIMIT 1",
        failure);

    digest[0] = '\0';
    if (!row)
        return -EIO;
    int step = sqlite3_step(row);
    if (step == SQLITE_ROW)
        (void)snprintf(digest, HEX_SIZE, "%s", ledger_column(row, 0));
    int result = step == SQLITE_ROW || step == SQLITE_DONE
                     ? 0
                     : ledger_fail(ledger, failure, "read segments");
    ledger_finish(ledger, row);
    return result;
}

int sealing_add_segment(struct ledger *ledger,
                        const struct segment_summary *segment,
                        bool is_recovered, struct failure *failure)
{
    struct draft draft;
    char previous[HEX_SIZE];
    char root[HEX_SIZE];
    char name[SEAL_PATH_MAX];
    int result = last_segment(ledger, previous, failure);

    if (result < 0)
        return result;
    hex_of(segment->root.bytes, root);
    draft_open(&draft, STATEMENT_SEGMENT);
    draft.leaf.segment = segment->number;
    add_number(&draft, "blocks", segment->blocks);
    add_number(&draft, "bytes", segment->size);
    add_number(&draft, "drops", is_recovered ? 0 : ledger->sealing->drops);
    statement_time(&draft.json, "first", segment->first_ns);
    add_number(&draft, "frames", is_recovered ? 0 : ledger->sealing->frames);
    statement_time(&draft.json, "last", segment->last_ns);
    add_text(&draft, "previous", previous);
    json_key(&draft.json, "recovered"); /* Its counters are not known. */
    json_flag(&draft.json, is_recovered);
    add_text(&draft, "root", root);
    add_number(&draft, "run", (uint64_t)ledger->run);
    add_number(&draft, "segment", segment->number);
    return draft_queue(&draft, ledger, segment_path(segment->number, name),
                       segment->digest, failure);
}

int sealing_end_segment(struct ledger *ledger, struct failure *failure)
{
    struct segment_summary summary;
    int result = segment_end(ledger->segment, &ledger->sealing->folder,
                             &summary, failure);

    return result > 0
               ? sealing_add_segment(ledger, &summary, false, failure)
               : result;
}

/* Has the finding grown enough since its last leaf to say so? */
static bool is_worth_saying(struct ledger *ledger,
                            const struct ledger_finding *finding)
{
    sqlite3_stmt *row = ledger_prepare(
        ledger,
        "SELECT count, severity FROM leaf WHERE finding = ? AND run = ?"
        " ORDER BY number DESC LIMIT 1",
        NULL);
    bool is_worth = true;

    if (!row || ledger->sealing->say_all)
        return true;
    ledger_bind_text(row, 1, finding->id);
    (void)sqlite3_bind_int64(row, 2, finding->run); /* Then: say it. */
    if (sqlite3_step(row) == SQLITE_ROW) {
        const char *severity = ledger_column(row, 1);
        is_worth = finding->count / 2 >=
                       (uint64_t)sqlite3_column_int64(row, 0) ||
                   !severity || strcmp(severity, finding->severity) != 0;
    }
    ledger_finish(ledger, row);
    return is_worth;
}

/* Has this very record a leaf already? */
static bool is_said(struct ledger *ledger,
                    const struct ledger_finding *finding, const char *digest)
{
    sqlite3_stmt *row = ledger_prepare(
        ledger,
        "SELECT 1 FROM leaf WHERE finding = ? AND run = ? AND subject = ?",
        NULL);
    bool is_known = false;

    if (!row)
        return false; /* Said twice does no harm. */
    ledger_bind_text(row, 1, finding->id);
    (void)sqlite3_bind_int64(row, 2, finding->run); /* Likewise. */
    ledger_bind_text(row, 3, digest);
    is_known = sqlite3_step(row) == SQLITE_ROW;
    ledger_finish(ledger, row);
    return is_known;
}

static int queue_finding(struct ledger *ledger,
                         const struct ledger_finding *finding,
                         const struct record_packets *packets,
                         struct bytes record, struct failure *failure)
{
    struct draft draft;
    char name[NAME_SIZE];
    char text[HEX_SIZE];
    uint8_t digest[CRYPTO_SHA256_SIZE];
    int result = object_keep(&ledger->sealing->folder, record, text, failure);

    if (result < 0)
        return result;
    crypto_sha256(record, digest);
    draft_open(&draft, STATEMENT_FINDING);
    draft.leaf.finding = finding->id;
    draft.leaf.run = finding->run;
    draft.leaf.count = finding->count;
    draft.leaf.severity = finding->severity;
    add_number(&draft, "count", finding->count);
    add_text(&draft, "detection", finding->detection);
    add_text(&draft, "id", finding->id);
    record_write_packets(&draft.json, packets);
    add_number(&draft, "run", (uint64_t)finding->run);
    add_text(&draft, "severity", finding->severity);
    add_text(&draft, "version", finding->version);
    (void)snprintf(name, sizeof name, "finding %s", finding->id);
    return draft_queue(&draft, ledger, name, digest, failure);
}

struct saying {
    struct ledger *ledger;
    struct failure *failure;
};

static int say_finding(void *context, const struct ledger_finding *finding)
{
    struct saying *saying = context;
    struct ledger *ledger = saying->ledger;
    struct record_packets packets;
    struct writer record;
    uint8_t digest[CRYPTO_SHA256_SIZE];
    char text[HEX_SIZE];

    if (!is_worth_saying(ledger, finding))
        return 0;
    writer_init(&record, RECORD_SIZE_MAX);
    int result = record_read_packets(ledger, finding->id, finding->run,
                                     &packets, saying->failure);
    if (result >= 0)
        result = record_write(ledger, finding, &packets, &record,
                              saying->failure);
    crypto_sha256(writer_view(&record), digest);
    hex_of(digest, text);
    if (result >= 0 && !is_said(ledger, finding, text))
        result = queue_finding(ledger, finding, &packets,
                               writer_view(&record), saying->failure);
    writer_clear(&record);
    return result;
}

int sealing_add_findings(struct ledger *ledger, struct failure *failure)
{
    struct sealing *sealing = ledger->sealing;
    struct saying saying = { ledger, failure };
    sqlite3_stmt *row = ledger_prepare(
        ledger,
        "SELECT finding, MAX(sequence) FROM finding_state WHERE sequence > ?"
        " AND run = ? GROUP BY finding ORDER BY MAX(sequence)",
        failure);
    int step = SQLITE_DONE;
    int result = 0;

    if (!row)
        return -EIO;
    (void)sqlite3_bind_int64(row, 1, sealing->said_state);
    (void)sqlite3_bind_int64(row, 2, ledger->run); /* The step says it. */
    sealing->next_state = sealing->said_state;
    while (result >= 0 && (step = sqlite3_step(row)) == SQLITE_ROW) {
        result = ledger_of_run(ledger, ledger_column(row, 0), ledger->run,
                               say_finding, &saying, failure);
        sealing->next_state = sqlite3_column_int64(row, 1);
    }
    if (result >= 0 && step != SQLITE_DONE)
        result = ledger_fail(ledger, failure, "read findings");
    ledger_finish(ledger, row);
    return result < 0 ? result : 0;
}

void sealing_say_all(struct ledger *ledger)
{
    ledger->sealing->say_all = true;
}

void sealing_committed(struct ledger *ledger)
{
    struct sealing *sealing = ledger->sealing;

    if (sealing->say_all)
        sealing->said_state = sealing->next_state;
    sealing->say_all = false;
}

int ledger_add_ruleset(struct ledger *ledger, struct bytes object,
                       struct failure *failure)
{
    struct draft draft;
    char text[HEX_SIZE];
    uint8_t digest[CRYPTO_SHA256_SIZE];

    if (!ledger->sealing)
        return 0;
    int result = ledger_begin(ledger, failure);
    if (result == 0)
        result = object_keep(&ledger->sealing->folder, object, text, failure);
    sqlite3_stmt *row = result < 0 ? NULL : ledger_prepare(
        ledger,
        "SELECT subject FROM leaf WHERE kind = 'ruleset'"
        " ORDER BY number DESC LIMIT 1",
        failure);
    if (!row)
        return -EIO;
    bool is_last = sqlite3_step(row) == SQLITE_ROW &&
                   strcmp(ledger_column(row, 0), text) == 0;
    ledger_finish(ledger, row);
    if (is_last)
        return 0;
    crypto_sha256(object, digest);
    draft_open(&draft, STATEMENT_RULESET);
    add_text(&draft, "program", ledger->sealing->program);
    return draft_queue(&draft, ledger, "ruleset.json", digest, failure);
}

static int add_heartbeat(struct ledger *ledger, struct ledger_moment now,
                         struct failure *failure)
{
    struct sealing *sealing = ledger->sealing;
    struct draft draft;
    int result = ledger_begin(ledger, failure);

    if (result < 0)
        return result;
    draft_open(&draft, STATEMENT_HEARTBEAT);
    statement_time(&draft.json, "at", now.wall_ns);
    add_number(&draft, "drops", sealing->drops);
    add_number(&draft, "frames", sealing->frames);
    add_number(&draft, "run", (uint64_t)ledger->run);
    return draft_queue(&draft, ledger, "vkey", sealing->key_digest, failure);
}

static int add_clock(struct ledger *ledger, struct ledger_moment now,
                     int64_t expected_ns, struct failure *failure)
{
    struct draft draft;
    int result = ledger_begin(ledger, failure);

    if (result < 0)
        return result;
    draft_open(&draft, STATEMENT_CLOCK);
    statement_time(&draft.json, "expected", expected_ns);
    statement_time(&draft.json, "found", now.wall_ns);
    add_number(&draft, "run", (uint64_t)ledger->run);
    return draft_queue(&draft, ledger, "vkey", ledger->sealing->key_digest,
                       failure);
}

/* Both clocks must have run on by the same time. */
static int check_clock(struct ledger *ledger, struct ledger_moment now,
                       struct failure *failure)
{
    const struct ledger_moment *last = &ledger->sealing->last;
    int64_t expected_ns = last->wall_ns + (now.steady_ns - last->steady_ns);
    int64_t step_ms = (now.wall_ns - expected_ns) / 1000000;

    if (step_ms >= -SEALING_STEP_MS && step_ms <= SEALING_STEP_MS)
        return 0;
    return add_clock(ledger, now, expected_ns, failure);
}

int ledger_tick(struct ledger *ledger, struct ledger_moment now,
                struct failure *failure)
{
    struct sealing *sealing = ledger->sealing;
    int result = 0;

    if (!sealing)
        return 0;
    if (sealing->last.steady_ns == 0)
        sealing->said_ns = sealing->heartbeat_ns = now.steady_ns;
    else
        result = check_clock(ledger, now, failure);
    if (result < 0)
        return result;
    sealing->last = now;
    if (segment_is_due(ledger->segment, now.wall_ns)) {
        result = ledger_begin(ledger, failure);
        if (result == 0)
            result = sealing_end_segment(ledger, failure);
    }
    if (now.steady_ns - sealing->said_ns >= SEALING_SAY_S * 1000000000LL) {
        sealing->said_ns = now.steady_ns;
        sealing->say_all = true;
        if (result == 0) /* What is to be said is said with a commit. */
            result = ledger_begin(ledger, failure);
    }
    if (result < 0 || now.steady_ns - sealing->heartbeat_ns <
                          SEALING_HEARTBEAT_S * 1000000000LL)
        return result;
    sealing->heartbeat_ns = now.steady_ns;
    return add_heartbeat(ledger, now, failure);
}

static int open_log(struct ledger *ledger, struct sealed_log **log,
                    struct failure *failure)
{
    struct sealed_log_options options = {
        .directory = ledger->sealing->log_path,
        .may_write = true,
    };
    int result = sealed_log_open(&options, log, failure);

    /* Another process is at it; that lasts some milliseconds. */
    for (int waited = 0; result == -EBUSY && waited < LEDGER_BUSY_MS;
         waited += RETRY_MS) {
        (void)poll(NULL, 0, RETRY_MS); /* Either way we look again. */
        result = sealed_log_open(&options, log, failure);
    }
    return result;
}

static void read_key(struct sealing *sealing, struct sealed_log *log)
{
    struct writer w;

    writer_init(&w, NOTE_SIZE_MAX);
    note_key_write(&w, sealed_log_key(log));
    crypto_sha256(writer_view(&w), sealing->key_digest);
    writer_clear(&w);
    (void)snprintf(sealing->origin, sizeof sealing->origin, "%s",
                   sealed_log_key(log)->name);
}

static int make_sealing(struct ledger *ledger, const char *program,
                        struct failure *failure)
{
    struct sealing *sealing = memory_new(1, sizeof *sealing);

    sealing->program = memory_copy_text(bytes_of_text(program));
    sealing->log_path = ledger_log_path(ledger->directory);
    sealing->folder.descriptor = -1;
    ledger->sealing = sealing;
    return seal_folder_open(ledger->directory, false, &sealing->folder,
                            failure);
}

/* Open the log for writing; made when it is not there. */
static int find_log(struct ledger *ledger, struct sealed_log **log,
                    struct failure *failure)
{
    char path[SEAL_PATH_MAX] = "log/checkpoint";
    const struct seal_folder *folder = &ledger->sealing->folder;
    int result = 0;

    if (faccessat(folder->descriptor, path, F_OK, 0) < 0 && errno == ENOENT)
        result = ledger_make_log(ledger->directory, NULL, failure);
    return result < 0 ? result : open_log(ledger, log, failure);
}

/* Take in what is not in the log, and what is only there. */
static int catch_up(struct ledger *ledger, struct failure *failure)
{
    struct sealed_log *log;
    int result = find_log(ledger, &log, failure);

    if (result < 0)
        return result;
    read_key(ledger->sealing, log);
    result = queue_integrate(ledger, log, failure);
    int64_t rebuilt =
        result == 0 ? queue_rebuild(ledger, log, failure) : result;
    sealed_log_close(log);
    return rebuilt < 0 ? (int)rebuilt : 0;
}

/* States that were there before have leaves, or were not to have any. */
static int skip_old_states(struct ledger *ledger, struct failure *failure)
{
    sqlite3_stmt *row = ledger_prepare(
        ledger, "SELECT COALESCE(MAX(sequence), 0) FROM finding_state",
        failure);
    int result = 0;

    if (!row)
        return -EIO;
    if (sqlite3_step(row) == SQLITE_ROW)
        ledger->sealing->said_state = sqlite3_column_int64(row, 0);
    else
        result = ledger_fail(ledger, failure, "read findings");
    ledger_finish(ledger, row);
    return result;
}

static int begin_sealing(struct ledger *ledger, struct failure *failure)
{
    int result = catch_up(ledger, failure);

    if (result == 0)
        result = ledger_begin(ledger, failure);
    int64_t size = result == 0 ? queue_size(ledger, failure) : result;
    if (size < 0)
        return (int)size;
    if (size == 0)
        result = add_genesis(ledger, failure);
    if (result == 0)
        result = skip_old_states(ledger, failure);
    if (result == 0)
        result = sealing_recover(ledger, failure);
    return result < 0 ? result : ledger_commit(ledger, failure);
}

int ledger_seal(struct ledger *ledger, const char *program,
                struct failure *failure)
{
    if (!ledger->directory || ledger->sealing)
        return 0;
    int result = make_sealing(ledger, program, failure);
    if (result == 0)
        result = begin_sealing(ledger, failure);
    if (result < 0) {
        sealing_free(ledger->sealing);
        ledger->sealing = NULL;
    }
    return result;
}

int ledger_integrate(struct ledger *ledger, struct failure *failure)
{
    struct sealed_log *log;

    if (!ledger->sealing)
        return 0;
    int result = open_log(ledger, &log, failure);
    if (result < 0)
        return result;
    result = queue_integrate(ledger, log, failure);
    sealed_log_close(log);
    return result;
}

