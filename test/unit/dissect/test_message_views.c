/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "base/compiler.h"
#include "dissect.h"
#include "dissect/protocols.h"
#include "dissect/tls_views.h"
#include "hello_vector.h"
#include "hex.h"
#include "test.h"

/* One message to one dissector, with all views wanted. */
struct run {
    struct dissect_run run;
    struct view_list views;
    char text[2048];
};

static void begin(struct run *run, const struct dissector *dissector,
                  uint16_t port)
{
    dissect_run_init(&run->run, dissector, port);
    run->run.flow.protocol = dissector->transport;
    view_list_init(&run->views, &run->run.arena);
    memset(run->views.wanted, 0xff, sizeof run->views.wanted);
    run->run.views = &run->views;
}

/* Texts of view `id` with '|' between them, numbers in decimal. */
static const char *seen(struct run *run, enum view_id id)
{
    bool is_number = view_info_get(id)->kind == VIEW_KIND_NUMBER;
    size_t size = 0;

    run->text[0] = 0;
    for (uint32_t i = 0; i < run->views.count; i++) {
        const struct view *view = &run->views.views[i];
        if (view->id != id)
            continue;
        if (size > 0)
            run->text[size++] = '|';
        assert_true(size + view->data.size + 24 < sizeof run->text);
        if (is_number)
            size += (size_t)snprintf(run->text + size, 24, "%llu",
                                     (unsigned long long)view->number);
        if (view->data.size > 0)
            memcpy(run->text + size, view->data.data, view->data.size);
        size += view->data.size;
        run->text[size] = 0;
    }
    return run->text;
}

static size_t count(const struct run *run, enum view_id id)
{
    size_t found = 0;

    for (uint32_t i = 0; i < run->views.count; i++)
        found += run->views.views[i].id == id;
    return found;
}

/* A response: www.a.example is an alias of b.example, which has an address. */
static const char dns_response[] =
    "\x12\x34\x81\x80\0\1\0\2\0\0\0\0"
    "\3www\1a\7example\0\0\1\0\1"
    "\xc0\x0c\0\5\0\1\0\0\0\x3c\0\x0b\1b\7example\0"
    "\xc0\x2b\0\1\0\1\0\0\0\x3c\0\4\xc0\0\2\1";

static void dns_names_are_labels_with_dots(void **state)
{
    (void)state;
    static const char query[] = "\x12\x34\x01\x40\0\1\0\0\0\0\0\0"
                                "\3www\3a.b\7example\0\0\1\0\1";
    struct run run;

    begin(&run, &dns_dissector, 53);
    dissect_run_send(&run.run, FLOW_ORIGINATOR,
                     bytes_of(query, sizeof query - 1));
    /* The dot inside a label is a byte like any other. */
    assert_string_equal(seen(&run, VIEW_DNS_QUERY), "www.a.b.example");
    assert_string_equal(seen(&run, VIEW_DNS_OPCODE), "0");
    assert_string_equal(seen(&run, VIEW_DNS_RRTYPE), "1");
    assert_string_equal(run.views.notes[0], "dns_z_flag_set");
    assert_int_equal(count(&run, VIEW_END), 2);
    dissect_run_clear(&run.run);
}

static void dns_answers_show_every_name(void **state)
{
    (void)state;
    struct run run;

    begin(&run, &dns_dissector, 53);
    dissect_run_send(&run.run, FLOW_RESPONDER,
                     bytes_of(dns_response, sizeof dns_response - 1));
    /* dns.query is of queries only. */
    assert_int_equal(count(&run, VIEW_DNS_QUERY), 0);
    assert_string_equal(seen(&run, VIEW_DNS_QUERIES_RRNAME),
                        "www.a.example");
    assert_string_equal(seen(&run, VIEW_DNS_ANSWERS_RRNAME),
                        "www.a.example|b.example");
    assert_string_equal(seen(&run, VIEW_DNS_RESPONSE_RRNAME),
                        "www.a.example|www.a.example|b.example|b.example");
    assert_string_equal(seen(&run, VIEW_DNS_RRTYPE), "5|1");
    assert_string_equal(seen(&run, VIEW_DNS_RCODE), "0");
    dissect_run_clear(&run.run);
}

static void tls_hello_has_its_parts(void **state)
{
    (void)state;
    uint8_t record[512] = { 22, 3, 1 };
    struct run run;

    begin(&run, &tls_dissector, 443);
    struct bytes hello = hex_bytes(&run.run.arena, HELLO_VECTOR);
    size_t size = hello.size;
    memcpy(record + 5, hello.data, size);
    record[3] = (uint8_t)(size >> 8);
    record[4] = (uint8_t)size;
    dissect_run_send(&run.run, FLOW_ORIGINATOR, bytes_of(record, size + 5));
    assert_string_equal(seen(&run, VIEW_TLS_SNI), "example.com");
    assert_string_equal(seen(&run, VIEW_TLS_ALPN), "alpn");
    assert_string_equal(seen(&run, VIEW_TLS_VERSION), "772"); /* 0x0304 */
    /* Version, ciphers, extensions, groups, no point formats. */
    assert_string_equal(seen(&run, VIEW_JA3_STRING),
                        "771,4865-4866,0-65281-10-16-5-51-43-13-45-28-57,"
                        "29-23-24,");
    assert_int_equal(strlen(seen(&run, VIEW_JA3_HASH)), 32);
    assert_int_equal(count(&run, VIEW_TLS_RANDOM), 1);
    for (uint32_t i = 0; i < run.views.count; i++)
        if (run.views.views[i].id == VIEW_TLS_RANDOM_TIME)
            assert_memory_equal(run.views.views[i].data.data,
                                "\xeb\xf8\xfa\x56", 4);
    dissect_run_clear(&run.run);
}

static void mqtt_shows_each_packet(void **state)
{
    (void)state;
    static const char connect[] =
        "\x10\x1b\0\4MQTT\4\xc2\0\x3c\0\3cam\0\4user\0\4pass";
    static const char publish[] = "\x31\x09\0\3x/yhi:)";
    struct run run;

    begin(&run, &mqtt_dissector, 1883);
    dissect_run_send(&run.run, FLOW_ORIGINATOR,
                     bytes_of(connect, sizeof connect - 1));
    assert_string_equal(seen(&run, VIEW_MQTT_CONNECT_CLIENTID), "cam");
    assert_string_equal(seen(&run, VIEW_MQTT_CONNECT_USERNAME), "user");
    assert_string_equal(seen(&run, VIEW_MQTT_CONNECT_PASSWORD), "pass");
    assert_string_equal(seen(&run, VIEW_MQTT_CONNECT_PROTOCOL_STRING),
                        "MQTT");
    assert_string_equal(seen(&run, VIEW_MQTT_CONNECT_FLAGS), "194");
    dissect_run_send(&run.run, FLOW_ORIGINATOR,
                     bytes_of(publish, sizeof publish - 1));
    assert_string_equal(seen(&run, VIEW_MQTT_PUBLISH_TOPIC), "x/y");
    assert_string_equal(seen(&run, VIEW_MQTT_PUBLISH_MESSAGE), "hi:)");
    assert_string_equal(seen(&run, VIEW_MQTT_TYPE), "1|3");
    assert_string_equal(seen(&run, VIEW_MQTT_FLAGS), "0|1");
    dissect_run_clear(&run.run);
}

static void ssh_banners_are_taken_apart(void **state)
{
    (void)state;
    struct run run;

    begin(&run, &ssh_dissector, 22);
    dissect_run_send(&run.run, FLOW_RESPONDER,
                     bytes_of_text("SSH-2.0-dropbear_2020 x\r\n"));
    assert_string_equal(seen(&run, VIEW_SSH_PROTO), "2.0");
    assert_string_equal(seen(&run, VIEW_SSH_SOFTWARE), "dropbear_2020");
    dissect_run_clear(&run.run);
}

static void sip_lines_are_taken_apart(void **state)
{
    (void)state;
    struct run run;

    begin(&run, &sip_dissector, 5060);
    dissect_run_send(&run.run, FLOW_ORIGINATOR,
                     bytes_of_text("OPTIONS sip:a@b SIP/2.0\r\nf: <sip:c>\r\n"
                                   "User-Agent: scan\r\n\r\n"));
    assert_string_equal(seen(&run, VIEW_SIP_METHOD), "OPTIONS");
    assert_string_equal(seen(&run, VIEW_SIP_URI), "sip:a@b");
    assert_string_equal(seen(&run, VIEW_SIP_PROTOCOL), "SIP/2.0");
    assert_string_equal(seen(&run, VIEW_SIP_REQUEST_LINE),
                        "OPTIONS sip:a@b SIP/2.0");
    assert_string_equal(seen(&run, VIEW_SIP_FROM), "<sip:c>");
    assert_string_equal(seen(&run, VIEW_SIP_USER_AGENT), "scan");
    dissect_run_send(&run.run, FLOW_RESPONDER,
                     bytes_of_text("SIP/2.0 404 Not Found\r\n\r\n"));
    assert_string_equal(seen(&run, VIEW_SIP_STAT_CODE), "404");
    assert_string_equal(seen(&run, VIEW_SIP_STAT_MSG), "Not Found");
    assert_string_equal(seen(&run, VIEW_SIP_RESPONSE_LINE),
                        "SIP/2.0 404 Not Found");
    dissect_run_clear(&run.run);
}

static void snmp_numbers_are_as_people_count(void **state)
{
    (void)state;
    /* GetRequest, version 2c ("1" on the wire), community "public". */
    static const char get[] = "\x30\x1b\2\1\1\4\6public"
                              "\xa0\x0e\2\1\1\2\1\0\2\1\0\x30\x03\x30\1\0";
    struct run run;

    begin(&run, &snmp_dissector, 161);
    dissect_run_send(&run.run, FLOW_ORIGINATOR,
                     bytes_of(get, sizeof get - 1));
    assert_string_equal(seen(&run, VIEW_SNMP_VERSION), "2");
    assert_string_equal(seen(&run, VIEW_SNMP_COMMUNITY), "public");
    assert_string_equal(seen(&run, VIEW_SNMP_PDU_TYPE), "0");
    dissect_run_clear(&run.run);
}

static void ftp_send(struct run *run, enum flow_side side, const char *text)
{
    dissect_run_send(&run->run, side, bytes_of_text(text));
}

/* Numbers of the transactions that views `id` of `side` belong to. */
static const char *numbers(struct run *run, enum view_id id,
                           enum flow_side side)
{
    size_t size = 0;

    run->text[0] = 0;
    for (uint32_t i = 0; i < run->views.count; i++) {
        const struct view *view = &run->views.views[i];
        if (view->id == id && view->side == side)
            size += (size_t)snprintf(run->text + size,
                                     sizeof run->text - size, "%u ",
                                     view->transaction);
    }
    return run->text;
}

static void ftp_pairs_commands_with_replies(void **state)
{
    (void)state;
    struct run run;

    begin(&run, &ftp_dissector, 21);
    ftp_send(&run, FLOW_RESPONDER, "220-Hello\r\nthere\r\n220 ftpd\r\n");
    ftp_send(&run, FLOW_ORIGINATOR, "user admin\r\nPASS\r\n");
    ftp_send(&run, FLOW_RESPONDER, "331 Password\r\n230 In\r\n");
    ftp_send(&run, FLOW_ORIGINATOR, "RETR a b.bin\r\n");
    ftp_send(&run, FLOW_RESPONDER, "150 Opening\r\n226 Done\r\n");
    assert_string_equal(seen(&run, VIEW_FTP_COMMAND), "USER|PASS|RETR");
    assert_string_equal(seen(&run, VIEW_FTP_COMMAND_DATA), "admin|a b.bin");
    assert_string_equal(seen(&run, VIEW_FTP_COMPLETION_CODE),
                        "220|220|331|230|150|226");
    assert_string_equal(seen(&run, VIEW_FTP_REPLY),
                        "Hello|there|ftpd|Password|In|Opening|Done");
    /* The greeting is an exchange by itself; 150 ends none. */
    assert_string_equal(numbers(&run, VIEW_FTP_COMMAND, FLOW_ORIGINATOR),
                        "1 2 3 ");
    assert_string_equal(numbers(&run, VIEW_FTP_REPLY, FLOW_RESPONDER),
                        "0 0 0 1 2 3 3 ");
    assert_string_equal(numbers(&run, VIEW_END, FLOW_ORIGINATOR), "0 1 2 3 ");
    assert_string_equal(numbers(&run, VIEW_END, FLOW_RESPONDER), "0 1 2 3 ");
    dissect_run_clear(&run.run);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(dns_names_are_labels_with_dots),
        cmocka_unit_test(dns_answers_show_every_name),
        cmocka_unit_test(tls_hello_has_its_parts),
        cmocka_unit_test(mqtt_shows_each_packet),
        cmocka_unit_test(ssh_banners_are_taken_apart),
        cmocka_unit_test(sip_lines_are_taken_apart),
        cmocka_unit_test(snmp_numbers_are_as_people_count),
        cmocka_unit_test(ftp_pairs_commands_with_replies),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
