/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>
#include <zlib.h>

#include "base/compiler.h"
#include "dissect/http_reader.h"
#include "sweep.h"
#include "test.h"

/* One connection, read as the engine has it read; all views are wanted. */
struct run {
    struct arena arena;
    struct view_memory *memory;
    struct http_reader reader;
    struct view_list views;
    struct event_list events;
    struct flow flow;
    uint64_t offset[2];
    char text[4096];
};

static void begin(struct run *run)
{
    memset(run, 0, sizeof *run);
    arena_init(&run->arena);
    run->memory = view_memory_new();
    view_list_init(&run->views, &run->arena);
    memset(run->views.wanted, 0xff, sizeof run->views.wanted);
    event_list_init(&run->events, &run->arena);
}

static void end(struct run *run)
{
    http_view_reader.release(&run->reader, run->memory);
    view_memory_free(run->memory);
    arena_clear(&run->arena);
}

static void send_part(struct run *run, enum flow_side side, struct bytes data,
                      bool is_last)
{
    struct dissect_input input = {
        .data = arena_copy(&run->arena, data),
        .side = side,
        .flow = &run->flow,
        .offset = run->offset[side],
        .end = is_last,
        .arena = &run->arena,
        .views = &run->views,
        .view_memory = run->memory,
    };
    run->offset[side] += data.size;
    http_view_reader.read(&run->reader, &input, &run->events);
}

static void say(struct run *run, enum flow_side side, const char *text)
{
    send_part(run, side, bytes_of_text(text), false);
}

/* All of view `id`: pieces of streams joined, texts with '|' between. */
static const char *seen(struct run *run, enum view_id id)
{
    bool is_stream = view_info_get(id)->kind == VIEW_KIND_STREAM;
    size_t size = 0;

    run->text[0] = 0;
    for (uint32_t i = 0; i < run->views.count; i++) {
        const struct view *view = &run->views.views[i];
        if (view->id != id)
            continue;
        if (!is_stream && size > 0)
            run->text[size++] = '|';
        assert_true(size + view->data.size < sizeof run->text);
        if (view->data.size > 0)
            memcpy(run->text + size, view->data.data, view->data.size);
        size += view->data.size;
        run->text[size] = 0;
    }
    return run->text;
}

static bool is_noted(const struct run *run, const char *name)
{
    for (uint32_t i = 0; i < run->views.note_count; i++)
        if (strcmp(run->views.notes[i], name) == 0)
            return true;
    return false;
}

static const char request[] =
    "GET /a%20b//c/../d.php?x=%41+1 HTTP/1.1\r\nHost: Example.COM:8080\r\n"
    "User-Agent:  Loader \r\nCookie: k=v\r\nAccept: */*\r\nX: 1\r\nX: 2\r\n"
    "Content-Type: text/plain\r\nContent-Length: 0\r\n\r\n";

static const char response[] =
    "HTTP/1.1 200 OK, fine\r\nServer: s\r\nSet-Cookie: id=1\r\n"
    "Transfer-Encoding: chunked\r\n\r\n"
    "3\r\nabc\r\n4;x=y\r\ndefg\r\n0\r\n\r\n";

static void a_request_is_shown_part_by_part(void **state)
{
    (void)state;
    static const struct {
        enum view_id id;
        const char *text;
    } vectors[] = {
        { VIEW_HTTP_METHOD, "GET" },
        { VIEW_HTTP_URI, "/a b/d.php?x=A+1" },
        { VIEW_HTTP_URI_RAW, "/a%20b//c/../d.php?x=%41+1" },
        { VIEW_HTTP_REQUEST_LINE, "GET /a%20b//c/../d.php?x=%41+1 HTTP/1.1" },
        { VIEW_HTTP_PROTOCOL, "HTTP/1.1" },
        { VIEW_HTTP_HOST, "example.com" },
        { VIEW_HTTP_HOST_RAW, "Example.COM:8080" },
        { VIEW_HTTP_USER_AGENT, "Loader" },
        { VIEW_HTTP_COOKIE, "k=v" },
        { VIEW_HTTP_ACCEPT, "*/*" },
        { VIEW_HTTP_CONTENT_TYPE, "text/plain" },
        { VIEW_HTTP_CONTENT_LEN, "0" },
        { VIEW_HTTP_REFERER, "" },
        /* Without the cookie; equal names are one. */
        { VIEW_HTTP_HEADER, "Host: Example.COM:8080\r\nUser-Agent: Loader\r\n"
                            "Accept: */*\r\nX: 1, 2\r\n"
                            "Content-Type: text/plain\r\n"
                            "Content-Length: 0\r\n" },
        { VIEW_HTTP_HEADER_NAMES, "\r\nHost\r\nUser-Agent\r\nCookie\r\n"
                                  "Accept\r\nX\r\nContent-Type\r\n"
                                  "Content-Length\r\n\r\n" },
        { VIEW_HTTP_REQUEST_HEADER,
          "Host: Example.COM:8080|User-Agent: Loader|Cookie: k=v|Accept: */*|"
          "X: 1, 2|Content-Type: text/plain|Content-Length: 0" },
    };
    struct run run;

    begin(&run);
    say(&run, FLOW_ORIGINATOR, request);
    for (size_t i = 0; i < COUNT_OF(vectors); i++)
        assert_string_equal(seen(&run, vectors[i].id), vectors[i].text);
    assert_non_null(strstr(seen(&run, VIEW_HTTP_HEADER_RAW),
                           "User-Agent:  Loader \r\n"));
    assert_non_null(strstr(seen(&run, VIEW_HTTP_START),
                           " HTTP/1.1\r\nHost: Example.COM:8080\r\n"));
    assert_int_equal(run.views.views[run.views.count - 1].id, VIEW_END);
    end(&run);
}

static void a_response_is_shown_without_its_chunks(void **state)
{
    (void)state;
    struct run run;

    begin(&run);
    say(&run, FLOW_ORIGINATOR, request);
    say(&run, FLOW_RESPONDER, response);
    assert_string_equal(seen(&run, VIEW_HTTP_STAT_CODE), "200");
    assert_string_equal(seen(&run, VIEW_HTTP_STAT_MSG), "OK, fine");
    assert_string_equal(seen(&run, VIEW_HTTP_RESPONSE_LINE),
                        "HTTP/1.1 200 OK, fine");
    assert_string_equal(seen(&run, VIEW_HTTP_SERVER), "s");
    assert_string_equal(seen(&run, VIEW_HTTP_RESPONSE_BODY), "abcdefg");
    assert_string_equal(seen(&run, VIEW_FILE_DATA), "abcdefg");
    end(&run);
}

/* What browsers show in spite of everything ("HTTP Evader"). */
static void content_is_found_where_browsers_find_it(void **state)
{
    (void)state;
    static const char *const vectors[] = {
        "HTTP/1.0 200 ok\r\nTransfer-Encoding: chunked\r\n\r\nX marks",
        "HTTP/1.1 200 ok\r\nTransfer-Encoding\r\n :chunked\r\n\r\n"
        "7\r\nX marks\r\n0\r\n\r\n",
        "HTTP/1.1 200 ok\rTransfer-Encoding:chunked\r\n\r\n"
        "7\r\nX marks\r\n0\r\n\r\n",
        "\r\n \r\nHTTP/1.1 200 ok\n\nX marks",
        "foobar\r\nHTTP/1.1 200 ok\r\nContent-length: 7\r\n\r\nX marks",
        "HTTP/1.1 204 ok\r\nContent-length: 7\r\n\r\nX marks",
        "HTTP/1.1 100 ok\r\nContent-length: 7\r\n\r\nX marks",
        "HTTP/1.1 200 ok\r\nContent-length: 2\r\n\r\nX marks",
        "HTTP/1.1 200 ok\r\nContent-Encoding: gzip, deflate\r\n\r\nX marks",
        "HTTP/1.1 200 ok\r\nTransfer-Encoding: chunked\r\n\r\n"
        "\r\n 3 \r\nX m\r\n4\x0b;q\r\narks\r\n0\r\n\r\n",
    };
    for (size_t i = 0; i < COUNT_OF(vectors); i++) {
        struct run run;
        begin(&run);
        say(&run, FLOW_ORIGINATOR, "GET / HTTP/1.1\r\nHost: a\r\n\r\n");
        say(&run, FLOW_RESPONDER, vectors[i]);
        send_part(&run, FLOW_RESPONDER, (struct bytes){ 0 }, true);
        if (strcmp(seen(&run, VIEW_FILE_DATA), "X marks") != 0)
            fail_msg("vector %zu: %s", i, seen(&run, VIEW_FILE_DATA));
        end(&run);
    }
}

static size_t compress_to(uint8_t *out, size_t out_max, const char *text,
                          int bits)
{
    z_stream stream = { .next_in = (Bytef *)(uintptr_t)text,
                        .avail_in = (uInt)strlen(text),
                        .next_out = out,
                        .avail_out = (uInt)out_max };

    assert_int_equal(deflateInit2(&stream, 9, Z_DEFLATED, bits, 8, 0), Z_OK);
    assert_int_equal(deflate(&stream, Z_FINISH), Z_STREAM_END);
    (void)deflateEnd(&stream);
    return stream.total_out;
}

static void encoded_content_is_decoded(void **state)
{
    (void)state;
    static const int kinds[] = { 31, 15, -15 }; /* gzip, zlib, raw. */

    for (size_t i = 0; i < COUNT_OF(kinds); i++) {
        uint8_t packed[256];
        size_t size =
            compress_to(packed, sizeof packed, "what it is about", kinds[i]);
        for (size_t cut = 0; cut <= size; cut++) {
            struct run run;
            begin(&run);
            say(&run, FLOW_ORIGINATOR, "GET / HTTP/1.1\r\n\r\n");
            say(&run, FLOW_RESPONDER,
                "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n");
            send_part(&run, FLOW_RESPONDER, bytes_of(packed, cut), false);
            send_part(&run, FLOW_RESPONDER,
                      bytes_of(packed + cut, size - cut), true);
            assert_string_equal(seen(&run, VIEW_FILE_DATA),
                                "what it is about");
            end(&run);
        }
    }
}

/* Nothing is shown past the depth, however much a few bytes unpack to. */
static void a_bomb_ends_at_the_depth(void **state)
{
    (void)state;
    static char zeros[HTTP_BODY_DEPTH + 4096];
    static uint8_t packed[4096];
    struct run run;
    uint64_t shown = 0;

    memset(zeros, 'a', sizeof zeros - 1);
    size_t size = compress_to(packed, sizeof packed, zeros, 31);
    begin(&run);
    say(&run, FLOW_ORIGINATOR, "GET / HTTP/1.1\r\n\r\n");
    say(&run, FLOW_RESPONDER,
        "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n");
    send_part(&run, FLOW_RESPONDER, bytes_of(packed, size), true);
    for (uint32_t i = 0; i < run.views.count; i++)
        if (run.views.views[i].id == VIEW_FILE_DATA)
            shown += run.views.views[i].data.size;
    assert_int_equal(shown, HTTP_BODY_DEPTH);
    end(&run);
}

static void files_of_a_form_are_files(void **state)
{
    (void)state;
    static const char form[] =
        "POST /up HTTP/1.1\r\nContent-Type: multipart/form-data; "
        "boundary=\"b1\"\r\nContent-Length: 147\r\n\r\n"
        "--b1\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\nno\r\n"
        "--b1\r\nContent-Disposition: form-data; name=f; filename=\"x.sh\""
        "\r\n\r\n#!/bin/sh\r\n--b1--\r\n";

    for (size_t cut = 0; cut < sizeof form; cut++) {
        struct run run;
        begin(&run);
        send_part(&run, FLOW_ORIGINATOR, bytes_of(form, cut), false);
        send_part(&run, FLOW_ORIGINATOR,
                  bytes_of(form + cut, sizeof form - 1 - cut), true);
        assert_string_equal(seen(&run, VIEW_FILE_DATA), "#!/bin/sh");
        assert_string_equal(seen(&run, VIEW_FILE_NAME), "x.sh");
        end(&run);
        if (cut + 1 == sizeof form - 1)
            break;
    }
}

static void oddities_are_noted_by_name(void **state)
{
    (void)state;
    static const struct {
        const char *request;
        const char *name;
    } vectors[] = {
        { "GET /%2541 HTTP/1.1\r\nHost: a\r\n\r\n",
          "http_double_encoded_uri" },
        { "GET / HTTP/1.1\r\n\r\n", "http_missing_host_header" },
        { "GET /\r\nHost: a\r\n\r\n", "http_request_line_missing_protocol" },
        { "GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n"
          "Content-Length: 2\r\n\r\nx",
          "http_duplicate_content_length_field_in_request" },
        { "GET / HTTP/1.1\r\nHost: a\r\nAuthorization: Moo x\r\n\r\n",
          "http_request_auth_unrecognized" },
    };
    for (size_t i = 0; i < COUNT_OF(vectors); i++) {
        struct run run;
        begin(&run);
        say(&run, FLOW_ORIGINATOR, vectors[i].request);
        if (!is_noted(&run, vectors[i].name))
            fail_msg("%s is not noted", vectors[i].name);
        end(&run);
    }
}

static void a_head_that_never_ends_is_given_up(void **state)
{
    (void)state;
    static char line[1024];
    struct run run;

    memset(line, 'x', sizeof line - 1);
    begin(&run);
    say(&run, FLOW_ORIGINATOR, "GET / HTTP/1.1\r\n");
    for (size_t i = 0; i <= VIEW_TEXT_MAX / sizeof line + 1; i++)
        say(&run, FLOW_ORIGINATOR, line);
    assert_true(is_noted(&run, "http_request_field_too_long"));
    struct view_memory_counters counters;
    view_memory_read_counters(run.memory, &counters);
    assert_true(counters.text_refused > 0);
    end(&run);
}

static void read_both(struct bytes first, struct bytes second)
{
    struct run run;

    begin(&run);
    send_part(&run, FLOW_ORIGINATOR, first, false);
    send_part(&run, FLOW_ORIGINATOR, second, true);
    send_part(&run, FLOW_RESPONDER, first, false);
    send_part(&run, FLOW_RESPONDER, second, true);
    end(&run);
}

static void read_variant(struct bytes variant, void *context)
{
    (void)context;
    read_both(variant, (struct bytes){ 0 });
}

static void read_in_two(struct bytes first, struct bytes second,
                        void *context)
{
    const char *body = context;
    struct run run;

    read_both(first, second);
    begin(&run);
    say(&run, FLOW_ORIGINATOR, request);
    send_part(&run, FLOW_RESPONDER, first, false);
    send_part(&run, FLOW_RESPONDER, second, true);
    if (body)
        assert_string_equal(seen(&run, VIEW_HTTP_RESPONSE_BODY), body);
    end(&run);
}

static void survives_every_sweep(void **state)
{
    (void)state;
    char body[] = "abcdefg";

    sweep_truncate(bytes_of_text(request), read_variant, NULL);
    sweep_flip(bytes_of_text(request), read_variant, NULL);
    sweep_truncate(bytes_of_text(response), read_variant, NULL);
    sweep_flip(bytes_of_text(response), read_variant, NULL);
    sweep_split(bytes_of_text(response), read_in_two, body);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_request_is_shown_part_by_part),
        cmocka_unit_test(a_response_is_shown_without_its_chunks),
        cmocka_unit_test(content_is_found_where_browsers_find_it),
        cmocka_unit_test(encoded_content_is_decoded),
        cmocka_unit_test(a_bomb_ends_at_the_depth),
        cmocka_unit_test(files_of_a_form_are_files),
        cmocka_unit_test(oddities_are_noted_by_name),
        cmocka_unit_test(a_head_that_never_ends_is_given_up),
        cmocka_unit_test(survives_every_sweep),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
