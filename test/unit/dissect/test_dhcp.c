/* SPDX-License-Identifier: Apache-2.0 */
#include "dissect/dhcp.h"
#include "dissect.h"
#include "dissect/protocols.h"
#include "test.h"

#include <string.h>

#define WIRE(text) bytes_of(text, sizeof text - 1)

enum { FILE_AT = 108, SNAME_AT = 44, OPTIONS_AT = 240 };

static uint8_t wire[1024];

/* A message of Ethernet 02:00:00:00:00:01 with these options. */
static struct bytes message(uint8_t operation, struct bytes options)
{
    memset(wire, 0, sizeof wire);
    wire[0] = operation;
    wire[1] = 1;
    wire[2] = 6;
    wire[7] = 9;
    memcpy(wire + 28, "\2\0\0\0\0\1", 6);
    memcpy(wire + 236, "\x63\x82\x53\x63", 4);
    memcpy(wire + OPTIONS_AT, options.data, options.size);
    return bytes_of(wire, OPTIONS_AT + options.size);
}

#define DISCOVER                                                      \
    "\x35\1\1" "\x0c\5lamp\0" "\x37\4\1\3\6\x0f" "\x3c\4acme"          \
    "\x3d\7\1\2\0\0\0\0\1" "\x32\4\xc0\0\2\x09"                        \
    "\x51\x0d\4\0\0\4lamp\4home\0" "\xa1\x08https://" "\xff"

static void check_text(struct dissect_run *run, enum event_field field,
                       const char *expected)
{
    const struct event *event = run->events.first;

    assert_string_equal(dissect_run_text(run, event, field, 0), expected);
}

static void a_discover_says_who_asks(void **state)
{
    (void)state;
    struct dissect_run run;

    dissect_run_init(&run, &dhcp_dissector, 67);
    dissect_run_send(&run, FLOW_ORIGINATOR, message(1, WIRE(DISCOVER)));
    assert_int_equal(run.result.verdict, DISSECT_DONE);
    check_text(&run, FIELD_DHCP_TYPE, "request");
    check_text(&run, FIELD_DHCP_ID, "9");
    check_text(&run, FIELD_DHCP_MESSAGE_TYPE, "discover");
    check_text(&run, FIELD_DHCP_CLIENT_MAC, "02:00:00:00:00:01");
    check_text(&run, FIELD_DHCP_HOSTNAME, "lamp");
    check_text(&run, FIELD_DHCP_FINGERPRINT, "1,3,6,15");
    check_text(&run, FIELD_DHCP_OPTIONS, "53,12,55,60,61,50,81,161");
    check_text(&run, FIELD_DHCP_VENDOR_CLASS, "acme");
    check_text(&run, FIELD_DHCP_CLIENT_ID, "01020000000001");
    check_text(&run, FIELD_DHCP_REQUESTED_IP, "192.0.2.9");
    check_text(&run, FIELD_DHCP_FQDN, "lamp.home");
    check_text(&run, FIELD_DHCP_MUD_URL, "https://");
    check_text(&run, FIELD_DHCP_ASSIGNED_IP, "(none)");
    dissect_run_clear(&run);
}

static void an_ack_says_what_is_given(void **state)
{
    (void)state;
    struct bytes ack = message(
        2, WIRE("\x35\1\5" "\x36\4\xc0\0\2\1" "\x33\4\0\0\x0e\x10"
                "\1\4\xff\xff\xff\0" "\3\4\xc0\0\2\1"
                "\6\x08\xc0\0\2\2\xc0\0\2\3" "\x0f\4home\xff"));
    struct dissect_run run;

    memcpy(wire + 16, "\xc0\0\2\x09", 4);
    dissect_run_init(&run, &dhcp_dissector, 67);
    dissect_run_send(&run, FLOW_RESPONDER, ack);
    check_text(&run, FIELD_DHCP_TYPE, "reply");
    check_text(&run, FIELD_DHCP_MESSAGE_TYPE, "ack");
    check_text(&run, FIELD_DHCP_ASSIGNED_IP, "192.0.2.9");
    check_text(&run, FIELD_DHCP_SERVER_ID, "192.0.2.1");
    check_text(&run, FIELD_DHCP_LEASE_TIME, "3600");
    check_text(&run, FIELD_DHCP_SUBNET_MASK, "255.255.255.0");
    check_text(&run, FIELD_DHCP_ROUTER, "192.0.2.1");
    assert_string_equal(dissect_run_text(&run, run.events.first,
                                         FIELD_DHCP_DNS_SERVER, 1),
                        "192.0.2.3");
    check_text(&run, FIELD_DHCP_DOMAIN, "home");
    dissect_run_clear(&run);
}

static void options_go_on_in_file_and_sname(void **state)
{
    (void)state;
    struct bytes data = message(1, WIRE("\x34\1\3\x0c\2la\xff"));
    struct dissect_run run;

    memcpy(wire + FILE_AT, "\x0c\2mp\xff", 5);
    memcpy(wire + SNAME_AT, "\x0c\1s\xff", 4);
    dissect_run_init(&run, &dhcp_dissector, 67);
    dissect_run_send(&run, FLOW_ORIGINATOR, data);
    check_text(&run, FIELD_DHCP_HOSTNAME, "lamps"); /* RFC 3396 */
    check_text(&run, FIELD_DHCP_BOOT_FILE, "(none)");
    dissect_run_clear(&run);
}

static void refuses_what_the_rfc_forbids(void **state)
{
    (void)state;
    struct dhcp_message parsed;

    assert_false(dhcp_parse(message(1, WIRE("\x0c\5la")), &parsed));
    assert_string_equal(parsed.anomaly, "dhcp_option_truncated");
    assert_false(dhcp_parse(bytes_of(wire, 239), &parsed));
    assert_string_equal(parsed.anomaly, "dhcp_truncated");
    struct bytes data = message(1, WIRE("\xff"));
    wire[2] = 17;
    assert_false(dhcp_parse(data, &parsed));
    assert_string_equal(parsed.anomaly, "dhcp_hardware_size");
    wire[2] = 16;
    assert_true(dhcp_parse(data, &parsed));
    wire[236] = 0;
    assert_false(dhcp_parse(data, &parsed));
    assert_string_equal(parsed.anomaly, "dhcp_no_cookie");
    data = message(1, WIRE("\x34\1\1\xff"));
    memcpy(wire + FILE_AT + 126, "\x0c\1", 2);
    assert_false(dhcp_parse(data, &parsed));
    assert_string_equal(parsed.anomaly, "dhcp_overload_truncated");
}

static void options_past_the_limit_are_counted(void **state)
{
    (void)state;
    uint8_t options[2 * (DHCP_OPTIONS_MAX + 1)];
    struct dhcp_message parsed;

    for (size_t i = 0; i < sizeof options; i++)
        options[i] = i % 2 ? 0 : 80;
    assert_true(dhcp_parse(
        message(1, bytes_of(options, 2 * DHCP_OPTIONS_MAX)), &parsed));
    assert_int_equal(parsed.more, 0);
    assert_true(
        dhcp_parse(message(1, bytes_of(options, sizeof options)), &parsed));
    assert_int_equal(parsed.more, 1);
    assert_int_equal(parsed.count, DHCP_OPTIONS_MAX);
}

#define SOLICIT                                                          \
    "\1\0\0\7" "\0\1\0\x0a\0\3\0\1\2\0\0\0\0\1" "\0\6\0\4\0\x17\0\x18"    \
    "\0\3\0\x28\0\0\0\1\0\0\0\0\0\0\0\0"                                  \
    "\0\5\0\x18\x20\1\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\1\0\0\0\0\0\0\0\0"     \
    "\0\x10\0\x0a\0\0\1\x37\0\4" "acme"                                  \
    "\0\x27\0\7\0\4lamp\0" "\0\x70\0\x08https://"
#define ADDRESS "\xfe\x80\0\0\0\0\0\0\0\0\0\0\0\0\0\2"

static void check_solicit(struct dissect_run *run)
{
    assert_int_equal(run->result.verdict, DISSECT_DONE);
    check_text(run, FIELD_DHCPV6_TYPE, "solicit");
    check_text(run, FIELD_DHCPV6_ID, "7");
    check_text(run, FIELD_DHCPV6_CLIENT_DUID, "00030001020000000001");
    check_text(run, FIELD_DHCPV6_CLIENT_MAC, "02:00:00:00:00:01");
    check_text(run, FIELD_DHCPV6_FINGERPRINT, "23,24");
    check_text(run, FIELD_DHCPV6_ADDRESS, "2001:db8::1");
    check_text(run, FIELD_DHCPV6_VENDOR_ENTERPRISE, "311");
    check_text(run, FIELD_DHCPV6_VENDOR_CLASS, "acme");
    check_text(run, FIELD_DHCPV6_FQDN, "lamp");
    check_text(run, FIELD_DHCPV6_MUD_URL, "https://");
}

static void dhcpv6_options_are_read_inside_associations(void **state)
{
    (void)state;
    struct dissect_run run;

    dissect_run_init(&run, &dhcpv6_dissector, 547);
    dissect_run_send(&run, FLOW_ORIGINATOR, WIRE(SOLICIT));
    check_solicit(&run);
    check_text(&run, FIELD_DHCPV6_RELAY_PEER, "(none)");
    dissect_run_clear(&run);
}

static void a_relayed_message_is_what_it_carries(void **state)
{
    (void)state;
    struct dissect_run run;

    dissect_run_init(&run, &dhcpv6_dissector, 547);
    dissect_run_send(&run, FLOW_ORIGINATOR,
                     WIRE("\x0c\0" ADDRESS ADDRESS "\0\x09\0\x6b" SOLICIT));
    check_solicit(&run);
    check_text(&run, FIELD_DHCPV6_RELAY_PEER, "fe80::2");
    dissect_run_clear(&run);
    dissect_run_init(&run, &dhcpv6_dissector, 547);
    dissect_run_send(&run, FLOW_ORIGINATOR, WIRE("\x0c\0" ADDRESS ADDRESS));
    assert_string_equal(run.result.anomaly, "dhcpv6_relay_malformed");
    dissect_run_clear(&run);
}

static void dhcpv6_is_only_on_its_ports(void **state)
{
    (void)state;
    struct dissect_run run;

    dissect_run_init(&run, &dhcpv6_dissector, 5000);
    assert_int_equal(
        dissect_run_recognise(&run, FLOW_ORIGINATOR, WIRE(SOLICIT)),
        DISSECT_NOT_MINE);
    dissect_run_clear(&run);
}

static void survives_the_sweeps(void **state)
{
    (void)state;
    dissect_sweep(&dhcp_dissector, 67, message(1, WIRE(DISCOVER)));
    dissect_sweep(&dhcpv6_dissector, 547, WIRE(SOLICIT));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_discover_says_who_asks),
        cmocka_unit_test(an_ack_says_what_is_given),
        cmocka_unit_test(options_go_on_in_file_and_sname),
        cmocka_unit_test(refuses_what_the_rfc_forbids),
        cmocka_unit_test(options_past_the_limit_are_counted),
        cmocka_unit_test(dhcpv6_options_are_read_inside_associations),
        cmocka_unit_test(a_relayed_message_is_what_it_carries),
        cmocka_unit_test(dhcpv6_is_only_on_its_ports),
        cmocka_unit_test(survives_the_sweeps),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
