/* SPDX-License-Identifier: Apache-2.0 */
#include "decoding_case.h"

static const struct build_side left = { "02:00:00:00:00:01", "198.51.100.1",
                                        5000 };
static const struct build_side right = { "02:00:00:00:00:02", "198.51.100.2",
                                         0 };

#define ETHER "02000000000b 02000000000a 0800 "

/* What stands between the outer header and Alice's segment. */
struct tunnel_case {
    const char *why;
    enum packet_tunnel tunnel;
    uint8_t protocol;
    uint16_t port; /* UDP, when not 0. */
    const char *hex;
    bool has_inner_mac;
};

static const struct tunnel_case tunnels[] = {
    { "IP in IP", PACKET_TUNNEL_IP_IN_IP, 4, 0, "", false },
    { "plain GRE", PACKET_TUNNEL_GRE, 47, 0, "0000 0800", false },
    { "GRE with checksum, key and sequence", PACKET_TUNNEL_GRE, 47, 0,
      "b000 0800 00000000 00000001 00000002", false },
    { "GRE that bridges Ethernet", PACKET_TUNNEL_GRE, 47, 0,
      "0000 6558 " ETHER, true },
    { "PPTP", PACKET_TUNNEL_GRE, 47, 0,
      "3001 880b 0031 0001 00000000 ff03 0021", false },
    { "WCCP", PACKET_TUNNEL_GRE, 47, 0, "0000 883e 00000000", false },
    { "ERSPAN I", PACKET_TUNNEL_ERSPAN, 47, 0, "0000 88be " ETHER, true },
    { "ERSPAN II", PACKET_TUNNEL_ERSPAN, 47, 0,
      "1000 88be 00000000 10010000 00000000 " ETHER, true },
    { "ERSPAN III", PACKET_TUNNEL_ERSPAN, 47, 0,
      "1000 22eb 00000000 20010000 00000000 00000000 " ETHER, true },
    { "ERSPAN III with a subheader", PACKET_TUNNEL_ERSPAN, 47, 0,
      "1000 22eb 00000000 20010000 00000000 00000001 0000000000000000 " ETHER,
      true },
    { "VXLAN", PACKET_TUNNEL_VXLAN, 17, 4789, "08000000 00000100 " ETHER,
      true },
    { "VXLAN on Linux's port", PACKET_TUNNEL_VXLAN, 17, 8472,
      "08000000 00000100 " ETHER, true },
    { "not VXLAN on Linux's port", PACKET_TUNNEL_NONE, 17, 8472,
      "08000001 00000100 " ETHER, false },
    { "Geneve with an option", PACKET_TUNNEL_GENEVE, 17, 6081,
      "0100 6558 00000100 00000000 " ETHER, true },
};

static void build_outer(struct packet_builder *b, const struct tunnel_case *c)
{
    struct build_side to = right;

    to.port = c->port;
    packet_builder_push(b, from_hex(c->hex));
    if (c->port)
        packet_builder_udp(b, left, to);
    packet_builder_ip(b, left, right,
                      &(struct build_ip){ .protocol = c->protocol });
    packet_builder_ethernet(b, left, right, 0x0800);
}

static void the_inner_packet_is_the_packet(void **state)
{
    struct packet_builder b;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(tunnels); i++) {
        const struct tunnel_case *c = &tunnels[i];
        build_tcp(&b, "inner");
        build_outer(&b, c);
        struct frame frame = packet_builder_frame(&b, 0);
        struct packet p = decode_once(&frame);
        if (p.tunnel != c->tunnel)
            fail_msg("%s: tunnel %d", c->why, p.tunnel);
        assert_clean(&p);
        assert_mac(p.source_mac, c->has_inner_mac ? alice.mac : left.mac);
        if (c->tunnel == PACKET_TUNNEL_NONE) {
            assert_ip(p.source, left.ip);
            assert_int_equal(p.source_port, 5000);
            continue;
        }
        assert_ip(p.source, alice.ip);
        assert_ip(p.outer_source, left.ip);
        assert_ip(p.outer_destination, right.ip);
        assert_int_equal(p.source_port, 40000);
        assert_bytes(p.payload, "inner");
    }
}

static void build_inner6(struct packet_builder *b, const char *client)
{
    struct build_side from = { NULL, client, 40000 };

    packet_builder_start(b, bytes_of_text("inner"));
    packet_builder_udp(b, from, bob6);
    packet_builder_ip(b, from, bob6, &(struct build_ip){ .protocol = 17 });
}

static void opens_teredo_by_port_and_by_content(void **state)
{
    static const struct {
        const char *why;
        const char *client;
        const char *indications;
        uint16_t port;
        bool is_teredo;
    } cases[] = {
        { "the port", "2001:db8::1", "", 3544, true },
        { "an origin", "2001:db8::1", "0000 ffff 3fff fdfe", 3544, true },
        { "authentication and origin", "2001:db8::1",
          "0001 0000 0000000000000000 00 0000 ffff 3fff fdfe", 3544, true },
        { "another port, a client's address", "2001::1", "", 5000, true },
        { "another port, no client", "2001:db8::1", "", 5000, false },
        { "another port and an origin", "2001::1", "0000 ffff 3fff fdfe",
          5000, false },
    };
    struct packet_builder b;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct tunnel_case outer = { .protocol = 17,
                                     .port = cases[i].port,
                                     .hex = cases[i].indications };
        build_inner6(&b, cases[i].client);
        build_outer(&b, &outer);
        struct frame frame = packet_builder_frame(&b, 0);
        struct packet p = decode_once(&frame);
        if ((p.tunnel == PACKET_TUNNEL_TEREDO) != cases[i].is_teredo)
            fail_msg("%s: tunnel %d", cases[i].why, p.tunnel);
        assert_clean(&p);
        if (cases[i].is_teredo)
            assert_bytes(p.payload, "inner");
    }
}

static void opens_one_tunnel_and_no_more(void **state)
{
    struct packet_builder b;
    struct tunnel_case again = { .protocol = 4, .hex = "" };

    (void)state;
    build_tcp(&b, "inner");
    packet_builder_ip(&b, alice, bob, &(struct build_ip){ .protocol = 4 });
    build_outer(&b, &again);
    struct frame frame = packet_builder_frame(&b, 0);
    struct packet p = decode_once(&frame);
    assert_only(&p, ANOMALY_TUNNEL_NESTED);
    assert_ip(p.source, alice.ip);
    assert_ip(p.outer_source, left.ip);
    assert_int_equal(p.protocol, 4);
    assert_false(p.has_transport);
}

static void names_what_is_wrong_with_a_tunnel(void **state)
{
    static const struct {
        enum anomaly anomaly;
        uint8_t protocol;
        const char *hex;
    } cases[] = {
        { ANOMALY_GRE_TRUNCATED, 47, "000008" },
        { ANOMALY_GRE_TRUNCATED, 47, "20000800" },
        { ANOMALY_GRE_VERSION, 47, "00020800" },
        { ANOMALY_GRE_V1_PROTOCOL, 47, "200108000000 0001" },
        { ANOMALY_GRE_V1_KEY, 47, "0001880b00000001" },
        { ANOMALY_ERSPAN_TRUNCATED, 47, "100088be00000000 100000" },
        { ANOMALY_ERSPAN_VERSION, 47, "100088be00000000 7000000000000000" },
        { ANOMALY_IP_IN_IP_VERSION, 4, "60" },
        { ANOMALY_IP_IN_IP_VERSION, 41, "45" },
        { ANOMALY_IPV4_HEADER_TRUNCATED, 4, "45" },
    };
    struct packet_builder b;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct tunnel_case c = { .protocol = cases[i].protocol,
                                 .hex = cases[i].hex };
        packet_builder_start(&b, (struct bytes){ 0 });
        build_outer(&b, &c);
        struct frame frame = packet_builder_frame(&b, 0);
        struct packet p = decode_once(&frame);
        assert_only(&p, cases[i].anomaly);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_inner_packet_is_the_packet),
        cmocka_unit_test(opens_teredo_by_port_and_by_content),
        cmocka_unit_test(opens_one_tunnel_and_no_more),
        cmocka_unit_test(names_what_is_wrong_with_a_tunnel),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
