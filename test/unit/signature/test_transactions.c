/* SPDX-License-Identifier: Apache-2.0 */
#include "judge_fixture.h"

static void add(struct judge_fixture *f, enum view_id id, const char *text)
{
    enum flow_side side = view_info_get(id)->side == VIEW_SIDE_RESPONDER
                              ? FLOW_RESPONDER
                              : FLOW_ORIGINATOR;

    view_add_text(&f->views, id, side, 0, bytes_of_text(text));
}

static void add_body(struct judge_fixture *f, uint64_t offset,
                     struct bytes data, bool is_last)
{
    view_add(&f->views, &(struct view){ .id = VIEW_HTTP_REQUEST_BODY,
                                        .side = FLOW_ORIGINATOR,
                                        .offset = offset,
                                        .is_last = is_last,
                                        .data = data });
}

static void begin(struct judge_fixture *f, const char *rules)
{
    fixture_init(f, rules);
    f->input.application = "http";
}

static const char post_rule[] =
    "alert http any any -> any any (msg:\"t\"; flow:established,to_server; "
    "http.uri; content:\"/login\"; http.request_body; content:\"evil=\"; "
    "sid:1;)\n";

static void all_in_one_packet(void **state)
{
    struct judge_fixture f;

    (void)state;
    begin(&f, post_rule);
    add(&f, VIEW_HTTP_URI, "/login");
    add_body(&f, 0, bytes_of_text("a=b&evil=1"), true);
    view_end(&f.views, FLOW_ORIGINATOR, 0);
    assert_int_equal(fixture_views(&f, FLOW_ORIGINATOR), 1);
    assert_int_equal(fixture_end(&f), 0);
    fixture_clear(&f);
}

static void parts_come_one_by_one(void **state)
{
    struct judge_fixture f;

    (void)state;
    begin(&f, post_rule);
    add(&f, VIEW_HTTP_URI, "/login");
    assert_int_equal(fixture_views(&f, FLOW_ORIGINATOR), 0);
    add_body(&f, 0, bytes_of_text("a=b&ev"), false);
    assert_int_equal(fixture_views(&f, FLOW_ORIGINATOR), 0);
    add_body(&f, 6, bytes_of_text("il=1&more"), false);
    assert_int_equal(fixture_views(&f, FLOW_ORIGINATOR), 1);
    add_body(&f, 15, bytes_of_text("evil=2"), true);
    view_end(&f.views, FLOW_ORIGINATOR, 0);
    assert_int_equal(fixture_views(&f, FLOW_ORIGINATOR), 0);
    assert_int_equal(fixture_end(&f), 0);
    fixture_clear(&f);
}

static void a_body_cut_anywhere(void **state)
{
    static const char body[] = "first=1&second=2&evil=3&fourth=4";

    (void)state;
    for (size_t cut = 1; cut + 1 < sizeof body; cut++) {
        struct judge_fixture f;
        begin(&f, post_rule);
        add(&f, VIEW_HTTP_URI, "/login");
        add_body(&f, 0, bytes_of(body, cut), false);
        fixture_views(&f, FLOW_ORIGINATOR);
        add_body(&f, cut, bytes_of(body + cut, sizeof body - 1 - cut), true);
        view_end(&f.views, FLOW_ORIGINATOR, 0);
        fixture_views(&f, FLOW_ORIGINATOR);
        fixture_end(&f);
        if (f.total != 1)
            fail_msg("cut at %zu: %zu alerts", cut, f.total);
        fixture_clear(&f);
    }
}

/* A body longer than what is held is seen through a window that moves. */
static void deep_in_a_long_body(void **state)
{
    static char noise[1000];
    struct judge_fixture f;
    uint64_t offset = 0;

    (void)state;
    memset(noise, '.', sizeof noise);
    begin(&f, post_rule);
    add(&f, VIEW_HTTP_URI, "/login");
    for (int i = 0; i < 300; i++) {
        add_body(&f, offset, bytes_of(noise, sizeof noise), false);
        fixture_views(&f, FLOW_ORIGINATOR);
        offset += sizeof noise;
    }
    add_body(&f, offset, bytes_of_text("evil="), false);
    assert_int_equal(fixture_views(&f, FLOW_ORIGINATOR), 1);
    fixture_end(&f);
    fixture_clear(&f);
}

static void transactions_are_kept_apart(void **state)
{
    struct judge_fixture f;

    (void)state;
    begin(&f, post_rule);
    add(&f, VIEW_HTTP_URI, "/login");
    fixture_views(&f, FLOW_ORIGINATOR);
    view_add(&f.views, &(struct view){ .id = VIEW_HTTP_REQUEST_BODY,
                                       .side = FLOW_ORIGINATOR,
                                       .transaction = 1,
                                       .is_last = true,
                                       .data = bytes_of_text("evil=") });
    view_end(&f.views, FLOW_ORIGINATOR, 1);
    assert_int_equal(fixture_views(&f, FLOW_ORIGINATOR), 0);
    assert_int_equal(fixture_end(&f), 0);
    fixture_clear(&f);
}

static void what_is_missing_is_known_at_the_end(void **state)
{
    static const char rule[] =
        "alert http any any -> any any (msg:\"t\"; http.user_agent; absent; "
        "http.method; content:\"GET\"; sid:1;)\n";
    struct judge_fixture f;

    (void)state;
    begin(&f, rule);
    add(&f, VIEW_HTTP_METHOD, "GET");
    assert_int_equal(fixture_views(&f, FLOW_ORIGINATOR), 0);
    view_end(&f.views, FLOW_ORIGINATOR, 0);
    assert_int_equal(fixture_views(&f, FLOW_ORIGINATOR), 1);
    fixture_clear(&f);
    begin(&f, rule);
    add(&f, VIEW_HTTP_METHOD, "GET");
    add(&f, VIEW_HTTP_USER_AGENT, "x");
    view_end(&f.views, FLOW_ORIGINATOR, 0);
    assert_int_equal(fixture_views(&f, FLOW_ORIGINATOR), 0);
    fixture_clear(&f);
}

static void a_negated_content_needs_its_buffer(void **state)
{
    static const char rule[] =
        "alert http any any -> any any (msg:\"t\"; http.method; "
        "content:\"GET\"; http.user_agent; content:!\"curl\"; sid:1;)\n";
    struct judge_fixture f;

    (void)state;
    begin(&f, rule);
    add(&f, VIEW_HTTP_METHOD, "GET");
    view_end(&f.views, FLOW_ORIGINATOR, 0);
    assert_int_equal(fixture_views(&f, FLOW_ORIGINATOR), 0);
    view_add_text(&f.views, VIEW_HTTP_METHOD, FLOW_ORIGINATOR, 1,
                  bytes_of_text("GET"));
    view_add_text(&f.views, VIEW_HTTP_USER_AGENT, FLOW_ORIGINATOR, 1,
                  bytes_of_text("wget"));
    view_end(&f.views, FLOW_ORIGINATOR, 1);
    assert_int_equal(fixture_views(&f, FLOW_ORIGINATOR), 1);
    fixture_clear(&f);
}

static void the_end_of_the_flow_decides(void **state)
{
    struct judge_fixture f;

    (void)state;
    begin(&f, "alert http any any -> any any (msg:\"t\"; "
              "http.request_body; content:\"evil\"; content:!\"good\"; "
              "sid:1;)\n");
    add_body(&f, 0, bytes_of_text("evil"), false);
    assert_int_equal(fixture_views(&f, FLOW_ORIGINATOR), 0);
    assert_int_equal(fixture_end(&f), 1);
    fixture_clear(&f);
}

struct name_vector {
    const char *options;
    const char *name;
    bool holds;
};

static void names_match_on_labels(void **state)
{
    static const struct name_vector vectors[] = {
        { "dotprefix; content:\".evil.example\"; endswith;",
          "evil.example", true },
        { "dotprefix; content:\".evil.example\"; endswith;",
          "a.b.evil.example", true },
        { "dotprefix; content:\".evil.example\"; endswith;",
          "notevil.example", false },
        { "dotprefix; content:\".evil.example\"; nocase; endswith;",
          "WWW.Evil.Example", true },
        { "content:\"evil.example\"; bsize:12;", "evil.example", true },
        { "content:\"evil.example\"; bsize:12;", "a.evil.example", false },
        { "content:\"evil.example\"; startswith; endswith;", "evil.example",
          true },
        { "content:\".example\"; endswith;", "evil.example", true },
        { "content:\"example\"; endswith;", "anexample", true },
        { "to_lowercase; content:\"evil\";", "www.EVIL.example", true },
        { "to_md5; content:\"|90 01 50 98 3c d2 4f b0|\"; startswith;",
          "abc", true },
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(vectors); i++) {
        struct judge_fixture f;
        char rule[512];
        snprintf(rule, sizeof rule,
                 "alert dns any any -> any any (msg:\"t\"; dns.query; %s "
                 "sid:1;)\n",
                 vectors[i].options);
        fixture_init(&f, rule);
        f.input.application = "dns";
        f.flow.protocol = IP_PROTOCOL_UDP;
        view_add_text(&f.views, VIEW_DNS_QUERY, FLOW_ORIGINATOR, 0,
                      bytes_of_text(vectors[i].name));
        view_end(&f.views, FLOW_ORIGINATOR, 0);
        if (fixture_views(&f, FLOW_ORIGINATOR) != vectors[i].holds)
            fail_msg("%s on %s", vectors[i].options, vectors[i].name);
        fixture_clear(&f);
    }
}

/* One past what a flow may keep open: the oldest goes, and is counted. */
static void open_transactions_are_bounded(void **state)
{
    struct judge_fixture f;
    struct signature_counters counters;

    (void)state;
    begin(&f, post_rule);
    for (uint32_t i = 0; i < 32; i++) {
        view_add_text(&f.views, VIEW_HTTP_URI, FLOW_ORIGINATOR, i,
                      bytes_of_text("/login"));
        fixture_views(&f, FLOW_ORIGINATOR);
    }
    signature_read_counters(f.state, &counters);
    assert_int_equal(counters.transactions_refused, 0);
    view_add_text(&f.views, VIEW_HTTP_URI, FLOW_ORIGINATOR, 32,
                  bytes_of_text("/login"));
    fixture_views(&f, FLOW_ORIGINATOR);
    signature_read_counters(f.state, &counters);
    assert_int_equal(counters.transactions_refused, 1);
    fixture_end(&f);
    fixture_clear(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_in_one_packet),
        cmocka_unit_test(parts_come_one_by_one),
        cmocka_unit_test(a_body_cut_anywhere),
        cmocka_unit_test(deep_in_a_long_body),
        cmocka_unit_test(transactions_are_kept_apart),
        cmocka_unit_test(what_is_missing_is_known_at_the_end),
        cmocka_unit_test(a_negated_content_needs_its_buffer),
        cmocka_unit_test(the_end_of_the_flow_decides),
        cmocka_unit_test(names_match_on_labels),
        cmocka_unit_test(open_transactions_are_bounded),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
