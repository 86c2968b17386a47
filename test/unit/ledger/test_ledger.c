/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger/ledger.h"

#include <signal.h>
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/check.h"
#include "folder.h"
#include "test.h"

enum { PATH_SIZE = FOLDER_PATH_SIZE, FRAME_SIZE = 60 };

static const char *const references[] = { "https://a.example/1", "RFC 9" };

static const struct detection detection = {
    .id = "rule-1", .version = "00112233", .name = "telnet-scan",
    .title = "Scan", .description = "Looks for open doors.",
    .harm = "information-gathering/scanner", .role = "owner",
    .techniques = { "T1046", "T1595" }, .technique_count = 2,
    .references = references, .reference_count = 2,
    .severity = SEVERITY_WARNING,
};

static const struct detection bare = {
    .id = "rule-2", .version = "44", .name = "news", .title = "News",
    .harm = "other", .role = "maker", .severity = SEVERITY_URGENT,
};

struct fixture {
    const char *path;      /* Of the folder. */
    struct folder folder;
    struct ledger *ledger;
    struct evidence_store *store;
    struct failure failure;
    const char *expected;  /* Of write_facts(). */
};

static void fixture_open(struct fixture *f, enum ledger_mode mode)
{
    const struct ledger_run run = { "a.pcap", "tenet 1" };

    memset(f, 0, sizeof *f);
    folder_make(&f->folder);
    f->path = f->folder.path;
    f->store = evidence_store_new(EVIDENCE_BYTES_MAX);
    if (ledger_open(f->path, mode, &f->ledger, &f->failure) < 0)
        fail_msg("%s", f->failure.text);
    assert_true(ledger_begin_run(f->ledger, &run, &f->failure) == 1);
}

static void fixture_close(struct fixture *f)
{
    ledger_close(f->ledger);
    evidence_store_free(f->store);
    folder_remove(&f->folder);
}

/* A finding named `id` with frames `from` up to before `to`. */
static struct finding finding_of(struct fixture *f, const char *id,
                                 const struct detection *rule, uint64_t from,
                                 uint64_t to)
{
    static uint8_t data[FRAME_SIZE];
    static char sentence[] = "It happened.";
    struct finding finding = {
        .detection = rule,
        .subject = { .device = "mac-1", .mac = { { 2, 0, 0, 0, 0, 1 } },
                     .has_mac = true, .address = ip_of_v4(0xc0000207),
                     .has_address = true },
        .peer = ip_of_v4(0xc6336401), .has_peer = true,
        .group = "", .first_ns = 100, .last_ns = 200, .count = 3,
        .sentence = sentence, .severity = rule->severity,
    };

    (void)snprintf(finding.id, sizeof finding.id, "%s", id);
    for (uint64_t i = from; i < to; i++) {
        memset(data, (int)i, sizeof data);
        struct frame frame = {
            .data = bytes_of(data, i % FRAME_SIZE + 1),
            .mark = { .number = i, .time_ns = (int64_t)(1000 + i),
                      .captured_size = (uint32_t)(i % FRAME_SIZE + 1),
                      .original_size = 1500,
                      .link_type = i % 2 ? 1 : 113 },
        };
        finding.evidence[finding.evidence_count++] =
            evidence_keep(f->store, &frame);
    }
    return finding;
}

static void add(struct fixture *f, const struct finding *finding)
{
    if (ledger_add_finding(f->ledger, finding, f->store, &f->failure) < 0)
        fail_msg("%s", f->failure.text);
}

/* What was read, as one text, a line each. */
static int write_finding(void *context, const struct ledger_finding *x)
{
    writer_format(context, "%s|%s|%s|%s|%s|%s|%s|%s|%s|%s|%s|", x->id,
                  x->detection, x->version, x->name, x->title,
                  x->description ? x->description : "-", x->harm, x->severity,
                  x->role, x->techniques, x->references);
    writer_format(context, "%s|%s|%s|%s|%s|%lld|%lld|%llu|%llu\n",
                  x->device ? x->device : "-", x->mac ? x->mac : "-",
                  x->address ? x->address : "-", x->peer ? x->peer : "-",
                  x->sentence, (long long)x->first_ns, (long long)x->last_ns,
                  (unsigned long long)x->count,
                  (unsigned long long)x->packets);
    return 0;
}

static int write_id(void *context, const struct ledger_finding *finding)
{
    writer_format(context, "%s:%llu ", finding->id,
                  (unsigned long long)finding->count);
    return 0;
}

static int write_frame(void *context, const struct frame *frame)
{
    writer_format(context, "%llu:%lld:%u:%u:%zu:%02x ",
                  (unsigned long long)frame->mark.number,
                  (long long)frame->mark.time_ns, frame->mark.link_type,
                  frame->mark.original_size, frame->data.size,
                  frame->data.data[0]);
    return 0;
}

static void assert_findings(struct ledger *ledger, int64_t run,
                            const char *expected)
{
    struct writer w;
    struct failure failure;

    writer_init(&w, 65536);
    if (ledger_each_finding(ledger, run, write_id, &w, &failure) < 0)
        fail_msg("%s", failure.text);
    assert_string_equal(writer_as_text(&w), expected);
    writer_clear(&w);
}

static void assert_frames(struct ledger *ledger, const char *id,
                          const char *expected)
{
    struct writer w;
    struct failure failure;

    writer_init(&w, 65536);
    if (ledger_each_frame(ledger, id, write_frame, &w, &failure) < 0)
        fail_msg("%s", failure.text);
    assert_string_equal(writer_as_text(&w), expected);
    writer_clear(&w);
}

static void what_is_kept_is_read_back(void **state)
{
    (void)state;
    static const enum ledger_mode modes[] = { LEDGER_WRITE, LEDGER_MEMORY };

    for (size_t i = 0; i < COUNT_OF(modes); i++) {
        struct fixture f;
        struct writer w;
        fixture_open(&f, modes[i]);
        struct finding full = finding_of(&f, "f1", &detection, 1, 4);
        struct finding empty = finding_of(&f, "f2", &bare, 0, 0);
        empty.subject = (struct finding_subject){ 0 };
        empty.has_peer = false;
        add(&f, &full);
        add(&f, &empty);
        assert_int_equal(ledger_end_run(f.ledger, "{}", &f.failure), 0);
        writer_init(&w, 65536);
        assert_int_equal(ledger_each_finding(f.ledger, 1, write_finding, &w,
                                             &f.failure), 2);
        assert_string_equal(
            writer_as_text(&w),
            "f2|rule-2|44|news|News|-|other|urgent|maker|||-|-|-|-|"
            "It happened.|100|200|3|0\n"
            "f1|rule-1|00112233|telnet-scan|Scan|Looks for open doors.|"
            "information-gathering/scanner|warning|owner|T1046 T1595|"
            "https://a.example/1 RFC 9|mac-1|02:00:00:00:00:01|192.0.2.7|"
            "198.51.100.1|It happened.|100|200|3|3\n");
        writer_clear(&w);
        assert_frames(f.ledger, "f1",
                      modes[i] == LEDGER_MEMORY
                          ? ""
                          : "1:1001:1:1500:2:01 2:1002:113:1500:3:02 "
                            "3:1003:1:1500:4:03 ");
        assert_frames(f.ledger, "f2", "");
        if (modes[i] == LEDGER_MEMORY)
            assert_null(ledger_directory(f.ledger));
        else
            assert_string_equal(ledger_directory(f.ledger), f.path);
        fixture_close(&f);
    }
}

static int write_device(void *context, const struct ledger_device *x)
{
    writer_format(context, "%s|%s|%s|%d|%d|%lld|%lld|%llu\n", x->id,
                  x->mac ? x->mac : "-", x->same_as ? x->same_as : "-",
                  x->is_random_mac, x->is_gateway, (long long)x->first_ns,
                  (long long)x->last_ns, (unsigned long long)x->packets);
    return 0;
}

static int write_claim(void *context, const struct ledger_claim *x)
{
    writer_format(context, "%s|%s|%s|%lld|%lld\n", x->kind, x->source,
                  x->value, (long long)x->first_ns, (long long)x->last_ns);
    return 0;
}

static int write_address(void *context, const struct ledger_address *x)
{
    writer_format(context, "%s|%lld|%lld\n", x->address,
                  (long long)x->first_ns, (long long)x->last_ns);
    return 0;
}

static void devices_are_read_back_with_claims_and_addresses(void **state)
{
    (void)state;
    struct fixture f;
    struct writer w;
    struct device_claim claims[] = {
        { DEVICE_CLAIM_NAME, "dhcp", "it's a 'camera'; DROP", 5, 6 },
        { DEVICE_CLAIM_MODEL, "mdns", "C-7", 7, 8 },
    };
    struct device device = {
        .id = "mac-1", .mac = { { 2, 0, 0, 0, 0, 1 } }, .has_mac = true,
        .is_random_mac = true, .first_ns = 1, .last_ns = 9,
        .packets_sent = 12, .claims = claims, .claim_count = 2,
        .address_count = 2,
        .addresses = { { ip_of_v4(0x0a000001), 1, 2 },
                       { ip_of_v4(0x0a000002), 3, 4 } },
    };
    struct device by_address = { .id = "ip-10.0.0.9", .is_gateway = true };

    fixture_open(&f, LEDGER_WRITE);
    assert_int_equal(
        ledger_add_device(f.ledger, &device, "mac-0", &f.failure), 0);
    assert_int_equal(
        ledger_add_device(f.ledger, &by_address, NULL, &f.failure), 0);
    assert_int_equal(ledger_commit(f.ledger, &f.failure), 0);
    writer_init(&w, 65536);
    for (int64_t run = 0; run <= 1; run++) {
        writer_reset(&w);
        assert_true(ledger_each_device(f.ledger, run, write_device, &w,
                                       &f.failure) >= 0);
        assert_true(ledger_each_claim(f.ledger, run, "mac-1", write_claim, &w,
                                      &f.failure) >= 0);
        assert_true(ledger_each_address(f.ledger, run, "mac-1", write_address,
                                        &w, &f.failure) >= 0);
        assert_string_equal(writer_as_text(&w),
                            "ip-10.0.0.9|-|-|0|1|0|0|0\n"
                            "mac-1|02:00:00:00:00:01|mac-0|1|0|1|9|12\n"
                            "model|mdns|C-7|7|8\n"
                            "name|dhcp|it's a 'camera'; DROP|5|6\n"
                            "10.0.0.2|3|4\n10.0.0.1|1|2\n");
    }
    writer_clear(&w);
    fixture_close(&f);
}

/* One number out of the database itself. */
static int ask(const struct fixture *f, const char *sql)
{
    char path[PATH_SIZE + 16];
    sqlite3 *database;
    sqlite3_stmt *statement;

    (void)snprintf(path, sizeof path, "%s/ledger.db", f->path);
    check(sqlite3_open(path, &database) == SQLITE_OK);
    check(sqlite3_prepare_v2(database, sql, -1, &statement, NULL) ==
          SQLITE_OK);
    int step = sqlite3_step(statement);
    int number = step == SQLITE_ROW ? sqlite3_column_int(statement, 0) : -1;
    check(sqlite3_finalize(statement) == SQLITE_OK);
    check(sqlite3_close(database) == SQLITE_OK);
    return number;
}

static int stop(void *context, const struct ledger_finding *finding)
{
    (void)finding;
    ++*(int *)context;
    return -77;
}

static void a_finding_that_has_begun_is_seen_with_its_state(void **state)
{
    (void)state;
    struct fixture f;
    int calls = 0;

    fixture_open(&f, LEDGER_WRITE);
    struct finding finding = finding_of(&f, "f1", &detection, 1, 3);
    assert_int_equal(
        ledger_begin_finding(f.ledger, &finding, f.store, &f.failure), 0);
    assert_int_equal(
        ledger_each_finding(f.ledger, 0, stop, &calls, &f.failure), 0);
    add(&f, &finding);
    assert_int_equal(
        ledger_each_finding(f.ledger, 0, stop, &calls, &f.failure), -77);
    assert_int_equal(calls, 1);
    assert_frames(f.ledger, "f1", "1:1001:1:1500:2:01 2:1002:113:1500:3:02 ");
    fixture_close(&f);
}

static void a_finding_that_grows_gets_states_and_its_new_frames(void **state)
{
    (void)state;
    struct fixture f;

    fixture_open(&f, LEDGER_WRITE);
    struct finding finding = finding_of(&f, "f1", &detection, 1, 3);
    add(&f, &finding);
    struct finding grown = finding_of(&f, "f1", &detection, 1, 5);
    grown.count = 70;
    grown.last_ns = 999;
    add(&f, &grown);
    assert_int_equal(ledger_commit(f.ledger, &f.failure), 0);
    assert_int_equal(ask(&f, "SELECT COUNT(*) FROM finding"), 1);
    assert_int_equal(ask(&f, "SELECT COUNT(*) FROM finding_state"), 2);
    assert_int_equal(
        ask(&f, "SELECT count FROM finding_state ORDER BY sequence"), 3);
    assert_int_equal(ask(&f, "SELECT COUNT(*) FROM evidence"), 4);
    assert_findings(f.ledger, 1, "f1:70 ");
    fixture_close(&f);
}

static void runs_are_kept_apart_and_the_newest_stands_for_all(void **state)
{
    (void)state;
    struct fixture f;
    const struct ledger_run run = { "b.pcap", "tenet 1" };

    fixture_open(&f, LEDGER_WRITE);
    struct finding finding = finding_of(&f, "f1", &detection, 1, 3);
    add(&f, &finding);
    struct finding only = finding_of(&f, "f0", &detection, 0, 0);
    only.first_ns = 50;
    add(&f, &only);
    assert_int_equal(ledger_end_run(f.ledger, "{\"a\":1}", &f.failure), 0);
    assert_true(ledger_begin_run(f.ledger, &run, &f.failure) == 2);
    finding.count = 5;
    add(&f, &finding);
    assert_int_equal(ledger_end_run(f.ledger, "{}", &f.failure), 0);
    assert_true(ledger_last_run(f.ledger, &f.failure) == 2);
    assert_findings(f.ledger, 1, "f0:3 f1:3 ");
    assert_findings(f.ledger, 2, "f1:5 ");
    assert_findings(f.ledger, 0, "f0:3 f1:5 ");
    assert_findings(f.ledger, 3, "");
    fixture_close(&f);
}

static void finds_by_the_beginning_of_an_id(void **state)
{
    (void)state;
    static const struct {
        const char *prefix;
        int count;
    } cases[] = {
        { "fa", 2 }, { "fa1", 1 }, { "", 3 }, { "x", 0 },
        { "%", 0 },  { "_a", 0 },  { "fa11", 0 },
    };
    static const char *const ids[] = { "fa1", "fa2", "fb1" };
    struct fixture f;
    struct writer w;

    fixture_open(&f, LEDGER_MEMORY);
    for (size_t i = 0; i < COUNT_OF(ids); i++) {
        struct finding finding = finding_of(&f, ids[i], &detection, 0, 0);
        add(&f, &finding);
    }
    writer_init(&w, 4096);
    for (size_t i = 0; i < COUNT_OF(cases); i++)
        assert_int_equal(ledger_find(f.ledger, cases[i].prefix, write_id, &w,
                                     &f.failure), cases[i].count);
    writer_clear(&w);
    fixture_close(&f);
}

static void a_walk_stops_when_it_is_told_to(void **state)
{
    (void)state;
    struct fixture f;
    int calls = 0;

    fixture_open(&f, LEDGER_MEMORY);
    struct finding finding = finding_of(&f, "f1", &detection, 0, 0);
    add(&f, &finding);
    finding.id[1] = '2';
    add(&f, &finding);
    assert_int_equal(
        ledger_each_finding(f.ledger, 0, stop, &calls, &f.failure), -77);
    assert_int_equal(calls, 1);
    fixture_close(&f);
}

static void reading_needs_a_ledger_of_this_format(void **state)
{
    (void)state;
    struct fixture f;
    struct ledger *other;

    fixture_open(&f, LEDGER_WRITE);
    assert_true(ledger_open("no-such-ledger", LEDGER_READ, &other,
                            &f.failure) < 0);
    assert_non_null(strstr(f.failure.text, "no-such-ledger"));
    assert_non_null(strstr(f.failure.text, "tenet watch"));
    assert_int_equal(ledger_open(f.path, LEDGER_READ, &other, &f.failure), 0);
    assert_findings(other, 0, "");
    ledger_close(other);
    assert_int_equal(ask(&f, "PRAGMA user_version = 9"), -1);
    assert_int_equal(ledger_open(f.path, LEDGER_READ, &other, &f.failure),
                     ERROR_FORMAT);
    assert_non_null(strstr(f.failure.text, "format 9"));
    assert_int_equal(ledger_open(f.path, LEDGER_WRITE, &other, &f.failure),
                     ERROR_FORMAT);
    fixture_close(&f);
}

static int write_fact(void *context, const struct ledger_fact *fact)
{
    writer_format(context, "%s=%s ", fact->name, fact->value);
    return 0;
}

static int write_facts(void *context, const struct ledger_finding *finding)
{
    struct fixture *f = context;
    struct writer w;

    writer_init(&w, 4096);
    writer_format(&w, "%s %s: ", finding->language, finding->severity);
    assert_int_equal(
        ledger_each_fact(f->ledger, finding, write_fact, &w, &f->failure), 0);
    assert_string_equal(writer_as_text(&w), f->expected);
    writer_clear(&w);
    return 0;
}

static void facts_are_kept_in_order_and_the_worst_severity_stands(void **state)
{
    (void)state;
    static const struct finding_fact facts[] = {
        { "source", "a list" }, { "confidence", "80" },
    };
    struct fixture f;

    fixture_open(&f, LEDGER_WRITE);
    struct detection rule = detection;
    rule.language = LANGUAGE_INDICATOR;
    struct finding finding = finding_of(&f, "f1", &rule, 1, 2);
    finding.facts = facts;
    finding.fact_count = COUNT_OF(facts);
    add(&f, &finding);
    finding.severity = SEVERITY_URGENT;
    add(&f, &finding);
    f.expected = "indicator urgent: source=a list confidence=80 ";
    assert_int_equal(
        ledger_each_finding(f.ledger, 0, write_facts, &f, &f.failure), 1);
    fixture_close(&f);
}

/* What a ledger of format 1 lacked is put there when it is opened. */
static void a_ledger_of_the_first_format_is_brought_up(void **state)
{
    (void)state;
    struct fixture f;

    fixture_open(&f, LEDGER_WRITE);
    struct finding finding = finding_of(&f, "f1", &detection, 1, 2);
    add(&f, &finding);
    assert_int_equal(ledger_commit(f.ledger, &f.failure), 0);
    ledger_close(f.ledger);
    (void)ask(&f, "DROP TABLE leaf");
    (void)ask(&f, "ALTER TABLE evidence DROP COLUMN block");
    (void)ask(&f, "ALTER TABLE evidence DROP COLUMN hash");
    (void)ask(&f, "DROP TABLE fact");
    (void)ask(&f, "ALTER TABLE finding DROP COLUMN language");
    (void)ask(&f, "ALTER TABLE finding_state DROP COLUMN severity");
    (void)ask(&f, "PRAGMA user_version = 1");
    assert_int_equal(
        ledger_open(f.path, LEDGER_READ, &f.ledger, &f.failure), 0);
    f.expected = "sigma warning: ";
    assert_int_equal(
        ledger_each_finding(f.ledger, 0, write_facts, &f, &f.failure), 1);
    assert_int_equal(ask(&f, "SELECT COUNT(*) FROM leaf"), 0);
    assert_int_equal(
        ask(&f, "SELECT COUNT(*) FROM evidence WHERE block IS NULL"), 1);
    fixture_close(&f);
}

/* Kill a writer in the middle: what was committed is there, the rest is not,
 * and another writer goes on. */
static void what_was_committed_survives_a_kill(void **state)
{
    (void)state;
    struct fixture f;
    int ends[2];
    char byte;
    int status;

    fixture_open(&f, LEDGER_WRITE);
    ledger_close(f.ledger);
    f.ledger = NULL;
    check(pipe(ends) == 0);
    pid_t child = fork();
    if (child == 0) {
        const struct ledger_run run = { "b.pcap", "tenet 1" };
        struct ledger *ledger;
        struct finding first = finding_of(&f, "f1", &detection, 1, 3);
        struct finding second = finding_of(&f, "f2", &detection, 3, 5);
        bool ok =
            ledger_open(f.path, LEDGER_WRITE, &ledger, &f.failure) == 0 &&
            ledger_begin_run(ledger, &run, &f.failure) == 2 &&
            ledger_add_finding(ledger, &first, f.store, &f.failure) == 0 &&
            ledger_commit(ledger, &f.failure) == 0 &&
            ledger_add_finding(ledger, &second, f.store, &f.failure) == 0;
        (void)!write(ends[1], ok ? "y" : "n", 1);
        for (;;)
            (void)pause();
    }
    check(read(ends[0], &byte, 1) == 1);
    check(kill(child, SIGKILL) == 0);
    check(waitpid(child, &status, 0) == child);
    assert_int_equal(byte, 'y');
    assert_int_equal(
        ledger_open(f.path, LEDGER_WRITE, &f.ledger, &f.failure), 0);
    assert_findings(f.ledger, 2, "f1:3 ");
    assert_frames(f.ledger, "f1", "1:1001:1:1500:2:01 2:1002:113:1500:3:02 ");
    struct finding third = finding_of(&f, "f3", &detection, 5, 6);
    const struct ledger_run run = { "c.pcap", "tenet 1" };
    assert_true(ledger_begin_run(f.ledger, &run, &f.failure) == 3);
    add(&f, &third);
    assert_int_equal(ledger_commit(f.ledger, &f.failure), 0);
    assert_frames(f.ledger, "f3", "5:1005:1:1500:6:05 ");
    (void)close(ends[0]);
    (void)close(ends[1]);
    fixture_close(&f);
}

static void another_writer_waits_its_turn(void **state)
{
    (void)state;
    struct fixture f;
    int status;

    fixture_open(&f, LEDGER_WRITE);
    struct finding finding = finding_of(&f, "f1", &detection, 1, 2);
    pid_t child = fork();
    if (child == 0) {
        const struct ledger_run run = { "b.pcap", "tenet 1" };
        struct ledger *ledger;
        (void)usleep(200000); /* The parent holds its transaction now. */
        _exit(ledger_open(f.path, LEDGER_WRITE, &ledger, &f.failure) < 0 ||
              ledger_begin_run(ledger, &run, &f.failure) != 2);
    }
    add(&f, &finding);
    (void)usleep(700000);
    assert_int_equal(waitpid(child, &status, WNOHANG), 0); /* It waits. */
    assert_int_equal(ledger_commit(f.ledger, &f.failure), 0);
    check(waitpid(child, &status, 0) == child);
    assert_int_equal(status, 0);
    assert_true(ledger_last_run(f.ledger, &f.failure) == 2);
    fixture_close(&f);
}

/* In a child: files may not grow any more, then they may again. */
static int write_on_a_full_disk(struct fixture *f, rlim_t room)
{
    const struct ledger_run run = { "b.pcap", "tenet 1" };
    struct rlimit limit;
    struct ledger *ledger;
    struct finding finding = finding_of(f, "f1", &detection, 1, 40);
    int failed = 0;

    (void)signal(SIGXFSZ, SIG_IGN);
    if (ledger_open(f->path, LEDGER_WRITE, &ledger, &f->failure) < 0 ||
        ledger_begin_run(ledger, &run, &f->failure) != 2 ||
        getrlimit(RLIMIT_FSIZE, &limit) != 0)
        return 1;
    const struct rlimit full = { room, limit.rlim_max };
    if (setrlimit(RLIMIT_FSIZE, &full) != 0)
        return 2;
    failed |= ledger_add_finding(ledger, &finding, f->store, &f->failure) < 0;
    failed |= ledger_commit(ledger, &f->failure) < 0;
    if (!failed || f->failure.text[0] == '\0')
        return 3; /* It must say so. */
    if (setrlimit(RLIMIT_FSIZE, &limit) != 0)
        return 4;
    struct finding later = finding_of(f, "f2", &detection, 1, 4);
    if (ledger_add_finding(ledger, &later, f->store, &f->failure) < 0 ||
        ledger_commit(ledger, &f->failure) < 0)
        return 5;
    ledger_close(ledger);
    return 0;
}

static void a_full_disk_is_said_and_what_comes_after_it_is_whole(void **state)
{
    (void)state;
    static const rlim_t rooms[] = {
        30,  /* Not even the section's head, */
        90,  /* the first of two interfaces, */
        700, /* and some of the frames. */
    };

    for (size_t i = 0; i < COUNT_OF(rooms); i++) {
        struct fixture f;
        int status;
        fixture_open(&f, LEDGER_WRITE);
        ledger_close(f.ledger);
        f.ledger = NULL;
        pid_t child = fork();
        if (child == 0)
            _exit(write_on_a_full_disk(&f, rooms[i]));
        check(waitpid(child, &status, 0) == child);
        assert_int_equal(WEXITSTATUS(status), 0);
        assert_int_equal(
            ledger_open(f.path, LEDGER_READ, &f.ledger, &f.failure), 0);
        assert_frames(f.ledger, "f2",
                      "1:1001:1:1500:2:01 2:1002:113:1500:3:02 "
                      "3:1003:1:1500:4:03 ");
        fixture_close(&f);
    }
}

static int count_frame(void *context, const struct frame *frame)
{
    (void)frame;
    ++*(int *)context;
    return 0;
}

/* Somebody cut a segment: frames before the cut are read, then it is said. */
static void a_cut_segment_is_said(void **state)
{
    (void)state;
    struct fixture f;
    char path[PATH_SIZE + 32];

    fixture_open(&f, LEDGER_WRITE);
    struct finding finding = finding_of(&f, "f1", &detection, 1, 4);
    add(&f, &finding);
    assert_int_equal(ledger_commit(f.ledger, &f.failure), 0);
    (void)snprintf(path, sizeof path, "%s/packets-000001.pcapng", f.path);
    FILE *file = fopen(path, "rb");
    check(file);
    check(fseek(file, 0, SEEK_END) == 0);
    long size = ftell(file);
    check(fclose(file) == 0);
    int before = 3;
    for (long cut = size - 1; cut >= 0; cut--) {
        int frames = 0;
        struct ledger *reader;
        check(truncate(path, cut) == 0);
        assert_int_equal(
            ledger_open(f.path, LEDGER_READ, &reader, &f.failure), 0);
        assert_int_equal(ledger_each_frame(reader, "f1", count_frame, &frames,
                                           &f.failure),
                         ERROR_FORMAT);
        assert_non_null(strstr(f.failure.text, "no whole block"));
        assert_true(frames <= before);
        before = frames;
        ledger_close(reader);
    }
    assert_int_equal(before, 0);
    fixture_close(&f);
}

/* Frames that many packets precede must not take a second each to find. */
static void interfaces_late_in_a_segment_are_learned(void **state)
{
    (void)state;
    struct fixture f;
    uint8_t data[1] = { 7 };
    struct finding finding;

    fixture_open(&f, LEDGER_WRITE);
    finding = finding_of(&f, "f1", &detection, 0, 0);
    for (uint64_t i = 1; i <= 5000; i++) {
        struct frame frame = {
            .data = bytes_of(data, 1),
            .mark = { .number = i, .time_ns = (int64_t)i,
                      .original_size = 1,
                      .link_type = i > 4990 ? 101 : 1 },
        };
        uint32_t id = evidence_keep(f.store, &frame);
        finding.evidence[0] = id;
        finding.evidence_count = 1;
        (void)snprintf(finding.id, sizeof finding.id, "f%llu",
                       (unsigned long long)i);
        add(&f, &finding);
        evidence_drop(f.store, id);
    }
    assert_int_equal(ledger_commit(f.ledger, &f.failure), 0);
    assert_frames(f.ledger, "f5000", "5000:5000:101:1:1:07 ");
    assert_frames(f.ledger, "f1", "1:1:1:1:1:07 ");
    fixture_close(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_kept_is_read_back),
        cmocka_unit_test(devices_are_read_back_with_claims_and_addresses),
        cmocka_unit_test(a_finding_that_has_begun_is_seen_with_its_state),
        cmocka_unit_test(a_finding_that_grows_gets_states_and_its_new_frames),
        cmocka_unit_test(runs_are_kept_apart_and_the_newest_stands_for_all),
        cmocka_unit_test(finds_by_the_beginning_of_an_id),
        cmocka_unit_test(a_walk_stops_when_it_is_told_to),
        cmocka_unit_test(reading_needs_a_ledger_of_this_format),
        cmocka_unit_test(
            facts_are_kept_in_order_and_the_worst_severity_stands),
        cmocka_unit_test(a_ledger_of_the_first_format_is_brought_up),
        cmocka_unit_test(what_was_committed_survives_a_kill),
        cmocka_unit_test(another_writer_waits_its_turn),
        cmocka_unit_test(
            a_full_disk_is_said_and_what_comes_after_it_is_whole),
        cmocka_unit_test(a_cut_segment_is_said),
        cmocka_unit_test(interfaces_late_in_a_segment_are_learned),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
