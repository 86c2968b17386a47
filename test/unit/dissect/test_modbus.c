/* SPDX-License-Identifier: Apache-2.0 */
#include "dialogue.h"
#include "dissect/protocols.h"

static const struct dialogue_line polling[] = {
    CLIENT("\0\1\0\0\0\6\1\3\0\x6b\0\3"),
    SERVER("\0\1\0\0\0\x9\1\3\6\2\x2b\0\0\0\x64"),
    CLIENT("\0\2\0\0\0\x0b\1\x10\0\1\0\2\4\0\x0a\1\2"
           "\0\3\0\0\0\6\1\5\0\xac\xff\0"),
    SERVER("\0\3\0\0\0\3\1\x85\2" "\0\2\0\0\0\6\1\x10\0\1\0\2"),
    CLIENT("\0\4\0\0\0\x0f\1\x17\0\3\0\6\0\x0e\0\1\4\0\xff\0\xff"),
};

static const struct dialogue dialogue =
    DIALOGUE(&modbus_dissector, 502, polling);

static void pairs_responses_by_transaction(void **state)
{
    (void)state;
    struct dissect_run run;

    dialogue_run(&dialogue, &run);
    assert_int_equal(dissect_run_count(&run, EVENT_MODBUS), 3);
    assert_string_equal(
        dialogue_text(&run, EVENT_MODBUS, 0, FIELD_MODBUS_FUNCTION),
        "READ_HOLDING_REGISTERS");
    assert_string_equal(
        dialogue_text(&run, EVENT_MODBUS, 0, FIELD_MODBUS_READ_ADDRESS),
        "107");
    assert_string_equal(
        dialogue_text(&run, EVENT_MODBUS, 1, FIELD_MODBUS_EXCEPTION),
        "ILLEGAL_DATA_ADDRESS");
    assert_string_equal(
        dialogue_text(&run, EVENT_MODBUS, 1, FIELD_MODBUS_WRITE_VALUE),
        "65280");
    assert_string_equal(
        dialogue_text(&run, EVENT_MODBUS, 2, FIELD_MODBUS_ACCESS), "write");
    assert_string_equal(
        dialogue_text(&run, EVENT_MODBUS, 2, FIELD_MODBUS_WRITE_QUANTITY),
        "2");
    dissect_run_clear(&run);
}

static void tells_a_request_without_response_at_the_end(void **state)
{
    (void)state;
    struct dissect_run run;

    dialogue_run(&dialogue, &run);
    dissect_run_end(&run, FLOW_RESPONDER);
    assert_int_equal(dissect_run_count(&run, EVENT_MODBUS), 4);
    assert_string_equal(
        dialogue_text(&run, EVENT_MODBUS, 3, FIELD_MODBUS_ANSWERED), "false");
    assert_string_equal(
        dialogue_text(&run, EVENT_MODBUS, 3, FIELD_MODBUS_WRITE_ADDRESS),
        "14");
    dissect_run_clear(&run);
}

static void tells_the_oldest_request_when_thirteen_wait(void **state)
{
    (void)state;
    struct dissect_run run;

    dissect_run_init(&run, &modbus_dissector, 502);
    for (int i = 0; i < 13; i++) {
        assert_int_equal(run.events.count, 0);
        dissect_run_send(&run, FLOW_ORIGINATOR,
                         bytes_of("\0\1\0\0\0\2\1\7", 8));
    }
    assert_int_equal(run.events.count, 1);
    dissect_run_clear(&run);
}

static void survives_every_sweep(void **state)
{
    (void)state;
    dialogue_sweep(&dialogue);
}

static void names_what_is_malformed(void **state)
{
    (void)state;
    static const struct {
        const char *data;
        const char *anomaly;
    } vectors[] = {
        { "\0\1\0\1\0\6\1\3", "modbus_bad_protocol" },
        { "\0\1\0\0\0\1\1\3", "modbus_bad_length" },
        { "\0\1\0\0\0\xff\1\3", "modbus_bad_length" },
    };
    for (size_t i = 0; i < COUNT_OF(vectors); i++) {
        struct dissect_run run;
        dissect_run_init(&run, &modbus_dissector, 502);
        dissect_run_send(&run, FLOW_ORIGINATOR, bytes_of(vectors[i].data, 8));
        assert_int_equal(run.result.verdict, DISSECT_MALFORMED);
        assert_string_equal(run.result.anomaly, vectors[i].anomaly);
        dissect_run_clear(&run);
    }
}

static void goes_on_after_a_request_that_does_not_fit(void **state)
{
    (void)state;
    static const struct dialogue_line lines[] = {
        CLIENT("\0\1\0\0\0\4\1\3\0\1"), SERVER("\0\1\0\0\0\3\1\x83\3"),
    };
    struct dialogue short_one = DIALOGUE(&modbus_dissector, 502, lines);
    struct dissect_run run;

    dialogue_run(&short_one, &run);
    assert_string_equal(
        dialogue_text(&run, EVENT_MODBUS, 0, FIELD_MODBUS_BAD_REQUEST),
        "true");
    assert_string_equal(
        dialogue_text(&run, EVENT_MODBUS, 0, FIELD_MODBUS_READ_ADDRESS),
        "(none)");
    dissect_run_clear(&run);
}

static void is_exact_off_its_port(void **state)
{
    (void)state;
    struct bytes request = bytes_of(polling[0].data, polling[0].size);
    struct dissect_run run;

    dissect_run_init(&run, &modbus_dissector, 99);
    assert_int_equal(dissect_run_recognise(&run, FLOW_ORIGINATOR, request),
                     DISSECT_DONE);
    assert_int_equal(dissect_run_recognise(&run, FLOW_RESPONDER, request),
                     DISSECT_NOT_MINE);
    assert_int_equal(
        dissect_run_recognise(&run, FLOW_ORIGINATOR,
                              bytes_of("\0\1\0\0\0\5\1\3\0\x6b\0", 11)),
        DISSECT_NOT_MINE);
    dissect_run_clear(&run);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pairs_responses_by_transaction),
        cmocka_unit_test(tells_a_request_without_response_at_the_end),
        cmocka_unit_test(tells_the_oldest_request_when_thirteen_wait),
        cmocka_unit_test(survives_every_sweep),
        cmocka_unit_test(names_what_is_malformed),
        cmocka_unit_test(goes_on_after_a_request_that_does_not_fit),
        cmocka_unit_test(is_exact_off_its_port),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
