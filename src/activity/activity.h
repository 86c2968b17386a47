/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What each host does, counted in memory of fixed size: whom it tries to
 * reach, what it sends or receives that nobody answers, what its services give
 * to outside, what it does again and again. A measure that has grown becomes
 * an EVENT_ACTIVITY, and rules judge that: so a scan of a million addresses
 * costs a few events, and no rule ever sees a packet.
 *
 * Hosts are devices, or addresses where no device stands behind one. Counters
 * live in set-associative tables; when a set is full, the entry that was quiet
 * for longest goes, local hosts and remote hosts in tables of their own, so an
 * outsider cannot push out what is known of a device.
 */
#include "device/device.h"
#include "evidence/evidence.h"
#include "flow/flow.h"

enum {
    ACTIVITY_EVIDENCE_MAX = 48, /* Frames kept for one counter. */
};

struct activity;

struct activity_options {
    struct hash_key key;
    struct evidence_store *store;
};

/* One packet and what the stages before have made of it. */
struct activity_packet {
    const struct packet *packet;
    const struct frame *frame;
    const struct capture *capture; /* To recall earlier frames; or null. */
    const struct flow *flow;   /* Null for packets without one (ARP). */
    enum flow_side side;
    bool is_new;               /* The first packet of its flow. */
    struct device_ends ends;   /* Of the packet, not the flow. */
};

struct activity_counters {
    uint64_t evicted_local;    /* Counters given up for newer ones. */
    uint64_t evicted_remote;
    size_t memory_bytes;
};

struct activity *activity_new(const struct activity_options *options);
void activity_free(struct activity *activity);

/* Count one packet; what has grown is appended to `events`, with its frames
 * as the event's evidence: whoever delivers the event drops those. */
void activity_count(struct activity *activity,
                    const struct activity_packet *packet,
                    struct event_list *events);

/* No packet came for a while (live): judge what the last ones left open, a few
 * at a time; call it again. Attempts that nobody has answered by `now_ns` have
 * failed, and no later packet needs to say so. */
void activity_advance(struct activity *activity,
                      const struct capture *capture, int64_t now_ns,
                      struct event_list *events);

/* The capture has ended: report what is still open, a few at a time. False
 * when there is nothing more. */
bool activity_finish(struct activity *activity,
                     const struct capture *capture, struct event_list *events);

void activity_read_counters(const struct activity *activity,
                            struct activity_counters *counters);
