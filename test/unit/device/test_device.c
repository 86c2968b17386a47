/* SPDX-License-Identifier: Apache-2.0 */
#include "device/device.h"

#include <stdio.h>
#include <string.h>

#include "base/writer.h"
#include "decode/decode.h"
#include "packet_builder.h"
#include "test.h"

#define SECOND INT64_C(1000000000)

static const struct build_side camera = { "50:c7:bf:00:00:01", "192.168.1.10",
                                          5000 };
static const struct build_side laptop = { "50:c7:bf:00:00:02", "192.168.1.20",
                                          5000 };
static const struct build_side router = { "50:c7:bf:00:00:fe", "192.168.1.1",
                                          53 };

struct fixture {
    struct decoder *decoder;
    struct device_table *table;
    struct arena arena;
    struct event_list events;
    struct packet_builder builder;
    struct device_ends ends;
    int64_t now_ns;
};

static struct bytes vendor_of(const void *context, struct mac mac)
{
    (void)mac;
    return bytes_of_text(context);
}

static void fixture_open(struct fixture *f)
{
    memset(f, 0, sizeof *f);
    f->decoder = decoder_new(&(struct decode_options){ 0 });
    f->table = device_table_new(&(struct device_options){
        .key = { 1, 2 }, .vendor = vendor_of, .vendor_context = "Maker" });
    arena_init(&f->arena);
    event_list_init(&f->events, &f->arena);
    f->now_ns = 1700000000 * SECOND;
}

static void fixture_close(struct fixture *f)
{
    device_table_free(f->table);
    decoder_free(f->decoder);
    arena_clear(&f->arena);
}

/* What was built is seen; the events are those of this frame. */
static void observe(struct fixture *f, uint16_t link_type)
{
    struct packet packet;
    struct frame frame = packet_builder_frame(&f->builder, f->now_ns);

    frame.mark.link_type = link_type;
    arena_reset(&f->arena);
    event_list_init(&f->events, &f->arena);
    decode_frame(f->decoder, &frame, &packet);
    device_observe(f->table, &packet, &f->ends, &f->events);
}

/* A UDP packet with this hop limit, between MACs that need not be the ends. */
static void send_ttl(struct fixture *f, struct build_side from,
                     struct build_side to, uint8_t ttl)
{
    const struct build_ip ip = { .protocol = IP_PROTOCOL_UDP, .ttl = ttl };
    bool is_v6 = strchr(from.ip, ':') != NULL;

    packet_builder_start(&f->builder, bytes_of_text("x"));
    packet_builder_udp(&f->builder, from, to);
    packet_builder_ip(&f->builder, from, to, &ip);
    if (from.mac)
        packet_builder_ethernet(&f->builder, from, to, is_v6 ? 0x86dd : 0x800);
    observe(f, from.mac ? 1 : 101);
}

static void send(struct fixture *f, struct build_side from,
                 struct build_side to)
{
    send_ttl(f, from, to, 64);
}

static struct build_side with_ip(struct build_side side, const char *ip)
{
    side.ip = ip;
    return side;
}

static struct ip ip_from(const char *text)
{
    struct ip ip;
    assert_true(ip_parse(bytes_of_text(text), &ip));
    return ip;
}

static struct mac mac_from(const char *text)
{
    struct mac mac;
    assert_true(mac_parse(bytes_of_text(text), &mac));
    return mac;
}

/* RFC 826: `from` says that it has its address, to whoever. */
static void arp(struct fixture *f, uint16_t operation, struct build_side from,
                struct build_side to)
{
    struct ip sender = ip_from(from.ip);
    struct ip target = ip_from(to.ip);
    struct mac mac = mac_from(from.mac);
    const struct build_side all = {
        .mac = operation == 2 ? to.mac : "ff:ff:ff:ff:ff:ff",
    };

    packet_builder_start(&f->builder, ip_wire(&target));
    packet_builder_push(&f->builder, bytes_of("\0\0\0\0\0\0", 6));
    packet_builder_push(&f->builder, ip_wire(&sender));
    packet_builder_push(&f->builder, bytes_of(mac.bytes, 6));
    packet_builder_push_u16(&f->builder, operation);
    packet_builder_push(&f->builder, bytes_of("\0\1\x08\0\6\4", 6));
    packet_builder_ethernet(&f->builder, from, all, 0x806);
    observe(f, 1);
}

static uint32_t find(const struct fixture *f, const char *id)
{
    for (uint32_t i = 0; i < device_count(f->table); i++)
        if (strcmp(device_get(f->table, i)->id, id) == 0)
            return i;
    return DEVICE_NONE;
}

static const struct device *get(const struct fixture *f, const char *id)
{
    uint32_t index = find(f, id);
    if (index == DEVICE_NONE)
        fail_msg("there is no %s", id);
    return device_get(f->table, index);
}

static const struct device *get_camera(const struct fixture *f)
{
    return get(f, "mac-50c7bf000001");
}

/* The event of this change among those of the last frame, or null. */
static const struct event *news(const struct fixture *f, const char *change)
{
    for (const struct event *e = f->events.first; e; e = e->next)
        if (e->type == EVENT_DEVICE &&
            bytes_equal(event_text(e, FIELD_DEVICE_CHANGE),
                        bytes_of_text(change)))
            return e;
    return NULL;
}

static void a_device_is_news_once_and_has_its_maker(void **state)
{
    (void)state;
    struct fixture f;

    fixture_open(&f);
    send(&f, camera, laptop);
    const struct event *event = news(&f, "new");
    assert_non_null(event);
    assert_int_equal(f.ends.source, find(&f, "mac-50c7bf000001"));
    assert_true(f.ends.source_local);
    assert_true(f.ends.destination_local);
    send(&f, camera, laptop);
    assert_null(news(&f, "new"));
    const struct device *device = get_camera(&f);
    assert_int_equal(device->packets_sent, 2);
    assert_false(device->is_random_mac);
    assert_string_equal(device_claim_of(device, DEVICE_CLAIM_VENDOR)->value,
                        "Maker");
    /* The laptop was only spoken to. */
    assert_int_equal(device_count(f.table), 1);
    fixture_close(&f);
}

static void who_sends_to_or_from_the_world_is_a_gateway(void **state)
{
    (void)state;
    struct fixture f;
    const struct build_side world = with_ip(router, "198.51.100.7");

    fixture_open(&f);
    arp(&f, 1, router, camera);
    send(&f, camera, world);
    assert_non_null(news(&f, "gateway"));
    assert_false(f.ends.destination_local);
    assert_int_equal(f.ends.destination, DEVICE_NONE);
    assert_true(get(&f, "mac-50c7bf0000fe")->is_gateway);
    assert_false(get_camera(&f)->is_gateway);
    send(&f, world, camera); /* Back: a remote host is no device. */
    assert_int_equal(f.ends.source, DEVICE_NONE);
    assert_false(f.ends.source_local);
    assert_null(news(&f, "gateway"));
    assert_int_equal(device_count(f.table), 2);
    fixture_close(&f);

    fixture_open(&f); /* Known only by what it brings in. */
    send(&f, world, camera);
    assert_true(get(&f, "mac-50c7bf0000fe")->is_gateway);
    fixture_close(&f);
}

static void a_mac_that_software_chose_is_random_and_has_no_maker(void **state)
{
    (void)state;
    struct fixture f;
    const struct build_side phone = { "da:a1:19:00:00:07", "192.168.1.30", 9 };

    fixture_open(&f);
    send(&f, phone, camera);
    const struct device *device = get(&f, "mac-daa119000007");
    assert_true(device->is_random_mac);
    assert_null(device_claim_of(device, DEVICE_CLAIM_VENDOR));
    fixture_close(&f);
}

static void without_a_link_layer_devices_go_by_their_address(void **state)
{
    (void)state;
    struct fixture f;
    const struct build_side here = { NULL, "10.0.2.15", 5000 };
    const struct build_side world = { NULL, "198.51.100.7", 443 };

    fixture_open(&f);
    send(&f, here, world);
    send(&f, world, here);
    assert_int_equal(device_count(f.table), 1);
    const struct device *device = get(&f, "ip-10.0.2.15");
    assert_false(device->has_mac);
    assert_false(device->is_gateway);
    assert_int_equal(f.ends.destination, find(&f, "ip-10.0.2.15"));
    fixture_close(&f);
}

/* The largest count of addresses, and one past it: the oldest goes. */
static void addresses_have_a_history_with_a_limit(void **state)
{
    (void)state;
    struct fixture f;
    char text[32];

    fixture_open(&f);
    for (int i = 1; i <= DEVICE_ADDRESS_MAX + 1; i++) {
        (void)snprintf(text, sizeof text, "192.168.1.%d", i);
        f.now_ns += SECOND;
        arp(&f, 1, with_ip(camera, text), laptop);
        const struct device *device = get_camera(&f);
        assert_int_equal(device->address_count,
                         i < DEVICE_ADDRESS_MAX ? i : DEVICE_ADDRESS_MAX);
        assert_int_equal(device_refused(f.table), i > DEVICE_ADDRESS_MAX);
        struct ip main;
        assert_true(device_main_address(device, &main));
        assert_true(ip_equal(main, ip_from(text)));
        assert_int_equal(device_find_ip(f.table, ip_from(text)), 0);
    }
    const struct device *device = get_camera(&f);
    for (int i = 0; i < DEVICE_ADDRESS_MAX; i++)
        assert_false(ip_equal(device->addresses[i].ip,
                              ip_from("192.168.1.1")));
    assert_false(device->is_gateway); /* They were its own: ARP said so. */
    fixture_close(&f);
}

static void who_forwards_for_many_hosts_is_a_gateway(void **state)
{
    (void)state;
    struct fixture f;
    char text[32];

    fixture_open(&f);
    for (int i = 1; i <= DEVICE_ROUTED_MIN; i++) {
        assert_false(i > 1 && get_camera(&f)->is_gateway);
        (void)snprintf(text, sizeof text, "10.9.0.%d", i);
        send(&f, with_ip(camera, text), laptop);
    }
    assert_true(get_camera(&f)->is_gateway);
    /* From now on what comes through it are devices of their own. */
    send(&f, with_ip(camera, "10.9.0.99"), laptop);
    assert_int_equal(f.ends.source, find(&f, "ip-10.9.0.99"));
    fixture_close(&f);
}

static void two_that_claim_one_address_are_in_conflict(void **state)
{
    (void)state;
    struct fixture f;
    const struct build_side thief = with_ip(laptop, camera.ip);

    fixture_open(&f);
    arp(&f, 1, camera, router);
    assert_null(news(&f, "address_conflict"));
    f.now_ns += 60 * SECOND;
    arp(&f, 2, thief, router); /* An answer nobody asked for. */
    const struct event *event = news(&f, "address_conflict");
    assert_non_null(event);
    assert_int_equal(event_get(event, FIELD_DEVICE_TIMES)->number, 1);
    assert_int_equal(event_get(event, FIELD_DEVICE_UNASKED)->number, 1);
    assert_true(event_get(event, FIELD_DEVICE_SECONDS)->real > 59);
    assert_true(bytes_equal(event_text(event, FIELD_DEVICE_OLD),
                            bytes_of_text(camera.mac)));
    arp(&f, 2, camera, router); /* And the first one takes it back. */
    assert_int_equal(
        event_get(news(&f, "address_conflict"), FIELD_DEVICE_TIMES)->number,
        2);
    arp(&f, 1, router, camera);
    arp(&f, 2, thief, router); /* Somebody has asked for it just now. */
    assert_int_equal(
        event_get(news(&f, "address_conflict"), FIELD_DEVICE_UNASKED)->number,
        0);
    fixture_close(&f);
}

static void hosts_use_public_ipv6_addresses_and_routers_forward_them(
    void **state)
{
    (void)state;
    struct fixture f;
    const struct build_side world6 = with_ip(router, "2001:db8:ffff::9");

    fixture_open(&f);
    send_ttl(&f, with_ip(camera, "2001:db8:1::10"), world6, 64);
    assert_true(f.ends.source_local);
    assert_int_equal(f.ends.source, find(&f, "mac-50c7bf000001"));
    assert_false(get_camera(&f)->is_gateway);
    assert_true(device_is_local_ip(f.table, ip_from("2001:db8:1::10")));
    send_ttl(&f, world6, with_ip(camera, "2001:db8:1::10"), 57);
    assert_int_equal(f.ends.source, DEVICE_NONE);
    assert_false(f.ends.source_local);
    assert_true(get(&f, "mac-50c7bf0000fe")->is_gateway);
    assert_int_equal(f.ends.destination, find(&f, "mac-50c7bf000001"));
    fixture_close(&f);
}

static void a_forged_source_stays_with_who_sent_it(void **state)
{
    (void)state;
    struct fixture f;
    char text[32];

    fixture_open(&f);
    arp(&f, 1, camera, router);
    arp(&f, 1, router, camera);
    for (int i = 0; i < 100; i++) {
        (void)snprintf(text, sizeof text, "203.0.113.%d", i);
        send(&f, with_ip(camera, text), with_ip(router, "198.51.100.7"));
        assert_int_equal(f.ends.source, find(&f, "mac-50c7bf000001"));
    }
    assert_false(get_camera(&f)->is_gateway);
    assert_int_equal(get_camera(&f)->address_count, 1);
    assert_int_equal(device_count(f.table), 2);
    fixture_close(&f);
}

static void devices_past_the_limit_are_counted(void **state)
{
    (void)state;
    struct fixture f;
    struct packet packet = { .layer = PACKET_LAYER_LINK, .has_mac = true };

    fixture_open(&f);
    for (uint32_t i = 0; i <= DEVICE_COUNT_MAX; i++) {
        packet.source_mac.bytes[0] = 0x50;
        packet.source_mac.bytes[4] = (uint8_t)(i >> 8);
        packet.source_mac.bytes[5] = (uint8_t)i;
        arena_reset(&f.arena);
        event_list_init(&f.events, &f.arena);
        assert_int_equal(device_refused(f.table), 0);
        device_observe(f.table, &packet, &f.ends, &f.events);
        assert_int_equal(f.ends.source,
                         i < DEVICE_COUNT_MAX ? i : DEVICE_NONE);
    }
    assert_int_equal(device_count(f.table), DEVICE_COUNT_MAX);
    assert_int_equal(device_refused(f.table), 1);
    fixture_close(&f);
}

static void claims_are_escaped_joined_and_bounded(void **state)
{
    (void)state;
    struct fixture f;
    char text[32];

    fixture_open(&f);
    send(&f, camera, laptop); /* Its maker is the first claim. */
    assert_null(device_claim_add(f.table, 0, DEVICE_CLAIM_NAME, "mdns",
                                 bytes_of_text(" a\x1b[0m ")));
    assert_string_equal(device_get(f.table, 0)->claims[1].value,
                        "a\\x1b[0m");
    assert_null(device_claim_add(f.table, 0, DEVICE_CLAIM_NAME, "mdns",
                                 bytes_of_text("a\x1b[0m"))); /* Again. */
    assert_string_equal(device_claim_add(f.table, 0, DEVICE_CLAIM_NAME,
                                         "mdns", bytes_of_text("b")),
                        "a\\x1b[0m");
    assert_null(device_claim_add(f.table, 0, DEVICE_CLAIM_NAME, "ssdp",
                                 bytes_of_text("c"))); /* Another source. */
    assert_null(device_claim_add(f.table, 0, DEVICE_CLAIM_NAME, "ssdp",
                                 bytes_of_text(" \t"))); /* Nothing. */
    assert_int_equal(device_get(f.table, 0)->claim_count, 4);
    for (int i = 4; i <= DEVICE_CLAIM_MAX; i++) {
        assert_int_equal(device_get(f.table, 0)->claims_dropped, 0);
        (void)snprintf(text, sizeof text, "service %d", i);
        (void)device_claim_add(f.table, 0, DEVICE_CLAIM_SERVICE, "mdns",
                               bytes_of_text(text));
    }
    assert_int_equal(device_get(f.table, 0)->claim_count, DEVICE_CLAIM_MAX);
    assert_int_equal(device_get(f.table, 0)->claims_dropped, 1);
    fixture_close(&f);
}

/* A DHCP request of the client with this MAC, as the dissector reports it. */
static void request(struct fixture *f, const char *mac, const char *name,
                    const char *class, const char *client)
{
    arena_reset(&f->arena);
    event_list_init(&f->events, &f->arena);
    struct event *event = event_new(&f->events, EVENT_DHCP);
    struct event_list found;

    event_set_literal(event, FIELD_DHCP_TYPE, "request");
    event_set_mac(event, FIELD_DHCP_CLIENT_MAC, mac_from(mac));
    event_set_literal(event, FIELD_DHCP_HOSTNAME, name);
    event_set_literal(event, FIELD_DHCP_VENDOR_CLASS, class);
    event_set_literal(event, FIELD_DHCP_CLIENT_ID, client);
    event_list_init(&found, &f->arena);
    device_learn(f->table, event, &found);
    f->events = found;
}

static void dhcp_names_a_device_and_a_change_is_a_conflict(void **state)
{
    (void)state;
    struct fixture f;

    fixture_open(&f);
    send(&f, camera, laptop);
    request(&f, camera.mac, "cam-7", "udhcp 1.2", "01:50:c7");
    const struct device *device = get_camera(&f);
    assert_string_equal(device_claim_of(device, DEVICE_CLAIM_NAME)->value,
                        "cam-7");
    assert_string_equal(device_claim_of(device, DEVICE_CLAIM_NAME)->source,
                        "dhcp");
    assert_string_equal(device_claim_of(device, DEVICE_CLAIM_SOFTWARE)->value,
                        "udhcp 1.2");
    assert_int_equal(f.events.count, 0);
    request(&f, camera.mac, "cam-7", "udhcp 1.2", "01:50:c7");
    assert_int_equal(f.events.count, 0);
    f.now_ns += SECOND;
    send(&f, camera, laptop);
    request(&f, camera.mac, "laptop", "udhcp 1.2", "01:50:c7");
    const struct event *event = news(&f, "identity_conflict");
    assert_non_null(event);
    assert_true(bytes_equal(event_text(event, FIELD_DEVICE_CLAIM),
                            bytes_of_text("name")));
    assert_true(bytes_equal(event_text(event, FIELD_DEVICE_OLD),
                            bytes_of_text("cam-7")));
    assert_true(bytes_equal(event_text(event, FIELD_DEVICE_NEW),
                            bytes_of_text("laptop")));
    request(&f, "02:00:00:00:00:99", "nobody", "x", "y"); /* Never seen. */
    assert_int_equal(device_count(f.table), 1);
    fixture_close(&f);
}

/* A DHCPv6 message with a MUD URL, sent by `from` for the client `mac`. */
static void solicit(struct fixture *f, uint32_t from, const char *mac,
                    const char *type, bool is_relayed)
{
    arena_reset(&f->arena);
    event_list_init(&f->events, &f->arena);
    struct event *event = event_new(&f->events, EVENT_DHCPV6);
    struct event_list found;

    event->context.source_device = from;
    event_set_literal(event, FIELD_DHCPV6_TYPE, type);
    event_set_mac(event, FIELD_DHCPV6_CLIENT_MAC, mac_from(mac));
    event_set_literal(event, FIELD_DHCPV6_MUD_URL, "https://a.example/b");
    if (is_relayed)
        event_set_ip(event, FIELD_DHCPV6_RELAY_PEER, ip_of_v4(1));
    event_list_init(&found, &f->arena);
    device_learn(f->table, event, &found);
}

static void dhcpv6_says_the_mud_url_of_its_client(void **state)
{
    (void)state;
    struct fixture f;
    uint32_t relay;

    fixture_open(&f);
    send(&f, camera, laptop);
    send(&f, laptop, camera);
    relay = f.ends.source;
    solicit(&f, relay, camera.mac, "reply", false);
    solicit(&f, relay, "02:00:00:00:00:99", "solicit", true);
    for (uint32_t i = 0; i < device_count(f.table); i++)
        assert_null(device_claim_of(device_get(f.table, i),
                                    DEVICE_CLAIM_MUD_URL));
    solicit(&f, relay, camera.mac, "solicit", true);
    const struct device_claim *claim =
        device_claim_of(get_camera(&f), DEVICE_CLAIM_MUD_URL);
    assert_string_equal(claim->value, "https://a.example/b");
    assert_string_equal(claim->source, "dhcpv6");
    assert_null(device_claim_of(device_get(f.table, relay),
                                DEVICE_CLAIM_MUD_URL));
    solicit(&f, relay, laptop.mac, "request", false);
    assert_non_null(device_claim_of(device_get(f.table, relay),
                                    DEVICE_CLAIM_MUD_URL));
    fixture_close(&f);
}

static void a_client_id_joins_random_addresses_one_after_the_other(
    void **state)
{
    (void)state;
    struct fixture f;
    struct build_side first = { "da:a1:19:00:00:01", "192.168.1.31", 9 };
    struct build_side second = { "da:a1:19:00:00:02", "192.168.1.32", 9 };
    struct build_side third = { "da:a1:19:00:00:03", "192.168.1.33", 9 };

    fixture_open(&f);
    send(&f, first, camera);
    request(&f, first.mac, "", "", "duid-1234");
    f.now_ns += SECOND;
    send(&f, second, camera);
    request(&f, second.mac, "", "", "duid-1234");
    assert_int_equal(get(&f, "mac-daa119000002")->same_as,
                     find(&f, "mac-daa119000001"));
    f.now_ns += SECOND;
    send(&f, third, camera);
    request(&f, third.mac, "", "", "duid-9999"); /* Another one. */
    assert_int_equal(get(&f, "mac-daa119000003")->same_as, DEVICE_NONE);
    fixture_close(&f);

    fixture_open(&f); /* Both at the same time are two devices. */
    send(&f, first, camera);
    f.now_ns += SECOND;
    send(&f, second, camera);
    f.now_ns += SECOND;
    send(&f, first, camera);
    request(&f, first.mac, "", "", "duid-1234");
    request(&f, second.mac, "", "", "duid-1234");
    assert_int_equal(get(&f, "mac-daa119000002")->same_as, DEVICE_NONE);
    fixture_close(&f);
}

static void a_device_goes_by_its_best_name(void **state)
{
    (void)state;
    struct fixture f;
    char name[DEVICE_NAME_SIZE];
    static const char *const lies[] = { "192.168.1.1", "fe80::1",
                                        "router (192.168.1.1)" };

    fixture_open(&f);
    send(&f, camera, laptop);
    const struct device *device = device_get(f.table, 0);
    assert_string_equal(device_name(device, name), "Maker device");
    for (size_t i = 0; i < COUNT_OF(lies); i++) {
        f.now_ns += SECOND;
        (void)device_claim_add(f.table, 0, DEVICE_CLAIM_NAME, "dhcp",
                               bytes_of_text(lies[i]));
        assert_string_equal(device_name(device, name), "Maker device");
    }
    (void)device_claim_add(f.table, 0, DEVICE_CLAIM_NAME, "mqtt",
                           bytes_of_text("7f3a"));
    assert_string_equal(device_name(device, name), "Maker device");
    (void)device_claim_add(f.table, 0, DEVICE_CLAIM_NAME, "mdns",
                           bytes_of_text("Kitchen\x1b\xc3\xa4"));
    assert_string_equal(device_name(device, name), "Kitchen\\x1b\xc3\xa4");
    fixture_close(&f);
}

static void a_long_name_ends_with_a_whole_character(void **state)
{
    (void)state;
    struct fixture f;
    char name[DEVICE_NAME_SIZE];
    char text[2 * DEVICE_NAME_SIZE + 1] = "x";

    for (size_t i = 1; i + 1 < sizeof text; i += 2)
        memcpy(text + i, "\xc3\xa4", 2);
    text[sizeof text - 2] = '\0';
    fixture_open(&f);
    send(&f, camera, laptop);
    (void)device_claim_add(f.table, 0, DEVICE_CLAIM_NAME, "mdns",
                           bytes_of_text(text));
    (void)device_name(device_get(f.table, 0), name);
    assert_int_equal(strlen(name), DEVICE_NAME_SIZE - 1);
    assert_memory_equal(name, text, DEVICE_NAME_SIZE - 1);
    fixture_close(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_device_is_news_once_and_has_its_maker),
        cmocka_unit_test(who_sends_to_or_from_the_world_is_a_gateway),
        cmocka_unit_test(a_mac_that_software_chose_is_random_and_has_no_maker),
        cmocka_unit_test(without_a_link_layer_devices_go_by_their_address),
        cmocka_unit_test(addresses_have_a_history_with_a_limit),
        cmocka_unit_test(who_forwards_for_many_hosts_is_a_gateway),
        cmocka_unit_test(two_that_claim_one_address_are_in_conflict),
        cmocka_unit_test(
            hosts_use_public_ipv6_addresses_and_routers_forward_them),
        cmocka_unit_test(a_forged_source_stays_with_who_sent_it),
        cmocka_unit_test(devices_past_the_limit_are_counted),
        cmocka_unit_test(claims_are_escaped_joined_and_bounded),
        cmocka_unit_test(dhcp_names_a_device_and_a_change_is_a_conflict),
        cmocka_unit_test(dhcpv6_says_the_mud_url_of_its_client),
        cmocka_unit_test(a_device_goes_by_its_best_name),
        cmocka_unit_test(a_long_name_ends_with_a_whole_character),
        cmocka_unit_test(
            a_client_id_joins_random_addresses_one_after_the_other),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
