/* SPDX-License-Identifier: Apache-2.0 */
#include "dissect/link.h"
#include "dissect.h"
#include "dissect/protocols.h"
#include "sweep.h"
#include "test.h"

#define WIRE(text) bytes_of(text, sizeof text - 1)

typedef void events_function(const struct packet *packet,
                             struct event_list *events);

/* The run is only for its arena and for dissect_run_text(). */
static void run_packet(struct dissect_run *run, events_function *events,
                       const struct packet *packet)
{
    dissect_run_init(run, &ntp_dissector, 0);
    events(packet, &run->events);
}

static const char *text(struct dissect_run *run, enum event_field field,
                        size_t index)
{
    return dissect_run_text(run, run->events.first, field, index);
}

static struct packet arp_packet(uint16_t operation, uint32_t sender,
                                uint32_t target)
{
    return (struct packet){
        .layer = PACKET_LAYER_ARP,
        .has_mac = true,
        .source_mac = { { 2, 0, 0, 0, 0, 1 } },
        .arp = {
            .operation = operation,
            .sender_mac = { { 2, 0, 0, 0, 0, 1 } },
            .sender_ip = ip_of_v4(sender),
            .target_ip = ip_of_v4(target),
        },
    };
}

static void arp_tells_probes_and_announcements(void **state)
{
    (void)state;
    const struct {
        uint16_t operation;
        uint32_t sender;
        uint32_t target;
        const char *name;
        const char *gratuitous;
        const char *probe;
    } vectors[] = {
        { 1, 0xc0000201, 0xc0000202, "request", "false", "false" },
        { 2, 0xc0000201, 0xc0000202, "reply", "false", "false" },
        { 1, 0xc0000201, 0xc0000201, "request", "true", "false" },
        { 2, 0xc0000201, 0xc0000201, "reply", "true", "false" },
        { 1, 0, 0xc0000201, "request", "false", "true" },
        { 2, 0, 0xc0000201, "reply", "false", "false" },
        { 77, 0, 0, "other", "false", "false" },
    };

    for (size_t i = 0; i < COUNT_OF(vectors); i++) {
        struct packet packet =
            arp_packet(vectors[i].operation, vectors[i].sender,
                       vectors[i].target);
        struct dissect_run run;
        run_packet(&run, arp_events, &packet);
        assert_string_equal(text(&run, FIELD_ARP_OPCODE, 0), vectors[i].name);
        assert_string_equal(text(&run, FIELD_ARP_GRATUITOUS, 0),
                            vectors[i].gratuitous);
        assert_string_equal(text(&run, FIELD_ARP_PROBE, 0), vectors[i].probe);
        assert_string_equal(text(&run, FIELD_ARP_MISMATCH, 0), "(none)");
        dissect_run_clear(&run);
    }
}

static void arp_from_another_mac_is_marked(void **state)
{
    (void)state;
    struct packet packet = arp_packet(2, 1, 2);
    struct dissect_run run;

    packet.source_mac.bytes[5] = 9;
    run_packet(&run, arp_events, &packet);
    assert_string_equal(text(&run, FIELD_ARP_MISMATCH, 0), "true");
    dissect_run_clear(&run);
}

#define LLDP                                                            \
    "\2\7\4\2\0\0\0\0\1" "\4\5\5eth0" "\6\2\0\x78" "\x0a\4lamp"          \
    "\x0c\5Linux" "\x0e\4\0\x14\0\x10"                                  \
    "\x10\x0c\5\1\xc0\0\2\1\2\0\0\0\1\0"                                \
    "\xfe\6\0\x80\xc2\1\0\7" "\xfe\x08\0\x12\xbb\x0a" "X100"            \
    "\xfe\x0c\0\0\x5e\1https://" "\0\0"

static struct packet lldp_packet(struct bytes payload)
{
    return (struct packet){ .layer = PACKET_LAYER_LLDP, .payload = payload };
}

static void lldp_says_what_the_device_is(void **state)
{
    (void)state;
    struct packet packet = lldp_packet(WIRE(LLDP));
    struct dissect_run run;
    const struct {
        enum event_field field;
        const char *text;
    } expected[] = {
        { FIELD_LLDP_CHASSIS, "02:00:00:00:00:01" },
        { FIELD_LLDP_CHASSIS_TYPE, "mac" },
        { FIELD_LLDP_PORT, "eth0" },
        { FIELD_LLDP_PORT_TYPE, "interface-name" },
        { FIELD_LLDP_TTL, "120" },
        { FIELD_LLDP_NAME, "lamp" },
        { FIELD_LLDP_DESCRIPTION, "Linux" },
        { FIELD_LLDP_CAPABLE, "bridge" },
        { FIELD_LLDP_CAPABILITY, "router" },
        { FIELD_LLDP_ADDRESS, "192.0.2.1" },
        { FIELD_LLDP_VLAN, "7" },
        { FIELD_LLDP_MODEL, "X100" },
        { FIELD_LLDP_ORGANIZATION, "00:80:c2/1" },
        { FIELD_LLDP_MUD_URL, "https://" },
        { FIELD_LLDP_MALFORMED, "(none)" },
    };

    run_packet(&run, lldp_events, &packet);
    for (size_t i = 0; i < COUNT_OF(expected); i++)
        assert_string_equal(text(&run, expected[i].field, 0),
                            expected[i].text);
    dissect_run_clear(&run);
}

static void lldp_that_breaks_the_standard_says_so(void **state)
{
    (void)state;
    const struct {
        struct bytes payload;
        const char *wrong;
    } vectors[] = {
        { WIRE("\2\7\4\2\0"), "lldp_truncated" },
        { WIRE("\2"), "lldp_truncated" },
        { WIRE("\4\5\5eth0"), "lldp_out_of_order" },
        { WIRE("\2\1\4"), "lldp_tlv_malformed" },
        { WIRE("\2\2\7x\4\2\5y\6\1\0"), "lldp_tlv_malformed" },
    };

    for (size_t i = 0; i < COUNT_OF(vectors); i++) {
        struct packet packet = lldp_packet(vectors[i].payload);
        struct dissect_run run;
        run_packet(&run, lldp_events, &packet);
        assert_string_equal(text(&run, FIELD_LLDP_MALFORMED, 0),
                            vectors[i].wrong);
        dissect_run_clear(&run);
    }
}

#define TARGET "\xfe\x80\0\0\0\0\0\0\0\0\0\0\0\0\0\2"
#define LINK(type) type "\1\2\0\0\0\0\1"
#define ADVERTISEMENT                                                   \
    "\x40\xc8\x07\x08" "\0\0\0\0" "\0\0\0\0" LINK("\1")                   \
    "\5\1\0\0\0\0\5\xdc"                                                \
    "\3\4\x40\xc0\0\0\x0e\x10\0\0\x0e\x10\0\0\0\0" TARGET                \
    "\x19\3\0\0\0\0\0\1" TARGET                                         \
    "\x1f\2\0\0\0\0\0\1" "\4home\0\0\0"

static struct packet nd_packet(uint8_t type, struct bytes payload)
{
    return (struct packet){
        .layer = PACKET_LAYER_IP,
        .has_transport = true,
        .protocol = IP_PROTOCOL_ICMPV6,
        .icmp_type = type,
        .ttl = 255,
        .payload = payload,
    };
}

static void a_router_says_how_the_link_is(void **state)
{
    (void)state;
    struct packet packet = nd_packet(134, WIRE(ADVERTISEMENT));
    struct dissect_run run;
    const struct {
        enum event_field field;
        const char *text;
    } expected[] = {
        { FIELD_ND_TYPE, "router-advertisement" },
        { FIELD_ND_HOP_LIMIT, "64" },
        { FIELD_ND_MANAGED, "true" },
        { FIELD_ND_OTHER, "true" },
        { FIELD_ND_PREFERENCE, "high" },
        { FIELD_ND_LIFETIME, "1800" },
        { FIELD_ND_SOURCE_LINK, "02:00:00:00:00:01" },
        { FIELD_ND_MTU, "1500" },
        { FIELD_ND_PREFIX, "fe80::2/64" },
        { FIELD_ND_PREFIX_ON_LINK, "true" },
        { FIELD_ND_PREFIX_LIFETIME, "3600" },
        { FIELD_ND_DNS_SERVER, "fe80::2" },
        { FIELD_ND_DNS_DOMAIN, "home" },
        { FIELD_ND_MALFORMED, "(none)" },
        { FIELD_ND_SPOOFABLE, "(none)" },
    };

    run_packet(&run, nd_events, &packet);
    for (size_t i = 0; i < COUNT_OF(expected); i++)
        assert_string_equal(text(&run, expected[i].field, 0),
                            expected[i].text);
    dissect_run_clear(&run);
}

static void neighbours_say_who_has_an_address(void **state)
{
    (void)state;
    struct packet packet =
        nd_packet(136, WIRE("\x60\0\0\0" TARGET LINK("\2")));
    struct dissect_run run;

    run_packet(&run, nd_events, &packet);
    assert_string_equal(text(&run, FIELD_ND_TARGET, 0), "fe80::2");
    assert_string_equal(text(&run, FIELD_ND_ROUTER, 0), "false");
    assert_string_equal(text(&run, FIELD_ND_SOLICITED, 0), "true");
    assert_string_equal(text(&run, FIELD_ND_OVERRIDE, 0), "true");
    assert_string_equal(text(&run, FIELD_ND_TARGET_LINK, 0),
                        "02:00:00:00:00:01");
    dissect_run_clear(&run);
    packet = nd_packet(135, WIRE("\0\0\0\0" TARGET));
    packet.ttl = 254;
    run_packet(&run, nd_events, &packet);
    assert_string_equal(text(&run, FIELD_ND_PROBE, 0), "true");
    assert_string_equal(text(&run, FIELD_ND_SPOOFABLE, 0), "true");
    dissect_run_clear(&run);
}

static void nd_that_breaks_the_standard_says_so(void **state)
{
    (void)state;
    const struct {
        struct bytes payload;
        const char *wrong;
    } vectors[] = {
        { WIRE("\0\0\0\0"), "nd_truncated" },
        { WIRE("\0\0\0\0" TARGET "\1\0"), "nd_option_empty" },
        { WIRE("\0\0\0\0" TARGET "\1\1\2"), "nd_option_truncated" },
        { WIRE("\0\0\0\0" TARGET "\1"), "nd_option_truncated" },
        { WIRE("\0\0\0\0" TARGET "\3\1\0\0\0\0\0\0"), "nd_option_malformed" },
    };

    for (size_t i = 0; i < COUNT_OF(vectors); i++) {
        struct packet packet = nd_packet(135, vectors[i].payload);
        struct dissect_run run;
        run_packet(&run, nd_events, &packet);
        assert_string_equal(text(&run, FIELD_ND_MALFORMED, 0),
                            vectors[i].wrong);
        dissect_run_clear(&run);
    }
}

static struct packet redirect_packet(struct bytes payload)
{
    return (struct packet){
        .layer = PACKET_LAYER_IP,
        .has_transport = true,
        .ip_version = 4,
        .protocol = IP_PROTOCOL_ICMP,
        .icmp_type = 5,
        .icmp_code = 1,
        .payload = payload,
    };
}

static void a_redirect_names_the_new_router(void **state)
{
    (void)state;
    struct packet packet = redirect_packet(WIRE("\300\250\1\11"));
    struct dissect_run run;

    packet.has_quoted = true;
    packet.quoted_destination = ip_of_v4(0x08080808);
    run_packet(&run, icmp_events, &packet);
    assert_string_equal(text(&run, FIELD_ICMP_KIND, 0), "redirect");
    assert_string_equal(text(&run, FIELD_ICMP_CODE, 0), "1");
    assert_string_equal(text(&run, FIELD_ICMP_GATEWAY, 0), "192.168.1.9");
    assert_string_equal(text(&run, FIELD_ICMP_REDIRECTED, 0), "8.8.8.8");
    dissect_run_clear(&run);
}

static void icmp_that_is_no_redirect_gives_nothing(void **state)
{
    (void)state;
    struct packet packets[] = {
        redirect_packet(WIRE("\300\250\1")), /* Cut short. */
        redirect_packet(WIRE("\300\250\1\11")),
        redirect_packet(WIRE("\300\250\1\11")),
        redirect_packet(WIRE("\300\250\1\11")),
    };
    struct dissect_run run;

    packets[1].icmp_code = 4; /* No such code. */
    packets[2].icmp_type = 3;
    packets[3].ip_version = 6;
    dissect_run_init(&run, &ntp_dissector, 0);
    for (size_t i = 0; i < COUNT_OF(packets); i++)
        icmp_events(&packets[i], &run.events);
    assert_int_equal(run.events.count, 0);
    dissect_run_clear(&run);
}

static void other_layers_give_nothing(void **state)
{
    (void)state;
    struct packet packet = nd_packet(128, WIRE("\0\0\0\0"));
    struct dissect_run run;

    run_packet(&run, nd_events, &packet);
    arp_events(&packet, &run.events);
    lldp_events(&packet, &run.events);
    assert_int_equal(run.events.count, 0);
    dissect_run_clear(&run);
}

static void run_variant(struct bytes variant, void *context)
{
    struct packet packets[] = { lldp_packet(variant),
                                nd_packet(134, variant),
                                nd_packet(135, variant) };
    struct dissect_run run;

    (void)context;
    dissect_run_init(&run, &ntp_dissector, 0);
    lldp_events(&packets[0], &run.events);
    nd_events(&packets[1], &run.events);
    nd_events(&packets[2], &run.events);
    assert_int_equal(run.events.count, 3);
    dissect_run_clear(&run);
}

static void survives_the_sweeps(void **state)
{
    (void)state;
    sweep_truncate(WIRE(LLDP), run_variant, NULL);
    sweep_flip(WIRE(LLDP), run_variant, NULL);
    sweep_truncate(WIRE(ADVERTISEMENT), run_variant, NULL);
    sweep_flip(WIRE(ADVERTISEMENT), run_variant, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(arp_tells_probes_and_announcements),
        cmocka_unit_test(arp_from_another_mac_is_marked),
        cmocka_unit_test(lldp_says_what_the_device_is),
        cmocka_unit_test(lldp_that_breaks_the_standard_says_so),
        cmocka_unit_test(a_router_says_how_the_link_is),
        cmocka_unit_test(neighbours_say_who_has_an_address),
        cmocka_unit_test(nd_that_breaks_the_standard_says_so),
        cmocka_unit_test(a_redirect_names_the_new_router),
        cmocka_unit_test(icmp_that_is_no_redirect_gives_nothing),
        cmocka_unit_test(other_layers_give_nothing),
        cmocka_unit_test(survives_the_sweeps),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
