/* SPDX-License-Identifier: Apache-2.0 */
/* Rules as the Sigma community writes them for network records: they load as
 * they are. Rules of a type whose fields are not there are left out. */
#include "sigma_fixture.h"

static const struct {
    enum event_type type;
    const char *field; /* One that the rule needs. */
    const char *rule;
} rules[] = {
    { EVENT_DNS, "query",
      "title: DNS Query To A Dynamic Name\n"
      "id: 4f7a6a5e-7f1c-4f0c-8a0e-0d1f5f6f0001\n"
      "status: test\n"
      "description: A query for a name of a dynamic service\n"
      "references:\n    - https://example.org\n"
      "author: Somebody\ndate: 2024-01-01\n"
      "tags:\n    - attack.command-and-control\n    - attack.t1071.004\n"
      "logsource:\n    category: dns\n"
      "detection:\n"
      "    selection:\n"
      "        query|endswith:\n"
      "            - '.example.net'\n            - '.example.org'\n"
      "    filter_main_own:\n        query: 'update.example.org'\n"
      "    condition: selection and not 1 of filter_main_*\n"
      "falsepositives:\n    - Unlikely\nlevel: medium\n" },
    { EVENT_DNS, "query",
      "title: Long Name In A Zeek Record\n"
      "id: 4f7a6a5e-7f1c-4f0c-8a0e-0d1f5f6f0002\n"
      "logsource:\n    product: zeek\n    service: dns\n"
      "detection:\n    selection:\n"
      "        query|re: '^[a-z0-9]{40,}\\.'\n"
      "    filter:\n        query|endswith: '.in-addr.arpa'\n"
      "    condition: selection and not filter\nlevel: low\n" },
    { EVENT_HTTP, "c-uri",
      "title: Proxy Request With A Script's Agent\n"
      "id: 4f7a6a5e-7f1c-4f0c-8a0e-0d1f5f6f0003\n"
      "logsource:\n    category: proxy\n"
      "detection:\n    selection:\n"
      "        c-useragent|startswith:\n            - 'Wget/'\n"
      "            - 'curl/'\n"
      "        c-uri|contains|all:\n            - '.sh'\n"
      "            - '/bins/'\n"
      "        cs-method: GET\n"
      "    condition: selection\nlevel: high\n" },
    { EVENT_HTTP, "c-uri",
      "title: Webserver Path Traversal\n"
      "id: 4f7a6a5e-7f1c-4f0c-8a0e-0d1f5f6f0004\n"
      "logsource:\n    category: webserver\n"
      "detection:\n    select_method:\n        cs-method: 'GET'\n"
      "    keywords:\n        - '../../../../'\n"
      "        - '%2e%2e%2f'\n"
      "    condition: select_method and keywords\nlevel: medium\n" },
    { EVENT_FLOW, "orig_pkts",
      "title: Many Packets To Telnet\n"
      "id: 4f7a6a5e-7f1c-4f0c-8a0e-0d1f5f6f0005\n"
      "logsource:\n    category: firewall\n"
      "detection:\n    select_outgoing:\n        dst_port:\n"
      "            - 23\n            - 2323\n"
      "        orig_pkts|gte: 3\n"
      "    condition: select_outgoing\nlevel: low\n" },
    { EVENT_FILE, "mime_type",
      "title: Program Fetched\n"
      "id: 4f7a6a5e-7f1c-4f0c-8a0e-0d1f5f6f0006\n"
      "logsource:\n    product: zeek\n    service: files\n"
      "detection:\n    selection:\n        mime_type: elf\n"
      "        id.resp_h|cidr:\n            - '10.0.0.0/8'\n"
      "            - 'fc00::/7'\n"
      "    condition: not selection\nlevel: informational\n" },
};

static void community_rules_load_unchanged(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rules); i++) {
        struct fixture f;
        if (event_field_find(rules[i].type, bytes_of_text(rules[i].field)) ==
            FIELD_COUNT) {
            print_message("# %s events have no field %s yet\n",
                          event_type_name(rules[i].type), rules[i].field);
            continue;
        }
        fixture_open(&f, rules[i].rule);
        if (behaviour_refusal_count(f.behaviour) > 0)
            fail_msg("%s", behaviour_refusal(f.behaviour, 0)->reason);
        assert_true(behaviour_wants(f.behaviour, rules[i].type));
        fixture_close(&f);
    }
}

/* The same events give the same alerts in the same order, run after run. */
static void the_same_events_give_the_same_alerts(void **state)
{
    (void)state;
    uint64_t sums[2] = { 0 };

    for (size_t run = 0; run < 2; run++) {
        struct fixture f;
        fixture_open(&f,
                     "title: A\nname: a\nlogsource: {service: login}\n"
                     "detection: {s: {login.user: '?'}, condition: s}\n---\n"
                     "title: B\ncorrelation: {type: value_count, "
                     "rules: [a], group-by: [src_port], timespan: 1h, "
                     "condition: {field: login.user, gte: 3}, "
                     "generate: true}\n");
        assert_int_equal(behaviour_detection_count(f.behaviour), 2);
        for (unsigned i = 0; i < 500; i++) {
            struct event *event = fixture_event(&f, EVENT_LOGIN);
            uint8_t user = (uint8_t)('a' + i * 7 % 26);
            event->context.time_ns += (int64_t)i * SECOND;
            event->context.source_port = (uint16_t)(i % 11);
            event_set_text(event, FIELD_LOGIN_USER, bytes_of(&user, 1));
            (void)fixture_match(&f, event, NULL);
            for (size_t a = 0; a < f.alerts.count; a++)
                sums[run] = sums[run] * 31 + f.alerts.alerts[a].count * 7 +
                            f.alerts.alerts[a].value;
        }
        fixture_close(&f);
    }
    assert_true(sums[0] == sums[1]);
    assert_true(sums[0] != 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(community_rules_load_unchanged),
        cmocka_unit_test(the_same_events_give_the_same_alerts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
