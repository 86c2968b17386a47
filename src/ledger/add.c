/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <inttypes.h>

#include "ledger/internal.h"
#include "ledger/sealing.h"

/* SQLite itself ends a transaction that a full disk broke: ask it. */
static bool in_transaction(const struct ledger *ledger)
{
    return sqlite3_get_autocommit(ledger->database) == 0;
}

/* Writes happen inside one transaction until ledger_commit(). */
int ledger_begin(struct ledger *ledger, struct failure *failure)
{
    if (in_transaction(ledger))
        return 0;
    return ledger_execute(ledger, "BEGIN IMMEDIATE", failure);
}

int ledger_commit(struct ledger *ledger, struct failure *failure)
{
    int result = 0;

    if (!in_transaction(ledger))
        return 0;
    if (ledger->sealing)
        result = sealing_add_findings(ledger, failure);
    /* Objects before the leaves that name them. */
    if (result == 0 && ledger->sealing)
        result = seal_folder_sync(&ledger->sealing->folder, failure);
    /* The frames first: a record must never point at what is not there. */
    if (result == 0 && ledger->segment)
        result = segment_sync(ledger->segment, failure);
    if (result == 0)
        result = ledger_execute(ledger, "COMMIT", failure);
    if (result == 0 && ledger->sealing)
        sealing_committed(ledger);
    return result;
}

int64_t ledger_begin_run(struct ledger *ledger, const struct ledger_run *run,
                         struct failure *failure)
{
    if (ledger_begin(ledger, failure) < 0)
        return -EIO;
    sqlite3_stmt *statement = ledger_prepare(
        ledger, "INSERT INTO run (source, program) VALUES (?, ?)", failure);
    if (!statement)
        return -EIO;
    ledger_bind_text(statement, 1, run->source);
    ledger_bind_text(statement, 2, run->program);
    if (ledger_run_once(ledger, statement, failure) < 0)
        return -EIO;
    ledger->run = sqlite3_last_insert_rowid(ledger->database);
    return ledger_commit(ledger, failure) < 0 ? -EIO : ledger->run;
}

int ledger_end_run(struct ledger *ledger, const char *stats,
                   struct failure *failure)
{
    int result = ledger_begin(ledger, failure);
    if (result < 0)
        return result;
    sqlite3_stmt *statement = ledger_prepare(
        ledger, "UPDATE run SET stats = ? WHERE number = ?", failure);
    if (!statement)
        return -EIO;
    ledger_bind_text(statement, 1, stats);
    (void)sqlite3_bind_int64(statement, 2, ledger->run); /* Step says it. */
    result = ledger_run_once(ledger, statement, failure);
    if (result == 0 && ledger->sealing)
        result = sealing_end_segment(ledger, failure);
    if (result == 0 && ledger->sealing)
        sealing_say_all(ledger);
    if (result == 0)
        result = ledger_commit(ledger, failure);
    return result == 0 ? ledger_integrate(ledger, failure) : result;
}

/* Several short texts in one column, with spaces between. */
static void write_list(struct writer *w, const char *const *texts,
                       size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (i > 0)
            writer_byte(w, ' ');
        writer_text(w, texts[i]);
    }
}

static void bind_detection(sqlite3_stmt *statement,
                           const struct detection *detection)
{
    struct writer list;

    writer_init(&list, 1 << 16);
    ledger_bind_text(statement, 3, detection->id);
    ledger_bind_text(statement, 4, detection->version);
    ledger_bind_text(statement, 5, detection->name);
    ledger_bind_text(statement, 6, detection->title);
    ledger_bind_text(statement, 7, detection->description);
    ledger_bind_text(statement, 8, detection->harm);
    ledger_bind_text(statement, 10, detection->role);
    write_list(&list, detection->techniques, detection->technique_count);
    ledger_bind_text(statement, 11, writer_as_text(&list));
    writer_reset(&list);
    write_list(&list, detection->references, detection->reference_count);
    ledger_bind_text(statement, 12, writer_as_text(&list));
    writer_clear(&list);
}

static void bind_subject(sqlite3_stmt *statement,
                         const struct finding *finding)
{
    const struct finding_subject *subject = &finding->subject;
    char mac[MAC_TEXT_SIZE];
    char ip[IP_TEXT_SIZE];

    ledger_bind_text(statement, 13, subject->device);
    ledger_bind_text(statement, 14,
                     subject->has_mac ? mac_text(subject->mac, mac) : NULL);
    ledger_bind_text(
        statement, 15,
        subject->has_address ? ip_text(subject->address, ip) : NULL);
    ledger_bind_text(statement, 16,
                     finding->has_peer ? ip_text(finding->peer, ip) : NULL);
    ledger_bind_text(
        statement, 17,
        finding->has_tunnel ? ip_text(finding->tunnel_source, ip) : NULL);
    ledger_bind_text(
        statement, 18,
        finding->has_tunnel ? ip_text(finding->tunnel_destination, ip) : NULL);
}

/* 1 when it was not known in this run, 0 when it was, negative on failure. */
static int add_record(struct ledger *ledger, const struct finding *finding,
                      struct failure *failure)
{
    sqlite3_stmt *statement = ledger_prepare(
        ledger,
        "INSERT OR IGNORE INTO finding (id, run, detection, version, name,"
        " title, description, harm, severity, role, techniques, refs,"
        " device, mac, address, peer, tunnel_source, tunnel_destination,"
        " first_ns, language)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        failure);

    if (!statement)
        return -EIO;
    ledger_bind_text(statement, 1, finding->id);
    (void)sqlite3_bind_int64(statement, 2, ledger->run);
    bind_detection(statement, finding->detection);
    (void)sqlite3_bind_int(statement, 9, (int)finding->severity);
    bind_subject(statement, finding);
    (void)sqlite3_bind_int64(statement, 19, finding->first_ns);
    ledger_bind_text(
        statement, 20,
        detection_language_name(finding->detection->language));
    int result = ledger_run_once(ledger, statement, failure);
    return result < 0 ? result : sqlite3_changes(ledger->database);
}

static int add_facts(struct ledger *ledger, const struct finding *finding,
                     struct failure *failure)
{
    int result = 0;

    for (size_t i = 0; i < finding->fact_count && result == 0; i++) {
        sqlite3_stmt *statement = ledger_prepare(
            ledger,
            "INSERT INTO fact (finding, run, position, name, value)"
            " VALUES (?, ?, ?, ?, ?)",
            failure);
        if (!statement)
            return -EIO;
        ledger_bind_text(statement, 1, finding->id);
        (void)sqlite3_bind_int64(statement, 2, ledger->run);
        (void)sqlite3_bind_int64(statement, 3, (int64_t)i);
        ledger_bind_text(statement, 4, finding->facts[i].name);
        ledger_bind_text(statement, 5, finding->facts[i].value);
        result = ledger_run_once(ledger, statement, failure);
    }
    return result;
}

static int add_state(struct ledger *ledger, const struct finding *finding,
                     struct failure *failure)
{
    sqlite3_stmt *statement = ledger_prepare(
        ledger,
        "INSERT INTO finding_state (finding, run, last_ns, count, sentence,"
        " severity) VALUES (?, ?, ?, ?, ?, ?)",
        failure);

    if (!statement)
        return -EIO;
    ledger_bind_text(statement, 1, finding->id);
    (void)sqlite3_bind_int64(statement, 2, ledger->run);
    (void)sqlite3_bind_int64(statement, 3, finding->last_ns);
    (void)sqlite3_bind_int64(statement, 4, (int64_t)finding->count);
    ledger_bind_text(statement, 5, finding->sentence);
    (void)sqlite3_bind_int(statement, 6, (int)finding->severity);
    return ledger_run_once(ledger, statement, failure);
}

static bool has_frame(struct ledger *ledger, const struct finding *finding,
                      uint64_t packet)
{
    sqlite3_stmt *statement = ledger_prepare(
        ledger,
        "SELECT 1 FROM evidence WHERE finding = ? AND run = ? AND packet = ?",
        NULL);
    bool found = false;

    if (statement) {
        ledger_bind_text(statement, 1, finding->id);
        (void)sqlite3_bind_int64(statement, 2, ledger->run);
        (void)sqlite3_bind_int64(statement, 3, (int64_t)packet);
        found = sqlite3_step(statement) == SQLITE_ROW;
        ledger_finish(ledger, statement);
    }
    return found;
}

static int append_frame(struct ledger *ledger, const struct frame *frame,
                        struct segment_place *place, struct failure *failure)
{
    int result = 0;

    if (ledger->sealing && segment_is_due(ledger->segment,
                                          frame->mark.time_ns))
        result = sealing_end_segment(ledger, failure);
    return result < 0 ? result
                      : segment_append(ledger->segment, frame, place,
                                       failure);
}

static int add_frame(struct ledger *ledger, const struct finding *finding,
                     const struct frame *frame, struct failure *failure)
{
    struct segment_place place = { 0 };
    int result = 0;

    /* In memory nothing is written that must not be written twice. */
    if (ledger->segment && has_frame(ledger, finding, frame->mark.number))
        return 0;
    if (ledger->segment)
        result = append_frame(ledger, frame, &place, failure);
    if (result < 0)
        return result;
    sqlite3_stmt *statement = ledger_prepare(
        ledger,
        "INSERT OR IGNORE INTO evidence"
        " (finding, run, packet, time_ns, segment, place, block, hash)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        failure);
    if (!statement)
        return -EIO;
    ledger_bind_text(statement, 1, finding->id);
    (void)sqlite3_bind_int64(statement, 2, ledger->run);
    (void)sqlite3_bind_int64(statement, 3, (int64_t)frame->mark.number);
    (void)sqlite3_bind_int64(statement, 4, frame->mark.time_ns);
    (void)sqlite3_bind_int64(statement, 5, place.number);
    (void)sqlite3_bind_int64(statement, 6, (int64_t)place.offset);
    (void)sqlite3_bind_int64(statement, 7, (int64_t)place.block);
    (void)sqlite3_bind_blob(statement, 8, place.hash.bytes,
                            sizeof place.hash.bytes, SQLITE_TRANSIENT);
    return ledger_run_once(ledger, statement, failure);
}

int ledger_add_evidence(struct ledger *ledger, const struct finding *finding,
                        const struct evidence_store *evidence,
                        struct failure *failure)
{
    struct frame frame;
    int result = ledger_begin(ledger, failure);

    for (uint32_t i = 0; i < finding->evidence_count && result == 0; i++) {
        evidence_read(evidence, finding->evidence[i], &frame);
        result = add_frame(ledger, finding, &frame, failure);
    }
    return result;
}

int ledger_begin_finding(struct ledger *ledger, const struct finding *finding,
                         const struct evidence_store *evidence,
                         struct failure *failure)
{
    int result = ledger_begin(ledger, failure);

    if (result == 0)
        result = add_record(ledger, finding, failure);
    if (result > 0)
        result = add_facts(ledger, finding, failure);
    return result < 0 ? result
                      : ledger_add_evidence(ledger, finding, evidence,
                                            failure);
}

int ledger_add_finding(struct ledger *ledger, const struct finding *finding,
                       const struct evidence_store *evidence,
                       struct failure *failure)
{
    int result = ledger_begin_finding(ledger, finding, evidence, failure);

    return result < 0 ? result : add_state(ledger, finding, failure);
}

static int add_claims(struct ledger *ledger, const struct device *device,
                      struct failure *failure)
{
    int result = 0;

    for (uint8_t i = 0; i < device->claim_count && result == 0; i++) {
        const struct device_claim *claim = &device->claims[i];
        sqlite3_stmt *statement = ledger_prepare(
            ledger, "INSERT INTO claim VALUES (?, ?, ?, ?, ?, ?, ?)",
            failure);
        if (!statement)
            return -EIO;
        (void)sqlite3_bind_int64(statement, 1, ledger->run);
        ledger_bind_text(statement, 2, device->id);
        ledger_bind_text(statement, 3, device_claim_kind_name(claim->kind));
        ledger_bind_text(statement, 4, claim->source);
        ledger_bind_text(statement, 5, claim->value);
        (void)sqlite3_bind_int64(statement, 6, claim->first_ns);
        (void)sqlite3_bind_int64(statement, 7, claim->last_ns);
        result = ledger_run_once(ledger, statement, failure);
    }
    return result;
}

static int add_addresses(struct ledger *ledger, const struct device *device,
                         struct failure *failure)
{
    char text[IP_TEXT_SIZE];
    int result = 0;

    for (uint8_t i = 0; i < device->address_count && result == 0; i++) {
        const struct device_address *address = &device->addresses[i];
        sqlite3_stmt *statement = ledger_prepare(
            ledger, "INSERT INTO address VALUES (?, ?, ?, ?, ?)", failure);
        if (!statement)
            return -EIO;
        (void)sqlite3_bind_int64(statement, 1, ledger->run);
        ledger_bind_text(statement, 2, device->id);
        ledger_bind_text(statement, 3, ip_text(address->ip, text));
        (void)sqlite3_bind_int64(statement, 4, address->first_ns);
        (void)sqlite3_bind_int64(statement, 5, address->last_ns);
        result = ledger_run_once(ledger, statement, failure);
    }
    return result;
}

int ledger_add_device(struct ledger *ledger, const struct device *device,
                      const char *same_as, struct failure *failure)
{
    char mac[MAC_TEXT_SIZE];
    int result = ledger_begin(ledger, failure);
    if (result < 0)
        return result;
    sqlite3_stmt *statement = ledger_prepare(
        ledger, "INSERT INTO device VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        failure);
    if (!statement)
        return -EIO;
    (void)sqlite3_bind_int64(statement, 1, ledger->run);
    ledger_bind_text(statement, 2, device->id);
    ledger_bind_text(statement, 3,
                     device->has_mac ? mac_text(device->mac, mac) : NULL);
    ledger_bind_text(statement, 4, same_as);
    (void)sqlite3_bind_int(statement, 5, device->is_random_mac);
    (void)sqlite3_bind_int(statement, 6, device->is_gateway);
    (void)sqlite3_bind_int64(statement, 7, device->first_ns);
    (void)sqlite3_bind_int64(statement, 8, device->last_ns);
    (void)sqlite3_bind_int64(statement, 9, (int64_t)device->packets_sent);
    result = ledger_run_once(ledger, statement, failure);
    if (result == 0)
        result = add_addresses(ledger, device, failure);
    return result < 0 ? result : add_claims(ledger, device, failure);
}
