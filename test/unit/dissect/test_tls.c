/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "capture_flows.h"
#include "dissect/protocols.h"
#include "hello_vector.h"
#include "hex.h"
#include "made_certificate.h"
#include "sweep.h"
#include "test.h"

enum { FROM = 1700000000, TO = 1800000000 };

static struct arena arena;
static struct dissect_run run;

static int setup(void **state)
{
    (void)state;
    arena_init(&arena);
    dissect_run_init(&run, &tls_dissector, 443);
    run.time_ns = INT64_C(1750000000) * 1000000000;
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    dissect_run_clear(&run);
    arena_clear(&arena);
    return 0;
}

static struct bytes view(struct writer *w)
{
    struct bytes copy = arena_copy(&arena, writer_view(w));
    writer_clear(w);
    return copy;
}

static struct bytes record(uint8_t type, struct bytes fragment)
{
    struct writer w;

    writer_init(&w, 1 << 20);
    writer_byte(&w, type);
    writer_u16(&w, 0x0303);
    writer_u16(&w, (uint16_t)fragment.size);
    writer_bytes(&w, fragment);
    return view(&w);
}

static struct bytes message(uint8_t type, struct bytes body)
{
    struct writer w;

    writer_init(&w, 1 << 20);
    writer_byte(&w, type);
    writer_byte(&w, (uint8_t)(body.size >> 16));
    writer_u16(&w, (uint16_t)body.size);
    writer_bytes(&w, body);
    return view(&w);
}

static struct bytes join(struct bytes a, struct bytes b)
{
    struct writer w;

    writer_init(&w, 1 << 20);
    writer_bytes(&w, a);
    writer_bytes(&w, b);
    return view(&w);
}

static struct bytes client_hello(void)
{
    return record(22, hex_bytes(&arena, HELLO_VECTOR));
}

/* TLS 1.2, TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, ALPN "alpn". */
static struct bytes server_hello(void)
{
    struct writer w;

    writer_init(&w, 1024);
    writer_u16(&w, 0x0303);
    for (int i = 0; i < 32; i++)
        writer_byte(&w, (uint8_t)i);
    writer_byte(&w, 0);
    writer_u16(&w, 0xc02b);
    writer_byte(&w, 0);
    writer_bytes(&w, hex_bytes(&arena, "000b 0010 0007 0005 04616c706e"));
    return message(2, view(&w));
}

static struct bytes certificate_message(struct bytes der)
{
    struct writer w;

    writer_init(&w, 1 << 20);
    writer_byte(&w, 0);
    writer_u16(&w, (uint16_t)(der.size + 3));
    writer_byte(&w, 0);
    writer_u16(&w, (uint16_t)der.size);
    writer_bytes(&w, der);
    return message(11, view(&w));
}

/* The whole flight in one record, or one for each message. */
static struct bytes server_flight(void)
{
    struct bytes der = made_certificate(&arena, FROM, TO, EVP_sha256());
    struct bytes done = message(14, bytes_of("", 0));

    return join(join(server_hello(), certificate_message(der)), done);
}

static const char *text(enum event_field field)
{
    return dissect_run_text(&run, dissect_run_event(&run, EVENT_TLS, 0),
                            field, 0);
}

static void tells_a_handshake_in_one_event(void **state)
{
    (void)state;
    dissect_run_send(&run, FLOW_ORIGINATOR, client_hello());
    assert_int_equal(dissect_run_count(&run, EVENT_TLS), 0);
    dissect_run_send(&run, FLOW_RESPONDER, record(22, server_flight()));

    assert_int_equal(run.result.verdict, DISSECT_FINISHED);
    assert_int_equal(dissect_run_count(&run, EVENT_TLS), 1);
    assert_string_equal(text(FIELD_TLS_SNI), "example.com");
    assert_string_equal(text(FIELD_TLS_VERSION), "TLS 1.2");
    assert_string_equal(text(FIELD_TLS_CLIENT_VERSION), "TLS 1.3");
    assert_string_equal(text(FIELD_TLS_CIPHER),
                        "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256");
    assert_string_equal(text(FIELD_TLS_CLIENT_ALPN), "alpn");
    assert_string_equal(text(FIELD_TLS_SERVER_ALPN), "alpn");
    assert_string_equal(text(FIELD_TLS_RESUMED), "false");
    assert_string_equal(text(FIELD_TLS_SUBJECT), "C=AQ, CN=camera-7");
    assert_string_equal(text(FIELD_TLS_NOTBEFORE), "2023-11-14T22:13:20");
    assert_string_equal(text(FIELD_TLS_CERT_SELF_SIGNED), "true");
    assert_string_equal(text(FIELD_TLS_CERT_EXPIRED), "false");
    assert_string_equal(text(FIELD_TLS_CERT_CHAIN_LENGTH), "1");
    assert_string_equal(text(FIELD_TLS_CERT_MUD_URL),
                        "https://example.com/mud.json");
}

/* Both were computed apart from this program. */
static void gives_the_fingerprints_of_the_hello(void **state)
{
    (void)state;
    dissect_run_send(&run, FLOW_ORIGINATOR, client_hello());
    dissect_run_end(&run, FLOW_RESPONDER);

    assert_string_equal(text(FIELD_TLS_JA4),
                        "t13d0211an_62ed6f6ca7ad_4d634acda6c0");
    assert_string_equal(text(FIELD_TLS_JA3),
                        "41bc9ae914d6cb3bd0bd0a5453ab7d7f");
    assert_string_equal(text(FIELD_TLS_VERSION), "(none)");
}

static void judges_validity_by_the_time_of_the_capture(void **state)
{
    (void)state;
    run.time_ns = ((int64_t)TO + 1) * 1000000000;
    dissect_run_send(&run, FLOW_ORIGINATOR, client_hello());
    dissect_run_send(&run, FLOW_RESPONDER, record(22, server_flight()));
    assert_string_equal(text(FIELD_TLS_CERT_EXPIRED), "true");
    assert_string_equal(text(FIELD_TLS_CERT_NOT_YET_VALID), "false");
}

static void says_when_a_session_is_resumed(void **state)
{
    (void)state;
    dissect_run_send(&run, FLOW_ORIGINATOR, client_hello());
    dissect_run_send(&run, FLOW_RESPONDER, record(22, server_hello()));
    dissect_run_send(&run, FLOW_RESPONDER, record(20, bytes_of("\x01", 1)));
    assert_int_equal(dissect_run_count(&run, EVENT_TLS), 1);
    assert_string_equal(text(FIELD_TLS_RESUMED), "true");
}

static void names_the_alert_that_ends_a_handshake(void **state)
{
    (void)state;
    dissect_run_send(&run, FLOW_ORIGINATOR, client_hello());
    dissect_run_send(&run, FLOW_RESPONDER,
                     record(21, bytes_of("\x02\x28", 2)));
    assert_int_equal(run.result.verdict, DISSECT_FINISHED);
    assert_string_equal(text(FIELD_TLS_ALERT), "handshake_failure");
    assert_string_equal(text(FIELD_TLS_SNI), "example.com");
}

static void tells_the_certificate_of_a_client(void **state)
{
    (void)state;
    struct bytes der = made_certificate(&arena, FROM, TO, EVP_sha256());
    struct bytes asked =
        join(join(server_hello(), certificate_message(der)),
             join(message(13, bytes_of("\x00\x00\x00\x00\x00", 5)),
                  message(14, bytes_of("", 0))));

    dissect_run_send(&run, FLOW_ORIGINATOR, client_hello());
    dissect_run_send(&run, FLOW_RESPONDER, record(22, asked));
    assert_int_equal(run.result.verdict, DISSECT_DONE);
    dissect_run_send(&run, FLOW_ORIGINATOR,
                     record(22, certificate_message(der)));
    assert_int_equal(run.result.verdict, DISSECT_FINISHED);
    const struct event *event = dissect_run_event(&run, EVENT_TLS, 1);
    assert_string_equal(
        dissect_run_text(&run, event, FIELD_TLS_CLIENT_MUD_URL, 0),
        "https://example.com/mud.json");
}

static void reads_messages_split_over_records(void **state)
{
    (void)state;
    struct bytes flight = server_flight();

    dissect_run_send(&run, FLOW_ORIGINATOR, client_hello());
    for (size_t at = 0; at < flight.size; at += 50)
        dissect_run_send(&run, FLOW_RESPONDER,
                         record(22, bytes_slice(flight, at, 50)));
    assert_int_equal(dissect_run_count(&run, EVENT_TLS), 1);
    assert_string_equal(text(FIELD_TLS_SUBJECT), "C=AQ, CN=camera-7");
}

static void knows_the_hello_of_ssl2(void **state)
{
    (void)state;
    struct bytes hello = hex_bytes(
        &arena, "802e 01 0002 0015 0000 0010"
                "0700c0 050080 030080 010080 060040 040080 020080"
                "000102030405060708090a0b0c0d0e0f");

    assert_int_equal(dissect_run_recognise(&run, FLOW_ORIGINATOR, hello),
                     DISSECT_DONE);
    dissect_run_send(&run, FLOW_ORIGINATOR, hello);
    dissect_run_end(&run, FLOW_RESPONDER);
    assert_string_equal(text(FIELD_TLS_CLIENT_VERSION), "SSLv2");
}

static void is_not_taken_in_by_other_protocols(void **state)
{
    (void)state;
    static const char *const others[] = {
        "GET / HTTP/1.1\r\n\r\n",
        "SSH-2.0-OpenSSH_9.2\r\n",
        "\x16\x03\x01\x00\x05\x03\x00\x00\x01\x00\x00", /* Not a hello. */
        "\x16\x02\x01\x01\x00\x01\x01\x00\xfc\x03\x03", /* Version 2.1. */
    };

    run.port_matches = false;
    for (size_t i = 0; i < COUNT_OF(others); i++)
        assert_int_equal(
            dissect_run_recognise(&run, FLOW_ORIGINATOR,
                                  bytes_of(others[i], 11)),
            DISSECT_NOT_MINE);
}

static void calls_a_hello_with_wrong_sizes_malformed(void **state)
{
    (void)state;
    struct bytes hello = hex_bytes(&arena, HELLO_VECTOR);
    uint8_t *bad = arena_allocate(&arena, hello.size);

    memcpy(bad, hello.data, hello.size);
    bad[4 + 2 + 32] = 0xff; /* A session id longer than the message. */
    dissect_run_send(&run, FLOW_ORIGINATOR,
                     record(22, bytes_of(bad, hello.size)));
    assert_int_equal(run.result.verdict, DISSECT_MALFORMED);
    assert_string_equal(run.result.anomaly, "tls_malformed_hello");
}

static void feed_variant(struct bytes variant, void *context)
{
    (void)context;
    struct dissect_run own;

    dissect_run_init(&own, &tls_dissector, 443);
    dissect_run_send(&own, FLOW_ORIGINATOR, client_hello());
    dissect_run_send(&own, FLOW_RESPONDER, variant);
    dissect_run_end(&own, FLOW_RESPONDER);
    assert_true(dissect_run_count(&own, EVENT_TLS) <= 1);
    dissect_run_clear(&own);
}

static void feed_split(struct bytes first, struct bytes second,
                       void *context)
{
    (void)context;
    struct dissect_run own;

    dissect_run_init(&own, &tls_dissector, 443);
    dissect_run_send(&own, FLOW_ORIGINATOR, client_hello());
    dissect_run_send(&own, FLOW_RESPONDER, first);
    dissect_run_send(&own, FLOW_RESPONDER, second);
    assert_int_equal(dissect_run_count(&own, EVENT_TLS), 1);
    assert_string_equal(
        dissect_run_text(&own, dissect_run_event(&own, EVENT_TLS, 0),
                         FIELD_TLS_SUBJECT, 0),
        "C=AQ, CN=camera-7");
    dissect_run_clear(&own);
}

static void feed_hello_variant(struct bytes variant, void *context)
{
    (void)context;
    struct dissect_run own;

    dissect_run_init(&own, &tls_dissector, 443);
    (void)dissect_run_recognise(&own, FLOW_ORIGINATOR, variant);
    dissect_run_send(&own, FLOW_ORIGINATOR, variant);
    dissect_run_end(&own, FLOW_ORIGINATOR);
    assert_true(dissect_run_count(&own, EVENT_TLS) <= 1);
    dissect_run_clear(&own);
}

static void stands_the_sweeps(void **state)
{
    (void)state;
    struct bytes flight = record(22, server_flight());

    sweep_truncate(flight, feed_variant, NULL);
    sweep_split(flight, feed_split, NULL);
    sweep_truncate(client_hello(), feed_hello_variant, NULL);
    sweep_flip(client_hello(), feed_hello_variant, NULL);
    sweep_flip(record(22, server_hello()), feed_variant, NULL);
}

/* What the authors of JA4 publish for their captures. */
static const struct {
    const char *file;
    const char *ja4;
    size_t count;
} published[] = {
    { "browsers-x509.pcapng", "t13d1516h2_8daaf6152771_e5627efa2ab1", 3 },
    { "chrome-cloudflare-quic-with-secrets.pcapng",
      "t13d1516h2_8daaf6152771_e5627efa2ab1", 1 },
    { "ipv6.pcapng", "t12d4605h2_85626a9a5f7f_aaf95bb78ec9", 1 },
    { "tls-alpn-h2.pcap", "t12d4605h2_85626a9a5f7f_aaf95bb78ec9", 1 },
    { "tls12.pcap", "t13d1715h2_5b57614c22b0_3d5424432f57", 1 },
};

struct expectation {
    const char *ja4;
    size_t count;
};

static void count_ja4(struct dissect_run *flow, void *context)
{
    struct expectation *expected = context;
    const struct event *event = dissect_run_event(flow, EVENT_TLS, 0);
    const char *ja4 = dissect_run_text(flow, event, FIELD_TLS_JA4, 0);

    assert_string_equal(ja4, expected->ja4);
    expected->count++;
}

static void gives_the_published_ja4(void **state)
{
    (void)state;
    const char *shared = capture_flows_shared();
    char path[512];

    if (!shared) {
        print_message("skipped: no shared captures\n");
        skip();
    }
    for (size_t i = 0; i < COUNT_OF(published); i++) {
        struct expectation expected = { .ja4 = published[i].ja4 };
        snprintf(path, sizeof path, "%s/captures/ja4/pcap/%s", shared,
                 published[i].file);
        assert_true(capture_flows_run(path, &tls_dissector, count_ja4,
                                      &expected) > 0);
        assert_int_equal(expected.count, published[i].count);
    }
}

#define WITH_RUN(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_RUN(tells_a_handshake_in_one_event),
        WITH_RUN(gives_the_fingerprints_of_the_hello),
        WITH_RUN(judges_validity_by_the_time_of_the_capture),
        WITH_RUN(says_when_a_session_is_resumed),
        WITH_RUN(names_the_alert_that_ends_a_handshake),
        WITH_RUN(tells_the_certificate_of_a_client),
        WITH_RUN(reads_messages_split_over_records),
        WITH_RUN(knows_the_hello_of_ssl2),
        WITH_RUN(is_not_taken_in_by_other_protocols),
        WITH_RUN(calls_a_hello_with_wrong_sizes_malformed),
        WITH_RUN(stands_the_sweeps),
        WITH_RUN(gives_the_published_ja4),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
