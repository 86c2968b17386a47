/* SPDX-License-Identifier: Apache-2.0 */

/*
 * One access control entry against the packets of one direction of a flow.
 * All that it names must hold: a NO settles it, and a part that cannot be
 * decided makes the whole undecided.
 */
#include <string.h>

#include "detect/allowed/internal.h"

static enum match yes_if(bool condition)
{
    return condition ? MATCH_YES : MATCH_NO;
}

static bool port_matches(const struct mud_ports *ports, uint16_t port)
{
    if (!ports->is_set)
        return true;
    return (port >= ports->low && port <= ports->high) != ports->is_not;
}

/* What headers alone decide. */
static bool header_matches(const struct mud_ace *ace,
                           const struct allowed_flow *flow)
{
    bool is_v4 = ip_is_v4(flow->peer);

    if (ace->family == MUD_FAMILY_LINK ||
        (ace->family == MUD_FAMILY_IPV4 && !is_v4) ||
        (ace->family == MUD_FAMILY_IPV6 && is_v4))
        return false;
    if (ace->has_protocol && ace->protocol != flow->protocol)
        return false;
    if ((ace->peer_port.is_set || ace->own_port.is_set) && !flow->has_ports)
        return false;
    return port_matches(&ace->peer_port, flow->peer_port) &&
           port_matches(&ace->own_port, flow->own_port);
}

static enum match icmp_match(const struct mud_ace *ace,
                             enum mud_policy policy,
                             const struct allowed_flow *flow,
                             const char **reason)
{
    int type = flow->icmp_type[policy];
    int code = flow->icmp_code[policy];

    if (!ace->has_icmp_type && !ace->has_icmp_code)
        return MATCH_YES;
    if (type < 0) {
        *reason = "which ICMP message was answered with was not kept";
        return MATCH_MAYBE;
    }
    return yes_if((!ace->has_icmp_type || ace->icmp_type == type) &&
                  (!ace->has_icmp_code || ace->icmp_code == code));
}

static enum match initiated_match(const struct mud_ace *ace,
                                  const struct allowed_flow *flow,
                                  const char **reason)
{
    if (ace->initiated == MUD_INITIATED_ANY)
        return MATCH_YES;
    if (!flow->is_sure) {
        *reason = "the beginning of the connection was not captured";
        return MATCH_MAYBE;
    }
    return yes_if(flow->began ==
                  (ace->initiated == MUD_INITIATED_FROM_DEVICE));
}

/*
 * The name that the device itself asked a server for, in clear, settles it:
 * one address serves many names. Without it, what DNS told the device.
 */
static enum match name_match(const char *name,
                             const struct allowed_flow *flow,
                             const char **reason)
{
    struct names *names = flow->state->names;
    uint32_t device = flow->device;

    if (ip_is_multicast(flow->peer) || ip_is_broadcast(flow->peer))
        return MATCH_NO;
    if (flow->server_name.size > 0)
        return yes_if(name_matches(name, flow->server_name));
    switch (names_ask(names, device, flow->peer, name, flow->start_ns)) {
    case NAME_TOLD:
        return MATCH_YES;
    case NAME_LAPSED:
        *reason = "the answer that gave this name the address has lapsed";
        return MATCH_MAYBE;
    case NAME_UNTOLD:
        break;
    }
    if (names_any(names, device, flow->peer, flow->start_ns) == NAME_TOLD ||
        names_has(names, device, name, flow->start_ns))
        return MATCH_NO;
    *reason = "no DNS answer to the device was seen that says whose the "
              "address is";
    return MATCH_MAYBE;
}

static enum match maker_match(const struct allowed_flow *flow,
                              struct bytes authority, const char **reason)
{
    if (flow->peer_device == UINT32_MAX)
        return MATCH_NO;
    struct bytes url = device_mud_url(flow->devices, flow->state->allowed,
                                      flow->peer_device);
    if (url.size == 0) {
        *reason = "the peer has not said its MUD URL";
        return flow->is_peer_local ? MATCH_MAYBE : MATCH_NO;
    }
    return yes_if(bytes_equal_nocase(mud_authority(url), authority));
}

static enum match model_match(const struct allowed_flow *flow,
                              const char *model, const char **reason)
{
    if (flow->peer_device == UINT32_MAX)
        return MATCH_NO;
    struct bytes url = device_mud_url(flow->devices, flow->state->allowed,
                                      flow->peer_device);
    if (url.size == 0) {
        *reason = "the peer has not said its MUD URL";
        return MATCH_MAYBE;
    }
    return yes_if(bytes_equal(url, bytes_of_text(model)));
}

/* What all parts of an entry come to. */
struct tally {
    enum match all;
    const char *reason; /* The first doubt's. */
};

/* The lesser of two answers. */
static void narrow(struct tally *tally, enum match one, const char *reason)
{
    if (one == MATCH_MAYBE && tally->all == MATCH_YES)
        tally->reason = reason;
    if (one < tally->all)
        tally->all = one;
}

static void match_classes(const struct mud_ace *ace,
                          const struct allowed_flow *flow,
                          struct tally *tally)
{
    const char *url = flow->file->url;
    const char *why = NULL;
    enum match one;

    if (ace->controller) {
        one = class_match(flow, ace->controller, &why);
        narrow(tally, one, why);
    }
    if (ace->is_my_controller) {
        one = class_match(flow, url, &why);
        narrow(tally, one, why);
    }
    if (ace->manufacturer) {
        one = maker_match(flow, bytes_of_text(ace->manufacturer), &why);
        narrow(tally, one, why);
    }
    if (ace->is_same_maker) {
        one = maker_match(flow, mud_authority(bytes_of_text(url)), &why);
        narrow(tally, one, why);
    }
    if (ace->model) {
        one = model_match(flow, ace->model, &why);
        narrow(tally, one, why);
    }
}

enum match ace_match(const struct mud_ace *ace, enum mud_policy policy,
                     const struct allowed_flow *flow, const char **reason)
{
    struct tally tally = { .all = MATCH_YES };
    const char *why = NULL;
    enum match one;

    if (!header_matches(ace, flow) ||
        (ace->has_network && !ip_prefix_contains(&ace->network, flow->peer)) ||
        (ace->has_own_network &&
         !ip_prefix_contains(&ace->own_network, flow->own)) ||
        (ace->is_local && !flow->is_peer_local))
        return MATCH_NO;
    one = icmp_match(ace, policy, flow, &why);
    narrow(&tally, one, why);
    one = initiated_match(ace, flow, &why);
    narrow(&tally, one, why);
    if (ace->name_of_peer && tally.all != MATCH_NO) {
        one = name_match(ace->name_of_peer, flow, &why);
        narrow(&tally, one, why);
    }
    if (tally.all != MATCH_NO)
        match_classes(ace, flow, &tally);
    if (ace->reads_packets)
        narrow(&tally, MATCH_MAYBE,
               "the entry needs what only single packets show");
    *reason = tally.reason;
    return tally.all;
}
