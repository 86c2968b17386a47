/* SPDX-License-Identifier: Apache-2.0 */
#include "dialogue.h"
#include "dissect/protocols.h"

static const struct dialogue_line mirai[] = {
    CLIENT("\0\0\0\1\4mips"), CLIENT("\0\0"), SERVER("\0\0"), CLIENT("\0\0"),
    SERVER("\0\x14\0\0\0\x3c\3\1\xc0\0\2\x09\x20\1\7\4" "8080"),
};

static const struct dialogue_line gafgyt[] = {
    CLIENT("BUILD MIPSEL:nginx\n"), SERVER("PING\n"), CLIENT("PONG\n"),
    SERVER("!* SCANNER ON\n"), SERVER("!* UDP 192.0.2.9 80 60 32 0 1\r\n"),
    CLIENT("REPORT 192.0.2.7:root:vizxv\n"), SERVER("!* KILLATTK\n"),
};

static const struct dialogue dialogue =
    DIALOGUE(&command_dissector, 23, mirai);

static const struct dialogue text_dialogue =
    DIALOGUE(&command_dissector, 4444, gafgyt);

static void reads_an_order_to_a_mirai_bot(void **state)
{
    (void)state;
    struct dissect_run run;

    dialogue_run(&dialogue, &run);
    assert_int_equal(dissect_run_count(&run, EVENT_COMMAND), 4);
    assert_string_equal(
        dialogue_text(&run, EVENT_COMMAND, 0, FIELD_COMMAND_KIND), "hello");
    assert_string_equal(
        dialogue_text(&run, EVENT_COMMAND, 0, FIELD_COMMAND_TEXT), "mips");
    assert_string_equal(
        dialogue_text(&run, EVENT_COMMAND, 3, FIELD_COMMAND_KIND), "attack");
    assert_string_equal(
        dialogue_text(&run, EVENT_COMMAND, 3, FIELD_COMMAND_VECTOR), "syn");
    assert_string_equal(
        dialogue_text(&run, EVENT_COMMAND, 3, FIELD_COMMAND_TARGETS),
        "192.0.2.9/32");
    assert_string_equal(
        dialogue_text(&run, EVENT_COMMAND, 3, FIELD_COMMAND_DURATION), "60");
    assert_string_equal(
        dialogue_text(&run, EVENT_COMMAND, 3, FIELD_COMMAND_OPTIONS), "8080");
    dissect_run_clear(&run);
}

static void reads_orders_to_a_gafgyt_bot(void **state)
{
    (void)state;
    struct dissect_run run;

    dialogue_run(&text_dialogue, &run);
    assert_int_equal(dissect_run_count(&run, EVENT_COMMAND), 7);
    assert_string_equal(
        dialogue_text(&run, EVENT_COMMAND, 3, FIELD_COMMAND_KIND), "scan");
    assert_string_equal(
        dialogue_text(&run, EVENT_COMMAND, 4, FIELD_COMMAND_TARGETS),
        "192.0.2.9");
    assert_string_equal(
        dialogue_text(&run, EVENT_COMMAND, 4, FIELD_COMMAND_PORT), "80");
    assert_string_equal(
        dialogue_text(&run, EVENT_COMMAND, 4, FIELD_COMMAND_DURATION), "60");
    assert_string_equal(
        dialogue_text(&run, EVENT_COMMAND, 5, FIELD_COMMAND_USER), "root");
    assert_string_equal(
        dialogue_text(&run, EVENT_COMMAND, 6, FIELD_COMMAND_KIND), "stop");
    dissect_run_clear(&run);
}

static void reads_a_report_of_an_entered_device(void **state)
{
    (void)state;
    static const struct dialogue_line lines[] = {
        CLIENT("\0\xc6\x33\x64\7\0\x17\4root\6xc3511"),
    };
    struct dialogue report = DIALOGUE(&command_dissector, 48101, lines);
    struct dissect_run run;

    dialogue_run(&report, &run);
    assert_int_equal(run.result.verdict, DISSECT_FINISHED);
    assert_string_equal(
        dialogue_text(&run, EVENT_COMMAND, 0, FIELD_COMMAND_TARGETS),
        "198.51.100.7");
    assert_string_equal(
        dialogue_text(&run, EVENT_COMMAND, 0, FIELD_COMMAND_PASSWORD),
        "xc3511");
    dissect_run_clear(&run);
    dialogue_sweep(&report);
}

static void survives_every_sweep(void **state)
{
    (void)state;
    dialogue_sweep(&dialogue);
    dialogue_sweep(&text_dialogue);
}

static void accuses_nobody_of_less_than_the_whole_shape(void **state)
{
    (void)state;
    static const struct {
        enum flow_side side;
        const char *data;
        size_t size;
        enum dissect_verdict verdict;
        const char *reason;
    } vectors[] = {
        { FLOW_ORIGINATOR, "\0\0\0\1", 4, DISSECT_MORE, "name to come" },
        { FLOW_ORIGINATOR, "\0\0\0\1\0", 5, DISSECT_MORE, "no keepalive yet" },
        { FLOW_ORIGINATOR, "\0\0\0\1\0\0\0", 7, DISSECT_DONE, "keepalive" },
        { FLOW_ORIGINATOR, "\0\0\0\1\x67\x42\0", 7, DISSECT_NOT_MINE,
          "H.264" },
        { FLOW_ORIGINATOR, "\0\0\0\1\x09\x10""abcdefgh", 14,
          DISSECT_NOT_MINE, "H.264 delimiter" },
        { FLOW_RESPONDER, "\0\0\0\1\4mips", 9, DISSECT_NOT_MINE, "a server" },
        { FLOW_ORIGINATOR, "BUILD\n", 6, DISSECT_NOT_MINE, "of what?" },
        { FLOW_ORIGINATOR, "BUILD my house\n", 15, DISSECT_NOT_MINE, "talk" },
        { FLOW_RESPONDER, "!* UDP\n", 7, DISSECT_NOT_MINE, "no target" },
        { FLOW_RESPONDER, "!* hello\n", 9, DISSECT_NOT_MINE, "no order" },
        { FLOW_RESPONDER, "PING\n", 5, DISSECT_MORE, "anybody says that" },
        { FLOW_RESPONDER, "!* HOLD 192.0.2.1 80 9\n", 23, DISSECT_DONE,
          "an order" },
        { FLOW_ORIGINATOR, "\0\xc6\x33\x64\7\0\x50\1a\1b", 11,
          DISSECT_NOT_MINE, "entered by HTTP?" },
    };
    for (size_t i = 0; i < COUNT_OF(vectors); i++) {
        struct dissect_run run;
        dissect_run_init(&run, &command_dissector, 9999);
        if (dissect_run_recognise(&run, vectors[i].side,
                                  bytes_of(vectors[i].data,
                                           vectors[i].size)) !=
            vectors[i].verdict)
            fail_msg("%s", vectors[i].reason);
        dissect_run_clear(&run);
    }
}

static void names_an_order_that_does_not_hold(void **state)
{
    (void)state;
    static const struct dialogue_line lines[] = {
        CLIENT("\0\0\0\1\4mips"), SERVER("\0\x0a\0\0\0\x3c\3\1\xc0\0"),
    };
    struct dialogue broken = DIALOGUE(&command_dissector, 23, lines);
    struct dissect_run run;

    dialogue_run(&broken, &run);
    assert_int_equal(run.result.verdict, DISSECT_MALFORMED);
    assert_string_equal(run.result.anomaly, "command_bad_order");
    dissect_run_clear(&run);
}

static void reads_a_shell_over_adb(void **state)
{
    (void)state;
    static const struct dialogue_line lines[] = {
        CLIENT("CNXN\0\0\0\1\0\x10\0\0\7\0\0\0\0\0\0\0\xbc\xb1\xa7\xb1"
               "host::\0"),
        CLIENT("OPEN\1\0\0\0\0\0\0\0\x0b\0\0\0\0\0\0\0\xb0\xaf\xba\xb1"
               "shell:wget\0"),
    };
    struct dialogue shell = DIALOGUE(&adb_dissector, 5555, lines);
    struct dissect_run run;

    dialogue_run(&shell, &run);
    assert_string_equal(
        dialogue_text(&run, EVENT_COMMAND, 1, FIELD_COMMAND_FAMILY), "adb");
    assert_string_equal(
        dialogue_text(&run, EVENT_COMMAND, 1, FIELD_COMMAND_KIND), "shell");
    assert_string_equal(
        dialogue_text(&run, EVENT_COMMAND, 1, FIELD_COMMAND_TEXT), "wget");
    dissect_run_clear(&run);
    dialogue_sweep(&shell);
}

static void knows_mozi_among_the_nodes_of_the_dht(void **state)
{
    (void)state;
    static const struct dialogue_line lines[] = {
        CLIENT("d1:ad2:id20:abcdefghij0123456789e1:q4:ping1:t2:aa1:y1:qe"),
        CLIENT("d1:ad2:id20:888888880123456789abe1:q4:ping1:t2:aa1:y1:qe"),
    };
    struct dialogue nodes = DIALOGUE(&dht_dissector, 6881, lines);
    struct dissect_run run;

    dialogue_run(&nodes, &run);
    assert_int_equal(dissect_run_count(&run, EVENT_COMMAND), 1);
    assert_string_equal(
        dialogue_text(&run, EVENT_COMMAND, 0, FIELD_COMMAND_FAMILY), "mozi");
    dissect_run_clear(&run);
    dialogue_sweep(&nodes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_an_order_to_a_mirai_bot),
        cmocka_unit_test(reads_orders_to_a_gafgyt_bot),
        cmocka_unit_test(reads_a_report_of_an_entered_device),
        cmocka_unit_test(survives_every_sweep),
        cmocka_unit_test(accuses_nobody_of_less_than_the_whole_shape),
        cmocka_unit_test(names_an_order_that_does_not_hold),
        cmocka_unit_test(reads_a_shell_over_adb),
        cmocka_unit_test(knows_mozi_among_the_nodes_of_the_dht),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
