/* SPDX-License-Identifier: Apache-2.0 */
#include "decoding_case.h"
#include "sweep.h"

static void reads_a_plain_tcp_segment(void **state)
{
    struct packet_builder b;

    (void)state;
    build_tcp(&b, "hello");
    packet_builder_ethernet(&b, alice, bob, 0x0800);
    packet_builder_pad(&b, 64);
    struct frame frame = packet_builder_frame(&b, 5);
    struct packet p = decode_once(&frame);
    assert_clean(&p);
    assert_int_equal(p.layer, PACKET_LAYER_IP);
    assert_mac(p.source_mac, alice.mac);
    assert_mac(p.destination_mac, bob.mac);
    assert_ip(p.source, alice.ip);
    assert_ip(p.destination, bob.ip);
    assert_int_equal(p.ip_size, 45);
    assert_int_equal(p.ttl, 64);
    assert_true(p.has_transport);
    assert_int_equal(p.source_port, 40000);
    assert_int_equal(p.destination_port, 80);
    assert_int_equal(p.tcp.sequence, 7);
    assert_int_equal(p.tcp.acknowledgement, 9);
    assert_int_equal(p.tcp.flags, TCP_ACK | TCP_PSH);
    assert_int_equal(p.tcp.window, 512);
    assert_bytes(p.payload, "hello"); /* Without the padding. */
    assert_int_equal(p.payload_missing, 0);
    assert_int_equal(p.mark.time_ns, 5);
}

static void reads_the_options_of_a_syn(void **state)
{
    struct packet_builder b;
    struct build_tcp tcp = {
        .flags = TCP_SYN,
        .options = from_hex("020405b4 0402080a 00000001 00000000 01030307"),
    };

    (void)state;
    packet_builder_start(&b, (struct bytes){ 0 });
    packet_builder_tcp(&b, alice6, bob6, &tcp);
    packet_builder_ip(&b, alice6, bob6, &(struct build_ip){ .protocol = 6 });
    packet_builder_ethernet(&b, alice6, bob6, 0x86dd);
    struct frame frame = packet_builder_frame(&b, 0);
    struct packet p = decode_once(&frame);
    assert_clean(&p);
    assert_int_equal(p.ip_version, 6);
    assert_ip(p.source, alice6.ip);
    assert_int_equal(p.tcp.maximum_segment_size, 1460);
    assert_int_equal(p.tcp.window_scale, 7);
    assert_int_equal(p.tcp.options.size, 20);
    assert_int_equal(p.ip_size, 80);
}

/* A whole packet, an anomaly, and why it is one. */
struct malformed {
    const char *why;
    uint16_t link_type;
    enum anomaly anomaly;
    const char *hex;
};

#define IPV4 "0000 0000 4006 0000 c0000201 c0000202 " /* After the size. */
#define IPV6 "20010db8000000000000000000000001" \
             "20010db8000000000000000000000002 "
#define TCP "9c40 0050 00000000 00000000 5010 0000 0000 0000 "

static const struct malformed malformed[] = {
    { "a link type from nowhere", 65000, ANOMALY_LINK_UNKNOWN, "00" },
    { "13 of 14 bytes", 1, ANOMALY_ETHERNET_TRUNCATED,
      "020000000001 020000000002 08" },
    { "802.3 length 100, 3 bytes there", 1, ANOMALY_ETHERNET_LENGTH,
      "020000000001 020000000002 0064 424203" },
    { "a tag of 3 bytes", 1, ANOMALY_VLAN_TRUNCATED,
      "020000000001 020000000002 8100 000108" },
    { "one tag more than four", 1, ANOMALY_VLAN_TOO_MANY,
      "020000000001 020000000002 8100 00018100 00028100 00038100 00048100 "
      "00050800" },
    { "ARP for IPv6", 1, ANOMALY_ARP_UNSUPPORTED,
      "020000000001 020000000002 0806 0001 86dd 0610 0001" },
    { "ARP cut in the target", 1, ANOMALY_ARP_TRUNCATED,
      "020000000001 020000000002 0806 0001 0800 0604 0001 0200000000 01" },
    { "neither IP version", 101, ANOMALY_RAW_VERSION, "50000000" },
    { "an address family that is none", 0, ANOMALY_NULL_TYPE, "000000ff" },
    { "IPv4 of 19 bytes", 228, ANOMALY_IPV4_HEADER_TRUNCATED,
      "4500 0014 0000 0000 4006 0000 c0000201 c00002" },
    { "version 5", 228, ANOMALY_IPV4_VERSION, "5500 0014 " IPV4 },
    { "16 bytes of header", 228, ANOMALY_IPV4_HEADER_SIZE,
      "4400 0014 " IPV4 },
    { "size less than the header", 228, ANOMALY_IPV4_TOTAL_LENGTH,
      "4500 0013 " IPV4 },
    { "an option past the header", 228, ANOMALY_IPV4_OPTION_LENGTH,
      "4600 0018 0000 0000 4059 0000 c0000201 c0000202 8805 0000" },
    { "a route that points before itself", 228,
      ANOMALY_IPV4_OPTION_MALFORMED,
      "4700 001c 0000 0000 4059 0000 c0000201 c0000202 8307 0100000000 00" },
    { "router alert twice", 228, ANOMALY_IPV4_OPTION_DUPLICATE,
      "4700 001c 0000 0000 4059 0000 c0000201 c0000202 94040000 94040000" },
    { "an option no one knows", 228, ANOMALY_IPV4_OPTION_UNKNOWN,
      "4600 0018 0000 0000 4059 0000 c0000201 c0000202 9f040000" },
    { "size more than there is", 228, ANOMALY_IPV4_TRUNCATED,
      "4500 0040 0000 0000 4059 0000 c0000201 c0000202 00" },
    { "TCP of 19 bytes", 228, ANOMALY_TCP_TRUNCATED,
      "4500 0027 " IPV4 "9c40 0050 00000000 00000000 5010 0000 0000 00" },
    { "TCP header of 16 bytes", 228, ANOMALY_TCP_HEADER_SIZE,
      "4500 0028 " IPV4
      "9c40 0050 00000000 00000000 4010 0000 0000 0000" },
    { "TCP options past the packet", 228, ANOMALY_TCP_OPTIONS_TRUNCATED,
      "4500 0028 " IPV4
      "9c40 0050 00000000 00000000 6010 0000 0000 0000" },
    { "MSS of 3 bytes", 228, ANOMALY_TCP_OPTION_LENGTH,
      "4500 002c " IPV4
      "9c40 0050 00000000 00000000 6010 0000 0000 0000 02030500" },
    { "an option of size 1", 228, ANOMALY_TCP_OPTION_LENGTH,
      "4500 002c " IPV4
      "9c40 0050 00000000 00000000 6010 0000 0000 0000 fd010000" },
    { "window scale twice", 228, ANOMALY_TCP_OPTION_DUPLICATE,
      "4500 0030 " IPV4
      "9c40 0050 00000000 00000000 7010 0000 0000 0000 03030101 03030101" },
    { "UDP of 7 bytes", 228, ANOMALY_UDP_TRUNCATED,
      "4500 001b 0000 0000 4011 0000 c0000201 c0000202 00010002 000800" },
    { "UDP size 7", 228, ANOMALY_UDP_HEADER_SIZE,
      "4500 001c 0000 0000 4011 0000 c0000201 c0000202 00010002 0007 0000" },
    { "UDP size past the packet", 228, ANOMALY_UDP_LENGTH,
      "4500 001c 0000 0000 4011 0000 c0000201 c0000202 00010002 0009 0000" },
    { "SCTP of 8 bytes", 228, ANOMALY_SCTP_TRUNCATED,
      "4500 001c 0000 0000 4084 0000 c0000201 c0000202 00010002 00000000" },
    { "ICMP of 7 bytes", 228, ANOMALY_ICMPV4_TRUNCATED,
      "4500 001b 0000 0000 4001 0000 c0000201 c0000202 08000000 000000" },
    { "unreachable that quotes nothing", 228, ANOMALY_ICMPV4_QUOTE,
      "4500 001c 0000 0000 4001 0000 c0000201 c0000202 03000000 00000000" },
    { "ICMPv6 over IPv4", 228, ANOMALY_IPV4_ICMPV6,
      "4500 001c 0000 0000 403a 0000 c0000201 c0000202 80000000 00000000" },
    { "AH shorter than its fields", 228, ANOMALY_AH_LENGTH,
      "4500 0020 0000 0000 4033 0000 c0000201 c0000202 06000000 00000000 "
      "00000000" },
    { "IPv6 of 39 bytes", 229, ANOMALY_IPV6_HEADER_TRUNCATED,
      "60000000 0000 3b40 " "20010db8000000000000000000000001"
      "20010db80000000000000000000000" },
    { "version 7", 229, ANOMALY_IPV6_VERSION,
      "70000000 0000 3b40 " IPV6 },
    { "IPv6 size more than there is", 229, ANOMALY_IPV6_TRUNCATED,
      "60000000 0002 5940 " IPV6 "00" },
    { "data after no next header", 229, ANOMALY_IPV6_NONE_DATA,
      "60000000 0001 3b40 " IPV6 "00" },
    { "ICMPv4 over IPv6", 229, ANOMALY_IPV6_ICMPV4,
      "60000000 0008 0140 " IPV6 "0800000000000000" },
    { "routing type 0", 229, ANOMALY_IPV6_ROUTING_ZERO,
      "60000000 0008 2b40 " IPV6 "3b00 0000 00000000" },
    { "a header past the packet", 229, ANOMALY_IPV6_EXTENSION_TRUNCATED,
      "60000000 0008 2b40 " IPV6 "3b01 0300 00000000" },
    { "one byte after a header", 229, ANOMALY_IPV6_EXTENSION_TRUNCATED,
      "60000000 0009 2b40 " IPV6 "fd00 0300 00000000 00" },
    { "hop-by-hop after options", 229, ANOMALY_IPV6_HOP_LATE,
      "60000000 0010 3c40 " IPV6 "0000 0401 01010100 3b00 0502 0000 0100" },
    { "two hop-by-hop headers", 229, ANOMALY_IPV6_HOP_DUPLICATE,
      "60000000 0010 0040 " IPV6 "0000 0502 0000 0100 3b00 0502 0000 0100" },
    { "routing after AH", 229, ANOMALY_IPV6_ORDER,
      "60000000 0018 3340 " IPV6
      "2b02 0000 00000001 00000001 00000000 3b00 0300 00000000" },
    { "only padding for the routers", 229, ANOMALY_IPV6_HOP_PADDING,
      "60000000 0008 0040 " IPV6 "3b00 0104 00000000" },
    { "an option past its header", 229, ANOMALY_IPV6_OPTION_LENGTH,
      "60000000 0008 3c40 " IPV6 "3b00 0405 00000000" },
    { "a jumbo payload that is small", 229, ANOMALY_IPV6_JUMBO,
      "60000000 0008 0040 " IPV6 "3b00 c204 0000ffff" },
    { "a fragment header for nothing", 229, ANOMALY_IPV6_FRAGMENT_USELESS,
      "60000000 0008 2c40 " IPV6 "3b00 0000 00000001" },
    { "neighbour solicitation from afar", 229, ANOMALY_ICMPV6_ND_HOPS,
      "60000000 0018 3afe " IPV6
      "8700 64b1 00000000 20010db8000000000000000000000002" },
    { "MLD from afar", 229, ANOMALY_ICMPV6_MLD_HOPS,
      "60000000 0018 3a40 " IPV6
      "8200 6969 00000000 20010db8000000000000000000000002" },
    { "no UDP checksum in IPv6", 229, ANOMALY_UDP_CHECKSUM_ZERO,
      "60000000 0008 1140 " IPV6 "0001 0002 0008 0000" },
};

static void names_every_malformation(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(malformed); i++) {
        const struct malformed *m = &malformed[i];
        struct frame frame = frame_of(m->link_type, from_hex(m->hex));
        bool checks = m->anomaly == ANOMALY_UDP_CHECKSUM_ZERO;
        struct packet p = decode_checked(&frame, checks);
        if (!anomaly_has(&p.anomalies, m->anomaly))
            fail_msg("%s: not named", m->why);
        assert_only(&p, m->anomaly);
    }
}

static void what_the_snapshot_cut_is_not_malformed(void **state)
{
    struct packet_builder b;

    (void)state;
    build_tcp(&b, "0123456789");
    packet_builder_ethernet(&b, alice, bob, 0x0800);
    struct bytes whole = packet_builder_view(&b);
    for (size_t size = 0; size <= whole.size; size++) {
        struct frame frame = frame_of(1, bytes_slice(whole, 0, size));
        frame.mark.original_size = (uint32_t)whole.size;
        struct packet p = decode_once(&frame);
        assert_clean(&p);
        assert_int_equal(p.has_transport, size >= 54);
        if (p.has_transport) {
            assert_int_equal(p.payload.size, size - 54);
            assert_int_equal(p.payload_missing, whole.size - size);
        }
    }
}

static void what_the_network_cut_is(void **state)
{
    struct packet_builder b;

    (void)state;
    build_tcp(&b, "0123456789");
    packet_builder_ethernet(&b, alice, bob, 0x0800);
    struct bytes whole = packet_builder_view(&b);
    for (size_t size = 0; size < whole.size; size++) {
        struct frame frame = frame_of(1, bytes_slice(whole, 0, size));
        struct packet p = decode_once(&frame);
        assert_false(anomaly_none(&p.anomalies));
        assert_int_equal(p.payload_missing, 0);
    }
}

static void judges_checksums_when_asked(void **state)
{
    static const struct {
        size_t offset;
        enum anomaly anomaly;
    } flips[] = {
        { 14 + 8, ANOMALY_IPV4_CHECKSUM },  /* The TTL. */
        { 14 + 24, ANOMALY_TCP_CHECKSUM },  /* The sequence number. */
        { 14 + 40, ANOMALY_TCP_CHECKSUM },  /* The payload. */
    };
    struct packet_builder b;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(flips); i++) {
        build_tcp(&b, "odd");
        packet_builder_ethernet(&b, alice, bob, 0x0800);
        b.data[b.start + flips[i].offset] ^= 0x10;
        struct frame frame = packet_builder_frame(&b, 0);
        struct packet p = decode_checked(&frame, true);
        assert_only(&p, flips[i].anomaly);
        p = decode_checked(&frame, false);
        assert_clean(&p);
    }
}

static void reads_what_an_error_quotes(void **state)
{
    struct packet_builder b;

    (void)state;
    build_tcp(&b, "quoted");
    packet_builder_push_u32(&b, 0);
    packet_builder_icmp(&b, bob, alice, 0x0301);
    packet_builder_ip(&b, bob, alice, &(struct build_ip){ .protocol = 1 });
    struct frame frame = frame_of(101, packet_builder_view(&b));
    struct packet p = decode_once(&frame);
    assert_clean(&p);
    assert_int_equal(p.icmp_type, 3);
    assert_int_equal(p.icmp_code, 1);
    assert_true(p.has_transport);
    assert_true(p.has_quoted);
    assert_ip(p.quoted_source, alice.ip);
    assert_ip(p.quoted_destination, bob.ip);
    assert_int_equal(p.quoted_protocol, 6);
    assert_int_equal(p.quoted_source_port, 40000);
    assert_int_equal(p.quoted_destination_port, 80);
}

static void reads_a_jumbo_payload(void **state)
{
    static uint8_t data[40 + 8 + 8 + 70000];
    struct bytes head = from_hex("60000000 0000 0040 " IPV6
                                 "1100 c204 00011180 0001 0002 0000 0000");

    (void)state;
    memcpy(data, head.data, head.size);
    struct frame frame = frame_of(229, bytes_of(data, sizeof data));
    struct packet p = decode_checked(&frame, false);
    assert_clean(&p);
    assert_true(p.has_transport);
    assert_int_equal(p.payload.size, 70000);
    assert_int_equal(p.ip_size, sizeof data);
}

/* The next two only have to end and to keep to their memory. */
static void decode_variant(struct bytes variant, void *context)
{
    uint16_t link_type = *(const uint16_t *)context;
    struct frame frame = frame_of(link_type, variant);
    struct packet p = decode_once(&frame);

    if (p.payload.size == 0)
        return;
    assert_true(p.payload.data >= variant.data);
    assert_true(p.payload.data + p.payload.size <=
                variant.data + variant.size);
}

static void survives_any_cut_and_any_flip(void **state)
{
    static const char *const frames[] = {
        "020000000001 020000000002 8100 00018847 00001100 4500 0028 " IPV4 TCP,
        "020000000001 020000000002 86dd 60000000 0030 003f " IPV6
        "2b00 0502 0000 0100 3c00 0300 00000000 0600 0104 00000000 " TCP,
        "020000000001 020000000002 0800 4500 0048 0000 0000 402f 0000 "
        "c0000201 c0000202 2000 0800 00000001 4500 0028 " IPV4 TCP,
    };
    uint16_t link_type = 1;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(frames); i++) {
        sweep_truncate(from_hex(frames[i]), decode_variant, &link_type);
        sweep_flip(from_hex(frames[i]), decode_variant, &link_type);
    }
}

static void every_anomaly_has_its_own_name(void **state)
{
    (void)state;
    for (int i = 0; i < ANOMALY_COUNT; i++) {
        const char *name = anomaly_name((enum anomaly)i);
        assert_true(strlen(name) > 4);
        assert_true(strlen(anomaly_text((enum anomaly)i)) > 10);
        for (int j = 0; j < i; j++)
            assert_string_not_equal(name, anomaly_name((enum anomaly)j));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_a_plain_tcp_segment),
        cmocka_unit_test(reads_the_options_of_a_syn),
        cmocka_unit_test(names_every_malformation),
        cmocka_unit_test(what_the_snapshot_cut_is_not_malformed),
        cmocka_unit_test(what_the_network_cut_is),
        cmocka_unit_test(judges_checksums_when_asked),
        cmocka_unit_test(reads_what_an_error_quotes),
        cmocka_unit_test(reads_a_jumbo_payload),
        cmocka_unit_test(survives_any_cut_and_any_flip),
        cmocka_unit_test(every_anomaly_has_its_own_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
