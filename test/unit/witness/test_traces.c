/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Requests and answers as another witness gave them: the script that
 * litewitness (torchwood) is tested with. It skips when it is not there.
 * Where litewitness answers 403 for an unknown log, the standard says 404.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "capture_flows.h"
#include "test.h"
#include "witness/store.h"

enum { SCRIPT_MAX = 1 << 18, PATH_SIZE = 1024, EXCHANGES = 9 };

static struct bytes text_of(const char *from, const char *to)
{
    return bytes_of(from, (size_t)(to - from));
}

static char *load_script(void)
{
    const char *shared = capture_flows_shared();
    char path[PATH_SIZE];

    if (!shared)
        return NULL;
    (void)snprintf(path, sizeof path,
                   "%s/vectors/evidence/torchwood-litewitness/"
                   "litewitness.txt",
                   shared);
    FILE *file = fopen(path, "r");
    if (!file)
        return NULL;
    char *script = calloc(1, SCRIPT_MAX);
    assert_non_null(script);
    assert_true(fread(script, 1, SCRIPT_MAX - 1, file) > 0);
    (void)fclose(file); /* Only read. */
    return script;
}

/* The log's key is in the script as hexadecimal; its origin is in the first
 * request. */
static void trust_log(struct witness *witness, const char *script)
{
    const char *digits = strstr(script, "-key=");
    const char *origin =
        strstr(script, "\nsigsum.org/v1/tree/");
    struct crypto_public_key key;

    assert_non_null(digits);
    assert_non_null(origin);
    for (size_t i = 0; i < sizeof key.bytes; i++) {
        const char pair[] = { digits[5 + 2 * i], digits[6 + 2 * i], 0 };
        key.bytes[i] = (uint8_t)strtoul(pair, NULL, 16);
    }
    size_t size = strcspn(++origin, "\n");
    assert_true(note_key_of(bytes_of(origin, size), NOTE_KEY_ED25519, &key,
                            &witness->logs[witness->log_count++]));
}

static void assert_exchange(const struct witness *witness, const char **at,
                            struct witness_answer *answer)
{
    const char *body = strstr(*at, "```\n") + 4;
    const char *end = strstr(body, "```\n");
    const char *status = strstr(end, "HTTP ") + 5;
    const char *next = strstr(status, "POST ");
    const char *size = strstr(status, "body == \"");
    long expected = strtol(status, NULL, 10);

    witness_add_checkpoint(witness, text_of(body, end), 1700000000, answer);
    if (strncmp(strstr(status, "[Asserts]"), "[Asserts]\nbody contains "
                "\"unknown log\"", 35) == 0)
        expected = 404;
    assert_int_equal(answer->status, expected);
    if (size && (!next || size < next))
        assert_int_equal(strtol(writer_as_text(&answer->body), NULL, 10),
                         strtol(size + 9, NULL, 10));
    *at = next ? next : status;
}

static void litewitness_answers_the_same(void **state)
{
    const uint8_t seed[CRYPTO_ED25519_SEED_SIZE] = { 9 };
    static struct witness witness;
    struct witness_database *database;
    struct witness_answer answer;
    char *script = load_script();
    unsigned count = 0;

    (void)state;
    if (!script)
        skip();
    assert_int_equal(witness_database_open(NULL, &database, NULL), 0);
    witness.store = witness_database_store(database);
    witness.pair = crypto_key_pair_of(seed);
    assert_true(note_key_of(bytes_of_text("example.com/witness"),
                            NOTE_KEY_COSIGNATURE, &witness.pair.public_key,
                            &witness.key));
    trust_log(&witness, script);
    writer_init(&answer.body, WITNESS_BODY_MAX);
    const char *at = strstr(script, "POST http");
    while (strncmp(at, "POST", 4) == 0) {
        assert_exchange(&witness, &at, &answer);
        count++;
    }
    assert_int_equal(count, EXCHANGES);
    writer_clear(&answer.body);
    witness_database_close(database);
    free(script);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(litewitness_answers_the_same),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
