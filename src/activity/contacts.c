/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Whom does a host try to reach, and who answers? One counter for each host,
 * protocol and window. An attempt counts as failed when it was refused, or has
 * had no answer for about a second: a browser that opens forty connections at
 * once has not failed forty times.
 */
#include <stdlib.h>
#include <string.h>

#include "activity/internal.h"
#include "base/check.h"
#include "base/memory.h"

enum {
    CONTACTS_REPORT_FIRST = 4, /* Different destinations or ports, failures. */
    CONTACTS_SLOT_SHIFT = 28,  /* Attempts are young for 4 slots of 268 ms. */
    CONTACTS_SLOTS = 4,
    CONTACTS_SETTLE_MAX = 1024, /* Counters looked at in one call. */
};

#define CONTACTS_STRANGER_MASK 3u /* Attempts of a remote host let pass. */

/* What is counted, and over how long. */
enum contacts_kind {
    CONTACTS_TCP,
    CONTACTS_TCP_SLOW,
    CONTACTS_UDP,
    CONTACTS_ICMP,
    CONTACTS_ARP,
    CONTACTS_ARP_SLOW,
};

static const struct {
    const char *protocol;
    uint32_t window_s;
} kinds[] = {
    [CONTACTS_TCP] = { "tcp", 60 },   [CONTACTS_TCP_SLOW] = { "tcp", 3600 },
    [CONTACTS_UDP] = { "udp", 60 },   [CONTACTS_ICMP] = { "icmp", 60 },
    [CONTACTS_ARP] = { "arp", 60 },   [CONTACTS_ARP_SLOW] = { "arp", 3600 },
};

struct contacts {
    uint64_t number;       /* In the order of beginning, from 1. */
    int64_t start_ns;
    int64_t latest_ns;
    int64_t slot;
    struct host host;
    struct ip peer;
    uint32_t young[CONTACTS_SLOTS];
    uint64_t bytes;        /* Of the packets that began the attempts. */
    uint32_t attempts;
    uint32_t answered;
    uint32_t refused;
    uint32_t reported;     /* Attempts at the last report. */
    uint32_t failed_reported;
    uint32_t spread_next;  /* Report when this many different. */
    uint32_t failed_next;  /* Report when this many failed. */
    struct majority port_majority;
    struct majority peer_majority;
    uint16_t port;
    uint8_t kind;
    bool is_settling;      /* This place stands in the queue. */
    struct distinct destinations;
    struct distinct ports;
    struct kept kept;
};

void contacts_init(struct activity *activity)
{
    ways_init(&activity->local, sizeof(struct contacts), ACTIVITY_LOCAL_MAX);
    ways_init(&activity->remote, sizeof(struct contacts), ACTIVITY_REMOTE_MAX);
    activity->strangers =
        memory_new(ACTIVITY_STRANGER_MAX, sizeof *activity->strangers);
    activity->settling.count_max =
        ways_count(&activity->local) + ways_count(&activity->remote);
    activity->settling.places =
        memory_new(activity->settling.count_max,
                   sizeof *activity->settling.places);
}

void contacts_clear(struct activity *activity)
{
    ways_clear(&activity->local);
    ways_clear(&activity->remote);
    free(activity->settling.places);
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
    c->failed_reported = failed;
    event_set_literal(event, FIELD_ACTIVITY_PROTOCOL, kinds[c->kind].protocol);
    event_set_number(event, FIELD_ACTIVITY_WINDOW, kinds[c->kind].window_s);
    event_set_real(event, FIELD_ACTIVITY_SECONDS,
                   (double)(c->latest_ns - c->start_ns) / 1e9);
    event_set_number(event, FIELD_ACTIVITY_ATTEMPTS, c->attempts);
    event_set_number(event, FIELD_ACTIVITY_ANSWERED, c->answered);
    event_set_number(event, FIELD_ACTIVITY_REFUSED, c->refused);
    event_set_number(event, FIELD_ACTIVITY_FAILED, failed);
    activity_set_distinct(event, FIELD_ACTIVITY_DESTINATIONS, "destinations",
                          &c->destinations, c->attempts);
    activity_set_distinct(event, FIELD_ACTIVITY_PORTS, "ports", &c->ports,
                          c->attempts);
    if (c->bytes > 0)
        event_set_number(event, FIELD_ACTIVITY_SIZE, c->bytes / c->attempts);
    if (port_share > 0) {
        event_set_number(event, FIELD_ACTIVITY_PORT, c->port);
        event_set_number(event, FIELD_ACTIVITY_PORT_SHARE, port_share);
    }
    if (peer_share > 50) {
        event_set_ip(event, FIELD_ACTIVITY_PEER, c->peer);
        event_set_number(event, FIELD_ACTIVITY_PEER_SHARE, peer_share);
    }
    activity_attach(activity, event, &c->kept);
}

/* Report what has grown since the last time, if it is time. */
static void report_growth(struct activity *activity, struct contacts *c,
                          bool spread_moved, struct event_list *events)
{
    uint32_t failed = failed_of(c, young_at(c, activity->now_ns));
    uint32_t spread = 0;

    if (spread_moved) {
        uint32_t destinations =
            distinct_count_of(&c->destinations, c->attempts);
        uint32_t ports = distinct_count_of(&c->ports, c->attempts);
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

/* The latest attempts are young: look again when they are not. */
static void settle_later(struct activity *activity, struct contacts *c)
{
    struct settling *queue = &activity->settling;
    struct ways *table = table_of(activity, c->host.is_local);

    if (c->is_settling)
        return;
    c->is_settling = true;
    check(queue->count < queue->count_max);
    queue->places[(queue->first + queue->count++) % queue->count_max] =
        (struct settling_place){
            .due_ns = activity->now_ns +
                      ((int64_t)CONTACTS_SLOTS << CONTACTS_SLOT_SHIFT),
            .index = (uint32_t)ways_index(table, c),
            .is_local = c->host.is_local,
        };
}

/* Nothing may come any more that would make this counter report. */
static void settle(struct activity *activity, struct contacts *c,
                   struct event_list *events)
{
    uint32_t young = young_at(c, activity->now_ns);
    uint32_t failed = failed_of(c, young);
    bool has_settled = young == 0 && failed > c->failed_reported &&
                       failed >= CONTACTS_REPORT_FIRST;

    if (young > 0)
        settle_later(activity, c);
    if (failed < c->failed_next && !has_settled)
        return;
    if (failed >= c->failed_next)
        c->failed_next = failed + failed / 4 + 1;
    report(activity, c, failed, events);
}

void contacts_settle(struct activity *activity, struct event_list *events)
{
    struct settling *queue = &activity->settling;

    for (size_t i = 0; i < CONTACTS_SETTLE_MAX && queue->count > 0; i++) {
        struct settling_place place = queue->places[queue->first];
        if (place.due_ns > activity->now_ns ||
            events->count >= EVENT_LIST_MAX / 2)
            return;
        queue->first = (queue->first + 1) % queue->count_max;
        queue->count--;
        struct contacts *c =
            ways_at(table_of(activity, place.is_local), place.index);
        c->is_settling = false;
        settle(activity, c, events);
    }
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

static void start(struct activity *activity, struct contacts *c,
                  const struct host *host, enum contacts_kind kind)
{
    bool is_settling = c->is_settling; /* The place is, whoever has it. */

    kept_clear(activity, &c->kept);
    memset(c, 0, sizeof *c);
    c->is_settling = is_settling;
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
    uint64_t tag = activity_mix(host->hash, kind);
    bool is_new;
    struct contacts *c = ways_find(table_of(activity, host->is_local), tag,
                                   activity->now_ns, &is_new);
    int64_t window_ns = kinds[kind].window_s * SECOND_NS;

    if (!is_new && activity->now_ns - c->start_ns < window_ns)
        return c;
    if (!is_new)
        finish(activity, c, events);
    start(activity, c, host, kind);
    return c;
}

struct attempt {
    const struct host *host;
    struct ip peer;
    uint64_t peer_hash;
    uint16_t port;
    const struct frame *frame;
    uint32_t size;
};

static void count_attempt(struct activity *activity,
                          const struct attempt *attempt,
                          enum contacts_kind kind, struct event_list *events)
{
    struct contacts *c = enter(activity, attempt->host, kind, events);
    uint64_t port_hash =
        activity_mix(activity->options.key.low, attempt->port);

    c->host = *attempt->host;
    c->attempts++;
    c->bytes += attempt->size;
    c->latest_ns = activity->now_ns;
    note_young(c, activity->now_ns);
    bool moved = distinct_add(&c->destinations, attempt->peer_hash);
    moved |= distinct_add(&c->ports, port_hash);
    if (majority_add(&c->peer_majority, ip_equal(c->peer, attempt->peer)))
        c->peer = attempt->peer;
    if (majority_add(&c->port_majority, c->port == attempt->port))
        c->port = attempt->port;
    if (moved || c->attempts == 1)
        kept_add(activity, &c->kept, attempt->frame, false);
    report_growth(activity, c, moved, events);
    if (c->attempts >= CONTACTS_REPORT_FIRST)
        settle_later(activity, c);
}

/* Somebody answered what `host` began at `began_ns`. */
static void count_answer(struct activity *activity, const struct host *host,
                         enum contacts_kind kind, int64_t began_ns,
                         bool is_refusal)
{
    struct contacts *c =
        ways_peek(table_of(activity, host->is_local),
                  activity_mix(host->hash, kind));

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
                         .has_mac = true,
                         .hash = activity_mix(activity->options.key.high,
                                              in->ends.source) };

    if (arp->operation == 1 && !ip_equal(arp->sender_ip, arp->target_ip)) {
        struct attempt attempt = { &host, arp->target_ip,
                                   activity_hash_ip(activity, arp->target_ip),
                                   0, in->frame, 0 };
        if (host.device == DEVICE_NONE)
            return;
        count_attempt(activity, &attempt, CONTACTS_ARP, events);
        count_attempt(activity, &attempt, CONTACTS_ARP_SLOW, events);
    } else if (arp->operation == 2) {
        host.device = in->ends.destination;
        host.hash =
            activity_mix(activity->options.key.high, host.device);
        if (host.device == DEVICE_NONE)
            return;
        count_answer(activity, &host, CONTACTS_ARP, activity->now_ns, false);
        count_answer(activity, &host, CONTACTS_ARP_SLOW, activity->now_ns,
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

    if (!is_unreachable || !packet->has_quoted ||
        !ip_equal(packet->quoted_source, packet->destination))
        return;
    const struct host *host = activity_destination(activity, in);
    if (packet->quoted_protocol == IP_PROTOCOL_UDP)
        count_answer(activity, host, CONTACTS_UDP, activity->now_ns, true);
    else if (packet->quoted_protocol == IP_PROTOCOL_TCP)
        count_answer(activity, host, CONTACTS_TCP, activity->now_ns, true);
}

static bool is_echo_request(const struct packet *packet)
{
    return packet->protocol == IP_PROTOCOL_ICMP ? packet->icmp_type == 8
                                                : packet->icmp_type == 128;
}

/* Data with an acknowledgement is of a conversation that began before, or of
 * a flood that pretends so: nobody is tried to be reached. */
static bool is_amid(const struct packet *packet)
{
    return packet->protocol == IP_PROTOCOL_TCP &&
           (packet->tcp.flags & TCP_ACK) && packet->payload.size > 0;
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

/*
 * A remote host gets a counter with its fourth attempt: a flood with forged
 * sources brings millions that are never seen again. Until then a short tag
 * and a count stand in a table that collisions may overwrite.
 */
static bool is_stranger(struct activity *activity, const struct host *host)
{
    uint32_t *place =
        &activity->strangers[host->hash % ACTIVITY_STRANGER_MAX];
    uint32_t tag = (uint32_t)(host->hash >> 32) & ~CONTACTS_STRANGER_MASK;

    if ((*place & ~CONTACTS_STRANGER_MASK) != tag) {
        *place = tag | 1;
        return true;
    }
    if ((*place & CONTACTS_STRANGER_MASK) == CONTACTS_STRANGER_MASK)
        return false;
    ++*place;
    return true;
}

static void count_begin(struct activity *activity,
                        const struct activity_packet *in,
                        enum contacts_kind kind, struct event_list *events)
{
    const struct packet *packet = in->packet;

    if (ip_is_multicast(packet->destination) ||
        ip_is_broadcast(packet->destination) || ip_is_zero(packet->source))
        return;
    if (is_amid(packet) ||
        (kind == CONTACTS_ICMP && !is_echo_request(packet)))
        return;
    const struct host *host = activity_source(activity, in);
    if (!host->is_local && is_stranger(activity, host))
        return;
    struct attempt attempt = { host, packet->destination,
                               activity_hash_destination(activity, in),
                               packet->destination_port, in->frame,
                               packet->ip_size };
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
    const struct host *host = activity_destination(activity, in);
    bool is_reset = kind == CONTACTS_TCP && (in->packet->tcp.flags & TCP_RST);
    count_answer(activity, host, kind, in->flow->first_ns, is_reset);
    if (kind == CONTACTS_TCP)
        count_answer(activity, host, CONTACTS_TCP_SLOW, in->flow->first_ns,
                     is_reset);
}
