/* SPDX-License-Identifier: Apache-2.0 */
#include "base/reader.h"
#include "dissect/link.h"

enum { ICMP_REDIRECT = 5, CODE_LAST = 3 };

/*
 * RFC 792, redirect:
 *
 *     type 5 | code | checksum || gateway address || IP header and 8 bytes
 *
 * The payload begins after the checksum.
 */
void icmp_events(const struct packet *packet, struct event_list *events)
{
    struct reader r = reader_of(packet->payload);
    uint32_t gateway = reader_u32(&r);

    if (packet->layer != PACKET_LAYER_IP || !packet->has_transport ||
        packet->protocol != IP_PROTOCOL_ICMP || packet->ip_version != 4 ||
        packet->icmp_type != ICMP_REDIRECT ||
        packet->icmp_code > CODE_LAST || !reader_ok(&r))
        return;
    struct event *event = event_new(events, EVENT_ICMP);
    event_set_literal(event, FIELD_ICMP_KIND, "redirect");
    event_set_number(event, FIELD_ICMP_CODE, packet->icmp_code);
    event_set_ip(event, FIELD_ICMP_GATEWAY, ip_of_v4(gateway));
    if (packet->has_quoted)
        event_set_ip(event, FIELD_ICMP_REDIRECTED,
                     packet->quoted_destination);
}
