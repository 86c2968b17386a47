/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What the files of this room share: the key of a packet, and what one packet
 * does to its flow.
 */
#include "flow/flow.h"

/*
 * A packet's name for its flow, and the ports that flow has when the packet
 * goes against its direction. ICMP has type and code for ports, and only
 * messages that come in pairs have a way back.
 */
struct flow_key {
    struct ip address[2]; /* Source, destination. */
    uint16_t port[2];
    uint16_t back_port[2];
    uint16_t vlan;
    uint8_t protocol;
    bool has_way_back;
};

struct flow_key flow_key_of_packet(const struct packet *packet);
struct flow_key flow_key_of_flow(const struct flow *flow);

/* The same for both directions. */
uint64_t flow_key_hash(const struct flow_key *key, struct hash_key secret);

/* True when the packet is of `flow`; `*side` then says who sent it. */
bool flow_key_match(const struct flow_key *key, const struct flow *flow,
                    enum flow_side *side);

/* True when the first packet seen of a flow was sent by its responder;
 * `is_early` when the question may have come before the capture began. */
bool flow_is_answer(const struct packet *packet, bool is_early);

/* Write down that the direction was turned round. */
void flow_note_flip(struct flow *flow);

/* Count `packet`, and take its flags into the history and the state. */
void flow_count_packet(struct flow *flow, enum flow_side side,
                       const struct packet *packet);

/* True when `packet` begins a new connection on the ports of a closed one. */
bool flow_is_reuse(const struct flow *flow, const struct packet *packet);
