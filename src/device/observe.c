/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Who sent this packet, and to whom? The MAC names the device; the address
 * says whether it is this device's own or one that it forwards for. A router
 * is known by what it does: it sends for, or is sent what belongs to, public
 * addresses, or many hosts.
 */
#include "device/device.h"

#include <stdio.h>

#include "device/internal.h"

enum { ASKED_S = 5 }; /* How long an ARP request waits for its reply. */

static bool is_host_mac(struct mac mac)
{
    return !mac_is_multicast(mac) && !mac_is_zero(mac);
}

static bool is_group(struct ip ip)
{
    return ip_is_multicast(ip) || ip_is_broadcast(ip);
}

bool device_is_local_ip(struct device_table *table, struct ip ip)
{
    if (!ip_is_global(ip))
        return true;
    for (uint32_t i = 0; i < table->prefix_count; i++)
        if (ip_prefix_contains(&table->prefixes[i], ip))
            return true;
    if (table->proven_global == 0)
        return false;
    const struct binding *binding = device_binding(table, ip);
    return binding && binding->proven;
}

struct event *device_event(struct device_table *table, uint32_t index,
                           const char *change, struct event_list *events)
{
    const struct device *device = table->devices[index];
    struct event *event = event_new(events, EVENT_DEVICE);
    int64_t age_ns = table->now_ns - table->start_ns;

    if (event)
        event->context.source_device = index;
    event_set_literal(event, FIELD_DEVICE_CHANGE, change);
    if (device->has_mac)
        event_set_mac(event, FIELD_DEVICE_MAC, device->mac);
    event_set_flag(event, FIELD_DEVICE_RANDOM_MAC, device->is_random_mac);
    event_set_number(event, FIELD_DEVICE_AGE,
                     age_ns > 0 ? (uint64_t)(age_ns / 1000000000) : 0);
    return event;
}

static void mark_gateway(struct device_table *table, uint32_t index,
                         struct event_list *events)
{
    struct device *device = table->devices[index];

    if (device->is_gateway)
        return;
    device->is_gateway = true;
    if (device->has_public)
        device_unprove(table, device->public_ip);
    (void)device_event(table, index, "gateway", events); /* News only. */
}

/* A MAC that sends for several hosts of this network forwards for them. */
static void note_routed(struct device_table *table, uint32_t index,
                        struct ip ip, struct event_list *events)
{
    struct device *device = table->devices[index];

    for (uint8_t i = 0; i < device->routed_count; i++)
        if (ip_equal(device->routed[i], ip))
            return;
    if (device->routed_count < DEVICE_ROUTED_MIN)
        device->routed[device->routed_count++] = ip;
    if (device->routed_count == DEVICE_ROUTED_MIN)
        mark_gateway(table, index, events);
}

/* The device that has a local address which a router's MAC stands for. */
static uint32_t behind_router(struct device_table *table, struct ip ip,
                              bool is_source)
{
    const struct binding *binding = device_binding(table, ip);
    if (binding)
        return binding->device;
    if (!is_source || table->behind_count >= DEVICE_BEHIND_MAX)
        return device_of_ip(table, ip, false);
    uint32_t before = table->count;
    uint32_t index = device_of_ip(table, ip, true);
    if (table->count > before) {
        table->behind_count++;
        (void)device_bind(table, ip, index, false); /* May be full: counted. */
    }
    return index;
}

/* A local address was used by `index` as its own. */
static uint32_t own_address(struct device_table *table, uint32_t index,
                            struct ip ip, struct event_list *events)
{
    struct binding *binding = device_binding(table, ip);

    if (binding && binding->device == index) {
        binding->last_ns = table->now_ns;
        device_note_address(table, index, ip);
        return index;
    }
    if (binding && binding->proven)
        return binding->device;
    if (ip_is_v4(ip) && !ip_is_link_local(ip))
        note_routed(table, index, ip, events);
    if (table->devices[index]->is_gateway)
        return behind_router(table, ip, true);
    (void)device_bind(table, ip, index, false); /* May be full: counted. */
    device_note_address(table, index, ip);
    return index;
}

/*
 * IPv6 hosts use public addresses on the local link. One that no forwarder
 * has touched still has a hop limit that stacks start with.
 */
static bool is_own_v6(const struct packet *packet, const struct device *device)
{
    return packet->ip_version == 6 && !device->is_gateway &&
           (packet->ttl == 64 || packet->ttl == 128 || packet->ttl == 255);
}

static bool is_for_here(struct device_table *table, struct ip ip)
{
    return is_group(ip) || device_is_local_ip(table, ip);
}

static bool has_private_address(const struct device *device)
{
    for (uint8_t i = 0; i < device->address_count; i++)
        if (!ip_is_global(device->addresses[i].ip))
            return true;
    return false;
}

/*
 * Some networks use public addresses. A MAC with which only one was ever met
 * may be a host of such a network: the address is taken for its own until a
 * second one shows that it forwards. True when `ip` is its own.
 */
static bool is_public_host(struct device_table *table, uint32_t index,
                           struct ip ip, struct event_list *events)
{
    struct device *device = table->devices[index];

    if (device->is_gateway || has_private_address(device))
        return false;
    if (!device->has_public) {
        device->has_public = true;
        device->public_ip = ip;
        (void)device_bind(table, ip, index, true); /* May be full: counted. */
        device_note_address(table, index, ip);
        return true;
    }
    if (ip_equal(device->public_ip, ip))
        return true;
    mark_gateway(table, index, events);
    return false;
}

static uint32_t source_of(struct device_table *table,
                          const struct packet *packet, bool *local,
                          struct event_list *events)
{
    struct ip ip = packet->source;

    *local = device_is_local_ip(table, ip);
    if (!packet->has_mac || !is_host_mac(packet->source_mac))
        return *local && !is_group(ip) && !ip_is_zero(ip)
                   ? behind_router(table, ip, true)
                   : DEVICE_NONE;
    uint32_t index = device_of_mac(table, packet->source_mac, true);
    if (index == DEVICE_NONE || ip_is_zero(ip) || is_group(ip))
        return index;
    if (*local)
        return own_address(table, index, ip, events);
    if (is_own_v6(packet, table->devices[index])) {
        *local = true;
        (void)device_bind(table, ip, index, true); /* May be full: counted. */
        device_note_address(table, index, ip);
        return index;
    }
    if (is_for_here(table, packet->destination)) {
        mark_gateway(table, index, events);
        return DEVICE_NONE;
    }
    *local = is_public_host(table, index, ip, events);
    /* A host with an address of this network that sends from another to the
     * outside forges its source, and stays the one who sent it. */
    return table->devices[index]->is_gateway ? DEVICE_NONE : index;
}

static uint32_t destination_of(struct device_table *table,
                               const struct packet *packet, bool *local,
                               struct event_list *events)
{
    struct ip ip = packet->destination;

    *local = is_group(ip) || device_is_local_ip(table, ip);
    if (is_group(ip))
        return DEVICE_NONE;
    uint32_t index = DEVICE_NONE;
    if (packet->has_mac && is_host_mac(packet->destination_mac))
        index = device_of_mac(table, packet->destination_mac, false);
    if (!*local) {
        if (index == DEVICE_NONE || !ip_is_global(ip))
            return DEVICE_NONE;
        if (is_for_here(table, packet->source) ||
            !is_public_host(table, index, ip, events)) {
            mark_gateway(table, index, events);
            return DEVICE_NONE;
        }
        *local = true;
        return index;
    }
    const struct binding *binding = device_binding(table, ip);
    if (binding)
        return binding->device;
    return index != DEVICE_NONE && !table->devices[index]->is_gateway
               ? index
               : DEVICE_NONE;
}

static struct asked *asked_of(struct device_table *table, struct ip ip)
{
    uint32_t low = ip_v4_number(ip);
    return &table->asked[(low ^ low >> 10) % DEVICE_ASKED_SIZE];
}

static bool was_asked(struct device_table *table, struct ip ip)
{
    const struct asked *asked = asked_of(table, ip);

    return ip_equal(asked->ip, ip) &&
           table->now_ns - asked->time_ns < ASKED_S * 1000000000LL;
}

static struct event *address_event(struct device_table *table,
                                   const struct binding *binding,
                                   uint32_t index, const char *change,
                                   struct event_list *events)
{
    struct event *event = device_event(table, index, change, events);

    event_set_ip(event, FIELD_DEVICE_ADDRESS, binding->ip);
    return event;
}

/* Two MACs say they are the same address. When the one that held it first
 * takes it back, the record is about the other all the same. */
static void report_conflict(struct device_table *table,
                            struct binding *binding, uint32_t claimer,
                            bool is_unasked, struct event_list *events)
{
    char text[MAC_TEXT_SIZE];
    bool is_defence = claimer == binding->holder;
    uint32_t about = is_defence ? binding->device : claimer;
    const struct device *old =
        table->devices[is_defence ? claimer : binding->device];
    struct event *event =
        address_event(table, binding, about, "address_conflict", events);

    if (old->has_mac && event)
        event_set_text(event, FIELD_DEVICE_OLD,
                       arena_copy(event->arena,
                                  bytes_of_text(mac_text(old->mac, text))));
    event_set_real(event, FIELD_DEVICE_SECONDS,
                   (double)(table->now_ns - binding->last_ns) / 1e9);
    event_set_flag(event, FIELD_DEVICE_UNASKED, is_unasked);
    event_set_number(event, FIELD_DEVICE_TIMES, ++binding->conflicts);
}

/* A reply to nobody's question, told each time their number doubles. */
static void report_unasked(struct device_table *table,
                           struct binding *binding, uint32_t index,
                           struct event_list *events)
{
    uint32_t times = ++binding->unasked;

    if ((times & (times - 1)) != 0)
        return;
    struct event *event =
        address_event(table, binding, index, "unasked_reply", events);
    event_set_number(event, FIELD_DEVICE_TIMES, times);
}

static void observe_arp(struct device_table *table,
                        const struct packet *packet,
                        struct event_list *events)
{
    const struct packet_arp *arp = &packet->arp;

    if (arp->operation == 1)
        *asked_of(table, arp->target_ip) =
            (struct asked){ arp->target_ip, table->now_ns };
    if (ip_is_zero(arp->sender_ip) || !is_host_mac(arp->sender_mac))
        return;
    uint32_t claimer = device_of_mac(table, arp->sender_mac, true);
    if (claimer == DEVICE_NONE)
        return;
    bool is_unasked = arp->operation == 2 &&
                      is_host_mac(packet->destination_mac) &&
                      !ip_equal(arp->sender_ip, arp->target_ip) &&
                      !was_asked(table, arp->sender_ip);
    struct binding *binding = device_binding(table, arp->sender_ip);
    if (binding && binding->proven && binding->device != claimer)
        report_conflict(table, binding, claimer, is_unasked, events);
    binding = device_bind(table, arp->sender_ip, claimer, true);
    if (binding && is_unasked)
        report_unasked(table, binding, claimer, events);
    device_note_address(table, claimer, arp->sender_ip);
}

static void note_sent(struct device_table *table, uint32_t index,
                      struct event_list *events)
{
    struct device *device = table->devices[index];
    struct ip ip;

    device_touch(table, index, table->now_ns);
    if (device->has_sent)
        return;
    device->has_sent = true;
    struct event *event = device_event(table, index, "new", events);
    if (device_main_address(device, &ip))
        event_set_ip(event, FIELD_DEVICE_ADDRESS, ip);
}

bool device_is_elsewhere(struct device_table *table,
                         const struct packet *packet)
{
    return packet->tunnel == PACKET_TUNNEL_GRE &&
           (!device_is_local_ip(table, packet->outer_source) ||
            !device_is_local_ip(table, packet->outer_destination));
}

void device_observe(struct device_table *table, const struct packet *packet,
                    struct device_ends *ends, struct event_list *events)
{
    table->now_ns = packet->mark.time_ns;
    if (table->start_ns == 0)
        table->start_ns = table->now_ns;
    *ends = (struct device_ends){ DEVICE_NONE, DEVICE_NONE, true, true };
    if (device_is_elsewhere(table, packet)) {
        ends->source_local = false;
        ends->destination_local = false;
    } else if (packet->layer == PACKET_LAYER_IP) {
        ends->source =
            source_of(table, packet, &ends->source_local, events);
        ends->destination =
            destination_of(table, packet, &ends->destination_local, events);
    } else if (packet->has_mac && is_host_mac(packet->source_mac)) {
        ends->source = device_of_mac(table, packet->source_mac, true);
        if (is_host_mac(packet->destination_mac))
            ends->destination =
                device_of_mac(table, packet->destination_mac, false);
        if (packet->layer == PACKET_LAYER_ARP)
            observe_arp(table, packet, events);
    }
    if (ends->source != DEVICE_NONE)
        note_sent(table, ends->source, events);
}
