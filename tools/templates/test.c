/* SPDX-License-Identifier: Apache-2.0 */
#include "dialogue.h"
#include "dissect/protocols.h"

static const struct dialogue_line hello[] = {
    CLIENT("\1\2\0\5hello"),
    SERVER("\1\3\0\0"),
};

static const struct dialogue dialogue =
    DIALOGUE(&@name@_dissector, @PORT@, hello);

static void reads_both_sides(void **state)
{
    (void)state;
    struct dissect_run run;

    dialogue_run(&dialogue, &run);
    assert_int_equal(run.result.verdict, DISSECT_DONE);
    assert_int_equal(dissect_run_count(&run, EVENT_@NAME@), 2);
    assert_string_equal(
        dialogue_text(&run, EVENT_@NAME@, 0, FIELD_@NAME@_BODY), "hello");
    assert_string_equal(
        dialogue_text(&run, EVENT_@NAME@, 1, FIELD_@NAME@_TYPE), "3");
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
        const char *wire;
        size_t size;
        const char *reason;
    } wrong[] = {
        { "", 0, "nothing" },
        { "\1\2\0", 3, "one byte short of a header" },
        { "\2\2\0\0", 4, "another version" },
        { "\1\2\0\2x", 5, "a size past the end" },
        { "\1\2\0\1xy", 6, "bytes after the message" },
    };

    for (size_t i = 0; i < COUNT_OF(wrong); i++) {
        struct bytes wire = bytes_of(wrong[i].wire, wrong[i].size);
        struct dissect_run run;
        dissect_run_init(&run, &@name@_dissector, @PORT@);
        run.port_matches = true;
        if (dissect_run_recognise(&run, FLOW_ORIGINATOR, wire) !=
            DISSECT_NOT_MINE)
            fail_msg("recognises %s", wrong[i].reason);
        dissect_run_send(&run, FLOW_ORIGINATOR, wire);
        if (run.result.verdict != DISSECT_MALFORMED)
            fail_msg("accepts %s", wrong[i].reason);
        dissect_run_clear(&run);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_both_sides),
        cmocka_unit_test(survives_every_sweep),
        cmocka_unit_test(refuses_a_message_that_does_not_hold),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
