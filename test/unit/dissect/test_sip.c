/* SPDX-License-Identifier: Apache-2.0 */
#include "dialogue.h"
#include "dissect/protocols.h"

static const struct dialogue_line registration[] = {
    CLIENT("REGISTER sip:example.net SIP/2.0\r\nFrom: <sip:100@example.net>\r\n"
           "t: <sip:100@example.net>\r\ni: a@b\r\nCSeq: 2 REGISTER\r\n"
           "User-Agent: friendly-scanner\r\n"
           "Authorization: Digest username=\"100\", realm=\"x\"\r\n"
           "Content-Length: 0\r\n\r\n"),
    SERVER("SIP/2.0 100 Trying\r\nCSeq: 2 REGISTER\r\n\r\n"),
    SERVER("SIP/2.0 403 Forbidden\r\nCSeq: 2 REGISTER\r\n"
           "Server: pbx\r\n\r\n"),
};

static const struct dialogue dialogue =
    DIALOGUE(&sip_dissector, 5060, registration);

static void check_events(struct dissect_run *run)
{
    assert_int_equal(dissect_run_count(run, EVENT_SIP), 3);
    assert_string_equal(dialogue_text(run, EVENT_SIP, 0, FIELD_SIP_METHOD),
                        "REGISTER");
    assert_string_equal(dialogue_text(run, EVENT_SIP, 0, FIELD_SIP_URI),
                        "sip:example.net");
    assert_string_equal(dialogue_text(run, EVENT_SIP, 0, FIELD_SIP_TO),
                        "<sip:100@example.net>");
    assert_string_equal(
        dialogue_text(run, EVENT_SIP, 0, FIELD_SIP_USER_AGENT),
        "friendly-scanner");
    assert_string_equal(dialogue_text(run, EVENT_SIP, 2, FIELD_SIP_CODE),
                        "403");
    assert_int_equal(dissect_run_count(run, EVENT_LOGIN), 1);
    assert_string_equal(dialogue_text(run, EVENT_LOGIN, 0, FIELD_LOGIN_USER),
                        "100");
    assert_string_equal(
        dialogue_text(run, EVENT_LOGIN, 0, FIELD_LOGIN_RESULT), "failure");
    assert_string_equal(dialogue_text(run, EVENT_LOGIN, 0, FIELD_LOGIN_CLEAR),
                        "false");
}

static void reads_messages_and_the_login_over_udp(void **state)
{
    (void)state;
    struct dissect_run run;

    dialogue_run(&dialogue, &run);
    check_events(&run);
    dissect_run_clear(&run);
}

static void reads_the_same_over_tcp(void **state)
{
    (void)state;
    struct dialogue stream =
        DIALOGUE(&sip_tcp_dissector, 5060, registration);
    struct dissect_run run;

    dialogue_run(&stream, &run);
    check_events(&run);
    dissect_run_clear(&run);
    dialogue_sweep(&stream);
}

static void survives_every_sweep(void **state)
{
    (void)state;
    dialogue_sweep(&dialogue);
}

static void passes_over_a_body_and_keepalives(void **state)
{
    (void)state;
    static const struct dialogue_line lines[] = {
        CLIENT("\r\n\r\nMESSAGE sip:a SIP/2.0\r\nl: 7\r\n\r\nSIP/2.0"),
        CLIENT("BYE sip:a SIP/2.0\r\n\r\n"),
    };
    struct dialogue stream = DIALOGUE(&sip_tcp_dissector, 5060, lines);
    struct dissect_run run;

    dialogue_run(&stream, &run);
    assert_int_equal(dissect_run_count(&run, EVENT_SIP), 2);
    dissect_run_clear(&run);
    dialogue_sweep(&stream);
}

static void names_what_is_malformed(void **state)
{
    (void)state;
    static const struct {
        const char *data;
        const char *anomaly;
    } vectors[] = {
        { "HELLO THERE\r\n\r\n", "sip_bad_first_line" },
        { "SIP/2.0 x y\r\n\r\n", "sip_bad_first_line" },
        { "BYE sip:a SIP/2.0\r\nFrom: x", "sip_truncated" },
    };
    for (size_t i = 0; i < COUNT_OF(vectors); i++) {
        struct dissect_run run;
        dissect_run_init(&run, &sip_dissector, 5060);
        dissect_run_send(&run, FLOW_ORIGINATOR,
                         bytes_of_text(vectors[i].data));
        assert_int_equal(run.result.verdict, DISSECT_MALFORMED);
        assert_string_equal(run.result.anomaly, vectors[i].anomaly);
        dissect_run_clear(&run);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_messages_and_the_login_over_udp),
        cmocka_unit_test(reads_the_same_over_tcp),
        cmocka_unit_test(survives_every_sweep),
        cmocka_unit_test(passes_over_a_body_and_keepalives),
        cmocka_unit_test(names_what_is_malformed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
