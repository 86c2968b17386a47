/* SPDX-License-Identifier: Apache-2.0 */
#include "dissect.h"
#include "dissect/protocols.h"
#include "test.h"

/* SSDP, NTP and TFTP. */

#define WIRE(text) bytes_of(text, sizeof text - 1)

static const char *text(struct dissect_run *run, enum event_type type,
                        enum event_field field, size_t index)
{
    return dissect_run_text(run, dissect_run_event(run, type, 0), field,
                            index);
}

#define NOTIFY                                                     \
    "NOTIFY * HTTP/1.1\r\nHOST: 239.255.255.250:1900\r\n"           \
    "CACHE-CONTROL: max-age = 1800\r\nLocation: http://h/d.xml\r\n" \
    "NT: upnp:rootdevice\r\nNTS: ssdp:alive\r\n"                    \
    "SERVER: Linux UPnP/1.0 Lamp/2\r\nUSN: uuid:1::upnp\r\n\r\n"
#define SEARCH                                                       \
    "M-SEARCH * HTTP/1.1\r\nMAN: \"ssdp:discover\"\r\nMX: 3\r\n"      \
    "ST: ssdp:all\r\n"

static void ssdp_announces_and_searches(void **state)
{
    (void)state;
    struct dissect_run run;
    const struct {
        enum event_field field;
        const char *text;
    } expected[] = {
        { FIELD_SSDP_METHOD, "NOTIFY" },
        { FIELD_SSDP_MAX_AGE, "1800" },
        { FIELD_SSDP_LOCATION, "http://h/d.xml" },
        { FIELD_SSDP_NT, "upnp:rootdevice" },
        { FIELD_SSDP_NTS, "ssdp:alive" },
        { FIELD_SSDP_SERVER, "Linux UPnP/1.0 Lamp/2" },
        { FIELD_SSDP_USN, "uuid:1::upnp" },
    };

    dissect_run_init(&run, &ssdp_dissector, 1900);
    dissect_run_send(&run, FLOW_ORIGINATOR, WIRE(NOTIFY));
    for (size_t i = 0; i < COUNT_OF(expected); i++)
        assert_string_equal(text(&run, EVENT_SSDP, expected[i].field, 0),
                            expected[i].text);
    dissect_run_clear(&run);
    dissect_run_init(&run, &ssdp_dissector, 1900);
    dissect_run_send(&run, FLOW_ORIGINATOR, WIRE(SEARCH));
    assert_string_equal(text(&run, EVENT_SSDP, FIELD_SSDP_MAN, 0),
                        "ssdp:discover");
    assert_string_equal(text(&run, EVENT_SSDP, FIELD_SSDP_MX, 0), "3");
    dissect_run_clear(&run);
}

static void ssdp_answers_are_told_by_their_headers(void **state)
{
    (void)state;
    struct dissect_run run;

    dissect_run_init(&run, &ssdp_dissector, 40001);
    assert_int_equal(
        dissect_run_recognise(&run, FLOW_ORIGINATOR,
                              WIRE("HTTP/1.1 200 OK\r\nST: x\r\n\r\n")),
        DISSECT_DONE);
    assert_int_equal(
        dissect_run_recognise(&run, FLOW_ORIGINATOR,
                              WIRE("HTTP/1.1 200 OK\r\nHost: ST:\r\n\r\n")),
        DISSECT_NOT_MINE);
    assert_int_equal(
        dissect_run_recognise(&run, FLOW_ORIGINATOR,
                              WIRE("NOTIFY sip:a@b SIP/2.0\r\n\r\n")),
        DISSECT_NOT_MINE);
    dissect_run_send(&run, FLOW_ORIGINATOR, WIRE("GET / HTTP/1.1\r\n"));
    assert_string_equal(run.result.anomaly, "ssdp_start_line");
    dissect_run_clear(&run);
}

/* Client, version 4, stratum 2, reference 192.0.2.1. */
static void time_messages_have_a_reference(void **state)
{
    (void)state;
    uint8_t wire[48] = { 0x23, 2, 6, 0xec, [12] = 192, 0, 2, 1 };
    struct dissect_run run;

    dissect_run_init(&run, &ntp_dissector, 123);
    dissect_run_send(&run, FLOW_ORIGINATOR, bytes_of(wire, sizeof wire));
    assert_string_equal(text(&run, EVENT_NTP, FIELD_NTP_VERSION, 0), "4");
    assert_string_equal(text(&run, EVENT_NTP, FIELD_NTP_MODE_NAME, 0),
                        "client");
    assert_string_equal(text(&run, EVENT_NTP, FIELD_NTP_STRATUM, 0), "2");
    assert_string_equal(text(&run, EVENT_NTP, FIELD_NTP_REFID, 0),
                        "192.0.2.1");
    dissect_run_clear(&run);
    dissect_run_init(&run, &ntp_dissector, 123);
    dissect_run_send(&run, FLOW_ORIGINATOR, bytes_of(wire, 47));
    assert_string_equal(run.result.anomaly, "ntp_truncated");
    dissect_run_clear(&run);
    dissect_sweep(&ntp_dissector, 123, bytes_of(wire, sizeof wire));
}

static void monlist_is_marked(void **state)
{
    (void)state;
    struct bytes monlist = WIRE("\x17\0\3\x2a\0\0\0\0");
    struct dissect_run run;

    dissect_run_init(&run, &ntp_dissector, 123);
    assert_int_equal(dissect_run_recognise(&run, FLOW_ORIGINATOR, monlist),
                     DISSECT_DONE);
    dissect_run_send(&run, FLOW_ORIGINATOR, monlist);
    assert_string_equal(text(&run, EVENT_NTP, FIELD_NTP_MODE, 0), "7");
    assert_string_equal(text(&run, EVENT_NTP, FIELD_NTP_OPCODE, 0), "42");
    assert_string_equal(text(&run, EVENT_NTP, FIELD_NTP_MONLIST, 0), "true");
    assert_string_equal(text(&run, EVENT_NTP, FIELD_NTP_RESPONSE, 0),
                        "false");
    dissect_run_clear(&run);
    dissect_sweep(&ntp_dissector, 123, monlist);
}

#define REQUEST "\0\1fw.bin\0octet\0tsize\0" "0\0"
#define BLOCK "\0\3\0\1\x7f" "ELF\1\2\1\0\0\0\0\0\0\0\0\0\0\2\0\x08"

static void a_tftp_request_names_its_file(void **state)
{
    (void)state;
    struct dissect_run run;

    dissect_run_init(&run, &tftp_dissector, 69);
    dissect_run_send(&run, FLOW_ORIGINATOR, WIRE(REQUEST));
    assert_string_equal(text(&run, EVENT_TFTP, FIELD_TFTP_PACKET, 0), "read");
    assert_string_equal(text(&run, EVENT_TFTP, FIELD_TFTP_FILE, 0), "fw.bin");
    assert_string_equal(text(&run, EVENT_TFTP, FIELD_TFTP_MODE, 0), "octet");
    assert_string_equal(text(&run, EVENT_TFTP, FIELD_TFTP_OPTION, 0),
                        "tsize=0");
    dissect_run_send(&run, FLOW_RESPONDER, WIRE(BLOCK));
    assert_string_equal(text(&run, EVENT_FILE, FIELD_FILE_NAME, 0), "fw.bin");
    assert_string_equal(text(&run, EVENT_FILE, FIELD_FILE_MACHINE, 0),
                        "mips");
    assert_string_equal(text(&run, EVENT_FILE, FIELD_FILE_TO_SOURCE, 0),
                        "true");
    dissect_run_clear(&run);
}

static void a_transfer_is_known_by_its_first_block(void **state)
{
    (void)state;
    struct dissect_run run;

    dissect_run_init(&run, &tftp_data_dissector, 40001);
    assert_int_equal(dissect_run_recognise(&run, FLOW_ORIGINATOR,
                                           WIRE("\0\4\0\0")),
                     DISSECT_MORE);
    assert_int_equal(dissect_run_recognise(&run, FLOW_ORIGINATOR,
                                           WIRE("\0\3\0\1text")),
                     DISSECT_NOT_MINE);
    assert_int_equal(dissect_run_recognise(&run, FLOW_ORIGINATOR,
                                           WIRE("\0\6tsize\0" "99\0")),
                     DISSECT_DONE);
    dissect_run_send(&run, FLOW_ORIGINATOR, WIRE("\0\6tsize\0" "99\0"));
    dissect_run_send(&run, FLOW_RESPONDER, WIRE("\0\4\0\0"));
    assert_int_equal(run.events.count, 0);
    dissect_run_send(&run, FLOW_ORIGINATOR, WIRE(BLOCK));
    assert_int_equal(run.result.verdict, DISSECT_FINISHED);
    assert_string_equal(text(&run, EVENT_FILE, FIELD_FILE_MAGIC, 0), "elf");
    assert_string_equal(text(&run, EVENT_FILE, FIELD_FILE_SIZE, 0), "99");
    /* The client is the flow's responder: it fetched. */
    assert_true(dissect_run_event(&run, EVENT_FILE, 0)->is_turned);
    assert_string_equal(text(&run, EVENT_FILE, FIELD_FILE_TO_SOURCE, 0),
                        "true");
    dissect_run_clear(&run);
}

static void a_written_file_is_the_clients(void **state)
{
    (void)state;
    struct dissect_run run;

    dissect_run_init(&run, &tftp_data_dissector, 40001);
    dissect_run_send(&run, FLOW_ORIGINATOR, WIRE("\0\4\0\0"));
    dissect_run_send(&run, FLOW_RESPONDER, WIRE(BLOCK));
    assert_true(dissect_run_event(&run, EVENT_FILE, 0)->is_turned);
    assert_string_equal(text(&run, EVENT_FILE, FIELD_FILE_TO_SOURCE, 0),
                        "false");
    dissect_run_clear(&run);
}

static void tftp_refuses_what_is_no_request(void **state)
{
    (void)state;
    const struct bytes vectors[] = {
        WIRE("\0\1\0octet\0"),      /* no name */
        WIRE("\0\1a\0binary\0"),    /* no such mode */
        WIRE("\0\1a\0octet"),       /* no end */
        WIRE("\0\3a\0octet\0"),     /* another operation */
        WIRE(""),
    };
    struct dissect_run run;

    dissect_run_init(&run, &tftp_dissector, 69);
    for (size_t i = 0; i < COUNT_OF(vectors); i++)
        assert_int_equal(
            dissect_run_recognise(&run, FLOW_ORIGINATOR, vectors[i]),
            DISSECT_NOT_MINE);
    dissect_run_clear(&run);
}

static void survives_the_sweeps(void **state)
{
    (void)state;
    dissect_sweep(&ssdp_dissector, 1900, WIRE(NOTIFY));
    dissect_sweep(&tftp_dissector, 69, WIRE(REQUEST));
    dissect_sweep(&tftp_data_dissector, 69, WIRE(BLOCK));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ssdp_announces_and_searches),
        cmocka_unit_test(ssdp_answers_are_told_by_their_headers),
        cmocka_unit_test(time_messages_have_a_reference),
        cmocka_unit_test(monlist_is_marked),
        cmocka_unit_test(a_tftp_request_names_its_file),
        cmocka_unit_test(a_transfer_is_known_by_its_first_block),
        cmocka_unit_test(a_written_file_is_the_clients),
        cmocka_unit_test(tftp_refuses_what_is_no_request),
        cmocka_unit_test(survives_the_sweeps),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
