/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "capture_flows.h"
#include "dissect/protocols.h"
#include "hello_vector.h"
#include "hex.h"
#include "sealed_initial.h"
#include "sweep.h"
#include "test.h"

static struct arena arena;
static struct dissect_run run;

static int setup(void **state)
{
    (void)state;
    arena_init(&arena);
    dissect_run_init(&run, &quic_dissector, 443);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    dissect_run_clear(&run);
    arena_clear(&arena);
    return 0;
}

static struct bytes connection_id(void)
{
    return hex_bytes(&arena, "8394c8f03e515708");
}

/* A CRYPTO frame with bytes `from` to `from + size` of the hello. */
static void add_crypto(struct writer *w, size_t from, size_t size)
{
    struct bytes hello = hex_bytes(&arena, HELLO_VECTOR);
    struct bytes piece = bytes_slice(hello, from, size);

    writer_byte(w, 6);
    writer_u16(w, (uint16_t)(0x4000 | from));
    writer_u16(w, (uint16_t)(0x4000 | piece.size));
    writer_bytes(w, piece);
}

/* The frames with PADDING up to what a client must send. */
static struct bytes padded(struct writer *w)
{
    while (writer_view(w).size < 1162)
        writer_byte(w, 0);
    struct bytes copy = arena_copy(&arena, writer_view(w));
    writer_clear(w);
    return copy;
}

/* The frames of RFC 9001 appendix A.2. */
static struct bytes vector_frames(void)
{
    struct writer w;

    writer_init(&w, 4096);
    writer_bytes(&w, hex_bytes(&arena, "060040f1" HELLO_VECTOR));
    return padded(&w);
}

static struct bytes vector(uint32_t version)
{
    return sealed_initial(&arena, version, connection_id(), 2,
                          vector_frames());
}

static const char *text(enum event_field field)
{
    return dissect_run_text(&run, dissect_run_event(&run, EVENT_QUIC, 0),
                            field, 0);
}

static void assert_hello(void)
{
    assert_int_equal(run.result.verdict, DISSECT_FINISHED);
    assert_int_equal(dissect_run_count(&run, EVENT_QUIC), 1);
    assert_string_equal(text(FIELD_QUIC_SNI), "example.com");
    assert_string_equal(text(FIELD_QUIC_ALPN), "alpn");
    assert_string_equal(text(FIELD_QUIC_JA4),
                        "q13d0211an_62ed6f6ca7ad_4d634acda6c0");
}

/* What our client seals is, byte for byte, what the RFC prints: its protected
 * header and its last 16 bytes. */
static void opens_the_packet_of_the_rfc(void **state)
{
    (void)state;
    struct bytes packet = vector(QUIC_VERSION_1);
    struct bytes head = hex_bytes(
        &arena, "c000000001088394c8f03e5157080000449e7b9aec34");
    struct bytes tag =
        hex_bytes(&arena, "e221af44860018ab0856972e194cd934");

    assert_int_equal(packet.size, 1200);
    assert_true(bytes_start_with(packet, head));
    assert_true(bytes_equal(bytes_slice(packet, 1184, 16), tag));
    assert_int_equal(dissect_run_recognise(&run, FLOW_ORIGINATOR, packet),
                     DISSECT_DONE);
    dissect_run_send(&run, FLOW_ORIGINATOR, packet);
    assert_hello();
    assert_string_equal(text(FIELD_QUIC_VERSION), "1");
}

static void opens_version_2_and_draft_29(void **state)
{
    dissect_run_send(&run, FLOW_ORIGINATOR, vector(QUIC_VERSION_2));
    assert_hello();
    assert_string_equal(text(FIELD_QUIC_VERSION), "2");
    assert_int_equal(teardown(state), 0);
    assert_int_equal(setup(state), 0);
    dissect_run_send(&run, FLOW_ORIGINATOR, vector(0xff00001d));
    assert_hello();
    assert_string_equal(text(FIELD_QUIC_VERSION), "draft-29");
}

static struct bytes view_of(const struct view_list *views, enum view_id id,
                            size_t number)
{
    for (uint32_t i = 0; i < views->count; i++)
        if (views->views[i].id == id && number-- == 0)
            return views->views[i].data;
    return (struct bytes){ 0 };
}

/* Rules that ask for versions see the server's, too; then nobody reads on. */
static void rules_see_the_hello_and_both_versions(void **state)
{
    (void)state;
    struct view_list views;
    struct bytes version = bytes_of("\x6b\x33\x43\xcf", 4);

    view_list_init(&views, &run.arena);
    memset(views.wanted, 0xff, sizeof views.wanted);
    run.views = &views;
    dissect_run_send(&run, FLOW_ORIGINATOR, vector(QUIC_VERSION_2));
    assert_int_equal(run.result.verdict, DISSECT_DONE);
    assert_true(bytes_equal(view_of(&views, VIEW_QUIC_SNI, 0),
                            bytes_of_text("example.com")));
    assert_true(bytes_equal(view_of(&views, VIEW_JA4_HASH, 0),
                            bytes_of_text(
                                "q13d0211an_62ed6f6ca7ad_4d634acda6c0")));
    assert_int_equal(view_of(&views, VIEW_JA3_HASH, 0).size, 32);
    assert_true(bytes_start_with(view_of(&views, VIEW_JA3_STRING, 0),
                                 bytes_of_text("771,")));
    assert_true(bytes_equal(view_of(&views, VIEW_QUIC_VERSION, 0), version));
    assert_int_equal(view_of(&views, VIEW_QUIC_VERSION, 1).size, 0);
    dissect_run_send(&run, FLOW_RESPONDER, vector(QUIC_VERSION_2));
    assert_int_equal(run.result.verdict, DISSECT_FINISHED);
    assert_true(bytes_equal(view_of(&views, VIEW_QUIC_VERSION, 1), version));
    assert_int_equal(dissect_run_count(&run, EVENT_QUIC), 1);
}

static void puts_pieces_in_place_whatever_their_order(void **state)
{
    (void)state;
    struct writer first;
    struct writer second;

    writer_init(&first, 4096);
    writer_init(&second, 4096);
    add_crypto(&first, 200, 500);
    add_crypto(&first, 0, 50);
    add_crypto(&second, 100, 100);
    writer_byte(&second, 1); /* PING */
    add_crypto(&second, 40, 80);
    dissect_run_send(&run, FLOW_ORIGINATOR,
                     sealed_initial(&arena, QUIC_VERSION_1, connection_id(),
                                    0, padded(&first)));
    assert_int_equal(run.result.verdict, DISSECT_DONE);
    assert_int_equal(dissect_run_count(&run, EVENT_QUIC), 0);
    dissect_run_send(&run, FLOW_ORIGINATOR,
                     sealed_initial(&arena, QUIC_VERSION_1, connection_id(),
                                    1, padded(&second)));
    assert_hello();
}

static void starts_over_after_a_retry(void **state)
{
    (void)state;
    struct writer first;
    struct bytes other = hex_bytes(&arena, "f067a5502a4262b5");

    writer_init(&first, 4096);
    add_crypto(&first, 0, 50);
    dissect_run_send(&run, FLOW_ORIGINATOR,
                     sealed_initial(&arena, QUIC_VERSION_1, connection_id(),
                                    0, padded(&first)));
    /* RFC 9001 appendix A.4 */
    dissect_run_send(&run, FLOW_RESPONDER,
                     hex_bytes(&arena, "ff000000010008f067a5502a4262b5746f6b"
                                       "656e04a265ba2eff4d829058fb3f0f2496ba"));
    dissect_run_send(&run, FLOW_ORIGINATOR,
                     sealed_initial(&arena, QUIC_VERSION_1, other, 1,
                                    vector_frames()));
    assert_hello();
    assert_string_equal(text(FIELD_QUIC_RETRY), "true");
}

static void tells_the_versions_a_server_offers(void **state)
{
    (void)state;
    dissect_run_send(&run, FLOW_RESPONDER,
                     hex_bytes(&arena, "80 00000000 00 04 01020304"
                                       "00000001 6b3343cf 0a0a0a0a"));
    assert_string_equal(text(FIELD_QUIC_SERVER_VERSION), "1");
    assert_string_equal(
        dissect_run_text(&run, dissect_run_event(&run, EVENT_QUIC, 0),
                         FIELD_QUIC_SERVER_VERSION, 2),
        "0x0a0a0a0a");
}

static void reads_the_hello_of_google(void **state)
{
    (void)state;
    /* Flags, id, Q043, packet number, hash, stream frame, CHLO of two tags. */
    dissect_run_send(
        &run, FLOW_ORIGINATOR,
        hex_bytes(&arena,
                  "0d 0102030405060708 51303433 01 000000000000000000000000"
                  "a0 01 0040 43484c4f 0200 0000 534e4900 0b000000"
                  "55414944 0e000000 6578616d706c652e636f6d 435231"));
    assert_string_equal(text(FIELD_QUIC_VERSION), "Q043");
    assert_string_equal(text(FIELD_QUIC_SNI), "example.com");
    assert_string_equal(text(FIELD_QUIC_UA), "CR1");
}

static void gives_up_on_a_hello_that_does_not_fit(void **state)
{
    (void)state;
    struct writer w;

    writer_init(&w, 4096);
    writer_bytes(&w, hex_bytes(&arena, "0600 04 01010000"));
    dissect_run_send(&run, FLOW_ORIGINATOR,
                     sealed_initial(&arena, QUIC_VERSION_1, connection_id(),
                                    0, padded(&w)));
    assert_int_equal(run.result.verdict, DISSECT_FINISHED);
    assert_string_equal(text(FIELD_QUIC_VERSION), "1");
    assert_string_equal(text(FIELD_QUIC_SNI), "(none)");
}

static void leaves_what_is_not_quic(void **state)
{
    (void)state;
    static const char *const others[] = {
        "\x12\x34\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00", /* DNS */
        "\xc3\x00\x00\x00\x07\x08\x01\x02\x03\x04\x05\x06", /* version 7 */
        "\x43\x00\x00\x00\x01\x08\x01\x02\x03\x04\x05\x06", /* short */
        "\x16\xfe\xfd\x00\x00\x00\x00\x00\x00\x00\x00\x00", /* DTLS */
    };
    for (size_t i = 0; i < COUNT_OF(others); i++)
        assert_int_equal(dissect_run_recognise(&run, FLOW_ORIGINATOR,
                                               bytes_of(others[i], 12)),
                         DISSECT_NOT_MINE);
}

static void feed_variant(struct bytes variant, void *context)
{
    (void)context;
    struct dissect_run own;

    dissect_run_init(&own, &quic_dissector, 443);
    if (dissect_run_recognise(&own, FLOW_ORIGINATOR, variant) ==
        DISSECT_DONE)
        dissect_run_send(&own, FLOW_ORIGINATOR, variant);
    assert_true(dissect_run_count(&own, EVENT_QUIC) <= 1);
    dissect_run_clear(&own);
}

static void stands_the_sweeps(void **state)
{
    (void)state;
    struct bytes packet = vector(QUIC_VERSION_1);

    sweep_truncate(packet, feed_variant, NULL);
    sweep_flip(bytes_slice(packet, 0, 200), feed_variant, NULL);
}

static void count_ja4(struct dissect_run *flow, void *context)
{
    const struct event *event = dissect_run_event(flow, EVENT_QUIC, 0);

    assert_string_equal(dissect_run_text(flow, event, FIELD_QUIC_JA4, 0),
                        "q13d0310h3_55b375c5d22e_cd85d2d88918");
    ++*(size_t *)context;
}

static void gives_the_published_ja4(void **state)
{
    (void)state;
    static const char *const files[] = {
        "chrome-cloudflare-quic-with-secrets.pcapng",
        "quic-tls-handshake.pcapng",
    };
    const char *shared = capture_flows_shared();
    char path[512];
    size_t count = 0;

    if (!shared) {
        print_message("skipped: no shared captures\n");
        skip();
    }
    for (size_t i = 0; i < COUNT_OF(files); i++) {
        snprintf(path, sizeof path, "%s/captures/ja4/pcap/%s", shared,
                 files[i]);
        assert_int_equal(
            capture_flows_run(path, &quic_dissector, count_ja4, &count), 1);
    }
    assert_int_equal(count, 2);
}

#define WITH_RUN(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_RUN(opens_the_packet_of_the_rfc),
        WITH_RUN(opens_version_2_and_draft_29),
        WITH_RUN(rules_see_the_hello_and_both_versions),
        WITH_RUN(puts_pieces_in_place_whatever_their_order),
        WITH_RUN(starts_over_after_a_retry),
        WITH_RUN(tells_the_versions_a_server_offers),
        WITH_RUN(reads_the_hello_of_google),
        WITH_RUN(gives_up_on_a_hello_that_does_not_fit),
        WITH_RUN(leaves_what_is_not_quic),
        WITH_RUN(stands_the_sweeps),
        WITH_RUN(gives_the_published_ja4),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
