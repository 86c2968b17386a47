/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/certificate_cache.h"

#include <string.h>

#include "made_certificate.h"
#include "test.h"

enum {
    FROM = 1700000000,
    TO = 1800000000,
    PLACES = CERTIFICATE_CACHE_SETS * CERTIFICATE_CACHE_WAYS,
};

static struct arena made; /* The certificates themselves. */
static struct arena arena;
static struct certificate_cache *cache;

static int setup(void **state)
{
    (void)state;
    arena_init(&made);
    arena_init(&arena);
    cache = certificate_cache_new((struct hash_key){ 1, 2 });
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    certificate_cache_free(cache);
    arena_clear(&arena);
    arena_clear(&made);
    return 0;
}

static struct bytes certificate_until(int64_t to)
{
    return made_certificate(&made, FROM, to, EVP_sha256());
}

static void assert_bytes(struct bytes a, struct bytes b)
{
    assert_true(bytes_equal(a, b));
}

static void assert_same(const struct certificate *a,
                        const struct certificate *b)
{
    assert_bytes(a->subject, b->subject);
    assert_bytes(a->issuer, b->issuer);
    assert_bytes(a->serial, b->serial);
    assert_bytes(a->signature, b->signature);
    assert_bytes(a->key_type, b->key_type);
    assert_bytes(a->mud_url, b->mud_url);
    assert_int_equal(a->key_bits, b->key_bits);
    assert_int_equal(a->not_before, b->not_before);
    assert_int_equal(a->not_after, b->not_after);
    assert_memory_equal(a->sha1, b->sha1, sizeof a->sha1);
    assert_memory_equal(a->sha256, b->sha256, sizeof a->sha256);
    assert_int_equal(a->name_count, b->name_count);
    for (uint32_t i = 0; i < a->name_count; i++)
        assert_bytes(a->names[i], b->names[i]);
    assert_int_equal(a->is_self_signed, b->is_self_signed);
    assert_int_equal(a->is_weakly_signed, b->is_weakly_signed);
}

static struct certificate read_cached(struct bytes der)
{
    struct certificate certificate = { 0 };

    assert_true(certificate_cache_parse(cache, der, &arena, &certificate));
    return certificate;
}

static void reads_each_certificate_once(void **state)
{
    (void)state;
    struct bytes der = certificate_until(TO);
    struct bytes other = certificate_until(TO + 1);
    struct certificate parsed;

    assert_true(certificate_parse(der, &made, &parsed));
    struct certificate first = read_cached(der);
    assert_same(&first, &parsed);
    struct certificate second = read_cached(der);
    assert_same(&second, &parsed);
    assert_int_equal(certificate_cache_misses(cache), 1);
    assert_int_equal(read_cached(other).not_after, TO + 1);
    assert_int_equal(certificate_cache_misses(cache), 2);
}

/* Texts stay with the arena that was given, whatever the cache does next. */
static void gives_texts_that_do_not_change(void **state)
{
    (void)state;
    struct bytes der = certificate_until(TO);
    struct certificate parsed;

    assert_true(certificate_parse(der, &made, &parsed));
    (void)read_cached(der); /* So that it is known. */
    struct certificate known = read_cached(der);
    certificate_cache_free(cache);
    cache = NULL;
    assert_same(&known, &parsed);
}

static void keeps_the_latest_of_more_than_fit(void **state)
{
    (void)state;

    for (int64_t i = 0; i < 3 * PLACES; i++)
        assert_int_equal(read_cached(certificate_until(TO + i)).not_after,
                         TO + i);
    assert_int_equal(certificate_cache_misses(cache), 3 * PLACES);
    struct bytes newest = certificate_until(TO + 3 * PLACES);
    (void)read_cached(newest);
    (void)read_cached(newest);
    assert_int_equal(certificate_cache_misses(cache), 3 * PLACES + 1);
}

static size_t text_size(const struct certificate *c)
{
    return c->subject.size + c->issuer.size + c->serial.size +
           c->signature.size + c->key_type.size + c->mud_url.size +
           c->names[0].size;
}

/* A certificate with one alternative name of `size` bytes. */
static struct bytes certificate_with_name(size_t size)
{
    char names[4 + CERTIFICATE_CACHE_TEXT_MAX + 1] = "DNS:";

    assert_true(size < sizeof names - 4);
    memset(names + 4, 'a', size);
    names[4 + size] = '\0';
    return made_certificate_named(&made, FROM, TO, EVP_sha256(), names);
}

static void keeps_no_more_text_than_it_has_room_for(void **state)
{
    (void)state;
    struct certificate shortest = read_cached(certificate_with_name(1));
    size_t most = CERTIFICATE_CACHE_TEXT_MAX - text_size(&shortest) + 1;
    struct bytes fitting = certificate_with_name(most);
    struct bytes longer = certificate_with_name(most + 1);

    struct certificate read = read_cached(fitting);
    assert_int_equal(text_size(&read), CERTIFICATE_CACHE_TEXT_MAX);
    read = read_cached(fitting);
    assert_int_equal(read.names[0].size, most);
    assert_int_equal(certificate_cache_misses(cache), 2);
    for (int i = 0; i < 2; i++)
        assert_int_equal(read_cached(longer).names[0].size, most + 1);
    assert_int_equal(certificate_cache_misses(cache), 4);
}

static void refuses_what_is_no_certificate_each_time(void **state)
{
    (void)state;
    struct bytes der = certificate_until(TO);
    struct bytes cut = bytes_slice(der, 0, der.size - 1);
    struct certificate certificate;

    for (int i = 0; i < 2; i++)
        assert_false(
            certificate_cache_parse(cache, cut, &arena, &certificate));
    assert_false(certificate_cache_parse(cache, (struct bytes){ 0 }, &arena,
                                         &certificate));
    (void)read_cached(der);
}

static void works_without_a_cache(void **state)
{
    (void)state;
    struct certificate certificate;

    assert_true(certificate_cache_parse(NULL, certificate_until(TO), &arena,
                                        &certificate));
    assert_int_equal(certificate.not_after, TO);
}

#define CACHED(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CACHED(reads_each_certificate_once),
        CACHED(gives_texts_that_do_not_change),
        CACHED(keeps_the_latest_of_more_than_fit),
        CACHED(keeps_no_more_text_than_it_has_room_for),
        CACHED(refuses_what_is_no_certificate_each_time),
        CACHED(works_without_a_cache),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
