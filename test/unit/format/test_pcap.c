/* SPDX-License-Identifier: Apache-2.0 */
#include "format/pcap.h"

#include "capture_builder.h"
#include "sweep.h"
#include "test.h"

static void reads_every_magic_in_both_orders(void **state)
{
    (void)state;
    static const struct {
        uint32_t magic;
        uint8_t record_size;
        bool is_nanoseconds;
    } cases[] = {
        { 0xa1b2c3d4, 16, false },
        { 0xa1b23c4d, 16, true },
        { 0xa1b2cd34, 24, false },
    };

    for (size_t i = 0; i < 2 * COUNT_OF(cases); i++) {
        struct capture_builder b;
        struct pcap_header header;
        capture_builder_init(&b, i % 2);
        /* FCS length and flag stand in the upper bits of the link type. */
        capture_builder_pcap(&b, cases[i / 2].magic, 0x54000071);
        assert_true(pcap_header_parse(capture_builder_view(&b), &header));
        assert_int_equal(header.is_big_endian, i % 2);
        assert_int_equal(header.record_size, cases[i / 2].record_size);
        assert_int_equal(header.is_nanoseconds, cases[i / 2].is_nanoseconds);
        assert_int_equal(header.link_type, 0x71);
        assert_int_equal(header.major, 2);
        assert_int_equal(header.minor, 4);
        capture_builder_clear(&b);
    }
}

static void reads_times_of_either_resolution(void **state)
{
    (void)state;
    static const struct {
        bool is_nanoseconds;
        uint32_t seconds, fraction;
        int64_t time_ns;
    } cases[] = {
        { false, 1, 999999, 1999999000 },
        { true, 1, 999999999, 1999999999 },
        { false, UINT32_MAX, UINT32_MAX, 4294967295000000000 + 4294967295000 },
        { true, UINT32_MAX, UINT32_MAX, 4294967295000000000 + 4294967295 },
        { false, 0, 0, 0 },
    };

    for (size_t i = 0; i < 2 * COUNT_OF(cases); i++) {
        struct capture_builder b;
        struct pcap_record record;
        struct pcap_header header = {
            .is_big_endian = i % 2,
            .is_nanoseconds = cases[i / 2].is_nanoseconds,
            .record_size = 16,
            .major = 2,
            .minor = 4,
        };
        capture_builder_init(&b, i % 2);
        capture_builder_record(&b, cases[i / 2].seconds,
                               cases[i / 2].fraction, bytes_of("ab", 2));
        assert_true(pcap_record_parse(
            bytes_slice(capture_builder_view(&b), 0, 16), &header, &record));
        assert_true(record.time_ns == cases[i / 2].time_ns);
        assert_int_equal(record.captured_size, 2);
        assert_int_equal(record.original_size, 2);
        capture_builder_clear(&b);
    }
}

/* Up to 2.2 the two sizes stood the other way round. */
static void turns_the_sizes_of_old_versions_round(void **state)
{
    (void)state;
    static const uint8_t record[16] = { [8] = 60, [12] = 40 };
    struct pcap_header header = { .record_size = 16, .major = 2, .minor = 2 };
    struct pcap_record parsed;

    assert_true(pcap_record_parse(bytes_of(record, 16), &header, &parsed));
    assert_int_equal(parsed.captured_size, 40);
    assert_int_equal(parsed.original_size, 60);
    header.minor = 4;
    assert_true(pcap_record_parse(bytes_of(record, 16), &header, &parsed));
    assert_int_equal(parsed.captured_size, 60);
}

static void parse_variant(struct bytes variant, void *context)
{
    size_t *accepted = context;
    struct pcap_header header = { .record_size = 99 };

    if (pcap_header_parse(variant, &header)) {
        assert_true(variant.size >= PCAP_HEADER_SIZE);
        assert_true(header.record_size == 16 || header.record_size == 24);
        (*accepted)++;
    } else {
        assert_int_equal(header.record_size, 99); /* Untouched. */
    }
}

static void refuses_what_is_short_or_has_no_magic(void **state)
{
    (void)state;
    struct capture_builder b;
    size_t accepted = 0;

    capture_builder_init(&b, false);
    capture_builder_pcap(&b, 0xa1b2c3d4, 1);
    sweep_truncate(capture_builder_view(&b), parse_variant, &accepted);
    assert_int_equal(accepted, 1); /* Only the whole header. */
    accepted = 0;
    sweep_flip(capture_builder_view(&b), parse_variant, &accepted);
    assert_int_equal(accepted, (PCAP_HEADER_SIZE - 4) * 8);
    capture_builder_clear(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_every_magic_in_both_orders),
        cmocka_unit_test(reads_times_of_either_resolution),
        cmocka_unit_test(turns_the_sizes_of_old_versions_round),
        cmocka_unit_test(refuses_what_is_short_or_has_no_magic),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
