/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What a flow is known by: the five-tuple and outermost VLAN of a packet, seen
 * from either end. Small values, passed about by whoever has the packet.
 */
#include "base/hash.h"
#include "decode/packet.h"

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

/* Where a packet's flow is looked for: the same however the table changes. */
struct flow_lookup {
    struct flow_key key;
    uint32_t hash;
};

struct flow_key flow_key_of_packet(const struct packet *packet);

/* The same for both directions. */
uint32_t flow_key_hash(const struct flow_key *key, struct hash_key secret);
