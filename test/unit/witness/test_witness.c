/* SPDX-License-Identifier: Apache-2.0 */

/* The rules of a witness: C2SP tlog-witness v1.0.0. */
#include "witness/witness.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/digest.h"
#include "log_double.h"
#include "sweep.h"
#include "test.h"
#include "witness/store.h"

enum { NOW_S = 1700000000, TURNS = 400, SIZE_SPAN = 100 };

struct bench {
    struct witness_database *database;
    struct witness witness;
    struct log_double log;
    struct writer request;
    struct witness_answer answer;
};

static void set_up(struct bench *bench)
{
    const uint8_t seed[CRYPTO_ED25519_SEED_SIZE] = { 9 };

    *bench = (struct bench){ 0 };
    assert_int_equal(witness_database_open(NULL, &bench->database, NULL), 0);
    bench->witness.store = witness_database_store(bench->database);
    bench->witness.pair = crypto_key_pair_of(seed);
    assert_true(note_key_of(bytes_of_text("witness.example"),
                            NOTE_KEY_COSIGNATURE,
                            &bench->witness.pair.public_key,
                            &bench->witness.key));
    log_double_init(&bench->log, "log.example");
    bench->witness.logs[bench->witness.log_count++] = bench->log.key;
    writer_init(&bench->request, 2 * WITNESS_REQUEST_MAX);
    writer_init(&bench->answer.body, WITNESS_BODY_MAX);
}

static void tear_down(struct bench *bench)
{
    writer_clear(&bench->request);
    writer_clear(&bench->answer.body);
    witness_database_close(bench->database);
}

static int send_as_is(struct bench *bench)
{
    witness_add_checkpoint(&bench->witness, writer_view(&bench->request),
                           NOW_S, &bench->answer);
    return bench->answer.status;
}

static int ask(struct bench *bench, uint64_t old_size, uint64_t size)
{
    log_double_request(&bench->log, old_size, size, &bench->request);
    return send_as_is(bench);
}

/* The body is one cosignature over the checkpoint at `size`. */
static void assert_cosigned(struct bench *bench, uint64_t size)
{
    struct writer w;
    struct note note;
    uint64_t time_s = 0;

    writer_init(&w, NOTE_SIZE_MAX);
    log_double_sign(&bench->log, size, &w);
    writer_bytes(&w, writer_view(&bench->answer.body));
    assert_int_equal(note_read(writer_view(&w), &note, NULL), 0);
    assert_int_equal(note.signature_count, 2);
    assert_int_equal(note_verify(&note, &bench->witness.key, &time_s),
                     NOTE_VERIFIED);
    assert_true(time_s == NOW_S);
    writer_clear(&w);
}

static void a_log_that_grows_is_cosigned(void **state)
{
    static const uint64_t sizes[] = { 0, 1, 1, 2, 7, 8, 200 };
    struct bench bench;

    (void)state;
    set_up(&bench);
    for (size_t i = 0; i < COUNT_OF(sizes); i++) {
        assert_int_equal(ask(&bench, i ? sizes[i - 1] : 0, sizes[i]), 200);
        assert_cosigned(&bench, sizes[i]);
    }
    tear_down(&bench);
}

static void one_who_does_not_know_the_size_is_told_it(void **state)
{
    struct bench bench;

    (void)state;
    set_up(&bench);
    assert_int_equal(ask(&bench, 3, 5), 409);
    assert_string_equal(writer_as_text(&bench.answer.body), "0\n");
    assert_int_equal(ask(&bench, 0, 5), 200);
    assert_int_equal(ask(&bench, 0, 9), 409);
    assert_string_equal(writer_as_text(&bench.answer.body), "5\n");
    assert_string_equal(bench.answer.type, "text/x.tlog.size");
    assert_int_equal(ask(&bench, 3, 3), 409); /* Back is no way. */
    assert_int_equal(ask(&bench, 5, 9), 200);
    tear_down(&bench);
}

static void another_history_is_refused(void **state)
{
    struct bench bench;

    (void)state;
    set_up(&bench);
    assert_int_equal(ask(&bench, 0, 6), 200);
    bench.log.branch = 'b';
    bench.log.fork = 4;
    assert_int_equal(ask(&bench, 6, 6), 422);
    assert_int_equal(ask(&bench, 6, 9), 422);
    bench.log.fork = 6;
    assert_int_equal(ask(&bench, 6, 9), 200);
    tear_down(&bench);
}

static void an_empty_log_has_the_empty_root(void **state)
{
    static const char text[] =
        "log.example\n0\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n";
    struct bench bench;

    (void)state;
    set_up(&bench);
    writer_text(&bench.request, "old 0\n\n");
    writer_text(&bench.request, text);
    writer_byte(&bench.request, '\n');
    note_sign(&bench.request, bytes_of_text(text), &bench.log.key,
              &bench.log.pair, 0);
    assert_int_equal(send_as_is(&bench), 422);
    assert_int_equal(ask(&bench, 0, 0), 200);
    tear_down(&bench);
}

/* Each request is wrong in the way tested and in all that come after. */
static void the_first_thing_wrong_is_what_is_said(void **state)
{
    struct bench bench;
    struct log_double stranger;

    (void)state;
    set_up(&bench);
    assert_int_equal(ask(&bench, 0, 6), 200);
    bench.log.branch = 'b';
    bench.log.fork = 0;
    assert_int_equal(ask(&bench, 6, 9), 422);
    assert_int_equal(ask(&bench, 5, 9), 409);
    writer_reset(&bench.request);
    struct witness_request request = { .old_size = 10 };
    struct writer note;
    writer_init(&note, NOTE_SIZE_MAX);
    log_double_sign(&bench.log, 9, &note);
    request.checkpoint = writer_view(&note);
    witness_request_write(&bench.request, &request);
    assert_int_equal(send_as_is(&bench), 400);
    log_double_init(&stranger, "other.example");
    struct note_key key = bench.log.key;
    assert_true(note_key_of(bytes_of_text("log.example"), NOTE_KEY_ED25519,
                            &stranger.pair.public_key, &stranger.key));
    writer_reset(&note);
    log_double_sign(&stranger, 9, &note); /* Same origin, another key. */
    request.checkpoint = writer_view(&note);
    writer_reset(&bench.request);
    witness_request_write(&bench.request, &request);
    assert_int_equal(send_as_is(&bench), 403);
    log_double_init(&bench.log, "other.example");
    assert_int_equal(ask(&bench, 6, 9), 404);
    bench.log.key = key;
    writer_clear(&note);
    tear_down(&bench);
}

static void a_forged_signature_beside_a_good_one_is_refused(void **state)
{
    struct bench bench;

    (void)state;
    set_up(&bench);
    log_double_request(&bench.log, 0, 3, &bench.request);
    struct bytes text = bytes_of_text("something else\n");
    note_sign(&bench.request, text, &bench.log.key, &bench.log.pair, 0);
    assert_int_equal(send_as_is(&bench), 403);
    tear_down(&bench);
}

static void sixty_three_lines_of_proof_are_read_and_no_more(void **state)
{
    struct witness_request request = { .old_size = 1 };
    struct witness_request read;
    struct writer w;

    (void)state;
    writer_init(&w, WITNESS_REQUEST_MAX);
    request.path.count = WITNESS_PROOF_MAX;
    request.checkpoint = bytes_of_text("x\n");
    witness_request_write(&w, &request);
    assert_true(witness_request_read(writer_view(&w), &read));
    assert_int_equal(read.path.count, WITNESS_PROOF_MAX);
    writer_reset(&w);
    request.path.count++;
    witness_request_write(&w, &request);
    assert_false(witness_request_read(writer_view(&w), &read));
    writer_clear(&w);
}

static void what_is_not_a_request_is_400(void **state)
{
    static const char *const bodies[] = {
        "", "\n", "old 0", "old 0\n", "old  0\n\nx\n", "old 00\n\nx\n",
        "old -1\n\nx\n", "old 9223372036854775808\n\nx\n", "new 0\n\nx\n",
        "old 0\nAAAA\n\nx\n", "old 0\r\n\r\nx\n",
        "old 0\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAB=\n\nx\n",
    };
    struct bench bench;

    (void)state;
    set_up(&bench);
    for (size_t i = 0; i < COUNT_OF(bodies); i++) {
        writer_reset(&bench.request);
        writer_text(&bench.request, bodies[i]);
        assert_int_equal(send_as_is(&bench), 400);
    }
    tear_down(&bench);
}

static void monitors_are_shown_the_cosigned_checkpoint(void **state)
{
    struct bench bench;
    uint8_t digest[CRYPTO_SHA256_SIZE];
    struct writer name;
    struct note note;
    struct checkpoint checkpoint;

    (void)state;
    set_up(&bench);
    crypto_sha256(bytes_of_text("log.example"), digest);
    writer_init(&name, WITNESS_NAME_MAX);
    writer_hex(&name, bytes_of(digest, sizeof digest));
    witness_show_checkpoint(&bench.witness, writer_view(&name),
                            &bench.answer);
    assert_int_equal(bench.answer.status, 404);
    assert_int_equal(ask(&bench, 0, 6), 200);
    witness_show_checkpoint(&bench.witness, writer_view(&name),
                            &bench.answer);
    assert_int_equal(bench.answer.status, 200);
    assert_int_equal(checkpoint_open(writer_view(&bench.answer.body),
                                     &bench.log.key, &note, &checkpoint,
                                     NULL),
                     0);
    assert_int_equal(note_verify(&note, &bench.witness.key, NULL),
                     NOTE_VERIFIED);
    name.data[0] ^= 1;
    witness_show_checkpoint(&bench.witness, writer_view(&name),
                            &bench.answer);
    assert_int_equal(bench.answer.status, 404);
    writer_clear(&name);
    tear_down(&bench);
}

static int fail_to_keep(void *context, const struct checkpoint *next,
                        const struct tlog_head *known, struct bytes note,
                        struct failure *failure)
{
    (void)next;
    (void)known;
    (void)note;
    return failure_set(failure, *(int *)context, "made to fail");
}

static int know_nothing(void *context, struct bytes origin,
                        struct tlog_head *head, struct writer *checkpoint,
                        struct failure *failure)
{
    (void)context;
    (void)origin;
    (void)head;
    (void)checkpoint;
    (void)failure;
    return -ENOENT;
}

static void what_is_not_kept_is_not_signed(void **state)
{
    struct bench bench;
    int code = -EIO;

    (void)state;
    set_up(&bench);
    bench.witness.store = (struct witness_store){
        .context = &code, .read = know_nothing, .replace = fail_to_keep,
    };
    assert_int_equal(ask(&bench, 0, 6), 500);
    assert_string_equal(writer_as_text(&bench.answer.body),
                        "store failed\n");
    code = ERROR_CONFLICT;
    assert_int_equal(ask(&bench, 0, 6), 409);
    assert_string_equal(writer_as_text(&bench.answer.body), "0\n");
    tear_down(&bench);
}

/* Chance that is the same in every run: xorshift. */
static unsigned chance(uint64_t *state, unsigned span)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return (unsigned)(*state >> 32) % span;
}

/* Whatever two logs of one key ask for in whatever order: all that is signed
 * lies on one line. */
static void no_two_cosignatures_contradict_each_other(void **state)
{
    struct bench bench;
    struct log_double branches[2];
    bool has_signed[2] = { false, false };
    unsigned count = 0;
    const uint64_t fork = 20;
    uint64_t seed = 4;
    uint64_t last = 0;

    (void)state;
    set_up(&bench);
    branches[0] = branches[1] = bench.log;
    branches[0].fork = branches[1].fork = fork;
    branches[1].branch = 'b';
    for (unsigned turn = 0; turn < TURNS; turn++) {
        unsigned which = chance(&seed, 2);
        uint64_t size = chance(&seed, SIZE_SPAN);
        if (chance(&seed, 2))
            size = last + chance(&seed, 3);
        uint64_t old = chance(&seed, (unsigned)size + 1);
        if (chance(&seed, 2) && last <= size)
            old = last;
        bench.log = branches[which];
        if (ask(&bench, old, size) != 200)
            continue;
        assert_cosigned(&bench, size);
        assert_true(size >= last);
        last = size;
        count++;
        if (size > fork)
            has_signed[which] = true;
        assert_false(has_signed[0] && has_signed[1]);
    }
    assert_true(count > TURNS / 10);
    assert_true(has_signed[0] || has_signed[1]);
    tear_down(&bench);
}

static void judge_variant(struct bytes variant, void *context)
{
    struct bench *bench = context;

    witness_add_checkpoint(&bench->witness, variant, NOW_S, &bench->answer);
    assert_int_not_equal(bench->answer.status, 500);
    assert_int_not_equal(bench->answer.status, 0);
}

/* A flipped bit never makes another head pass: what is signed in the end is
 * what was. */
static void every_cut_and_every_flip_is_judged(void **state)
{
    struct bench bench;
    struct writer copy;

    (void)state;
    set_up(&bench);
    assert_int_equal(ask(&bench, 0, 3), 200);
    log_double_request(&bench.log, 3, 6, &bench.request);
    writer_init(&copy, WITNESS_REQUEST_MAX);
    writer_bytes(&copy, writer_view(&bench.request));
    struct bytes whole = writer_view(&copy);
    sweep_truncate(bytes_slice(whole, 0, whole.size - 1), judge_variant,
                   &bench);
    assert_int_equal(ask(&bench, 3, 3), 200); /* None of them was taken. */
    sweep_flip(whole, judge_variant, &bench);
    assert_int_equal(ask(&bench, 3, 3), 200);
    writer_clear(&copy);
    tear_down(&bench);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_log_that_grows_is_cosigned),
        cmocka_unit_test(one_who_does_not_know_the_size_is_told_it),
        cmocka_unit_test(another_history_is_refused),
        cmocka_unit_test(an_empty_log_has_the_empty_root),
        cmocka_unit_test(the_first_thing_wrong_is_what_is_said),
        cmocka_unit_test(a_forged_signature_beside_a_good_one_is_refused),
        cmocka_unit_test(sixty_three_lines_of_proof_are_read_and_no_more),
        cmocka_unit_test(what_is_not_a_request_is_400),
        cmocka_unit_test(monitors_are_shown_the_cosigned_checkpoint),
        cmocka_unit_test(what_is_not_kept_is_not_signed),
        cmocka_unit_test(no_two_cosignatures_contradict_each_other),
        cmocka_unit_test(every_cut_and_every_flip_is_judged),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
