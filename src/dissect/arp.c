/* SPDX-License-Identifier: Apache-2.0 */
#include "dissect/link.h"

enum { ARP_REQUEST = 1, ARP_REPLY = 2 };

/* Known to every reader by name: RFC 826, RFC 903, RFC 2390. */
static const char *operation_name(uint16_t operation)
{
    static const char *const names[] = {
        NULL,          "request",     "reply",         "rarp-request",
        "rarp-reply",  NULL,          NULL,            NULL,
        "inarp-request", "inarp-reply",
    };

    return operation < COUNT_OF(names) ? names[operation] : NULL;
}

/* Says where its own address is, unasked: to itself, whichever operation
 * (RFC 5227 section 3). */
static bool is_gratuitous(const struct packet_arp *arp)
{
    return !ip_is_zero(arp->sender_ip) &&
           ip_equal(arp->sender_ip, arp->target_ip);
}

/* RFC 5227 section 1.1: a request without a sender address. */
static bool is_probe(const struct packet_arp *arp)
{
    return arp->operation == ARP_REQUEST && ip_is_zero(arp->sender_ip) &&
           !ip_is_zero(arp->target_ip);
}

void arp_events(const struct packet *packet, struct event_list *events)
{
    const struct packet_arp *arp = &packet->arp;

    if (packet->layer != PACKET_LAYER_ARP)
        return;
    struct event *event = event_new(events, EVENT_ARP);
    const char *name = operation_name(arp->operation);
    event_set_literal(event, FIELD_ARP_OPCODE, name ? name : "other");
    event_set_mac(event, FIELD_ARP_SRC_MAC, arp->sender_mac);
    event_set_ip(event, FIELD_ARP_SRC_IP, arp->sender_ip);
    event_set_mac(event, FIELD_ARP_DEST_MAC, arp->target_mac);
    event_set_ip(event, FIELD_ARP_DEST_IP, arp->target_ip);
    event_set_flag(event, FIELD_ARP_GRATUITOUS, is_gratuitous(arp));
    event_set_flag(event, FIELD_ARP_PROBE, is_probe(arp));
    if (packet->has_mac && !mac_equal(packet->source_mac, arp->sender_mac))
        event_set_flag(event, FIELD_ARP_MISMATCH, true);
}
