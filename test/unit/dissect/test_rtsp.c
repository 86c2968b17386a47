/* SPDX-License-Identifier: Apache-2.0 */
#include "dialogue.h"
#include "dissect/protocols.h"

static const struct dialogue_line camera[] = {
    CLIENT("DESCRIBE rtsp://192.0.2.2/live RTSP/1.0\r\nCSeq: 2\r\n"
           "User-Agent: VLC\r\n\r\n"),
    SERVER("RTSP/1.0 401 Unauthorized\r\nCSeq: 2\r\nServer: Hik\r\n"
           "WWW-Authenticate: Digest realm=\"x\", nonce=\"y\"\r\n\r\n"),
    CLIENT("DESCRIBE rtsp://192.0.2.2/live RTSP/1.0\r\nCSeq: 3\r\n"
           "Authorization: Basic YWRtaW46MTIzNDU=\r\n\r\n"),
    SERVER("RTSP/1.0 200 OK\r\nCSeq: 3\r\nContent-Length: 19\r\n\r\n"
           "v=0\r\ns=Front door\r\n"),
    SERVER("$\0\0\4abcd$\1\0\2ef"),
    CLIENT("TEARDOWN * RTSP/1.0\r\nCSeq: 4\r\n\r\n"),
    SERVER("RTSP/1.0 200 OK\r\nCSeq: 4\r\n\r\n"),
};

static const struct dialogue dialogue =
    DIALOGUE(&rtsp_dissector, 554, camera);

static void pairs_requests_with_responses(void **state)
{
    (void)state;
    struct dissect_run run;

    dialogue_run(&dialogue, &run);
    assert_int_equal(dissect_run_count(&run, EVENT_RTSP), 3);
    assert_string_equal(
        dialogue_text(&run, EVENT_RTSP, 0, FIELD_RTSP_USER_AGENT), "VLC");
    assert_string_equal(
        dialogue_text(&run, EVENT_RTSP, 0, FIELD_RTSP_STATUS), "401");
    assert_string_equal(
        dialogue_text(&run, EVENT_RTSP, 0, FIELD_RTSP_CHALLENGE), "digest");
    assert_string_equal(dialogue_text(&run, EVENT_RTSP, 1, FIELD_RTSP_URL),
                        "rtsp://192.0.2.2/live");
    assert_string_equal(
        dialogue_text(&run, EVENT_RTSP, 1, FIELD_RTSP_SESSION_NAME),
        "Front door");
    assert_string_equal(
        dialogue_text(&run, EVENT_RTSP, 2, FIELD_RTSP_METHOD), "TEARDOWN");
    dissect_run_clear(&run);
}

static void tells_the_basic_login(void **state)
{
    (void)state;
    struct dissect_run run;

    dialogue_run(&dialogue, &run);
    assert_int_equal(dissect_run_count(&run, EVENT_LOGIN), 1);
    assert_string_equal(
        dialogue_text(&run, EVENT_LOGIN, 0, FIELD_LOGIN_METHOD), "basic");
    assert_string_equal(
        dialogue_text(&run, EVENT_LOGIN, 0, FIELD_LOGIN_PASSWORD), "12345");
    assert_string_equal(
        dialogue_text(&run, EVENT_LOGIN, 0, FIELD_LOGIN_RESULT), "success");
    dissect_run_clear(&run);
}

static void tells_a_request_that_nobody_answered(void **state)
{
    (void)state;
    static const struct dialogue_line lines[] = {
        CLIENT("OPTIONS * RTSP/1.0\r\nCSeq: 1\r\n\r\n"),
        CLIENT("OPTIONS * RTSP/1.0\r\nCSeq: 2\r\n\r\n"),
    };
    struct dialogue silent = DIALOGUE(&rtsp_dissector, 554, lines);
    struct dissect_run run;

    dialogue_run(&silent, &run);
    assert_int_equal(dissect_run_count(&run, EVENT_RTSP), 1);
    dissect_run_end(&run, FLOW_RESPONDER);
    assert_int_equal(dissect_run_count(&run, EVENT_RTSP), 2);
    assert_string_equal(
        dialogue_text(&run, EVENT_RTSP, 1, FIELD_RTSP_STATUS), "(none)");
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
        { "HELLO\r\n\r\n", "rtsp_bad_first_line" },
        { "RTSP/1.0 abc\r\n\r\n", "rtsp_bad_first_line" },
        { "PLAY * RTSP/1.0\r\nContent-Length: x\r\n\r\n",
          "rtsp_bad_content_length" },
    };
    for (size_t i = 0; i < COUNT_OF(vectors); i++) {
        struct dissect_run run;
        dissect_run_init(&run, &rtsp_dissector, 554);
        dissect_run_send(&run, FLOW_ORIGINATOR,
                         bytes_of_text(vectors[i].data));
        assert_int_equal(run.result.verdict, DISSECT_MALFORMED);
        assert_string_equal(run.result.anomaly, vectors[i].anomaly);
        dissect_run_clear(&run);
    }
}

static void is_told_from_http(void **state)
{
    (void)state;
    struct dissect_run run;

    dissect_run_init(&run, &rtsp_dissector, 80);
    assert_int_equal(
        dissect_run_recognise(&run, FLOW_ORIGINATOR,
                              bytes_of_text("GET / HTTP/1.1\r\n")),
        DISSECT_NOT_MINE);
    assert_int_equal(
        dissect_run_recognise(&run, FLOW_ORIGINATOR,
                              bytes_of_text("PLAY * RTSP/1.0\r\n")),
        DISSECT_DONE);
    dissect_run_clear(&run);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pairs_requests_with_responses),
        cmocka_unit_test(tells_the_basic_login),
        cmocka_unit_test(tells_a_request_that_nobody_answered),
        cmocka_unit_test(survives_every_sweep),
        cmocka_unit_test(names_what_is_malformed),
        cmocka_unit_test(is_told_from_http),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
