/* SPDX-License-Identifier: Apache-2.0 */

/*
 * The memory of a witness when the process is killed: between the checks, just
 * before and just after the disk has it, and before the answer leaves. What
 * was signed stays signed, and nothing beside it ever is.
 */
#include "witness/store.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "folder.h"
#include "log_double.h"
#include "test.h"

enum { ROUNDS = 200, PATH_SIZE = 256, FORK = 3, SIZE_SPAN = 250 };

/* A store that dies where it is told to. */
struct mortal {
    struct witness_store inner;
    int dies_at;    /* 0 before it is kept, 1 after, else not. */
};

static int mortal_read(void *context, struct bytes origin,
                       struct tlog_head *head, struct writer *checkpoint,
                       struct failure *failure)
{
    struct mortal *mortal = context;

    return mortal->inner.read(mortal->inner.context, origin, head,
                              checkpoint, failure);
}

static int mortal_replace(void *context, const struct checkpoint *next,
                          const struct tlog_head *known, struct bytes note,
                          struct failure *failure)
{
    struct mortal *mortal = context;

    if (mortal->dies_at == 0)
        (void)raise(SIGKILL);
    int result = mortal->inner.replace(mortal->inner.context, next, known,
                                       note, failure);
    if (mortal->dies_at == 1)
        (void)raise(SIGKILL);
    return result;
}

static void make_witness(struct witness *witness,
                         const struct log_double *log)
{
    const uint8_t seed[CRYPTO_ED25519_SEED_SIZE] = { 9 };

    *witness = (struct witness){ .log_count = 1 };
    witness->pair = crypto_key_pair_of(seed);
    bool is_key = note_key_of(bytes_of_text("witness.example"),
                              NOTE_KEY_COSIGNATURE,
                              &witness->pair.public_key, &witness->key);
    assert_true(is_key);
    witness->logs[0] = log->key;
}

/* In the child: judge one request; the exit status is whether it signed. */
static _Noreturn void judge_and_end(const char *path, int dies_at,
                                    const struct log_double *log,
                                    uint64_t old_size, uint64_t size)
{
    struct witness_database *database;
    static struct witness witness;
    struct witness_answer answer;
    struct writer request;

    if (witness_database_open(path, &database, NULL) < 0)
        _exit(3);
    struct mortal mortal = { .inner = witness_database_store(database),
                             .dies_at = dies_at };
    make_witness(&witness, log);
    witness.store = (struct witness_store){
        .context = &mortal, .read = mortal_read, .replace = mortal_replace,
    };
    writer_init(&request, WITNESS_REQUEST_MAX);
    writer_init(&answer.body, WITNESS_BODY_MAX);
    log_double_request(log, old_size, size, &request);
    witness_add_checkpoint(&witness, writer_view(&request), 1, &answer);
    _exit(answer.status == 200 ? 0 : answer.status == 500 ? 4 : 1);
}

static uint64_t known_head(const char *path, struct tlog_head *head)
{
    struct witness_database *database;

    assert_int_equal(witness_database_open(path, &database, NULL), 0);
    struct witness_store store = witness_database_store(database);
    int result = store.read(store.context, bytes_of_text("log.example"), head,
                            NULL, NULL);
    witness_database_close(database);
    if (result == -ENOENT)
        *head = (struct tlog_head){ 0 };
    else
        assert_int_equal(result, 0);
    return head->size;
}

/* Chance that is the same in every run: xorshift. */
static unsigned chance(uint64_t *state, unsigned span)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return (unsigned)(*state >> 32) % span;
}

static void nothing_signed_is_forgotten_over_200_deaths(void **state)
{
    struct folder folder;
    char path[PATH_SIZE];
    struct log_double branches[2];
    struct tlog_head known = { 0 };
    struct tlog_head signed_head = { 0 };
    unsigned deaths = 0;
    unsigned signatures = 0;
    uint64_t seed = 7;

    (void)state;
    folder_make(&folder);
    (void)snprintf(path, sizeof path, "%s/witness.db", folder.path);
    log_double_init(&branches[0], "log.example");
    branches[0].fork = FORK;
    branches[1] = branches[0];
    branches[1].branch = 'b';
    for (unsigned round = 0; deaths < ROUNDS; round++) {
        const struct log_double *log = &branches[chance(&seed, 2)];
        uint64_t old = known_head(path, &known);
        uint64_t size = old + chance(&seed, 2);
        int dies_at = (int)chance(&seed, 4);
        int status;
        assert_true(round < 20 * ROUNDS);
        if (size > SIZE_SPAN)
            size = old;
        pid_t child = fork();
        if (child == 0)
            judge_and_end(path, dies_at, log, old, size);
        assert_true(waitpid(child, &status, 0) == child);
        uint64_t now = known_head(path, &known);
        assert_true(now >= old);
        if (WIFSIGNALED(status)) {
            assert_int_equal(WTERMSIG(status), SIGKILL);
            deaths++;
        } else if (WEXITSTATUS(status) == 0) {
            signed_head = log_double_head(log, size);
            signatures++;
            assert_true(now == size);
            assert_true(tlog_hash_equal(&signed_head.root, &known.root));
        } else {
            assert_int_equal(WEXITSTATUS(status), 1);
        }
        assert_true(known.size >= signed_head.size);
    }
    assert_true(signatures > ROUNDS / 8);
    folder_remove(&folder);
}

static void two_processes_cannot_undo_each_other(void **state)
{
    struct folder folder;
    char path[PATH_SIZE];
    struct witness_database *first;
    struct witness_database *second;
    struct log_double log;
    struct tlog_head read;

    (void)state;
    folder_make(&folder);
    (void)snprintf(path, sizeof path, "%s/witness.db", folder.path);
    log_double_init(&log, "log.example");
    assert_int_equal(witness_database_open(path, &first, NULL), 0);
    assert_int_equal(witness_database_open(path, &second, NULL), 0);
    struct witness_store a = witness_database_store(first);
    struct witness_store b = witness_database_store(second);
    struct checkpoint five = { .origin = bytes_of_text("log.example"),
                               .head = log_double_head(&log, 5) };
    struct checkpoint nine = { .origin = five.origin,
                               .head = log_double_head(&log, 9) };
    struct bytes note = bytes_of_text("note");
    assert_int_equal(a.replace(a.context, &nine, NULL, note, NULL), 0);
    assert_int_equal(b.replace(b.context, &five, NULL, note, NULL),
                     ERROR_CONFLICT);
    assert_int_equal(b.replace(b.context, &five, &five.head, note, NULL),
                     ERROR_CONFLICT);
    assert_int_equal(b.read(b.context, five.origin, &read, NULL, NULL), 0);
    assert_true(read.size == 9);
    witness_database_close(first);
    witness_database_close(second);
    folder_remove(&folder);
}

static void the_file_is_its_owners_alone(void **state)
{
    struct folder folder;
    char path[PATH_SIZE];
    struct witness_database *database;
    struct failure failure = { 0 };
    struct stat status;

    (void)state;
    folder_make(&folder);
    (void)snprintf(path, sizeof path, "%s/witness.db", folder.path);
    assert_int_equal(witness_database_open(path, &database, NULL), 0);
    witness_database_close(database);
    assert_int_equal(stat(path, &status), 0);
    assert_int_equal(status.st_mode & 0777, 0600);
    (void)snprintf(path, sizeof path, "%s/no/such.db", folder.path);
    assert_true(witness_database_open(path, &database, &failure) < 0);
    assert_non_null(strstr(failure.text, "such.db"));
    folder_remove(&folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_signed_is_forgotten_over_200_deaths),
        cmocka_unit_test(two_processes_cannot_undo_each_other),
        cmocka_unit_test(the_file_is_its_owners_alone),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
