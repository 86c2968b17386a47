/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "test.h"

#include "detect/signature/draft.h"
#include "sweep.h"

static struct signature *load(const char *text)
{
    struct signature *set = signature_new();

    signature_load_text(set, "test.rules", bytes_of_text(text));
    signature_compile(set);
    return set;
}

/* A rule over TCP, or HTTP, by its options. */
static struct signature *load_options(const char *protocol,
                                      const char *options)
{
    char text[8192];

    (void)snprintf(text, sizeof text,
                   "alert %s any any -> any any (msg:\"test\"; %s sid:1;)",
                   protocol, options);
    return load(text);
}

static void assert_loads(const char *protocol, const char *options)
{
    struct signature *set = load_options(protocol, options);

    for (size_t i = 0; i < signature_refusal_count(set); i++)
        print_error("%s: %s: %s\n", options,
                    signature_refusal(set, i)->keyword,
                    signature_refusal(set, i)->reason);
    assert_int_equal(signature_refusal_count(set), 0);
    assert_int_equal(signature_rule_count(set), 1);
    signature_free(set);
}

static const char *const good_tcp[] = {
    "",
    "content:\"a\\;b\\\"c\\\\d\\:e:f\";",
    "content:\"|0d 0A|x|00,01|\"; nocase; rawbytes;",
    "content:!\"a\"; depth:5; offset:1;",
    "content:\"a\"; content:\"b\"; distance:-4; within:8;",
    "content:\"abc\"; startswith; endswith; fast_pattern;",
    "content:\"abc\"; fast_pattern:only;",
    "content:\"abcdef\"; fast_pattern:1,4;",
    "content:\"a\"; content:\"b\"; http_uri; content:\"c\"; http_header;",
    "uricontent:\"/x\"; nocase;",
    "pcre:\"/a+/Rims\";",
    "pcre:!\"/a(?P<x>b)\\1/U\";",
    "pcre:\"m|^/a/b|i\";",
    "pcre:\"/(a+)b/, flow:name\";",
    "isdataat:!10,relative; isdataat:400;",
    "byte_test:4,>,1000,0; byte_test:2,!&,0x80,-3,relative,little;",
    "byte_test:0,>,4000,0,string,dec;",
    "byte_test:2,<=,5,0,bitmask 0x0f,dce;",
    "byte_jump:4,4,relative,align,multiplier 2,post_offset -1;",
    "byte_jump:4,0,relative,little,string,dec,from_beginning;",
    "byte_jump:0,10,from_end;",
    "byte_extract:1,0,size,relative,align 4,multiplier 2,bitmask 0xf0;"
    " content:\"a\"; within:size; byte_test:2,=,size,size;"
    " isdataat:size,relative;",
    "byte_math:bytes 4,offset 0,oper <<,rvalue 2,result x,endian little,"
    " string hex; content:\"a\"; offset:x;",
    "base64_decode:bytes 12,offset 3,relative; base64_data;"
    " content:\"abc\"; pkt_data; content:\"d\";",
    "dsize:>10; dsize:5<>9; flags:S,12; flags:+SA; flags:!FP; flags:0;",
    "seq:5; ack:!0; window:<10; tcp.mss:500<>600; ttl:>3; id:7; tos:x1a;",
    "ip_proto:!6; ipopts:lsrr; fragbits:+MD; fragoffset:>0; sameip;",
    "flow:established,to_server,no_stream;",
    "flowbits:set,a.b; flowbits:isset,a|b|c; flowbits:noalert;",
    "xbits:set,x,track ip_src,expire 10; xbits:isset,y,track ip_pair;",
    "hostbits:isnotset,h,dst; hostbits:set,h;",
    "flowint:n,+,1; flowint:n,>=,5; flowint:n,notset; flowint:n,=,m;",
    "stream_size:client,>,10; stream_size:either,!=,3;",
    "threshold:type limit, track by_src, count 1, seconds 60;",
    "threshold: type backoff, track by_flow, count 1, multiplier 10;",
    "detection_filter:track by_dst,count 5,seconds 60;",
    "classtype:trojan-activity; priority:2; rev:7; gid:3;",
    "reference:url,example.org/a; reference:cve,2020-1234;",
    "metadata:a b, c d e; metadata:policy x; target:src_ip;",
    "requires:version >= 7.0.3, feature output::file-store;",
    "requires: version >= 7.0.3 < 8 | >= 8.0.1;",
    "ipv4-csum:invalid; tcpv4-csum:valid; udpv6-csum:invalid;",
    "decode-event:ipv4.pkt_too_small;", "stream-event:fin_syn;",
    "app-layer-event:http.double_encoded_uri;",
    "app-layer-protocol:!http,final;", "flow.age:>3600;",
    "flow.pkts_toserver:>5; flow.bytes:toclient,<100;",
    "vlan.id:300; vlan.id:200,-1; vlan.layers:2;",
    "tag:session,5,packets; filestore; prefilter; bypass; noalert;",
    "filename:\"x.exe\"; fileext:\"exe\"; filesize:>5KB;",
};

static const char *const good_http[] = {
    "http.uri; content:\"a\"; http.method; content:\"POST\";",
    "http.uri; to_lowercase; content:\"a\"; to_md5; content:\"b\";",
    "http.uri; bsize:3<>7; urilen:>5; urilen:7,norm;",
    "http.user_agent; xor:\"0d0ac8ff\"; content:\"a\";",
    "http.uri; from_base64:bytes 12,offset 4,mode rfc2045; content:\"a\";",
    "http.uri; pcrexform:\"[a-z]+\\s+(.*)\"; content:\"a\";",
    "http.uri; url_decode; strip_whitespace; dotprefix; content:\".a\";",
    "http.referer; absent; http.uri; content:\"x\";",
    "file_data; content:\"a\"; pcre:\"/b/R\";",
    "http.response_body; content:\"a\"; pcre:\"/b/Q\";",
    "http.uri; subslice:2,-4; content:\"a\"; entropy:value >= 7.5;",
};

static void loads_what_the_language_has(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(good_tcp); i++)
        assert_loads("tcp", good_tcp[i]);
    for (size_t i = 0; i < COUNT_OF(good_http); i++)
        assert_loads("http", good_http[i]);
    assert_loads("dns", "dns.query; content:\"a\"; dns.opcode:!2;");
    assert_loads("dns", "dns.rcode:NXDOMAIN; dns.rrtype:>3;");
    assert_loads("tls", "tls.version:1.2; tls_cert_notafter:<2020-01-31;"
                        " tls.subject:\"CN=x\";");
    assert_loads("tls", "ja3.hash; content:\"0a\"; tls.sni; bsize:5;");
    assert_loads("tls", "ssl_version:tls1.2,tls1.3;");
    assert_loads("mqtt", "mqtt.type:PUBLISH; mqtt.flags:!retain,dup;"
                         " mqtt.connect.flags:username,!password;");
    assert_loads("icmp", "itype:8; icode:0<>3; icmp_id:5; icmp_seq:!7;");
    assert_loads("quic", "ja3.hash; content:\"0a\";");
}

struct bad {
    const char *protocol;
    const char *options;
    const char *reason; /* A part of it. */
};

static const struct bad bad_options[] = {
    { "tcp", "contnt:\"a\";", "is no keyword" },
    { "tcp", "content:\"\";", "empty content" },
    { "tcp", "content:\"a|0\";", "nothing closes" },
    { "tcp", "content:\"|0|\";", "half a byte" },
    { "tcp", "content:\"|0g|\";", "no hexadecimal digit" },
    { "tcp", "content:\"a\\b\";", "backslash" },
    { "tcp", "content:\"a\"b\";", "quote inside" },
    { "tcp", "content:\"a;b\";", "closing quote" },
    { "tcp", "content;", "value is missing" },
    { "tcp", "nocase;", "no content stands before" },
    { "tcp", "content:\"a\"; nocase:1;", "takes no value" },
    { "tcp", "content:\"abc\"; depth:2;", "less than the size" },
    { "tcp", "content:\"abc\"; within:2;", "less than the size" },
    { "tcp", "content:\"a\"; depth:5; distance:1;", "cannot stand together" },
    { "tcp", "content:\"a\"; startswith; offset:1;", "startswith" },
    { "tcp", "content:\"a\"; depth:5; depth:6;", "said twice" },
    { "tcp", "content:\"a\"; depth:1048577;", "is not between" },
    { "tcp", "content:\"a\"; depth:size;", "neither a number nor" },
    { "tcp", "content:\"a\"; distance:1; fast_pattern:only;", "presence" },
    { "tcp", "content:\"abc\"; fast_pattern:2,2;", "past the content" },
    { "tcp", "content:\"a\"; fast_pattern; content:\"b\"; fast_pattern;",
      "only one content" },
    { "tcp", "http_uri;", "no content stands before" },
    { "http", "http.uri; content:\"a\"; http_header;", "sticky buffer" },
    { "http", "http.uri;", "nothing is asked" },
    { "http", "http.uri; http.method; content:\"a\";", "nothing is asked" },
    { "http", "content:\"a\"; to_md5;", "no sticky buffer" },
    { "http", "dns.query; content:\"a\";", "the rule is of http" },
    { "http", "bsize:5;", "sticky buffer" },
    { "http", "http.uri; content:\"a\"; http.stat_code; content:\"2\";",
      "request and of the response" },
    { "http", "flow:to_client; http.uri; content:\"a\";",
      "buffers are of the request" },
    { "http", "http.uri; content:\"a\"; pcre:\"/b/H\";", "another buffer" },
    { "http", "http.uri; xor:\"0g\"; content:\"a\";", "no hexadecimal key" },
    { "tcp", "base64_data; content:\"a\";", "no base64_decode" },
    { "tcp", "pcre:\"a\";", "no delimiters" },
    { "tcp", "pcre:\"/(/\";", "does not compile" },
    { "tcp", "pcre:\"/a/J\";", "J is no flag" },
    { "tcp", "pcre:\"/a/UH\";", "two flags name a buffer" },
    { "tcp", "isdataat:10,absolute;", "is neither" },
    { "tcp", "byte_test:4,>,1;", "fewer than four" },
    { "tcp", "byte_test:9,>,1,0;", "at most 8" },
    { "tcp", "byte_test:0,>,1,0;", "no bytes to read" },
    { "tcp", "byte_test:4,~,1,0;", "no comparison" },
    { "tcp", "byte_test:4,>,1,0,hex;", "string" },
    { "tcp", "byte_jump:4,0,align 3;", "no option" },
    { "tcp", "byte_extract:4,0,5x;", "no name of a variable" },
    { "tcp", "byte_math:bytes 4,offset 0,oper /,rvalue 0,result x;",
      "division by zero" },
    { "tcp", "byte_math:bytes 4,offset 0;", "missing" },
    { "tcp", "flow:to_server,to_client;", "contradicts" },
    { "tcp", "flow:established,stateless;", "contradicts" },
    { "tcp", "flow:sideways;", "no word of it" },
    { "tcp", "flow:established; flow:to_server;", "stands twice" },
    { "tcp", "flow:only_stream; dsize:5;", "single packets" },
    { "tcp", "flowbits:set,a|b;", "only isset" },
    { "tcp", "flowbits:frob,a;", "none of its actions" },
    { "tcp", "flowbits:set;", "name is missing" },
    { "tcp", "xbits:set,a;", "what is tracked" },
    { "tcp", "flowint:n,%,1;", "operators" },
    { "tcp", "stream_size:up,>,1;", "a side" },
    { "tcp", "threshold:type limit,track by_src;", "is missing" },
    { "tcp", "threshold:type limit,track by_src,count 0,seconds 1;",
      "is not of it" },
    { "tcp", "detection_filter:track by_src,count 1,seconds 1;"
             " threshold:type limit,track by_src,count 1,seconds 1;",
      "one threshold" },
    { "tcp", "flags:XYZ;", "not made of" },
    { "tcp", "dsize:70000;", "no number or range" },
    { "tcp", "dsize:5<>6;", "no number or range" },
    { "tcp", "ttl:256;", "no number or range" },
    { "tcp", "ipopts:none;", "no IPv4 option" },
    { "tcp", "priority:0x1g;", "no priority" },
    { "tcp", "target:both;", "is neither" },
    { "tcp", "requires:version >= 99;", "not fulfilled" },
    { "tcp", "requires:keyword lua;", "not fulfilled" },
    { "tcp", "requires:feature frobnicate;", "not fulfilled" },
    { "tcp", "lua:x.lua;", "no scripts" },
    { "tcp", "geoip:src,CN;", "country" },
    { "tcp", "replace:\"a\";", "changes no packet" },
    { "tcp", "app-layer-protocol:krb5;", "no dissector" },
    { "http", "app-layer-protocol:http;", "names its protocol" },
    { "tcp", "sid:5;", "stands twice" },
    { "tcp", "dataset:isset,x;", "first rule of a set" },
    { "http", "http.uri; dataset:isset,x,type string,load ../x;",
      "leads out" },
    { "http", "http.uri; dataset:isset,x,type string,load no.lst;",
      "cannot be read" },
};

static void assert_refused(struct signature *set, const char *what,
                           const char *reason)
{
    assert_int_equal(signature_rule_count(set), 0);
    assert_int_equal(signature_refusal_count(set), 1);
    const struct signature_remark *remark = signature_refusal(set, 0);
    if (!strstr(remark->reason, reason) &&
        !(remark->suggestion && strstr(remark->suggestion, reason)))
        fail_msg("%s: \"%s\" is not in \"%s\"", what, reason,
                 remark->reason);
    signature_free(set);
}

static void refuses_with_a_reason(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(bad_options); i++)
        assert_refused(load_options(bad_options[i].protocol,
                                    bad_options[i].options),
                       bad_options[i].options, bad_options[i].reason);
}

static void refuses_rules_that_are_none(void **state)
{
    static const struct {
        const char *text;
        const char *reason;
    } bad[] = {
        { "alert tcp any any -> any any", "there is no (" },
        { "alert tcp any any -> any any (sid:1;", "closing )" },
        { "alert tcp any any -> any any (sid:1)", "no ;" },
        { "alert tcp any any -> any any (msg:\"x\";)", "no sid" },
        { "alert tcp any any -> any (sid:1;)", "ends too early" },
        { "alert tcp any any -> any any any (sid:1;)", "too much" },
        { "alert tcp any any <- any any (sid:1;)", "no direction" },
        { "warn tcp any any -> any any (sid:1;)", "no action" },
        { "config tcp any any -> any any (sid:1;)", "config" },
        { "accept:hook tcp any any -> any any (sid:1;)", "firewall" },
        { "alert krb5 any any -> any any (sid:1;)", "no dissector" },
        { "alert frob any any -> any any (sid:1;)", "no such protocol" },
        { "alert tcp $NO any -> any any (sid:1;)", "no such variable" },
        { "alert tcp any 70000 -> any any (sid:1;)", "not a port" },
        { "alert tcp !any any -> any any (sid:1;)", "nothing" },
        { "alert tcp any any -> any any (sid:0;)", "0 is no sid" },
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(bad); i++)
        assert_refused(load(bad[i].text), bad[i].text, bad[i].reason);
}

static void reads_files_as_people_write_them(void **state)
{
    struct signature *set = load(
        "\xef\xbb\xbf# a comment\r\n"
        "alert tcp any any -> any any ( \\\r\n"
        "    msg:\"first\"; \\\r\n"
        "    sid:1;)\r\n"
        "#alert tcp any any -> any any ( \\\r\n"
        "    msg:\"off\"; sid:2;)\r\n"
        "\r\n"
        "  alert udp [10.0.0.1, 10.0.0.2] any <> any [1:5, !3] (sid:3;)");

    (void)state;
    assert_int_equal(signature_refusal_count(set), 0);
    assert_int_equal(signature_rule_count(set), 2);
    const struct rule *first = signature_rule(set, 0);
    assert_string_equal(first->detection.title, "first");
    assert_int_equal(first->detection.line, 2);
    const struct rule *second = signature_rule(set, 1);
    assert_true(second->both_ways);
    assert_int_equal(second->source->count, 1);
    assert_int_equal(second->destination_ports->count, 2);
    assert_int_equal(second->detection.line, 8);
    signature_free(set);
}

static void a_refusal_names_line_sid_and_keyword(void **state)
{
    struct signature *set = load("\n\nalert tcp any any -> any any "
                                 "(content:\"a\"; dept:5; sid:77;)");

    (void)state;
    assert_int_equal(signature_refusal_count(set), 1);
    const struct signature_remark *remark = signature_refusal(set, 0);
    assert_string_equal(remark->file, "test.rules");
    assert_int_equal(remark->line, 3);
    assert_int_equal(remark->sid, 77);
    assert_string_equal(remark->keyword, "dept");
    assert_string_equal(remark->suggestion, "did you mean depth?");
    signature_free(set);
}

static void the_newer_revision_stays(void **state)
{
    struct signature *set = load(
        "alert tcp any any -> any any (msg:\"a\"; sid:1; rev:2;)\n"
        "alert tcp any any -> any any (msg:\"b\"; sid:1; rev:3;)\n"
        "alert tcp any any -> any any (msg:\"c\"; sid:1; rev:1;)\n"
        "alert tcp any any -> any any (msg:\"d\"; sid:1; gid:2;)\n");

    (void)state;
    assert_int_equal(signature_rule_count(set), 2);
    assert_string_equal(signature_rule(set, 0)->detection.title, "b");
    assert_int_equal(signature_warning_count(set), 1);
    assert_non_null(strstr(signature_warning(set, 0)->reason, "replaces"));
    assert_int_equal(signature_refusal_count(set), 1);
    assert_int_equal(signature_refusal(set, 0)->line, 3);
    signature_free(set);
}

/* `count` times `part` between `front` and `back`. */
static struct signature *load_many(const char *part, size_t count,
                                   const char *front, const char *back)
{
    size_t size = strlen(front) + count * strlen(part) + strlen(back) + 1;
    char *text = test_malloc(size);
    size_t at = (size_t)snprintf(text, size, "%s", front);

    for (size_t i = 0; i < count; i++)
        at += (size_t)snprintf(text + at, size - at, "%s", part);
    (void)snprintf(text + at, size - at, "%s", back);
    struct signature *set = load(text);
    test_free(text);
    return set;
}

static void limits_hold_and_are_said(void **state)
{
    static const char front[] = "alert tcp any any -> any any (";
    static const char end[] = "sid:1;)";
    struct {
        const char *part;
        const char *before; /* Of the parts. */
        const char *after;
        size_t most;
    } limits[] = {
        { "a", "content:\"", "\";", RULE_CONTENT_MAX },
        { "content:\"a\";", "", "", RULE_TEST_MAX },
        { "ttl:5;", "", "", RULE_CONDITION_MAX },
        { "flowbits:set,a;", "", "", RULE_EFFECT_MAX },
        { "metadata:a b;", "", "", RULE_METADATA_MAX },
        { "reference:url,a;", "", "", RULE_REFERENCE_MAX },
        { "noalert;", "", "", RULE_OPTION_MAX - 1 }, /* And sid. */
    };
    char before[256], after[256];

    (void)state;
    for (size_t i = 0; i < COUNT_OF(limits); i++) {
        (void)snprintf(before, sizeof before, "%s%s", front,
                       limits[i].before);
        (void)snprintf(after, sizeof after, "%s%s", limits[i].after, end);
        struct signature *set =
            load_many(limits[i].part, limits[i].most, before, after);
        assert_int_equal(signature_rule_count(set), 1);
        signature_free(set);
        set = load_many(limits[i].part, limits[i].most + 1, before, after);
        assert_int_equal(signature_rule_count(set), 0);
        assert_int_equal(signature_refusal_count(set), 1);
        signature_free(set);
    }
}

static void hostile_rules_are_bounded(void **state)
{
    (void)state;
    assert_refused(load_many("[", 40, "alert tcp ",
                             "1.1.1.1]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]"
                             " any -> any any (sid:1;)"),
                   "brackets", "nested too deep");
    assert_refused(load_many("a", 9000,
                             "alert tcp any any -> any any (pcre:\"/",
                             "/\"; sid:1;)"), "pcre", "more than");
    assert_refused(load_many("(", 300,
                             "alert tcp any any -> any any (pcre:\"/",
                             "/\"; sid:1;)"), "pcre", "does not compile");
    assert_refused(load_many("a", 300000,
                             "alert tcp any any -> any any (msg:\"",
                             "\"; sid:1;)"), "size", "larger than");
    assert_refused(load_many("alert\\\n", 60000, "", ""), "joined",
                   "larger than");
}

static const char whole_rule[] =
    "alert http $HOME_NET any -> [$EXTERNAL_NET,!1.2.3.0/24] [80,8000:8080] "
    "(msg:\"x \\\"y\\\"\"; flow:established,to_server; http.uri; to_lowercase; "
    "content:\"/a|20|b\"; fast_pattern; content:\"c\"; distance:1; within:5; "
    "pcre:\"/d+[e-f]/R\"; byte_test:2,>,0x10,0,relative,string,dec; "
    "flowbits:set,q; threshold:type limit,track by_src,count 1,seconds 6; "
    "classtype:trojan-activity; reference:url,a.b/c; sid:9; rev:1; "
    "metadata:k v, mitre_technique_id T1071;)";

static void load_variant(struct bytes variant, void *context)
{
    struct signature *set = context;

    signature_load_text(set, "sweep.rules", variant);
}

static void survives_truncation_and_flipped_bits(void **state)
{
    struct signature *set = signature_new();

    (void)state;
    sweep_truncate(bytes_of(whole_rule, sizeof whole_rule - 1), load_variant,
                   set);
    assert_int_equal(signature_rule_count(set), 1);
    sweep_flip(bytes_of(whole_rule, sizeof whole_rule - 1), load_variant,
               set);
    signature_compile(set);
    assert_true(signature_rule_count(set) >= 1);
    signature_free(set);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(loads_what_the_language_has),
        cmocka_unit_test(refuses_with_a_reason),
        cmocka_unit_test(refuses_rules_that_are_none),
        cmocka_unit_test(reads_files_as_people_write_them),
        cmocka_unit_test(a_refusal_names_line_sid_and_keyword),
        cmocka_unit_test(the_newer_revision_stays),
        cmocka_unit_test(limits_hold_and_are_said),
        cmocka_unit_test(hostile_rules_are_bounded),
        cmocka_unit_test(survives_truncation_and_flipped_bits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
