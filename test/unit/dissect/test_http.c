/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "dissect/http_message.h"
#include "dissect/protocols.h"
#include "sweep.h"
#include "test.h"

#include "dissect.h"

static struct dissect_run run;

static int setup(void **state)
{
    (void)state;
    dissect_run_init(&run, &http_dissector, 80);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    dissect_run_clear(&run);
    return 0;
}

static void ask(const char *text)
{
    dissect_run_send(&run, FLOW_ORIGINATOR, bytes_of_text(text));
}

static void answer(const char *text)
{
    dissect_run_send(&run, FLOW_RESPONDER, bytes_of_text(text));
}

static const char *value(size_t index, enum event_field field)
{
    return dissect_run_text(&run, dissect_run_event(&run, EVENT_HTTP, index),
                            field, 0);
}

static const char *login(size_t index, enum event_field field)
{
    return dissect_run_text(
        &run, dissect_run_event(&run, EVENT_LOGIN, index), field, 0);
}

static void tells_a_request_with_its_response(void **state)
{
    (void)state;
    ask("GET /a?b=c HTTP/1.1\r\nHost: example.com:8080\r\n"
        "User-Agent: probe/1\r\nReferer: http://r/\r\n\r\n");
    assert_int_equal(dissect_run_count(&run, EVENT_HTTP), 0);
    answer("HTTP/1.1 302 Found\r\nServer: lite\r\nLocation: /x\r\n"
           "Content-Type: text/html; charset=utf-8\r\n"
           "Content-Length: 3\r\n\r\nabc");
    assert_int_equal(dissect_run_count(&run, EVENT_HTTP), 1);
    assert_string_equal(value(0, FIELD_HTTP_METHOD), "GET");
    assert_string_equal(value(0, FIELD_HTTP_URL), "/a?b=c");
    assert_string_equal(value(0, FIELD_HTTP_HOSTNAME), "example.com");
    assert_string_equal(value(0, FIELD_HTTP_PORT), "8080");
    assert_string_equal(value(0, FIELD_HTTP_USER_AGENT), "probe/1");
    assert_string_equal(value(0, FIELD_HTTP_REFER), "http://r/");
    assert_string_equal(value(0, FIELD_HTTP_STATUS), "302");
    assert_string_equal(value(0, FIELD_HTTP_CONTENT_TYPE), "text/html");
    assert_string_equal(value(0, FIELD_HTTP_LENGTH), "3");
    assert_string_equal(value(0, FIELD_HTTP_SERVER), "lite");
    assert_string_equal(value(0, FIELD_HTTP_REDIRECT), "/x");
}

static void tells_a_header_that_holds_code(void **state)
{
    (void)state;
    static const char *const coded[] = {
        "X-A: () { :; }; id", "X-A: (){", "X-A: ${jndi:x}", "X-A: %{(#a)}",
        "X-A: #{1}", "X-A: a`id`", "X-A: $(id)",
    };
    static const char *const plain[] = {
        "X-A: {", "X-A: a{b}", "X-A: ) {", "X-A: $1 (2)", "X-A: $ {",
        "X-A: 100%", "X-A:",
    };
    char request[128];

    for (size_t i = 0; i < COUNT_OF(coded); i++) {
        (void)snprintf(request, sizeof request,
                       "GET / HTTP/1.1\r\nHost: h\r\n%s\r\n\r\n", coded[i]);
        ask(request);
        answer("HTTP/1.1 204 x\r\nX-B: `\r\n\r\n");
        assert_string_equal(value(i, FIELD_HTTP_CODE_HEADER), coded[i]);
    }
    for (size_t i = 0; i < COUNT_OF(plain); i++) {
        (void)snprintf(request, sizeof request,
                       "GET / HTTP/1.1\r\n%s\r\n\r\n", plain[i]);
        ask(request);
        answer("HTTP/1.1 204 x\r\n\r\n");
        assert_null(event_get(
            dissect_run_event(&run, EVENT_HTTP, COUNT_OF(coded) + i),
            FIELD_HTTP_CODE_HEADER));
    }
}

static void keeps_pipelined_requests_in_order(void **state)
{
    (void)state;
    ask("GET /1 HTTP/1.1\r\n\r\nHEAD /2 HTTP/1.1\r\n\r\n"
        "GET /3 HTTP/1.1\r\n\r\n");
    answer("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
           "5;x=y\r\nhello\r\n0\r\nT: v\r\n\r\n"
           "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n"
           "HTTP/1.1 404 No\r\nContent-Length: 0\r\n\r\n");
    assert_int_equal(dissect_run_count(&run, EVENT_HTTP), 3);
    assert_string_equal(value(0, FIELD_HTTP_URL), "/1");
    assert_string_equal(value(1, FIELD_HTTP_URL), "/2");
    assert_string_equal(value(1, FIELD_HTTP_STATUS), "200");
    assert_string_equal(value(2, FIELD_HTTP_URL), "/3");
    assert_string_equal(value(2, FIELD_HTTP_STATUS), "404");
}

static void passes_over_an_interim_response(void **state)
{
    (void)state;
    ask("POST /u HTTP/1.1\r\nExpect: 100-continue\r\n"
        "Content-Length: 4\r\n\r\n");
    answer("HTTP/1.1 100 Continue\r\n\r\n");
    ask("data");
    answer("HTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n");
    assert_int_equal(dissect_run_count(&run, EVENT_HTTP), 1);
    assert_string_equal(value(0, FIELD_HTTP_STATUS), "201");
    assert_string_equal(value(0, FIELD_HTTP_REQUEST_BODY), "data");
}

static void tells_requests_that_got_no_answer(void **state)
{
    (void)state;
    ask("GET /shell?cd+/tmp HTTP/1.0\r\n\r\n");
    dissect_run_end(&run, FLOW_ORIGINATOR);
    assert_int_equal(dissect_run_count(&run, EVENT_HTTP), 0);
    dissect_run_end(&run, FLOW_RESPONDER);
    assert_int_equal(dissect_run_count(&run, EVENT_HTTP), 1);
    assert_string_equal(value(0, FIELD_HTTP_URL), "/shell?cd+/tmp");
    assert_string_equal(value(0, FIELD_HTTP_STATUS), "(none)");
}

static void makes_room_by_telling_the_oldest(void **state)
{
    (void)state;
    for (int i = 0; i < 8; i++)
        ask("GET /x HTTP/1.1\r\n\r\n");
    assert_int_equal(dissect_run_count(&run, EVENT_HTTP), 0);
    ask("GET /x HTTP/1.1\r\n\r\n");
    assert_int_equal(dissect_run_count(&run, EVENT_HTTP), 1);
}

static void hands_over_a_connection_that_becomes_another(void **state)
{
    (void)state;
    ask("CONNECT example.com:443 HTTP/1.1\r\n\r\n");
    answer("HTTP/1.1 200 Connection established\r\n\r\n");
    assert_int_equal(run.result.verdict, DISSECT_NOT_MINE);
    assert_string_equal(value(0, FIELD_HTTP_METHOD), "CONNECT");
}

static void finds_basic_credentials_and_how_they_fared(void **state)
{
    (void)state;
    ask("GET / HTTP/1.1\r\nAuthorization: Basic YWRtaW46MTIzNA==\r\n\r\n");
    answer("HTTP/1.1 401 No\r\nWWW-Authenticate: Basic realm=\"x\"\r\n"
           "Content-Length: 0\r\n\r\n");
    assert_string_equal(login(0, FIELD_LOGIN_USER), "admin");
    assert_string_equal(login(0, FIELD_LOGIN_PASSWORD), "1234");
    assert_string_equal(login(0, FIELD_LOGIN_METHOD), "basic");
    assert_string_equal(login(0, FIELD_LOGIN_RESULT), "failure");
    assert_string_equal(value(0, FIELD_HTTP_AUTHORIZATION), "Basic");
    assert_string_equal(value(0, FIELD_HTTP_WWW_AUTHENTICATE), "Basic");
    for (int i = 0; i < 2; i++) {
        ask("GET / HTTP/1.1\r\nAuthorization: Basic YWRtaW46YTpi\r\n\r\n");
        answer("HTTP/1.1 204 Yes\r\n\r\n");
    }
    assert_int_equal(dissect_run_count(&run, EVENT_LOGIN), 2);
    assert_string_equal(login(1, FIELD_LOGIN_PASSWORD), "a:b");
    assert_string_equal(login(1, FIELD_LOGIN_RESULT), "success");
    assert_string_equal(login(1, FIELD_LOGIN_ATTEMPT), "2");
}

static void finds_the_user_of_a_digest(void **state)
{
    (void)state;
    ask("GET / HTTP/1.1\r\nAuthorization: Digest username=\"eve\", "
        "realm=\"x\"\r\n\r\n");
    answer("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    assert_string_equal(login(0, FIELD_LOGIN_USER), "eve");
    assert_string_equal(login(0, FIELD_LOGIN_METHOD), "digest");
    assert_string_equal(login(0, FIELD_LOGIN_CLEAR), "false");
}

static void finds_a_form_and_hides_its_password(void **state)
{
    (void)state;
    ask("POST /login HTTP/1.1\r\nContent-Length: 36\r\n\r\n"
        "username=root&x=1&password=xc%33511q");
    answer("HTTP/1.1 403 No\r\nContent-Length: 0\r\n\r\n");
    assert_string_equal(login(0, FIELD_LOGIN_USER), "root");
    assert_string_equal(login(0, FIELD_LOGIN_PASSWORD), "xc3511q");
    assert_string_equal(login(0, FIELD_LOGIN_METHOD), "form");
    assert_string_equal(login(0, FIELD_LOGIN_RESULT), "failure");
    assert_string_equal(value(0, FIELD_HTTP_REQUEST_BODY),
                        "username=root&x=1&password=*********");
}

static void tells_a_file_by_its_first_bytes(void **state)
{
    (void)state;
    static const char elf[] =
        "\x7f" "ELF\x01\x01\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00"
        "\x02\x00\x28\x00";
    ask("GET /bins/x.arm?1 HTTP/1.1\r\n\r\n");
    answer("HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n");
    dissect_run_send(&run, FLOW_RESPONDER, bytes_of(elf, 7));
    assert_int_equal(dissect_run_count(&run, EVENT_FILE), 0);
    dissect_run_send(&run, FLOW_RESPONDER, bytes_of(elf + 7, 13));
    const struct event *event = dissect_run_event(&run, EVENT_FILE, 0);
    assert_string_equal(dissect_run_text(&run, event, FIELD_FILE_NAME, 0),
                        "/bins/x.arm");
    assert_string_equal(dissect_run_text(&run, event, FIELD_FILE_MACHINE, 0),
                        "arm");
    assert_string_equal(dissect_run_text(&run, event, FIELD_FILE_SIZE, 0),
                        "5000");
}

static void follows_a_body_across_a_gap(void **state)
{
    (void)state;
    ask("GET /1 HTTP/1.1\r\n\r\n");
    answer("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nxxxxxxxxxx"
           "xxxxxxxxxxxxxxxxxxxx");
    run.gap[FLOW_RESPONDER] = 60;
    answer("xxxxxxxxxxHTTP/1.1 404 No\r\nContent-Length: 0\r\n\r\n");
    assert_int_equal(dissect_run_count(&run, EVENT_HTTP), 2);
    assert_string_equal(value(1, FIELD_HTTP_STATUS), "404");
}

static void goes_on_after_a_gap_that_hides_a_head(void **state)
{
    (void)state;
    ask("GET /1 HTTP/1.1\r\n\r\n");
    run.gap[FLOW_RESPONDER] = 60;
    answer("x y");
    assert_int_equal(dissect_run_count(&run, EVENT_HTTP), 1);
    assert_string_equal(value(0, FIELD_HTTP_STATUS), "(none)");
    ask("GET /2 HTTP/1.1\r\n\r\n");
    answer("HTTP/1.1 204 Fine\r\n\r\n");
    assert_int_equal(dissect_run_count(&run, EVENT_HTTP), 2);
    assert_string_equal(value(1, FIELD_HTTP_STATUS), "204");
}

static const struct {
    const char *text;
    const char *anomaly;
    const char *reason;
} refused[] = {
    { "GET /\r\n\r\n", "http_malformed_request", "no version" },
    { "GET / HTTP/1.1\r\nContent-Length: 1x\r\n\r\n",
      "http_invalid_content_length", "not a number" },
    { "GET / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
      "http_invalid_content_length", "two that differ" },
    { "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
      "http_malformed_chunk", "not hexadecimal" },
    { "HTTP/1.1 abc\r\n\r\n", "http_malformed_status", "no number" },
};

static void refuses_what_the_rfc_forbids(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(refused); i++) {
        struct dissect_run own;
        dissect_run_init(&own, &http_dissector, 80);
        dissect_run_send(&own, FLOW_ORIGINATOR,
                         bytes_of_text(refused[i].text));
        if (own.result.verdict != DISSECT_MALFORMED)
            fail_msg("accepted: %s", refused[i].reason);
        assert_string_equal(own.result.anomaly, refused[i].anomaly);
        dissect_run_clear(&own);
    }
}

/* A head with `count` fields. */
static void head_with_fields(struct writer *w, size_t count)
{
    writer_text(w, "GET / HTTP/1.1\r\n");
    for (size_t i = 0; i < count; i++)
        writer_text(w, "A: b\r\n");
    writer_text(w, "\r\n");
}

static void counts_header_fields_up_to_the_limit(void **state)
{
    (void)state;
    struct http_head head;
    struct writer w;

    writer_init(&w, 1 << 20);
    head_with_fields(&w, HTTP_FIELD_COUNT_MAX);
    assert_null(http_head_parse(writer_view(&w), &head));
    writer_reset(&w);
    head_with_fields(&w, HTTP_FIELD_COUNT_MAX + 1);
    assert_string_equal(http_head_parse(writer_view(&w), &head),
                        "http_too_many_headers");
    writer_clear(&w);
}

static void bounds_the_head_that_never_ends(void **state)
{
    (void)state;
    char line[1000];

    memset(line, 'a', sizeof line);
    line[0] = 'X';
    line[1] = ':';
    line[sizeof line - 1] = '\n';
    ask("GET / HTTP/1.1\r\n");
    for (int i = 0; i < 100; i++)
        dissect_run_send(&run, FLOW_ORIGINATOR, bytes_of(line, sizeof line));
    assert_int_equal(run.result.verdict, DISSECT_MALFORMED);
    assert_string_equal(run.result.anomaly, "http_headers_too_large");
}

static void leaves_its_cousins_alone(void **state)
{
    (void)state;
    static const char *const others[] = {
        "OPTIONS rtsp://h/ RTSP/1.0\r\n",
        "INVITE sip:a@b SIP/2.0\r\n",
        "RTSP/1.0 200 OK\r\n",
        "PRI * HTTP/2.0\r\n",
        "M-SEARCH * SSDP/1.0\r\n",
        "EHLO mail.example.com\r\n",
        "\x16\x03\x01\x02\x00",
    };
    for (size_t i = 0; i < COUNT_OF(others); i++)
        assert_int_equal(dissect_run_recognise(&run, FLOW_ORIGINATOR,
                                               bytes_of_text(others[i])),
                         DISSECT_NOT_MINE);
}

static const char exchange_request[] =
    "POST /p?user=a&pwd=b HTTP/1.1\r\nHost: h\r\n"
    "Authorization: Basic YWRtaW46MTIzNA==\r\n"
    "Transfer-Encoding: chunked\r\n\r\n5\r\nab=cd\r\n0\r\n\r\n"
    "GET /2 HTTP/1.1\r\n\r\n";
static const char exchange_response[] =
    "HTTP/1.1 200 OK\r\nContent-Length: 24\r\n\r\n#!/bin/sh\necho 1234567 \n"
    "HTTP/1.1 404 No\r\nTransfer-Encoding: chunked\r\n\r\n"
    "3\r\nabc\r\n0\r\n\r\n";

static void feed_exchange(struct dissect_run *own, struct bytes request,
                          struct bytes first, struct bytes second)
{
    dissect_run_init(own, &http_dissector, 80);
    dissect_run_send(own, FLOW_ORIGINATOR, request);
    dissect_run_send(own, FLOW_RESPONDER, first);
    dissect_run_send(own, FLOW_RESPONDER, second);
    dissect_run_end(own, FLOW_ORIGINATOR);
    dissect_run_end(own, FLOW_RESPONDER);
}

static void any_request(struct bytes variant, void *context)
{
    (void)context;
    struct dissect_run own;

    feed_exchange(&own, variant, bytes_of_text(exchange_response),
                  bytes_of("", 0));
    dissect_run_clear(&own);
}

static void any_response(struct bytes variant, void *context)
{
    (void)context;
    struct dissect_run own;

    feed_exchange(&own, bytes_of_text(exchange_request), variant,
                  bytes_of("", 0));
    dissect_run_clear(&own);
}

static void assert_exchange(struct dissect_run *own)
{
    assert_int_equal(dissect_run_count(own, EVENT_HTTP), 2);
    assert_int_equal(dissect_run_count(own, EVENT_FILE), 1);
    assert_int_equal(dissect_run_count(own, EVENT_LOGIN), 1);
    dissect_run_clear(own);
}

static void split_response(struct bytes first, struct bytes second,
                           void *context)
{
    (void)context;
    struct dissect_run own;

    feed_exchange(&own, bytes_of_text(exchange_request), first, second);
    assert_exchange(&own);
}

static void split_request(struct bytes first, struct bytes second,
                          void *context)
{
    (void)context;
    struct dissect_run own;

    dissect_run_init(&own, &http_dissector, 80);
    dissect_run_send(&own, FLOW_ORIGINATOR, first);
    dissect_run_send(&own, FLOW_ORIGINATOR, second);
    dissect_run_send(&own, FLOW_RESPONDER, bytes_of_text(exchange_response));
    assert_exchange(&own);
}

static void stands_the_sweeps(void **state)
{
    (void)state;
    sweep_truncate(bytes_of_text(exchange_request), any_request, NULL);
    sweep_flip(bytes_of_text(exchange_request), any_request, NULL);
    sweep_split(bytes_of_text(exchange_request), split_request, NULL);
    sweep_truncate(bytes_of_text(exchange_response), any_response, NULL);
    sweep_flip(bytes_of_text(exchange_response), any_response, NULL);
    sweep_split(bytes_of_text(exchange_response), split_response, NULL);
}

#define WITH_RUN(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_RUN(tells_a_request_with_its_response),
        WITH_RUN(tells_a_header_that_holds_code),
        WITH_RUN(keeps_pipelined_requests_in_order),
        WITH_RUN(passes_over_an_interim_response),
        WITH_RUN(tells_requests_that_got_no_answer),
        WITH_RUN(makes_room_by_telling_the_oldest),
        WITH_RUN(hands_over_a_connection_that_becomes_another),
        WITH_RUN(finds_basic_credentials_and_how_they_fared),
        WITH_RUN(finds_the_user_of_a_digest),
        WITH_RUN(finds_a_form_and_hides_its_password),
        WITH_RUN(tells_a_file_by_its_first_bytes),
        WITH_RUN(follows_a_body_across_a_gap),
        WITH_RUN(goes_on_after_a_gap_that_hides_a_head),
        WITH_RUN(refuses_what_the_rfc_forbids),
        WITH_RUN(counts_header_fields_up_to_the_limit),
        WITH_RUN(bounds_the_head_that_never_ends),
        WITH_RUN(leaves_its_cousins_alone),
        WITH_RUN(stands_the_sweeps),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
