/* SPDX-License-Identifier: Apache-2.0 */
#include "activity/activity.h"

#include <stdio.h>
#include <string.h>

#include "analysis.h"
#include "test.h"

static const char camera_mac[] = "50:c7:bf:00:00:01";
static const char router_mac[] = "50:c7:bf:00:00:fe";

static struct build_side camera(uint16_t port)
{
    return (struct build_side){ camera_mac, "192.168.1.10", port };
}

/* A remote host behind the router; `text` is where its address is written. */
static struct build_side world(char text[32], uint32_t number, uint16_t port)
{
    (void)snprintf(text, 32, "8.%u.%u.%u", number >> 16 & 255,
                   number >> 8 & 255, number & 255);
    return (struct build_side){ router_mac, text, port };
}

static struct build_side neighbour(char text[32], unsigned number,
                                   uint16_t port)
{
    (void)snprintf(text, 32, "192.168.1.%u", number);
    return (struct build_side){ "50:c7:bf:00:00:22", text, port };
}

static uint64_t latest(const struct analysis *a, const char *kind,
                       const char *protocol, enum event_field field)
{
    return analysis_number(analysis_latest(a, kind, protocol), field);
}

static void a_horizontal_scan_is_counted_with_its_port(void **state)
{
    (void)state;
    struct analysis a;
    char text[32];

    analysis_open(&a);
    for (uint32_t i = 0; i < 200; i++) {
        analysis_tcp(&a, camera((uint16_t)(40000 + i)), world(text, i, 23),
                     TCP_SYN, 0);
        analysis_wait(&a, 100);
    }
    analysis_end(&a);
    const struct analysis_event *event = analysis_latest(&a, "contact", "tcp");
    assert_non_null(event);
    assert_int_equal(event->context.source_device, 0);
    assert_int_equal(analysis_number(event, FIELD_ACTIVITY_ATTEMPTS), 200);
    assert_int_equal(analysis_number(event, FIELD_ACTIVITY_FAILED), 200);
    assert_int_equal(analysis_number(event, FIELD_ACTIVITY_ANSWERED), 0);
    assert_int_equal(analysis_number(event, FIELD_ACTIVITY_PORTS), 1);
    assert_int_equal(analysis_number(event, FIELD_ACTIVITY_PORT), 23);
    assert_int_equal(analysis_number(event, FIELD_ACTIVITY_PORT_SHARE), 100);
    uint64_t seen = analysis_number(event, FIELD_ACTIVITY_DESTINATIONS);
    assert_in_range(seen, 140, 260);
    assert_int_equal(analysis_number(event, FIELD_ACTIVITY_PEER_SHARE),
                     UINT64_MAX);
    assert_in_range(event->evidence_count, 8, ACTIVITY_EVIDENCE_MAX);
    /* The million is cheap: events grow with the logarithm. */
    assert_true(analysis_count(&a, "contact") < 80);
    analysis_close(&a);
}

static void a_vertical_scan_is_counted_with_its_peer(void **state)
{
    (void)state;
    struct analysis a;
    char text[32];

    analysis_open(&a);
    for (uint16_t i = 1; i <= 100; i++) {
        analysis_tcp(&a, camera(40000), neighbour(text, 20, i), TCP_SYN, 0);
        analysis_tcp(&a, neighbour(text, 20, i), camera(40000),
                     TCP_RST | TCP_ACK, 0);
        analysis_wait(&a, 50);
    }
    analysis_end(&a);
    const struct analysis_event *event = analysis_latest(&a, "contact", "tcp");
    assert_int_equal(analysis_number(event, FIELD_ACTIVITY_ATTEMPTS), 100);
    assert_int_equal(analysis_number(event, FIELD_ACTIVITY_REFUSED), 100);
    assert_int_equal(analysis_number(event, FIELD_ACTIVITY_FAILED), 100);
    assert_int_equal(analysis_number(event, FIELD_ACTIVITY_DESTINATIONS), 1);
    assert_in_range(analysis_number(event, FIELD_ACTIVITY_PORTS), 70, 130);
    assert_int_equal(analysis_number(event, FIELD_ACTIVITY_PEER_SHARE), 100);
    analysis_close(&a);
}

/* One attempt in two minutes: only the window of an hour sees it. */
static void a_slow_scan_is_seen_in_the_long_window(void **state)
{
    (void)state;
    struct analysis a;
    char text[32];

    analysis_open(&a);
    for (uint32_t i = 0; i < 29; i++) {
        analysis_tcp(&a, camera(40000), world(text, i, 23), TCP_SYN, 0);
        analysis_wait(&a, 120000);
    }
    analysis_end(&a);
    const struct analysis_event *event = analysis_latest(&a, "contact", "tcp");
    assert_int_equal(analysis_number(event, FIELD_ACTIVITY_WINDOW), 3600);
    assert_int_equal(analysis_number(event, FIELD_ACTIVITY_DESTINATIONS), 29);
    assert_int_equal(analysis_number(event, FIELD_ACTIVITY_FAILED), 29);
    for (size_t i = 0; i < a.count; i++)
        if (a.events[i].type == EVENT_ACTIVITY)
            assert_int_equal(
                analysis_number(&a.events[i], FIELD_ACTIVITY_WINDOW), 3600);
    analysis_close(&a);
}

/* Forty connections at once, answered within a second: nothing has failed. */
static void answered_browsing_is_no_failure(void **state)
{
    (void)state;
    struct analysis a;
    char text[32];

    analysis_open(&a);
    for (uint32_t round = 0; round < 5; round++) {
        for (uint32_t i = 0; i < 40; i++)
            analysis_tcp(&a, camera((uint16_t)(40000 + 100 * round + i)),
                         world(text, i, 443), TCP_SYN, 0);
        analysis_wait(&a, 300);
        for (uint32_t i = 0; i < 40; i++)
            analysis_tcp(&a, world(text, i, 443),
                         camera((uint16_t)(40000 + 100 * round + i)),
                         TCP_SYN | TCP_ACK, 0);
        analysis_wait(&a, 3000);
    }
    analysis_end(&a);
    assert_true(analysis_count(&a, "contact") > 0);
    for (size_t i = 0; i < a.count; i++)
        if (a.events[i].type == EVENT_ACTIVITY)
            assert_int_equal(
                analysis_number(&a.events[i], FIELD_ACTIVITY_FAILED), 0);
    assert_int_equal(latest(&a, "contact", "tcp", FIELD_ACTIVITY_ANSWERED),
                     200);
    analysis_close(&a);
}

static void an_icmp_error_is_a_refusal(void **state)
{
    (void)state;
    struct analysis a;
    char text[32];

    analysis_open(&a);
    for (uint16_t i = 1; i <= 10; i++) {
        analysis_udp(&a, camera(40000), neighbour(text, 20, i), 10);
        analysis_unreachable(&a, neighbour(text, 20, i), camera(40000),
                             neighbour(text, 20, i));
        analysis_wait(&a, 100);
    }
    analysis_end(&a);
    assert_true(latest(&a, "contact", "udp", FIELD_ACTIVITY_REFUSED) >= 1);
    assert_true(latest(&a, "contact", "udp", FIELD_ACTIVITY_REFUSED) <= 10);
    analysis_close(&a);
}

static void sweeps_by_arp_and_by_ping_are_counted(void **state)
{
    (void)state;
    struct analysis a;
    char text[32];

    analysis_open(&a);
    for (unsigned i = 100; i < 130; i++) {
        analysis_arp(&a, 1, camera(0), neighbour(text, i, 0));
        if (i % 3 == 0) /* Ten of them are there. */
            analysis_arp(&a, 2, neighbour(text, i, 0), camera(0));
        analysis_icmp(&a, camera(0), neighbour(text, i, 0), 8, 0);
        analysis_wait(&a, 100);
    }
    analysis_wait(&a, 5000);
    analysis_end(&a);
    assert_int_equal(latest(&a, "contact", "arp", FIELD_ACTIVITY_ATTEMPTS),
                     30);
    assert_int_equal(latest(&a, "contact", "arp", FIELD_ACTIVITY_ANSWERED),
                     10);
    assert_int_equal(latest(&a, "contact", "arp", FIELD_ACTIVITY_FAILED), 20);
    assert_int_equal(latest(&a, "contact", "arp",
                            FIELD_ACTIVITY_DESTINATIONS), 30);
    assert_int_equal(latest(&a, "contact", "icmp",
                            FIELD_ACTIVITY_DESTINATIONS), 30);
    analysis_close(&a);
}

static void a_flood_is_seen_at_the_end_that_sends_it(void **state)
{
    (void)state;
    struct analysis a;
    char text[32];

    analysis_open(&a);
    analysis_arp(&a, 1, (struct build_side){ router_mac, "192.168.1.1", 0 },
                 camera(0));
    for (uint32_t i = 0; i < 3000; i++) {
        analysis_udp(&a, camera(4000), world(text, 7, 80), 1000);
        a.now_ns += 300000;
    }
    const struct analysis_event *event = analysis_latest(&a, "sent", "udp");
    assert_non_null(event);
    assert_int_equal(analysis_number(event, FIELD_ACTIVITY_PACKETS), 2048);
    assert_int_equal(analysis_number(event, FIELD_ACTIVITY_BYTES),
                     2048 * 1028);
    assert_int_equal(analysis_number(event, FIELD_ACTIVITY_PEERS), 1);
    assert_int_equal(analysis_number(event, FIELD_ACTIVITY_PORT), 80);
    assert_int_equal(analysis_number(event, FIELD_ACTIVITY_LOCAL), 0);
    assert_int_equal(event->context.source_device, 1);
    assert_null(analysis_latest(&a, "received", "udp"));
    analysis_close(&a);
}

static void and_at_the_end_that_gets_it(void **state)
{
    (void)state;
    struct analysis a;
    char text[32];

    analysis_open(&a);
    analysis_udp(&a, camera(1), neighbour(text, 20, 9), 1);
    for (uint32_t i = 0; i < 1000; i++) {
        analysis_tcp(&a, world(text, i, (uint16_t)(1024 + i)), camera(80),
                     TCP_SYN, 0);
        a.now_ns += 500000;
    }
    const struct analysis_event *event =
        analysis_latest(&a, "received", "syn");
    assert_non_null(event);
    assert_int_equal(analysis_number(event, FIELD_ACTIVITY_PACKETS), 512);
    assert_int_equal(analysis_number(event, FIELD_ACTIVITY_FLOWS), 512);
    assert_int_equal(analysis_number(event, FIELD_ACTIVITY_PORT), 80);
    assert_in_range(analysis_number(event, FIELD_ACTIVITY_PEERS), 350, 680);
    assert_int_equal(event->context.destination_device, 0);
    analysis_close(&a);
}

/* A download answers with one packet in three, a video upload over UDP hears
 * from the other side once in fifteen. */
static void downloads_and_video_are_no_floods(void **state)
{
    (void)state;
    struct analysis a;
    char text[32];

    analysis_open(&a);
    analysis_tcp(&a, camera(4000), world(text, 1, 443), TCP_SYN, 0);
    analysis_tcp(&a, world(text, 1, 443), camera(4000), TCP_SYN | TCP_ACK, 0);
    analysis_udp(&a, camera(5000), world(text, 2, 9000), 100);
    analysis_udp(&a, world(text, 2, 9000), camera(5000), 100);
    for (uint32_t i = 1; i < 3000; i++) {
        analysis_tcp(&a, world(text, 1, 443), camera(4000), TCP_ACK, 1400);
        analysis_udp(&a, camera(5000), world(text, 2, 9000), 1200);
        if (i % 3 == 0)
            analysis_tcp(&a, camera(4000), world(text, 1, 443), TCP_ACK, 0);
        if (i % 15 == 0)
            analysis_udp(&a, world(text, 2, 9000), camera(5000), 40);
        a.now_ns += 300000;
    }
    analysis_end(&a);
    assert_int_equal(analysis_count(&a, "sent"), 0);
    assert_int_equal(analysis_count(&a, "received"), 0);
    analysis_close(&a);
}

static void a_service_that_gives_more_than_it_is_asked_has_a_ratio(
    void **state)
{
    (void)state;
    struct analysis a;
    char text[32];

    analysis_open(&a);
    analysis_arp(&a, 1, camera(0), neighbour(text, 1, 0)); /* It is known. */
    for (uint32_t i = 0; i < 64; i++) {
        analysis_udp(&a, world(text, i % 5, 5353), camera(1900), 72);
        analysis_udp(&a, camera(1900), world(text, i % 5, 5353), 972);
        analysis_wait(&a, 100);
    }
    const struct analysis_event *event =
        analysis_latest(&a, "service", "udp");
    assert_non_null(event);
    assert_int_equal(analysis_number(event, FIELD_ACTIVITY_PORT), 1900);
    assert_int_equal(analysis_number(event, FIELD_ACTIVITY_PACKETS), 64);
    assert_int_equal(analysis_number(event, FIELD_ACTIVITY_PEERS), 5);
    assert_int_equal(analysis_number(event, FIELD_ACTIVITY_BYTES_IN),
                     64 * 100);
    assert_int_equal(analysis_number(event, FIELD_ACTIVITY_BYTES_OUT),
                     64 * 1000);
    double ratio = analysis_real(event, FIELD_ACTIVITY_RATIO);
    assert_true(ratio > 9.99);
    assert_true(ratio < 10.01);
    analysis_close(&a);
}

/* `spread` is how far, in ms, each contact is from its time. */
static double jitter_of(int64_t spread)
{
    struct analysis a;
    char text[32];

    analysis_open(&a);
    for (uint16_t i = 0; i < 30; i++) {
        analysis_tcp(&a, camera((uint16_t)(40000 + i)), world(text, 1, 443),
                     TCP_SYN, 0);
        analysis_wait(&a, 60000 + (i % 2 ? spread : -spread));
    }
    const struct analysis_event *event =
        analysis_latest(&a, "regular", "tcp");
    assert_non_null(event);
    double interval = analysis_real(event, FIELD_ACTIVITY_INTERVAL);
    assert_true(interval > 57);
    assert_true(interval < 63);
    assert_true(analysis_number(event, FIELD_ACTIVITY_TIMES) >= 8);
    assert_int_equal(analysis_number(event, FIELD_ACTIVITY_PORT), 443);
    double jitter = analysis_real(event, FIELD_ACTIVITY_JITTER);
    analysis_close(&a);
    return jitter;
}

static void regular_contacts_have_an_interval_and_a_jitter(void **state)
{
    (void)state;

    assert_true(jitter_of(0) < 0.0001);
    double jitter = jitter_of(12000); /* 12 of 60 seconds. */
    assert_true(jitter > 0.18);
    assert_true(jitter < 0.23);
}

static void a_window_that_is_over_begins_again(void **state)
{
    (void)state;
    struct analysis a;
    char text[32];

    analysis_open(&a);
    for (uint32_t window = 0; window < 2; window++) {
        for (uint32_t i = 0; i < 10 + window; i++) {
            analysis_tcp(&a, camera(40000), world(text, i, 23), TCP_SYN, 0);
            analysis_wait(&a, 10);
        }
        analysis_wait(&a, 61000);
    }
    analysis_tcp(&a, camera(40001), world(text, 0, 23), TCP_SYN, 0);
    uint64_t most = 0;
    for (size_t i = 0; i < a.count; i++)
        if (analysis_number(&a.events[i], FIELD_ACTIVITY_WINDOW) == 60 &&
            analysis_number(&a.events[i], FIELD_ACTIVITY_ATTEMPTS) > most)
            most = analysis_number(&a.events[i], FIELD_ACTIVITY_ATTEMPTS);
    assert_int_equal(most, 11);
    analysis_close(&a);
}

/* A million outsiders knock: memory stays, and what is known of the camera is
 * not pushed out. */
static void outsiders_cost_no_memory_and_push_nothing_local_out(void **state)
{
    (void)state;
    enum { OUTSIDERS = 1000000 };
    struct arena arena;
    struct evidence_store *store = evidence_store_new(EVIDENCE_BYTES_MAX);
    struct activity *activity = activity_new(
        &(struct activity_options){ .key = { 1, 2 }, .store = store });
    struct activity_counters before;
    struct activity_counters after;
    struct event_list events;
    uint8_t data[60] = { 0 };
    uint64_t attempts = 0;

    arena_init(&arena);
    activity_read_counters(activity, &before);
    for (uint32_t i = 0; i < OUTSIDERS; i++) {
        bool is_own = i % 25000 == 0;
        struct packet packet = {
            .layer = PACKET_LAYER_IP, .protocol = IP_PROTOCOL_TCP,
            .ip_version = 4, .ip_size = 40, .tcp.flags = TCP_SYN,
            .source = ip_of_v4(is_own ? 0xc0a8010a : 0x08000000 + i),
            .destination = ip_of_v4(is_own ? 0x09000000 + i : 0xc0a8010a),
            .destination_port = 23, .has_transport = true,
            .mark.time_ns = 1700000000000000000 + i * 40000ll,
            .mark.number = i,
        };
        struct frame frame = { bytes_of(data, sizeof data), packet.mark };
        struct flow flow = { .packets = { 1, 0 },
                             .first_ns = packet.mark.time_ns };
        struct activity_packet in = {
            .packet = &packet, .frame = &frame, .flow = &flow,
            .side = FLOW_ORIGINATOR, .is_new = true,
            .ends = { is_own ? 0 : DEVICE_NONE, is_own ? DEVICE_NONE : 0,
                      is_own, !is_own },
        };
        arena_reset(&arena);
        event_list_init(&events, &arena);
        activity_count(activity, &in, &events);
        for (struct event *e = events.first; e; e = e->next)
            if (e->context.source_device == 0 &&
                event_get(e, FIELD_ACTIVITY_ATTEMPTS))
                attempts = event_get(e, FIELD_ACTIVITY_ATTEMPTS)->number;
    }
    activity_read_counters(activity, &after);
    assert_int_equal(after.memory_bytes, before.memory_bytes);
    assert_int_equal(after.evicted_local, 0);
    assert_true(attempts > 30); /* All forty in one window, not begun again. */
    bool is_more = true;
    uint32_t turns = 0;
    while (is_more) {
        arena_reset(&arena);
        event_list_init(&events, &arena);
        is_more = activity_finish(activity, NULL, &events);
        assert_int_equal(events.dropped, 0);
        assert_true(++turns < 10000);
    }
    activity_free(activity);
    evidence_store_free(store);
    arena_clear(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_horizontal_scan_is_counted_with_its_port),
        cmocka_unit_test(a_vertical_scan_is_counted_with_its_peer),
        cmocka_unit_test(a_slow_scan_is_seen_in_the_long_window),
        cmocka_unit_test(answered_browsing_is_no_failure),
        cmocka_unit_test(an_icmp_error_is_a_refusal),
        cmocka_unit_test(sweeps_by_arp_and_by_ping_are_counted),
        cmocka_unit_test(a_flood_is_seen_at_the_end_that_sends_it),
        cmocka_unit_test(and_at_the_end_that_gets_it),
        cmocka_unit_test(downloads_and_video_are_no_floods),
        cmocka_unit_test(
            a_service_that_gives_more_than_it_is_asked_has_a_ratio),
        cmocka_unit_test(regular_contacts_have_an_interval_and_a_jitter),
        cmocka_unit_test(a_window_that_is_over_begins_again),
        cmocka_unit_test(outsiders_cost_no_memory_and_push_nothing_local_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
