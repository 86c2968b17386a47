/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Classes of hosts that a MUD file names without addresses (RFC 8520 section
 * 4.6): those of standard services are filled from what the network tells its
 * hosts in DHCP and router advertisements, others by the owner.
 */
#include <string.h>

#include "detect/allowed/internal.h"

static void add_host(struct class_hosts *class, struct ip ip)
{
    for (uint32_t i = 0; i < class->count; i++)
        if (ip_equal(class->hosts[i], ip))
            return;
    if (class->count < CLASS_HOST_MAX) {
        class->hosts[class->count++] = ip;
        return;
    }
    class->hosts[class->next] = ip;
    class->next = (class->next + 1) % CLASS_HOST_MAX;
}

static bool has_host(const struct class_hosts *class, struct ip ip)
{
    for (uint32_t i = 0; i < class->count; i++)
        if (ip_equal(class->hosts[i], ip))
            return true;
    return false;
}

static void add_all(struct class_hosts *class, const struct event *event,
                    enum event_field field)
{
    const struct event_value *value;
    size_t from = 0;

    while ((value = event_next(event, field, &from)))
        add_host(class, value->ip);
}

void class_learn(struct allowed_state *state, const struct event *event)
{
    switch ((int)event->type) {
    case EVENT_DHCP:
        if (!bytes_equal(event_text(event, FIELD_DHCP_TYPE),
                         bytes_of_text("reply")))
            return;
        add_all(&state->dns, event, FIELD_DHCP_DNS_SERVER);
        add_all(&state->ntp, event, FIELD_DHCP_NTP_SERVER);
        add_all(&state->routers, event, FIELD_DHCP_ROUTER);
        break;
    case EVENT_DHCPV6:
        add_all(&state->dns, event, FIELD_DHCPV6_DNS_SERVER);
        if (!event_get(event, FIELD_DHCPV6_DNS_SERVER))
            return;
        break;
    case EVENT_ND:
        add_all(&state->dns, event, FIELD_ND_DNS_SERVER);
        if (bytes_equal(event_text(event, FIELD_ND_TYPE),
                        bytes_of_text("router-advertisement")) &&
            event->context.has_ip)
            add_host(&state->routers, event->context.source);
        if (!event_get(event, FIELD_ND_DNS_SERVER))
            return;
        break;
    default:
        return;
    }
    state->has_configuration = true;
}

static bool is_gateway(const struct allowed_flow *flow)
{
    if (has_host(&flow->state->routers, flow->peer))
        return true;
    return flow->peer_device != UINT32_MAX && flow->is_peer_local &&
           device_get(flow->devices, flow->peer_device)->is_gateway;
}

/* The hosts of a standard service, or null for another class. */
static const struct class_hosts *standard_class(const struct allowed_flow *f,
                                                const char *name)
{
    if (strcmp(name, "urn:ietf:params:mud:dns") == 0)
        return &f->state->dns;
    if (strcmp(name, "urn:ietf:params:mud:ntp") == 0)
        return &f->state->ntp;
    if (strcmp(name, "urn:ietf:params:mud:gateway") == 0)
        return &f->state->routers;
    return NULL;
}

enum match class_match(const struct allowed_flow *flow, const char *name,
                       const char **reason)
{
    const struct allowed *allowed = flow->state->allowed;
    const struct class_hosts *standard = standard_class(flow, name);
    bool is_named = standard && standard->count > 0;

    for (size_t i = 0; i < allowed->member_count; i++) {
        if (strcmp(allowed->members[i].name, name) != 0)
            continue;
        if (ip_equal(allowed->members[i].ip, flow->peer))
            return MATCH_YES;
        is_named = true;
    }
    if (standard && has_host(standard, flow->peer))
        return MATCH_YES;
    /* A home's gateway is its server of all three, when none is named. */
    if (standard && standard->count == 0 && is_gateway(flow))
        return MATCH_YES;
    if (is_named || (standard && flow->state->has_configuration))
        return MATCH_NO;
    *reason = standard ? "the network did not say, while it was watched, "
                         "which hosts give this service"
                       : "nobody said which hosts are of this class";
    return MATCH_MAYBE;
}
