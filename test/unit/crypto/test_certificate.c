/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/certificate.h"

#include "made_certificate.h"
#include "sweep.h"
#include "test.h"

enum { FROM = 1700000000, TO = 1800000000 };

static struct arena arena;

static int setup(void **state)
{
    (void)state;
    arena_init(&arena);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    arena_clear(&arena);
    return 0;
}

static void assert_text(struct bytes text, const char *expected)
{
    assert_string_equal(arena_copy_text(&arena, text), expected);
}

static void reads_what_the_certificate_says(void **state)
{
    (void)state;
    struct certificate c;

    assert_true(certificate_parse(
        made_certificate(&arena, FROM, TO, EVP_sha256()), &arena, &c));
    assert_text(c.subject, "C=AQ, CN=camera-7");
    assert_text(c.issuer, "C=AQ, CN=camera-7");
    assert_text(c.serial, "0A:1B:2C");
    assert_text(c.key_type, "EC");
    assert_int_equal(c.key_bits, 256);
    assert_int_equal(c.not_before, FROM);
    assert_int_equal(c.not_after, TO);
    assert_int_equal(c.name_count, 2);
    assert_text(c.names[0], "camera-7.example.com");
    assert_text(c.names[1], "192.0.2.7");
    assert_text(c.mud_url, "https://example.com/mud.json");
    assert_true(c.is_self_signed);
    assert_false(c.is_weakly_signed);
}

/* One maker's tool writes the URL as another kind of string. */
static void reads_a_mud_url_of_every_kind_of_string(void **state)
{
    static const struct {
        uint8_t tag;
        const char *url;
    } strings[] = {
        { 0x16, "https://example.com/mud.json" },
        { 0x13, "https://example.com/mud.json" },
        { 0x0c, "https://example.com/mud.json" },
        { 0x04, "" },
    };
    struct bytes der = made_certificate(&arena, FROM, TO, EVP_sha256());
    size_t at = bytes_find(der, bytes_of_text("https://example.com/mud"));
    uint8_t *changed = arena_allocate(&arena, der.size);
    struct certificate c;

    (void)state;
    memcpy(changed, der.data, der.size);
    for (size_t i = 0; i < COUNT_OF(strings); i++) {
        changed[at - 2] = strings[i].tag;
        assert_true(
            certificate_parse(bytes_of(changed, der.size), &arena, &c));
        assert_text(c.mud_url, strings[i].url);
    }
}

static void calls_a_sha1_signature_weak(void **state)
{
    (void)state;
    struct certificate c;

    assert_true(certificate_parse(
        made_certificate(&arena, FROM, TO, EVP_sha1()), &arena, &c));
    assert_true(c.is_weakly_signed);
}

static void parse_any(struct bytes variant, void *context)
{
    struct certificate c;
    size_t whole = *(size_t *)context;
    bool is_read = certificate_parse(variant, &arena, &c);

    assert_true(!is_read || variant.size == whole);
}

static void refuses_every_prefix_and_survives_every_flip(void **state)
{
    (void)state;
    struct bytes der = made_certificate(&arena, FROM, TO, EVP_sha256());

    sweep_truncate(der, parse_any, &der.size);
    sweep_flip(der, parse_any, &der.size);
}

static void writes_time_as_eve_does(void **state)
{
    (void)state;
    char text[CERTIFICATE_TIME_SIZE];

    assert_string_equal(certificate_time_text(FROM, text),
                        "2023-11-14T22:13:20");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_what_the_certificate_says),
        cmocka_unit_test(reads_a_mud_url_of_every_kind_of_string),
        cmocka_unit_test(calls_a_sha1_signature_weak),
        cmocka_unit_test(refuses_every_prefix_and_survives_every_flip),
        cmocka_unit_test(writes_time_as_eve_does),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
