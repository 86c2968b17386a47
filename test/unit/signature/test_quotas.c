/* SPDX-License-Identifier: Apache-2.0 */
#include "judge_fixture.h"

/* Packets at these seconds, and which of them alert ("+") or not ("-"). */
struct vector {
    const char *options;
    int seconds[8];
    const char *alerts;
    const char *reason;
};

static void counts_as_documented(void **state)
{
    static const struct vector vectors[] = {
        { "threshold:type limit, track by_src, count 2, seconds 60;",
          { 0, 1, 2, 3, 61, 62, 63, 64 }, "++--++--",
          "two a minute, and the minute is over at 61" },
        { "threshold:type threshold, track by_src, count 3, seconds 60;",
          { 0, 1, 2, 3, 4, 5, 6, 7 }, "--+--+--", "every third" },
        { "threshold:type both, track by_src, count 3, seconds 60;",
          { 0, 1, 2, 3, 4, 5, 6, 7 }, "--+-----", "once, at the third" },
        { "detection_filter:track by_src, count 3, seconds 60;",
          { 0, 1, 2, 3, 4, 5, 6, 7 }, "---+++++", "after the third" },
        { "threshold:type threshold, track by_src, count 3, seconds 10;",
          { 0, 1, 20, 21, 40, 41, 42, 43 }, "------+-",
          "counting begins anew when the time is over" },
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(vectors); i++) {
        struct judge_fixture f;
        char rule[512];
        char got[9] = { 0 };
        snprintf(rule, sizeof rule,
                 "alert udp any any -> any any (msg:\"t\"; "
                 "content:\"knock\"; %s sid:1;)\n",
                 vectors[i].options);
        fixture_init(&f, rule);
        f.flow.protocol = IP_PROTOCOL_UDP;
        for (size_t k = 0; k < 8; k++) {
            f.now_ns = (1000 + vectors[i].seconds[k]) * INT64_C(1000000000);
            got[k] = fixture_send(&f, FLOW_ORIGINATOR,
                                  bytes_of_text("knock")) == 1
                         ? '+'
                         : '-';
        }
        if (strcmp(got, vectors[i].alerts) != 0)
            fail_msg("%s: %s, not %s: %s", vectors[i].options, got,
                     vectors[i].alerts, vectors[i].reason);
        fixture_clear(&f);
    }
}

static void each_source_has_its_own(void **state)
{
    struct judge_fixture f;

    (void)state;
    fixture_init(&f, "alert udp any any -> any any (msg:\"t\"; "
                     "content:\"knock\"; threshold:type limit, track "
                     "by_src, count 1, seconds 60; sid:1;)\n");
    f.flow.protocol = IP_PROTOCOL_UDP;
    assert_int_equal(
        fixture_send(&f, FLOW_ORIGINATOR, bytes_of_text("knock")), 1);
    assert_int_equal(
        fixture_send(&f, FLOW_ORIGINATOR, bytes_of_text("knock")), 0);
    assert_int_equal(
        fixture_send(&f, FLOW_RESPONDER, bytes_of_text("knock")), 1);
    fixture_clear(&f);
}

static void hosts_keep_bits_from_flow_to_flow(void **state)
{
    static const char rules[] =
        "alert udp any any -> any any (msg:\"a\"; content:\"first\"; "
        "xbits:set,seen,track ip_src,expire 10; noalert; sid:1;)\n"
        "alert udp any any -> any any (msg:\"b\"; content:\"second\"; "
        "xbits:isset,seen,track ip_src; sid:2;)\n";
    struct judge_fixture f;

    (void)state;
    fixture_init(&f, rules);
    f.flow.protocol = IP_PROTOCOL_UDP;
    fixture_send(&f, FLOW_ORIGINATOR, bytes_of_text("first"));
    f.flow.number = 2;
    f.flow.port[0] = 40001;
    assert_int_equal(
        fixture_send(&f, FLOW_ORIGINATOR, bytes_of_text("second")), 1);
    assert_int_equal(
        fixture_send(&f, FLOW_RESPONDER, bytes_of_text("second")), 0);
    f.now_ns += INT64_C(11) * 1000000000;
    assert_int_equal(
        fixture_send(&f, FLOW_ORIGINATOR, bytes_of_text("second")), 0);
    fixture_clear(&f);
}

static void addresses_once_for_each_side(void **state)
{
    struct judge_fixture f;

    (void)state;
    fixture_init(&f, "alert ip [192.0.2.0/28,203.0.113.9] any -> any any "
                     "(msg:\"t\"; sid:1;)\n"
                     "alert ip any any -> 198.51.100.7 any (msg:\"u\"; "
                     "sid:2;)\n");
    assert_int_equal(fixture_send(&f, FLOW_ORIGINATOR, bytes_of_text("x")),
                     2);
    assert_int_equal(fixture_send(&f, FLOW_ORIGINATOR, bytes_of_text("x")),
                     0);
    assert_int_equal(fixture_send(&f, FLOW_RESPONDER, bytes_of_text("x")),
                     0);
    fixture_clear(&f);
}

/* A value is new once; another rule asks for it later. */
static void values_are_added_to_a_set(void **state)
{
    static const char rules[] =
        "alert dns any any -> any any (msg:\"a\"; dns.query; "
        "dataset:set,seen,type string; sid:1;)\n"
        "alert dns any any -> any any (msg:\"b\"; dns.query; "
        "content:\"ask\"; dataset:isset,seen,type string; sid:2;)\n";
    static const size_t expected[] = { 1, 0, 2, 1 };
    static const char *const names[] = { "one", "one", "ask", "ask" };
    struct judge_fixture f;

    (void)state;
    fixture_init(&f, rules);
    f.flow.protocol = IP_PROTOCOL_UDP;
    f.input.application = "dns";
    for (uint32_t i = 0; i < COUNT_OF(names); i++) {
        view_add_text(&f.views, VIEW_DNS_QUERY, FLOW_ORIGINATOR, i,
                      bytes_of_text(names[i]));
        view_end(&f.views, FLOW_ORIGINATOR, i);
        assert_int_equal(fixture_views(&f, FLOW_ORIGINATOR), expected[i]);
    }
    fixture_clear(&f);
}

static void counters_of_a_flow(void **state)
{
    static const char rules[] =
        "alert udp any any -> any any (msg:\"n\"; content:\"fail\"; "
        "flowint:tries,+,1; noalert; sid:1;)\n"
        "alert udp any any -> any any (msg:\"i\"; content:\"fail\"; "
        "flowint:tries,isnotset; flowint:tries,=,0; noalert; sid:2;)\n"
        "alert udp any any -> any any (msg:\"a\"; content:\"fail\"; "
        "flowint:tries,>,2; sid:3;)\n";
    struct judge_fixture f;
    size_t alerts = 0;

    (void)state;
    fixture_init(&f, rules);
    f.flow.protocol = IP_PROTOCOL_UDP;
    for (int i = 0; i < 6; i++)
        alerts += fixture_send(&f, FLOW_ORIGINATOR, bytes_of_text("fail"));
    assert_true(alerts >= 2);
    assert_true(alerts <= 4);
    assert_int_equal(f.last_sid, 3);
    fixture_clear(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(counts_as_documented),
        cmocka_unit_test(each_source_has_its_own),
        cmocka_unit_test(hosts_keep_bits_from_flow_to_flow),
        cmocka_unit_test(addresses_once_for_each_side),
        cmocka_unit_test(values_are_added_to_a_set),
        cmocka_unit_test(counters_of_a_flow),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
