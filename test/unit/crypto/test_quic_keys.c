/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/quic_keys.h"

#include "hex.h"
#include "test.h"

static const char connection_id[] = "8394c8f03e515708";

static const struct {
    uint32_t version;
    const char *key;
    const char *iv;
    const char *header;
} vectors[] = {
    /* RFC 9001 appendix A.1 */
    { QUIC_VERSION_1, "1f369613dd76d5467730efcbe3b1a22d",
      "fa044b2f42a3fd3b46fb255c", "9f50449e04a0e810283a1e9933adedd2" },
    /* RFC 9369 appendix A.1 */
    { QUIC_VERSION_2, "8b1a0bc121284290a29e0971b5cd045d",
      "91f73e2351d8fa91660e909f", "45b95e15235d6f45a6b19cbcb0294ba9" },
};

static void derives_the_keys_of_the_rfcs(void **state)
{
    (void)state;
    struct arena arena;

    arena_init(&arena);
    for (size_t i = 0; i < COUNT_OF(vectors); i++) {
        struct quic_keys keys;
        assert_true(quic_keys_client(vectors[i].version,
                                     hex_bytes(&arena, connection_id),
                                     &keys));
        assert_memory_equal(keys.key,
                            hex_bytes(&arena, vectors[i].key).data, 16);
        assert_memory_equal(keys.iv, hex_bytes(&arena, vectors[i].iv).data,
                            12);
        assert_memory_equal(keys.header,
                            hex_bytes(&arena, vectors[i].header).data, 16);
    }
    arena_clear(&arena);
}

/* RFC 9001 appendix A.2 */
static void masks_as_the_rfc_does(void **state)
{
    (void)state;
    struct arena arena;
    struct quic_keys keys;
    uint8_t mask[QUIC_MASK_SIZE];

    arena_init(&arena);
    assert_true(quic_keys_client(
        QUIC_VERSION_1, hex_bytes(&arena, connection_id), &keys));
    struct bytes sample =
        hex_bytes(&arena, "d1b1c98dd7689fb8ec11d242b123dc9b");
    assert_true(quic_keys_mask(&keys, sample, mask));
    assert_memory_equal(mask, hex_bytes(&arena, "437b9aec36").data, 5);
    assert_false(quic_keys_mask(&keys, bytes_slice(sample, 1, 15), mask));
    arena_clear(&arena);
}

static void refuses_what_it_has_no_keys_for(void **state)
{
    (void)state;
    static const uint8_t long_id[QUIC_CONNECTION_ID_MAX + 1] = { 0 };
    struct quic_keys keys;

    assert_false(quic_keys_client(0xff00001c, bytes_of("", 0), &keys));
    assert_false(quic_keys_client(QUIC_VERSION_1,
                                  bytes_of(long_id, sizeof long_id), &keys));
    assert_true(quic_keys_client(
        QUIC_VERSION_1, bytes_of(long_id, QUIC_CONNECTION_ID_MAX), &keys));
    assert_true(quic_keys_client(0xff00001d, bytes_of(NULL, 0), &keys));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(derives_the_keys_of_the_rfcs),
        cmocka_unit_test(masks_as_the_rfc_does),
        cmocka_unit_test(refuses_what_it_has_no_keys_for),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
