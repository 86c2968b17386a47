/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "dialogue.h"
#include "dissect/protocols.h"

#define CONNECT                                                              \
    "\x10\x27\0\4MQTT\4\xee\0\x3c\0\3cam\0\4will\0\3bye\0\5admin\0\4pass"

static const struct dialogue_line session[] = {
    CLIENT(CONNECT),
    SERVER("\x20\2\0\0"),
    CLIENT("\x82\x0c\0\1\0\1#\1\0\3a/b\2"),
    SERVER("\x90\4\0\1\1\x80"),
    CLIENT("\x33\x0a\0\3x/y\0\7on!"),
    SERVER("\x40\2\0\7"),
    CLIENT("\xc0\0"), SERVER("\xd0\0"), CLIENT("\xe0\0"),
};

static const struct dialogue dialogue =
    DIALOGUE(&mqtt_dissector, 1883, session);

static void reads_every_packet_of_a_session(void **state)
{
    (void)state;
    struct dissect_run run;

    dialogue_run(&dialogue, &run);
    assert_int_equal(run.result.verdict, DISSECT_DONE);
    assert_int_equal(dissect_run_count(&run, EVENT_MQTT), 9);
    assert_string_equal(
        dialogue_text(&run, EVENT_MQTT, 0, FIELD_MQTT_CLIENT_ID), "cam");
    assert_string_equal(
        dialogue_text(&run, EVENT_MQTT, 0, FIELD_MQTT_WILL_TOPIC), "will");
    const struct event *subscribe = dissect_run_event(&run, EVENT_MQTT, 2);
    assert_string_equal(
        dissect_run_text(&run, subscribe, FIELD_MQTT_SUBSCRIBE_TOPIC, 1),
        "a/b");
    const struct event *suback = dissect_run_event(&run, EVENT_MQTT, 3);
    assert_string_equal(
        dissect_run_text(&run, suback, FIELD_MQTT_QOS_GRANTED, 1), "128");
    assert_string_equal(
        dialogue_text(&run, EVENT_MQTT, 4, FIELD_MQTT_PUBLISH_MESSAGE),
        "on!");
    assert_string_equal(
        dialogue_text(&run, EVENT_MQTT, 4, FIELD_MQTT_PUBLISH_ID), "7");
    assert_string_equal(dialogue_text(&run, EVENT_MQTT, 8, FIELD_MQTT_TYPE),
                        "disconnect");
    dissect_run_clear(&run);
}

static void tells_the_login_with_the_answer(void **state)
{
    (void)state;
    static const struct dialogue_line refused[] = {
        CLIENT(CONNECT), SERVER("\x20\2\0\5"),
    };
    struct dialogue no = DIALOGUE(&mqtt_dissector, 1883, refused);
    struct dissect_run run;

    dialogue_run(&dialogue, &run);
    assert_string_equal(
        dialogue_text(&run, EVENT_LOGIN, 0, FIELD_LOGIN_PASSWORD), "pass");
    assert_string_equal(
        dialogue_text(&run, EVENT_LOGIN, 0, FIELD_LOGIN_RESULT), "success");
    dissect_run_clear(&run);
    dialogue_run(&no, &run);
    assert_string_equal(
        dialogue_text(&run, EVENT_LOGIN, 0, FIELD_LOGIN_RESULT), "failure");
    dissect_run_clear(&run);
}

static void reads_the_properties_of_version_5(void **state)
{
    (void)state;
    static const struct dialogue_line lines[] = {
        CLIENT("\x10\x13\0\4MQTT\5\2\0\x3c\5\x11\0\0\0\x0a\0\1a"),
        SERVER("\x20\6\0\0\3\x21\0\x14"),
        CLIENT("\x30\6\0\1t\0hi"),
    };
    struct dialogue five = DIALOGUE(&mqtt_dissector, 1883, lines);
    struct dissect_run run;

    dialogue_run(&five, &run);
    assert_int_equal(dissect_run_count(&run, EVENT_MQTT), 3);
    assert_string_equal(
        dialogue_text(&run, EVENT_MQTT, 2, FIELD_MQTT_PUBLISH_MESSAGE), "hi");
    dissect_run_clear(&run);
    dialogue_sweep(&five);
}

static void passes_over_a_long_payload(void **state)
{
    (void)state;
    enum { SIZE = 100000 };
    uint8_t *packet = calloc(1, SIZE + 4);
    struct dissect_run run;

    assert_non_null(packet);
    memcpy(packet, "\x30\xa0\x8d\x06\0\1t", 7); /* 100000 in three bytes */
    dissect_run_init(&run, &mqtt_dissector, 1883);
    dissect_run_send(&run, FLOW_ORIGINATOR, bytes_of(packet, SIZE + 4));
    dissect_run_send(&run, FLOW_ORIGINATOR, bytes_of("\xc0\0", 2));
    assert_int_equal(dissect_run_count(&run, EVENT_MQTT), 2);
    assert_string_equal(
        dialogue_text(&run, EVENT_MQTT, 0, FIELD_MQTT_TRUNCATED), "true");
    assert_string_equal(
        dialogue_text(&run, EVENT_MQTT, 0, FIELD_MQTT_PUBLISH_TOPIC), "t");
    assert_string_equal(dialogue_text(&run, EVENT_MQTT, 1, FIELD_MQTT_TYPE),
                        "pingreq");
    dissect_run_clear(&run);
    free(packet);
}

static void tells_by_type_a_packet_whose_front_is_too_short(void **state)
{
    (void)state;
    enum { SIZE = 100000 };
    uint8_t *packet = calloc(1, SIZE + 4);
    struct dissect_run run;

    assert_non_null(packet);
    memcpy(packet, "\x30\xa0\x8d\x06\x7f\xff", 6); /* A topic of 32767. */
    dissect_run_init(&run, &mqtt_dissector, 1883);
    dissect_run_send(&run, FLOW_ORIGINATOR, bytes_of(packet, SIZE + 4));
    assert_int_equal(run.result.verdict, DISSECT_DONE);
    assert_string_equal(dialogue_text(&run, EVENT_MQTT, 0, FIELD_MQTT_TYPE),
                        "publish");
    assert_string_equal(
        dialogue_text(&run, EVENT_MQTT, 0, FIELD_MQTT_PUBLISH_TOPIC),
        "(none)");
    dissect_run_clear(&run);
    free(packet);
}

static void refuses_what_the_standard_forbids(void **state)
{
    (void)state;
    static const struct {
        const char *data;
        size_t size;
        const char *anomaly;
    } vectors[] = {
        { "\x00\0", 2, "mqtt_bad_type" },
        { "\x30\xff\xff\xff\xff", 5, "mqtt_bad_length" },
        { "\x36\5\0\1t\0\1", 7, "mqtt_bad_packet" }, /* QoS 3 */
        { "\xc0\1x", 3, "mqtt_bad_packet" },         /* PINGREQ is empty */
    };
    for (size_t i = 0; i < COUNT_OF(vectors); i++) {
        struct dissect_run run;
        dissect_run_init(&run, &mqtt_dissector, 1883);
        dissect_run_send(&run, FLOW_ORIGINATOR,
                         bytes_of(vectors[i].data, vectors[i].size));
        assert_int_equal(run.result.verdict, DISSECT_MALFORMED);
        assert_string_equal(run.result.anomaly, vectors[i].anomaly);
        assert_int_equal(run.events.count, 0);
        dissect_run_clear(&run);
    }
}

static void survives_every_sweep(void **state)
{
    (void)state;
    dialogue_sweep(&dialogue);
}

static void is_told_by_a_ping_on_its_port(void **state)
{
    static const struct {
        const char *why;
        uint16_t port;
        enum flow_side side;
        struct bytes data;
        enum dissect_verdict verdict;
    } vectors[] = {
        { "ping", 1883, FLOW_ORIGINATOR, { (const uint8_t *)"\xc0", 2 },
          DISSECT_DONE },
        { "answer", 1883, FLOW_RESPONDER, { (const uint8_t *)"\xd0", 2 },
          DISSECT_DONE },
        { "from the wrong side", 1883, FLOW_RESPONDER,
          { (const uint8_t *)"\xc0", 2 }, DISSECT_NOT_MINE },
        { "on another port", 99, FLOW_ORIGINATOR,
          { (const uint8_t *)"\xc0", 2 }, DISSECT_NOT_MINE },
        { "with more after it", 1883, FLOW_ORIGINATOR,
          { (const uint8_t *)"\xc0\0x", 3 }, DISSECT_NOT_MINE },
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(vectors); i++) {
        struct dissect_run run;
        dissect_run_init(&run, &mqtt_dissector, vectors[i].port);
        if (dissect_run_recognise(&run, vectors[i].side, vectors[i].data) !=
            vectors[i].verdict)
            fail_msg("%s", vectors[i].why);
        dissect_run_clear(&run);
    }
}

static void is_told_by_its_first_packet(void **state)
{
    (void)state;
    struct dissect_run run;

    dissect_run_init(&run, &mqtt_dissector, 99);
    assert_int_equal(dissect_run_recognise(&run, FLOW_ORIGINATOR,
                                           bytes_of(CONNECT, 10)),
                     DISSECT_DONE);
    assert_int_equal(dissect_run_recognise(&run, FLOW_ORIGINATOR,
                                           bytes_of(CONNECT, 5)),
                     DISSECT_MORE);
    assert_int_equal(dissect_run_recognise(&run, FLOW_ORIGINATOR,
                                           bytes_of("\x10\x0c\0\4HTTP", 8)),
                     DISSECT_NOT_MINE);
    dissect_run_clear(&run);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_every_packet_of_a_session),
        cmocka_unit_test(tells_the_login_with_the_answer),
        cmocka_unit_test(reads_the_properties_of_version_5),
        cmocka_unit_test(passes_over_a_long_payload),
        cmocka_unit_test(tells_by_type_a_packet_whose_front_is_too_short),
        cmocka_unit_test(refuses_what_the_standard_forbids),
        cmocka_unit_test(survives_every_sweep),
        cmocka_unit_test(is_told_by_a_ping_on_its_port),
        cmocka_unit_test(is_told_by_its_first_packet),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
