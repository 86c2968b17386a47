/* SPDX-License-Identifier: Apache-2.0 */
#include "dissect/mdns.h"
#include "dissect.h"
#include "dissect/protocols.h"
#include "test.h"

#define WIRE(text) bytes_of(text, sizeof text - 1)

/* At 12: _hap._tcp.local; at 39 the instance "My Lamp" of it. */
#define RESPONSE                                                        \
    "\0\0\x84\0\0\0\0\1\0\0\0\3"                                         \
    "\4_hap\4_tcp\5local\0" "\0\x0c\0\1" "\0\0\x11\x94" "\0\x0a"         \
    "\7My Lamp\xc0\x0c"                                                 \
    "\xc0\x27" "\0\x21\x80\1" "\0\0\0\x78" "\0\x0d"                      \
    "\0\0\0\0\x1f\x90" "\4lamp\xc0\x16"                                  \
    "\xc0\x27" "\0\x10\x80\1" "\0\0\0\x78" "\0\x0e" "\4md=X" "\0"        \
    "\7id=1:2:"                                                         \
    "\xc0\x43" "\0\1\x80\1" "\0\0\0\x78" "\0\4" "\xc0\xa8\1\x07"

static const char *text(struct dissect_run *run, enum event_type type,
                        enum event_field field, size_t index)
{
    return dissect_run_text(run, dissect_run_event(run, type, 0), field,
                            index);
}

static void draws_services_together(void **state)
{
    (void)state;
    struct dissect_run run;

    dissect_run_init(&run, &mdns_dissector, 5353);
    dissect_run_send(&run, FLOW_ORIGINATOR, WIRE(RESPONSE));
    assert_int_equal(run.result.verdict, DISSECT_DONE);
    assert_int_equal(run.events.count, 1);
    const struct {
        enum event_field field;
        size_t index;
        const char *text;
    } expected[] = {
        { FIELD_MDNS_TYPE, 0, "response" },
        { FIELD_MDNS_ANSWER_NAME, 0, "_hap._tcp.local" },
        { FIELD_MDNS_ANSWER_DATA, 0, "My Lamp._hap._tcp.local" },
        { FIELD_MDNS_ANSWER_FLUSH, 0, "(none)" },
        { FIELD_MDNS_ADDITIONAL_FLUSH, 0, "true" },
        { FIELD_MDNS_SERVICE, 0, "_hap._tcp" },
        { FIELD_MDNS_SERVICE, 1, "(none)" },
        { FIELD_MDNS_SERVICE_INSTANCE, 0, "My Lamp" },
        { FIELD_MDNS_SERVICE_HOST, 0, "lamp.local" },
        { FIELD_MDNS_SERVICE_PORT, 0, "8080" },
        { FIELD_MDNS_TXT, 0, "md=X" },
        { FIELD_MDNS_TXT, 1, "id=1:2:" },
        { FIELD_MDNS_HOST, 0, "lamp" },
        { FIELD_MDNS_ADDRESS, 0, "192.168.1.7" },
    };
    for (size_t i = 0; i < COUNT_OF(expected); i++)
        assert_string_equal(text(&run, EVENT_MDNS, expected[i].field,
                                 expected[i].index),
                            expected[i].text);
    dissect_run_clear(&run);
}

static void a_question_may_want_a_unicast_answer(void **state)
{
    (void)state;
    struct dissect_run run;

    dissect_run_init(&run, &mdns_dissector, 5353);
    dissect_run_send(&run, FLOW_ORIGINATOR,
                     WIRE("\0\0\0\0\0\1\0\0\0\0\0\0\4lamp\5local\0"
                          "\0\1\x80\1"));
    assert_string_equal(text(&run, EVENT_MDNS, FIELD_MDNS_QUERY_NAME, 0),
                        "lamp.local");
    assert_string_equal(text(&run, EVENT_MDNS, FIELD_MDNS_QUERY_UNICAST, 0),
                        "true");
    dissect_run_clear(&run);
}

/* TXT of "<instance>.<service>._udp or _tcp.local". */
#define TXT(name, size, data) \
    "\0\0\x84\0\0\0\0\1\0\0\0\0" name "\5local\0" \
    "\0\x10\x80\1" "\0\0\0\x78" "\0" size data

static void matter_devices_say_what_they_are(void **state)
{
    (void)state;
    struct dissect_run run;

    dissect_run_init(&run, &mdns_dissector, 5353);
    dissect_run_send(
        &run, FLOW_ORIGINATOR,
        WIRE(TXT("\x10" "DD200C20D25AE5F7\x08_matterc\4_udp", "\x2d",
                 "\6D=3840" "\x0e" "VP=65521+32769" "\4CM=2" "\6DT=266"
                 "\x0a" "DN=My Lamp")));
    assert_string_equal(text(&run, EVENT_MATTER, FIELD_MATTER_KIND, 0),
                        "commissionable");
    assert_string_equal(text(&run, EVENT_MATTER, FIELD_MATTER_INSTANCE, 0),
                        "DD200C20D25AE5F7");
    assert_string_equal(text(&run, EVENT_MATTER, FIELD_MATTER_DISCRIMINATOR,
                             0), "3840");
    assert_string_equal(text(&run, EVENT_MATTER, FIELD_MATTER_VENDOR_ID, 0),
                        "65521");
    assert_string_equal(text(&run, EVENT_MATTER, FIELD_MATTER_PRODUCT_ID, 0),
                        "32769");
    assert_string_equal(text(&run, EVENT_MATTER, FIELD_MATTER_COMMISSIONING,
                             0), "2");
    assert_string_equal(text(&run, EVENT_MATTER, FIELD_MATTER_DEVICE_NAME, 0),
                        "My Lamp");
    dissect_run_clear(&run);
}

static void matter_nodes_have_a_fabric(void **state)
{
    (void)state;
    struct dissect_run run;

    dissect_run_init(&run, &mdns_dissector, 5353);
    dissect_run_send(
        &run, FLOW_ORIGINATOR,
        WIRE(TXT("\x21" "87E1B004E235A130-8FC7772401CD0696\7_matter\4_tcp",
                 "\x09", "\x08SII=5000")));
    assert_string_equal(text(&run, EVENT_MATTER, FIELD_MATTER_KIND, 0),
                        "operational");
    assert_string_equal(text(&run, EVENT_MATTER, FIELD_MATTER_FABRIC, 0),
                        "87E1B004E235A130");
    assert_string_equal(text(&run, EVENT_MATTER, FIELD_MATTER_NODE, 0),
                        "8FC7772401CD0696");
    assert_string_equal(text(&run, EVENT_MATTER, FIELD_MATTER_IDLE_INTERVAL,
                             0), "5000");
    dissect_run_clear(&run);
}

static void service_names_are_taken_apart(void **state)
{
    (void)state;
    const struct {
        const char *name;
        const char *type; /* Null: it names no service. */
        const char *instance;
    } vectors[] = {
        { "_hap._tcp.local", "_hap._tcp", "" },
        { "My Lamp._hap._tcp.local", "_hap._tcp", "My Lamp" },
        { "a\\.b._http._tcp.local", "_http._tcp", "a\\.b" },
        { "_L840._sub._matterc._udp.local", "_matterc._udp", "_L840._sub" },
        { "_hap._tcp", "_hap._tcp", "" },
        { "lamp.local", NULL, NULL },
        { "x._tcpx.local", NULL, NULL },
        { "", NULL, NULL },
    };

    for (size_t i = 0; i < COUNT_OF(vectors); i++) {
        struct mdns_service service = { 0 };
        bool is_service =
            mdns_service_parse(bytes_of_text(vectors[i].name), &service);
        assert_int_equal(is_service, vectors[i].type != NULL);
        if (!vectors[i].type)
            continue;
        assert_true(bytes_equal(service.type,
                                bytes_of_text(vectors[i].type)));
        assert_true(bytes_equal(service.instance,
                                bytes_of_text(vectors[i].instance)));
    }
}

static void only_its_own_port_will_do(void **state)
{
    (void)state;
    struct dissect_run run;

    dissect_run_init(&run, &mdns_dissector, 53);
    assert_int_equal(
        dissect_run_recognise(&run, FLOW_ORIGINATOR, WIRE(RESPONSE)),
        DISSECT_NOT_MINE);
    run.flow.port[0] = 5353;
    assert_int_equal(
        dissect_run_recognise(&run, FLOW_ORIGINATOR, WIRE(RESPONSE)),
        DISSECT_DONE);
    dissect_run_clear(&run);
}

static void survives_the_sweeps(void **state)
{
    (void)state;
    dissect_sweep(&mdns_dissector, 5353, WIRE(RESPONSE));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(draws_services_together),
        cmocka_unit_test(a_question_may_want_a_unicast_answer),
        cmocka_unit_test(matter_devices_say_what_they_are),
        cmocka_unit_test(matter_nodes_have_a_fabric),
        cmocka_unit_test(service_names_are_taken_apart),
        cmocka_unit_test(only_its_own_port_will_do),
        cmocka_unit_test(survives_the_sweeps),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
