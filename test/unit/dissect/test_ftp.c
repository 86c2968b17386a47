/* SPDX-License-Identifier: Apache-2.0 */
#include "dialogue.h"
#include "dissect/protocols.h"

static const struct dialogue_line download[] = {
    SERVER("220-Welcome\r\n220 ftpd ready\r\n"),
    CLIENT("USER admin\r\n"), SERVER("331 Password please\r\n"),
    CLIENT("PASS wrong\r\n"), SERVER("530 Login incorrect\r\n"),
    CLIENT("user admin\r\n"), SERVER("331 Password please\r\n"),
    CLIENT("PASS s3cret\r\n"), SERVER("230 In\r\n"),
    CLIENT("PASV\r\n"),
    SERVER("227 Entering Passive Mode (192,0,2,2,24,131)\r\n"),
    CLIENT("RETR firmware.bin\r\n"),
    SERVER("150 Opening\r\n"), SERVER("226 Done\r\n"),
    CLIENT("EPRT |1|192.0.2.1|6275|\r\n"), SERVER("200 OK\r\n"),
};

static const struct dialogue dialogue =
    DIALOGUE(&ftp_dissector, 21, download);

static void pairs_commands_with_replies(void **state)
{
    (void)state;
    struct dissect_run run;

    dialogue_run(&dialogue, &run);
    assert_int_equal(dissect_run_count(&run, EVENT_FTP), 8);
    const struct event *greeting = dissect_run_event(&run, EVENT_FTP, 0);
    assert_string_equal(dissect_run_text(&run, greeting, FIELD_FTP_REPLY, 1),
                        "ftpd ready");
    assert_string_equal(
        dialogue_text(&run, EVENT_FTP, 5, FIELD_FTP_DYNAMIC_PORT), "6275");
    const struct event *transfer = dissect_run_event(&run, EVENT_FTP, 6);
    assert_string_equal(
        dissect_run_text(&run, transfer, FIELD_FTP_COMMAND_DATA, 0),
        "firmware.bin");
    assert_string_equal(
        dissect_run_text(&run, transfer, FIELD_FTP_COMPLETION_CODE, 0), "150");
    assert_string_equal(
        dissect_run_text(&run, transfer, FIELD_FTP_COMPLETION_CODE, 1), "226");
    assert_string_equal(dialogue_text(&run, EVENT_FTP, 7, FIELD_FTP_MODE),
                        "active");
    dissect_run_clear(&run);
}

static void tells_each_login_and_shows_no_password(void **state)
{
    (void)state;
    struct dissect_run run;

    dialogue_run(&dialogue, &run);
    assert_int_equal(dissect_run_count(&run, EVENT_LOGIN), 2);
    assert_string_equal(
        dialogue_text(&run, EVENT_LOGIN, 0, FIELD_LOGIN_RESULT), "failure");
    assert_string_equal(
        dialogue_text(&run, EVENT_LOGIN, 1, FIELD_LOGIN_RESULT), "success");
    assert_string_equal(
        dialogue_text(&run, EVENT_LOGIN, 1, FIELD_LOGIN_PASSWORD), "s3cret");
    assert_string_equal(
        dialogue_text(&run, EVENT_FTP, 4, FIELD_FTP_COMMAND), "PASS");
    assert_string_equal(
        dialogue_text(&run, EVENT_FTP, 4, FIELD_FTP_COMMAND_DATA), "(none)");
    dissect_run_clear(&run);
}

static void survives_every_sweep(void **state)
{
    (void)state;
    dialogue_sweep(&dialogue);
}

static void leaves_when_tls_begins(void **state)
{
    (void)state;
    static const struct dialogue_line lines[] = {
        SERVER("220 FTP\r\n"), CLIENT("AUTH TLS\r\n"), SERVER("234 Go\r\n"),
    };
    struct dialogue secured = DIALOGUE(&ftp_dissector, 21, lines);
    struct dissect_run run;

    dialogue_run(&secured, &run);
    assert_int_equal(run.result.verdict, DISSECT_FINISHED);
    dissect_run_clear(&run);
}

static void names_what_is_malformed(void **state)
{
    (void)state;
    static const struct dialogue_line lines[] = { CLIENT("\x01\x02\r\n") };
    struct dialogue broken = DIALOGUE(&ftp_dissector, 21, lines);
    struct dissect_run run;

    dialogue_run(&broken, &run);
    assert_int_equal(run.result.verdict, DISSECT_MALFORMED);
    assert_string_equal(run.result.anomaly, "ftp_bad_command");
    dissect_run_clear(&run);
}

static void does_not_take_mail_for_files(void **state)
{
    (void)state;
    struct dissect_run run;

    dissect_run_init(&run, &ftp_dissector, 25);
    assert_int_equal(
        dissect_run_recognise(&run, FLOW_RESPONDER,
                              bytes_of_text("220 x ESMTP\r\n")),
        DISSECT_NOT_MINE);
    assert_int_equal(
        dissect_run_recognise(&run, FLOW_RESPONDER,
                              bytes_of_text("220 FTP server\r\n")),
        DISSECT_DONE);
    assert_int_equal(
        dissect_run_recognise(&run, FLOW_RESPONDER,
                              bytes_of_text("220 ready\r\n331 Pass?\r\n")),
        DISSECT_DONE);
    assert_int_equal(
        dissect_run_recognise(&run, FLOW_ORIGINATOR,
                              bytes_of_text("USER x\r\n")),
        DISSECT_NOT_MINE);
    dissect_run_clear(&run);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pairs_commands_with_replies),
        cmocka_unit_test(tells_each_login_and_shows_no_password),
        cmocka_unit_test(survives_every_sweep),
        cmocka_unit_test(leaves_when_tls_begins),
        cmocka_unit_test(names_what_is_malformed),
        cmocka_unit_test(does_not_take_mail_for_files),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
