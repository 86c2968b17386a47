/* SPDX-License-Identifier: Apache-2.0 */
/* Headers as buffers, tags of VLANs, and transformations by expression. */
#include "detect/signature/packet_part.h"
#include "judge_fixture.h"

/* IPv4 without options, TCP with four bytes of them, then "data". */
static const uint8_t tcp_packet[] = {
    0x45, 0x11, 0, 48, 0, 9, 0x40, 0, 64, 6, 0, 0,
    192, 0, 2, 1, 198, 51, 100, 7,
    0x9c, 0x40, 0, 80, 1, 2, 3, 4, 0, 0, 0, 0, 0x60, 0x18, 8, 0, 0, 0, 0, 0,
    2, 4, 5, 0xb4, 'd', 'a', 't', 'a',
};

static struct packet whole_packet(void)
{
    struct bytes network = bytes_of(tcp_packet, sizeof tcp_packet);
    struct packet packet = {
        .layer = PACKET_LAYER_IP,
        .ip_version = 4,
        .protocol = IP_PROTOCOL_TCP,
        .has_transport = true,
        .network = network,
        .payload = bytes_slice(network, 44, 4),
    };

    packet.tcp.options = bytes_slice(network, 40, 4);
    return packet;
}

static void assert_part(const struct packet *packet, enum view_id view,
                        size_t at, size_t size)
{
    struct bytes part = packet_part(packet, view);

    assert_int_equal(part.size, size);
    if (size > 0)
        assert_ptr_equal(part.data, packet->network.data + at);
}

static void parts_are_where_the_headers_are(void **state)
{
    struct packet packet = whole_packet();

    (void)state;
    assert_part(&packet, VIEW_IPV4_HEADER, 0, 20);
    assert_part(&packet, VIEW_TCP_HEADER, 20, 24);
    assert_part(&packet, VIEW_IP_SOURCE, 12, 4);
    assert_part(&packet, VIEW_IP_DESTINATION, 16, 4);
    assert_part(&packet, VIEW_UDP_HEADER, 0, 0);
    assert_part(&packet, VIEW_ICMPV4_HEADER, 0, 0);
    assert_part(&packet, VIEW_IPV6_HEADER, 0, 0);
    assert_part(&packet, VIEW_ARP_HEADER, 0, 0);
    assert_part(&packet, VIEW_ETHERNET_HEADER, 0, 0);
    packet.has_transport = false;
    assert_part(&packet, VIEW_TCP_HEADER, 0, 0);
}

/* Whatever the fields say, a part lies within the packet. */
static void parts_stay_inside_what_was_captured(void **state)
{
    struct packet packet = whole_packet();
    struct bytes all = packet.network;

    (void)state;
    for (size_t size = 0; size <= all.size; size++) {
        packet.network = bytes_slice(all, 0, size);
        for (unsigned view = VIEW_PAYLOAD; view < VIEW_ID_COUNT; view++) {
            struct bytes part = packet_part(&packet, (enum view_id)view);
            assert_true(part.size <= size);
            assert_true(packet_part_name((enum view_id)view)[0] != 0);
        }
    }
}

static size_t judge_packet(const char *rule, struct packet packet)
{
    struct judge_fixture f;

    fixture_init(&f, rule);
    fixture_face(&f, FLOW_ORIGINATOR, packet.payload);
    packet.source = f.packet.source;
    packet.destination = f.packet.destination;
    packet.source_port = f.packet.source_port;
    packet.destination_port = f.packet.destination_port;
    f.packet = packet;
    size_t count = fixture_judge(&f);
    fixture_clear(&f);
    return count;
}

static void headers_are_looked_into(void **state)
{
    static const struct {
        const char *options;
        size_t alerts;
    } cases[] = {
        { "tcp.hdr; content:\"|00 50|\"; offset:2; depth:2;", 1 },
        { "tcp.hdr; content:\"data\";", 0 },
        { "content:\"data\"; tcp.hdr; content:\"|60 18|\";", 1 },
        { "content:\"|60 18|\"; tcp.hdr; content:\"|60 18|\";", 0 },
        { "tcp.hdr; content:!\"|60 18|\";", 0 },
        { "udp.hdr; content:!\"|60 18|\";", 0 },
        { "ipv4.hdr; byte_test:1,=,0x11,1;", 1 },
        { "ip.dst; content:\"|c6 33 64 07|\"; bsize:4;", 1 },
        { "ipv4.hdr; byte_extract:1,1,tos; tcp.hdr; byte_test:1,>,tos,13;",
          1 },
    };
    char rule[256];

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        (void)snprintf(rule, sizeof rule,
                       "alert tcp any any -> any any (%s sid:1;)",
                       cases[i].options); /* Fits. */
        size_t alerts = judge_packet(rule, whole_packet());
        if (alerts != cases[i].alerts)
            fail_msg("%s: %zu", cases[i].options, alerts);
        struct packet bare = whole_packet();
        bare.payload = (struct bytes){ 0 };
        bare.network = bytes_slice(bare.network, 0, 44);
        if (i == 0)
            assert_int_equal(judge_packet(rule, bare), 1);
    }
}

static size_t judge_vlans(const char *option, uint8_t count)
{
    struct packet packet = whole_packet();
    char rule[128];

    packet.vlan_count = count;
    packet.vlan[0] = 200;
    packet.vlan[1] = 300;
    (void)snprintf(rule, sizeof rule,
                   "alert ip any any -> any any (%s sid:1;)",
                   option); /* Fits. */
    return judge_packet(rule, packet);
}

static void a_tag_that_is_not_there_is_not_another(void **state)
{
    (void)state;
    assert_int_equal(judge_vlans("vlan.id:!300,0;", 2), 1);
    assert_int_equal(judge_vlans("vlan.id:!200,0;", 2), 0);
    assert_int_equal(judge_vlans("vlan.id:!200,2;", 2), 0);
    assert_int_equal(judge_vlans("vlan.id:!200,0;", 0), 0);
    assert_int_equal(judge_vlans("vlan.id:!200;", 2), 1);
    assert_int_equal(judge_vlans("vlan.id:!200,all;", 2), 0);
    assert_int_equal(judge_vlans("vlan.id:!500,all;", 2), 1);
    assert_int_equal(judge_vlans("vlan.id:!500,all;", 0), 0);
}

static size_t judge_uri(const char *options, const char *raw,
                        const char *normal)
{
    struct judge_fixture f;
    char rule[256];

    (void)snprintf(rule, sizeof rule,
                   "alert http any any -> any any (%s sid:1;)",
                   options); /* Fits. */
    fixture_init(&f, rule);
    f.input.application = "http";
    view_add_text(&f.views, VIEW_HTTP_URI, FLOW_ORIGINATOR, 0,
                  bytes_of_text(normal));
    view_add_text(&f.views, VIEW_HTTP_URI_RAW, FLOW_ORIGINATOR, 0,
                  bytes_of_text(raw));
    view_end(&f.views, FLOW_ORIGINATOR, 0);
    size_t count = fixture_views(&f, FLOW_ORIGINATOR);
    fixture_clear(&f);
    return count;
}

static void an_expression_takes_out_its_first_group(void **state)
{
    (void)state;
    assert_int_equal(judge_uri("http.uri; pcrexform:\"d=(.*)\"; "
                               "content:\"abc\"; startswith; endswith;",
                               "/g?d=abc", "/g?d=abc"), 1);
    assert_int_equal(judge_uri("http.uri; pcrexform:\"d=(.)(.*)\"; "
                               "content:\"a\"; startswith; endswith;",
                               "/g?d=abc", "/g?d=abc"), 1);
    assert_int_equal(judge_uri("http.uri; pcrexform:\"d=(.*)\"; "
                               "content:\"/g\";",
                               "/g?d=abc", "/g?d=abc"), 0);
    assert_int_equal(judge_uri("http.uri; pcrexform:\"d=(.*)\"; "
                               "xor:\"01\"; content:\"`cb\";",
                               "/g?d=abc", "/g?d=abc"), 1);
}

static void urilen_is_of_the_normalized_uri(void **state)
{
    (void)state;
    assert_int_equal(judge_uri("urilen:2;", "/%41", "/A"), 1);
    assert_int_equal(judge_uri("urilen:2,norm;", "/%41", "/A"), 1);
    assert_int_equal(judge_uri("urilen:4,raw;", "/%41", "/A"), 1);
    assert_int_equal(judge_uri("urilen:4;", "/%41", "/A"), 0);
}

static void a_jump_before_the_start_ends_there(void **state)
{
    (void)state;
    assert_int_equal(judge_packet("alert tcp-pkt any any -> any any "
        "(content:\"ta\"; byte_jump:0,0,relative,post_offset -9; "
        "content:\"data\"; within:4; sid:1;)", whole_packet()), 1);
}

/* The ACK that ends the handshake is of it; what follows is not. */
static void the_last_of_the_handshake_is_not_yet_after_it(void **state)
{
    struct judge_fixture f;

    (void)state;
    fixture_init(&f, "alert tcp-pkt any any -> any 80 (flow:established; "
                     "sid:1;)");
    f.flow.tcp_flags[FLOW_ORIGINATOR] = TCP_SYN | TCP_ACK;
    f.flow.packets[FLOW_ORIGINATOR] = 1;
    fixture_face(&f, FLOW_ORIGINATOR, (struct bytes){ 0 });
    f.packet.tcp.flags = TCP_ACK;
    assert_int_equal(fixture_judge(&f), 0);
    fixture_face(&f, FLOW_ORIGINATOR, (struct bytes){ 0 });
    f.packet.tcp.flags = TCP_ACK;
    assert_int_equal(fixture_judge(&f), 1);
    fixture_clear(&f);
}

static void a_pass_rule_may_alert(void **state)
{
    const char *other = "alert tcp-pkt any any -> any any "
                        "(content:\"data\"; sid:2;)";
    char rules[256];

    (void)state;
    for (unsigned alerts = 0; alerts < 2; alerts++) {
        (void)snprintf(rules, sizeof rules,
                       "pass tcp-pkt any any -> any any (%s"
                       "content:\"data\"; sid:1;)\n%s",
                       alerts ? "alert; " : "", other); /* Fits. */
        assert_int_equal(judge_packet(rules, whole_packet()), alerts);
    }
}

static void a_teardrop_is_an_overlap(void **state)
{
    struct packet packet = whole_packet();
    const char *rule = "alert pkthdr any any -> any any "
                       "(decode-event:ipv4.frag_overlap; sid:1;)";

    (void)state;
    assert_int_equal(judge_packet(rule, packet), 0);
    anomaly_add(&packet.anomalies, ANOMALY_IPV4_FRAGMENT_TEARDROP);
    assert_int_equal(judge_packet(rule, packet), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(parts_are_where_the_headers_are),
        cmocka_unit_test(parts_stay_inside_what_was_captured),
        cmocka_unit_test(headers_are_looked_into),
        cmocka_unit_test(a_tag_that_is_not_there_is_not_another),
        cmocka_unit_test(an_expression_takes_out_its_first_group),
        cmocka_unit_test(urilen_is_of_the_normalized_uri),
        cmocka_unit_test(the_last_of_the_handshake_is_not_yet_after_it),
        cmocka_unit_test(a_pass_rule_may_alert),
        cmocka_unit_test(a_teardrop_is_an_overlap),
        cmocka_unit_test(a_jump_before_the_start_ends_there),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
