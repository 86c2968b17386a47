/* SPDX-License-Identifier: Apache-2.0 */
#include "judge_fixture.h"

struct vector {
    const char *options;
    const char *payload;
    bool holds;
    const char *reason;
};

static void check_vectors(const struct vector *vectors, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct judge_fixture f;
        char rule[1024];
        snprintf(rule, sizeof rule,
                 "alert udp any any -> any any (msg:\"t\"; %s sid:1;)\n",
                 vectors[i].options);
        fixture_init(&f, rule);
        f.flow.protocol = IP_PROTOCOL_UDP;
        size_t got = fixture_send(&f, FLOW_ORIGINATOR,
                                  bytes_of_text(vectors[i].payload));
        if (got != vectors[i].holds)
            fail_msg("%s on \"%s\": %s", vectors[i].options,
                     vectors[i].payload, vectors[i].reason);
        fixture_clear(&f);
    }
}

static void places_contents(void **state)
{
    static const struct vector vectors[] = {
        { "content:\"abc\";", "xxabcxx", true, "anywhere" },
        { "content:\"abc\";", "xxABCxx", false, "case counts" },
        { "content:\"abc\"; nocase;", "xxABCxx", true, "nocase" },
        { "content:!\"abc\";", "xxabcxx", false, "negated, there" },
        { "content:!\"abc\";", "xxabxx", true, "negated, not there" },
        { "content:\"def\"; offset:3; depth:3;", "abcdef", true,
          "depth counts from the offset" },
        { "content:\"def\"; offset:3; depth:3;", "abcxdef", false,
          "past the depth" },
        { "content:\"abc\"; depth:3;", "xabc", false, "ends past the depth" },
        { "content:\"abc\"; offset:1;", "abc", false, "before the offset" },
        { "content:\"abc\"; content:\"def\"; distance:0;", "defabc", false,
          "after the first" },
        { "content:\"abc\"; content:\"def\"; distance:1; within:3;",
          "abcxdef", true, "within counts from the distance" },
        { "content:\"abc\"; content:\"def\"; distance:1; within:3;",
          "abcxxdef", false, "one too far" },
        { "content:\"abc\"; content:\"def\"; within:3;", "abcdef", true,
          "just after" },
        { "content:\"abcd\"; content:\"cd\"; distance:-2; within:2;",
          "xabcdx", true, "a negative distance goes back" },
        { "content:\"ab\"; content:\"c\"; within:1;", "abxabc", true,
          "the first ab is given up for the second" },
        { "content:\"ab\"; content:!\"c\"; within:1;", "abcabx", true,
          "some ab has no c after it" },
        { "content:\"ab\"; content:!\"c\"; within:1;", "abcabc", false,
          "each ab has" },
        { "content:\"ab\"; content:\"cd\"; distance:0; content:\"ef\"; "
          "within:2;",
          "abcdxcdef", true, "the second is tried again, not the first" },
        { "content:\"abc\"; startswith;", "abcx", true, "at the start" },
        { "content:\"abc\"; startswith;", "xabc", false, "not at the start" },
        { "content:\"abc\"; endswith;", "xabc", true, "at the end" },
        { "content:\"abc\"; endswith;", "abcabcx", false, "not at the end" },
        { "content:\"abc\"; endswith;", "abcxabc", true,
          "the last one counts" },
        { "content:\"|61 62|c\";", "abc", true, "hex" },
        { "content:\"abcd\"; isdataat:!1,relative;", "xabcd", true,
          "nothing after" },
        { "content:\"abcd\"; isdataat:!1,relative;", "abcdx", false,
          "something after" },
        { "content:\"abcd\"; isdataat:1,relative;", "abcdx", true,
          "something after" },
        { "content:\"abcd\"; isdataat:5;", "abcdxy", true, "a sixth byte" },
        { "content:\"abcd\"; isdataat:5;", "abcdx", false, "no sixth byte" },
        { "content:\"abcd\"; pcre:\"/x\\d+/\";", "abcdx12", true, "pcre" },
        { "content:\"abcd\"; pcre:\"/^\\d/R\";", "abcd1", true,
          "^ is where the content ended" },
        { "content:\"abcd\"; pcre:\"/^\\d/R\";", "abcdx1", false,
          "not just after" },
        { "content:\"abcd\"; pcre:\"/^\\d/R\";", "abcdxabcd1", true,
          "the content is tried again" },
        { "content:\"abcd\"; pcre:!\"/\\d/\";", "abcd1", false,
          "negated pcre" },
        { "dsize:4; content:\"abcd\";", "abcd", true, "size" },
        { "dsize:>4; content:\"abcd\";", "abcd", false, "not larger" },
        { "content:\"key=\"; base64_decode:bytes 8, offset 0, relative; "
          "base64_data; content:\"hello\";",
          "key=aGVsbG8=", true, "decoded" },
        { "content:\"key=\"; base64_decode:relative; base64_data; "
          "content:\"world\";",
          "key=aGVsbG8=", false, "decoded to something else" },
    };

    (void)state;
    check_vectors(vectors, COUNT_OF(vectors));
}

static void reads_numbers(void **state)
{
    static const struct vector vectors[] = {
        { "content:\"len\"; byte_test:1,>,64,0,relative;", "lenA", true,
          "65 > 64" },
        { "content:\"len\"; byte_test:1,>,65,0,relative;", "lenA", false,
          "65 is not > 65" },
        { "content:\"len\"; byte_test:2,=,16706,0,relative;", "lenAB", true,
          "big-endian" },
        { "content:\"len\"; byte_test:2,=,16961,0,relative,little;", "lenAB",
          true, "little-endian" },
        { "content:\"len\"; byte_test:4,>,1,0,relative;", "lenAB", false,
          "not there" },
        { "content:\"len\"; byte_test:3,=,123,0,relative,string,dec;",
          "len123", true, "decimal text" },
        { "content:\"len\"; byte_test:4,=,255,0,relative,string,hex;",
          "len0xff", true, "hex text" },
        { "content:\"len\"; byte_test:1,&,1,0,relative;", "lenA", true,
          "a bit" },
        { "content:\"len\"; byte_test:1,!&,1,0,relative;", "lenB", true,
          "not that bit" },
        { "content:\"len\"; byte_test:1,=,4,0,relative,bitmask 0xf0;",
          "lenA", true, "the mask's bits, shifted down" },
        { "content:\"len\"; byte_jump:1,0,relative,string,dec; "
          "content:\"end\"; within:3;",
          "len3xxxend", true, "three on" },
        { "content:\"len\"; byte_jump:1,0,relative,string,dec; "
          "content:\"end\"; within:3;",
          "len2xxxend", false, "too near" },
        { "content:\"len\"; byte_jump:1,0,relative,string,dec,"
          "multiplier 2; content:\"end\"; within:3;",
          "len2xxxxend", true, "twice two" },
        { "content:\"len\"; byte_jump:1,0,relative,string,dec;", "len9x",
          false, "past the end" },
        { "content:\"len\"; byte_extract:1,0,n,relative,string,dec; "
          "content:\"end\"; distance:n; within:3;",
          "len3xxxend", true, "distance from the packet" },
        { "byte_extract:1,0,n,string,dec; content:\"end\"; offset:n;",
          "4xend", false, "offset from the packet" },
        { "byte_extract:1,0,n,string,dec; content:\"end\"; offset:n;",
          "2xend", true, "offset from the packet" },
        { "byte_math:bytes 1, offset 0, oper *, rvalue 2, result r, "
          "string dec; content:\"end\"; offset:r;",
          "1xend", true, "twice one is two" },
    };

    (void)state;
    check_vectors(vectors, COUNT_OF(vectors));
}

static void work_is_bounded(void **state)
{
    static const char rule[] =
        "alert udp any any -> any any (msg:\"t\"; content:\"aaaa\"; "
        "content:\"a\"; distance:0; content:\"a\"; distance:0; "
        "content:\"b\"; distance:0; within:1; content:\"c\"; distance:0; "
        "sid:1;)\n";
    static char payload[20000];
    struct judge_fixture f;
    struct signature_counters counters;

    (void)state;
    memset(payload, 'a', sizeof payload);
    fixture_init(&f, rule);
    f.flow.protocol = IP_PROTOCOL_UDP;
    assert_int_equal(fixture_send(&f, FLOW_ORIGINATOR,
                                  bytes_of(payload, sizeof payload)),
                     0);
    signature_read_counters(f.state, &counters);
    assert_true(counters.verify_stopped > 0);
    fixture_clear(&f);
}

static void pcre_work_is_bounded(void **state)
{
    static const char rule[] =
        "alert udp any any -> any any (msg:\"t\"; content:\"aaaa\"; "
        "pcre:\"/(a+)+$/\"; sid:1;)\n";
    static char payload[4000];
    struct judge_fixture f;
    struct signature_counters counters;

    (void)state;
    memset(payload, 'a', sizeof payload);
    payload[sizeof payload - 1] = 'b';
    fixture_init(&f, rule);
    f.flow.protocol = IP_PROTOCOL_UDP;
    assert_int_equal(fixture_send(&f, FLOW_ORIGINATOR,
                                  bytes_of(payload, sizeof payload)),
                     0);
    signature_read_counters(f.state, &counters);
    assert_int_equal(counters.regexes_stopped, 1);
    fixture_clear(&f);
}

static void a_set_speaks_once_of_each_value(void **state)
{
    struct judge_fixture f;

    (void)state;
    fixture_init(&f, "alert udp any any -> any any (msg:\"t\"; content:\"a\";"
                     " pkt_data; dataset:set,seen,type string; sid:1;)\n");
    f.flow.protocol = IP_PROTOCOL_UDP;
    assert_int_equal(fixture_send(&f, FLOW_ORIGINATOR,
                                  bytes_of_text("ab")), 1);
    assert_int_equal(fixture_send(&f, FLOW_ORIGINATOR,
                                  bytes_of_text("ab")), 0);
    assert_int_equal(fixture_send(&f, FLOW_ORIGINATOR,
                                  bytes_of_text("ac")), 1);
    fixture_clear(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(places_contents),
        cmocka_unit_test(reads_numbers),
        cmocka_unit_test(work_is_bounded),
        cmocka_unit_test(pcre_work_is_bounded),
        cmocka_unit_test(a_set_speaks_once_of_each_value),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
