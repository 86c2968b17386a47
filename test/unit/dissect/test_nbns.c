/* SPDX-License-Identifier: Apache-2.0 */
#include "dissect/nbns.h"
#include "dissect.h"
#include "dissect/protocols.h"
#include "test.h"

#define WIRE(text) bytes_of(text, sizeof text - 1)

/* RFC 1001 section 14.1's example, with the suffix 0x20. */
#define FRED " EGFCEFEECACACACACACACACACACACACA\0"
#define QUERY "\0\7\1\x10\0\1\0\0\0\0\0\0" FRED "\0\x20\0\1"
#define STATUS                                                        \
    "\0\7\x84\0\0\0\0\1\0\0\0\0" FRED "\0\x21\0\1\0\0\0\0\0\x1b"       \
    "\1" "FRED           \0" "\x84\0" "\2\0\0\0\0\1" "\0\0"

static const char *text(struct dissect_run *run, enum event_type type,
                        enum event_field field)
{
    return dissect_run_text(run, dissect_run_event(run, type, 0), field, 0);
}

static void names_are_decoded(void **state)
{
    (void)state;
    struct dissect_run run;

    dissect_run_init(&run, &nbns_dissector, 137);
    assert_int_equal(dissect_run_recognise(&run, FLOW_ORIGINATOR, WIRE(QUERY)),
                     DISSECT_DONE);
    dissect_run_send(&run, FLOW_ORIGINATOR, WIRE(QUERY));
    assert_string_equal(text(&run, EVENT_NBNS, FIELD_NBNS_OPCODE), "query");
    assert_string_equal(text(&run, EVENT_NBNS, FIELD_NBNS_QUERY_NAME),
                        "FRED");
    assert_string_equal(text(&run, EVENT_NBNS, FIELD_NBNS_QUERY_KIND),
                        "server");
    assert_string_equal(text(&run, EVENT_NBNS, FIELD_NBNS_QUERY_TYPE), "NB");
    assert_string_equal(text(&run, EVENT_NBNS, FIELD_NBNS_BROADCAST), "true");
    dissect_run_clear(&run);
}

static void a_node_status_lists_names_and_the_mac(void **state)
{
    (void)state;
    struct dissect_run run;

    dissect_run_init(&run, &nbns_dissector, 137);
    dissect_run_send(&run, FLOW_ORIGINATOR, WIRE(STATUS));
    assert_string_equal(text(&run, EVENT_NBNS, FIELD_NBNS_STATUS_NAME),
                        "FRED");
    assert_string_equal(text(&run, EVENT_NBNS, FIELD_NBNS_STATUS_GROUP),
                        "true");
    assert_string_equal(text(&run, EVENT_NBNS, FIELD_NBNS_MAC),
                        "02:00:00:00:00:01");
    dissect_run_clear(&run);
}

static void refuses_names_that_are_not_encoded(void **state)
{
    (void)state;
    const char *const labels[] = {
        "",
        "EGFCEFEECACACACACACACACACACACAC",   /* 31 letters */
        "EGFCEFEECACACACACACACACACACACACAA", /* 33 letters */
        "QGFCEFEECACACACACACACACACACACACA",  /* past P */
        "@GFCEFEECACACACACACACACACACACACA",  /* before A */
    };
    struct arena arena;
    struct nbns_name name;

    arena_init(&arena);
    for (size_t i = 0; i < COUNT_OF(labels); i++)
        assert_false(nbns_name_parse(bytes_of_text(labels[i]), &arena, &name));
    arena_clear(&arena);
}

static void llmnr_is_like_dns(void **state)
{
    (void)state;
    struct bytes wire = WIRE("\0\1\4\0\0\1\0\0\0\0\0\0\4host\0\0\x1c\0\1");
    struct dissect_run run;

    dissect_run_init(&run, &llmnr_dissector, 5355);
    assert_int_equal(dissect_run_recognise(&run, FLOW_ORIGINATOR, wire),
                     DISSECT_DONE);
    dissect_run_send(&run, FLOW_ORIGINATOR, wire);
    assert_string_equal(text(&run, EVENT_LLMNR, FIELD_LLMNR_QUERY_NAME),
                        "host");
    assert_string_equal(text(&run, EVENT_LLMNR, FIELD_LLMNR_QUERY_TYPE),
                        "AAAA");
    assert_string_equal(text(&run, EVENT_LLMNR, FIELD_LLMNR_CONFLICT),
                        "true");
    dissect_run_clear(&run);
    dissect_sweep(&llmnr_dissector, 5355, wire);
}

static void survives_the_sweeps(void **state)
{
    (void)state;
    dissect_sweep(&nbns_dissector, 137, WIRE(QUERY));
    dissect_sweep(&nbns_dissector, 137, WIRE(STATUS));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_are_decoded),
        cmocka_unit_test(a_node_status_lists_names_and_the_mac),
        cmocka_unit_test(refuses_names_that_are_not_encoded),
        cmocka_unit_test(llmnr_is_like_dns),
        cmocka_unit_test(survives_the_sweeps),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
