/* SPDX-License-Identifier: Apache-2.0 */
#include "detect/intel/index.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "detect/intel/key.h"
#include "test.h"

static const struct hash_key key = { 1, 2 };

static void add(struct intel_index *index, const char *text, uint32_t claim)
{
    assert_true(intel_index_add(index, INTEL_NAME, bytes_of_text(text),
                                claim));
}

static const char *claims(const struct intel_index *index, uint8_t kind,
                          const char *text, char out[64])
{
    struct intel_cursor cursor =
        intel_index_seek(index, kind, bytes_of_text(text));
    uint32_t claim;

    out[0] = 0;
    while ((claim = intel_index_next(index, &cursor)) != INTEL_NONE) {
        size_t size = strlen(out);
        (void)snprintf(out + size, 64 - size, "%u ", claim);
    }
    return out;
}

static void finds_what_was_added_and_nothing_else(void **state)
{
    (void)state;
    struct intel_index *index = intel_index_new(key);
    char out[64];

    add(index, "a.example", 7);
    add(index, "a.example", 3);
    add(index, "a.example", 7);
    add(index, "b.example", 1);
    assert_int_equal(intel_index_build(index), 1);
    assert_int_equal(intel_index_count(index), 3);
    assert_string_equal(claims(index, INTEL_NAME, "a.example", out), "3 7 ");
    assert_string_equal(claims(index, INTEL_NAME, "b.example", out), "1 ");
    assert_string_equal(claims(index, INTEL_NAME, "c.example", out), "");
    assert_string_equal(claims(index, INTEL_URL, "a.example", out), "");
    intel_index_free(index);
}

static void an_empty_index_says_nothing(void **state)
{
    (void)state;
    struct intel_index *index = intel_index_new(key);
    char out[64];

    assert_int_equal(intel_index_build(index), 0);
    assert_string_equal(claims(index, INTEL_NAME, "a.example", out), "");
    struct intel_network_cursor cursor =
        intel_index_seek_network(index, ip_of_v4(1));
    struct ip_prefix prefix;
    assert_int_equal(intel_index_next_network(index, &cursor, &prefix),
                     INTEL_NONE);
    intel_index_free(index);
}

/* Many values, so that buckets hold several and most hold none. */
static void holds_many_exactly(void **state)
{
    (void)state;
    struct intel_index *index = intel_index_new(key);
    char text[32];
    char out[64];

    for (uint32_t i = 0; i < 50000; i++) {
        (void)snprintf(text, sizeof text, "n%u.example", i);
        add(index, text, i);
    }
    assert_int_equal(intel_index_build(index), 0);
    for (uint32_t i = 0; i < 100000; i++) {
        char wanted[16];
        (void)snprintf(text, sizeof text, "n%u.example", i);
        (void)snprintf(wanted, sizeof wanted, "%u ", i);
        assert_string_equal(claims(index, INTEL_NAME, text, out),
                            i < 50000 ? wanted : "");
    }
    intel_index_free(index);
}

static void add_network(struct intel_index *index, const char *text,
                        uint32_t claim)
{
    struct ip_prefix prefix;

    assert_true(ip_prefix_parse(bytes_of_text(text), &prefix));
    assert_true(intel_index_add_network(index, prefix, claim));
}

static const char *networks(const struct intel_index *index, const char *text,
                            char out[64])
{
    struct ip ip;
    struct ip_prefix prefix;
    uint32_t claim;

    assert_true(ip_parse(bytes_of_text(text), &ip));
    struct intel_network_cursor cursor = intel_index_seek_network(index, ip);
    out[0] = 0;
    while ((claim = intel_index_next_network(index, &cursor, &prefix)) !=
           INTEL_NONE) {
        size_t size = strlen(out);
        assert_true(ip_prefix_contains(&prefix, ip));
        (void)snprintf(out + size, 64 - size, "%u ", claim);
    }
    return out;
}

static void the_longest_prefix_comes_first(void **state)
{
    (void)state;
    struct intel_index *index = intel_index_new(key);
    char out[64];

    add_network(index, "10.0.0.0/8", 1);
    add_network(index, "10.1.0.0/16", 2);
    add_network(index, "10.1.2.0/24", 3);
    add_network(index, "10.1.2.7/24", 4);  /* The same network. */
    add_network(index, "10.1.255.0/24", 5); /* To the end of the /16. */
    add_network(index, "255.255.255.0/24", 6);
    add_network(index, "2001:db8::/32", 7);
    add_network(index, "2001:db8:1::/48", 8);
    add_network(index, "0.0.0.0/1", 9);
    assert_int_equal(intel_index_build(index), 0);
    assert_string_equal(networks(index, "10.1.2.3", out), "4 3 2 1 9 ");
    assert_string_equal(networks(index, "10.1.3.3", out), "2 1 9 ");
    assert_string_equal(networks(index, "10.1.255.255", out), "5 2 1 9 ");
    assert_string_equal(networks(index, "10.2.0.0", out), "1 9 ");
    assert_string_equal(networks(index, "9.255.255.255", out), "9 ");
    assert_string_equal(networks(index, "11.0.0.0", out), "9 ");
    assert_string_equal(networks(index, "128.0.0.0", out), "");
    assert_string_equal(networks(index, "255.255.255.255", out), "6 ");
    assert_string_equal(networks(index, "255.255.254.255", out), "");
    assert_string_equal(networks(index, "2001:db8:1::1", out), "8 7 ");
    assert_string_equal(networks(index, "2001:db8:2::1", out), "7 ");
    assert_string_equal(networks(index, "2001:db9::", out), "");
    assert_string_equal(networks(index, "::1", out), "");
    intel_index_free(index);
}

/* Against a plain search through random networks. */
static void agrees_with_a_plain_search(void **state)
{
    (void)state;
    struct intel_index *index = intel_index_new(key);
    struct ip_prefix made[400];
    uint64_t random = 12345;

    for (size_t i = 0; i < COUNT_OF(made); i++) {
        random = random * 6364136223846793005u + 1442695040888963407u;
        made[i] = (struct ip_prefix){
            ip_of_v4((uint32_t)(random >> 32) & 0x000fffffu),
            (uint8_t)(96 + 8 + (random >> 20) % 25),
        };
        assert_true(intel_index_add_network(index, made[i], (uint32_t)i));
    }
    (void)intel_index_build(index);
    for (uint32_t i = 0; i < 200000; i += 7) {
        struct ip ip = ip_of_v4(i * 5);
        struct ip_prefix prefix;
        uint32_t wanted = 0;
        uint32_t found = 0;
        for (size_t j = 0; j < COUNT_OF(made); j++)
            wanted += ip_prefix_contains(&made[j], ip);
        struct intel_network_cursor cursor =
            intel_index_seek_network(index, ip);
        uint8_t last = 128;
        while (intel_index_next_network(index, &cursor, &prefix) !=
               INTEL_NONE) {
            assert_true(ip_prefix_contains(&prefix, ip));
            assert_true(prefix.length <= last);
            last = prefix.length;
            found++;
        }
        assert_int_equal(found, wanted);
    }
    intel_index_free(index);
}

static const struct {
    enum intel_kind kind;
    const char *text;
    enum intel_kind made;  /* INTEL_ANY: refused. */
    const char *bytes;     /* Null: not compared. */
} keys[] = {
    { INTEL_ANY, "Evil.Example.", INTEL_NAME, "evil.example" },
    { INTEL_ANY, "*.Evil.example", INTEL_DOMAIN, "evil.example" },
    { INTEL_ANY, ".evil.example", INTEL_DOMAIN, "evil.example" },
    { INTEL_ANY, "||evil.example^", INTEL_DOMAIN, "evil.example" },
    { INTEL_ANY, "192.0.2.1", INTEL_ADDRESS, NULL },
    { INTEL_ANY, "192.0.2.1/32", INTEL_ADDRESS, NULL },
    { INTEL_ANY, "192.0.2.0/24", INTEL_NETWORK, NULL },
    { INTEL_ANY, "2001:db8::1", INTEL_ADDRESS, NULL },
    { INTEL_ANY, "192.0.2.1:80", INTEL_SOCKET, NULL },
    { INTEL_ANY, "[2001:db8::1]:80", INTEL_SOCKET, NULL },
    { INTEL_ANY, "02:00:00:00:00:01", INTEL_MAC, NULL },
    { INTEL_ANY, "d41d8cd98f00b204e9800998ecf8427e", INTEL_DIGEST, NULL },
    { INTEL_ANY, "mallory@evil.example", INTEL_MAIL, "mallory@evil.example" },
    { INTEL_ANY, "http://Evil.example", INTEL_URL, "evil.example/" },
    { INTEL_ANY, "http://evil.example:80/A?b#c", INTEL_URL,
      "evil.example/A?b" },
    { INTEL_ANY, "https://u@evil.example:443/A", INTEL_URL,
      "evil.example/A" },
    { INTEL_ANY, "http://evil.example:8080?x", INTEL_URL,
      "evil.example:8080/?x" },
    { INTEL_ANY, "http://[2001:db8::1]:81/x", INTEL_URL,
      "[2001:db8::1]:81/x" },
    { INTEL_ANY, "t13d1516h2_8daaf6152771_b0da82dd1658", INTEL_JA4, NULL },
    { INTEL_ANY, "word", INTEL_ANY, NULL },
    { INTEL_ANY, "999.0.2.1", INTEL_ANY, NULL },
    { INTEL_ANY, "evil..example", INTEL_ANY, NULL },
    { INTEL_ANY, "http://", INTEL_ANY, NULL },
    { INTEL_NAME, "localhost", INTEL_NAME, "localhost" },
    { INTEL_DIGEST, "d41d8cd98f00b204e9800998ecf8427", INTEL_ANY, NULL },
    { INTEL_CERTIFICATE, "d4:1d:8c:d9:8f:00:b2:04:e9:80:09:98:ec:f8:42:7e",
      INTEL_CERTIFICATE, NULL },
    { INTEL_SOCKET, "192.0.2.1:65536", INTEL_ANY, NULL },
};

static void values_have_one_form(void **state)
{
    (void)state;

    for (size_t i = 0; i < COUNT_OF(keys); i++) {
        struct intel_key made;
        const char *reason = intel_key_make(
            keys[i].kind, bytes_of_text(keys[i].text), &made);
        if (!reason != (keys[i].made != INTEL_ANY))
            fail_msg("%s: %s", keys[i].text, reason ? reason : "was taken");
        if (reason)
            continue;
        if (made.kind != keys[i].made)
            fail_msg("%s is a %s", keys[i].text, intel_kind_name(made.kind));
        if (keys[i].bytes && !bytes_equal(intel_key_bytes(&made),
                                          bytes_of_text(keys[i].bytes)))
            fail_msg("%s is %.*s", keys[i].text, (int)made.size, made.data);
    }
}

/* A URL at the size that is taken, and one past it. */
static void long_urls_are_refused(void **state)
{
    (void)state;
    char text[INTEL_KEY_MAX + 8];
    struct intel_key made;

    memset(text, 'a', sizeof text);
    memcpy(text, "http://evil.example/", 20);
    assert_null(intel_key_make(INTEL_URL, bytes_of(text, INTEL_KEY_MAX - 2),
                               &made));
    assert_non_null(intel_key_make(
        INTEL_URL, bytes_of(text, INTEL_KEY_MAX - 1), &made));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_what_was_added_and_nothing_else),
        cmocka_unit_test(an_empty_index_says_nothing),
        cmocka_unit_test(holds_many_exactly),
        cmocka_unit_test(the_longest_prefix_comes_first),
        cmocka_unit_test(agrees_with_a_plain_search),
        cmocka_unit_test(values_have_one_form),
        cmocka_unit_test(long_urls_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
