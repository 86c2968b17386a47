/* SPDX-License-Identifier: Apache-2.0 */
#include "judge_fixture.h"

static const char attack[] =
    "GET /cgi-bin/attack.sh?cmd=wget%20http HTTP/1.0\r\nHost: x\r\n\r\n";
static const char rule[] =
    "alert tcp any any -> any any (msg:\"t\"; flow:established,to_server; "
    "content:\"attack.sh\"; content:\"wget\"; distance:1; within:9; "
    "sid:7;)\n";

static struct bytes part(const char *text, size_t from, size_t size)
{
    return bytes_slice(bytes_of_text(text), from, size);
}

static void one_packet_alerts_once(void **state)
{
    struct judge_fixture f;

    (void)state;
    fixture_init(&f, rule);
    assert_int_equal(
        fixture_send(&f, FLOW_ORIGINATOR, bytes_of_text(attack)), 1);
    assert_int_equal(f.last_sid, 7);
    assert_int_equal(fixture_end(&f), 0);
    fixture_clear(&f);
}

static void the_other_side_is_not_meant(void **state)
{
    struct judge_fixture f;

    (void)state;
    fixture_init(&f, rule);
    assert_int_equal(fixture_send(&f, FLOW_RESPONDER, bytes_of_text(attack)),
                     0);
    fixture_clear(&f);
}

static void split_at_every_byte(void **state)
{
    (void)state;
    for (size_t cut = 1; cut + 1 < sizeof attack; cut++) {
        struct judge_fixture f;
        fixture_init(&f, rule);
        fixture_send(&f, FLOW_ORIGINATOR, part(attack, 0, cut));
        fixture_send(&f, FLOW_ORIGINATOR, part(attack, cut, SIZE_MAX));
        fixture_end(&f);
        if (f.total != 1)
            fail_msg("cut at %zu: %zu alerts", cut, f.total);
        fixture_clear(&f);
    }
}

static void byte_by_byte(void **state)
{
    struct judge_fixture f;

    (void)state;
    fixture_init(&f, rule);
    for (size_t i = 0; i + 1 < sizeof attack; i++)
        fixture_send(&f, FLOW_ORIGINATOR, part(attack, i, 1));
    fixture_end(&f);
    assert_int_equal(f.total, 1);
    fixture_clear(&f);
}

/* Wherever in a long stream it stands, also across the ends of chunks. */
static void at_every_place_of_a_stream(void **state)
{
    static char noise[3000];

    (void)state;
    memset(noise, '.', sizeof noise);
    for (size_t before = 2400; before < 2640; before += 7) {
        struct judge_fixture f;
        fixture_init(&f, rule);
        for (size_t at = 0; at < before; at += 300) {
            size_t size = before - at < 300 ? before - at : 300;
            fixture_send(&f, FLOW_ORIGINATOR, bytes_of(noise, size));
        }
        for (size_t at = 0; at + 1 < sizeof attack; at += 5)
            fixture_send(&f, FLOW_ORIGINATOR, part(attack, at, 5));
        fixture_end(&f);
        if (f.total != 1)
            fail_msg("after %zu bytes: %zu alerts", before, f.total);
        fixture_clear(&f);
    }
}

static void nothing_spans_a_gap(void **state)
{
    struct judge_fixture f;

    (void)state;
    fixture_init(&f, rule);
    fixture_send(&f, FLOW_ORIGINATOR, part(attack, 0, 15));
    f.lost = 1;
    fixture_send(&f, FLOW_ORIGINATOR, part(attack, 15, SIZE_MAX));
    fixture_end(&f);
    assert_int_equal(f.total, 0);
    fixture_clear(&f);
}

/* A rule of the stream alerts once in a chunk, and again in the next. */
static void alerts_once_in_a_chunk(void **state)
{
    static char noise[2600];
    struct judge_fixture f;

    (void)state;
    memset(noise, '.', sizeof noise);
    fixture_init(&f, rule);
    assert_int_equal(
        fixture_send(&f, FLOW_ORIGINATOR, bytes_of_text(attack)), 1);
    assert_int_equal(
        fixture_send(&f, FLOW_ORIGINATOR, bytes_of_text(attack)), 0);
    fixture_send(&f, FLOW_ORIGINATOR, bytes_of(noise, sizeof noise));
    assert_int_equal(
        fixture_send(&f, FLOW_ORIGINATOR, bytes_of_text(attack)), 1);
    fixture_clear(&f);
}

/* What must not be there is known when the chunk is over. */
static void absence_waits_for_the_end(void **state)
{
    static const char absent[] =
        "alert tcp any any -> any any (msg:\"t\"; content:\"login\"; "
        "content:!\"password\"; sid:1;)\n";
    struct judge_fixture f;

    (void)state;
    fixture_init(&f, absent);
    fixture_send(&f, FLOW_ORIGINATOR, bytes_of_text("login bob"));
    assert_int_equal(f.total, 0);
    fixture_end(&f);
    assert_int_equal(f.total, 1);
    fixture_clear(&f);
    fixture_init(&f, absent);
    fixture_send(&f, FLOW_ORIGINATOR, bytes_of_text("login bob"));
    fixture_send(&f, FLOW_ORIGINATOR, bytes_of_text(" password x"));
    fixture_end(&f);
    assert_int_equal(f.total, 0);
    fixture_clear(&f);
}

static void packet_rules_see_packets_alone(void **state)
{
    static const char alone[] =
        "alert tcp-pkt any any -> any any (msg:\"t\"; content:\"abcdef\"; "
        "sid:1;)\n";
    struct judge_fixture f;

    (void)state;
    fixture_init(&f, alone);
    assert_int_equal(
        fixture_send(&f, FLOW_ORIGINATOR, bytes_of_text("abcdef")), 1);
    assert_int_equal(
        fixture_send(&f, FLOW_ORIGINATOR, bytes_of_text("abcdef")), 1);
    fixture_send(&f, FLOW_ORIGINATOR, bytes_of_text("abc"));
    fixture_send(&f, FLOW_ORIGINATOR, bytes_of_text("def"));
    fixture_end(&f);
    assert_int_equal(f.total, 2);
    fixture_clear(&f);
}

static void passing_takes_the_flow_out(void **state)
{
    static const char rules[] =
        "alert tcp any any -> any any (msg:\"a\"; content:\"attack\"; "
        "sid:1;)\n"
        "pass tcp any any -> any any (msg:\"p\"; content:\"friend\"; "
        "sid:2;)\n";
    struct judge_fixture f;

    (void)state;
    fixture_init(&f, rules);
    assert_int_equal(fixture_send(&f, FLOW_ORIGINATOR,
                                  bytes_of_text("attack of a friend")),
                     0);
    assert_int_equal(
        fixture_send(&f, FLOW_RESPONDER, bytes_of_text("attack")), 0);
    fixture_clear(&f);
}

static void bits_go_from_rule_to_rule(void **state)
{
    static const char rules[] =
        "alert tcp any any -> any any (msg:\"b\"; content:\"second\"; "
        "flowbits:isset,seen; sid:1;)\n"
        "alert tcp any any -> any any (msg:\"a\"; content:\"first\"; "
        "flowbits:set,seen; flowbits:noalert; sid:2;)\n";
    struct judge_fixture f;

    (void)state;
    fixture_init(&f, rules);
    assert_int_equal(
        fixture_send(&f, FLOW_ORIGINATOR, bytes_of_text("second")), 0);
    assert_int_equal(
        fixture_send(&f, FLOW_RESPONDER, bytes_of_text("first second")), 1);
    fixture_clear(&f);
}

static void a_reload_keeps_bits(void **state)
{
    static const char first[] =
        "alert tcp any any -> any any (msg:\"a\"; content:\"first\"; "
        "flowbits:set,zero; flowbits:set,seen; flowbits:noalert; sid:2;)\n";
    static const char second[] =
        "alert tcp any any -> any any (msg:\"b\"; content:\"second\"; "
        "flowbits:isset,seen; flowbits:isnotset,other; sid:1;)\n";
    struct judge_fixture f;

    (void)state;
    fixture_init(&f, first);
    fixture_send(&f, FLOW_ORIGINATOR, bytes_of_text("first"));
    struct signature *other = signature_new();
    signature_load_text(other, "b.rules", bytes_of_text(second));
    signature_compile(other);
    signature_state_replace(f.state, other);
    signature_free(f.set);
    f.set = other;
    assert_int_equal(
        fixture_send(&f, FLOW_ORIGINATOR, bytes_of_text("second")), 1);
    fixture_clear(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_packet_alerts_once),
        cmocka_unit_test(the_other_side_is_not_meant),
        cmocka_unit_test(split_at_every_byte),
        cmocka_unit_test(byte_by_byte),
        cmocka_unit_test(at_every_place_of_a_stream),
        cmocka_unit_test(nothing_spans_a_gap),
        cmocka_unit_test(alerts_once_in_a_chunk),
        cmocka_unit_test(absence_waits_for_the_end),
        cmocka_unit_test(packet_rules_see_packets_alone),
        cmocka_unit_test(passing_takes_the_flow_out),
        cmocka_unit_test(bits_go_from_rule_to_rule),
        cmocka_unit_test(a_reload_keeps_bits),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
