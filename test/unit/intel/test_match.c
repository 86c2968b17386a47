/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "base/writer.h"
#include "detect/intel/intel.h"
#include "test.h"

enum { DAY_S = 86400 };

struct fixture {
    struct intel *intel;
    struct intel_state *state;
    struct arena arena;
    struct event_list events;
    struct writer out;
};

static void fixture_open(struct fixture *f, const char *text)
{
    memset(f, 0, sizeof *f);
    f->intel = intel_new((struct hash_key){ 5, 6 });
    intel_load_text(f->intel, "src", bytes_of_text(text));
    intel_build(f->intel);
    if (intel_refusal_count(f->intel) > 0)
        fail_msg("%s", intel_refusal(f->intel, 0)->reason);
    f->state = intel_state_new(f->intel);
    arena_init(&f->arena);
    writer_init(&f->out, 1 << 16);
}

static void fixture_close(struct fixture *f)
{
    intel_state_free(f->state);
    intel_free(f->intel);
    arena_clear(&f->arena);
    writer_clear(&f->out);
}

/* From 192.168.1.2 here to 198.51.100.7 outside, `seconds` after 1970. */
static struct event *event_of(struct fixture *f, enum event_type type,
                              int64_t seconds)
{
    event_list_init(&f->events, &f->arena);
    struct event *event = event_new(&f->events, type);

    event->context = (struct event_context){
        .time_ns = seconds * 1000000000, .has_ip = true,
        .source = ip_of_v4(0xc0a80102), .destination = ip_of_v4(0xc6336407),
        .source_local = true, .has_ports = true, .source_port = 50000,
        .destination_port = 443, .protocol = 6,
    };
    return event;
}

/* "name warning source|..." of each alert. */
static const char *alerts_of(struct fixture *f, const struct event *event)
{
    struct alert_list alerts;

    alert_list_init(&alerts, &f->arena);
    intel_match(f->state, event, &alerts);
    writer_reset(&f->out);
    for (size_t i = 0; i < alerts.count; i++) {
        const struct alert *alert = &alerts.alerts[i];
        writer_bytes(&f->out, alert->group);
        writer_format(&f->out, " %s %s|", severity_name(alert->severity),
                      alert->subject == SUBJECT_SOURCE ? "source"
                                                       : "destination");
    }
    return writer_as_text(&f->out);
}

static const char *dns(struct fixture *f, const char *name)
{
    struct event *event = event_of(f, EVENT_DNS, 1000 * DAY_S);

    event_set_text(event, FIELD_DNS_QUERY_NAME, bytes_of_text(name));
    return alerts_of(f, event);
}

static void names_match_on_label_boundaries(void **state)
{
    (void)state;
    struct fixture f;

    fixture_open(&f, "exact.example\n*.below.example\n");
    assert_string_equal(dns(&f, "exact.example"),
                        "exact.example notice source|");
    assert_string_equal(dns(&f, "EXACT.Example."),
                        "exact.example notice source|");
    assert_string_equal(dns(&f, "www.exact.example"), "");
    assert_string_equal(dns(&f, "inexact.example"), "");
    assert_string_equal(dns(&f, "below.example"),
                        "below.example notice source|");
    assert_string_equal(dns(&f, "a.b.below.example"),
                        "below.example notice source|");
    assert_string_equal(dns(&f, "notbelow.example"), "");
    assert_string_equal(dns(&f, "example"), "");
    fixture_close(&f);
}

static const char *flow(struct fixture *f, bool answered, bool inbound)
{
    struct event *event = event_of(f, EVENT_FLOW, 1000 * DAY_S);
    struct event_context *context = &event->context;

    event_set_flag(event, FIELD_FLOW_ANSWERED, answered);
    if (inbound) {
        struct ip kept = context->source;
        context->source = context->destination;
        context->destination = kept;
        context->source_local = false;
        context->destination_local = true;
    }
    return alerts_of(f, event);
}

static void an_address_is_as_bad_as_what_was_done(void **state)
{
    (void)state;
    struct fixture f;

    fixture_open(&f, "value,confidence\n198.51.100.7,90\n");
    assert_string_equal(flow(&f, true, false), "198.51.100.7 urgent source|");
    assert_string_equal(flow(&f, false, false),
                        "198.51.100.7 warning source|");
    assert_string_equal(flow(&f, false, true),
                        "198.51.100.7 notice destination|");
    assert_string_equal(flow(&f, true, true),
                        "198.51.100.7 urgent destination|");
    fixture_close(&f);
    fixture_open(&f, "value,confidence\n198.51.100.7,10\n");
    assert_string_equal(flow(&f, true, false), "198.51.100.7 notice source|");
    fixture_close(&f);
    fixture_open(&f, "value,labels\n198.51.100.7,anonymizer\n");
    assert_string_equal(flow(&f, true, false), "198.51.100.7 notice source|");
    fixture_close(&f);
    /* Our own addresses on a list are the list's fault. */
    fixture_open(&f, "192.168.0.0/16\n198.51.100.0/24\n198.51.100.7:443\n"
                     "198.51.100.7:80\n");
    assert_string_equal(flow(&f, true, false),
                        "198.51.100.7:443 warning source|"
                        "198.51.100.0/24 warning source|");
    fixture_close(&f);
}

static void what_is_not_in_force_says_nothing(void **state)
{
    (void)state;
    static const struct {
        int64_t seconds;
        const char *alerts;
    } times[] = {
        { 1577836799, "" },
        { 1577836800, "198.51.100.7 warning source|" },
        { 1609459199, "198.51.100.7 warning source|" },
        { 1609459200, "" },
    };
    struct fixture f;

    fixture_open(&f, "value,valid_from,valid_until\n"
                     "198.51.100.7,2020-01-01,2021-01-01\n");
    for (size_t i = 0; i < COUNT_OF(times); i++) {
        struct event *event = event_of(&f, EVENT_FLOW, times[i].seconds);
        event_set_flag(event, FIELD_FLOW_ANSWERED, true);
        assert_string_equal(alerts_of(&f, event), times[i].alerts);
    }
    fixture_close(&f);
}

static const char *pattern_of(char bundle[2048], const char *pattern)
{
    (void)snprintf(bundle, 2048,
                   "{\"type\":\"bundle\",\"objects\":[{\"type\":\"indicator\","
                   "\"id\":\"indicator--10c22599-9e58-4da4-96ac-7051603fa951"
                   "\",\"pattern_type\":\"stix\",\"valid_from\":"
                   "\"1970-01-01T00:00:00Z\",\"pattern\":\"%s\"}]}",
                   pattern);
    return bundle;
}

static bool fires(struct fixture *f, int64_t seconds, uint16_t port)
{
    struct event *event = event_of(f, EVENT_FLOW, seconds);

    event->context.destination_port = port;
    event_set_flag(event, FIELD_FLOW_ANSWERED, true);
    return alerts_of(f, event)[0] != 0;
}

static void patterns_hold_for_one_object_of_one_event(void **state)
{
    (void)state;
    struct fixture f;
    char bundle[2048];

    fixture_open(&f, pattern_of(bundle, "[network-traffic:dst_ref.value = "
                                        "'198.51.100.7/32' AND "
                                        "network-traffic:dst_port IN (80, "
                                        "443)]"));
    assert_true(fires(&f, 1000, 443));
    assert_false(fires(&f, 1000, 444));
    fixture_close(&f);
    fixture_open(&f, pattern_of(bundle, "[network-traffic:dst_port > 1000 "
                                        "AND network-traffic:protocols[*] = "
                                        "'tcp']"));
    assert_true(fires(&f, 1000, 1001));
    assert_false(fires(&f, 1000, 1000));
    fixture_close(&f);
    /* The addresses of a flow are two objects. */
    fixture_open(&f, pattern_of(bundle, "[ipv4-addr:value = '198.51.100.7' "
                                        "AND ipv4-addr:value = "
                                        "'192.168.1.2']"));
    assert_false(fires(&f, 1000, 443));
    fixture_close(&f);
}

static void patterns_over_time_remember_per_host(void **state)
{
    (void)state;
    struct fixture f;
    char bundle[2048];

    fixture_open(&f, pattern_of(bundle, "[network-traffic:dst_port = 1] "
                                        "FOLLOWEDBY [network-traffic:dst_port"
                                        " = 2] WITHIN 9 SECONDS"));
    assert_false(fires(&f, 100, 2));
    assert_false(fires(&f, 101, 1));
    assert_true(fires(&f, 102, 2));
    assert_false(fires(&f, 103, 2)); /* That 1 was used. */
    fixture_close(&f);
    fixture_open(&f, pattern_of(bundle, "[network-traffic:dst_port = 1] "
                                        "REPEATS 3 TIMES WITHIN 10 SECONDS"));
    assert_false(fires(&f, 100, 1));
    assert_false(fires(&f, 105, 1));
    assert_false(fires(&f, 111, 1));
    assert_true(fires(&f, 112, 1));
    struct event *other = event_of(&f, EVENT_FLOW, 113);
    other->context.destination_port = 1;
    other->context.source = ip_of_v4(0xc0a80103);
    assert_string_equal(alerts_of(&f, other), "");
    fixture_close(&f);
}

static void a_hit_brings_who_said_it_and_how_sure(void **state)
{
    (void)state;
    struct fixture f;
    struct alert_list alerts;

    fixture_open(&f, "value,valid_from,confidence,labels\n"
                     "evil.example,2020-01-01,80,c2\n");
    struct event *event = event_of(&f, EVENT_TLS, 1600000000);
    event_set_literal(event, FIELD_TLS_SNI, "evil.example");
    alert_list_init(&alerts, &f.arena);
    intel_match(f.state, event, &alerts);
    assert_int_equal(alerts.count, 1);
    const struct alert *alert = alerts.alerts;
    for (size_t i = 0; i < alert->fact_count; i++) {
        writer_format(&f.out, "%s=", alert->facts[i].name);
        writer_bytes(&f.out, alert->facts[i].value);
        writer_byte(&f.out, '|');
    }
    assert_string_equal(writer_as_text(&f.out),
                        "indicator=evil.example|kind=name|source=src|"
                        "confidence=80|"
                        "valid_from=2020-01-01T00:00:00.000000+0000|"
                        "labels=c2|");
    assert_string_equal(alert->detection->harm, "malicious-code/c2-server");
    assert_int_equal(alert->detection->language, LANGUAGE_INDICATOR);
    fixture_close(&f);
}

/* A vulnerability that is known to be exploited makes a hit worse. */
static void known_exploitation_ranks(void **state)
{
    (void)state;
    struct fixture f;

    fixture_open(&f, "value,labels\n198.51.100.7,exploit CVE-2024-8068\n");
    assert_string_equal(flow(&f, true, false),
                        "198.51.100.7 warning source|");
    fixture_close(&f);
    fixture_open(&f, "value,labels\n198.51.100.7,exploit CVE-2024-8068\n");
    intel_free(f.intel);
    intel_state_free(f.state);
    f.intel = intel_new((struct hash_key){ 5, 6 });
    intel_load_text(f.intel, "kev",
                    bytes_of_text("cveID,dateAdded\n"
                                  "CVE-2024-8068,2025-08-25\n"));
    intel_load_text(f.intel, "list",
                    bytes_of_text("value,labels\n"
                                  "198.51.100.7,exploit CVE-2024-8068\n"));
    intel_build(f.intel);
    f.state = intel_state_new(f.intel);
    assert_string_equal(flow(&f, true, false), "198.51.100.7 urgent source|");
    fixture_close(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_match_on_label_boundaries),
        cmocka_unit_test(an_address_is_as_bad_as_what_was_done),
        cmocka_unit_test(what_is_not_in_force_says_nothing),
        cmocka_unit_test(patterns_hold_for_one_object_of_one_event),
        cmocka_unit_test(patterns_over_time_remember_per_host),
        cmocka_unit_test(a_hit_brings_who_said_it_and_how_sure),
        cmocka_unit_test(known_exploitation_ranks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
