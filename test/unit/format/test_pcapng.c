/* SPDX-License-Identifier: Apache-2.0 */
#include "format/pcapng.h"

#include "capture_builder.h"
#include "sweep.h"
#include "test.h"

/* One block out of what was built, as the reader gets it. */
static uint32_t head_of(struct pcapng_section *section, struct bytes block)
{
    uint32_t type = 0;
    uint32_t size = 0;

    assert_true(pcapng_block_head(section, block, &type, &size));
    assert_int_equal(size, block.size);
    return type;
}

/* A section with one interface of this clock, in the order of `b`. */
static void begin(struct capture_builder *b, struct pcapng_section *section,
                  uint8_t resolution)
{
    *section = (struct pcapng_section){ 0 };
    capture_builder_section(b);
    assert_int_equal(head_of(section, capture_builder_view(b)),
                     PCAPNG_SECTION);
    writer_reset(&b->out);
    capture_builder_interface(b, 1, 0, resolution);
    assert_int_equal(head_of(section, capture_builder_view(b)),
                     PCAPNG_INTERFACE);
    assert_true(pcapng_interface_parse(section, capture_builder_view(b)));
    writer_reset(&b->out);
}

static void reads_ticks_of_every_clock(void **state)
{
    (void)state;
    static const struct {
        uint8_t resolution;
        uint64_t ticks;
        int64_t time_ns;
        const char *reason;
    } cases[] = {
        { 0, 1700000000123456, 1700000000123456000, "microseconds unless" },
        { 6, 1, 1000, "microseconds, said" },
        { 3, 1700000000123, 1700000000123000000, "milliseconds" },
        { 9, 1700000000123456789, 1700000000123456789, "nanoseconds" },
        { 12, 1999, 1, "picoseconds, rounded down" },
        { 127, UINT64_MAX, 0, "the finest decimal clock" },
        { 0x80, 1700000000, 1700000000000000000, "2^0: seconds" },
        { 0x80 | 1, 3, 1500000000, "half seconds" },
        { 0x80 | 10, 1024 + 512, 1500000000, "2^-10" },
        { 0x80 | 32, (7ull << 32) + (1ull << 31), 7500000000, "as NTP" },
        { 0x80 | 34, (1ull << 34) - 1, 999999999, "the last without a cut" },
        { 0x80 | 35, (1ull << 35) - 1, 999999999, "the first with one" },
        { 0x80 | 63, (1ull << 63) | 1ull << 62, 1500000000, "2^-63" },
        { 0x80 | 64, UINT64_MAX, 0, "finer than 64 bits can say" },
        { 0xff, UINT64_MAX, 0, "the finest binary clock" },
        { 9, 1ull << 62, 1ll << 62, "the latest time" },
        { 9, (1ull << 62) + 1, 1ll << 62, "one past it" },
        { 9, 1ull << 63, 0, "what would be before 1970" },
    };

    for (size_t i = 0; i < 2 * COUNT_OF(cases); i++) {
        struct capture_builder b;
        struct pcapng_section section;
        struct pcapng_packet packet;
        capture_builder_init(&b, i % 2);
        begin(&b, &section, cases[i / 2].resolution);
        capture_builder_packet(&b, 0, cases[i / 2].ticks, bytes_of("x", 1));
        assert_true(pcapng_packet_parse(&section, capture_builder_view(&b),
                                        &packet));
        if (packet.time_ns != cases[i / 2].time_ns)
            fail_msg("%s: %lld", cases[i / 2].reason,
                     (long long)packet.time_ns);
        pcapng_section_clear(&section);
        capture_builder_clear(&b);
    }
}

static void adds_the_offset_of_the_interface(void **state)
{
    (void)state;

    for (size_t i = 0; i < 2; i++) {
        struct capture_builder b;
        struct capture_builder offset;
        struct pcapng_section section;
        struct pcapng_packet packet;
        capture_builder_init(&b, i);
        capture_builder_init(&offset, i);
        begin(&b, &section, 0);
        capture_builder_u64(&offset, (uint64_t)-3600);
        capture_builder_open(&b, 1);
        capture_builder_u16(&b, 113);
        capture_builder_u16(&b, 0);
        capture_builder_u32(&b, 96);
        capture_builder_option(&b, 2, bytes_of("eth0", 4));
        capture_builder_option(&b, 14, capture_builder_view(&offset));
        capture_builder_close(&b);
        assert_true(
            pcapng_interface_parse(&section, capture_builder_view(&b)));
        assert_int_equal(section.interface_count, 2);
        assert_int_equal(section.interfaces[1].link_type, 113);
        assert_int_equal(section.interfaces[1].snapshot_size, 96);
        writer_reset(&b.out);
        capture_builder_packet(&b, 1, 7200000000, bytes_of("x", 1));
        assert_true(pcapng_packet_parse(&section, capture_builder_view(&b),
                                        &packet));
        assert_true(packet.time_ns == 3600000000000);
        assert_int_equal(packet.interface, 1);
        pcapng_section_clear(&section);
        capture_builder_clear(&offset);
        capture_builder_clear(&b);
    }
}

static void reads_the_three_kinds_of_packet(void **state)
{
    (void)state;

    for (size_t i = 0; i < 2; i++) {
        struct capture_builder b;
        struct pcapng_section section;
        struct pcapng_packet packet;
        capture_builder_init(&b, i);
        begin(&b, &section, 0);

        capture_builder_open(&b, PCAPNG_OLD_PACKET);
        capture_builder_u16(&b, 0);
        capture_builder_u16(&b, 9); /* Drops. */
        capture_builder_u32(&b, 0);
        capture_builder_u32(&b, 5);
        capture_builder_u32(&b, 3);
        capture_builder_u32(&b, 60);
        writer_text(&b.out, "old");
        capture_builder_close(&b);
        assert_true(pcapng_packet_parse(&section, capture_builder_view(&b),
                                        &packet));
        assert_true(bytes_equal(packet.data, bytes_of_text("old")));
        assert_int_equal(packet.time_ns, 5000);
        assert_int_equal(packet.original_size, 60);
        writer_reset(&b.out);

        capture_builder_open(&b, PCAPNG_ENHANCED_PACKET);
        capture_builder_u32(&b, 0);
        capture_builder_u64(&b, 0);
        capture_builder_u32(&b, 5);
        capture_builder_u32(&b, 70);
        writer_bytes(&b.out, bytes_of("hello\0\0\0", 8));
        capture_builder_option(&b, 2, bytes_of("\1\2\3\4", 4));
        capture_builder_option(&b, 1, bytes_of_text("first"));
        capture_builder_option(&b, 1, bytes_of_text("second"));
        capture_builder_close(&b);
        assert_true(pcapng_packet_parse(&section, capture_builder_view(&b),
                                        &packet));
        assert_true(bytes_equal(packet.data, bytes_of_text("hello")));
        assert_true(bytes_equal(packet.comment, bytes_of_text("first")));
        assert_int_equal(packet.original_size, 70);
        pcapng_section_clear(&section);
        capture_builder_clear(&b);
    }
}

static void bounds_a_simple_packet_by_its_own_and_the_snapshot_size(
    void **state)
{
    (void)state;
    static const struct {
        uint32_t snapshot, original;
        size_t size;
    } cases[] = {
        { 0, 5, 5 },   /* Less than the padded body. */
        { 0, 8, 8 },   /* All of it. */
        { 0, 900, 8 }, /* More than there is. */
        { 6, 900, 6 }, /* Cut by the capture. */
        { 6, 3, 3 },
    };

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct capture_builder b;
        struct pcapng_section section = { 0 };
        struct pcapng_packet packet;
        capture_builder_init(&b, false);
        capture_builder_interface(&b, 1, cases[i].snapshot, 0);
        assert_true(
            pcapng_interface_parse(&section, capture_builder_view(&b)));
        writer_reset(&b.out);
        capture_builder_open(&b, PCAPNG_SIMPLE_PACKET);
        capture_builder_u32(&b, cases[i].original);
        writer_text(&b.out, "12345678");
        capture_builder_close(&b);
        assert_true(pcapng_packet_parse(&section, capture_builder_view(&b),
                                        &packet));
        assert_int_equal(packet.data.size, cases[i].size);
        assert_int_equal(packet.original_size, cases[i].original);
        assert_int_equal(packet.time_ns, 0);
        pcapng_section_clear(&section);
        capture_builder_clear(&b);
    }
}

static void refuses_packets_that_contradict_themselves(void **state)
{
    (void)state;
    struct capture_builder b;
    struct pcapng_section section;
    struct pcapng_packet packet = { .interface = 77 };

    capture_builder_init(&b, false);
    begin(&b, &section, 0);
    capture_builder_packet(&b, 1, 0, bytes_of("x", 1)); /* No such one. */
    assert_false(
        pcapng_packet_parse(&section, capture_builder_view(&b), &packet));
    writer_reset(&b.out);
    capture_builder_open(&b, PCAPNG_ENHANCED_PACKET);
    capture_builder_u32(&b, 0);
    capture_builder_u64(&b, 0);
    capture_builder_u32(&b, 9); /* One more than there is. */
    capture_builder_u32(&b, 9);
    writer_text(&b.out, "12345678");
    capture_builder_close(&b);
    assert_false(
        pcapng_packet_parse(&section, capture_builder_view(&b), &packet));
    assert_int_equal(packet.interface, 77); /* Untouched. */
    pcapng_section_clear(&section);
    writer_reset(&b.out);
    capture_builder_packet(&b, 0, 0, bytes_of("x", 1));
    assert_false( /* No interface at all. */
        pcapng_packet_parse(&section, capture_builder_view(&b), &packet));
    capture_builder_clear(&b);
}

static void refuses_heads_that_are_no_block(void **state)
{
    (void)state;
    static const struct {
        const char *head;
        bool ok;
        const char *reason;
    } cases[] = {
        { "\1\0\0\0\x0c\0\0\0\0\0\0\0", true, "the smallest block" },
        { "\1\0\0\0\x08\0\0\0\0\0\0\0", false, "smaller than a block" },
        { "\1\0\0\0\x0d\0\0\0\0\0\0\0", false, "not a multiple of four" },
        { "\x0a\x0d\x0d\x0a\x1c\0\0\0\x4d\x3c\x2b\x1a", true, "little" },
        { "\x0a\x0d\x0d\x0a\0\0\0\x1c\x1a\x2b\x3c\x4d", true, "big" },
        { "\x0a\x0d\x0d\x0a\x1c\0\0\0\x4d\x3c\x2b\x1b", false, "neither" },
    };

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct pcapng_section section = { 0 };
        uint32_t type;
        uint32_t size;
        if (pcapng_block_head(&section, bytes_of(cases[i].head, 12), &type,
                              &size) != cases[i].ok)
            fail_msg("%s", cases[i].reason);
    }
}

static void knows_interfaces_up_to_its_limit(void **state)
{
    (void)state;
    struct capture_builder b;
    struct pcapng_section section = { 0 };

    capture_builder_init(&b, false);
    capture_builder_interface(&b, 1, 0, 0);
    for (size_t i = 0; i < PCAPNG_INTERFACE_MAX; i++)
        assert_true(
            pcapng_interface_parse(&section, capture_builder_view(&b)));
    assert_false(pcapng_interface_parse(&section, capture_builder_view(&b)));
    writer_reset(&b.out);
    capture_builder_section(&b); /* A new section begins without any. */
    (void)head_of(&section, capture_builder_view(&b));
    assert_int_equal(section.interface_count, 0);
    pcapng_section_clear(&section);
    capture_builder_clear(&b);
}

/* Any bytes as an interface and as a packet of a section that has one. */
static void parse_variant(struct bytes variant, void *context)
{
    struct pcapng_section section = { .is_big_endian = *(bool *)context };
    struct pcapng_interface *interface;
    struct pcapng_packet packet;

    if (!pcapng_interface_parse(&section, variant)) {
        static const uint8_t block[20] = { 0 };
        assert_true(
            pcapng_interface_parse(&section, bytes_of(block, sizeof block)));
    }
    interface = &section.interfaces[0];
    interface->snapshot_size %= 64;
    if (pcapng_packet_parse(&section, variant, &packet)) {
        assert_true(packet.data.size <= variant.size);
        if (packet.data.size > 0) {
            assert_true(packet.data.data >= variant.data);
            assert_true(packet.data.data + packet.data.size <=
                        variant.data + variant.size);
        }
    }
    pcapng_section_clear(&section);
}

static void survives_every_cut_and_flip(void **state)
{
    (void)state;

    for (size_t i = 0; i < 2; i++) {
        struct capture_builder b;
        bool big = i;
        capture_builder_init(&b, big);
        capture_builder_packet(&b, 0, 1, bytes_of_text("abcde"));
        sweep_truncate(capture_builder_view(&b), parse_variant, &big);
        sweep_flip(capture_builder_view(&b), parse_variant, &big);
        writer_reset(&b.out);
        capture_builder_interface(&b, 1, 0, 9);
        sweep_truncate(capture_builder_view(&b), parse_variant, &big);
        sweep_flip(capture_builder_view(&b), parse_variant, &big);
        capture_builder_clear(&b);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_ticks_of_every_clock),
        cmocka_unit_test(adds_the_offset_of_the_interface),
        cmocka_unit_test(reads_the_three_kinds_of_packet),
        cmocka_unit_test(
            bounds_a_simple_packet_by_its_own_and_the_snapshot_size),
        cmocka_unit_test(refuses_packets_that_contradict_themselves),
        cmocka_unit_test(refuses_heads_that_are_no_block),
        cmocka_unit_test(knows_interfaces_up_to_its_limit),
        cmocka_unit_test(survives_every_cut_and_flip),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
