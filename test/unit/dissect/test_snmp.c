/* SPDX-License-Identifier: Apache-2.0 */
#include "dissect.h"
#include "dissect/ber.h"
#include "dissect/protocols.h"
#include "test.h"

#define WIRE(text) bytes_of(text, sizeof text - 1)

#define OID "\6\x08\x2b\6\1\2\1\1\1\0"
#define GET(community)                                               \
    "\x30\x26\2\1\1" "\4\6" community "\xa0\x19\2\1\7\2\1\0\2\1\0"      \
    "\x30\x0e\x30\x0c" OID "\5\0"
#define RESPONSE                                                     \
    "\x30\x2b\2\1\1" "\4\6public" "\xa2\x1e\2\1\7\2\1\0\2\1\0"         \
    "\x30\x13\x30\x11" OID "\4\5Linux"

static const char *text(struct dissect_run *run, enum event_type type,
                        size_t index, enum event_field field)
{
    return dissect_run_text(run, dissect_run_event(run, type, index), field,
                            0);
}

static void a_request_says_what_is_asked(void **state)
{
    (void)state;
    struct dissect_run run;

    dissect_run_init(&run, &snmp_dissector, 161);
    dissect_run_send(&run, FLOW_ORIGINATOR, WIRE(GET("public")));
    assert_int_equal(run.result.verdict, DISSECT_DONE);
    assert_string_equal(text(&run, EVENT_SNMP, 0, FIELD_SNMP_VERSION), "2");
    assert_string_equal(text(&run, EVENT_SNMP, 0, FIELD_SNMP_PDU),
                        "get_request");
    assert_string_equal(text(&run, EVENT_SNMP, 0, FIELD_SNMP_COMMUNITY),
                        "public");
    assert_string_equal(text(&run, EVENT_SNMP, 0, FIELD_SNMP_OID),
                        "1.3.6.1.2.1.1.1.0");
    dissect_run_clear(&run);
}

static void a_community_is_a_login(void **state)
{
    (void)state;
    struct dissect_run run;

    dissect_run_init(&run, &snmp_dissector, 161);
    dissect_run_send(&run, FLOW_ORIGINATOR, WIRE(GET("secret")));
    dissect_run_send(&run, FLOW_ORIGINATOR, WIRE(GET("public")));
    dissect_run_send(&run, FLOW_ORIGINATOR, WIRE(GET("public")));
    dissect_run_send(&run, FLOW_RESPONDER, WIRE(RESPONSE));
    dissect_run_send(&run, FLOW_RESPONDER, WIRE(RESPONSE));
    assert_int_equal(dissect_run_count(&run, EVENT_SNMP), 5);
    assert_int_equal(dissect_run_count(&run, EVENT_LOGIN), 3);
    const struct {
        const char *password;
        const char *result;
        const char *attempt;
    } logins[] = {
        { "secret", "unknown", "1" },
        { "public", "unknown", "2" },
        { "public", "success", "2" },
    };
    for (size_t i = 0; i < COUNT_OF(logins); i++) {
        assert_string_equal(text(&run, EVENT_LOGIN, i, FIELD_LOGIN_PASSWORD),
                            logins[i].password);
        assert_string_equal(text(&run, EVENT_LOGIN, i, FIELD_LOGIN_RESULT),
                            logins[i].result);
        assert_string_equal(text(&run, EVENT_LOGIN, i, FIELD_LOGIN_ATTEMPT),
                            logins[i].attempt);
    }
    assert_string_equal(text(&run, EVENT_SNMP, 3, FIELD_SNMP_VALUE), "Linux");
    dissect_run_clear(&run);
}

static void version_3_names_its_user(void **state)
{
    (void)state;
    struct dissect_run run;

    dissect_run_init(&run, &snmp_dissector, 161);
    dissect_run_send(&run, FLOW_ORIGINATOR, WIRE(
        "\x30\x3a\x02\x01\x03\x30\x0d\x02\x01\x01\x02\x02\x05\xdc"
        "\x04\x01\x04\x02\x01\x03\x04\x13\x30\x11\x04\x02\x80\x01"
        "\x02\x01\x00\x02\x01\x00\x04\x01\x75\x04\x00\x04\x00\x30"
        "\x11\x04\x00\x04\x00\xa0\x0b\x02\x01\x07\x02\x01\x00\x02"
        "\x01\x00\x30\x00"));
    assert_string_equal(text(&run, EVENT_SNMP, 0, FIELD_SNMP_VERSION), "3");
    assert_string_equal(text(&run, EVENT_SNMP, 0, FIELD_SNMP_USER), "u");
    assert_string_equal(text(&run, EVENT_SNMP, 0, FIELD_SNMP_ENGINE), "8001");
    assert_string_equal(text(&run, EVENT_SNMP, 0, FIELD_SNMP_SECURITY),
                        "noAuthNoPriv");
    assert_int_equal(dissect_run_count(&run, EVENT_LOGIN), 0);
    dissect_run_clear(&run);
}

static void recognises_only_whole_messages_off_its_port(void **state)
{
    (void)state;
    struct bytes get = WIRE(GET("public"));
    struct dissect_run run;

    dissect_run_init(&run, &snmp_dissector, 5000);
    assert_int_equal(dissect_run_recognise(&run, FLOW_ORIGINATOR, get),
                     DISSECT_DONE);
    assert_int_equal(dissect_run_recognise(&run, FLOW_ORIGINATOR,
                                           WIRE(GET("public") "x")),
                     DISSECT_NOT_MINE);
    assert_int_equal(dissect_run_recognise(&run, FLOW_ORIGINATOR,
                                           WIRE("\x30\3\2\1\1")),
                     DISSECT_NOT_MINE);
    run.port_matches = true;
    assert_int_equal(dissect_run_recognise(&run, FLOW_ORIGINATOR,
                                           WIRE("\x30\3\2\1\1")),
                     DISSECT_DONE);
    dissect_run_send(&run, FLOW_ORIGINATOR, WIRE("\x30\3\2\1\1"));
    assert_string_equal(run.result.anomaly, "snmp_malformed");
    dissect_run_clear(&run);
}

static void object_ids_are_read_with_bounds(void **state)
{
    (void)state;
    const struct {
        const char *why;
        struct bytes oid;
        const char *text; /* Null: malformed. */
    } vectors[] = {
        { "X.690 8.19.5's example", WIRE("\x88\x37\3"), "2.999.3" },
        { "the first two in one", WIRE("\x2b\6"), "1.3.6" },
        { "a part of 32 bits", WIRE("\x2b\x8f\xff\xff\xff\x7f"),
          "1.3.4294967295" },
        { "a part of 33", WIRE("\x2b\x90\x80\x80\x80\0"), NULL },
        { "a part that goes on", WIRE("\x2b\x86"), NULL },
        { "nothing", WIRE(""), NULL },
    };
    struct arena arena;

    arena_init(&arena);
    for (size_t i = 0; i < COUNT_OF(vectors); i++) {
        struct bytes oid = { 0 };
        bool is_oid = ber_oid_text(vectors[i].oid, &arena, &oid);
        if (is_oid != (vectors[i].text != NULL) ||
            (is_oid && !bytes_equal(oid, bytes_of_text(vectors[i].text))))
            fail_msg("%s", vectors[i].why);
    }
    arena_clear(&arena);
}

static void lengths_are_definite_and_short(void **state)
{
    (void)state;
    const struct {
        struct bytes wire;
        bool is_good;
    } vectors[] = {
        { WIRE("\4\1x"), true },
        { WIRE("\4\x81\1x"), true },
        { WIRE("\4\x84\0\0\0\1x"), true },
        { WIRE("\4\x85\0\0\0\0\1x"), false }, /* five bytes of length */
        { WIRE("\4\x80x\0\0"), false },       /* indefinite */
        { WIRE("\4\2x"), false },             /* past the end */
        { WIRE("\x1f\1x"), false },           /* a tag of two bytes */
        { WIRE("\4\x84\xff\xff\xff\xff"), false },
    };

    for (size_t i = 0; i < COUNT_OF(vectors); i++) {
        struct reader r = reader_of(vectors[i].wire);
        (void)ber_read(&r);
        assert_int_equal(reader_finished(&r), vectors[i].is_good);
    }
}

static void survives_the_sweeps(void **state)
{
    (void)state;
    dissect_sweep(&snmp_dissector, 161, WIRE(GET("public")));
    dissect_sweep(&snmp_dissector, 161, WIRE(RESPONSE));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_request_says_what_is_asked),
        cmocka_unit_test(a_community_is_a_login),
        cmocka_unit_test(version_3_names_its_user),
        cmocka_unit_test(recognises_only_whole_messages_off_its_port),
        cmocka_unit_test(object_ids_are_read_with_bounds),
        cmocka_unit_test(lengths_are_definite_and_short),
        cmocka_unit_test(survives_the_sweeps),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
