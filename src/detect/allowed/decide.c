/* SPDX-License-Identifier: Apache-2.0 */

/*
 * A policy is its lists in order, entry by entry; the first that matches
 * decides. After them comes what RFC 8520 allows every device (section 5 and
 * appendix A), so that an explicit drop can take it away: the network's DNS
 * and time servers; and what a device must do to be on a network at all,
 * which no file could take away: address configuration and groups.
 */
#include "detect/allowed/internal.h"

#define PORTS(number) { .low = number, .high = number, .is_set = true }

static const struct mud_ace defaults[] = {
    { .name = "default-dns", .accepts = true, .has_protocol = true,
      .protocol = IP_PROTOCOL_UDP, .peer_port = PORTS(53),
      .controller = "urn:ietf:params:mud:dns" },
    { .name = "default-dns", .accepts = true, .has_protocol = true,
      .protocol = IP_PROTOCOL_TCP, .peer_port = PORTS(53),
      .initiated = MUD_INITIATED_FROM_DEVICE,
      .controller = "urn:ietf:params:mud:dns" },
    { .name = "default-ntp", .accepts = true, .has_protocol = true,
      .protocol = IP_PROTOCOL_UDP, .peer_port = PORTS(123),
      .controller = "urn:ietf:params:mud:ntp" },
    { .name = "default-dhcp", .accepts = true, .has_protocol = true,
      .protocol = IP_PROTOCOL_UDP, .peer_port = PORTS(67),
      .own_port = PORTS(68), .is_local = true },
    { .name = "default-dhcpv6", .accepts = true, .has_protocol = true,
      .protocol = IP_PROTOCOL_UDP, .peer_port = PORTS(547),
      .own_port = PORTS(546), .is_local = true },
    { .name = "default-igmp", .accepts = true, .has_protocol = true,
      .protocol = IP_PROTOCOL_IGMP, .is_local = true },
};

#undef PORTS

/* RFC 4861 and RFC 4443: neighbours, routers and listeners. */
static bool is_neighbour_discovery(const struct allowed_flow *flow,
                                   enum mud_policy policy)
{
    int type = flow->icmp_type[policy];

    return flow->protocol == IP_PROTOCOL_ICMPV6 && flow->is_peer_local &&
           ((type >= 130 && type <= 137) || type == 143);
}

static const struct mud_ace neighbour_discovery = {
    .name = "default-neighbour-discovery",
    .accepts = true,
};

/* What was met on the way down the entries. */
struct descent {
    const struct mud_ace *accept; /* May allow it. */
    const struct mud_ace *drop;   /* May forbid it. */
    const char *accept_reason;
    const char *drop_reason;
};

static void doubt(struct descent *descent, const struct mud_ace *ace,
                  const char *reason)
{
    if (ace->accepts && !descent->accept) {
        descent->accept = ace;
        descent->accept_reason = reason;
    } else if (!ace->accepts && !descent->drop) {
        descent->drop = ace;
        descent->drop_reason = reason;
    }
}

static struct decision undecided(const struct mud_ace *ace,
                                 const char *reason)
{
    return (struct decision){ ALLOWED_UNDECIDED, ace, false, reason };
}

/* `ace` matched for certain, or is null when none did. */
static struct decision settle(const struct descent *descent,
                              const struct mud_ace *ace, bool is_default)
{
    if (ace && ace->accepts) {
        if (descent->drop)
            return undecided(descent->drop, descent->drop_reason);
        return (struct decision){ ALLOWED_DECLARED, ace, is_default, NULL };
    }
    if (descent->accept)
        return undecided(descent->accept, descent->accept_reason);
    return (struct decision){
        ALLOWED_UNDECLARED, ace, false,
        ace ? "an entry forbids it" : "no entry allows it",
    };
}

struct decision policy_decide(const struct allowed_flow *flow,
                              enum mud_policy policy)
{
    const struct mud_file *file = flow->file;
    struct descent descent = { 0 };
    const char *reason = NULL;

    for (uint32_t i = 0; i < file->policy_count[policy]; i++) {
        const struct mud_acl *acl = &file->acls[file->policy[policy][i]];
        for (uint32_t j = 0; j < acl->count; j++) {
            const struct mud_ace *ace = &file->aces[acl->first + j];
            enum match match = ace_match(ace, policy, flow, &reason);
            if (match == MATCH_YES)
                return settle(&descent, ace, false);
            if (match == MATCH_MAYBE)
                doubt(&descent, ace, reason);
        }
    }
    if (is_neighbour_discovery(flow, policy))
        return settle(&descent, &neighbour_discovery, true);
    for (size_t i = 0; i < COUNT_OF(defaults); i++) {
        enum match match = ace_match(&defaults[i], policy, flow, &reason);
        if (match == MATCH_YES)
            return settle(&descent, &defaults[i], true);
        if (match == MATCH_MAYBE)
            doubt(&descent, &defaults[i], reason);
    }
    return settle(&descent, NULL, false);
}
