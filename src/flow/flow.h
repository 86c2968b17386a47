/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Which packets belong together, and what became of them: one open-addressing
 * table of fixed-size records, preallocated, keyed by a secret hash of the
 * five-tuple (and outermost VLAN). The caller owns the table; the table owns
 * its flows. Time is the packets' time, and may go backwards: a flow has ended
 * when its last packet is too far from now in either direction.
 *
 * Full means: the flow that has been quiet for longest in the cheapest class
 * goes first. A flow that nobody answered (and all ICMP) is in a class of its
 * own with its own share, so a scan evicts only scans; answered flows give way
 * only to answered flows. Every eviction is counted.
 *
 * The originator is who sent the first packet, but for a SYN-ACK, which the
 * responder sent; and, last resort, where the beginning was not captured (for
 * UDP only in the first minute), who used a known service's port is the
 * responder. The history then starts with `^`.
 */
#include "decode/packet.h"
#include "flow/key.h"

enum {
    FLOW_COUNT_DEFAULT = 65536,
    FLOW_COUNT_MIN = 4,      /* Each class needs a place of its own. */
    FLOW_COUNT_MAX = 1 << 28, /* 36 GB; positions are 32 bits. */
    FLOW_HISTORY_MAX = 11,   /* Letters of history kept. */
    FLOW_UNANSWERED_PERCENT = 50, /* Of the table, for flows unanswered. */

    /* Seconds of quiet after which a flow has ended. A SYN is sent again for
     * the fourth time after 15 s (RFC 6298); MQTT and TLS connections of
     * devices are quiet for up to an hour. */
    FLOW_UNANSWERED_TIMEOUT_S = 30,
    FLOW_ANSWERED_TIMEOUT_S = 60,
    FLOW_TCP_TIMEOUT_S = 3600,
    FLOW_CLOSED_TIMEOUT_S = 5,
};

#define FLOW_DEVICE_NONE UINT16_MAX

/* Who sent a packet, seen from the flow: the originator spoke first. */
enum flow_side {
    FLOW_ORIGINATOR,
    FLOW_RESPONDER,
};

enum flow_state {
    FLOW_NEW,         /* One side only. */
    FLOW_ESTABLISHED, /* Both sides; for TCP, after the handshake. */
    FLOW_CLOSED,      /* TCP: both FIN or a RST. */
};

/* Why a flow ended; the names are Suricata's and IPFIX's (RFC 5102 136). */
enum flow_end {
    FLOW_END_NONE,
    FLOW_END_TIMEOUT,  /* Quiet for longer than its state allows. */
    FLOW_END_CLOSED,   /* TCP said so. */
    FLOW_END_EVICTED,  /* The table was full. */
    FLOW_END_SHUTDOWN, /* The capture ended. */
};

/* Index two-element arrays by enum flow_side. */
struct flow {
    struct ip address[2];
    uint16_t port[2];     /* ICMP: type and code stand here for both. */
    uint8_t protocol;
    uint8_t state;        /* enum flow_state */
    uint16_t vlan;        /* Outermost VLAN id of the first packet, 0 without;
                           * packets without one belong to it too. */
    uint32_t packets[2];  /* Stops at its largest value. */
    uint64_t bytes[2];    /* IP bytes, by the length field. */
    int64_t first_ns;
    int64_t last_ns;
    void *session;        /* The caller's; null until it sets one. */
    uint64_t number;      /* Counts from 1 in order of first packet. */
    uint16_t device[2];   /* Set by the caller; FLOW_DEVICE_NONE at first. */
    uint8_t tcp_flags[2]; /* All flags seen, or-ed. */
    uint8_t end;          /* enum flow_end */
    uint8_t app_protocol; /* The caller's; 0 unknown. Outlives the session. */
    uint8_t history_size;
    char history[FLOW_HISTORY_MAX]; /* Letters as in Zeek's conn.history. */
    uint32_t hash;        /* Of its key: the table's. */
};

struct flow_table;

struct flow_options {
    struct hash_key key;
    uint32_t count_max; /* 0 for FLOW_COUNT_DEFAULT; else MIN to MAX. */
};

struct flow_counters {
    uint64_t created;
    uint64_t evicted_unanswered;
    uint64_t evicted_answered;
    uint64_t evicted_closed; /* They had said goodbye: end is CLOSED. */
    uint64_t ended_timeout;
    uint64_t ended_closed;
    uint64_t ended_reuse;    /* Of ended_closed: its ports were used again. */
    uint64_t flipped;        /* The responder was heard first. */
    uint32_t active;
    size_t memory_bytes;
};

struct flow_table *flow_table_new(const struct flow_options *options);
void flow_table_free(struct flow_table *table);

/*
 * What the table needs of `packet` (layer IP, not a fragment). With many flows
 * most of a look-up is waiting for memory: prepare several packets, fetch for
 * each, and then observe them, and they wait together. Both only ask for
 * memory; neither is needed for a look-up to be right.
 */
struct flow_lookup flow_table_prepare(const struct flow_table *table,
                                      const struct packet *packet);
void flow_table_fetch(const struct flow_table *table,
                      const struct flow_lookup *lookup);

/*
 * Find or make the flow of `packet`, as prepared, and count it. `*side` says
 * who sent it, `*is_new` that this was its first. May queue flows that ended:
 * the caller takes all of them with flow_table_ended() before the next
 * observe. The flow stays valid until the next observe.
 */
struct flow *flow_table_observe(struct flow_table *table,
                                const struct packet *packet,
                                const struct flow_lookup *lookup,
                                enum flow_side *side, bool *is_new);

/* The next flow that has ended, valid until the next call; null when none. */
struct flow *flow_table_ended(struct flow_table *table);

/* Let time pass without a packet (live, quiet network). */
void flow_table_advance(struct flow_table *table, int64_t now_ns);

/* End all flows, oldest first; take them with flow_table_ended(). */
void flow_table_end_all(struct flow_table *table);

void flow_table_read_counters(const struct flow_table *table,
                              struct flow_counters *counters);

/* The device of one side; UINT32_MAX, which is the inventory's number for none,
 * without one. */
uint32_t flow_device(const struct flow *flow, enum flow_side side);

const char *flow_state_name(enum flow_state state);
const char *flow_end_name(enum flow_end end);
