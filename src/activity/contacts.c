/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Whom does a host try to reach, and who answers? One counter for each host,
 * protocol and window. An attempt counts as failed when it was refused, or has
 * had no answer for about a second: a browser that opens forty connections at
 * once has not failed forty times.
 */
#include <string.h>

#include "activity/internal.h"

enum {
    CONTACTS_REPORT_FIRST = 4, /* Different destinations or ports, failures. */
    CONTACTS_SLOT_SHIFT = 28,  /* Attempts are young for 4 slots of 268 ms. */
    CONTACTS_SLOTS = 4,
};

/* What is counted, and over how long. */
enum contacts_kind {
    CONTACTS_TCP,
    CONTACTS_TCP_SLOW,
    CONTACTS_UDP,
    CONTACTS_ICMP,
    CONTACTS_ARP,
};

static const struct {
    const char *protocol;
    uint32_t window_s;
} kinds[] = {
    [CONTACTS_TCP] = { "tcp", 60 },   [CONTACTS_TCP_SLOW] = { "tcp", 3600 },
    [CONTACTS_UDP] = { "udp", 60 },   [CONTACTS_ICMP] = { "icmp", 60 },
    [CONTACTS_ARP] = { "arp", 60 },
};

struct contacts {
    struct way way;
    uint64_t number;       /* In the order of beginning, from 1. */
    int64_t start_ns;
    int64_t latest_ns;
    int64_t slot;
    struct host host;
    struct ip peer;
    uint32_t young[CONTACTS_SLOTS];
    uint32_t attempts;
    uint32_t answered;
    uint32_t refused;
    uint32_t reported;     /* Attempts at the last report. */
    uint32_t spread_next;  /* Report when this many different. */
    uint32_t failed_next;  /* Report when this many failed. */
    struct majority port_majority;
    struct majority peer_majority;
    uint16_t port;
    uint8_t kind;
    bool is_local;         /* Which of the two tables it stands in. */
    struct distinct destinations;
    struct distinct ports;
    struct kept kept;
};

void contacts_init(struct activity *activity)
{
    ways_init(&activity->local, sizeof(struct contacts), ACTIVITY_LOCAL_MAX);
    ways_init(&activity->remote, sizeof(struct contacts), ACTIVITY_REMOTE_MAX);
}

static struct ways *table_of(struct activity *activity, bool is_local)
{
    return is_local ? &activity->local : &activity->remote;
}

/* Attempts too young to be called failed. */
static uint32_t young_at(const struct contacts *c, int64_t now_ns)
{
    int64_t slot = now_ns >> CONTACTS_SLOT_SHIFT;
    uint32_t sum = 0;

    for (int64_t i = 0; i < CONTACTS_SLOTS; i++)
        if (slot - (c->slot - i) < CONTACTS_SLOTS)
            sum += c->young[(c->slot - i) & (CONTACTS_SLOTS - 1)];
    return sum;
}

static void note_young(struct contacts *c, int64_t now_ns)
{
    int64_t slot = now_ns >> CONTACTS_SLOT_SHIFT;

    if (slot > c->slot + CONTACTS_SLOTS)
        c->slot = slot - CONTACTS_SLOTS;
    while (c->slot < slot)
        c->young[++c->slot & (CONTACTS_SLOTS - 1)] = 0;
    c->young[c->slot & (CONTACTS_SLOTS - 1)]++;
}

static uint32_t failed_of(const struct contacts *c, uint32_t young)
{
    uint32_t settled = c->answered + c->refused + young;
    uint32_t silent = c->attempts > settled ? c->attempts - settled : 0;
    return c->refused + silent;
}

static void report(struct activity *activity, struct contacts *c,
                   uint32_t failed, struct event_list *events)
{
    struct host peer = { .device = DEVICE_NONE, .ip = c->peer };
    uint32_t peer_share = majority_share(&c->peer_majority);
    uint32_t port_share = majority_share(&c->port_majority);
    struct event *event =
        activity_event(activity, "contact", &c->host,
                       peer_share > 50 ? &peer : NULL, events);

    c->reported = c->attempts;
    event_set_literal(event, FIELD_ACTIVITY_PROTOCOL, kinds[c->kind].protocol);
    event_set_number(event, FIELD_ACTIVITY_WINDOW, kinds[c->kind].window_s);
    event_set_real(event, FIELD_ACTIVITY_SECONDS,
                   (double)(c->latest_ns - c->start_ns) / 1e9);
    event_set_number(event, FIELD_ACTIVITY_ATTEMPTS, c->attempts);
    event_set_number(event, FIELD_ACTIVITY_ANSWERED, c->answered);
    event_set_number(event, FIELD_ACTIVITY_REFUSED, c->refused);
    event_set_number(event, FIELD_ACTIVITY_FAILED, failed);
    event_set_number(event, FIELD_ACTIVITY_DESTINATIONS,
                     distinct_count(&c->destinations));
    event_set_number(event, FIELD_ACTIVITY_PORTS, distinct_count(&c->ports));
    if (port_share > 0) {
        event_set_number(event, FIELD_ACTIVITY_PORT, c->port);
        event_set_number(event, FIELD_ACTIVITY_PORT_SHARE, port_share);
    }
    if (peer_share > 50) {
        event_set_ip(event, FIELD_ACTIVITY_PEER, c->peer);
        event_set_number(event, FIELD_ACTIVITY_PEER_SHARE, peer_share);
    }
    activity_attach(event, &c->kept);
}

/* Report what has grown since the last time, if it is time. */
static void report_growth(struct activity *activity, struct contacts *c,
                          bool spread_moved, struct event_list *events)
{
    uint32_t failed = failed_of(c, young_at(c, activity->now_ns));
    uint32_t spread = 0;

    if (spread_moved) {
        uint32_t destinations = distinct_count(&c->destinations);
        uint32_t ports = distinct_count(&c->ports);
        spread = destinations > ports ? destinations : ports;
    }
    if (spread < c->spread_next && failed < c->failed_next)
        return;
    if (spread >= c->spread_next)
        c->spread_next = spread + spread / 4 + 1;
    if (failed >= c->failed_next)
        c->failed_next = failed + failed / 4 + 1;
    report(activity, c, failed, events);
}

/* The window is over: say how it ended, if that was not said yet. */
static void finish(struct activity *activity, struct contacts *c,
                   struct event_list *events)
{
    uint32_t failed = failed_of(c, 0);

    if (c->attempts >= CONTACTS_REPORT_FIRST &&
        (c->attempts > c->reported || failed >= c->failed_next))
        report(activity, c, failed, events);
}

uint64_t contacts_number(const struct ways *table, size_t index)
{
    const struct contacts *c = ways_at(table, index);

    return c->number;
}

void contacts_finish(struct activity *activity, const struct ways *table,
                     size_t index, struct event_list *events)
{
    finish(activity, ways_at(table, index), events);
}

static void start(struct activity *activity, struct contacts *c, uint64_t tag,
                  const struct host *host, enum contacts_kind kind)
{
    kept_clear(activity, &c->kept);
    memset(c, 0, sizeof *c);
    c->way = (struct way){ tag, activity->now_ns };
    c->number = ++activity->contacts_begun;
    c->host = *host;
    c->kind = (uint8_t)kind;
    c->start_ns = activity->now_ns;
    c->slot = activity->now_ns >> CONTACTS_SLOT_SHIFT;
    c->spread_next = CONTACTS_REPORT_FIRST;
    c->failed_next = CONTACTS_REPORT_FIRST;
}

static struct contacts *enter(struct activity *activity,
                              const struct host *host,
                              enum contacts_kind kind,
                              struct event_list *events)
{
    uint64_t tag = activity_tag(activity, host, kind);
    bool is_new;
    struct contacts *c = ways_find(table_of(activity, host->is_local), tag,
                                   activity->now_ns, &is_new);
    int64_t window_ns = kinds[kind].window_s * SECOND_NS;

    if (!is_new && activity->now_ns - c->start_ns < window_ns)
        return c;
    if (!is_new)
        finish(activity, c, events);
    start(activity, c, tag, host, kind);
    return c;
}

struct attempt {
    const struct host *host;
    struct ip peer;
    uint16_t port;
    const struct frame *frame;
};

static void count_attempt(struct activity *activity,
                          const struct attempt *attempt,
                          enum contacts_kind kind, struct event_list *events)
{
    struct contacts *c = enter(activity, attempt->host, kind, events);
    uint64_t peer_hash = activity_hash(activity, 0, 0, attempt->peer);
    uint64_t port_hash =
        activity_hash(activity, 1, attempt->port, (struct ip){ 0 });

    c->host = *attempt->host;
    c->attempts++;
    c->latest_ns = activity->now_ns;
    note_young(c, activity->now_ns);
    bool moved = distinct_add(&c->destinations, peer_hash);
    moved |= distinct_add(&c->ports, port_hash);
    if (majority_add(&c->peer_majority, ip_equal(c->peer, attempt->peer)))
        c->peer = attempt->peer;
    if (majority_add(&c->port_majority, c->port == attempt->port))
        c->port = attempt->port;
    if (moved || c->kept.count == 0)
        kept_add(activity, &c->kept, attempt->frame, false);
    report_growth(activity, c, moved, events);
}

/* Somebody answered what `host` began at `began_ns`. */
static void count_answer(struct activity *activity, const struct host *host,
                         enum contacts_kind kind, int64_t began_ns,
                         bool is_refusal)
{
    struct contacts *c =
        ways_peek(table_of(activity, host->is_local),
                  activity_tag(activity, host, kind));

    if (!c || began_ns < c->start_ns ||
        c->answered + c->refused >= c->attempts)
        return;
    if (is_refusal)
        c->refused++;
    else
        c->answered++;
}

static void count_arp(struct activity *activity,
                      const struct activity_packet *in,
                      struct event_list *events)
{
    const struct packet_arp *arp = &in->packet->arp;
    struct host host = { .device = in->ends.source,
                         .is_local = true,
                         .ip = arp->sender_ip,
                         .mac = in->packet->source_mac,
                         .has_mac = true };

    if (arp->operation == 1 && !ip_equal(arp->sender_ip, arp->target_ip)) {
        struct attempt attempt = { &host, arp->target_ip, 0, in->frame };
        if (host.device != DEVICE_NONE)
            count_attempt(activity, &attempt, CONTACTS_ARP, events);
    } else if (arp->operation == 2) {
        host.device = in->ends.destination;
        if (host.device != DEVICE_NONE)
            count_answer(activity, &host, CONTACTS_ARP, activity->now_ns,
                         false);
    }
}

/* An ICMP error tells that what it quotes was refused. */
static void count_unreachable(struct activity *activity,
                              const struct activity_packet *in)
{
    const struct packet *packet = in->packet;
    bool is_unreachable = packet->ip_version == 4 ? packet->icmp_type == 3
                                                  : packet->icmp_type == 1;
    struct host host = activity_destination(in);

    if (!is_unreachable || !packet->has_quoted ||
        !ip_equal(packet->quoted_source, packet->destination))
        return;
    if (packet->quoted_protocol == IP_PROTOCOL_UDP)
        count_answer(activity, &host, CONTACTS_UDP, activity->now_ns, true);
    else if (packet->quoted_protocol == IP_PROTOCOL_TCP)
        count_answer(activity, &host, CONTACTS_TCP, activity->now_ns, true);
}

static bool is_echo_request(const struct packet *packet)
{
    return packet->protocol == IP_PROTOCOL_ICMP ? packet->icmp_type == 8
                                                : packet->icmp_type == 128;
}

/* Which counter a flow belongs to; false for what is not an attempt. */
static bool kind_of(const struct activity_packet *in, enum contacts_kind *kind)
{
    switch (in->packet->protocol) {
    case IP_PROTOCOL_TCP:
        *kind = CONTACTS_TCP;
        return true;
    case IP_PROTOCOL_UDP:
        *kind = CONTACTS_UDP;
        return true;
    case IP_PROTOCOL_ICMP:
    case IP_PROTOCOL_ICMPV6:
        *kind = CONTACTS_ICMP;
        return true;
    default:
        return false;
    }
}

static void count_begin(struct activity *activity,
                        const struct activity_packet *in,
                        enum contacts_kind kind, struct event_list *events)
{
    const struct packet *packet = in->packet;
    struct host host = activity_source(in);
    struct attempt attempt = { &host, packet->destination,
                               packet->destination_port, in->frame };

    if (ip_is_multicast(packet->destination) ||
        ip_is_broadcast(packet->destination) || ip_is_zero(packet->source))
        return;
    if (kind == CONTACTS_ICMP && !is_echo_request(packet))
        return;
    count_attempt(activity, &attempt, kind, events);
    if (kind == CONTACTS_TCP)
        count_attempt(activity, &attempt, CONTACTS_TCP_SLOW, events);
}

void contacts_count(struct activity *activity,
                    const struct activity_packet *in,
                    struct event_list *events)
{
    enum contacts_kind kind;

    if (in->packet->layer == PACKET_LAYER_ARP) {
        count_arp(activity, in, events);
        return;
    }
    if (!in->flow || !kind_of(in, &kind))
        return;
    if (in->is_new && in->side == FLOW_ORIGINATOR)
        count_begin(activity, in, kind, events);
    if (in->is_new && kind == CONTACTS_ICMP)
        count_unreachable(activity, in);
    if (in->side != FLOW_RESPONDER || in->flow->packets[FLOW_RESPONDER] != 1)
        return;
    struct host host = activity_destination(in);
    bool is_reset = kind == CONTACTS_TCP && (in->packet->tcp.flags & TCP_RST);
    count_answer(activity, &host, kind, in->flow->first_ns, is_reset);
    if (kind == CONTACTS_TCP)
        count_answer(activity, &host, CONTACTS_TCP_SLOW, in->flow->first_ns,
                     is_reset);
}
