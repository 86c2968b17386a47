/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/md5.h"

#include "hex.h"
#include "sweep.h"
#include "test.h"

/* RFC 1321 appendix A.5. */
static const struct {
    const char *text;
    const char *digest;
} vectors[] = {
    { "", "d41d8cd98f00b204e9800998ecf8427e" },
    { "a", "0cc175b9c0f1b6a831c399e269772661" },
    { "message digest", "f96b697d7cb7938d525a2f31aaf161d0" },
    { "1234567890123456789012345678901234567890"
      "1234567890123456789012345678901234567890",
      "57edf4a22be3c955ac49da2e2107b67a" },
};

static void gives_the_digests_of_the_rfc(void **state)
{
    (void)state;
    struct arena arena;

    arena_init(&arena);
    for (size_t i = 0; i < COUNT_OF(vectors); i++) {
        struct md5 md5;
        uint8_t digest[MD5_SIZE];
        struct bytes expected = hex_bytes(&arena, vectors[i].digest);
        md5_init(&md5);
        md5_add(&md5, bytes_of_text(vectors[i].text));
        md5_finish(&md5, digest);
        assert_memory_equal(digest, expected.data, MD5_SIZE);
    }
    arena_clear(&arena);
}

static void in_two_parts(struct bytes first, struct bytes second,
                         void *context)
{
    struct md5 md5;
    uint8_t digest[MD5_SIZE];

    md5_init(&md5);
    md5_add(&md5, first);
    md5_add(&md5, second);
    md5_finish(&md5, digest);
    assert_memory_equal(digest, context, MD5_SIZE);
}

static void does_not_mind_how_the_input_is_cut(void **state)
{
    (void)state;
    struct arena arena;

    arena_init(&arena);
    struct bytes expected = hex_bytes(&arena, vectors[3].digest);
    uint8_t copy[MD5_SIZE];
    for (size_t i = 0; i < MD5_SIZE; i++)
        copy[i] = expected.data[i];
    sweep_split(bytes_of_text(vectors[3].text), in_two_parts, copy);
    arena_clear(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gives_the_digests_of_the_rfc),
        cmocka_unit_test(does_not_mind_how_the_input_is_cut),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
