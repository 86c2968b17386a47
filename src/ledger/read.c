/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>

#include "detect/detection.h"
#include "ledger/internal.h"

/* A finding with the state it reached last in its run. */
#define FINDING_COLUMNS                                                      \
    "SELECT f.id, f.run, f.detection, f.version, f.name, f.title,"           \
    " f.description, f.language,"                                             \
    " f.harm, COALESCE(s.severity, f.severity) AS severity, f.role,"         \
    " f.techniques, f.refs, f.device, f.mac,"                                \
    " f.address, f.peer, f.tunnel_source, f.tunnel_destination,"              \
    " f.first_ns, s.last_ns, s.count, s.sentence,"                           \
    " (SELECT COUNT(*) FROM evidence e WHERE e.finding = f.id AND"           \
    " e.run = f.run)"                                                        \
    " FROM finding f JOIN finding_state s ON s.sequence ="                   \
    " (SELECT MAX(sequence) FROM finding_state WHERE finding = f.id AND"     \
    " run = f.run)"
#define FINDING_ORDER " ORDER BY severity DESC, f.first_ns, f.id"
/* Of several runs that made the same finding, the newest stands for all. */
#define FINDING_NEWEST \
    " f.run = (SELECT MAX(run) FROM finding WHERE id = f.id)"

static int give_finding(sqlite3_stmt *row, ledger_finding_function *each,
                        void *context)
{
    struct ledger_finding finding = {
        .id = ledger_column(row, 0),
        .run = sqlite3_column_int64(row, 1),
        .detection = ledger_column(row, 2),
        .version = ledger_column(row, 3),
        .name = ledger_column(row, 4),
        .title = ledger_column(row, 5),
        .description = ledger_column(row, 6),
        .language = ledger_column(row, 7),
        .harm = ledger_column(row, 8),
        .severity = severity_name((enum severity)sqlite3_column_int(row, 9)),
        .role = ledger_column(row, 10),
        .techniques = ledger_column(row, 11),
        .references = ledger_column(row, 12),
        .device = ledger_column(row, 13),
        .mac = ledger_column(row, 14),
        .address = ledger_column(row, 15),
        .peer = ledger_column(row, 16),
        .tunnel_source = ledger_column(row, 17),
        .tunnel_destination = ledger_column(row, 18),
        .first_ns = sqlite3_column_int64(row, 19),
        .last_ns = sqlite3_column_int64(row, 20),
        .count = (uint64_t)sqlite3_column_int64(row, 21),
        .sentence = ledger_column(row, 22),
        .packets = (uint64_t)sqlite3_column_int64(row, 23),
    };
    return each(context, &finding);
}

/* Take the next row: true, or false at the end or when `*result`, which a
 * call-back or this step has set, is negative. */
static bool next_row(struct ledger *ledger, sqlite3_stmt *row, int *result,
                     struct failure *failure)
{
    if (*result < 0)
        return false;
    int step = sqlite3_step(row);
    if (step != SQLITE_ROW && step != SQLITE_DONE)
        *result = ledger_fail(ledger, failure, "read");
    return step == SQLITE_ROW;
}

/* Walk the rows of a query; answers how many, or the negative of a failure. */
static int each_finding_row(struct ledger *ledger, sqlite3_stmt *statement,
                            ledger_finding_function *each, void *context,
                            struct failure *failure)
{
    int count = 0;
    int result = 0;

    while (next_row(ledger, statement, &result, failure)) {
        result = give_finding(statement, each, context);
        count++;
    }
    ledger_finish(ledger, statement);
    return result < 0 ? result : count;
}

int ledger_each_finding(struct ledger *ledger, int64_t run,
                        ledger_finding_function *each, void *context,
                        struct failure *failure)
{
    sqlite3_stmt *statement = ledger_prepare(
        ledger,
        run ? FINDING_COLUMNS " WHERE f.run = ?" FINDING_ORDER
            : FINDING_COLUMNS " WHERE" FINDING_NEWEST FINDING_ORDER,
        failure);

    if (!statement)
        return -EIO;
    if (run)
        (void)sqlite3_bind_int64(statement, 1, run);
    return each_finding_row(ledger, statement, each, context, failure);
}

int ledger_find(struct ledger *ledger, const char *prefix,
                ledger_finding_function *each, void *context,
                struct failure *failure)
{
    sqlite3_stmt *statement = ledger_prepare(
        ledger,
        FINDING_COLUMNS " WHERE substr(f.id, 1, length(?1)) = ?1 AND"
        FINDING_NEWEST FINDING_ORDER,
        failure);

    if (!statement)
        return -EIO;
    ledger_bind_text(statement, 1, prefix);
    return each_finding_row(ledger, statement, each, context, failure);
}

int ledger_of_run(struct ledger *ledger, const char *id, int64_t run,
                  ledger_finding_function *each, void *context,
                  struct failure *failure)
{
    sqlite3_stmt *statement = ledger_prepare(
        ledger, FINDING_COLUMNS " WHERE f.id = ? AND f.run = ?", failure);

    if (!statement)
        return -EIO;
    ledger_bind_text(statement, 1, id);
    (void)sqlite3_bind_int64(statement, 2, run);
    int result = each_finding_row(ledger, statement, each, context, failure);
    if (result == 0)
        return -ENOENT;
    return result < 0 ? result : 0;
}

int ledger_each_fact(struct ledger *ledger,
                     const struct ledger_finding *finding,
                     ledger_fact_function *each, void *context,
                     struct failure *failure)
{
    sqlite3_stmt *statement = ledger_prepare(
        ledger,
        "SELECT name, value FROM fact WHERE finding = ? AND run = ?"
        " ORDER BY position",
        failure);
    int result = 0;

    if (!statement)
        return -EIO;
    ledger_bind_text(statement, 1, finding->id);
    (void)sqlite3_bind_int64(statement, 2, finding->run);
    while (next_row(ledger, statement, &result, failure)) {
        struct ledger_fact fact = {
            .name = ledger_column(statement, 0),
            .value = ledger_column(statement, 1),
        };
        result = each(context, &fact);
    }
    ledger_finish(ledger, statement);
    return result;
}

int64_t ledger_last_run(struct ledger *ledger, struct failure *failure)
{
    sqlite3_stmt *statement =
        ledger_prepare(ledger, "SELECT MAX(number) FROM run", failure);
    int64_t run = -EIO;

    if (!statement)
        return run;
    if (sqlite3_step(statement) == SQLITE_ROW)
        run = sqlite3_column_int64(statement, 0);
    else
        (void)ledger_fail(ledger, failure, "read runs"); /* The run says it. */
    ledger_finish(ledger, statement);
    return run;
}

int ledger_each_device(struct ledger *ledger, int64_t run,
                       ledger_device_function *each, void *context,
                       struct failure *failure)
{
    sqlite3_stmt *row = ledger_prepare(
        ledger,
        "SELECT id, mac, same_as, random_mac, gateway, first_ns, last_ns,"
        " packets FROM device d WHERE run = CASE ?1 WHEN 0 THEN"
        " (SELECT MAX(run) FROM device WHERE id = d.id) ELSE ?1 END"
        " ORDER BY id",
        failure);
    int result = 0;

    if (!row)
        return -EIO;
    (void)sqlite3_bind_int64(row, 1, run);
    while (next_row(ledger, row, &result, failure)) {
        struct ledger_device device = {
            .id = ledger_column(row, 0),
            .mac = ledger_column(row, 1),
            .same_as = ledger_column(row, 2),
            .is_random_mac = sqlite3_column_int(row, 3),
            .is_gateway = sqlite3_column_int(row, 4),
            .first_ns = sqlite3_column_int64(row, 5),
            .last_ns = sqlite3_column_int64(row, 6),
            .packets = (uint64_t)sqlite3_column_int64(row, 7),
        };
        result = each(context, &device);
    }
    ledger_finish(ledger, row);
    return result;
}

/* The rows of `table` about one device, from its newest run when 0. */
static sqlite3_stmt *about_device(struct ledger *ledger, const char *sql,
                                  int64_t run, const char *device,
                                  struct failure *failure)
{
    sqlite3_stmt *statement = ledger_prepare(ledger, sql, failure);

    if (!statement)
        return NULL;
    (void)sqlite3_bind_int64(statement, 1, run);
    ledger_bind_text(statement, 2, device);
    return statement;
}

int ledger_each_claim(struct ledger *ledger, int64_t run, const char *device,
                      ledger_claim_function *each, void *context,
                      struct failure *failure)
{
    sqlite3_stmt *row = about_device(
        ledger,
        "SELECT kind, source, value, first_ns, last_ns FROM claim WHERE"
        " device = ?2 AND run = CASE ?1 WHEN 0 THEN"
        " (SELECT MAX(run) FROM device WHERE id = ?2) ELSE ?1 END"
        " ORDER BY kind, source, value",
        run, device, failure);
    int result = 0;

    if (!row)
        return -EIO;
    while (next_row(ledger, row, &result, failure)) {
        struct ledger_claim claim = {
            .kind = ledger_column(row, 0),
            .source = ledger_column(row, 1),
            .value = ledger_column(row, 2),
            .first_ns = sqlite3_column_int64(row, 3),
            .last_ns = sqlite3_column_int64(row, 4),
        };
        result = each(context, &claim);
    }
    ledger_finish(ledger, row);
    return result;
}

int ledger_each_address(struct ledger *ledger, int64_t run,
                        const char *device, ledger_address_function *each,
                        void *context, struct failure *failure)
{
    sqlite3_stmt *row = about_device(
        ledger,
        "SELECT address, first_ns, last_ns FROM address WHERE device = ?2"
        " AND run = CASE ?1 WHEN 0 THEN"
        " (SELECT MAX(run) FROM device WHERE id = ?2) ELSE ?1 END"
        " ORDER BY last_ns DESC, address",
        run, device, failure);
    int result = 0;

    if (!row)
        return -EIO;
    while (next_row(ledger, row, &result, failure)) {
        struct ledger_address address = {
            .address = ledger_column(row, 0),
            .first_ns = sqlite3_column_int64(row, 1),
            .last_ns = sqlite3_column_int64(row, 2),
        };
        result = each(context, &address);
    }
    ledger_finish(ledger, row);
    return result;
}

int ledger_each_frame(struct ledger *ledger, const char *finding,
                      ledger_frame_function *each, void *context,
                      struct failure *failure)
{
    if (!ledger->segment)
        return 0;
    sqlite3_stmt *row = ledger_prepare(
        ledger,
        "SELECT packet, segment, place FROM evidence WHERE finding = ?1 AND"
        " run = (SELECT MAX(run) FROM finding WHERE id = ?1)"
        " ORDER BY time_ns, packet",
        failure);
    int result = 0;

    if (!row)
        return -EIO;
    ledger_bind_text(row, 1, finding);
    while (next_row(ledger, row, &result, failure)) {
        struct frame frame;
        result = segment_read(ledger->segment,
                              (uint32_t)sqlite3_column_int64(row, 1),
                              (uint64_t)sqlite3_column_int64(row, 2), &frame,
                              failure);
        if (result < 0)
            break;
        frame.mark.number = (uint64_t)sqlite3_column_int64(row, 0);
        result = each(context, &frame);
    }
    ledger_finish(ledger, row);
    return result;
}
