/* SPDX-License-Identifier: Apache-2.0 */
#include "dissect/dissector.h"
#include "dissect/dns_measure.h"
#include "dissect/dns_message.h"
#include "dissect/protocols.h"
#include "dissect.h"
#include "sweep.h"
#include "test.h"

#define WIRE(text) bytes_of(text, sizeof text - 1)

/* Header: id 1234, flags, and the four counts as low bytes. */
#define HEADER(flags, qd, an, ns, ar) \
    "\x12\x34" flags "\0" qd "\0" an "\0" ns "\0" ar
#define EXAMPLE "\7example\3com\0"
#define IN(type) "\0" type "\0\1"
#define TTL300 "\0\0\1\x2c"
#define POINTER "\xc0\x0c"

#define QUERY HEADER("\1\0", "\1", "\0", "\0", "\0") EXAMPLE IN("\1")
#define RESPONSE_A                                           \
    HEADER("\x81\x80", "\1", "\2", "\0", "\1")               \
    EXAMPLE IN("\1")                                         \
    POINTER IN("\5") TTL300 "\0\6" "\3www" POINTER           \
    "\xc0\x29" IN("\1") TTL300 "\0\4" "\xc0\0\2\1"           \
    "\0" "\0\x29" "\4\xd0" "\0\0\x80\0" "\0\4" "\0\x0a\0\0"

static const char *text(struct dissect_run *run, enum event_field field,
                        size_t index)
{
    return dissect_run_text(run, dissect_run_event(run, EVENT_DNS, 0), field,
                            index);
}

static void send_udp(struct dissect_run *run, struct bytes wire)
{
    dissect_run_init(run, &dns_dissector, 53);
    dissect_run_send(run, FLOW_ORIGINATOR, wire);
}

#define ANSWERED(id, address)                                           \
    "\x12" id "\x81\x80\0\1\0\1\0\0\0\0" EXAMPLE IN("\1") POINTER \
    IN("\1") TTL300 "\0\4\xc0\0\2" address
#define ASK(id) "\x12" id "\1\0\0\1\0\0\0\0\0\0" EXAMPLE IN("\1")

/* Is the last message of a dialogue a contradiction? '?' asks, '1' and '2'
 * answer; capitals are of another transaction. */
static bool contradicts(const char *dialogue)
{
    struct dissect_run run;
    bool is_marked = false;

    dissect_run_init(&run, &dns_dissector, 53);
    for (const char *step = dialogue; *step; step++) {
        struct bytes wire = *step == '?'   ? WIRE(ASK("a"))
                            : *step == '1' ? WIRE(ANSWERED("a", "\1"))
                            : *step == '2' ? WIRE(ANSWERED("a", "\2"))
                            : *step == '!' ? WIRE(ASK("b"))
                            : *step == 'A' ? WIRE(ANSWERED("b", "\1"))
                                           : WIRE(ANSWERED("b", "\2"));
        bool asks = *step == '?' || *step == '!';
        dissect_run_send(&run, asks ? FLOW_ORIGINATOR : FLOW_RESPONDER, wire);
        size_t last = dissect_run_count(&run, EVENT_DNS) - 1;
        is_marked = event_get(dissect_run_event(&run, EVENT_DNS, last),
                            FIELD_DNS_CONTRADICTED);
    }
    dissect_run_clear(&run);
    return is_marked;
}

static void a_second_answer_that_differs_is_marked(void **state)
{
    (void)state;
    assert_true(contradicts("?12"));
    assert_true(contradicts("??112"));
    assert_true(contradicts("?!A12"));
    assert_true(contradicts("?11112"));
}

static void honest_answers_are_not_marked(void **state)
{
    (void)state;
    assert_false(contradicts("?11"));   /* The same again. */
    assert_false(contradicts("??12"));  /* Asked twice. */
    assert_false(contradicts("?1?2"));
    assert_false(contradicts("12"));    /* The question was not seen. */
    assert_false(contradicts("?!1B"));  /* Another transaction. */
    assert_false(contradicts("?1"));
}

static void a_query_is_one_event(void **state)
{
    (void)state;
    struct dissect_run run;

    send_udp(&run, WIRE(QUERY));
    assert_int_equal(run.result.verdict, DISSECT_DONE);
    assert_int_equal(run.result.used, sizeof QUERY - 1);
    assert_int_equal(run.events.count, 1);
    assert_string_equal(text(&run, FIELD_DNS_TYPE, 0), "request");
    assert_string_equal(text(&run, FIELD_DNS_ID, 0), "4660");
    assert_string_equal(text(&run, FIELD_DNS_FLAGS, 0), "0100");
    assert_string_equal(text(&run, FIELD_DNS_RD, 0), "true");
    assert_string_equal(text(&run, FIELD_DNS_OPCODE_NAME, 0), "QUERY");
    assert_string_equal(text(&run, FIELD_DNS_QUERY_NAME, 0), "example.com");
    assert_string_equal(text(&run, FIELD_DNS_QUERY_TYPE, 0), "A");
    assert_string_equal(text(&run, FIELD_DNS_QUERY_CLASS, 0), "(none)");
    assert_string_equal(text(&run, FIELD_DNS_RCODE, 0), "(none)");
    assert_string_equal(text(&run, FIELD_DNS_QUERY_LENGTH, 0), "11");
    assert_string_equal(text(&run, FIELD_DNS_QUERY_LABELS, 0), "2");
    dissect_run_clear(&run);
}

static void a_response_has_its_answers_and_edns(void **state)
{
    (void)state;
    struct dissect_run run;

    send_udp(&run, WIRE(RESPONSE_A));
    assert_int_equal(run.result.verdict, DISSECT_DONE);
    assert_string_equal(text(&run, FIELD_DNS_TYPE, 0), "response");
    assert_string_equal(text(&run, FIELD_DNS_RCODE, 0), "NOERROR");
    assert_string_equal(text(&run, FIELD_DNS_ANSWER_TYPE, 0), "CNAME");
    assert_string_equal(text(&run, FIELD_DNS_ANSWER_DATA, 0),
                        "www.example.com");
    assert_string_equal(text(&run, FIELD_DNS_ANSWER_NAME, 1),
                        "www.example.com");
    assert_string_equal(text(&run, FIELD_DNS_ANSWER_DATA, 1), "192.0.2.1");
    assert_string_equal(text(&run, FIELD_DNS_ANSWER_TTL, 1), "300");
    assert_string_equal(text(&run, FIELD_DNS_ANSWER_SIZE, 0), "10");
    assert_string_equal(text(&run, FIELD_DNS_EDNS_SIZE, 0), "1232");
    assert_string_equal(text(&run, FIELD_DNS_EDNS_DO, 0), "true");
    assert_string_equal(text(&run, FIELD_DNS_EDNS_OPTION, 0), "10");
    assert_string_equal(text(&run, FIELD_DNS_ADDITIONAL_NAME, 0), "(none)");
    dissect_run_clear(&run);
}

#define ANSWER(type, size, data)                                \
    HEADER("\x81\x80", "\0", "\1", "\0", "\0")                  \
    EXAMPLE IN(type) TTL300 "\0" size data

static void record_data_become_text(void **state)
{
    (void)state;
    const struct {
        const char *why;
        struct bytes wire;
        const char *text;
    } vectors[] = {
        { "RFC 1035 3.4.1", WIRE(ANSWER("\1", "\4", "\1\2\3\xff")),
          "1.2.3.255" },
        { "an address of three bytes is none",
          WIRE(ANSWER("\1", "\3", "\1\2\3")), "(none)" },
        { "RFC 3596", WIRE(ANSWER("\x1c", "\x10",
                                  "\x20\1\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\1")),
          "2001:db8::1" },
        { "RFC 1035 3.3.9", WIRE(ANSWER("\x0f", "\7", "\0\5\2mx" POINTER)),
          "mx.example.com" },
        { "strings of one TXT are one text",
          WIRE(ANSWER("\x10", "\7", "\2ab\3cde")), "abcde" },
        { "a string past the data is malformed",
          WIRE(ANSWER("\x10", "\3", "\3ab")), "(none)" },
        { "RFC 2782", WIRE(ANSWER("\x21", "\x0a",
                                  "\0\1\0\2\x1f\x90\1h" POINTER)),
          "1 2 8080 h.example.com" },
        { "RFC 1035 3.3.13",
          WIRE(ANSWER("\6", "\x1c", "\1n" POINTER "\1r" POINTER
                      "\0\0\0\5\0\0\0\1\0\0\0\2\0\0\0\3\0\0\0\4")),
          "n.example.com r.example.com 5 1 2 3 4" },
        { "RFC 3403", WIRE(ANSWER("\x23", "\x0d",
                                  "\0\1\0\2\1s\3SIP\0" POINTER)),
          "1 2 \"s\" \"SIP\" \"\" example.com" },
        { "RFC 9460: alpn, port, hints, ech",
          WIRE(ANSWER("\x41", "\x2c",
                      "\0\1\0"
                      "\0\1\0\6\2h2\2h3"
                      "\0\3\0\2\1\xbb"
                      "\0\4\0\x08\1\2\3\4\5\6\7\x08"
                      "\0\5\0\1\0"
                      "\x02\x9a\0\0"
                      "\0\2\0\0")),
          "1 . alpn=h2,h3 port=443 ipv4hint=1.2.3.4,5.6.7.8 ech key666 "
          "no-default-alpn" },
        { "data that are left over are malformed",
          WIRE(ANSWER("\5", "\3", POINTER "x")), "(none)" },
        { "a key is not decoded", WIRE(ANSWER("\x30", "\1", "x")), "(none)" },
    };

    for (size_t i = 0; i < COUNT_OF(vectors); i++) {
        struct dissect_run run;
        send_udp(&run, vectors[i].wire);
        if (run.result.verdict != DISSECT_DONE)
            fail_msg("%s: %s", vectors[i].why, run.result.anomaly);
        assert_string_equal(text(&run, FIELD_DNS_ANSWER_DATA, 0),
                            vectors[i].text);
        dissect_run_clear(&run);
    }
}

static void caa_is_text(void **state)
{
    (void)state;
    struct dissect_run run;

    send_udp(&run, WIRE(HEADER("\x81\x80", "\0", "\1", "\0", "\0") EXAMPLE
                        "\1\1\0\1" TTL300 "\0\x0a" "\0\5issue" "a.b"));
    assert_string_equal(text(&run, FIELD_DNS_ANSWER_TYPE, 0), "CAA");
    assert_string_equal(text(&run, FIELD_DNS_ANSWER_DATA, 0),
                        "0 issue \"a.b\"");
    dissect_run_clear(&run);
}

static void names_are_unambiguous_text(void **state)
{
    (void)state;
    const struct {
        const char *why;
        struct bytes wire;
        const char *text;
    } vectors[] = {
        { "a dot inside a label is escaped", WIRE("\3a.b\1c\0"), "a\\.b.c" },
        { "a backslash too", WIRE("\2\\x\0"), "\\\\x" },
        { "RFC 4343 2.1: others by three digits", WIRE("\3\0 \xff\0"),
          "\\000\\032\\255" },
        { "the root is a dot", WIRE("\0"), "." },
        { "case is kept", WIRE("\2Ab\0"), "Ab" },
    };

    for (size_t i = 0; i < COUNT_OF(vectors); i++) {
        struct dissect_run run;
        uint8_t wire[64] = "\0\1\0\0\0\1\0\0\0\0\0\0";
        for (size_t at = 0; at < vectors[i].wire.size; at++)
            wire[12 + at] = vectors[i].wire.data[at];
        wire[12 + vectors[i].wire.size + 1] = 1;
        wire[12 + vectors[i].wire.size + 3] = 1;
        send_udp(&run, bytes_of(wire, 12 + vectors[i].wire.size + 4));
        assert_string_equal(text(&run, FIELD_DNS_QUERY_NAME, 0),
                            vectors[i].text);
        dissect_run_clear(&run);
    }
}

static void refuses_what_the_rfc_forbids(void **state)
{
    (void)state;
    const struct {
        const char *why;
        struct bytes wire;
        const char *anomaly;
    } vectors[] = {
        { "a header of eleven bytes", WIRE("\0\1\0\0\0\1\0\0\0\0\0"),
          "dns_header_truncated" },
        { "a pointer to itself",
          WIRE(HEADER("\0\0", "\1", "\0", "\0", "\0") POINTER IN("\1")),
          "dns_question_malformed" },
        { "a pointer forward",
          WIRE(HEADER("\0\0", "\1", "\0", "\0", "\0") "\xc0\x0e\0" IN("\1")),
          "dns_question_malformed" },
        { "a pointer into its own labels",
          WIRE(HEADER("\0\0", "\1", "\0", "\0", "\0") "\1a" POINTER IN("\1")),
          "dns_question_malformed" },
        { "RFC 2671's extended label type",
          WIRE(HEADER("\0\0", "\1", "\0", "\0", "\0") "\x41" "a\0" IN("\1")),
          "dns_question_malformed" },
        { "a question without its class",
          WIRE(HEADER("\0\0", "\1", "\0", "\0", "\0") EXAMPLE "\0\1\0"),
          "dns_question_malformed" },
        { "record data past the end",
          WIRE(ANSWER("\1", "\5", "\1\2\3\4")), "dns_record_malformed" },
        { "a record that is not there",
          WIRE(HEADER("\x80\0", "\0", "\1", "\0", "\0")),
          "dns_record_malformed" },
    };

    for (size_t i = 0; i < COUNT_OF(vectors); i++) {
        struct dissect_run run;
        send_udp(&run, vectors[i].wire);
        assert_int_equal(run.result.verdict, DISSECT_MALFORMED);
        assert_string_equal(run.result.anomaly, vectors[i].anomaly);
        assert_int_equal(run.events.count, 0);
        dissect_run_clear(&run);
    }
}

/* A query for a name of `size` bytes on the wire, in labels of one byte. */
static struct bytes query_of_size(uint8_t *wire, size_t size)
{
    size_t at = 12;

    for (size_t i = 0; i < 12; i++)
        wire[i] = i == 5;
    if (size % 2 == 0) { /* One label of two bytes makes it even. */
        wire[at++] = 2;
        wire[at++] = 'b';
        wire[at++] = 'b';
        size -= 3;
    }
    for (; size > 1; size -= 2) {
        wire[at++] = 1;
        wire[at++] = 'a';
    }
    wire[at++] = 0;
    for (size_t i = 0; i < 4; i++)
        wire[at++] = i & 1;
    return bytes_of(wire, at);
}

static void a_name_has_at_most_255_bytes(void **state)
{
    (void)state;
    uint8_t wire[512];
    struct dissect_run run;

    send_udp(&run, query_of_size(wire, 255));
    assert_string_equal(text(&run, FIELD_DNS_QUERY_LABELS, 0), "127");
    dissect_run_clear(&run);
    send_udp(&run, query_of_size(wire, 256));
    assert_int_equal(run.result.verdict, DISSECT_MALFORMED);
    dissect_run_clear(&run);
}

/* A response of `count` records, each a CNAME of the root to the root. */
static struct bytes response_of_count(uint8_t *wire, unsigned count)
{
    static const uint8_t header[12] = { 0, 1, 0x80, 0, 0, 0, 0, 0 };
    static const uint8_t record[12] = { 0, 0, 5, 0, 1, 0, 0, 0, 0, 0, 1, 0 };
    size_t at = 0;

    for (size_t i = 0; i < sizeof header; i++)
        wire[at++] = i == 7 ? (uint8_t)count : header[i];
    for (unsigned n = 0; n < count; n++)
        for (size_t i = 0; i < sizeof record; i++)
            wire[at++] = record[i];
    return bytes_of(wire, at);
}

static void records_past_the_limit_are_counted(void **state)
{
    (void)state;
    uint8_t wire[2048];
    struct dissect_run run;

    send_udp(&run, response_of_count(wire, DNS_RECORDS_MAX));
    assert_string_equal(text(&run, FIELD_DNS_RECORDS_MORE, 0), "(none)");
    assert_string_equal(
        text(&run, FIELD_DNS_ANSWER_DATA, DNS_RECORDS_MAX - 1), ".");
    dissect_run_clear(&run);
    send_udp(&run, response_of_count(wire, DNS_RECORDS_MAX + 1));
    assert_string_equal(text(&run, FIELD_DNS_RECORDS_MORE, 0), "1");
    assert_string_equal(text(&run, FIELD_DNS_ANSWER_DATA, DNS_RECORDS_MAX),
                        "(none)");
    dissect_run_clear(&run);
}

static void numbers_without_a_name_are_named_as_rfc_3597_says(void **state)
{
    (void)state;
    struct dissect_run run;

    send_udp(&run, WIRE(HEADER("\x98\x0d", "\1", "\0", "\0", "\0") EXAMPLE
                        "\xff\0\0\7"));
    assert_string_equal(text(&run, FIELD_DNS_QUERY_TYPE, 0), "TYPE65280");
    assert_string_equal(text(&run, FIELD_DNS_QUERY_CLASS, 0), "CLASS7");
    assert_string_equal(text(&run, FIELD_DNS_OPCODE_NAME, 0), "OPCODE3");
    assert_string_equal(text(&run, FIELD_DNS_RCODE, 0), "RCODE13");
    dissect_run_clear(&run);
}

static void the_parent_is_what_somebody_registered(void **state)
{
    (void)state;
    const struct {
        const char *name;
        const char *parent;
    } vectors[] = {
        { "a.b.example.com", "example.com" },
        { "example.com", "example.com" },
        { "com", "com" },
        { ".", "." },
        { "a.b.example.co.uk", "example.co.uk" },
        { "example.co.uk", "example.co.uk" },
        { "co.uk", "co.uk" },
        { "a.example.de", "example.de" },
        { "a.co.museum", "co.museum" },
        { "x.a\\.b.com", "a\\.b.com" },
    };

    for (size_t i = 0; i < COUNT_OF(vectors); i++) {
        struct bytes parent =
            dns_parent_domain(bytes_of_text(vectors[i].name));
        if (!bytes_equal(parent, bytes_of_text(vectors[i].parent)))
            fail_msg("%s", vectors[i].name);
    }
}

static void entropy_is_shannons(void **state)
{
    (void)state;
    assert_true(dns_label_entropy(bytes_of_text("")) == 0);
    assert_true(dns_label_entropy(bytes_of_text("aaaa")) == 0);
    assert_true(dns_label_entropy(bytes_of_text("ab")) == 1);
    assert_true(dns_label_entropy(bytes_of_text("abcdefgh")) == 3);
    double mixed = dns_label_entropy(bytes_of_text("aab"));
    assert_true(mixed > 0.918 && mixed < 0.919);
}

static void tcp_messages_are_cut_by_their_length(void **state)
{
    (void)state;
    struct bytes two = WIRE("\0\x1d" QUERY "\0\x1d" QUERY);
    struct dissect_run run;

    dissect_run_init(&run, &dns_tcp_dissector, 53);
    dissect_run_send(&run, FLOW_ORIGINATOR, bytes_slice(two, 0, 40));
    assert_int_equal(run.result.verdict, DISSECT_MORE);
    assert_int_equal(run.result.needed, 31);
    assert_int_equal(run.events.count, 1);
    dissect_run_send(&run, FLOW_ORIGINATOR, bytes_slice(two, 40, 99));
    assert_int_equal(run.events.count, 2);
    dissect_run_end(&run, FLOW_ORIGINATOR);
    assert_int_equal(run.result.verdict, DISSECT_DONE);
    dissect_run_clear(&run);
}

static void a_tcp_stream_that_ends_early_is_malformed(void **state)
{
    (void)state;
    struct dissect_run run;

    dissect_run_init(&run, &dns_tcp_dissector, 53);
    dissect_run_send(&run, FLOW_ORIGINATOR, WIRE("\0\x1d\x12\x34"));
    dissect_run_end(&run, FLOW_ORIGINATOR);
    assert_string_equal(run.result.anomaly, "dns_stream_truncated");
    dissect_run_clear(&run);
}

static void recognises_dns_on_any_port_but_not_its_relatives(void **state)
{
    (void)state;
    const struct {
        const char *why;
        uint16_t port;
        struct bytes wire;
        enum dissect_verdict verdict;
    } vectors[] = {
        { "a whole query", 5300, WIRE(QUERY), DISSECT_DONE },
        { "bytes after it", 5300, WIRE(QUERY "x"), DISSECT_NOT_MINE },
        { "the port settles that", 53, WIRE(QUERY "x"), DISSECT_DONE },
        { "multicast DNS has its own", 5353, WIRE(QUERY), DISSECT_NOT_MINE },
        { "zeros are nobody's", 5300, WIRE("\0\0\0\0\0\0\0\0\0\0\0\0"),
          DISSECT_NOT_MINE },
        { "nor on the port", 53, WIRE("\0\0\0\0\0\0\0\0\0\0\0\0"),
          DISSECT_NOT_MINE },
        { "a reserved bit and code", 53,
          WIRE("\x12\x34\x19\x40\0\1\0\0\0\0\0\0\1a\0\0\1\0\1"),
          DISSECT_DONE },
        { "which elsewhere are not DNS", 5300,
          WIRE("\x12\x34\x19\x40\0\1\0\0\0\0\0\0\1a\0\0\1\0\1"),
          DISSECT_NOT_MINE },
        { "text", 53, WIRE("GET / HTTP/1.1\r\n\r\n"), DISSECT_NOT_MINE },
    };

    for (size_t i = 0; i < COUNT_OF(vectors); i++) {
        struct dissect_run run;
        dissect_run_init(&run, &dns_dissector, vectors[i].port);
        if (dissect_run_recognise(&run, FLOW_ORIGINATOR, vectors[i].wire) !=
            vectors[i].verdict)
            fail_msg("%s", vectors[i].why);
        dissect_run_clear(&run);
    }
}

static void run_udp(struct bytes variant, void *context)
{
    struct dissect_run run;
    bool whole = context && variant.size == *(size_t *)context;

    send_udp(&run, variant);
    if (context)
        assert_int_equal(run.result.verdict,
                         whole ? DISSECT_DONE : DISSECT_MALFORMED);
    dissect_run_clear(&run);
}

static void run_tcp(struct bytes first, struct bytes second, void *context)
{
    struct dissect_run run;

    (void)context;
    dissect_run_init(&run, &dns_tcp_dissector, 53);
    dissect_run_send(&run, FLOW_ORIGINATOR, first);
    dissect_run_send(&run, FLOW_ORIGINATOR, second);
    assert_int_equal(run.events.count, 2);
    dissect_run_clear(&run);
}

static void survives_the_sweeps(void **state)
{
    (void)state;
    struct bytes response = WIRE(RESPONSE_A);

    sweep_truncate(response, run_udp, &response.size);
    sweep_flip(response, run_udp, NULL);
    sweep_split(WIRE("\0\x1d" QUERY "\0\x1d" QUERY), run_tcp, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_second_answer_that_differs_is_marked),
        cmocka_unit_test(honest_answers_are_not_marked),
        cmocka_unit_test(a_query_is_one_event),
        cmocka_unit_test(a_response_has_its_answers_and_edns),
        cmocka_unit_test(record_data_become_text),
        cmocka_unit_test(caa_is_text),
        cmocka_unit_test(names_are_unambiguous_text),
        cmocka_unit_test(refuses_what_the_rfc_forbids),
        cmocka_unit_test(a_name_has_at_most_255_bytes),
        cmocka_unit_test(records_past_the_limit_are_counted),
        cmocka_unit_test(numbers_without_a_name_are_named_as_rfc_3597_says),
        cmocka_unit_test(the_parent_is_what_somebody_registered),
        cmocka_unit_test(entropy_is_shannons),
        cmocka_unit_test(tcp_messages_are_cut_by_their_length),
        cmocka_unit_test(a_tcp_stream_that_ends_early_is_malformed),
        cmocka_unit_test(recognises_dns_on_any_port_but_not_its_relatives),
        cmocka_unit_test(survives_the_sweeps),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
