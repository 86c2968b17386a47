/* SPDX-License-Identifier: Apache-2.0 */
#include "dissect/link.h"
#include "fuzz.h"

/* LLDP, redirects, and neighbour discovery of the type that the first byte
 * says. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct bytes input = bytes_of(data, size);
    struct packet packet = {
        .layer = PACKET_LAYER_LLDP,
        .has_transport = true,
        .protocol = IP_PROTOCOL_ICMPV6,
        .icmp_type = size > 0 ? (uint8_t)(133 + data[0] % 5) : 133,
        .payload = bytes_slice(input, 1, size),
    };
    struct arena arena;
    struct event_list events;

    arena_init(&arena);
    event_list_init(&events, &arena);
    lldp_events(&packet, &events);
    packet.layer = PACKET_LAYER_IP;
    nd_events(&packet, &events);
    check(events.count == 2);
    packet.protocol = IP_PROTOCOL_ICMP;
    packet.ip_version = 4;
    packet.icmp_type = 5;
    icmp_events(&packet, &events);
    check(events.count == 2 + (packet.payload.size >= 4));
    arena_clear(&arena);
    return 0;
}
