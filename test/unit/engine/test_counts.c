/* SPDX-License-Identifier: Apache-2.0 */

/* Who is counted, and as what: from frames to activity and DHCP events. */
#include "engine/internal.h"

#include <string.h>

#include "packet_builder.h"
#include "test.h"

#define SECOND INT64_C(1000000000)

static const struct build_side CAMERA = { "02:00:00:00:00:01", "10.0.0.1",
                                          40000 };
static const struct build_side LAPTOP = { "02:00:00:00:00:02", "10.0.0.2",
                                          80 };
static const struct build_side VICTIM = { "02:00:00:00:00:09", "44.0.0.7",
                                          80 };

struct run {
    struct engine *engine;
    uint64_t number;
    uint64_t gre_sent;       /* Packets, of the largest report. */
    uint64_t attempts;       /* By TCP within a minute, last report. */
    uint64_t arp_answered;
    uint64_t arp_attempts;
    struct ip told_by;
    char source[IP_TEXT_SIZE];
};

static struct ip ip_of_text(const char *text)
{
    struct ip ip;

    assert_true(ip_parse(bytes_of_text(text), &ip));
    return ip;
}

static uint64_t number_of(const struct event *event, enum event_field field)
{
    const struct event_value *value = event_get(event, field);

    return value ? value->number : 0;
}

static void take_activity(struct run *run, const struct event *event)
{
    struct bytes protocol = event_text(event, FIELD_ACTIVITY_PROTOCOL);
    bool is_sent = bytes_equal(event_text(event, FIELD_ACTIVITY_KIND),
                               bytes_of_text("sent"));

    if (is_sent && bytes_equal(protocol, bytes_of_text("gre"))) {
        run->gre_sent = number_of(event, FIELD_ACTIVITY_PACKETS);
        (void)ip_text(event->context.source, run->source);
    }
    if (number_of(event, FIELD_ACTIVITY_WINDOW) != 60)
        return;
    if (bytes_equal(protocol, bytes_of_text("tcp")))
        run->attempts = number_of(event, FIELD_ACTIVITY_ATTEMPTS);
    if (bytes_equal(protocol, bytes_of_text("arp"))) {
        run->arp_attempts = number_of(event, FIELD_ACTIVITY_ATTEMPTS);
        run->arp_answered = number_of(event, FIELD_ACTIVITY_ANSWERED);
    }
}

static void take_event(void *context, const struct event *event)
{
    struct run *run = context;

    if (event->type == EVENT_ACTIVITY)
        take_activity(run, event);
    if (event->type == EVENT_DHCP)
        run->told_by = event->context.source;
}

static void begin(struct run *run)
{
    *run = (struct run){ 0 };
    run->engine = engine_new(&(struct engine_options){
        .key = { 1, 2 }, .on_event = take_event, .context = run });
}

static void end(struct run *run)
{
    engine_finish(run->engine, NULL);
    engine_free(run->engine);
}

static void give(struct run *run, struct packet_builder *b)
{
    struct frame frame = packet_builder_frame(b, 0);

    frame.mark.number = ++run->number;
    frame.mark.time_ns = (int64_t)run->number * (SECOND / 1000) + SECOND;
    engine_frame(run->engine, NULL, &frame);
}

static void over_ip(struct run *run, struct packet_builder *b,
                    struct build_side from, struct build_side to,
                    uint8_t protocol)
{
    packet_builder_ip(b, from, to, &(struct build_ip){ .protocol = protocol });
    packet_builder_ethernet(b, from, to, 0x0800);
    give(run, b);
}

static void tcp(struct run *run, struct build_side from, struct build_side to,
                uint8_t flags, const char *text)
{
    static struct packet_builder b;

    packet_builder_start(&b, bytes_of_text(text));
    packet_builder_tcp(&b, from, to, &(struct build_tcp){ .flags = flags });
    over_ip(run, &b, from, to, IP_PROTOCOL_TCP);
}

/* A UDP packet between addresses that mean nothing, inside GRE. */
static void flood(struct run *run, struct build_side from,
                  struct build_side to, const char *inner)
{
    static struct packet_builder b;
    struct build_side other = { .ip = inner, .port = 7 };

    packet_builder_start(&b, bytes_of_text("noise"));
    packet_builder_udp(&b, other, other);
    packet_builder_ip(&b, other, other,
                      &(struct build_ip){ .protocol = IP_PROTOCOL_UDP });
    packet_builder_push_u16(&b, 0x0800); /* RFC 2784: no flags, then IPv4. */
    packet_builder_push_u16(&b, 0);
    over_ip(run, &b, from, to, IP_PROTOCOL_GRE);
}

static void a_flood_of_gre_is_of_the_one_who_sends_it(void **state)
{
    struct run run;

    (void)state;
    begin(&run);
    for (int i = 0; i < 200; i++)
        flood(&run, CAMERA, VICTIM, i % 2 ? "10.1.2.3" : "10.4.5.6");
    assert_int_equal(run.gre_sent, 128);
    assert_string_equal(run.source, "10.0.0.1");
    /* The camera and the gateway; nobody of whom the tunnel spoke. */
    assert_int_equal(
        device_find_ip(run.engine->devices, ip_of_text("10.1.2.3")),
        DEVICE_NONE);
    end(&run);
}

static void data_amid_a_conversation_is_no_attempt(void **state)
{
    struct build_side to = LAPTOP;
    struct run run;

    (void)state;
    begin(&run);
    for (uint16_t port = 1; port <= 20; port++) {
        to.port = port;
        tcp(&run, CAMERA, to, TCP_ACK, "noise");
    }
    assert_int_equal(run.attempts, 0);
    for (uint16_t port = 101; port <= 120; port++) {
        to.port = port;
        tcp(&run, CAMERA, to, port % 2 ? TCP_SYN : TCP_ACK, "");
    }
    end(&run);
    assert_int_equal(run.attempts, 20);
}

static void arp(struct run *run, uint16_t operation, struct build_side from,
                struct build_side to)
{
    static struct packet_builder b;
    struct mac sender = { 0 }, target = { 0 };
    struct ip ip;

    packet_builder_start(&b, (struct bytes){ 0 });
    assert_true(mac_parse(bytes_of_text(from.mac), &sender));
    assert_true(mac_parse(bytes_of_text(to.mac), &target));
    ip = ip_of_text(to.ip);
    packet_builder_push(&b, ip_wire(&ip));
    packet_builder_push(&b, bytes_of(target.bytes, 6));
    ip = ip_of_text(from.ip);
    packet_builder_push(&b, ip_wire(&ip));
    packet_builder_push(&b, bytes_of(sender.bytes, 6));
    packet_builder_push_u16(&b, operation);
    packet_builder_push_u32(&b, 0x08000604); /* IPv4 over Ethernet. */
    packet_builder_push_u16(&b, 1);
    packet_builder_ethernet(&b, from, to, 0x0806);
    give(run, &b);
}

/* BOOTP's fixed fields (RFC 2131 section 2), then one option: the type. */
static void dhcp(struct run *run, struct build_side from,
                 struct build_side to, uint8_t operation, uint8_t type)
{
    static struct packet_builder b;
    uint8_t message[244] = { operation, 1, 6 };

    memcpy(message + 236, "\x63\x82\x53\x63\x35\x01", 6);
    message[242] = type;
    message[243] = 0xff;
    packet_builder_start(&b, bytes_of(message, sizeof message));
    packet_builder_udp(&b, from, to);
    over_ip(run, &b, from, to, IP_PROTOCOL_UDP);
}

static void a_dhcp_message_is_about_its_sender(void **state)
{
    struct build_side client = CAMERA, server = LAPTOP;
    struct run run;

    (void)state;
    client.port = 68;
    server.port = 67;
    begin(&run);
    dhcp(&run, client, server, 1, 3);
    assert_true(ip_equal(run.told_by, ip_of_text(client.ip)));
    dhcp(&run, server, client, 2, 5);
    assert_true(ip_equal(run.told_by, ip_of_text(server.ip)));
    end(&run);
}

static void an_arp_reply_answers_who_asked(void **state)
{
    struct run run;

    (void)state;
    begin(&run);
    for (int i = 0; i < 6; i++) {
        arp(&run, 1, CAMERA, LAPTOP);
        arp(&run, 2, LAPTOP, CAMERA);
    }
    end(&run);
    assert_int_equal(run.arp_attempts, 6);
    assert_int_equal(run.arp_answered, 6);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_flood_of_gre_is_of_the_one_who_sends_it),
        cmocka_unit_test(data_amid_a_conversation_is_no_attempt),
        cmocka_unit_test(an_arp_reply_answers_who_asked),
        cmocka_unit_test(a_dhcp_message_is_about_its_sender),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
