/* SPDX-License-Identifier: Apache-2.0 */
#include "fuzz.h"
#include "log_double.h"
#include "witness/store.h"

/*
 * A request to a witness that knows one log of five entries. Whatever comes,
 * the answer is one of the standard's, and only growth of that log is signed.
 * What reads as a request is written again as it was.
 */
static void round_trip(struct bytes body)
{
    struct witness_request request;
    struct writer w;

    if (!witness_request_read(body, &request))
        return;
    fuzz_check_inside(body, request.checkpoint);
    writer_init(&w, WITNESS_REQUEST_MAX + 1);
    witness_request_write(&w, &request);
    check(bytes_equal(writer_view(&w), body));
    writer_clear(&w);
}

static void trust(struct witness *witness, struct log_double *log)
{
    const uint8_t seed[CRYPTO_ED25519_SEED_SIZE] = { 9 };

    witness->pair = crypto_key_pair_of(seed);
    bool is_key = note_key_of(bytes_of_text("witness.example"),
                              NOTE_KEY_COSIGNATURE,
                              &witness->pair.public_key, &witness->key);
    check(is_key);
    log_double_init(log, "log.example");
    witness->logs[0] = log->key;
    witness->log_count = 1;
}

static void judge(struct bytes body)
{
    struct witness_database *database;
    struct witness witness = { 0 };
    struct log_double log;
    struct witness_answer answer;
    struct writer first;

    bool is_open = witness_database_open(NULL, &database, NULL) == 0;
    check(is_open);
    witness.store = witness_database_store(database);
    trust(&witness, &log);
    writer_init(&answer.body, WITNESS_BODY_MAX);
    writer_init(&first, WITNESS_REQUEST_MAX);
    log_double_request(&log, 0, 5, &first);
    witness_add_checkpoint(&witness, writer_view(&first), 1, &answer);
    check(answer.status == 200);
    witness_add_checkpoint(&witness, body, 2, &answer);
    check(answer.status >= 200 && answer.status < 500);
    check(!answer.body.overflowed);
    writer_clear(&first);
    writer_clear(&answer.body);
    witness_database_close(database);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct bytes body = bytes_of(data, size);

    round_trip(body);
    judge(body);
    return 0;
}
