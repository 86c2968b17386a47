/* SPDX-License-Identifier: Apache-2.0 */
#include "decoding_case.h"
#include "decode/fragment.h"

enum { LAST = 1, MORE = 0 };

static const int64_t second_ns = 1000000000;

static struct fragment part_of(uint32_t offset, const char *text, int is_last)
{
    return (struct fragment){
        .key = { .version = 4, .protocol = 17, .identification = 1 },
        .data = bytes_of_text(text),
        .offset = offset,
        .is_last = is_last,
        .protocol = 17,
    };
}

static struct fragment_table *new_table(void)
{
    return fragment_table_new(0, (struct hash_key){ 1, 2 });
}

static void any_order_gives_the_datagram(void **state)
{
    static const int orders[][3] = { { 0, 1, 2 }, { 0, 2, 1 }, { 1, 0, 2 },
                                     { 1, 2, 0 }, { 2, 0, 1 }, { 2, 1, 0 } };
    const struct fragment parts[] = { part_of(0, "01234567", MORE),
                                      part_of(8, "89abcdef", MORE),
                                      part_of(16, "xyz", LAST) };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(orders); i++) {
        struct fragment_table *table = new_table();
        for (int j = 0; j < 3; j++) {
            struct fragment_result r =
                fragment_table_insert(table, &parts[orders[i][j]]);
            assert_int_equal(r.is_complete, j == 2);
            assert_false(r.has_overlap);
            if (r.is_complete)
                assert_bytes(r.datagram, "0123456789abcdefxyz");
        }
        fragment_table_free(table);
    }
}

static void in_ipv4_what_came_first_stands(void **state)
{
    struct fragment_table *table = new_table();
    struct fragment first = part_of(8, "AAAAAAAA", MORE);
    struct fragment over = part_of(0, "BBBBBBBBBBBBBBBB", MORE);
    struct fragment last = part_of(16, "CC", LAST);

    (void)state;
    assert_false(fragment_table_insert(table, &first).has_overlap);
    assert_true(fragment_table_insert(table, &over).has_overlap);
    struct fragment_result r = fragment_table_insert(table, &last);
    assert_true(r.is_complete);
    assert_bytes(r.datagram, "BBBBBBBBAAAAAAAACC");
    fragment_table_free(table);
}

static void in_ipv6_an_overlap_drops_all(void **state)
{
    struct fragment_table *table = new_table();
    struct fragment parts[] = { part_of(0, "AAAAAAAA", MORE),
                                part_of(0, "BBBBBBBBBBBBBBBB", MORE),
                                part_of(8, "CC", LAST) };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(parts); i++) {
        parts[i].key.version = 6;
        struct fragment_result r = fragment_table_insert(table, &parts[i]);
        assert_int_equal(r.has_overlap, i == 1);
        assert_false(r.is_complete);
    }
    fragment_table_free(table);
}

static void a_repeat_is_no_overlap(void **state)
{
    (void)state;
    for (uint8_t version = 4; version <= 6; version += 2) {
        struct fragment_table *table = new_table();
        struct fragment first = part_of(0, "AAAAAAAA", MORE);
        struct fragment last = part_of(8, "C", LAST);
        first.key.version = version;
        last.key.version = version;
        (void)fragment_table_insert(table, &first);
        assert_false(fragment_table_insert(table, &first).has_overlap);
        assert_true(fragment_table_insert(table, &last).is_complete);
        fragment_table_free(table);
    }
}

static void a_last_that_ends_too_early_is_a_contradiction(void **state)
{
    struct fragment_table *table = new_table();
    struct fragment first = part_of(0, "AAAAAAAAAAAAAAAA", MORE);
    struct fragment teardrop = part_of(8, "B", LAST);
    struct fragment late = part_of(16, "C", LAST);

    (void)state;
    (void)fragment_table_insert(table, &first);
    assert_true(fragment_table_insert(table, &teardrop).is_contradiction);
    assert_false(fragment_table_insert(table, &late).is_complete);
    fragment_table_free(table);
}

static void waits_for_as_long_as_the_rfc_says(void **state)
{
    static const struct {
        uint8_t version;
        int64_t wait_ns;
        bool is_complete;
    } cases[] = {
        { 4, FRAGMENT_IPV4_TIMEOUT_S * second_ns, true },
        { 4, FRAGMENT_IPV4_TIMEOUT_S * second_ns + 1, false },
        { 6, FRAGMENT_IPV6_TIMEOUT_S * second_ns, true },
        { 6, FRAGMENT_IPV6_TIMEOUT_S * second_ns + 1, false },
        { 4, -second_ns, true }, /* Captured out of order. */
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct fragment_table *table = new_table();
        struct fragment first = part_of(0, "AAAAAAAA", MORE);
        struct fragment last = part_of(8, "B", LAST);
        first.key.version = cases[i].version;
        last.key.version = cases[i].version;
        last.time_ns = cases[i].wait_ns;
        (void)fragment_table_insert(table, &first);
        struct fragment_result r = fragment_table_insert(table, &last);
        assert_int_equal(r.is_complete, cases[i].is_complete);
        fragment_table_free(table);
    }
}

static void holds_as_many_holes_as_stated(void **state)
{
    struct fragment_table *table = new_table();

    (void)state;
    /* Each of these cuts the last hole in two. */
    for (uint32_t i = 1; i <= FRAGMENT_HOLES_MAX; i++) {
        struct fragment part = part_of(i * 16, "12345678", MORE);
        struct fragment_result r = fragment_table_insert(table, &part);
        assert_int_equal(r.is_refused, i == FRAGMENT_HOLES_MAX);
    }
    fragment_table_free(table);
}

/* Half a datagram each, so that none can complete. */
static void a_flood_evicts_the_oldest_and_keeps_to_its_memory(void **state)
{
    static uint8_t half[32768];
    struct fragment_table *table =
        fragment_table_new(FRAGMENT_BYTES_MIN, (struct hash_key){ 1, 2 });
    struct fragment_counters counters;

    (void)state;
    for (uint32_t i = 0; i < 100; i++) {
        struct fragment part = part_of(0, "", MORE);
        part.data = bytes_of(half, sizeof half);
        part.key.identification = i;
        assert_false(fragment_table_insert(table, &part).is_refused);
    }
    fragment_table_read_counters(table, &counters);
    assert_int_equal(counters.evicted, 97); /* 101 blocks hold three. */
    struct fragment last = part_of(sizeof half, "end", LAST);
    last.key.identification = 98;
    assert_true(fragment_table_insert(table, &last).is_complete);
    last.key.identification = 3;
    assert_false(fragment_table_insert(table, &last).is_complete);
    fragment_table_free(table);
}

static void the_largest_datagram_fits(void **state)
{
    static uint8_t data[FRAGMENT_DATAGRAM_MAX];
    struct fragment_table *table =
        fragment_table_new(1, (struct hash_key){ 1, 2 });
    struct fragment_result r = { 0 };

    (void)state;
    for (size_t i = 0; i < sizeof data; i++)
        data[i] = (uint8_t)(i * 7 >> 3);
    for (uint32_t at = 0; at < sizeof data; at += 1480) {
        struct fragment part = part_of(at, "", MORE);
        part.data = bytes_slice(bytes_of(data, sizeof data), at, 1480);
        part.is_last = at + 1480 >= sizeof data;
        r = fragment_table_insert(table, &part);
    }
    assert_true(r.is_complete);
    assert_int_equal(r.datagram.size, sizeof data);
    assert_memory_equal(r.datagram.data, data, sizeof data);
    fragment_table_free(table);
}

/* The n-th of two halves of Alice's UDP datagram, as a frame of IPv4. */
static struct bytes build_half(struct packet_builder *b, int half)
{
    struct packet_builder udp;

    packet_builder_start(&udp, bytes_of_text("fragmented datagram"));
    packet_builder_udp(&udp, alice, bob);
    packet_builder_start(b, bytes_slice(packet_builder_view(&udp),
                                        half ? 16 : 0, half ? 100 : 16));
    packet_builder_ip(b, alice, bob,
                      &(struct build_ip){ .protocol = 17,
                                          .identification = 77,
                                          .fragment = half ? 2 : 0x2000 });
    return packet_builder_view(b);
}

static void the_decoder_hands_out_the_whole(void **state)
{
    struct decode_options options = { .verify_checksums = true };
    struct decoder *decoder = decoder_new(&options);
    struct packet_builder b;
    struct packet p;

    (void)state;
    struct frame frame = frame_of(228, build_half(&b, 1));
    decode_frame(decoder, &frame, &p);
    assert_clean(&p);
    assert_true(p.is_fragment);
    assert_false(p.has_transport);
    frame = frame_of(228, build_half(&b, 0));
    decode_frame(decoder, &frame, &p);
    assert_clean(&p);
    assert_false(p.is_fragment);
    assert_true(p.is_reassembled);
    assert_true(p.has_transport);
    assert_int_equal(p.source_port, 40000);
    assert_int_equal(p.ip_size, 20 + 8 + 19);
    assert_bytes(p.payload, "fragmented datagram");
    struct bytes memory = decoder_memory(decoder);
    assert_true(p.payload.data >= memory.data);
    assert_true(p.payload.data + p.payload.size <=
                memory.data + memory.size);
    decoder_free(decoder);
}

static void names_fragments_that_cannot_be(void **state)
{
    static const struct {
        enum anomaly anomaly;
        uint16_t fragment;
        const char *payload;
    } cases[] = {
        { ANOMALY_IPV4_FRAGMENT_SIZE, 0x2000, "not eight" },
        { ANOMALY_IPV4_FRAGMENT_SIZE, 0x2000, "" },
        { ANOMALY_IPV4_FRAGMENT_LARGE, 0x1fff, "ping of death" },
        { ANOMALY_IPV4_FRAGMENT_TINY, 0x2000, "eight by" },
        { ANOMALY_IPV4_FRAGMENT_TINY, 0x2001, "eight by" },
    };
    struct packet_builder b;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        packet_builder_start(&b, bytes_of_text(cases[i].payload));
        packet_builder_ip(&b, alice, bob,
                          &(struct build_ip){ .protocol = 6,
                                              .fragment = cases[i].fragment });
        struct frame frame = frame_of(228, packet_builder_view(&b));
        struct packet p = decode_once(&frame);
        assert_only(&p, cases[i].anomaly);
        assert_true(p.is_fragment);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(any_order_gives_the_datagram),
        cmocka_unit_test(in_ipv4_what_came_first_stands),
        cmocka_unit_test(in_ipv6_an_overlap_drops_all),
        cmocka_unit_test(a_repeat_is_no_overlap),
        cmocka_unit_test(a_last_that_ends_too_early_is_a_contradiction),
        cmocka_unit_test(waits_for_as_long_as_the_rfc_says),
        cmocka_unit_test(holds_as_many_holes_as_stated),
        cmocka_unit_test(a_flood_evicts_the_oldest_and_keeps_to_its_memory),
        cmocka_unit_test(the_largest_datagram_fits),
        cmocka_unit_test(the_decoder_hands_out_the_whole),
        cmocka_unit_test(names_fragments_that_cannot_be),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
