/* SPDX-License-Identifier: Apache-2.0 */
#include "dialogue.h"
#include "dissect/protocols.h"

static const struct dialogue_line monero[] = {
    CLIENT("{\"id\":1,\"jsonrpc\":\"2.0\",\"method\":\"login\",\"params\":"
           "{\"login\":\"4A\\\"b\",\"pass\":\"x\",\"agent\":\"XMRig/6\","
           "\"algo\":[\"rx/0\",\"cn/r\"]}}\n"),
    SERVER("{\"id\":1,\"error\":null,\"result\":{\"status\":\"OK\"}}\n"),
    SERVER("{\"method\":\"job\",\"params\":{\"blob\":\"00\",\"job_id\":\"7\","
           "\"target\":\"ff\"}}\n"),
};

static const struct dialogue dialogue =
    DIALOGUE(&mining_dissector, 3333, monero);

static void reads_who_mines_what(void **state)
{
    (void)state;
    struct dissect_run run;

    dialogue_run(&dialogue, &run);
    assert_int_equal(dissect_run_count(&run, EVENT_MINING), 2);
    assert_string_equal(
        dialogue_text(&run, EVENT_MINING, 0, FIELD_MINING_USER), "4A\\\"b");
    assert_string_equal(
        dialogue_text(&run, EVENT_MINING, 0, FIELD_MINING_AGENT), "XMRig/6");
    assert_string_equal(
        dialogue_text(&run, EVENT_MINING, 0, FIELD_MINING_ALGORITHM), "rx/0");
    assert_string_equal(
        dialogue_text(&run, EVENT_MINING, 1, FIELD_MINING_JOB), "7");
    dissect_run_clear(&run);
}

static void reads_the_arrays_of_bitcoin(void **state)
{
    (void)state;
    static const struct dialogue_line lines[] = {
        CLIENT("{\"method\": \"mining.authorize\", \"id\": 2, "
               "\"params\": [\"user.rig\", \"x\"]}\n"),
        SERVER("{\"params\":[\"job1\",\"ab\",[]],\"id\":null,"
               "\"method\":\"mining.notify\"}\n"),
    };
    struct dialogue bitcoin = DIALOGUE(&mining_dissector, 3333, lines);
    struct dissect_run run;

    dialogue_run(&bitcoin, &run);
    assert_string_equal(
        dialogue_text(&run, EVENT_MINING, 0, FIELD_MINING_USER), "user.rig");
    assert_string_equal(
        dialogue_text(&run, EVENT_MINING, 1, FIELD_MINING_JOB), "job1");
    dissect_run_clear(&run);
    dialogue_sweep(&bitcoin);
}

static void survives_every_sweep(void **state)
{
    (void)state;
    dialogue_sweep(&dialogue);
}

static void takes_no_other_json_for_mining(void **state)
{
    (void)state;
    static const struct {
        const char *data;
        enum dissect_verdict verdict;
    } vectors[] = {
        { "{\"method\":\"login\",\"params\":{\"user\":\"a\"}}\n",
          DISSECT_NOT_MINE },
        { "{\"method\":\"eth_blockNumber\"}\n", DISSECT_NOT_MINE },
        { "{\"x\":{\"method\":\"mining.notify\"}}\n", DISSECT_NOT_MINE },
        { "{\"method\":\"eth_submitLogin\"}\n", DISSECT_DONE },
        { "{\"method\":", DISSECT_MORE },
        { "[1]\n", DISSECT_NOT_MINE },
    };
    for (size_t i = 0; i < COUNT_OF(vectors); i++) {
        struct dissect_run run;
        dissect_run_init(&run, &mining_dissector, 99);
        assert_int_equal(
            dissect_run_recognise(&run, FLOW_ORIGINATOR,
                                  bytes_of_text(vectors[i].data)),
            vectors[i].verdict);
        dissect_run_clear(&run);
    }
}

static void refuses_a_line_without_end(void **state)
{
    (void)state;
    struct dissect_run run;

    dissect_run_init(&run, &mining_dissector, 99);
    for (int i = 0; i <= 16384 / 64; i++)
        dissect_run_send(&run, FLOW_ORIGINATOR, bytes_of(
            "{{{{{{{{{{{{{{{{{{{{{{{{{{{{{{{{"
            "{{{{{{{{{{{{{{{{{{{{{{{{{{{{{{{{", 64));
    assert_int_equal(run.result.verdict, DISSECT_MALFORMED);
    assert_string_equal(run.result.anomaly, "mining_line_too_long");
    dissect_run_clear(&run);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_who_mines_what),
        cmocka_unit_test(reads_the_arrays_of_bitcoin),
        cmocka_unit_test(survives_every_sweep),
        cmocka_unit_test(takes_no_other_json_for_mining),
        cmocka_unit_test(refuses_a_line_without_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
