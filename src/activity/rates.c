/* SPDX-License-Identifier: Apache-2.0 */

/*
 * How many packets a second does a host send, or get, that nobody answers?
 * Both ends of a flood look like that, and a download does not. Only local
 * hosts are counted. One counter for each host, way and kind of packet.
 */
#include <string.h>

#include "activity/internal.h"

enum {
    RATE_REPORT_FIRST = 64, /* Packets in a second worth a report. */
    RATE_KEEP_FROM = 16,    /* Packets in a second before any is kept. */
    RATE_ANSWER_SHARE = 20, /* Answered when one packet in 20 comes back. */
};

enum rate_kind {
    RATE_SYN,
    RATE_ACK,
    RATE_UDP,
    RATE_ICMP,
    RATE_GRE,
    RATE_OTHER,
    RATE_KINDS,
};

static const char *const rate_names[RATE_KINDS] = {
    [RATE_SYN] = "syn",   [RATE_ACK] = "ack", [RATE_UDP] = "udp",
    [RATE_ICMP] = "icmp", [RATE_GRE] = "gre", [RATE_OTHER] = "other",
};

struct rate {
    int64_t start_ns;
    int64_t second_ns;    /* When the current second began. */
    struct ip peer;
    uint32_t packets;
    uint32_t flows;
    uint64_t bytes;
    uint32_t report_next;
    struct majority peer_majority;
    struct majority port_majority;
    struct majority source_majority;
    uint16_t port;
    uint16_t source_port;
    struct distinct peers;
    struct kept kept;
};

void rates_init(struct activity *activity)
{
    ways_init(&activity->rates, sizeof(struct rate), ACTIVITY_RATE_MAX);
}

static enum rate_kind kind_of(const struct packet *packet)
{
    switch (packet->protocol) {
    case IP_PROTOCOL_TCP:
        return (packet->tcp.flags & (TCP_SYN | TCP_ACK)) == TCP_SYN ? RATE_SYN
                                                                   : RATE_ACK;
    case IP_PROTOCOL_UDP:
        return RATE_UDP;
    case IP_PROTOCOL_ICMP:
    case IP_PROTOCOL_ICMPV6:
        return RATE_ICMP;
    case IP_PROTOCOL_GRE:
        return RATE_GRE;
    default:
        return RATE_OTHER;
    }
}

static bool is_answered(const struct activity_packet *in)
{
    uint32_t mine = in->flow->packets[in->side];
    uint32_t theirs = in->flow->packets[!in->side];

    return theirs > 0 && mine / theirs < RATE_ANSWER_SHARE;
}

static struct rate *enter(struct activity *activity, uint64_t tag)
{
    bool is_new;
    struct rate *rate =
        ways_find(&activity->rates, tag, activity->now_ns, &is_new);

    if (is_new || activity->now_ns - rate->second_ns >= 10 * SECOND_NS) {
        kept_clear(activity, &rate->kept);
        memset(rate, 0, sizeof *rate);
        rate->start_ns = activity->now_ns;
        rate->second_ns = activity->now_ns;
        rate->report_next = RATE_REPORT_FIRST;
    } else if (activity->now_ns - rate->second_ns >= SECOND_NS) {
        rate->second_ns = activity->now_ns;
        rate->packets = 0;
        rate->flows = 0;
        rate->bytes = 0;
        rate->report_next = RATE_REPORT_FIRST;
        rate->peer_majority = (struct majority){ 0 };
        rate->port_majority = (struct majority){ 0 };
        rate->source_majority = (struct majority){ 0 };
        rate->peers = (struct distinct){ 0 };
    }
    return rate;
}

static void set_shares(struct event *event, const struct rate *rate,
                       bool is_sent)
{
    uint32_t port_share = majority_share(&rate->port_majority);
    uint32_t peer_share = majority_share(&rate->peer_majority);

    if (port_share > 0) {
        event_set_number(event, FIELD_ACTIVITY_PORT, rate->port);
        event_set_number(event, FIELD_ACTIVITY_PORT_SHARE, port_share);
    }
    if (peer_share > 50) {
        event_set_ip(event, FIELD_ACTIVITY_PEER, rate->peer);
        event_set_number(event, FIELD_ACTIVITY_PEER_SHARE, peer_share);
    }
    if (!is_sent && majority_share(&rate->source_majority) > 50)
        event_set_number(event, FIELD_ACTIVITY_SOURCE_PORT,
                         rate->source_port);
}

static void report(struct activity *activity, struct rate *rate,
                   const struct activity_packet *in, bool is_sent,
                   struct event_list *events)
{
    const struct host *source = activity_source(activity, in);
    const struct host *destination = activity_destination(activity, in);
    bool one_peer = majority_share(&rate->peer_majority) > 50;
    struct event *event = activity_event(
        activity, is_sent ? "sent" : "received",
        is_sent || one_peer ? source : NULL,
        !is_sent || one_peer ? destination : NULL, events);

    event_set_literal(event, FIELD_ACTIVITY_PROTOCOL,
                      rate_names[kind_of(in->packet)]);
    event_set_number(event, FIELD_ACTIVITY_WINDOW, 1);
    event_set_real(event, FIELD_ACTIVITY_SECONDS,
                   (double)(activity->now_ns - rate->start_ns) / 1e9);
    event_set_number(event, FIELD_ACTIVITY_PACKETS, rate->packets);
    event_set_number(event, FIELD_ACTIVITY_BYTES, rate->bytes);
    event_set_number(event, FIELD_ACTIVITY_FLOWS, rate->flows);
    activity_set_distinct(event, FIELD_ACTIVITY_PEERS, "peers", &rate->peers,
                          rate->packets);
    event_set_flag(event, FIELD_ACTIVITY_LOCAL,
                   is_sent ? destination->is_local : source->is_local);
    set_shares(event, rate, is_sent);
    activity_attach(activity, event, &rate->kept);
}

static void count(struct activity *activity, const struct activity_packet *in,
                  bool is_sent, struct event_list *events)
{
    const struct packet *packet = in->packet;
    const struct host *host = is_sent ? activity_source(activity, in)
                                      : activity_destination(activity, in);
    uint64_t peer_hash = is_sent ? activity_hash_destination(activity, in)
                                 : activity_hash_source(activity, in);
    struct ip peer = is_sent ? packet->destination : packet->source;
    uint64_t what = 16u + 2u * kind_of(packet) + is_sent;
    struct rate *rate = enter(activity, activity_mix(host->hash, what));

    rate->packets++;
    rate->flows += in->is_new;
    rate->bytes += packet->ip_size;
    if (majority_add(&rate->peer_majority, ip_equal(rate->peer, peer)))
        rate->peer = peer;
    if (majority_add(&rate->port_majority,
                     rate->port == packet->destination_port))
        rate->port = packet->destination_port;
    if (majority_add(&rate->source_majority,
                     rate->source_port == packet->source_port))
        rate->source_port = packet->source_port;
    (void)distinct_add(&rate->peers, peer_hash);
    if (rate->packets > RATE_KEEP_FROM &&
        rate->kept.count < ACTIVITY_EVIDENCE_MAX)
        kept_add(activity, &rate->kept, in->frame, false);
    if (rate->packets >= rate->report_next) {
        rate->report_next *= 2;
        report(activity, rate, in, is_sent, events);
    }
}

void rates_count(struct activity *activity, const struct activity_packet *in,
                 struct event_list *events)
{
    struct ip destination = in->packet->destination;

    /* An ICMP error answers the packet that it quotes. */
    if (is_answered(in) || in->packet->has_quoted ||
        ip_is_multicast(destination) || ip_is_broadcast(destination))
        return;
    if (in->ends.source != DEVICE_NONE)
        count(activity, in, true, events);
    if (in->ends.destination_local)
        count(activity, in, false, events);
}
