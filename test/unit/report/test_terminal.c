/* SPDX-License-Identifier: Apache-2.0 */
#include "report/report.h"

#include <stdio.h>
#include <string.h>

#include "base/compiler.h"
#include "test.h"

enum { DEVICES_MAX = 200 };

static const struct detection urgent = {
    .id = "r1", .version = "1", .name = "bad", .title = "Bad", .harm = "a/b",
    .role = "owner", .severity = SEVERITY_URGENT,
};
static const struct detection warning = {
    .id = "r2", .version = "1", .name = "odd", .title = "Odd", .harm = "a/b",
    .role = "owner", .severity = SEVERITY_WARNING,
};
static const struct detection notice = {
    .id = "r3", .version = "1", .name = "new", .title = "New", .harm = "a/b",
    .role = "owner", .severity = SEVERITY_NOTICE,
};

struct fixture {
    struct ledger *ledger;
    struct evidence_store *store;
    struct report_style style;
    struct failure failure;
    struct writer out;
};

static void fixture_open(struct fixture *f)
{
    const struct ledger_run run = { "a.pcap", "tenet 1" };

    memset(f, 0, sizeof *f);
    f->store = evidence_store_new(EVIDENCE_BYTES_MAX);
    writer_init(&f->out, 1 << 20);
    assert_int_equal(
        ledger_open(NULL, LEDGER_MEMORY, &f->ledger, &f->failure), 0);
    f->style.run = ledger_begin_run(f->ledger, &run, &f->failure);
    assert_true(f->style.run > 0);
}

static void fixture_close(struct fixture *f)
{
    writer_clear(&f->out);
    ledger_close(f->ledger);
    evidence_store_free(f->store);
}

/* Device `number` has the MAC 02:...:number and the address 10.0.0.number. */
static void add_device(struct fixture *f, uint8_t number, int64_t last_ns)
{
    struct device device = {
        .mac = { { 2, 0, 0, 0, 0, number } }, .has_mac = true,
        .is_random_mac = true, .has_sent = true, .address_count = 1,
        .addresses = { { ip_of_v4(0x0a000000U + number), 1, last_ns } },
        .same_as = DEVICE_NONE, .first_ns = 1, .last_ns = last_ns,
    };

    (void)snprintf(device.id, sizeof device.id, "mac-%012x",
                   number); /* Short enough. */
    assert_int_equal(
        ledger_add_device(f->ledger, &device, NULL, &f->failure), 0);
}

/* The host is a device, or, being 0, the stranger 198.51.100.1. */
static void add_finding(struct fixture *f, const struct detection *rule,
                        uint8_t host, uint8_t peer, const char *sentence)
{
    static int64_t serial;
    char text[64];
    char id[DEVICE_ID_SIZE];
    struct finding finding = {
        .detection = rule, .severity = rule->severity,
        .group = "", .count = 1, .sentence = text,
        .subject = { .address = ip_of_v4(host ? 0x0a000000U + host
                                              : 0xc6336401U),
                     .has_address = true },
        .peer = ip_of_v4(0x0a000000U + peer), .has_peer = peer != 0,
    };

    serial++;
    finding.first_ns = finding.last_ns = serial;
    (void)snprintf(finding.id, sizeof finding.id, "f%08llx",
                   (unsigned long long)serial);
    (void)snprintf(text, sizeof text, "%s", sentence);
    (void)snprintf(id, sizeof id, "mac-%012x", host);
    if (host) {
        finding.subject.device = id;
        finding.subject.mac = (struct mac){ { 2, 0, 0, 0, 0, host } };
        finding.subject.has_mac = true;
    }
    if (ledger_add_finding(f->ledger, &finding, f->store, &f->failure) < 0)
        fail_msg("%s", f->failure.text);
}

static const char *findings(struct fixture *f, int count)
{
    writer_reset(&f->out);
    assert_int_equal(
        report_findings(&f->out, f->ledger, &f->style, &f->failure), count);
    return writer_as_text(&f->out);
}

static const char *others(struct fixture *f, int count)
{
    writer_reset(&f->out);
    assert_int_equal(
        report_other_devices(&f->out, f->ledger, &f->style, &f->failure),
        count);
    return writer_as_text(&f->out);
}

static void puts_the_worst_device_first_and_strangers_last(void **state)
{
    (void)state;
    struct fixture f;

    fixture_open(&f);
    f.style.keeps_nothing = true;
    for (uint8_t i = 1; i <= 3; i++)
        add_device(&f, i, 9);
    add_finding(&f, &notice, 1, 0, "one is new");
    add_finding(&f, &urgent, 0, 0, "stranger is bad");
    add_finding(&f, &warning, 1, 0, "one is odd");
    add_finding(&f, &urgent, 2, 0, "two is bad");
    add_finding(&f, &notice, 2, 0, "two is new");
    assert_string_equal(findings(&f, 5),
        "10.0.0.2  02:00:00:00:00:02  random address\n"
        "  urgent   two is bad\n"
        "  notice   two is new\n"
        "\n"
        "10.0.0.1  02:00:00:00:00:01  random address\n"
        "  warning  one is odd\n"
        "  notice   one is new\n"
        "\n"
        "Hosts outside this network\n"
        "  urgent   stranger is bad\n");
    assert_string_equal(others(&f, 1),
        "\nDevices with nothing found\n"
        "  10.0.0.3         02:00:00:00:00:03  random address\n");
    fixture_close(&f);
}

static void puts_what_a_stranger_did_below_the_device(void **state)
{
    (void)state;
    struct fixture f;

    fixture_open(&f);
    f.style.keeps_nothing = true;
    add_device(&f, 1, 9);
    add_device(&f, 2, 9);
    add_finding(&f, &urgent, 0, 2, "got into two");
    add_finding(&f, &notice, 0, 7, "looked for nobody");
    assert_string_equal(findings(&f, 2),
        "10.0.0.2  02:00:00:00:00:02  random address\n"
        "  urgent   got into two\n"
        "\n"
        "Hosts outside this network\n"
        "  notice   looked for nobody\n");
    fixture_close(&f);
}

static void never_says_nothing_found_of_a_device_that_was_attacked(
    void **state)
{
    (void)state;
    struct fixture f;

    fixture_open(&f);
    for (uint8_t i = 1; i <= 3; i++)
        add_device(&f, i, 9);
    add_finding(&f, &urgent, 1, 2, "one got into two");
    assert_string_equal(others(&f, 2),
        "\nDevices at the other end of a finding\n"
        "  10.0.0.2         02:00:00:00:00:02  random address\n"
        "\nDevices with nothing found\n"
        "  10.0.0.3         02:00:00:00:00:03  random address\n");
    fixture_close(&f);
}

static void names_a_device_that_never_sent_anything(void **state)
{
    (void)state;
    struct fixture f;

    fixture_open(&f);
    f.style.keeps_nothing = true;
    add_finding(&f, &urgent, 4, 0, "four is flooded");
    assert_string_equal(findings(&f, 1),
                        "02:00:00:00:00:04  not known yet\n"
                        "  urgent   four is flooded\n");
    assert_string_equal(others(&f, 0), "");
    fixture_close(&f);
}

static void shows_the_command_and_its_ledger(void **state)
{
    (void)state;
    struct fixture f;

    fixture_open(&f);
    f.style.ledger = "here";
    add_device(&f, 1, 9);
    add_finding(&f, &urgent, 1, 0, "bad");
    const char *text = findings(&f, 1);
    const char *command = strstr(text, "           tenet show f");
    assert_non_null(command);
    assert_non_null(strstr(command, " --ledger here\n"));
    assert_null(strchr(text, '\x1b'));
    f.style.colour = true;
    assert_non_null(strstr(findings(&f, 1), "\x1b[1;31murgent"));
    fixture_close(&f);
}

/* More than the first room for devices, and than the room after that. */
static void holds_many_devices(void **state)
{
    (void)state;
    struct fixture f;
    const char *text;
    size_t lines = 0;

    fixture_open(&f);
    for (int i = 1; i <= DEVICES_MAX; i++)
        add_device(&f, (uint8_t)i, 9);
    for (int i = 1; i <= DEVICES_MAX; i++)
        add_finding(&f, &notice, (uint8_t)i, 0, "new");
    text = findings(&f, DEVICES_MAX);
    for (; *text; text++)
        lines += *text == '\n';
    assert_int_equal(lines, 4 * DEVICES_MAX - 1);
    assert_string_equal(others(&f, 0), "");
    fixture_close(&f);
}

/* An address that moved belongs to the device that had it last. */
static void follows_an_address_that_moved(void **state)
{
    (void)state;
    struct fixture f;
    struct device moved = {
        .id = "mac-moved", .mac = { { 2, 9, 9, 9, 9, 9 } }, .has_mac = true,
        .address_count = 1, .same_as = DEVICE_NONE,
        .addresses = { { ip_of_v4(0x0a000001), 50, 60 } },
    };

    fixture_open(&f);
    f.style.keeps_nothing = true;
    add_device(&f, 1, 9);
    assert_int_equal(
        ledger_add_device(f.ledger, &moved, NULL, &f.failure), 0);
    add_finding(&f, &urgent, 0, 1, "got in");
    assert_string_equal(findings(&f, 1),
                        "10.0.0.1  02:09:09:09:09:09  not known yet\n"
                        "  urgent   got in\n");
    fixture_close(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(puts_the_worst_device_first_and_strangers_last),
        cmocka_unit_test(puts_what_a_stranger_did_below_the_device),
        cmocka_unit_test(
            never_says_nothing_found_of_a_device_that_was_attacked),
        cmocka_unit_test(names_a_device_that_never_sent_anything),
        cmocka_unit_test(shows_the_command_and_its_ledger),
        cmocka_unit_test(holds_many_devices),
        cmocka_unit_test(follows_an_address_that_moved),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
