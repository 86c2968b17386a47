/* SPDX-License-Identifier: Apache-2.0 */
#include "finding/finding.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/check.h"
#include "capture_fake.h"
#include "test.h"

/* A detection about logins with everything that makes a finding. */
struct fixture {
    struct arena arena;
    struct event_list events;
    struct evidence_store *store;
    struct text_catalogue *texts;
    struct finding_table *table;
    struct detection detection;
    struct finding_subject subject;
    uint8_t data[16];
};

static void catalogue_load(struct fixture *f, const char *json)
{
    char path[] = "/tmp/texts-XXXXXX";
    struct failure failure;
    int file = mkstemp(path);

    check(file >= 0);
    check(write(file, json, strlen(json)) == (ssize_t)strlen(json));
    check(close(file) == 0);
    check(text_catalogue_load(path, &f->texts, &failure) == 0);
    check(unlink(path) == 0);
}

static void fixture_open(struct fixture *f, const char *json, uint64_t key)
{
    memset(f, 0, sizeof *f);
    arena_init(&f->arena);
    event_list_init(&f->events, &f->arena);
    f->store = evidence_store_new(EVIDENCE_BYTES_MAX);
    if (json)
        catalogue_load(f, json);
    struct finding_options options = {
        .key = { key, key }, .store = f->store, .texts = f->texts,
    };
    f->table = finding_table_new(&options);
    f->detection = (struct detection){
        .id = "rule-1", .version = "0011223344556677",
        .title = "A \x1b[31mtitle", .text_key = "key",
    };
    f->subject = (struct finding_subject){
        .device = "mac-1", .address = ip_of_v4(0xc0000207),
        .has_address = true,
    };
}

static void fixture_close(struct fixture *f)
{
    finding_table_free(f->table);
    struct evidence_counters counters;
    evidence_read_counters(f->store, &counters);
    assert_int_equal(counters.bytes, 0); /* Every reference was given back. */
    evidence_store_free(f->store);
    text_catalogue_free(f->texts);
    arena_clear(&f->arena);
}

static struct event *login(struct fixture *f, int64_t time_ns)
{
    struct event *event = event_new(&f->events, EVENT_LOGIN);

    if (!event) {
        event_list_init(&f->events, &f->arena);
        event = event_new(&f->events, EVENT_LOGIN);
    }
    event->context.time_ns = time_ns;
    event->context.has_ip = true;
    event->context.source = ip_of_v4(0xc0000207);
    event->context.destination = ip_of_v4(0xc6336401);
    return event;
}

static struct alert alert_of(struct fixture *f, const struct event *event,
                             uint64_t frames)
{
    struct alert alert = {
        .detection = &f->detection,
        .event = event,
        .count = 1,
        .first_ns = event->context.time_ns,
    };

    for (uint64_t i = 0; i < frames; i++) {
        struct frame frame = {
            .data = bytes_of(f->data, sizeof f->data),
            .mark = { .number = (uint64_t)event->context.time_ns + i },
        };
        alert.evidence[alert.evidence_count++] =
            evidence_keep(f->store, &frame);
    }
    return alert;
}

static const struct finding *add(struct fixture *f, int64_t time_ns,
                                 uint64_t frames)
{
    struct alert alert = alert_of(f, login(f, time_ns), frames);
    bool is_new;

    return finding_add(f->table, &alert, &f->subject, NULL, &is_new);
}

/* The id of the first finding of a table after one change. */
typedef void change_function(struct fixture *f, struct alert *alert,
                             struct event *event);

static void id_after(change_function *change, uint64_t key,
                     char id[FINDING_ID_SIZE])
{
    struct fixture f;
    bool is_new;

    fixture_open(&f, NULL, key);
    struct event *event = login(&f, 1000);
    if (change == NULL) {
        struct alert alert = alert_of(&f, event, 2);
        memcpy(id, finding_add(f.table, &alert, &f.subject, NULL, &is_new)->id,
               FINDING_ID_SIZE);
    } else {
        struct alert alert = { 0 };
        change(&f, &alert, event);
        struct alert made = alert_of(&f, event, 2);
        made.group = alert.group;
        if (alert.first_ns)
            made.first_ns = alert.first_ns;
        memcpy(id, finding_add(f.table, &made, &f.subject, NULL, &is_new)->id,
               FINDING_ID_SIZE);
    }
    assert_true(is_new);
    fixture_close(&f);
}

static void change_rule(struct fixture *f, struct alert *a, struct event *e)
{
    (void)a;
    (void)e;
    f->detection.id = "rule-2";
}

static void change_version(struct fixture *f, struct alert *a, struct event *e)
{
    (void)a;
    (void)e;
    f->detection.version = "0011223344556678";
}

static void change_device(struct fixture *f, struct alert *a, struct event *e)
{
    (void)a;
    (void)e;
    f->subject.device = "mac-2";
}

static void change_to_address(struct fixture *f, struct alert *a,
                              struct event *e)
{
    (void)a;
    (void)e;
    f->subject.device = NULL;
}

static void change_group(struct fixture *f, struct alert *a, struct event *e)
{
    (void)f;
    (void)e;
    a->group = bytes_of_text("port 23");
}

static void change_time(struct fixture *f, struct alert *a, struct event *e)
{
    (void)f;
    (void)e;
    a->first_ns = 999;
}

static void change_frame(struct fixture *f, struct alert *a, struct event *e)
{
    (void)a;
    (void)e;
    f->data[15] ^= 1;
}

static void ids_depend_on_each_part_and_on_nothing_else(void **state)
{
    (void)state;
    static change_function *const changes[] = {
        change_rule,  change_version, change_device, change_to_address,
        change_group, change_time,    change_frame,
    };
    char id[COUNT_OF(changes) + 1][FINDING_ID_SIZE];
    char again[FINDING_ID_SIZE];

    id_after(NULL, 1, id[0]);
    id_after(NULL, 77, again); /* Another hash key. */
    assert_string_equal(id[0], again);
    assert_int_equal(strlen(again), FINDING_ID_SIZE - 1);
    assert_int_equal(again[0], 'f');
    for (size_t i = 0; i < COUNT_OF(changes); i++) {
        id_after(changes[i], 1, id[i + 1]);
        for (size_t j = 0; j <= i; j++)
            assert_string_not_equal(id[i + 1], id[j]);
    }
}

static void alerts_of_one_host_and_group_grow_one_finding(void **state)
{
    (void)state;
    struct fixture f;

    fixture_open(&f, NULL, 1);
    const struct finding *first = add(&f, 1000, 1);
    char id[FINDING_ID_SIZE];
    memcpy(id, first->id, sizeof id);
    assert_int_equal(first->count, 1);
    assert_ptr_equal(add(&f, 3000, 1), first);
    assert_ptr_equal(add(&f, 2000, 1), first); /* Late: the end stays. */
    assert_int_equal(first->count, 3);
    assert_int_equal(first->first_ns, 1000);
    assert_int_equal(first->last_ns, 3000);
    assert_int_equal(first->evidence_count, 3);
    assert_string_equal(first->id, id);
    assert_true(ip_equal(first->peer, ip_of_v4(0xc6336401)));
    f.subject.device = "mac-9";
    assert_ptr_not_equal(add(&f, 1000, 0), first);
    f.subject.device = NULL; /* A remote host, by address. */
    const struct finding *remote = add(&f, 1000, 0);
    f.subject.address = ip_of_v4(1);
    assert_ptr_not_equal(add(&f, 1000, 0), remote);
    assert_int_equal(finding_count(f.table), 4);
    assert_ptr_equal(finding_get(f.table, 0), first);
    fixture_close(&f);
}

static void keeps_evidence_up_to_its_limit(void **state)
{
    (void)state;
    struct fixture f;

    fixture_open(&f, NULL, 1);
    const struct finding *finding = add(&f, 100, FINDING_EVIDENCE_MAX - 1);
    assert_int_equal(finding->evidence_count, FINDING_EVIDENCE_MAX - 1);
    (void)add(&f, 1000, 1);
    assert_int_equal(finding->evidence_count, FINDING_EVIDENCE_MAX);
    (void)add(&f, 2000, 1); /* One past: dropped, not leaked. */
    assert_int_equal(finding->evidence_count, FINDING_EVIDENCE_MAX);
    fixture_close(&f);

    fixture_open(&f, NULL, 1);
    finding = add(&f, 100, 2);
    (void)add(&f, 100, 2); /* The same frames are kept once. */
    assert_int_equal(finding->evidence_count, 2);
    fixture_close(&f);
}

static void takes_frames_from_the_scene_when_the_alert_has_none(void **state)
{
    (void)state;
    struct fixture f;
    struct capture capture = { .history_end = 3 };
    const struct frame_mark marks[] = { { .number = 1 }, { .number = 2 },
                                        { .number = 3 } };
    bool is_new;

    fixture_open(&f, NULL, 1);
    struct evidence_scene scene = { .store = f.store, .capture = &capture,
                                    .marks = marks, .count = 3 };
    struct alert alert = alert_of(&f, login(&f, 5), 0);
    const struct finding *finding =
        finding_add(f.table, &alert, &f.subject, &scene, &is_new);
    assert_int_equal(finding->evidence_count, 2); /* The third was gone. */
    fixture_close(&f);
}

static void counts_findings_it_has_no_room_for(void **state)
{
    (void)state;
    struct fixture f;

    fixture_open(&f, NULL, 1);
    f.subject.device = NULL;
    for (uint32_t i = 0; i < FINDING_COUNT_MAX; i++) {
        f.subject.address = ip_of_v4(i);
        arena_reset(&f.arena);
        event_list_init(&f.events, &f.arena);
        assert_non_null(add(&f, 1, 0));
    }
    assert_int_equal(finding_refused(f.table), 0);
    f.subject.address = ip_of_v4(FINDING_COUNT_MAX);
    assert_null(add(&f, 1, 1)); /* Its frame is given back, see the end. */
    assert_int_equal(finding_refused(f.table), 1);
    fixture_close(&f);
}

static void sentences_say_what_was_measured_and_nothing_else(void **state)
{
    (void)state;
    struct fixture f;
    bool is_new;

    fixture_open(&f,
                 "{\"key\": \"{device} {login.user} {login.protocol} {peer} "
                 "{dest_port} {group} {count, plural, one {once} other {# "
                 "times}} {duration} {login.password} {no.such}\"}",
                 1);
    struct event *event = login(&f, 1000000000);
    event->context.has_ports = true;
    event->context.destination_port = 2323;
    event_set_text(event, FIELD_LOGIN_USER,
                   bytes_of_text("{peer}\x1b]0;x\x07\xe2\x80\xae#"));
    event_set_text(event, FIELD_LOGIN_PASSWORD, bytes_of_text("hunter2"));
    struct alert alert = alert_of(&f, event, 0);
    alert.group = bytes_of_text("a\nb");
    const struct finding *finding =
        finding_add(f.table, &alert, &f.subject, NULL, &is_new);
    assert_string_equal(finding->sentence,
                        "192.0.2.7 {peer}\\x1b]0;x\\x07\\u{202e}# ? "
                        "198.51.100.1 2323 a\\x0ab once less than a second "
                        "*** ?");
    event->context.time_ns = 91000000000;
    alert.count = 1500;
    (void)finding_add(f.table, &alert, &f.subject, NULL, &is_new);
    assert_false(is_new);
    assert_non_null(strstr(finding->sentence, "1,500 times 90 seconds"));
    fixture_close(&f);
}

static void facts_are_kept_printable_and_can_be_named(void **state)
{
    (void)state;
    struct fixture f;
    struct alert_list alerts;
    bool is_new;
    uint8_t large[ALERT_FACT_SIZE_MAX + 1];

    fixture_open(&f,
                 "{\"key\": \"{indicator}, says {source} {dest_ip}\"}", 1);
    memset(large, 'x', sizeof large);
    alert_list_init(&alerts, &f.arena);
    struct alert *alert = alert_list_add(&alerts, &f.detection);
    alert->event = login(&f, 5);
    assert_true(alert_add_fact(&alerts, "indicator",
                               bytes_of_text("evil\x1b.example")));
    assert_true(alert_add_fact(&alerts, "tlp", bytes_of_text("")));
    assert_true(alert_add_fact(&alerts, "source", bytes_of_text("a list")));
    for (int i = 2; i < ALERT_FACT_MAX; i++)
        assert_true(alert_add_fact(&alerts, "labels",
                                   bytes_of(large, sizeof large)));
    assert_false(alert_add_fact(&alerts, "more", bytes_of_text("x")));
    assert_int_equal(alerts.facts_dropped, 1);
    const struct finding *finding =
        finding_add(f.table, alert, &f.subject, NULL, &is_new);
    assert_int_equal(finding->fact_count, ALERT_FACT_MAX);
    assert_string_equal(finding->facts[0].name, "indicator");
    assert_string_equal(finding->facts[0].value, "evil\\x1b.example");
    assert_string_equal(finding->facts[1].value, "a list");
    assert_int_equal(strlen(finding->facts[2].value), ALERT_FACT_SIZE_MAX);
    assert_string_equal(finding->sentence,
                        "evil\\x1b.example, says a list 198.51.100.1");
    fixture_close(&f);
}

static void a_finding_has_the_worst_severity_of_its_alerts(void **state)
{
    (void)state;
    struct fixture f;
    bool is_new;

    fixture_open(&f, NULL, 1);
    struct alert alert = alert_of(&f, login(&f, 1), 0);
    const struct finding *finding =
        finding_add(f.table, &alert, &f.subject, NULL, &is_new);
    assert_int_equal(finding->severity, SEVERITY_NOTICE);
    alert.severity = SEVERITY_URGENT;
    (void)finding_add(f.table, &alert, &f.subject, NULL, &is_new);
    alert.severity = SEVERITY_WARNING;
    (void)finding_add(f.table, &alert, &f.subject, NULL, &is_new);
    assert_false(is_new);
    assert_int_equal(finding->severity, SEVERITY_URGENT);
    alert.subject = SUBJECT_DESTINATION;
    f.subject.device = "mac-2";
    finding = finding_add(f.table, &alert, &f.subject, NULL, &is_new);
    assert_true(is_new);
    assert_true(ip_equal(finding->peer, ip_of_v4(0xc0000207)));
    fixture_close(&f);
}

static void names_are_shown_and_change_no_id(void **state)
{
    (void)state;
    struct fixture f;
    char id[FINDING_ID_SIZE];

    fixture_open(&f, "{\"key\": \"{device} {peer} {dest_ip} {src_ip}\"}", 1);
    const struct finding *finding = add(&f, 1, 1);
    assert_string_equal(finding->sentence,
                        "192.0.2.7 198.51.100.1 198.51.100.1 192.0.2.7");
    memcpy(id, finding->id, sizeof id);
    (void)snprintf(f.subject.name, FINDING_NAME_SIZE, "Kitchen \x1b");
    (void)snprintf(f.subject.peer_name, FINDING_NAME_SIZE, "Hub");
    assert_string_equal(add(&f, 2, 1)->sentence,
                        "Kitchen \\x1b (192.0.2.7) Hub (198.51.100.1) "
                        "Hub (198.51.100.1) 192.0.2.7");
    assert_string_equal(finding->id, id);
    fixture_close(&f);
    fixture_open(&f, NULL, 1);
    (void)snprintf(f.subject.name, FINDING_NAME_SIZE, "Kitchen");
    assert_string_equal(add(&f, 1, 1)->id, id);
    fixture_close(&f);
}

static void only_an_estimate_is_about(void **state)
{
    (void)state;
    struct fixture f;
    bool is_new;

    fixture_open(&f,
                 "{\"key\": \"{activity.destinations} {activity.ports, "
                 "plural, one {one} other {#}} {activity.attempts}\"}",
                 1);
    struct event *event = login(&f, 1);
    event->type = EVENT_ACTIVITY;
    event_set_number(event, FIELD_ACTIVITY_DESTINATIONS, 2000);
    event_set_number(event, FIELD_ACTIVITY_PORTS, 32);
    event_set_number(event, FIELD_ACTIVITY_ATTEMPTS, 2100);
    event_set_literal(event, FIELD_ACTIVITY_ESTIMATED, "destinations");
    struct alert alert = alert_of(&f, event, 1);
    assert_string_equal(
        finding_add(f.table, &alert, &f.subject, NULL, &is_new)->sentence,
        "about 2,000 32 2,100");
    fixture_close(&f);
}

static void without_a_text_the_title_stands_escaped(void **state)
{
    (void)state;
    struct fixture f;

    fixture_open(&f, NULL, 1);
    assert_string_equal(add(&f, 1, 0)->sentence, "A \\x1b[31mtitle");
    fixture_close(&f);
    fixture_open(&f, "{\"other\": \"x\"}", 1);
    assert_string_equal(add(&f, 1, 0)->sentence, "A \\x1b[31mtitle");
    fixture_close(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ids_depend_on_each_part_and_on_nothing_else),
        cmocka_unit_test(alerts_of_one_host_and_group_grow_one_finding),
        cmocka_unit_test(keeps_evidence_up_to_its_limit),
        cmocka_unit_test(takes_frames_from_the_scene_when_the_alert_has_none),
        cmocka_unit_test(counts_findings_it_has_no_room_for),
        cmocka_unit_test(sentences_say_what_was_measured_and_nothing_else),
        cmocka_unit_test(facts_are_kept_printable_and_can_be_named),
        cmocka_unit_test(a_finding_has_the_worst_severity_of_its_alerts),
        cmocka_unit_test(names_are_shown_and_change_no_id),
        cmocka_unit_test(only_an_estimate_is_about),
        cmocka_unit_test(without_a_text_the_title_stands_escaped),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
