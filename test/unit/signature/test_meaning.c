/* SPDX-License-Identifier: Apache-2.0 */
/* What rules mean once read: where tests look, what is judged on what, what a
 * finding would say. */
#include <stdio.h>
#include <string.h>

#include "test.h"

#include "detect/signature/explain.h"

static struct signature *load(const char *text)
{
    struct signature *set = signature_new();

    signature_load_text(set, "test.rules", bytes_of_text(text));
    signature_compile(set);
    if (signature_refusal_count(set) > 0)
        fail_msg("%s: %s", text, signature_refusal(set, 0)->reason);
    return set;
}

static const struct rule *rule_of(struct signature *set)
{
    assert_int_equal(signature_rule_count(set), 1);
    return signature_rule(set, 0);
}

static void assert_data(const struct rule_test *test, const char *expected)
{
    assert_int_equal(test->kind, TEST_CONTENT);
    assert_int_equal(test->content.data.size, strlen(expected));
    assert_memory_equal(test->content.data.data, expected, strlen(expected));
}

static void modifiers_of_old_move_contents_to_their_buffer(void **state)
{
    struct signature *set = load(
        "alert http any any -> any any (content:\"GET\"; http_method; "
        "content:\"/A\"; nocase; http_uri; content:\"plain\"; content:\"b\"; "
        "http_uri; distance:0; pcre:\"/c/RU\"; sid:1;)");
    const struct rule *rule = rule_of(set);

    (void)state;
    assert_int_equal(rule->inspection_count, 3);
    for (size_t i = 0; i < rule->inspection_count; i++) {
        const struct rule_inspection *in = &rule->inspections[i];
        if (in->view == VIEW_HTTP_METHOD) {
            assert_data(&in->tests[0], "GET");
        } else if (in->view == VIEW_HTTP_URI) {
            assert_int_equal(in->test_count, 3);
            assert_data(&in->tests[0], "/a");
            assert_data(&in->tests[1], "b");
            assert_true(in->tests[1].relative);
            assert_int_equal(in->tests[2].kind, TEST_PCRE);
        } else {
            assert_int_equal(in->view, VIEW_PAYLOAD);
            assert_data(&in->tests[0], "plain");
        }
    }
    signature_free(set);
}

static void a_buffer_of_one_value_is_one_inspection(void **state)
{
    struct signature *set = load(
        "alert http any any -> any any (http.uri; content:\"a\"; "
        "http.method; content:\"b\"; http.uri; content:\"c\"; "
        "http.uri; to_lowercase; content:\"d\"; sid:1;)");
    const struct rule *rule = rule_of(set);

    (void)state;
    assert_int_equal(rule->inspection_count, 3);
    assert_int_equal(rule->inspections[0].test_count, 2);
    assert_int_equal(rule->inspections[2].transform_count, 1);
    signature_free(set);
    set = load("alert dns any any -> any any (dns.query; content:\"a\"; "
               "dns.query; content:\"b\"; sid:1;)");
    assert_int_equal(rule_of(set)->inspection_count, 2);
    signature_free(set);
}

static void what_is_decoded_comes_after_its_decoding(void **state)
{
    struct signature *set = load(
        "alert http any any -> any any (http.uri; content:\"a\"; "
        "base64_decode:relative; base64_data; content:\"b\"; http.uri; "
        "content:\"c\"; sid:1;)");
    const struct rule *rule = rule_of(set);

    (void)state;
    assert_int_equal(rule->inspection_count, 1);
    const struct rule_test *tests = rule->inspections[0].tests;
    assert_data(&tests[0], "a");
    assert_data(&tests[1], "c");
    assert_int_equal(tests[2].kind, TEST_BASE64_DECODE);
    assert_data(&tests[3], "b");
    signature_free(set);
}

static void scopes_are_as_suricata_chooses_them(void **state)
{
    static const struct {
        const char *rule;
        enum rule_scope scope;
        bool on_packets;
        bool on_stream;
    } cases[] = {
        { "tcp any any -> any any (content:\"a\"; sid:1;)",
          RULE_SCOPE_STREAM, false, true },
        { "tcp any any -> any any (content:\"a\"; depth:9; sid:1;)",
          RULE_SCOPE_STREAM, true, true },
        { "tcp any any -> any any (content:\"a\"; dsize:9; sid:1;)",
          RULE_SCOPE_PACKET, true, false },
        { "tcp-pkt any any -> any any (content:\"a\"; sid:1;)",
          RULE_SCOPE_PACKET, true, false },
        { "tcp-stream any any -> any any (content:\"a\"; depth:2; sid:1;)",
          RULE_SCOPE_STREAM, false, true },
        { "tcp any any -> any any (flow:no_stream; content:\"a\"; sid:1;)",
          RULE_SCOPE_PACKET, true, false },
        { "udp any any -> any any (content:\"a\"; sid:1;)",
          RULE_SCOPE_PACKET, true, false },
        { "ip any any -> any any (sid:1;)", RULE_SCOPE_PACKET, true, false },
        { "http any any -> any any (http.uri; content:\"a\"; sid:1;)",
          RULE_SCOPE_TRANSACTION, false, false },
    };
    char text[512];

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        (void)snprintf(text, sizeof text, "alert %s", cases[i].rule);
        struct signature *set = load(text);
        const struct rule *rule = rule_of(set);
        assert_int_equal(rule->scope, cases[i].scope);
        assert_int_equal(rule->on_packets, cases[i].on_packets);
        assert_int_equal(rule->on_stream, cases[i].on_stream);
        signature_free(set);
    }
}

static void the_fast_pattern_is_the_one_met_least(void **state)
{
    static const struct {
        const char *options;
        const char *fast; /* Null for none. */
    } cases[] = {
        { "content:\"abcdef\"; content:\"abcdefgh\";", "abcdefgh" },
        { "content:\"abcdef\"; content:\"ab\"; fast_pattern;", "ab" },
        { "content:!\"abcdefgh\"; content:\"xyz\";", "xyz" },
        { "content:!\"abcdefgh\";", NULL },
        { "pcre:\"/abc/\";", NULL },
        { "http.method; content:\"PROPFIND\"; http.uri; content:\"/ab1\";",
          "/ab1" },
        { "content:\"|00 00 00 00 00 00|\"; content:\"%q!z\";", "%q!z" },
        { "content:\"abcd\"; base64_decode; base64_data; "
          "content:\"abcdefghi\";", "abcd" },
    };
    char text[512];

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        (void)snprintf(text, sizeof text,
                       "alert http any any -> any any (%s sid:1;)",
                       cases[i].options);
        struct signature *set = load(text);
        const struct rule *rule = rule_of(set);
        assert_int_equal(rule->has_fast_pattern, cases[i].fast != NULL);
        if (cases[i].fast)
            assert_data(&rule->inspections[rule->fast_inspection]
                             .tests[rule->fast_test], cases[i].fast);
        signature_free(set);
    }
}

struct judged {
    const char *ends;
    const char *options;
    enum severity severity;
    enum subject subject;
    const char *harm;
    const char *role;
};

static void findings_are_judged_by_class_and_metadata(void **state)
{
    static const struct judged cases[] = {
        { "$HOME_NET any -> $EXTERNAL_NET any",
          "msg:\"ET MALWARE x\"; classtype:command-and-control;",
          SEVERITY_URGENT, SUBJECT_SOURCE, "malicious-code/infected-system",
          "owner" },
        { "$EXTERNAL_NET any -> $HOME_NET any",
          "msg:\"ET EXPLOIT x\"; classtype:attempted-admin; "
          "metadata:attack_target IoT;",
          SEVERITY_WARNING, SUBJECT_DESTINATION,
          "intrusion-attempts/exploitation-of-known-vulnerabilities",
          "maker" },
        { "$HOME_NET any -> any any",
          "msg:\"ET POLICY x\"; classtype:trojan-activity;",
          SEVERITY_NOTICE, SUBJECT_SOURCE, "malicious-code/infected-system",
          "owner" },
        { "any any -> any any",
          "msg:\"x\"; classtype:policy-violation; target:dest_ip;",
          SEVERITY_NOTICE, SUBJECT_DESTINATION, "other/other", "owner" },
        { "any any -> any any",
          "msg:\"x\"; classtype:trojan-activity; metadata:signature_severity "
          "Informational; flow:to_client;",
          SEVERITY_NOTICE, SUBJECT_DESTINATION,
          "malicious-code/infected-system", "owner" },
        { "any any -> any any",
          "msg:\"x\"; classtype:trojan-activity; metadata:confidence Low;",
          SEVERITY_WARNING, SUBJECT_SOURCE, "malicious-code/infected-system",
          "owner" },
        { "any any -> any any", "msg:\"x\";", SEVERITY_NOTICE,
          SUBJECT_SOURCE, "other/undetermined", "owner" },
    };
    char text[1024];

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        (void)snprintf(text, sizeof text, "alert tcp %s (%s sid:1;)",
                       cases[i].ends, cases[i].options);
        struct signature *set = load(text);
        const struct detection *detection = &rule_of(set)->detection;
        assert_int_equal(detection->severity, cases[i].severity);
        assert_int_equal(detection->subject, cases[i].subject);
        assert_string_equal(detection->harm, cases[i].harm);
        assert_string_equal(detection->role, cases[i].role);
        signature_free(set);
    }
}

static void the_version_is_of_what_a_rule_says(void **state)
{
    static const char one[] =
        "alert tcp any any -> any any (msg:\"a\"; content:\"x\"; sid:1; "
        "rev:1; metadata:updated_at 2020;)";
    static const char same[] =
        "alert  tcp any any  ->  any any ( msg:\"b\"; content: \"x\" ; "
        "sid:2;rev:7; reference:url,a.b;)";
    static const char other[] =
        "alert tcp any any -> any any (msg:\"a\"; content:\"y\"; sid:1;)";
    struct signature *sets[] = { load(one), load(same), load(other) };

    (void)state;
    assert_string_equal(rule_of(sets[0])->detection.version,
                        rule_of(sets[1])->detection.version);
    assert_string_not_equal(rule_of(sets[0])->detection.version,
                            rule_of(sets[2])->detection.version);
    assert_int_equal(strlen(rule_of(sets[0])->detection.version), 16);
    assert_string_equal(rule_of(sets[0])->detection.id, "1:1");
    for (size_t i = 0; i < COUNT_OF(sets); i++)
        signature_free(sets[i]);
}

static void every_part_of_a_rule_is_explained(void **state)
{
    static const char *const said[] = {
        "1:9, revision 2: a \"b\"", "flows of the protocol http",
        "any port", "port 80", "established",
        "of http.uri, in lower case:", "stands \"/a \" in capitals or not",
        "does not stand \"q\"", "the pattern fits: /d+/R after",
        "a byte 5 bytes", "bears the mark \"m\"",
        "It sets the mark \"n\" of the flow", "Only the first 1 alerts in 6",
        "Then it alerts", "https://a.b", "ATT&CK: T1071",
    };
    struct signature *set = load(
        "alert http any any -> any 80 (msg:\"a \\\"b\\\"\"; "
        "flow:established,to_server; http.uri; to_lowercase; "
        "content:\"/A|20|\"; nocase; content:!\"q\"; pcre:\"/d+/R\"; "
        "isdataat:5,relative; flowbits:isset,m; flowbits:set,n; threshold:"
        "type limit,track by_src,count 1,seconds 6; reference:url,a.b; "
        "metadata:mitre_technique_id T1071; sid:9; rev:2;)");
    struct writer w;

    (void)state;
    writer_init(&w, 1 << 16);
    signature_explain(set, rule_of(set), &w);
    for (size_t i = 0; i < COUNT_OF(said); i++)
        if (!strstr(writer_as_text(&w), said[i]))
            fail_msg("\"%s\" is not in %s", said[i], writer_as_text(&w));
    writer_clear(&w);
    signature_free(set);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(modifiers_of_old_move_contents_to_their_buffer),
        cmocka_unit_test(a_buffer_of_one_value_is_one_inspection),
        cmocka_unit_test(what_is_decoded_comes_after_its_decoding),
        cmocka_unit_test(scopes_are_as_suricata_chooses_them),
        cmocka_unit_test(the_fast_pattern_is_the_one_met_least),
        cmocka_unit_test(findings_are_judged_by_class_and_metadata),
        cmocka_unit_test(the_version_is_of_what_a_rule_says),
        cmocka_unit_test(every_part_of_a_rule_is_explained),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
