/* SPDX-License-Identifier: Apache-2.0 */
#include "dissect/authorization.h"

#include "base/compiler.h"
#include "dissect/json_scan.h"
#include "sweep.h"
#include "test.h"

static void reads_basic_and_digest(void **state)
{
    (void)state;
    static const struct {
        const char *value;
        bool is_sound;
        const char *user;
        const char *password;
    } vectors[] = {
        { "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==", true, "Aladdin",
          "open sesame" }, /* RFC 7617 section 2 */
        { "basic YTo=", true, "a", "" },
        { "basic YTo", true, "a", "" },  /* without padding */
        { "Basic YQ==", false, "", "" }, /* no colon */
        { "Basic *", false, "", "" },
        { "Digest username=\"Mufasa\", realm=\"x\"", true, "Mufasa", "" },
        { "Digest username=bob,realm=x", true, "bob", "" },
        { "Digest realm=\"x\"", false, "", "" },
        { "Bearer x", false, "", "" },
        { "", false, "", "" },
    };
    struct arena arena;

    arena_init(&arena);
    for (size_t i = 0; i < COUNT_OF(vectors); i++) {
        struct authorization found = { 0 };
        assert_int_equal(authorization_parse(bytes_of_text(vectors[i].value),
                                             &arena, &found),
                         vectors[i].is_sound);
        assert_true(bytes_equal(found.user, bytes_of_text(vectors[i].user)));
        assert_true(
            bytes_equal(found.password, bytes_of_text(vectors[i].password)));
    }
    arena_clear(&arena);
}

static void decodes_512_characters_and_not_one_more(void **state)
{
    (void)state;
    char value[6 + 513];
    struct authorization found;
    struct arena arena;

    arena_init(&arena);
    for (size_t i = 0; i < sizeof value; i++)
        value[i] = 'O'; /* "OOOO" is "8\xe3\x8e"; the colon comes first. */
    for (size_t i = 0; i < 6; i++)
        value[i] = "Basic "[i];
    for (size_t i = 0; i < 4; i++)
        value[6 + i] = "YTpi"[i];
    assert_true(authorization_parse(bytes_of(value, 6 + 512), &arena,
                                    &found));
    assert_false(authorization_parse(bytes_of(value, 6 + 513), &arena,
                                     &found));
    arena_clear(&arena);
}

static void finds_members_and_items(void **state)
{
    (void)state;
    static const struct {
        const char *json;
        const char *key;
        const char *value;
    } vectors[] = {
        { "{\"a\":1,\"b\":\"x\"}", "b", "x" },
        { "{ \"a\" : { \"b\" : 1 } , \"b\" : 2 }", "b", "2" },
        { "{\"a\":\"}\\\"\",\"b\":[1,{}]}", "b", "[1,{}]" },
        { "{\"a\":1}", "b", "" },
        { "{\"a\":1", "a", "1" },
        { "{\"a\":\"1", "a", "" },
        { "{\"a\"", "a", "" },
        { "", "a", "" },
        { "{,}", "a", "" },
    };
    for (size_t i = 0; i < COUNT_OF(vectors); i++)
        assert_true(bytes_equal(
            json_scan_member(bytes_of_text(vectors[i].json), vectors[i].key),
            bytes_of_text(vectors[i].value)));
    struct bytes array = bytes_of_text("[ \"a\" , [1,2], 3 ]");
    assert_true(bytes_equal(json_scan_item(array, 0), bytes_of_text("a")));
    assert_true(bytes_equal(json_scan_item(array, 1), bytes_of_text("[1,2]")));
    assert_true(bytes_equal(json_scan_item(array, 2), bytes_of_text("3")));
    assert_int_equal(json_scan_item(array, 3).size, 0);
}

static void scan_variant(struct bytes variant, void *context)
{
    (void)context;
    struct bytes member = json_scan_member(variant, "b");
    struct bytes item = json_scan_item(variant, 1);

    assert_true(member.size <= variant.size);
    assert_true(item.size <= variant.size);
}

static void scans_every_truncation_and_flip(void **state)
{
    (void)state;
    struct bytes json = bytes_of_text("{\"a\":[\"\\\"\",{}],\"b\":\"x\"}");
    struct bytes array = bytes_of_text("[{\"a\":\"]\"},\"b\\\\\",[[]]]");

    sweep_truncate(json, scan_variant, NULL);
    sweep_flip(json, scan_variant, NULL);
    sweep_truncate(array, scan_variant, NULL);
    sweep_flip(array, scan_variant, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_basic_and_digest),
        cmocka_unit_test(decodes_512_characters_and_not_one_more),
        cmocka_unit_test(finds_members_and_items),
        cmocka_unit_test(scans_every_truncation_and_flip),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
