/* SPDX-License-Identifier: Apache-2.0 */
#include "dissect/file_hash.h"

#include <stdio.h>
#include <string.h>

#include "dissect.h"
#include "dissect/protocols.h"
#include "test.h"

/* Digests of "hello world", as any tool gives them. */
static const char md5[] = "5eb63bbbe01eeed093cb22bb8f5acdc3";
static const char sha1[] = "2aae6c35c94fcfb415dbe95f408b9ce91ee846ed";
static const char sha256[] =
    "b94d27b9934d3e08a52e52d7da7dabfac484efe37a5380ee9088f7ace2efcde9";

static const struct event *closed(const struct dissect_run *run)
{
    for (size_t i = 0; i < dissect_run_count(run, EVENT_FILE); i++) {
        const struct event *event = dissect_run_event(run, EVENT_FILE, i);
        if (event_get(event, FIELD_FILE_STATE))
            return event;
    }
    return NULL;
}

static void assert_text(const struct event *event, enum event_field field,
                        const char *expected)
{
    struct bytes text = event_text(event, field);

    assert_int_equal(text.size, strlen(expected));
    assert_memory_equal(text.data, expected, text.size);
}

static void assert_hello(const struct event *event)
{
    assert_non_null(event);
    assert_text(event, FIELD_FILE_MD5, md5);
    assert_text(event, FIELD_FILE_SHA1, sha1);
    assert_text(event, FIELD_FILE_SHA256, sha256);
    assert_int_equal(event_get(event, FIELD_FILE_SIZE)->number, 11);
}

static const char request[] = "GET /a/hello?x HTTP/1.1\r\nHost: b\r\n\r\n";

static const char *const responses[] = {
    "HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\nhello world",
    ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
     "6\r\nhello \r\n5\r\nworld\r\n0\r\n\r\n"),
    "HTTP/1.0 200 OK\r\n\r\nhello world",
};

/* However the response is cut, the digest is that of the body. */
static void http_bodies_are_hashed_whole(void **state)
{
    (void)state;

    for (size_t i = 0; i < COUNT_OF(responses); i++) {
        struct bytes response = bytes_of_text(responses[i]);
        for (size_t cut = 1; cut < response.size; cut++) {
            struct dissect_run run;
            dissect_run_init(&run, &http_dissector, 80);
            run.hash_files = true;
            dissect_run_send(&run, FLOW_ORIGINATOR, bytes_of_text(request));
            dissect_run_send(&run, FLOW_RESPONDER,
                             bytes_slice(response, 0, cut));
            dissect_run_send(&run, FLOW_RESPONDER,
                             bytes_slice(response, cut, response.size));
            dissect_run_end(&run, FLOW_RESPONDER);
            const struct event *event = closed(&run);
            assert_hello(event);
            assert_text(event, FIELD_FILE_NAME, "/a/hello");
            assert_int_equal(event_get(event, FIELD_FILE_TO_SOURCE)->number,
                             1);
            dissect_run_clear(&run);
        }
    }
}

static void nothing_is_hashed_unasked_or_in_part(void **state)
{
    (void)state;
    struct bytes response = bytes_of_text(responses[0]);

    for (int asked = 0; asked < 2; asked++) {
        struct dissect_run run;
        dissect_run_init(&run, &http_dissector, 80);
        run.hash_files = asked;
        dissect_run_send(&run, FLOW_ORIGINATOR, bytes_of_text(request));
        dissect_run_send(&run, FLOW_RESPONDER,
                         bytes_slice(response, 0,
                                     response.size - (size_t)asked));
        dissect_run_end(&run, FLOW_RESPONDER);
        assert_null(closed(&run));
        dissect_run_clear(&run);
    }
    /* Five bytes of the body were lost. */
    struct dissect_run run;
    dissect_run_init(&run, &http_dissector, 80);
    run.hash_files = true;
    dissect_run_send(&run, FLOW_ORIGINATOR, bytes_of_text(request));
    dissect_run_send(&run, FLOW_RESPONDER,
                     bytes_slice(response, 0, response.size - 8));
    run.gap[FLOW_RESPONDER] = 5;
    dissect_run_send(&run, FLOW_RESPONDER,
                     bytes_slice(response, response.size - 3, 3));
    assert_null(closed(&run));
    dissect_run_clear(&run);
}

static void uploads_are_hashed_too(void **state)
{
    (void)state;
    struct dissect_run run;

    dissect_run_init(&run, &http_dissector, 80);
    run.hash_files = true;
    dissect_run_send(&run, FLOW_ORIGINATOR,
                     bytes_of_text("PUT /up HTTP/1.1\r\nHost: b\r\n"
                                   "Content-Length: 11\r\n\r\nhello world"));
    const struct event *event = closed(&run);
    assert_hello(event);
    assert_text(event, FIELD_FILE_NAME, "/up");
    assert_int_equal(event_get(event, FIELD_FILE_TO_SOURCE)->number, 0);
    dissect_run_clear(&run);
}

static void send_block(struct dissect_run *run, uint8_t number,
                       struct bytes content)
{
    uint8_t wire[4 + 512] = { 0, 3, 0, number };

    memcpy(wire + 4, content.data, content.size);
    dissect_run_send(run, FLOW_RESPONDER, bytes_of(wire, 4 + content.size));
}

/* Blocks of 512 bytes and one shorter; a repetition is passed over, and when
 * one is missing there is no digest. */
static void tftp_transfers_are_hashed_in_order(void **state)
{
    (void)state;
    static const struct {
        uint8_t blocks[4];
        bool is_whole;
    } orders[] = {
        { { 1, 2, 3, 0 }, true },
        { { 1, 1, 2, 3 }, true },
        { { 1, 3, 0, 0 }, false },
        { { 1, 2, 0, 0 }, false },
    };
    uint8_t content[1024 + 3];
    uint8_t digest[CRYPTO_SHA256_SIZE];

    for (size_t i = 0; i < sizeof content; i++)
        content[i] = (uint8_t)(i * 7);
    crypto_sha256(bytes_of(content, sizeof content), digest);
    for (size_t i = 0; i < COUNT_OF(orders); i++) {
        struct dissect_run run;
        dissect_run_init(&run, &tftp_dissector, 69);
        run.hash_files = true;
        dissect_run_send(&run, FLOW_ORIGINATOR,
                         bytes_of("\0\1name\0octet", 13));
        for (size_t j = 0; j < 4 && orders[i].blocks[j]; j++) {
            uint8_t number = orders[i].blocks[j];
            send_block(&run, number,
                       bytes_slice(bytes_of(content, sizeof content),
                                   (size_t)(number - 1) * 512, 512));
        }
        const struct event *event = closed(&run);
        assert_int_equal(event != NULL, orders[i].is_whole);
        if (event) {
            char text[2 * CRYPTO_SHA256_SIZE + 1];
            for (size_t k = 0; k < sizeof digest; k++)
                (void)snprintf(text + 2 * k, 3, "%02x", digest[k]);
            assert_text(event, FIELD_FILE_SHA256, text);
            assert_text(event, FIELD_FILE_NAME, "name");
        }
        dissect_run_clear(&run);
    }
}

/* A file of the largest size has a digest, one byte more has none. */
static void hashing_ends_at_its_limit(void **state)
{
    (void)state;
    static uint8_t piece[1 << 20];

    for (int more = 0; more < 2; more++) {
        struct arena arena;
        struct event_list events;
        struct file_hash hash;
        const struct dissect_file file = { .protocol = "http" };
        arena_init(&arena);
        event_list_init(&events, &arena);
        file_hash_begin(&hash);
        for (size_t i = 0; i < FILE_HASH_SIZE_MAX / sizeof piece; i++)
            file_hash_add(&hash, bytes_of(piece, sizeof piece));
        file_hash_add(&hash, bytes_of(piece, (size_t)more));
        file_hash_tell(&hash, &file, &events);
        assert_int_equal(events.count, more ? 0 : 1);
        arena_clear(&arena);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(http_bodies_are_hashed_whole),
        cmocka_unit_test(nothing_is_hashed_unasked_or_in_part),
        cmocka_unit_test(uploads_are_hashed_too),
        cmocka_unit_test(tftp_transfers_are_hashed_in_order),
        cmocka_unit_test(hashing_ends_at_its_limit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
