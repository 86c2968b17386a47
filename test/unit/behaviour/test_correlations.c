/* SPDX-License-Identifier: Apache-2.0 */
#include "sigma_fixture.h"

#define LOGIN                                               \
    "title: Failed\nname: failed\n"                         \
    "logsource: {service: login}\n"                         \
    "detection: {s: {login.result: failure}, condition: s}\n---\n" \
    "title: Succeeded\nname: succeeded\nlevel: medium\n"    \
    "logsource: {service: login}\n"                         \
    "detection: {s: {login.result: success}, condition: s}\n---\n" \
    "title: Any file\nname: fetched\n"                      \
    "logsource: {service: fileinfo}\n"                      \
    "detection: {s: {fileinfo.magic: elf}, condition: s}\n---\n"

#define COUNT(n)                                             \
    "title: Many\ncorrelation:\n  type: event_count\n"       \
    "  rules: [failed]\n  group-by: [src_ip]\n"              \
    "  timespan: 10s\n  condition: {gte: " #n "}\n"

static size_t at(struct fixture *f, int64_t time_ns, const char *result,
                 uint32_t source)
{
    struct event *event = fixture_event(f, EVENT_LOGIN);

    event->context.time_ns += time_ns;
    event->context.source = ip_of_v4(source);
    event_set_literal(event, FIELD_LOGIN_RESULT, result);
    return fixture_match(f, event, NULL);
}

static void fixture_open_good(struct fixture *f, const char *text)
{
    fixture_open(f, text);
    if (behaviour_refusal_count(f->behaviour) > 0)
        fail_msg("refused: %s", behaviour_refusal(f->behaviour, 0)->reason);
}

static void counts_events_within_the_timespan_only(void **state)
{
    (void)state;
    static const struct {
        int64_t third_ns;
        size_t alerts;
    } cases[] = {
        { 10 * SECOND - 1, 1 }, { 10 * SECOND, 1 }, { 10 * SECOND + 1, 0 },
    };

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct fixture f;
        fixture_open_good(&f, LOGIN COUNT(3));
        assert_int_equal(at(&f, 0, "failure", 1), 0);
        assert_int_equal(at(&f, 5 * SECOND, "failure", 1), 0);
        assert_int_equal(at(&f, cases[i].third_ns, "failure", 1),
                         cases[i].alerts);
        fixture_close(&f);
    }
}

static void one_less_than_the_threshold_is_not_enough(void **state)
{
    (void)state;
    struct fixture f;

    fixture_open_good(&f, LOGIN COUNT(3));
    assert_int_equal(at(&f, 0, "failure", 1), 0);
    assert_int_equal(at(&f, 1, "failure", 1), 0);
    assert_int_equal(at(&f, 2, "success", 1), 1); /* A rule of its own. */
    assert_int_equal(at(&f, 3, "failure", 2), 0); /* Another group. */
    assert_int_equal(at(&f, 4, "failure", 1), 1);
    assert_string_equal(f.alerts.alerts[0].detection->title, "Many");
    assert_int_equal(f.alerts.alerts[0].count, 3);
    assert_true(bytes_equal(f.alerts.alerts[0].group,
                            bytes_of_text("0.0.0.1")));
    assert_true(f.alerts.alerts[0].first_ns == 1700000000ll * SECOND);
    fixture_close(&f);
}

static void alerts_again_when_the_count_has_doubled(void **state)
{
    (void)state;
    struct fixture f;
    uint64_t counts[8];
    size_t alerts = 0;

    fixture_open_good(&f, LOGIN COUNT(3));
    for (int i = 0; i < 30; i++)
        if (at(&f, i * SECOND, "failure", 1) == 1)
            counts[alerts++] = f.alerts.alerts[0].count;
    assert_int_equal(alerts, 4);
    assert_int_equal(counts[0], 3);
    assert_int_equal(counts[1], 6);
    assert_int_equal(counts[2], 12);
    assert_int_equal(counts[3], 24);
    /* Quiet for more than one timespan: it begins anew. */
    assert_int_equal(at(&f, 50 * SECOND, "failure", 1), 0);
    assert_int_equal(at(&f, 51 * SECOND, "failure", 1), 0);
    assert_int_equal(at(&f, 52 * SECOND, "failure", 1), 1);
    fixture_close(&f);
}

static void large_counts_are_kept_in_steps(void **state)
{
    (void)state;
    struct fixture f;
    size_t alerts = 0;

    fixture_open_good(&f, LOGIN COUNT(5000));
    for (int i = 0; i < 4999; i++)
        alerts += at(&f, i * (SECOND / 1000), "failure", 1);
    assert_int_equal(alerts, 0);
    assert_int_equal(at(&f, 5 * SECOND, "failure", 1), 1);
    assert_int_equal(f.alerts.alerts[0].count, 5000);
    for (int i = 0; i < 5000; i++)
        alerts += at(&f, 5 * SECOND + i, "failure", 1);
    assert_int_equal(alerts, 1);
    fixture_close(&f);
}

static const char value_rule[] =
    LOGIN "title: Spray\ncorrelation:\n  type: value_count\n"
          "  rules: failed\n  group-by: src_ip\n  timespan: 1m\n"
          "  condition: {field: dest_port, gt: 2}\n";

static size_t to_port(struct fixture *f, int64_t time_ns, uint16_t port)
{
    struct event *event = fixture_event(f, EVENT_LOGIN);

    event->context.time_ns += time_ns;
    event->context.destination_port = port;
    event_set_literal(event, FIELD_LOGIN_RESULT, "failure");
    return fixture_match(f, event, NULL);
}

static void counts_distinct_values_once(void **state)
{
    (void)state;
    struct fixture f;

    fixture_open_good(&f, value_rule);
    assert_int_equal(to_port(&f, 0, 1), 0);
    assert_int_equal(to_port(&f, 1, 2), 0);
    assert_int_equal(to_port(&f, 2, 2), 0);
    assert_int_equal(to_port(&f, 3, 1), 0);
    assert_int_equal(to_port(&f, 60 * SECOND + 3, 3), 0); /* 2 is over. */
    assert_int_equal(to_port(&f, 60 * SECOND + 3, 2), 1);
    assert_int_equal(f.alerts.alerts[0].value, 3);
    assert_int_equal(f.alerts.alerts[0].count, 6);
    fixture_close(&f);
}

static void values_past_the_limit_are_counted_as_dropped(void **state)
{
    (void)state;
    struct fixture f;
    struct behaviour_counters counters;

    fixture_open_good(&f, value_rule);
    for (uint16_t port = 1; port <= 1025; port++)
        (void)to_port(&f, port, port);
    behaviour_read_counters(f.state, &counters);
    assert_int_equal(counters.values_dropped, 1);
    fixture_close(&f);
}

#define TEMPORAL(type)                                        \
    LOGIN "title: Chain\nname: chain\ncorrelation:\n  type: " #type "\n" \
          "  rules: [failed, succeeded]\n  group-by: [src_ip]\n" \
          "  timespan: 10s\n  generate: true\n"

static void temporal_takes_any_order(void **state)
{
    (void)state;
    struct fixture f;

    fixture_open_good(&f, TEMPORAL(temporal));
    assert_int_equal(at(&f, 0, "success", 1), 1);
    assert_int_equal(at(&f, 10 * SECOND + 1, "failure", 1), 1);
    assert_int_equal(at(&f, 20 * SECOND, "success", 1), 2);
    assert_string_equal(f.alerts.alerts[1].detection->title, "Chain");
    assert_int_equal(f.alerts.alerts[1].detection->severity,
                     SEVERITY_WARNING);
    fixture_close(&f);
}

static void temporal_ordered_takes_one_order(void **state)
{
    (void)state;
    struct fixture f;

    fixture_open_good(&f, TEMPORAL(temporal_ordered));
    assert_int_equal(at(&f, 0, "success", 1), 1);
    assert_int_equal(at(&f, SECOND, "failure", 1), 1);
    assert_int_equal(at(&f, 11 * SECOND + 1, "success", 1), 1);
    assert_int_equal(at(&f, 12 * SECOND, "failure", 1), 1);
    assert_int_equal(at(&f, 22 * SECOND, "success", 1), 2);
    assert_true(f.alerts.alerts[1].first_ns ==
                (1700000000ll + 12) * SECOND);
    fixture_close(&f);
}

static size_t file_at(struct fixture *f, int64_t time_ns)
{
    struct event *event = fixture_event(f, EVENT_FILE);

    event->context.time_ns += time_ns;
    event->context.destination = ip_of_v4(1);
    event_set_literal(event, FIELD_FILE_MAGIC, "elf");
    return fixture_match(f, event, NULL);
}

static const char chained[] =
    "title: Taken over\ncorrelation:\n  type: temporal_ordered\n"
    "  rules: [many, fetched]\n  group-by: [victim]\n  timespan: 1h\n"
    "  aliases:\n    victim: {many: src_ip, fetched: dest_ip}\n---\n"
    "title: Many failures\nname: many\nlevel: high\ncorrelation:\n"
    "  type: event_count\n  rules: [failed]\n  group-by: [src_ip]\n"
    "  timespan: 1m\n  condition: {eq: 2}\n---\n" LOGIN;

static void chains_correlations_through_aliases(void **state)
{
    (void)state;
    struct fixture f;

    fixture_open_good(&f, chained);
    assert_int_equal(at(&f, 0, "failure", 1), 0);
    assert_int_equal(file_at(&f, 1), 0);
    assert_int_equal(at(&f, 2, "failure", 1), 0); /* Silent, but heard. */
    assert_int_equal(file_at(&f, 3), 1);
    assert_string_equal(f.alerts.alerts[0].detection->title, "Taken over");
    assert_int_equal(f.alerts.alerts[0].detection->severity,
                     SEVERITY_URGENT);
    fixture_close(&f);
}

static void a_correlation_changes_with_what_it_refers_to(void **state)
{
    (void)state;
    static const char *const results[] = { "failure", "fail*", "failure" };
    char versions[3][17];

    for (size_t i = 0; i < 3; i++) {
        struct fixture f;
        char text[1024];
        (void)snprintf(text, sizeof text,
                       "title: Failed\nname: failed\n"
                       "logsource: {service: login}\n"
                       "detection: {s: {login.result: '%s'}, "
                       "condition: s}\n---\n%s",
                       results[i], COUNT(3));
        fixture_open_good(&f, text);
        (void)snprintf(versions[i], sizeof versions[i], "%s",
                       behaviour_detection(f.behaviour, 1)->version);
        fixture_close(&f);
    }
    assert_string_equal(versions[0], versions[2]);
    assert_string_not_equal(versions[0], versions[1]);
}

static size_t with_frame(struct fixture *f, struct capture *capture, int i)
{
    struct frame_mark mark = { .number = (uint64_t)i + 1 };
    struct evidence_scene scene = {
        .store = f->store, .capture = capture, .marks = &mark, .count = 1
    };
    struct event *event = fixture_event(f, EVENT_LOGIN);

    event->context.time_ns += i;
    event_set_literal(event, FIELD_LOGIN_RESULT, "failure");
    return fixture_match(f, event, &scene);
}

static void an_alert_brings_the_frames_that_led_to_it(void **state)
{
    (void)state;
    struct fixture f;
    struct capture capture = { .history_end = UINT64_MAX };
    struct evidence_counters counters;
    struct frame frame;

    fixture_open_good(&f, LOGIN COUNT(100));
    for (int i = 0; i < 99; i++)
        assert_int_equal(with_frame(&f, &capture, i), 0);
    capture.history_end = 0; /* The history has moved on. */
    assert_int_equal(with_frame(&f, &capture, 99), 1);
    struct alert alert = f.alerts.alerts[0];
    assert_int_equal(alert.count, 100);
    assert_int_equal(alert.evidence_count, ALERT_EVIDENCE_MAX);
    evidence_read(f.store, alert.evidence[0], &frame);
    assert_int_equal(frame.mark.number, 1);
    evidence_read(f.store, alert.evidence[63], &frame);
    assert_int_equal(frame.mark.number, 99);
    behaviour_state_free(f.state);
    f.state = NULL;
    for (size_t i = 0; i < alert.evidence_count; i++)
        evidence_drop(f.store, alert.evidence[i]);
    evidence_read_counters(f.store, &counters);
    assert_int_equal(counters.bytes, 0);
    fixture_close(&f);
}

static void a_plain_alert_brings_its_scene(void **state)
{
    (void)state;
    struct fixture f;
    struct capture capture = { .history_end = UINT64_MAX };

    fixture_open_good(&f, LOGIN);
    assert_int_equal(with_frame(&f, &capture, 0), 1);
    assert_int_equal(f.alerts.alerts[0].evidence_count, 1);
    assert_int_equal(f.alerts.alerts[0].count, 1);
    fixture_close(&f);
}

static void the_group_quiet_longest_is_forgotten_first(void **state)
{
    (void)state;
    struct fixture f;
    struct behaviour_counters counters;

    fixture_open_good(&f, LOGIN COUNT(2));
    for (uint32_t source = 0; source < 16384; source++)
        (void)at(&f, source, "failure", source);
    behaviour_read_counters(f.state, &counters);
    assert_int_equal(counters.groups_evicted, 0);
    assert_int_equal(at(&f, 20000, "failure", 16384), 0);
    behaviour_read_counters(f.state, &counters);
    assert_int_equal(counters.groups_evicted, 1);
    assert_int_equal(at(&f, 20001, "failure", 1), 1);
    assert_int_equal(at(&f, 20002, "failure", 0), 0);
    fixture_close(&f);
}

static void events_without_the_field_are_not_grouped(void **state)
{
    (void)state;
    struct fixture f;
    struct behaviour_counters counters;

    fixture_open_good(&f, LOGIN COUNT(1));
    struct event *event = fixture_event(&f, EVENT_LOGIN);
    event->context.has_ip = false;
    event_set_literal(event, FIELD_LOGIN_RESULT, "failure");
    assert_int_equal(fixture_match(&f, event, NULL), 0);
    behaviour_read_counters(f.state, &counters);
    assert_int_equal(counters.events_ungrouped, 1);
    fixture_close(&f);
}

#define WITH(lines) \
    LOGIN "title: C\ncorrelation:\n  rules: [failed]\n  timespan: 1m\n" lines

static const struct {
    const char *rules;
    unsigned line;
    const char *reason;
} refusals[] = {
    { WITH("  type: value_sum\n"), 21, "value_sum" },
    { WITH("  type: event_count\n"), 19, "needs a condition" },
    { WITH("  type: event_count\n  condition: {lt: 5}\n"), 22, "rare" },
    { WITH("  type: event_count\n  condition: {gt: 5, lt: 6}\n"), 22,
      "no count" },
    { WITH("  type: event_count\n  condition: {get: 5}\n"), 22, "\"gt\"?" },
    { WITH("  type: event_count\n  condition: {gte: 1}\n  groupby: a\n"), 23,
      "group-by" },
    { WITH("  type: value_count\n  condition: {gte: 5}\n"), 22, "field" },
    { WITH("  type: value_count\n  condition: {gte: 1025, "
           "field: src_ip}\n"), 22, "1024" },
    { WITH("  type: event_count\n  condition: {gte: 1}\n"
           "  group-by: [src_pi]\n"), 19, "src_ip" },
    { LOGIN "title: C\ncorrelation:\n  rules: [nobody]\n  timespan: 1m\n"
            "  type: temporal\n", 19, "\"nobody\"" },
    { LOGIN "title: C\ncorrelation:\n  rules: [failed]\n  timespan: 1w\n"
            "  type: temporal\n", 20, "s, m, h or d" },
    { LOGIN "title: C\ncorrelation:\n  rules: [failed, failed]\n"
            "  timespan: 1s\n  type: temporal\n", 19, "twice" },
    { LOGIN "title: C\nname: c\ncorrelation:\n  rules: [c]\n"
            "  timespan: 1s\n  type: temporal\n", 20, "circle" },
};

static void refuses_with_line_and_reason(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(refusals); i++) {
        struct fixture f;
        fixture_open(&f, refusals[i].rules);
        assert_int_equal(behaviour_refusal_count(f.behaviour), 1);
        const struct behaviour_refusal *r =
            behaviour_refusal(f.behaviour, 0);
        if (r->line != refusals[i].line ||
            !strstr(r->reason, refusals[i].reason))
            fail_msg("%zu: line %u: %s", i, r->line, r->reason);
        assert_int_equal(behaviour_detection_count(f.behaviour), 3);
        /* What a refused correlation named speaks for itself again. */
        assert_int_equal(at(&f, 0, "failure", 1), 1);
        fixture_close(&f);
    }
}

static void asks_for_unanswered_flows_only_when_one_can_match(void **state)
{
    (void)state;
    struct fixture f;

    if (event_field_find(EVENT_FLOW, bytes_of_text("flow.state")) ==
        FIELD_COUNT) {
        print_message("# flow events have no field flow.state yet\n");
        return;
    }
    static const struct {
        const char *search;
        bool wants;
    } cases[] = {
        { "{flow.state: new}", true },
        { "{flow.state: [closed, established]}", false },
        { "{dest_port: 23}", true },
        { "{flow.answered: true, dest_port: 23}", false },
        { "{flow.state|neq: new}", false },
        { "[{flow.answered: true}, {dest_port: 23}]", true },
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        char text[256];
        (void)snprintf(text, sizeof text,
                       "title: A\nlogsource: {service: conn}\n"
                       "detection:\n  s: %s\n  condition: s\n",
                       cases[i].search);
        fixture_open_good(&f, text);
        assert_int_equal(behaviour_wants_unanswered(f.behaviour),
                         cases[i].wants);
        fixture_close(&f);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(counts_events_within_the_timespan_only),
        cmocka_unit_test(one_less_than_the_threshold_is_not_enough),
        cmocka_unit_test(alerts_again_when_the_count_has_doubled),
        cmocka_unit_test(large_counts_are_kept_in_steps),
        cmocka_unit_test(counts_distinct_values_once),
        cmocka_unit_test(values_past_the_limit_are_counted_as_dropped),
        cmocka_unit_test(temporal_takes_any_order),
        cmocka_unit_test(temporal_ordered_takes_one_order),
        cmocka_unit_test(chains_correlations_through_aliases),
        cmocka_unit_test(a_correlation_changes_with_what_it_refers_to),
        cmocka_unit_test(an_alert_brings_the_frames_that_led_to_it),
        cmocka_unit_test(a_plain_alert_brings_its_scene),
        cmocka_unit_test(the_group_quiet_longest_is_forgotten_first),
        cmocka_unit_test(events_without_the_field_are_not_grouped),
        cmocka_unit_test(refuses_with_line_and_reason),
        cmocka_unit_test(asks_for_unanswered_flows_only_when_one_can_match),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
