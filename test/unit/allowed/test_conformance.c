/* SPDX-License-Identifier: Apache-2.0 */

/*
 * A camera with a MUD file, and flows told as the engine tells them. Each case
 * is one entry, one flow, and what must be said of it.
 */
#include "detect/allowed/allowed.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "decode/decode.h"
#include "detect/allowed/lists.h"
#include "mud/read.h"
#include "packet_builder.h"
#include "test.h"

#define SECOND INT64_C(1000000000)

enum { T = 1700000000, TCP = 6, UDP = 17, ICMP = 1, ICMP6 = 58 };

static const struct build_side camera = { "50:c7:bf:00:00:01", "192.168.1.10",
                                          5000 };
static const struct build_side hub = { "50:c7:bf:00:00:02", "192.168.1.20",
                                       5000 };

struct fixture {
    struct decoder *decoder;
    struct device_table *devices;
    struct allowed *allowed;
    struct allowed_state *state;
    struct arena arena;
    struct event_list events;
    struct alert_list alerts;
    struct packet_builder builder;
    uint64_t flow_number;
    uint32_t camera;
    uint32_t hub;
};

static struct ip ip_of(const char *text)
{
    struct ip ip;

    assert_true(ip_parse(bytes_of_text(text), &ip));
    return ip;
}

/* `from` was heard on the network. */
static uint32_t meet(struct fixture *f, struct build_side from,
                     struct build_side to)
{
    struct packet packet;
    struct device_ends ends;

    arena_reset(&f->arena);
    event_list_init(&f->events, &f->arena);
    packet_builder_start(&f->builder, bytes_of_text("hello"));
    packet_builder_udp(&f->builder, from, to);
    packet_builder_ip(&f->builder, from, to,
                      &(struct build_ip){ .protocol = UDP });
    packet_builder_ethernet(&f->builder, from, to, 0x0800);
    struct frame frame = packet_builder_frame(&f->builder, T * SECOND);
    decode_frame(f->decoder, &frame, &packet);
    device_observe(f->devices, &packet, &ends, &f->events);
    return ends.source;
}

static int open_fixture(void **state)
{
    struct fixture *f = calloc(1, sizeof *f);

    f->decoder = decoder_new(&(struct decode_options){ 0 });
    f->devices =
        device_table_new(&(struct device_options){ .key = { 1, 2 } });
    arena_init(&f->arena);
    f->allowed = allowed_new();
    f->camera = meet(f, camera, hub);
    f->hub = meet(f, hub, camera);
    *state = f;
    return 0;
}

static int close_fixture(void **state)
{
    struct fixture *f = *state;

    allowed_state_free(f->state);
    allowed_free(f->allowed);
    device_table_free(f->devices);
    decoder_free(f->decoder);
    arena_clear(&f->arena);
    free(f);
    return 0;
}

static void write_list(struct writer *w, const char *name,
                       const char *matches, const char *action)
{
    bool is_v6 = matches && strstr(matches, "\"ipv6\"");

    writer_format(w, "{\"name\": \"%s\", \"type\": \"%s\", \"aces\": "
                     "{\"ace\": [", name,
                  is_v6 ? "ipv6-acl-type" : "ipv4-acl-type");
    if (matches)
        writer_format(w, "{\"name\": \"%s-0\", \"matches\": %s, \"actions\": "
                         "{\"forwarding\": \"%s\"}}", name, matches, action);
    writer_text(w, "]}}");
}

/* A file with one entry each way, either of which may be null. */
static struct mud_file *file_of(const char *from, const char *to,
                                const char *action)
{
    struct mud_read_options options = { 0 };
    struct writer w;

    writer_init(&w, 1 << 20);
    writer_text(&w, "{\"ietf-mud:mud\": {\"mud-version\": 1, \"mud-url\": "
                    "\"https://maker.example/camera\", \"last-update\": "
                    "\"2026-01-02T03:04:05Z\", \"is-supported\": true, "
                    "\"from-device-policy\": {\"access-lists\": "
                    "{\"access-list\": [{\"name\": \"from\"}]}}, "
                    "\"to-device-policy\": {\"access-lists\": "
                    "{\"access-list\": [{\"name\": \"to\"}]}}}, "
                    "\"ietf-access-control-list:acls\": {\"acl\": [");
    write_list(&w, "from", from, action);
    writer_text(&w, ", ");
    write_list(&w, "to", to, action);
    writer_text(&w, "]}}");
    struct mud_file *file = mud_read(writer_view(&w), &options);
    if (file->level == MUD_REFUSED)
        fail_msg("%s / %s: %s", from, to, file->problems[0].text);
    writer_clear(&w);
    return file;
}

static void give(struct fixture *f, struct mud_file *file)
{
    struct mac mac;

    assert_true(mac_parse(bytes_of_text(camera.mac), &mac));
    assert_true(allowed_give(f->allowed, mac, file));
    f->state = allowed_state_new(f->allowed, (struct hash_key){ 1, 2 });
}

static struct event *new_event(struct fixture *f, enum event_type type)
{
    arena_reset(&f->arena);
    event_list_init(&f->events, &f->arena);
    alert_list_init(&f->alerts, &f->arena);
    struct event *event = event_new(&f->events, type);
    event->context.has_ip = true;
    event->context.time_ns = (T + 100) * SECOND;
    return event;
}

static void observe(struct fixture *f, const struct event *event)
{
    allowed_observe(f->state, f->devices, event, &f->alerts);
}

/* The camera was told that `name` is at `ip`, `before` seconds ago. */
static void tell(struct fixture *f, const char *name, const char *ip,
                 int64_t before)
{
    struct event *event = new_event(f, EVENT_DNS);

    event->context.time_ns = (T + 100 - before) * SECOND;
    event->context.source_device = f->camera;
    event_set_literal(event, FIELD_DNS_TYPE, "response");
    event_set_literal(event, FIELD_DNS_QUERY_NAME, name);
    event_begin_item(event, 0);
    event_set_literal(event, FIELD_DNS_ANSWER_NAME, name);
    event_set_literal(event, FIELD_DNS_ANSWER_TYPE, "A");
    event_set_number(event, FIELD_DNS_ANSWER_TTL, 300);
    event_set_literal(event, FIELD_DNS_ANSWER_DATA, ip);
    observe(f, event);
}

/* One flow of the camera. */
struct told {
    uint8_t protocol;
    bool is_from_peer;     /* The peer began it. */
    bool is_unanswered;
    bool is_midstream;     /* TCP: no SYN was seen. */
    const char *peer;
    uint16_t own_port;
    uint16_t peer_port;    /* ICMP: the type; the code is 0. */
    const char *server_name;
};

/* The same flow, begun by the other end. */
static void turn(struct event_context *c)
{
    const struct event_context own = *c;

    c->source = own.destination;
    c->destination = own.source;
    c->source_port = own.destination_port;
    c->destination_port = own.source_port;
    c->source_device = own.destination_device;
    c->destination_device = own.source_device;
    c->source_local = own.destination_local;
    c->destination_local = own.source_local;
}

static struct event *flow_event_of(struct fixture *f,
                                   const struct told *told)
{
    struct event *event = new_event(f, EVENT_FLOW);
    struct event_context *c = &event->context;
    struct ip peer = ip_of(told->peer);
    bool is_icmp = told->protocol == ICMP || told->protocol == ICMP6;

    c->flow_number = f->flow_number;
    c->protocol = told->protocol;
    c->source = ip_is_v4(peer) ? ip_of(camera.ip) : ip_of("fe80::10");
    c->destination = peer;
    c->source_port = told->own_port;
    c->destination_port = told->peer_port;
    c->has_ports = !is_icmp;
    c->icmp_type = is_icmp ? (uint8_t)told->peer_port : 0;
    c->source_device = f->camera;
    c->destination_device = ip_equal(peer, ip_of(hub.ip)) ? f->hub
                                                          : DEVICE_NONE;
    c->source_local = true;
    c->destination_local = device_is_local_ip(f->devices, peer) ||
                           ip_is_multicast(peer) || ip_is_broadcast(peer);
    if (told->is_from_peer)
        turn(c);
    event_set_number(event, FIELD_FLOW_PKTS_TOSERVER, 3);
    event_set_number(event, FIELD_FLOW_PKTS_TOCLIENT,
                     told->is_unanswered ? 0 : 2);
    if (told->protocol == TCP && !told->is_midstream)
        event_set_flag(event, FIELD_FLOW_TCP_SYN, true);
    return event;
}

static void flow(struct fixture *f, const struct told *told)
{
    f->flow_number++;
    if (told->server_name) {
        struct event *tls = new_event(f, EVENT_TLS);
        tls->context.flow_number = f->flow_number;
        event_set_literal(tls, FIELD_TLS_SNI, told->server_name);
        observe(f, tls);
    }
    observe(f, flow_event_of(f, told));
}

#define NAME_FROM(leaf) \
    "{\"ipv4\": {\"ietf-acldns:dst-dnsname\": \"api.maker.example\", " \
    "\"protocol\": 6}, \"tcp\": {" leaf "}}"
#define NAME_TO(leaf) \
    "{\"ipv4\": {\"ietf-acldns:src-dnsname\": \"api.maker.example\", " \
    "\"protocol\": 6}, \"tcp\": {" leaf "}}"
#define PORT_443_FROM "\"destination-port\": {\"port\": 443}"
#define PORT_443_TO "\"source-port\": {\"port\": 443}"
#define DEVICE_OPENS "\"ietf-mud:direction-initiated\": \"from-device\", "
#define PEER_OPENS "\"ietf-mud:direction-initiated\": \"to-device\", "
#define CLASS(leaf) \
    "{\"ietf-mud:mud\": {" leaf "}, \"ipv4\": {\"protocol\": 17}}"

/* What was told before the flow. */
enum before {
    NOTHING_TOLD,
    NAME_AT_PEER,       /* The name is at 203.0.113.5. */
    OTHER_AT_PEER,      /* Another name is at that address. */
    NAME_ELSEWHERE,     /* The name is at another address. */
    NAME_LONG_AGO,
    CONFIGURED,         /* DHCP: 192.168.1.1 is the DNS server. */
    HUB_IS_MEMBER,      /* The hub is of the class and a my-controller. */
    HUB_SAYS_URL,       /* https://maker.example/hub */
};

static const struct {
    const char *what;
    const char *from;
    const char *to;
    enum before before;
    struct told told;
    enum allowed_verdict verdict;
    const char *reason;
} cases[] = {
    { "the name, by DNS", NAME_FROM(PORT_443_FROM), NAME_TO(PORT_443_TO),
      NAME_AT_PEER,
      { TCP, .peer = "203.0.113.5", .own_port = 40000, .peer_port = 443 },
      ALLOWED_DECLARED, NULL },
    { "another port", NAME_FROM(PORT_443_FROM), NAME_TO(PORT_443_TO),
      NAME_AT_PEER,
      { TCP, .peer = "203.0.113.5", .own_port = 40000, .peer_port = 8443 },
      ALLOWED_UNDECLARED, "no entry" },
    { "another protocol", NAME_FROM(PORT_443_FROM), NAME_TO(PORT_443_TO),
      NAME_AT_PEER,
      { UDP, .peer = "203.0.113.5", .own_port = 40000, .peer_port = 443 },
      ALLOWED_UNDECLARED, "no entry" },
    { "the answers are forgotten", NAME_FROM(PORT_443_FROM), NULL,
      NAME_AT_PEER,
      { TCP, .peer = "203.0.113.5", .own_port = 40000, .peer_port = 443 },
      ALLOWED_UNDECLARED, "no entry" },
    { "without an answer none is needed", NAME_FROM(PORT_443_FROM), NULL,
      NAME_AT_PEER,
      { TCP, .is_unanswered = true, .peer = "203.0.113.5", .own_port = 40000,
        .peer_port = 443 }, ALLOWED_DECLARED, NULL },
    { "no DNS answer", NAME_FROM(PORT_443_FROM), NAME_TO(PORT_443_TO),
      NOTHING_TOLD,
      { TCP, .peer = "203.0.113.5", .own_port = 40000, .peer_port = 443 },
      ALLOWED_UNDECIDED, "no DNS answer" },
    { "another name at the address", NAME_FROM(PORT_443_FROM),
      NAME_TO(PORT_443_TO), OTHER_AT_PEER,
      { TCP, .peer = "203.0.113.5", .own_port = 40000, .peer_port = 443 },
      ALLOWED_UNDECLARED, "no entry" },
    { "the name is known to be elsewhere", NAME_FROM(PORT_443_FROM),
      NAME_TO(PORT_443_TO), NAME_ELSEWHERE,
      { TCP, .peer = "203.0.113.5", .own_port = 40000, .peer_port = 443 },
      ALLOWED_UNDECLARED, "no entry" },
    { "told too long ago", NAME_FROM(PORT_443_FROM), NAME_TO(PORT_443_TO),
      NAME_LONG_AGO,
      { TCP, .peer = "203.0.113.5", .own_port = 40000, .peer_port = 443 },
      ALLOWED_UNDECIDED, "lapsed" },
    { "the server name proves it", NAME_FROM(PORT_443_FROM),
      NAME_TO(PORT_443_TO), NOTHING_TOLD,
      { TCP, .peer = "203.0.113.5", .own_port = 40000, .peer_port = 443,
        .server_name = "API.maker.example" }, ALLOWED_DECLARED, NULL },
    { "another tenant of the same address", NAME_FROM(PORT_443_FROM),
      NAME_TO(PORT_443_TO), NAME_AT_PEER,
      { TCP, .peer = "203.0.113.5", .own_port = 40000, .peer_port = 443,
        .server_name = "evil.example" }, ALLOWED_UNDECLARED, "no entry" },
    { "the device opened it", NAME_FROM(DEVICE_OPENS PORT_443_FROM),
      NAME_TO(DEVICE_OPENS PORT_443_TO), NAME_AT_PEER,
      { TCP, .peer = "203.0.113.5", .own_port = 40000, .peer_port = 443 },
      ALLOWED_DECLARED, NULL },
    { "the peer opened it", NAME_FROM(DEVICE_OPENS PORT_443_FROM),
      NAME_TO(DEVICE_OPENS PORT_443_TO), NAME_AT_PEER,
      { TCP, .is_from_peer = true, .peer = "203.0.113.5", .own_port = 40000,
        .peer_port = 443 }, ALLOWED_UNDECLARED, "no entry" },
    { "the peer may open it", NAME_FROM(PEER_OPENS PORT_443_FROM),
      NAME_TO(PEER_OPENS PORT_443_TO), NAME_AT_PEER,
      { TCP, .is_from_peer = true, .peer = "203.0.113.5", .own_port = 40000,
        .peer_port = 443 }, ALLOWED_DECLARED, NULL },
    { "who opened it was not seen", NAME_FROM(DEVICE_OPENS PORT_443_FROM),
      NAME_TO(DEVICE_OPENS PORT_443_TO), NAME_AT_PEER,
      { TCP, .is_midstream = true, .peer = "203.0.113.5", .own_port = 40000,
        .peer_port = 443 }, ALLOWED_UNDECIDED, "beginning" },
    { "IPv6 is not IPv4", NAME_FROM(PORT_443_FROM), NAME_TO(PORT_443_TO),
      NAME_AT_PEER,
      { TCP, .peer = "2001:db8::5", .own_port = 40000, .peer_port = 443 },
      ALLOWED_UNDECLARED, "no entry" },
    { "local networks", CLASS("\"local-networks\": [null]"),
      CLASS("\"local-networks\": [null]"), NOTHING_TOLD,
      { UDP, .peer = "192.168.1.20", .own_port = 4000, .peer_port = 9 },
      ALLOWED_DECLARED, NULL },
    { "the internet is not local", CLASS("\"local-networks\": [null]"),
      CLASS("\"local-networks\": [null]"), NOTHING_TOLD,
      { UDP, .peer = "203.0.113.5", .own_port = 4000, .peer_port = 9 },
      ALLOWED_UNDECLARED, "no entry" },
    { "a class nobody filled", CLASS("\"controller\": \"urn:x:y\""),
      CLASS("\"controller\": \"urn:x:y\""), NOTHING_TOLD,
      { UDP, .peer = "192.168.1.20", .own_port = 4000, .peer_port = 9 },
      ALLOWED_UNDECIDED, "nobody said" },
    { "a class with this host", CLASS("\"controller\": \"urn:x:y\""),
      CLASS("\"controller\": \"urn:x:y\""), HUB_IS_MEMBER,
      { UDP, .peer = "192.168.1.20", .own_port = 4000, .peer_port = 9 },
      ALLOWED_DECLARED, NULL },
    { "a class with another host", CLASS("\"controller\": \"urn:x:y\""),
      CLASS("\"controller\": \"urn:x:y\""), HUB_IS_MEMBER,
      { UDP, .peer = "192.168.1.30", .own_port = 4000, .peer_port = 9 },
      ALLOWED_UNDECLARED, "no entry" },
    { "its controller", CLASS("\"my-controller\": [null]"),
      CLASS("\"my-controller\": [null]"), HUB_IS_MEMBER,
      { UDP, .peer = "192.168.1.20", .own_port = 4000, .peer_port = 9 },
      ALLOWED_DECLARED, NULL },
    { "the same maker", CLASS("\"same-manufacturer\": [null]"),
      CLASS("\"same-manufacturer\": [null]"), HUB_SAYS_URL,
      { UDP, .peer = "192.168.1.20", .own_port = 4000, .peer_port = 9 },
      ALLOWED_DECLARED, NULL },
    { "a maker that is not known", CLASS("\"same-manufacturer\": [null]"),
      CLASS("\"same-manufacturer\": [null]"), NOTHING_TOLD,
      { UDP, .peer = "192.168.1.20", .own_port = 4000, .peer_port = 9 },
      ALLOWED_UNDECIDED, "MUD URL" },
    { "that maker", CLASS("\"manufacturer\": \"maker.example\""),
      CLASS("\"manufacturer\": \"maker.example\""), HUB_SAYS_URL,
      { UDP, .peer = "192.168.1.20", .own_port = 4000, .peer_port = 9 },
      ALLOWED_DECLARED, NULL },
    { "another maker", CLASS("\"manufacturer\": \"other.example\""),
      CLASS("\"manufacturer\": \"other.example\""), HUB_SAYS_URL,
      { UDP, .peer = "192.168.1.20", .own_port = 4000, .peer_port = 9 },
      ALLOWED_UNDECLARED, "no entry" },
    { "that model", CLASS("\"model\": \"https://maker.example/hub\""),
      CLASS("\"model\": \"https://maker.example/hub\""), HUB_SAYS_URL,
      { UDP, .peer = "192.168.1.20", .own_port = 4000, .peer_port = 9 },
      ALLOWED_DECLARED, NULL },
    { "another model", CLASS("\"model\": \"https://maker.example/lamp\""),
      CLASS("\"model\": \"https://maker.example/lamp\""), HUB_SAYS_URL,
      { UDP, .peer = "192.168.1.20", .own_port = 4000, .peer_port = 9 },
      ALLOWED_UNDECLARED, "no entry" },
    { "a group", "{\"ipv4\": {\"destination-ipv4-network\": "
      "\"224.0.0.251/32\"}}", NULL, NOTHING_TOLD,
      { UDP, .is_unanswered = true, .peer = "224.0.0.251", .own_port = 5353,
        .peer_port = 5353 }, ALLOWED_DECLARED, NULL },
    { "ICMP and its answer", "{\"icmp\": {\"type\": 8}, \"ipv4\": {}}",
      "{\"icmp\": {\"type\": 0}, \"ipv4\": {}}", NOTHING_TOLD,
      { ICMP, .peer = "203.0.113.5", .peer_port = 8 }, ALLOWED_DECLARED,
      NULL },
    { "ICMP without its answer", "{\"icmp\": {\"type\": 8}, \"ipv4\": {}}",
      NULL, NOTHING_TOLD, { ICMP, .peer = "203.0.113.5", .peer_port = 8 },
      ALLOWED_UNDECLARED, "no entry" },
    { "ICMPv6", "{\"icmp\": {\"type\": 128}, \"ipv6\": {}}",
      "{\"icmp\": {\"type\": 129}, \"ipv6\": {}}", NOTHING_TOLD,
      { ICMP6, .peer = "2001:db8::5", .peer_port = 128 }, ALLOWED_DECLARED,
      NULL },
    { "what packets alone show", "{\"ipv4\": {\"dscp\": 8}}", NULL,
      NOTHING_TOLD,
      { UDP, .is_unanswered = true, .peer = "203.0.113.5", .own_port = 9,
        .peer_port = 9 }, ALLOWED_UNDECIDED, "single packets" },
    { "the network's DNS server by default", NULL, NULL, CONFIGURED,
      { UDP, .peer = "192.168.1.1", .own_port = 4000, .peer_port = 53 },
      ALLOWED_DECLARED, NULL },
    { "another DNS server", NULL, NULL, CONFIGURED,
      { UDP, .peer = "203.0.113.53", .own_port = 4000, .peer_port = 53 },
      ALLOWED_UNDECLARED, "no entry" },
    { "DNS before the network said anything", NULL, NULL, NOTHING_TOLD,
      { UDP, .peer = "203.0.113.53", .own_port = 4000, .peer_port = 53 },
      ALLOWED_UNDECIDED, "did not say" },
    { "DHCP by default", NULL, NULL, NOTHING_TOLD,
      { UDP, .peer = "255.255.255.255", .own_port = 68, .peer_port = 67,
        .is_unanswered = true }, ALLOWED_DECLARED, NULL },
    { "neighbours by default", NULL, NULL, NOTHING_TOLD,
      { ICMP6, .peer = "ff02::1:ff00:20", .peer_port = 135,
        .is_unanswered = true }, ALLOWED_DECLARED, NULL },
};

static void prepare(struct fixture *f, enum before before)
{
    struct event *event;

    switch (before) {
    case NOTHING_TOLD:
    case HUB_IS_MEMBER:
        return;
    case NAME_AT_PEER:
        tell(f, "api.maker.example", "203.0.113.5", 10);
        return;
    case OTHER_AT_PEER:
        tell(f, "other.example", "203.0.113.5", 10);
        return;
    case NAME_ELSEWHERE:
        tell(f, "api.maker.example", "203.0.113.99", 10);
        return;
    case NAME_LONG_AGO:
        tell(f, "api.maker.example", "203.0.113.5", 90000);
        return;
    case CONFIGURED:
        event = new_event(f, EVENT_DHCP);
        event_set_literal(event, FIELD_DHCP_TYPE, "reply");
        event_set_ip(event, FIELD_DHCP_DNS_SERVER, ip_of("192.168.1.1"));
        observe(f, event);
        return;
    case HUB_SAYS_URL:
        (void)device_claim_add(f->devices, f->hub, DEVICE_CLAIM_MUD_URL,
                               "lldp",
                               bytes_of_text("https://maker.example/hub"));
        return;
    }
}

static void judge_case(size_t i)
{
    void *state;

    (void)open_fixture(&state);
    struct fixture *f = state;
    if (cases[i].before == HUB_IS_MEMBER) {
        assert_true(
            allowed_add_member(f->allowed, "urn:x:y", ip_of(hub.ip)));
        assert_true(allowed_add_member(
            f->allowed, "https://maker.example/camera", ip_of(hub.ip)));
    }
    give(f, file_of(cases[i].from, cases[i].to, "accept"));
    prepare(f, cases[i].before);
    flow(f, &cases[i].told);
    const struct allowed_device *device = allowed_device(f->state, 0);
    if (device->flows[cases[i].verdict] != 1)
        fail_msg("%s: declared %d, undecided %d, undeclared %d: %s",
                 cases[i].what, (int)device->flows[0],
                 (int)device->flows[1], (int)device->flows[2],
                 device->uses ? device->uses->reason : "");
    if (cases[i].reason &&
        (!device->uses || !strstr(device->uses->reason, cases[i].reason)))
        fail_msg("%s: %s", cases[i].what,
                 device->uses ? device->uses->reason : "no use");
    assert_int_equal(f->alerts.count > 0,
                     cases[i].verdict == ALLOWED_UNDECLARED);
    (void)close_fixture(&state);
}

static void judges_each_kind_of_entry(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++)
        judge_case(i);
}

static const struct told https = { TCP, .peer = "203.0.113.5",
                                   .own_port = 40000, .peer_port = 443 };

static void a_drop_comes_before_what_is_default(void **state)
{
    struct fixture *f = *state;
    static const struct told dns = { UDP, .peer = "192.168.1.1",
                                     .own_port = 4000, .peer_port = 53 };

    give(f, file_of("{\"udp\": {\"destination-port\": {\"port\": 53}}, "
                    "\"ipv4\": {}}",
                    "{\"udp\": {\"source-port\": {\"port\": 53}}, "
                    "\"ipv4\": {}}", "drop"));
    prepare(f, CONFIGURED);
    flow(f, &dns);
    const struct allowed_device *device = allowed_device(f->state, 0);
    assert_int_equal(device->flows[ALLOWED_UNDECLARED], 1);
    assert_non_null(device->uses->ace);
    assert_string_equal(device->uses->ace->name, "from-0");
    assert_string_equal(device->uses->reason, "an entry forbids it");
}

static struct bytes fact(const struct fixture *f, const char *name)
{
    const struct alert *alert = &f->alerts.alerts[0];

    for (size_t i = 0; i < alert->fact_count; i++)
        if (strcmp(alert->facts[i].name, name) == 0)
            return alert->facts[i].value;
    return (struct bytes){ 0 };
}

static void an_alert_says_what_would_be_needed(void **state)
{
    struct fixture *f = *state;

    give(f, file_of(NULL, NULL, "accept"));
    tell(f, "evil.example", "203.0.113.5", 10);
    flow(f, &https);
    assert_int_equal(f->alerts.count, 1);
    const struct alert *alert = &f->alerts.alerts[0];
    assert_string_equal(alert->detection->name, "undeclared-outbound");
    assert_int_equal(alert->detection->language, LANGUAGE_MUD);
    assert_int_equal(alert->severity, SEVERITY_WARNING);
    assert_int_equal(alert->subject, SUBJECT_SOURCE);
    assert_true(bytes_equal(fact(f, "use"),
                            bytes_of_text("TCP port 443 of evil.example")));
    assert_true(bytes_equal(fact(f, "mud_url"),
                            bytes_of_text("https://maker.example/camera")));
    struct bytes needed = fact(f, "needed");
    assert_true(bytes_find(needed, bytes_of_text("\"evil.example\"")) <
                needed.size);
    assert_true(bytes_find(needed, bytes_of_text("\"port\":443")) <
                needed.size);
}

static void strangers_that_come_in_are_about_the_device(void **state)
{
    struct fixture *f = *state;
    static const struct told telnet = { TCP, .is_from_peer = true,
                                        .peer = "203.0.113.5",
                                        .own_port = 23, .peer_port = 40000 };

    give(f, file_of(NULL, NULL, "accept"));
    flow(f, &telnet);
    assert_int_equal(f->alerts.count, 1);
    assert_string_equal(f->alerts.alerts[0].detection->name,
                        "undeclared-inbound");
    assert_int_equal(f->alerts.alerts[0].subject, SUBJECT_DESTINATION);
    const struct mud_ace *needed = &allowed_device(f->state, 0)->uses->needed;
    assert_int_equal(needed->own_port.low, 23);
    assert_int_equal(needed->initiated, MUD_INITIATED_TO_DEVICE);
}

static void forgotten_answers_are_a_notice_to_the_maker(void **state)
{
    struct fixture *f = *state;

    give(f, file_of(NAME_FROM(PORT_443_FROM), NULL, "accept"));
    prepare(f, NAME_AT_PEER);
    flow(f, &https);
    assert_string_equal(f->alerts.alerts[0].detection->name,
                        "undeclared-answer");
    assert_int_equal(f->alerts.alerts[0].severity, SEVERITY_NOTICE);
    assert_string_equal(f->alerts.alerts[0].detection->role, "maker");
    assert_true(allowed_device(f->state, 0)->uses->is_answer);
}

/* The owner did not give the file: only the device names it. */
static void what_only_the_device_claims_is_a_notice(void **state)
{
    struct fixture *f = *state;

    for (int is_signed = 0; is_signed < 2; is_signed++) {
        allowed_state_free(f->state);
        allowed_free(f->allowed);
        f->allowed = allowed_new();
        assert_true(allowed_add(f->allowed, file_of(NULL, NULL, "accept"),
                                is_signed));
        f->state = allowed_state_new(f->allowed, (struct hash_key){ 1, 2 });
        flow(f, &https);
        if (!is_signed)
            assert_int_equal(allowed_device_count(f->state), 0);
        (void)device_claim_add(
            f->devices, f->camera, DEVICE_CLAIM_MUD_URL, "dhcp",
            bytes_of_text("https://maker.example/camera reserved"));
        flow(f, &https);
        assert_int_equal(f->alerts.alerts[0].severity,
                         is_signed ? SEVERITY_WARNING : SEVERITY_NOTICE);
        assert_int_equal(allowed_device(f->state, 0)->trust,
                         is_signed ? ALLOWED_SIGNED : ALLOWED_CLAIMED);
    }
}

static void the_lists_tell_used_from_unused(void **state)
{
    struct fixture *f = *state;
    struct writer w;

    give(f, file_of(NAME_FROM(PORT_443_FROM), NAME_TO(PORT_443_TO),
                    "accept"));
    prepare(f, NAME_AT_PEER);
    flow(f, &https);
    flow(f, &https);
    const struct allowed_device *device = allowed_device(f->state, 0);
    assert_int_equal(device->counts[0].flows, 2);
    assert_int_equal(device->counts[1].flows, 2);
    writer_init(&w, 1 << 20);
    allowed_write_json(&w, f->state, f->devices);
    assert_non_null(strstr(writer_as_text(&w), "\"declared_unused\":[]"));
    assert_non_null(strstr(writer_as_text(&w), "\"flows\":2"));
    writer_reset(&w);
    allowed_write_text(&w, f->state, f->devices);
    assert_non_null(strstr(writer_as_text(&w), "2 flows declared"));
    writer_clear(&w);
}

static void the_same_use_is_listed_once(void **state)
{
    struct fixture *f = *state;

    give(f, file_of(NULL, NULL, "accept"));
    for (int i = 0; i < 5; i++)
        flow(f, &https);
    const struct allowed_device *device = allowed_device(f->state, 0);
    assert_int_equal(device->use_count, 1);
    assert_int_equal(device->uses->flows, 5);
}

static void uses_of_a_device_have_a_limit(void **state)
{
    struct fixture *f = *state;
    struct allowed_counters counters;
    struct told told = https;

    give(f, file_of(NULL, NULL, "accept"));
    for (uint16_t i = 0; i < ALLOWED_DEVICE_USE_MAX; i++) {
        told.peer_port = (uint16_t)(1 + i);
        flow(f, &told);
    }
    allowed_read_counters(f->state, &counters);
    assert_int_equal(counters.uses_refused, 0);
    told.peer_port = ALLOWED_DEVICE_USE_MAX + 1;
    flow(f, &told);
    allowed_read_counters(f->state, &counters);
    assert_int_equal(counters.uses_refused, 1);
    assert_int_equal(f->alerts.count, 1); /* Told, if not listed. */
    assert_int_equal(allowed_device(f->state, 0)->uses_dropped, 1);
}

static void files_and_members_have_a_limit(void **state)
{
    struct fixture *f = *state;
    struct mac mac = { { 2, 0, 0, 0, 0, 1 } };

    for (int i = 0; i < ALLOWED_MEMBER_MAX; i++)
        assert_true(allowed_add_member(f->allowed, "x", ip_of("192.0.2.1")));
    assert_false(allowed_add_member(f->allowed, "x", ip_of("192.0.2.1")));
    for (int i = 0; i < ALLOWED_FILE_MAX; i++)
        assert_true(allowed_give(f->allowed, mac,
                                 file_of(NULL, NULL, "accept")));
    struct mud_file *file = file_of(NULL, NULL, "accept");
    assert_false(allowed_give(f->allowed, mac, file));
    assert_false(allowed_add(f->allowed, file, false));
    mud_file_free(file);
}

static void one_url_has_one_file(void **state)
{
    struct fixture *f = *state;
    struct mud_file *second = file_of(NULL, NULL, "accept");

    assert_true(allowed_add(f->allowed, file_of(NULL, NULL, "accept"),
                            false));
    assert_false(allowed_add(f->allowed, second, false));
    mud_file_free(second);
}

#define WITH(test) \
    cmocka_unit_test_setup_teardown(test, open_fixture, close_fixture)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(judges_each_kind_of_entry),
        WITH(a_drop_comes_before_what_is_default),
        WITH(an_alert_says_what_would_be_needed),
        WITH(strangers_that_come_in_are_about_the_device),
        WITH(forgotten_answers_are_a_notice_to_the_maker),
        WITH(what_only_the_device_claims_is_a_notice),
        WITH(the_lists_tell_used_from_unused),
        WITH(the_same_use_is_listed_once),
        WITH(uses_of_a_device_have_a_limit),
        WITH(files_and_members_have_a_limit),
        WITH(one_url_has_one_file),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
