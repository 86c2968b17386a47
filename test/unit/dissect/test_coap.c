/* SPDX-License-Identifier: Apache-2.0 */
#include "dialogue.h"
#include "dissect/protocols.h"

static const struct dialogue_line discovery[] = {
    CLIENT("\x44\x01\x12\x34\xaa\xbb\xcc\xdd\x60\x5b.well-known\x04"
           "core\x43rt=\xc1\x02"),
    SERVER("\x64\x45\x12\x34\xaa\xbb\xcc\xdd\xc1\x28\xb1\x0e\xff</a>"),
};

static const struct dialogue dialogue =
    DIALOGUE(&coap_dissector, 5683, discovery);

static void reads_request_and_response(void **state)
{
    (void)state;
    struct dissect_run run;

    dialogue_run(&dialogue, &run);
    assert_int_equal(dissect_run_count(&run, EVENT_COAP), 2);
    assert_string_equal(dialogue_text(&run, EVENT_COAP, 0, FIELD_COAP_TYPE),
                        "confirmable");
    assert_string_equal(dialogue_text(&run, EVENT_COAP, 0, FIELD_COAP_METHOD),
                        "GET");
    assert_string_equal(
        dialogue_text(&run, EVENT_COAP, 0, FIELD_COAP_URI_PATH),
        ".well-known/core");
    assert_string_equal(
        dialogue_text(&run, EVENT_COAP, 0, FIELD_COAP_URI_QUERY), "rt=");
    assert_string_equal(
        dialogue_text(&run, EVENT_COAP, 0, FIELD_COAP_OBSERVE), "0");
    assert_string_equal(dialogue_text(&run, EVENT_COAP, 0, FIELD_COAP_TOKEN),
                        "aabbccdd");
    assert_string_equal(dialogue_text(&run, EVENT_COAP, 1, FIELD_COAP_CODE),
                        "2.05");
    assert_string_equal(
        dialogue_text(&run, EVENT_COAP, 1, FIELD_COAP_CONTENT_FORMAT), "40");
    assert_string_equal(dialogue_text(&run, EVENT_COAP, 1, FIELD_COAP_BLOCK2),
                        "0");
    assert_string_equal(
        dialogue_text(&run, EVENT_COAP, 1, FIELD_COAP_PAYLOAD_SIZE), "4");
    dissect_run_clear(&run);
}

static void survives_every_sweep(void **state)
{
    (void)state;
    dialogue_sweep(&dialogue);
}

static void refuses_what_the_rfc_forbids(void **state)
{
    (void)state;
    static const struct {
        const char *data;
        size_t size;
        const char *reason;
    } vectors[] = {
        { "\x80\x01\0\1", 4, "version 2" },
        { "\x4f\x01\0\1", 4, "token length 15" },
        { "\x48\x01\0\1abc", 7, "token cut short" },
        { "\x41\x00\0\1a", 5, "empty message with a token" },
        { "\x40\x01\0\1\xff", 5, "marker without payload" },
        { "\x40\x01\0\1\xf0", 5, "option delta 15" },
        { "\x40\x01\0\1\x0f", 5, "option length 15" },
        { "\x40\x01\0\1\xb3" "ab", 7, "option past the end" },
    };
    for (size_t i = 0; i < COUNT_OF(vectors); i++) {
        struct dissect_run run;
        dissect_run_init(&run, &coap_dissector, 5683);
        dissect_run_send(&run, FLOW_ORIGINATOR,
                         bytes_of(vectors[i].data, vectors[i].size));
        assert_int_equal(run.result.verdict, DISSECT_MALFORMED);
        assert_int_equal(run.events.count, 0);
        dissect_run_clear(&run);
    }
}

static void takes_64_options_and_not_one_more(void **state)
{
    (void)state;
    uint8_t message[4 + 65] = { 0x40, 0x01, 0, 1 };
    struct dissect_run run;

    for (size_t count = 64; count <= 65; count++) {
        dissect_run_init(&run, &coap_dissector, 5683);
        dissect_run_send(&run, FLOW_ORIGINATOR, bytes_of(message, 4 + count));
        assert_int_equal(run.result.verdict,
                         count == 64 ? DISSECT_DONE : DISSECT_MALFORMED);
        dissect_run_clear(&run);
    }
}

static void needs_a_path_off_its_port(void **state)
{
    (void)state;
    struct dissect_run run;

    dissect_run_init(&run, &coap_dissector, 99);
    assert_int_equal(
        dissect_run_recognise(&run, FLOW_ORIGINATOR,
                              bytes_of(discovery[0].data, discovery[0].size)),
        DISSECT_DONE);
    assert_int_equal(dissect_run_recognise(&run, FLOW_ORIGINATOR,
                                           bytes_of("\x40\x01\0\1", 4)),
                     DISSECT_NOT_MINE);
    dissect_run_clear(&run);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_request_and_response),
        cmocka_unit_test(survives_every_sweep),
        cmocka_unit_test(refuses_what_the_rfc_forbids),
        cmocka_unit_test(takes_64_options_and_not_one_more),
        cmocka_unit_test(needs_a_path_off_its_port),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
