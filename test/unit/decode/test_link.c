/* SPDX-License-Identifier: Apache-2.0 */
#include "decoding_case.h"

/* Link headers in front of Alice's segment, and what they say. */
struct link_case {
    const char *why;
    uint16_t link_type;
    const char *hex;
    const char *source;
    const char *destination;
    uint16_t vlans[PACKET_VLAN_MAX];
};

#define NONE "00:00:00:00:00:00"
#define A "02:00:00:00:00:0a"
#define B "02:00:00:00:00:0b"
#define ETHER "02000000000b 02000000000a "
#define SNAP "aaaa03 000000 0800"

static const struct link_case links[] = {
    { "Ethernet II", 1, ETHER "0800", A, B, { 0 } },
    { "802.3 with SNAP", 1, ETHER "0035" SNAP, A, B, { 0 } },
    { "802.1Q", 1, ETHER "8100 e064 0800", A, B, { 100 } },
    { "802.1ad in four layers", 1,
      ETHER "88a8 0001 8100 0002 9100 0003 8100 0fff 0800", A, B,
      { 1, 2, 3, 4095 } },
    { "PPPoE", 1, ETHER "8864 1100 0001 002f 0021", A, B, { 0 } },
    { "PPPoE with a short protocol", 1, ETHER "8864 1100 0001 002e 21", A, B,
      { 0 } },
    { "two MPLS labels", 1, ETHER "8847 00010040 00011140", A, B, { 0 } },
    { "MPLS pseudowire with a control word", 1,
      "020000000001 020000000002 8847 00011140 00000000 " ETHER "0800", A, B,
      { 0 } },
    { "MPLS pseudowire without one", 1,
      "020000000001 020000000002 8847 00011140 " ETHER "0800", A, B, { 0 } },
    { "VN-Tag", 1, ETHER "8926 00000000 0800", A, B, { 0 } },
    { "802.1ah", 1,
      "020000000001 020000000002 88e7 00000001 " ETHER "0800", A, B, { 0 } },
    { "Linux cooked", 113, "0000 0001 0006 02000000000a0000 0800", A, NONE,
      { 0 } },
    { "Linux cooked 2", 276,
      "0800 0000 00000002 0001 00 06 02000000000a0000", A, NONE, { 0 } },
    { "802.11 from the access point", 105,
      "0802 0000 02000000000b 020000000001 02000000000a 0000 " SNAP, A, B,
      { 0 } },
    { "802.11 to it, with QoS", 105,
      "8801 0000 020000000001 02000000000a 02000000000b 0000 0000 " SNAP, A,
      B, { 0 } },
    { "802.11 between stations", 105,
      "0800 0000 02000000000b 02000000000a 020000000001 0000 " SNAP, A, B,
      { 0 } },
    { "802.11 with four addresses", 105,
      "0803 0000 020000000001 020000000002 02000000000b 0000 02000000000a "
      SNAP, A, B, { 0 } },
    { "802.11 QoS with HT control", 105,
      "8881 0000 020000000001 02000000000a 02000000000b 0000 0000 00000000 "
      SNAP, A, B, { 0 } },
    { "802.11 A-MSDU", 105,
      "8802 0000 020000000002 020000000001 020000000001 0000 8000 "
      ETHER "0035" SNAP, A, B, { 0 } },
    { "radiotap without fields", 127,
      "0000 0800 00000000 "
      "0802 0000 02000000000b 020000000001 02000000000a 0000 " SNAP, A, B,
      { 0 } },
    { "radiotap with a padded header", 127,
      "0000 0900 02000000 20 8801 0000 020000000001 02000000000a 02000000000b "
      "0000 0000 0000 " SNAP, A, B, { 0 } },
    { "AVS", 163,
      "80211001 0000000c 00000000 "
      "0802 0000 02000000000b 020000000001 02000000000a 0000 " SNAP, A, B,
      { 0 } },
    { "PPI with Ethernet", 192, "0000 0800 01000000 " ETHER "0800", A, B,
      { 0 } },
    { "raw", 101, "", NULL, NULL, { 0 } },
    { "raw, as BSD numbers it", 12, "", NULL, NULL, { 0 } },
    { "loopback, big-endian", 0, "00000002", NULL, NULL, { 0 } },
    { "loopback, little-endian", 0, "02000000", NULL, NULL, { 0 } },
    { "loopback of OpenBSD", 108, "00000002", NULL, NULL, { 0 } },
    { "PPP", 9, "ff03 0021", NULL, NULL, { 0 } },
    { "PPP without address and control", 9, "0021", NULL, NULL, { 0 } },
    { "Cisco HDLC", 104, "0f00 0800", NULL, NULL, { 0 } },
};

static void reads_every_link_layer(void **state)
{
    struct packet_builder b;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(links); i++) {
        const struct link_case *c = &links[i];
        build_tcp(&b, "hello");
        packet_builder_push(&b, from_hex(c->hex));
        struct frame frame =
            frame_of(c->link_type, packet_builder_view(&b));
        struct packet p = decode_once(&frame);
        if (p.layer != PACKET_LAYER_IP)
            fail_msg("%s: no IP found", c->why);
        assert_clean(&p);
        assert_bytes(p.payload, "hello");
        assert_int_equal(p.has_mac, c->source != NULL);
        if (c->source) {
            assert_mac(p.source_mac, c->source);
            assert_mac(p.destination_mac, c->destination);
        }
        for (int v = 0; v < p.vlan_count; v++)
            assert_int_equal(p.vlan[v], c->vlans[v]);
        assert_int_equal(p.vlan_count, (c->vlans[0] > 0) + (c->vlans[1] > 0) +
                                           (c->vlans[2] > 0) +
                                           (c->vlans[3] > 0));
    }
}

static void reads_arp(void **state)
{
    struct frame frame = frame_of(
        1, from_hex("ffffffffffff 02000000000a 0806 0001 0800 0604 0001 "
                    "02000000000a c0000201 000000000000 c0000202 0000"));
    struct packet p = decode_once(&frame);

    (void)state;
    assert_clean(&p);
    assert_int_equal(p.layer, PACKET_LAYER_ARP);
    assert_int_equal(p.arp.operation, 1);
    assert_mac(p.arp.sender_mac, A);
    assert_ip(p.arp.sender_ip, "192.0.2.1");
    assert_ip(p.arp.target_ip, "192.0.2.2");
}

static void hands_on_lldp_and_eapol(void **state)
{
    struct frame frame =
        frame_of(1, from_hex(ETHER "88cc 0207 0402000000000a"));
    struct packet p = decode_once(&frame);

    (void)state;
    assert_int_equal(p.layer, PACKET_LAYER_LLDP);
    assert_int_equal(p.payload.size, 9);
    frame = frame_of(1, from_hex(ETHER "888e 0103 0002 0102 000000"));
    p = decode_once(&frame);
    assert_int_equal(p.layer, PACKET_LAYER_EAPOL);
    assert_int_equal(p.payload.size, 6);
    assert_clean(&p);
    frame = frame_of(1, from_hex(ETHER "888e 0103 0003 0102"));
    p = decode_once(&frame);
    assert_only(&p, ANOMALY_EAPOL_LENGTH);
}

static void counts_encrypted_wireless_frames(void **state)
{
    struct decode_options options = { 0 };
    struct decoder *decoder = decoder_new(&options);
    struct decode_counters counters;
    struct packet p;
    struct frame frame = frame_of(
        105, from_hex("0842 0000 02000000000b 020000000001 02000000000a 0000 "
                      "0011223344556677"));

    (void)state;
    decode_frame(decoder, &frame, &p);
    decoder_read_counters(decoder, &counters);
    assert_int_equal(counters.wlan_protected, 1);
    assert_int_equal(p.layer, PACKET_LAYER_LINK);
    assert_mac(p.source_mac, A);
    assert_mac(p.destination_mac, B);
    assert_clean(&p);
    decoder_free(decoder);
}

static void the_checksum_of_a_wireless_frame_is_no_payload(void **state)
{
    struct frame frame = frame_of(
        127,
        from_hex("0000 0900 02000000 10 0802 0000 02000000000b 020000000001 "
                 "02000000000a 0000 424203 0102 fafbfcfd"));
    struct packet p = decode_once(&frame);

    (void)state;
    assert_clean(&p);
    assert_bytes(p.payload, "\1\2");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_every_link_layer),
        cmocka_unit_test(reads_arp),
        cmocka_unit_test(hands_on_lldp_and_eapol),
        cmocka_unit_test(counts_encrypted_wireless_frames),
        cmocka_unit_test(the_checksum_of_a_wireless_frame_is_no_payload),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
