/* SPDX-License-Identifier: Apache-2.0 */
#include "dissect/protocols.h"
#include "dissect.h"
#include "sweep.h"
#include "test.h"

static struct arena arena;
static struct dissect_run run;

static const char client_banner[] = "SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n";
static const char server_banner[] = "SSH-2.0-dropbear_2020.81\r\n";

static int setup(void **state)
{
    (void)state;
    arena_init(&arena);
    dissect_run_init(&run, &ssh_dissector, 22);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    dissect_run_clear(&run);
    arena_clear(&arena);
    return 0;
}

static struct bytes packet(struct bytes payload)
{
    struct writer w;

    writer_init(&w, 8192);
    writer_u32(&w, (uint32_t)(payload.size + 1 + 4));
    writer_byte(&w, 4);
    writer_bytes(&w, payload);
    writer_u32(&w, 0);
    struct bytes copy = arena_copy(&arena, writer_view(&w));
    writer_clear(&w);
    return copy;
}

static struct bytes offer(const char *const lists[5])
{
    /* kex, host key, ciphers both ways, MACs both ways, ... */
    const char *all[] = { lists[0], lists[1], lists[2], lists[2], lists[3],
                          lists[3], lists[4], lists[4], "",       "" };
    struct writer w;

    writer_init(&w, 8192);
    writer_byte(&w, 20);
    for (int i = 0; i < 16; i++)
        writer_byte(&w, 0x55);
    for (size_t i = 0; i < COUNT_OF(all); i++) {
        writer_u32(&w, (uint32_t)bytes_of_text(all[i]).size);
        writer_text(&w, all[i]);
    }
    writer_byte(&w, 0);
    writer_u32(&w, 0);
    struct bytes copy = arena_copy(&arena, writer_view(&w));
    writer_clear(&w);
    return packet(copy);
}

static const char *const client_lists[] = { "kex-a,kex-b", "rsa,ed25519",
                                            "aes-x,aes-y", "mac-1,mac-2",
                                            "none" };
static const char *const server_lists[] = { "kex-b,kex-a", "ed25519",
                                            "aes-y", "mac-2,mac-1",
                                            "zlib,none" };

static void send(enum flow_side side, struct bytes data)
{
    dissect_run_send(&run, side, data);
}

static void exchange_offers(void)
{
    send(FLOW_RESPONDER, bytes_of_text(server_banner));
    send(FLOW_ORIGINATOR, bytes_of_text(client_banner));
    send(FLOW_ORIGINATOR, offer(client_lists));
    send(FLOW_RESPONDER, offer(server_lists));
}

static void change_keys(void)
{
    exchange_offers();
    send(FLOW_RESPONDER, packet(bytes_of("\x1f", 1)));
    send(FLOW_RESPONDER, packet(bytes_of("\x15", 1)));
    send(FLOW_ORIGINATOR, packet(bytes_of("\x15", 1)));
}

/* `size` bytes that nobody can read. */
static void send_ciphered(enum flow_side side, size_t size)
{
    static const uint8_t noise[40000] = { 0xa5 };
    send(side, bytes_of(noise, size));
}

static const char *value(enum event_type type, enum event_field field)
{
    return dissect_run_text(&run, dissect_run_event(&run, type, 0), field, 0);
}

static void tells_banners_and_what_both_agree_on(void **state)
{
    (void)state;
    exchange_offers();
    assert_int_equal(dissect_run_count(&run, EVENT_SSH), 1);
    assert_string_equal(value(EVENT_SSH, FIELD_SSH_CLIENT_PROTO), "2.0");
    assert_string_equal(value(EVENT_SSH, FIELD_SSH_CLIENT_SOFTWARE),
                        "OpenSSH_9.2p1");
    assert_string_equal(value(EVENT_SSH, FIELD_SSH_SERVER_SOFTWARE),
                        "dropbear_2020.81");
    assert_string_equal(value(EVENT_SSH, FIELD_SSH_KEX), "kex-a");
    assert_string_equal(value(EVENT_SSH, FIELD_SSH_HOST_KEY), "ed25519");
    assert_string_equal(value(EVENT_SSH, FIELD_SSH_CIPHER), "aes-y");
    assert_string_equal(value(EVENT_SSH, FIELD_SSH_MAC), "mac-1");
    /* md5 of "kex-a,kex-b;aes-x,aes-y;mac-1,mac-2;none" */
    assert_string_equal(value(EVENT_SSH, FIELD_SSH_CLIENT_HASSH),
                        "a469c0ea2d3b0dddf1b006f017708860");
}

static void calls_only_refusals_a_failure(void **state)
{
    (void)state;
    change_keys();
    for (int i = 0; i < 4; i++) {
        send_ciphered(FLOW_ORIGINATOR, 60);
        send_ciphered(FLOW_RESPONDER, i == 0 ? 52 : 68);
    }
    assert_int_equal(dissect_run_count(&run, EVENT_LOGIN), 0);
    dissect_run_end(&run, FLOW_RESPONDER);
    assert_string_equal(value(EVENT_LOGIN, FIELD_LOGIN_RESULT), "failure");
    assert_string_equal(value(EVENT_LOGIN, FIELD_LOGIN_PROTOCOL), "ssh");
}

static void calls_a_shorter_answer_a_success(void **state)
{
    (void)state;
    change_keys();
    send_ciphered(FLOW_ORIGINATOR, 60);
    send_ciphered(FLOW_RESPONDER, 52);
    send_ciphered(FLOW_ORIGINATOR, 100);
    send_ciphered(FLOW_RESPONDER, 68);
    send_ciphered(FLOW_ORIGINATOR, 100);
    send_ciphered(FLOW_RESPONDER, 36);
    assert_int_equal(run.result.verdict, DISSECT_FINISHED);
    assert_string_equal(value(EVENT_LOGIN, FIELD_LOGIN_RESULT), "success");
}

static void calls_much_data_a_success(void **state)
{
    (void)state;
    change_keys();
    send_ciphered(FLOW_ORIGINATOR, 60);
    send_ciphered(FLOW_RESPONDER, 52);
    send_ciphered(FLOW_RESPONDER, 33000);
    assert_string_equal(value(EVENT_LOGIN, FIELD_LOGIN_RESULT), "success");
}

static void does_not_guess_without_an_attempt(void **state)
{
    (void)state;
    change_keys();
    dissect_run_end(&run, FLOW_RESPONDER);
    assert_int_equal(dissect_run_count(&run, EVENT_LOGIN), 0);
    assert_int_equal(dissect_run_count(&run, EVENT_SSH), 1);
}

static void stops_at_the_banners_of_version_1(void **state)
{
    (void)state;
    send(FLOW_RESPONDER, bytes_of_text("SSH-1.5-1.2.27\n"));
    send(FLOW_ORIGINATOR, bytes_of_text("SSH-1.5-x\n"));
    assert_int_equal(run.result.verdict, DISSECT_FINISHED);
    assert_string_equal(value(EVENT_SSH, FIELD_SSH_SERVER_SOFTWARE),
                        "1.2.27");
}

static void refuses_what_the_rfc_forbids(void **state)
{
    (void)state;
    send(FLOW_RESPONDER, bytes_of_text(server_banner));
    send(FLOW_RESPONDER, bytes_of("\x00\x01\x00\x00\x04\x14", 6));
    assert_int_equal(run.result.verdict, DISSECT_MALFORMED);
    assert_string_equal(run.result.anomaly, "ssh_malformed_packet");
    assert_int_equal(dissect_run_count(&run, EVENT_SSH), 1);
}

static void feed_variant(struct bytes variant, void *context)
{
    (void)context;
    struct dissect_run own;

    dissect_run_init(&own, &ssh_dissector, 22);
    dissect_run_send(&own, FLOW_RESPONDER, bytes_of_text(server_banner));
    dissect_run_send(&own, FLOW_RESPONDER, offer(server_lists));
    (void)dissect_run_recognise(&own, FLOW_ORIGINATOR, variant);
    dissect_run_send(&own, FLOW_ORIGINATOR, variant);
    dissect_run_end(&own, FLOW_ORIGINATOR);
    assert_true(dissect_run_count(&own, EVENT_SSH) == 1);
    dissect_run_clear(&own);
}

static void feed_split(struct bytes first, struct bytes second, void *context)
{
    (void)context;
    struct dissect_run own;

    dissect_run_init(&own, &ssh_dissector, 22);
    dissect_run_send(&own, FLOW_RESPONDER, bytes_of_text(server_banner));
    dissect_run_send(&own, FLOW_RESPONDER, offer(server_lists));
    dissect_run_send(&own, FLOW_ORIGINATOR, first);
    dissect_run_send(&own, FLOW_ORIGINATOR, second);
    const struct event *event = dissect_run_event(&own, EVENT_SSH, 0);
    assert_string_equal(dissect_run_text(&own, event, FIELD_SSH_KEX, 0),
                        "kex-a");
    dissect_run_clear(&own);
}

static void stands_the_sweeps(void **state)
{
    (void)state;
    struct bytes hello = offer(client_lists);
    struct writer w;

    writer_init(&w, 8192);
    writer_text(&w, client_banner);
    writer_bytes(&w, hello);
    sweep_truncate(writer_view(&w), feed_variant, NULL);
    sweep_flip(writer_view(&w), feed_variant, NULL);
    sweep_split(writer_view(&w), feed_split, NULL);
    writer_clear(&w);
}

#define WITH_RUN(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_RUN(tells_banners_and_what_both_agree_on),
        WITH_RUN(calls_only_refusals_a_failure),
        WITH_RUN(calls_a_shorter_answer_a_success),
        WITH_RUN(calls_much_data_a_success),
        WITH_RUN(does_not_guess_without_an_attempt),
        WITH_RUN(stops_at_the_banners_of_version_1),
        WITH_RUN(refuses_what_the_rfc_forbids),
        WITH_RUN(stands_the_sweeps),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
