/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "test.h"

#include "detect/signature/network.h"

static struct ip ip_of(const char *text)
{
    struct ip ip = { 0 };

    assert_true(ip_parse(bytes_of_text(text), &ip));
    return ip;
}

static const struct address_set *addresses(struct network_sets *sets,
                                           const char *text)
{
    char reason[NETWORK_REASON_MAX] = "";
    const struct address_set *set = NULL;

    if (!network_addresses(sets, bytes_of_text(text), &set, reason))
        fail_msg("%s: %s", text, reason);
    return set;
}

static const struct port_set *ports(struct network_sets *sets,
                                    const char *text)
{
    char reason[NETWORK_REASON_MAX] = "";
    const struct port_set *set = NULL;

    if (!network_ports(sets, bytes_of_text(text), &set, reason))
        fail_msg("%s: %s", text, reason);
    return set;
}

static void lists_hold_what_they_say(void **state)
{
    static const struct {
        const char *list;
        const char *in;
        const char *out;
    } cases[] = {
        { "10.0.0.1", "10.0.0.1", "10.0.0.2" },
        { "10.0.0.0/8", "10.255.255.255", "11.0.0.0" },
        { "10.1.2.3/8", "10.0.0.0", "9.255.255.255" },
        { "10.0.0.0/255.255.0.0", "10.0.255.255", "10.1.0.0" },
        { "10.0.0.5-10.0.0.9", "10.0.0.9", "10.0.0.10" },
        { "[10.0.0.1, 10.0.0.3]", "10.0.0.3", "10.0.0.2" },
        { "10.0.0.1,10.0.0.3", "10.0.0.1", "10.0.0.2" },
        { "!10.0.0.0/8", "11.0.0.0", "10.0.0.0" },
        { "!10.0.0.0/8", "2001:db8::1", "10.9.9.9" },
        { "[10.0.0.0/8,!10.1.0.0/16]", "10.2.0.0", "10.1.255.255" },
        { "[10.0.0.0/8,![10.1.0.0/16,10.3.0.0/16]]", "10.2.0.0",
          "10.3.0.1" },
        { "[!10.1.0.0/16,10.0.0.0/8]", "10.0.0.0", "10.1.0.0" },
        { "!!10.0.0.1", "10.0.0.1", "10.0.0.2" },
        { "2001:db8::/32", "2001:db8:ffff::1", "2001:db9::" },
        { "$HOME_NET", "192.168.9.9", "8.8.8.8" },
        { "$HOME_NET", "fd00::1", "2001:db8::1" },
        { "$EXTERNAL_NET", "8.8.8.8", "172.16.0.1" },
        { "[$HOME_NET,!192.168.1.0/24]", "192.168.2.1", "192.168.1.1" },
        { "!$HOME_NET", "8.8.8.8", "169.254.1.1" },
        { "0.0.0.0/0", "255.255.255.255", "::1" },
    };
    struct network_sets *sets = network_sets_new();

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const struct address_set *set = addresses(sets, cases[i].list);
        assert_true(address_set_contains(set, ip_of(cases[i].in)));
        assert_false(address_set_contains(set, ip_of(cases[i].out)));
    }
    network_sets_free(sets);
}

static void equal_sets_are_one(void **state)
{
    struct network_sets *sets = network_sets_new();

    (void)state;
    assert_ptr_equal(addresses(sets, "[10.0.0.0/9,10.128.0.0/9]"),
                     addresses(sets, "10.0.0.0/8"));
    assert_ptr_equal(addresses(sets, "$HTTP_SERVERS"),
                     addresses(sets, "$HOME_NET"));
    assert_ptr_equal(ports(sets, "[1:5,6,4:9]"), ports(sets, "1:9"));
    assert_null(addresses(sets, "any"));
    assert_null(addresses(sets, "[any,10.0.0.1]"));
    assert_null(ports(sets, "0:65535"));
    assert_true(network_within(addresses(sets, "10.1.0.0/16"),
                               addresses(sets, "$HOME_NET")));
    assert_false(network_within(addresses(sets, "[10.1.0.0/16,8.8.8.8]"),
                                addresses(sets, "$HOME_NET")));
    network_sets_free(sets);
}

static void ports_hold_what_they_say(void **state)
{
    static const struct {
        const char *list;
        uint16_t in;
        uint16_t out;
    } cases[] = {
        { "80", 80, 81 },       { "80:90", 90, 91 },
        { "1024:", 65535, 1023 }, { ":1023", 0, 1024 },
        { "!80", 0, 80 },       { "[1:100,!50:60]", 61, 60 },
        { "[!80,1:100]", 79, 80 }, { "$HTTP_PORTS", 80, 8080 },
        { "!$SSH_PORTS", 23, 22 },
        { "[$HTTP_PORTS,8000:8080]", 8001, 81 },
    };
    struct network_sets *sets = network_sets_new();

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const struct port_set *set = ports(sets, cases[i].list);
        assert_true(port_set_contains(set, cases[i].in));
        assert_false(port_set_contains(set, cases[i].out));
    }
    network_sets_free(sets);
}

static void what_is_no_list_is_refused(void **state)
{
    static const char *const bad[] = {
        "", "[]", "[10.0.0.1", "10.0.0.256", "10.0.0.0/33", "!any",
        "10.0.0.9-10.0.0.5", "10.0.0.0/255.0.255.0", "$", "$NO_SUCH",
        "[10.0.0.1,!10.0.0.0/8]", "10.0.0.1-2001:db8::1", "frob", "[[]]",
    };
    static const char *const bad_ports[] = {
        "", "65536", "90:80", ":", "http", "-1", "[80,!80]", "1:2:3",
    };
    struct network_sets *sets = network_sets_new();
    const struct address_set *set;
    const struct port_set *port_set;
    char reason[NETWORK_REASON_MAX];

    (void)state;
    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        assert_false(network_addresses(sets, bytes_of_text(bad[i]), &set,
                                       reason));
        assert_true(strlen(reason) > 0);
    }
    for (size_t i = 0; i < COUNT_OF(bad_ports); i++)
        assert_false(network_ports(sets, bytes_of_text(bad_ports[i]),
                                   &port_set, reason));
    network_sets_free(sets);
}

static void set_variable(struct network_sets *sets, const char *name,
                         const char *value)
{
    struct failure failure;

    assert_int_equal(network_set_variable(sets, bytes_of_text(name),
                                          bytes_of_text(value), &failure), 0);
}

static void variables_follow_each_other(void **state)
{
    struct network_sets *sets = network_sets_new();
    const struct address_set *set;
    char reason[NETWORK_REASON_MAX];

    (void)state;
    assert_false(address_set_contains(addresses(sets, "$EXTERNAL_NET"),
                                      ip_of("10.0.0.1")));
    set_variable(sets, "HOME_NET", "192.0.2.0/24");
    assert_true(address_set_contains(addresses(sets, "$EXTERNAL_NET"),
                                     ip_of("10.0.0.1")));
    set_variable(sets, "A", "$B");
    set_variable(sets, "B", "[$A]");
    assert_false(network_addresses(sets, bytes_of_text("$A"), &set, reason));
    assert_non_null(strstr(reason, "contains itself"));
    network_sets_free(sets);
}

static void nesting_ends_at_its_limit(void **state)
{
    struct network_sets *sets = network_sets_new();
    const struct address_set *set;
    char reason[NETWORK_REASON_MAX], text[256];

    (void)state;
    for (int depth = NETWORK_NEST_MAX - 1; depth <= NETWORK_NEST_MAX;
         depth++) {
        char open[64] = "", close[64] = "";
        memset(open, '[', (size_t)depth);
        memset(close, ']', (size_t)depth);
        (void)snprintf(text, sizeof text, "%s10.0.0.1%s", open, close);
        assert_int_equal(network_addresses(sets, bytes_of_text(text), &set,
                                           reason),
                         depth < NETWORK_NEST_MAX);
    }
    network_sets_free(sets);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lists_hold_what_they_say),
        cmocka_unit_test(equal_sets_are_one),
        cmocka_unit_test(ports_hold_what_they_say),
        cmocka_unit_test(what_is_no_list_is_refused),
        cmocka_unit_test(variables_follow_each_other),
        cmocka_unit_test(nesting_ends_at_its_limit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
