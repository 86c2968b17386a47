/* SPDX-License-Identifier: Apache-2.0 */
#include "report/report.h"

#include <jansson.h>
#include <string.h>

#include "base/text.h"
#include "test.h"

static const struct detection detection = {
    .id = "rule-1", .version = "00", .name = "telnet-scan", .title = "Scan",
    .harm = "information-gathering/scanner", .role = "owner",
    .severity = SEVERITY_URGENT,
};

/* A run with one device and one finding about it. */
static struct ledger *ledger_of_one(void)
{
    static char sentence[] = "192.168.1.10 said \\x1b[31m \"quoted\".";
    struct ledger *ledger;
    struct failure failure;
    struct evidence_store *store = evidence_store_new(1 << 20);
    const struct ledger_run run = { "a.pcap", "tenet 1" };
    struct device_claim name = { DEVICE_CLAIM_NAME, "dhcp",
                                 "cam\\x1b \"7\"", 1, 2 };
    struct device device = {
        .id = "mac-1", .mac = { { 2, 0, 0, 0, 0, 1 } }, .has_mac = true,
        .claims = &name, .claim_count = 1, .address_count = 1,
        .addresses = { { ip_of_v4(0xc0a8010a), 1, 2 } },
    };
    static const struct finding_fact fact = { "valid_from", "a \"day\"" };
    struct finding finding = {
        .id = "f00112233445566778899aabbccddeeff", .detection = &detection,
        .severity = SEVERITY_URGENT, .facts = &fact, .fact_count = 1,
        .subject = { .device = "mac-1" }, .group = "", .first_ns = 0,
        .last_ns = 1500000000, .count = 7, .sentence = sentence,
    };
    struct frame frame = { bytes_of_text("abc"),
                           { .number = 3, .original_size = 3 } };

    finding.evidence[finding.evidence_count++] = evidence_keep(store, &frame);
    assert_int_equal(ledger_open(NULL, LEDGER_MEMORY, &ledger, &failure), 0);
    assert_true(ledger_begin_run(ledger, &run, &failure) == 1);
    assert_int_equal(ledger_add_device(ledger, &device, NULL, &failure), 0);
    assert_int_equal(ledger_add_finding(ledger, &finding, store, &failure), 0);
    assert_int_equal(ledger_commit(ledger, &failure), 0);
    evidence_store_free(store);
    return ledger;
}

static const char *text_at(const json_t *root, const char *list,
                           const char *key)
{
    const json_t *first = json_array_get(json_object_get(root, list), 0);
    const char *text = json_string_value(json_object_get(first, key));
    return text ? text : "(none)";
}

static void a_run_is_one_json_object(void **state)
{
    (void)state;
    static const char *const stats[] = { NULL, "{\"packets\":5}" };

    for (size_t i = 0; i < COUNT_OF(stats); i++) {
        struct ledger *ledger = ledger_of_one();
        struct writer w;
        struct failure failure;
        writer_init(&w, 1 << 20);
        if (report_json(&w, ledger, 1, stats[i], &failure) < 0)
            fail_msg("%s", failure.text);
        json_t *root = json_loads(writer_as_text(&w), JSON_REJECT_DUPLICATES,
                                  NULL);
        assert_non_null(root);
        assert_int_equal(json_array_size(json_object_get(root, "devices")), 1);
        assert_int_equal(json_array_size(json_object_get(root, "findings")),
                         1);
        assert_string_equal(text_at(root, "devices", "id"), "mac-1");
        assert_string_equal(text_at(root, "findings", "id"),
                            "f00112233445566778899aabbccddeeff");
        assert_non_null(strstr(writer_as_text(&w), "\\\"quoted\\\""));
        assert_string_equal(text_at(root, "findings", "language"), "sigma");
        assert_non_null(strstr(writer_as_text(&w),
                               "\"facts\":{\"valid_from\":"
                               "\"a \\\"day\\\"\"}"));
        json_decref(root);
        writer_clear(&w);
        ledger_close(ledger);
    }
}

static void what_a_person_sees_is_safe_without_colour(void **state)
{
    (void)state;
    struct ledger *ledger = ledger_of_one();
    const struct report_style style = { .run = 1, .keeps_nothing = true };
    struct writer w;
    struct failure failure;

    writer_init(&w, 1 << 20);
    assert_int_equal(report_devices(&w, ledger, &style, &failure), 1);
    assert_int_equal(report_findings(&w, ledger, &style, &failure), 1);
    assert_non_null(strstr(writer_as_text(&w), "192.168.1.10"));
    assert_non_null(strstr(writer_as_text(&w), "02:00:00:00:00:01"));
    for (struct bytes left = writer_view(&w); left.size > 0;) {
        uint32_t point = 0;
        size_t size = text_utf8_next(left, &point);
        assert_true(size > 0);
        assert_true(point == '\n' || !text_is_unsafe(point));
        left = bytes_slice(left, size, left.size);
    }
    writer_clear(&w);
    ledger_close(ledger);
}

static void times_are_utc_whatever_their_sign(void **state)
{
    (void)state;
    static const struct {
        int64_t time_ns;
        const char *person, *program;
    } cases[] = {
        { 0, "1970-01-01 00:00:00", "1970-01-01T00:00:00.000000Z" },
        { 1464703331123456789, "2016-05-31 14:02:11",
          "2016-05-31T14:02:11.123456Z" },
        { -1, "1969-12-31 23:59:59", "1969-12-31T23:59:59.999999Z" },
        { INT64_MAX, "2262-04-11 23:47:16", "2262-04-11T23:47:16.854775Z" },
    };
    char text[REPORT_TIME_SIZE];

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        assert_string_equal(report_time(cases[i].time_ns, text),
                            cases[i].person);
        assert_string_equal(report_time_iso(cases[i].time_ns, text),
                            cases[i].program);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_run_is_one_json_object),
        cmocka_unit_test(what_a_person_sees_is_safe_without_colour),
        cmocka_unit_test(times_are_utc_whatever_their_sign),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
