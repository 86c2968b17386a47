/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger/sealing.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "folder.h"
#include "ledger/record.h"
#include "seal/log.h"
#include "test.h"

enum {
    PATH_SIZE = 512,
    FRAME_SIZE = 60,
    ROUNDS = 200,          /* Writers that are killed. */
    FILE_MAX = 1 << 20,
};

#define SECOND_NS INT64_C(1000000000)

static const struct detection detection = {
    .id = "rule-1", .version = "00112233", .name = "telnet-scan",
    .title = "Scan", .harm = "information-gathering/scanner",
    .role = "owner", .severity = SEVERITY_WARNING,
};

struct fixture {
    struct folder folder;
    struct ledger *ledger;
    struct evidence_store *store;
    struct failure failure;
    uint64_t packet;       /* The number of the next frame. */
    int64_t time_ns;
};

static void seal(struct fixture *f)
{
    const struct ledger_run run = { "a.pcap", "tenet 1" };

    if (ledger_open(f->folder.path, LEDGER_WRITE, &f->ledger, &f->failure) <
            0 ||
        ledger_seal(f->ledger, "tenet 1", &f->failure) < 0 ||
        ledger_begin_run(f->ledger, &run, &f->failure) < 0)
        fail_msg("%s", f->failure.text);
}

static void fixture_open(struct fixture *f)
{
    memset(f, 0, sizeof *f);
    f->time_ns = 1700000000 * SECOND_NS;
    folder_make(&f->folder);
    f->store = evidence_store_new(EVIDENCE_BYTES_MAX);
    seal(f);
}

static void fixture_close(struct fixture *f)
{
    ledger_close(f->ledger);
    evidence_store_free(f->store);
    folder_remove(&f->folder);
}

/* A finding with so many new frames, each of its own content. */
static int add(struct fixture *f, const char *id, unsigned frames,
               uint64_t count)
{
    uint8_t data[FRAME_SIZE];
    static char sentence[] = "It happened.";
    struct finding finding = {
        .detection = &detection, .group = "", .first_ns = f->time_ns,
        .last_ns = f->time_ns, .count = count, .sentence = sentence,
        .severity = SEVERITY_WARNING,
    };

    (void)snprintf(finding.id, sizeof finding.id, "%s", id);
    for (unsigned i = 0; i < frames; i++) {
        struct frame frame = {
            .data = bytes_of(data, sizeof data),
            .mark = { .number = ++f->packet, .time_ns = f->time_ns,
                      .captured_size = sizeof data,
                      .original_size = sizeof data, .link_type = 1 },
        };
        memset(data, (int)f->packet, sizeof data);
        finding.evidence[finding.evidence_count++] =
            evidence_keep(f->store, &frame);
    }
    int result =
        ledger_add_finding(f->ledger, &finding, f->store, &f->failure);
    for (unsigned i = 0; i < frames; i++)
        evidence_drop(f->store, finding.evidence[i]);
    return result;
}

static void must(struct fixture *f, int result)
{
    if (result < 0)
        fail_msg("%s", f->failure.text);
}

static void end_run(struct fixture *f)
{
    must(f, ledger_end_run(f->ledger, "{}", &f->failure));
}

static struct ledger_check assert_sound(struct fixture *f)
{
    struct ledger_check check;

    must(f, ledger_check(f->ledger, &check, &f->failure));
    return check;
}

static void assert_broken(struct fixture *f, const char *what)
{
    struct ledger_check check;

    f->failure.text[0] = '\0';
    assert_true(ledger_check(f->ledger, &check, &f->failure) < 0);
    if (!strstr(f->failure.text, what))
        fail_msg("expected \"%s\", found \"%s\"", what, f->failure.text);
}

static const char *path_in(const struct fixture *f, const char *name)
{
    static char path[PATH_SIZE];

    (void)snprintf(path, sizeof path, "%s/%s", f->folder.path, name);
    return path;
}

static size_t read_file(const char *path, uint8_t *data)
{
    FILE *file = fopen(path, "rb");

    assert_non_null(file);
    size_t size = fread(data, 1, FILE_MAX, file);
    assert_int_equal(fclose(file), 0);
    return size;
}

static void write_file(const char *path, const uint8_t *data, size_t size)
{
    FILE *file = fopen(path, "wb");

    assert_non_null(file);
    assert_int_equal(fwrite(data, 1, size, file), size);
    assert_int_equal(fclose(file), 0);
}

static int ask(const struct fixture *f, const char *sql)
{
    sqlite3 *database = NULL;
    char *message = NULL;

    assert_int_equal(sqlite3_open(path_in(f, "ledger.db"), &database),
                     SQLITE_OK);
    int result = sqlite3_exec(database, sql, NULL, NULL, &message);
    sqlite3_free(message);
    (void)sqlite3_close(database);
    return result;
}

static void what_is_kept_is_in_the_log(void **state)
{
    (void)state;
    struct fixture f;

    fixture_open(&f);
    must(&f, add(&f, "f1", 3, 3));
    must(&f, add(&f, "f2", 2, 1));
    end_run(&f);
    struct ledger_check check = assert_sound(&f);
    assert_true(check.leaves == 4); /* Genesis, segment, two findings. */
    assert_true(check.segments == 1);
    assert_true(check.blocks == 2 + 5); /* Section, interface, packets. */
    assert_true(check.findings == 2);
    /* A second run says only what is new. */
    ledger_close(f.ledger);
    seal(&f);
    end_run(&f);
    assert_true(assert_sound(&f).leaves == 4);
    fixture_close(&f);
}

static void a_finding_says_so_when_it_is_new_and_when_it_doubles(void **state)
{
    (void)state;
    static const struct {
        uint64_t count;
        uint64_t leaves;   /* With that of the genesis. */
    } steps[] = { { 4, 2 }, { 5, 2 }, { 7, 2 }, { 8, 3 }, { 15, 3 },
                  { 16, 4 } };
    struct fixture f;

    fixture_open(&f);
    for (size_t i = 0; i < COUNT_OF(steps); i++) {
        must(&f, add(&f, "f1", 0, steps[i].count));
        must(&f, ledger_commit(f.ledger, &f.failure));
        must(&f, ledger_integrate(f.ledger, &f.failure));
        assert_true(assert_sound(&f).leaves == steps[i].leaves);
    }
    must(&f, add(&f, "f1", 0, 17));
    end_run(&f); /* The last word is said however small. */
    assert_true(assert_sound(&f).leaves == 5);
    fixture_close(&f);
}

static void leaves_can_not_be_changed_or_removed(void **state)
{
    (void)state;
    struct fixture f;

    fixture_open(&f);
    end_run(&f);
    assert_int_equal(ask(&f, "UPDATE leaf SET kind = 'x'"),
                     SQLITE_CONSTRAINT);
    assert_int_equal(ask(&f, "DELETE FROM leaf"), SQLITE_CONSTRAINT);
    assert_sound(&f);
    fixture_close(&f);
}

static void segments_end_after_a_minute(void **state)
{
    (void)state;
    struct fixture f;

    fixture_open(&f);
    must(&f, add(&f, "f1", 1, 1));
    f.time_ns += 60 * SECOND_NS - 1;
    must(&f, add(&f, "f2", 1, 1));
    f.time_ns += 1;
    must(&f, add(&f, "f3", 1, 1));
    end_run(&f);
    struct ledger_check check = assert_sound(&f);
    assert_true(check.segments == 2);
    assert_true(check.blocks == 4 + 3);
    fixture_close(&f);
}

static void live_time_ends_segments_beats_and_tells_of_the_clock(void **state)
{
    (void)state;
    struct fixture f;
    struct ledger_moment now = { .steady_ns = 5 * SECOND_NS };

    fixture_open(&f);
    now.wall_ns = f.time_ns;
    must(&f, ledger_tick(f.ledger, now, &f.failure));
    must(&f, add(&f, "f1", 1, 1));
    now.wall_ns += 60 * SECOND_NS;
    now.steady_ns += 60 * SECOND_NS;
    must(&f, ledger_tick(f.ledger, now, &f.failure)); /* Segment. */
    now.wall_ns += 100 * SECOND_NS / 1000;
    must(&f, ledger_tick(f.ledger, now, &f.failure)); /* Not enough. */
    now.wall_ns -= 101 * SECOND_NS / 1000;
    must(&f, ledger_tick(f.ledger, now, &f.failure)); /* A clock's leaf. */
    now.wall_ns += 540 * SECOND_NS;
    now.steady_ns += 540 * SECOND_NS;
    must(&f, ledger_tick(f.ledger, now, &f.failure)); /* A heartbeat. */
    must(&f, ledger_commit(f.ledger, &f.failure));
    must(&f, ledger_integrate(f.ledger, &f.failure));
    struct ledger_check check = assert_sound(&f);
    assert_true(check.segments == 1);
    assert_true(check.leaves == 5); /* And genesis, and the finding. */
    fixture_close(&f);
}

/* Blocks after the 28 + 12 byte section and the 32 byte interface are of one
 * size here: change the file and see what the check calls it. */
enum { BLOCK = 32 + FRAME_SIZE };

static size_t first_packet(const uint8_t *data)
{
    size_t at = 0;

    for (int i = 0; i < 2; i++)
        at += (size_t)(data[at + 4] | data[at + 5] << 8);
    return at;
}

static void what_was_done_to_a_segment_is_named(void **state)
{
    (void)state;
    static const char *const expected[] = {
        "block 3 was changed",        "block 3 is missing",
        "block 3 has changed places", "block 4 is there twice",
        "block 5 is missing, and all that followed",
        "bytes follow its last block", "packets-000001.pcapng is missing",
        "block 6 was added",
    };
    static uint8_t sealed[FILE_MAX];
    static uint8_t data[FILE_MAX];
    uint8_t kept[BLOCK];
    char path[PATH_SIZE];
    struct fixture f;

    fixture_open(&f);
    must(&f, add(&f, "f1", 4, 4));
    end_run(&f);
    (void)snprintf(path, sizeof path, "%s",
                   path_in(&f, "packets-000001.pcapng"));
    size_t size = read_file(path, sealed);
    size_t at = first_packet(sealed) + BLOCK; /* Block 3. */
    size_t end = size;
    assert_int_equal(size, at + 3 * BLOCK);
    for (size_t i = 0; i < COUNT_OF(expected); i++) {
        memcpy(data, sealed, size);
        end = size;
        switch (i) {
        case 0: data[at + 40] ^= 1; break;
        case 1:
            memmove(data + at, data + at + BLOCK, 2 * BLOCK);
            end -= BLOCK;
            break;
        case 2:
            memcpy(kept, data + at, BLOCK);
            memcpy(data + at, data + at + BLOCK, BLOCK);
            memcpy(data + at + BLOCK, kept, BLOCK);
            break;
        case 3:
            memcpy(data + at + BLOCK, sealed + at, 3 * BLOCK);
            end += BLOCK;
            break;
        case 4: end -= BLOCK; break;
        case 5: data[end++] = 0; break;
        case 6: break;
        default:
            memcpy(data + end, data + at, BLOCK);
            data[end + 40] ^= 1;
            end += BLOCK;
        }
        write_file(path, data, end);
        if (i == 6)
            assert_int_equal(unlink(path), 0);
        assert_broken(&f, expected[i]);
    }
    write_file(path, sealed, size);
    assert_sound(&f);
    fixture_close(&f);
}

static void what_was_done_to_the_rest_is_named(void **state)
{
    (void)state;
    static uint8_t data[FILE_MAX];
    struct fixture f;

    fixture_open(&f);
    must(&f, add(&f, "f1", 1, 4));
    end_run(&f);
    assert_int_equal(ask(&f, "UPDATE finding_state SET count = 5"), 0);
    assert_broken(&f, "finding f1 of run 1 is not in the index as it was");
    assert_int_equal(ask(&f, "UPDATE finding_state SET count = 4"), 0);
    assert_sound(&f);
    assert_int_equal(
        ask(&f, "DROP TRIGGER leaf_stays; UPDATE leaf SET content ="
                " CAST(replace(content, 'tenet 1', 'tenet 2') AS BLOB)"
                " WHERE number = 0"), 0);
    assert_broken(&f, "leaf 0 of the index is not that of the log");
    assert_int_equal(
        ask(&f, "UPDATE leaf SET content ="
                " CAST(replace(content, 'tenet 2', 'tenet 1') AS BLOB)"
                " WHERE number = 0"), 0);
    assert_sound(&f);
    const char *entries = path_in(&f, "log/tile/entries/000.p/3");
    size_t size = read_file(entries, data);
    data[size / 2] ^= 1;
    write_file(entries, data, size);
    assert_broken(&f, "");
    fixture_close(&f);
}

static void an_index_that_is_gone_is_made_anew(void **state)
{
    (void)state;
    struct fixture f;

    fixture_open(&f);
    must(&f, add(&f, "f1", 2, 4));
    end_run(&f);
    ledger_close(f.ledger);
    assert_int_equal(unlink(path_in(&f, "ledger.db")), 0);
    must(&f, ledger_open(f.folder.path, LEDGER_WRITE, &f.ledger,
                         &f.failure));
    struct ledger_check check = assert_sound(&f);
    assert_true(check.rebuilt == 3);
    assert_true(check.unindexed == 1);
    assert_true(assert_sound(&f).rebuilt == 0);
    /* And a writer goes on where the log ends. */
    ledger_close(f.ledger);
    seal(&f);
    must(&f, add(&f, "f2", 2, 4));
    end_run(&f);
    assert_true(assert_sound(&f).leaves == 5);
    fixture_close(&f);
}

/* Add findings until killed; say each that the ledger has answered for. */
static void write_until_killed(struct fixture *f, int said, unsigned round)
{
    char id[FINDING_ID_SIZE];

    seal(f);
    for (unsigned i = 0;; i++) {
        (void)snprintf(id, sizeof id, "f%u-%u", round, i);
        f->time_ns += 25 * SECOND_NS;
        if (add(f, id, 2, 1) < 0 ||
            ledger_commit(f->ledger, &f->failure) < 0 ||
            write(said, "x", 1) != 1 ||
            ledger_integrate(f->ledger, &f->failure) < 0)
            _exit(1);
    }
}

static uint64_t kill_a_writer(struct fixture *f, unsigned round)
{
    int said[2];
    char byte;
    uint64_t count = 0;
    int status;

    assert_int_equal(pipe(said), 0);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        (void)close(said[0]);
        write_until_killed(f, said[1], round);
    }
    (void)close(said[1]);
    (void)usleep(5000 + round * 7919 % 90000);
    (void)kill(child, SIGKILL);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status));
    while (read(said[0], &byte, 1) == 1)
        count++;
    (void)close(said[0]);
    return count;
}

static void nothing_answered_for_is_lost_to_a_kill(void **state)
{
    (void)state;
    struct fixture f;
    uint64_t answered = 0;
    struct ledger_check check;

    fixture_open(&f);
    end_run(&f);
    ledger_close(f.ledger);
    for (unsigned round = 0; round < ROUNDS; round++) {
        f.packet = round * 100000;
        answered += kill_a_writer(&f, round);
        if (round % 40 != 39)
            continue;
        seal(&f);
        must(&f, ledger_integrate(f.ledger, &f.failure));
        check = assert_sound(&f);
        assert_true(check.leaves >= answered + check.segments + 1);
        ledger_close(f.ledger);
    }
    assert_true(answered > 0); /* Else the kills came too early. */
    seal(&f);
    end_run(&f);
    assert_sound(&f);
    fixture_close(&f);
}

/* No file may grow past so much, as on a disk that is full. */
static void limit_files(rlim_t size)
{
    struct rlimit limit;

    assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
    limit.rlim_cur = size;
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

static void a_full_disk_is_said_and_harms_nothing(void **state)
{
    (void)state;
    static const rlim_t limits[] = { 64, 300, 1000, 5000, 70000, 140000 };
    struct fixture f;
    char id[FINDING_ID_SIZE];

    (void)signal(SIGXFSZ, SIG_IGN);
    fixture_open(&f);
    for (unsigned i = 0; i < COUNT_OF(limits); i++) {
        bool failed = false;
        f.failure.text[0] = '\0';
        limit_files(limits[i]);
        for (unsigned j = 0; j < 60 && !failed; j++) {
            (void)snprintf(id, sizeof id, "f%u-%u", i, j);
            failed = add(&f, id, 20, 1) < 0 ||
                     ledger_commit(f.ledger, &f.failure) < 0 ||
                     ledger_integrate(f.ledger, &f.failure) < 0;
        }
        limit_files(RLIM_INFINITY);
        assert_true(failed);
        assert_true(f.failure.text[0] != '\0');
        must(&f, add(&f, "again", 1, 1U << i));
        must(&f, ledger_commit(f.ledger, &f.failure));
        must(&f, ledger_integrate(f.ledger, &f.failure));
        assert_sound(&f);
    }
    end_run(&f);
    assert_sound(&f);
    fixture_close(&f);
}

/* What a crash left in the place of an object, even of its size, is not
 * taken for it. */
static void an_object_cut_short_is_written_again(void **state)
{
    static const char *const left[] = { "", "{\"whole\"", "############" };
    const struct bytes content = bytes_of_text("{\"whole\":1}");
    struct folder folder;
    struct seal_folder files;
    char digest[2 * CRYPTO_SHA256_SIZE + 1];
    char path[SEAL_PATH_MAX];
    struct writer read;

    (void)state;
    folder_make(&folder);
    writer_init(&read, 64);
    assert_int_equal(seal_folder_open(folder.path, false, &files, NULL), 0);
    assert_int_equal(object_keep(&files, content, digest, NULL), 0);
    for (size_t i = 0; i < COUNT_OF(left); i++) {
        assert_int_equal(seal_file_write(&files, object_path(digest, path),
                                         bytes_of_text(left[i]), NULL),
                         0);
        assert_int_equal(object_keep(&files, content, digest, NULL), 0);
        assert_int_equal(seal_folder_sync(&files, NULL), 0);
        assert_int_equal(seal_file_read(&files, path, 64, &read, NULL), 0);
        assert_true(bytes_equal(writer_view(&read), content));
    }
    seal_folder_close(&files);
    writer_clear(&read);
    folder_remove(&folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_kept_is_in_the_log),
        cmocka_unit_test(an_object_cut_short_is_written_again),
        cmocka_unit_test(
            a_finding_says_so_when_it_is_new_and_when_it_doubles),
        cmocka_unit_test(leaves_can_not_be_changed_or_removed),
        cmocka_unit_test(segments_end_after_a_minute),
        cmocka_unit_test(
            live_time_ends_segments_beats_and_tells_of_the_clock),
        cmocka_unit_test(what_was_done_to_a_segment_is_named),
        cmocka_unit_test(what_was_done_to_the_rest_is_named),
        cmocka_unit_test(an_index_that_is_gone_is_made_anew),
        cmocka_unit_test(nothing_answered_for_is_lost_to_a_kill),
        cmocka_unit_test(a_full_disk_is_said_and_harms_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
