/* SPDX-License-Identifier: Apache-2.0 */
#include "tlog/policy.h"

#include <string.h>

#include "test.h"
#include "tlog/proof.h"

enum { WITNESSES = 3 };

/* A log and its witnesses, keys from counted seeds. */
struct parties {
    struct crypto_key_pair log_pair;
    struct note_key log;
    struct crypto_key_pair pairs[WITNESSES];
    struct note_key keys[WITNESSES];
};

static struct crypto_key_pair pair_of(uint8_t number)
{
    uint8_t seed[CRYPTO_ED25519_SEED_SIZE] = { number };

    return crypto_key_pair_of(seed);
}

static struct parties make_parties(void)
{
    struct parties p;
    static const char *const names[] = { "w.example/1", "w.example/2",
                                         "w.example/3" };

    p.log_pair = pair_of(1);
    assert_true(note_key_of(bytes_of_text("log.example"), NOTE_KEY_ED25519,
                            &p.log_pair.public_key, &p.log));
    for (uint8_t i = 0; i < WITNESSES; i++) {
        p.pairs[i] = pair_of((uint8_t)(10 + i));
        assert_true(note_key_of(bytes_of_text(names[i]),
                                NOTE_KEY_COSIGNATURE,
                                &p.pairs[i].public_key, &p.keys[i]));
    }
    return p;
}

/* A checkpoint of `origin` signed by the log, and by the witnesses whose bit
 * is set. */
static void write_checkpoint(struct writer *w, const struct parties *p,
                             const char *origin, unsigned witnesses)
{
    struct checkpoint checkpoint = { .origin = bytes_of_text(origin),
                                     .head = { .size = 7 } };
    struct writer text;

    writer_init(&text, 4096);
    checkpoint_write(&text, &checkpoint);
    writer_bytes(w, writer_view(&text));
    writer_byte(w, '\n');
    note_sign(w, writer_view(&text), &p->log, &p->log_pair, 0);
    for (unsigned i = 0; i < WITNESSES; i++)
        if (witnesses & 1u << i)
            note_sign(w, writer_view(&text), &p->keys[i], &p->pairs[i],
                      1000 + i);
    writer_clear(&text);
}

static void write_policy(struct writer *w, const struct parties *p,
                         const char *rest)
{
    writer_text(w, "# whom we trust\nlog ");
    note_key_write(w, &p->log);
    writer_text(w, " https://log.example/\n");
    for (unsigned i = 0; i < WITNESSES; i++) {
        writer_format(w, "witness W%u\t", i + 1);
        note_key_write(w, &p->keys[i]);
        writer_byte(w, '\n');
    }
    writer_text(w, rest);
}

static int judge(const struct parties *p, const char *rest,
                 unsigned witnesses, struct policy_verdict *verdict)
{
    struct writer policy_text;
    struct writer checkpoint;
    struct policy *policy;
    struct failure failure;

    writer_init(&policy_text, POLICY_SIZE_MAX);
    writer_init(&checkpoint, NOTE_SIZE_MAX);
    write_policy(&policy_text, p, rest);
    write_checkpoint(&checkpoint, p, "log.example", witnesses);
    int result = policy_read("trust.policy", writer_view(&policy_text),
                             &policy, &failure);
    if (result < 0)
        fail_msg("%s", failure.text);
    result =
        policy_check(policy, writer_view(&checkpoint), verdict, &failure);
    policy_free(policy);
    writer_clear(&policy_text);
    writer_clear(&checkpoint);
    return result;
}

static void a_quorum_is_counted_as_it_says(void **state)
{
    static const struct {
        const char *rest;
        unsigned witnesses;
        bool holds;
    } vectors[] = {
        { "quorum none\n", 0, true },
        { "quorum W1\n", 0, false },
        { "quorum W1\n", 1, true },
        { "quorum W1\n", 2, false },
        { "group G any W1 W2 W3\nquorum G\n", 4, true },
        { "group G all W1 W2 W3\nquorum G\n", 5, false },
        { "group G all W1 W2 W3\nquorum G\n", 7, true },
        { "group G 2 W1 W2 W3\nquorum G\n", 6, true },
        { "group G 2 W1 W2 W3\nquorum G\n", 4, false },
        { "group A any W1 W2\ngroup B all A W3\nquorum B\n", 6, true },
        { "group A any W1 W2\ngroup B all A W3\nquorum B\n", 3, false },
    };
    struct parties p = make_parties();

    (void)state;
    for (size_t i = 0; i < COUNT_OF(vectors); i++) {
        struct policy_verdict verdict;
        int result =
            judge(&p, vectors[i].rest, vectors[i].witnesses, &verdict);
        assert_int_equal(result == 0, vectors[i].holds);
    }
}

static void a_verdict_says_who_saw_it_when(void **state)
{
    struct parties p = make_parties();
    struct policy_verdict verdict;

    (void)state;
    assert_int_equal(judge(&p, "quorum none\n", 7, &verdict), 0);
    assert_int_equal(verdict.witness_count, 3);
    assert_true(verdict.first_seen_s == 1000);
    assert_true(verdict.last_seen_s == 1002);
    assert_true(verdict.checkpoint.head.size == 7);
}

static void what_the_standard_forbids_is_refused(void **state)
{
    static const struct {
        const char *rest;
        const char *why;
    } vectors[] = {
        { "", "no quorum" },
        { "quorum W1\nquorum W2\n", "a second quorum" },
        { "quorum W9\n", "not defined" },
        { "quorum W1 W2\n", "expected \"quorum NAME\"" },
        { "group G 2 W1\nquorum G\n", "not \"all\"" },
        { "group G 0 W1\nquorum G\n", "not \"all\"" },
        { "group G 01 W1\nquorum G\n", "not \"all\"" },
        { "group G all\nquorum G\n", "expected \"group" },
        { "group G all H\ngroup H all W1\nquorum G\n", "not defined" },
        { "group G all W1 W1\nquorum G\n", "a member of a group already" },
        { "group G all W1\ngroup H all W1\nquorum G\n",
          "a member of a group already" },
        { "group W1 all W2\nquorum W1\n", "the same name twice" },
        { "group none all W2\nquorum none\n", "a meaning already" },
        { "quorum none", "the last line has no end" },
        { "quorum none\r\n", "control characters" },
        { "trust me\nquorum none\n", "not log, witness, group or quorum" },
        { "witness X nonsense\nquorum none\n", "verifier key" },
    };
    struct parties p = make_parties();

    (void)state;
    for (size_t i = 0; i < COUNT_OF(vectors); i++) {
        struct writer w;
        struct policy *policy = NULL;
        struct failure failure;
        writer_init(&w, POLICY_SIZE_MAX);
        write_policy(&w, &p, vectors[i].rest);
        assert_true(
            policy_read("p", writer_view(&w), &policy, &failure) < 0);
        if (!strstr(failure.text, vectors[i].why))
            fail_msg("\"%s\": %s", vectors[i].rest, failure.text);
        assert_null(policy);
        writer_clear(&w);
    }
}

static void a_known_key_that_lies_refuses_the_whole(void **state)
{
    struct parties p = make_parties();
    struct writer w;
    struct note note;
    struct checkpoint checkpoint;

    (void)state;
    writer_init(&w, NOTE_SIZE_MAX);
    write_checkpoint(&w, &p, "log.example", 1);
    w.data[12] ^= 1; /* The size it says. */
    assert_int_equal(note_read(writer_view(&w), &note, NULL), 0);
    assert_int_equal(note_verify(&note, &p.log, NULL), NOTE_FORGED);
    assert_int_equal(note_verify(&note, &p.keys[0], NULL), NOTE_FORGED);
    assert_int_equal(note_verify(&note, &p.keys[1], NULL), NOTE_UNKNOWN);
    writer_reset(&w);
    write_checkpoint(&w, &p, "other.example", 0);
    assert_true(checkpoint_open(writer_view(&w), &p.log, &note, &checkpoint,
                                NULL) < 0);
    writer_clear(&w);
}

static void malformed_notes_are_refused(void **state)
{
    static const char *const bad[] = {
        "",
        "text\n",
        "text\n\n",                              /* Nobody signed. */
        "text\n\n- name AAAA\n",                 /* No em dash. */
        "text\n\n\xe2\x80\x94 name AAAA",        /* No end. */
        "text\n\n\xe2\x80\x94 name AAAA\n",      /* An id, no signature. */
        "text\n\n\xe2\x80\x94 na+me AAAAAAAA\n", /* A plus in a name. */
        "text\n\n\xe2\x80\x94 name AAAAAAA\n",   /* No base64. */
        "te\x01xt\n\n\xe2\x80\x94 name AAAAAAAA\n",
        "te\xfft\n\n\xe2\x80\x94 name AAAAAAAA\n",
    };
    struct note note;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(bad); i++)
        if (note_read(bytes_of_text(bad[i]), &note, NULL) == 0)
            fail_msg("accepted: %s", bad[i]);
    assert_int_equal(
        note_read(bytes_of_text("text\n\n\xe2\x80\x94 name AAAAAAAA\n"),
                  &note, NULL),
        0);
}

/* 64 lines are read, one more is not. */
static void signatures_are_bounded(void **state)
{
    struct writer w;
    struct note note;

    (void)state;
    writer_init(&w, NOTE_SIZE_MAX);
    writer_text(&w, "text\n\n");
    for (unsigned i = 0; i < NOTE_SIGNATURE_MAX; i++)
        writer_text(&w, "\xe2\x80\x94 name AAAAAAAA\n");
    assert_int_equal(note_read(writer_view(&w), &note, NULL), 0);
    assert_int_equal(note.signature_count, NOTE_SIGNATURE_MAX);
    writer_text(&w, "\xe2\x80\x94 name AAAAAAAA\n");
    assert_true(note_read(writer_view(&w), &note, NULL) < 0);
    writer_clear(&w);
}

static void proofs_are_read_as_written(void **state)
{
    struct tlog_proof proof = {
        .index = 11007,
        .path = { .count = 2 },
        .checkpoint = bytes_of_text("any note\n"),
    };
    struct tlog_proof read;
    struct writer w;

    (void)state;
    proof.path.hashes[1].bytes[5] = 9;
    writer_init(&w, NOTE_SIZE_MAX);
    tlog_proof_write(&w, &proof);
    assert_int_equal(tlog_proof_read(writer_view(&w), &read, NULL), 0);
    assert_true(read.index == 11007);
    assert_int_equal(read.path.count, 2);
    assert_int_equal(read.path.hashes[1].bytes[5], 9);
    assert_true(bytes_equal(read.checkpoint, proof.checkpoint));
    writer_clear(&w);
}

static void malformed_proofs_are_refused(void **state)
{
    static const char *const bad[] = {
        "",
        "c2sp.org/tlog-proof@v2\nindex 1\n\nnote",
        "c2sp.org/tlog-proof@v1\nindex 01\n\nnote",
        "c2sp.org/tlog-proof@v1\nindex -1\n\nnote",
        "c2sp.org/tlog-proof@v1\nextra AAAA\nextra AAAA\nindex 1\n\nnote",
        "c2sp.org/tlog-proof@v1\nindex 1\nAAAA\n\nnote",
        "c2sp.org/tlog-proof@v1\nindex 1\n",
    };
    struct tlog_proof proof;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(bad); i++)
        if (tlog_proof_read(bytes_of_text(bad[i]), &proof, NULL) == 0)
            fail_msg("accepted: %s", bad[i]);
    assert_int_equal(
        tlog_proof_read(bytes_of_text("c2sp.org/tlog-proof@v1\nextra AAAA\n"
                                      "index 1\n\nnote"),
                        &proof, NULL),
        0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_quorum_is_counted_as_it_says),
        cmocka_unit_test(a_verdict_says_who_saw_it_when),
        cmocka_unit_test(what_the_standard_forbids_is_refused),
        cmocka_unit_test(a_known_key_that_lies_refuses_the_whole),
        cmocka_unit_test(malformed_notes_are_refused),
        cmocka_unit_test(signatures_are_bounded),
        cmocka_unit_test(proofs_are_read_as_written),
        cmocka_unit_test(malformed_proofs_are_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
