/* SPDX-License-Identifier: Apache-2.0 */
#include "dialogue.h"
#include "dissect/protocols.h"

static const struct dialogue_line bot[] = {
    SERVER("NOTICE AUTH :*** Looking up\r\n"),
    CLIENT("PASS hunter2\r\nNICK bot|1\r\nUSER a 8 * :real name\r\n"),
    SERVER(":irc.x 001 bot|1 :Welcome\r\n:irc.x 372 bot|1 :- motd\r\n"),
    CLIENT("JOIN #c key\r\n"),
    SERVER(":irc.x 332 bot|1 #c :!scan 192.0.2.0/24\r\n"),
    SERVER(":boss!u@h PRIVMSG #c :!udp 192.0.2.9 80 60\r\n"),
};

static const struct dialogue dialogue = DIALOGUE(&irc_dissector, 6667, bot);

static void tells_what_was_said_and_leaves_lists_out(void **state)
{
    (void)state;
    struct dissect_run run;

    dialogue_run(&dialogue, &run);
    assert_int_equal(dissect_run_count(&run, EVENT_IRC), 8);
    assert_string_equal(dialogue_text(&run, EVENT_IRC, 1, FIELD_IRC_COMMAND),
                        "PASS");
    assert_string_equal(dialogue_text(&run, EVENT_IRC, 1, FIELD_IRC_PARAMS),
                        "(none)");
    assert_string_equal(dialogue_text(&run, EVENT_IRC, 3, FIELD_IRC_TEXT),
                        "real name");
    assert_string_equal(dialogue_text(&run, EVENT_IRC, 6, FIELD_IRC_TEXT),
                        "!scan 192.0.2.0/24");
    assert_string_equal(dialogue_text(&run, EVENT_IRC, 7, FIELD_IRC_PREFIX),
                        "boss!u@h");
    assert_string_equal(dialogue_text(&run, EVENT_IRC, 7, FIELD_IRC_CHANNEL),
                        "#c");
    assert_string_equal(dialogue_text(&run, EVENT_IRC, 7, FIELD_IRC_NICK),
                        "bot|1");
    dissect_run_clear(&run);
}

static void tells_the_login_by_the_welcome(void **state)
{
    (void)state;
    struct dissect_run run;

    dialogue_run(&dialogue, &run);
    assert_string_equal(
        dialogue_text(&run, EVENT_LOGIN, 0, FIELD_LOGIN_USER), "bot|1");
    assert_string_equal(
        dialogue_text(&run, EVENT_LOGIN, 0, FIELD_LOGIN_PASSWORD), "hunter2");
    assert_string_equal(
        dialogue_text(&run, EVENT_LOGIN, 0, FIELD_LOGIN_RESULT), "success");
    dissect_run_clear(&run);
}

static void survives_every_sweep(void **state)
{
    (void)state;
    dialogue_sweep(&dialogue);
}

static void is_told_by_how_a_client_opens(void **state)
{
    (void)state;
    static const struct {
        enum flow_side side;
        const char *data;
        enum dissect_verdict verdict;
    } vectors[] = {
        { FLOW_ORIGINATOR, "NICK a\r\nUSER a 8 * :b\r\n", DISSECT_DONE },
        { FLOW_ORIGINATOR, "NICK a\r\n", DISSECT_MORE },
        { FLOW_ORIGINATOR, "USER bob\r\n", DISSECT_NOT_MINE },
        { FLOW_ORIGINATOR, "CAP LS 302\r\n", DISSECT_DONE },
        { FLOW_ORIGINATOR, "EHLO x\r\n", DISSECT_NOT_MINE },
        { FLOW_RESPONDER, ":s NOTICE * :***\r\n", DISSECT_DONE },
        { FLOW_RESPONDER, "220 x\r\n", DISSECT_NOT_MINE },
    };
    for (size_t i = 0; i < COUNT_OF(vectors); i++) {
        struct dissect_run run;
        dissect_run_init(&run, &irc_dissector, 99);
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
        cmocka_unit_test(tells_what_was_said_and_leaves_lists_out),
        cmocka_unit_test(tells_the_login_by_the_welcome),
        cmocka_unit_test(survives_every_sweep),
        cmocka_unit_test(is_told_by_how_a_client_opens),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
