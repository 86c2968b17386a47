/* SPDX-License-Identifier: Apache-2.0 */
#include "dialogue.h"
#include "dissect/protocols.h"

static const struct dialogue_line building[] = {
    CLIENT("\x81\x0b\0\x0c\1\x20\xff\xff\0\xff\x10\x08"),
    SERVER("\x81\x0b\0\x14\1\0\x10\0\xc4\2\0\0\x7b\x22\5\xc4\x91\0\x21\x05"),
    CLIENT("\x81\x0a\0\x11\1\4\0\5\1\x0c\x0c\2\0\0\x7b\x19\x4d"),
    SERVER("\x81\x0a\0\x12\1\0\x30\1\x0c\x0c\2\0\0\x7b\x19\x4d\x3e\x3f"),
    CLIENT("\x81\x0a\0\x18\1\4\0\5\2\x0f\x0c\0\x80\0\1\x19\x55\x3e\x44"
           "\0\0\0\0\x3f"),
    SERVER("\x81\x0a\0\x09\1\0\x20\2\x0f"),
    SERVER("\x81\0\0\6\0\0"),
};

static const struct dialogue dialogue =
    DIALOGUE(&bacnet_dissector, 47808, building);

static void reads_discovery_and_properties(void **state)
{
    (void)state;
    struct dissect_run run;

    dialogue_run(&dialogue, &run);
    assert_int_equal(run.result.verdict, DISSECT_DONE);
    assert_int_equal(dissect_run_count(&run, EVENT_BACNET), 7);
    assert_string_equal(
        dialogue_text(&run, EVENT_BACNET, 0, FIELD_BACNET_SERVICE), "who-is");
    assert_string_equal(
        dialogue_text(&run, EVENT_BACNET, 1, FIELD_BACNET_DEVICE_INSTANCE),
        "123");
    assert_string_equal(
        dialogue_text(&run, EVENT_BACNET, 1, FIELD_BACNET_VENDOR_ID), "5");
    assert_string_equal(
        dialogue_text(&run, EVENT_BACNET, 1, FIELD_BACNET_APDU_MAX), "1476");
    assert_string_equal(
        dialogue_text(&run, EVENT_BACNET, 2, FIELD_BACNET_PROPERTY), "77");
    assert_string_equal(
        dialogue_text(&run, EVENT_BACNET, 3, FIELD_BACNET_APDU),
        "complex-ack");
    assert_string_equal(
        dialogue_text(&run, EVENT_BACNET, 4, FIELD_BACNET_SERVICE),
        "write-property");
    assert_string_equal(
        dialogue_text(&run, EVENT_BACNET, 4, FIELD_BACNET_OBJECT_TYPE), "2");
    assert_string_equal(
        dialogue_text(&run, EVENT_BACNET, 6, FIELD_BACNET_BVLC), "result");
    dissect_run_clear(&run);
}

static void survives_every_sweep(void **state)
{
    (void)state;
    dialogue_sweep(&dialogue);
}

static void refuses_a_message_that_does_not_hold(void **state)
{
    (void)state;
    static const struct {
        const char *data;
        size_t size;
        const char *reason;
    } vectors[] = {
        { "\x81\x0b\0\x09\1\0\x10\x08", 8, "length is more than came" },
        { "\x81\x0b\0\x08\2\0\x10\x08", 8, "NPDU version 2" },
        { "\x81\x0b\0\x08\1\0\x10\x00", 8, "I-Am without parameters" },
        { "\x81\x0b\0\x08\1\0\x90\x08", 8, "APDU type 9" },
        { "\x81\x0b\0\x06\1\x20", 6, "destination cut off" },
    };
    for (size_t i = 0; i < COUNT_OF(vectors); i++) {
        struct dissect_run run;
        dissect_run_init(&run, &bacnet_dissector, 47808);
        dissect_run_send(&run, FLOW_ORIGINATOR,
                         bytes_of(vectors[i].data, vectors[i].size));
        assert_int_equal(run.result.verdict, DISSECT_MALFORMED);
        assert_int_equal(run.events.count, 0);
        dissect_run_clear(&run);
    }
}

static void counts_bytes_after_the_message(void **state)
{
    (void)state;
    static const struct dialogue_line lines[] = {
        CLIENT("\x81\x0b\0\x08\1\0\x10\x08?!"),
    };
    struct dialogue longer = DIALOGUE(&bacnet_dissector, 47808, lines);
    struct dissect_run run;

    dialogue_run(&longer, &run);
    assert_string_equal(
        dialogue_text(&run, EVENT_BACNET, 0, FIELD_BACNET_TRAILING), "2");
    dissect_run_clear(&run);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_discovery_and_properties),
        cmocka_unit_test(survives_every_sweep),
        cmocka_unit_test(counts_bytes_after_the_message),
        cmocka_unit_test(refuses_a_message_that_does_not_hold),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
