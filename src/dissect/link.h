/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The protocols of the link that are on no flow: each takes a packet of its
 * own layer and appends one event. Text values are views into the packet. A
 * packet of another layer, or a message that cannot be read at all, gives
 * nothing; one that is malformed on the way says so in its event.
 */
#include "decode/packet.h"
#include "event/event.h"

enum {
    LLDP_TLVS_MAX = 64, /* Read of one announcement; more are counted. */
    ND_OPTIONS_MAX = 32, /* Read of one message; more are counted. */
};

/* Layer ARP (RFC 826, RFC 5227). */
void arp_events(const struct packet *packet, struct event_list *events);

/* Layer LLDP (IEEE 802.1AB), with LLDP-MED and the MUD URL of RFC 8520. */
void lldp_events(const struct packet *packet, struct event_list *events);

/* ICMP type 5, redirect (RFC 792). */
void icmp_events(const struct packet *packet, struct event_list *events);

/* ICMPv6 types 133 to 137 (RFC 4861). */
void nd_events(const struct packet *packet, struct event_list *events);
