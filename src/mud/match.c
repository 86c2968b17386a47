/* SPDX-License-Identifier: Apache-2.0 */

/* Whom an entry is about: addresses, names and RFC 8520's abstractions. */
#include <string.h>

#include "mud/internal.h"

/* Which leaves of an address match speak of the peer, and which of the
 * device, by the policy that uses the list. */
struct ends {
    const char *peer_name;
    const char *own_name;
    const char *peer_network;
    const char *own_network;
};

static const struct ends ends_of[2][2] = {
    [MUD_FROM_DEVICE] = {
        { "ietf-acldns:dst-dnsname", "ietf-acldns:src-dnsname",
          "destination-ipv4-network", "source-ipv4-network" },
        { "ietf-acldns:dst-dnsname", "ietf-acldns:src-dnsname",
          "destination-ipv6-network", "source-ipv6-network" },
    },
    [MUD_TO_DEVICE] = {
        { "ietf-acldns:src-dnsname", "ietf-acldns:dst-dnsname",
          "source-ipv4-network", "destination-ipv4-network" },
        { "ietf-acldns:src-dnsname", "ietf-acldns:dst-dnsname",
          "source-ipv6-network", "destination-ipv6-network" },
    },
};

static void check_name(struct mud_reading *r, const char *name)
{
    bool is_wild = strncmp(name, "*.", 2) == 0;
    struct ip ip;

    if (ip_parse(bytes_of_text(name), &ip))
        mud_problem(r, MUD_ASK, "RFC 8520 8.1",
                    "'%s' is an address, not a name", name);
    else if (is_wild && r->options->is_import && mud_is_host_name(name + 2))
        mud_problem(r, MUD_IMPORTED, "RFC 8520 8.1",
                    "'%s' stands for many names; it is read as every name "
                    "that ends so", name);
    else if (!mud_is_host_name(name))
        mud_problem(r, MUD_REFUSED, "RFC 6991 4",
                    "'%s' is not a host name; there are no wildcards", name);
    else if (!strchr(name, '.'))
        mud_problem(r, MUD_ASK, "RFC 8520 8.1",
                    "'%s' is a single label: a whole domain, or nobody's",
                    name);
}

static void read_name(struct mud_reading *r, json_t *object,
                      const struct ends *ends, struct mud_ace *ace)
{
    if (json_object_get(object, ends->own_name)) {
        mud_enter(r, ends->own_name);
        mud_problem(r, MUD_REFUSED, "RFC 8520 8.2",
                    "this names the device's own end; the peer's is '%s'",
                    ends->peer_name);
        mud_leave(r);
    }
    if (!mud_take_text(r, object, ends->peer_name, &ace->name_of_peer))
        return;
    mud_enter(r, ends->peer_name);
    check_name(r, ace->name_of_peer);
    mud_leave(r);
}

static bool is_group(const struct ip_prefix *prefix)
{
    return ip_is_multicast(prefix->address) ||
           ip_is_broadcast(prefix->address);
}

static bool take_network(struct mud_reading *r, json_t *object,
                         const char *key, bool is_v6,
                         struct ip_prefix *prefix)
{
    const char *text;

    if (!mud_take_text(r, object, key, &text))
        return false;
    mud_enter(r, key);
    bool is_good = strchr(text, '/') &&
                   ip_prefix_parse(bytes_of_text(text), prefix) &&
                   ip_is_v4(prefix->address) == !is_v6;
    if (!is_good)
        mud_problem(r, MUD_REFUSED, "RFC 6991 4",
                    "'%s' is not an IPv%d prefix such as %s", text,
                    is_v6 ? 6 : 4, is_v6 ? "2001:db8::/32" : "192.0.2.0/24");
    mud_leave(r);
    return is_good;
}

static void read_networks(struct mud_reading *r, json_t *object,
                          bool is_v6, const struct ends *ends,
                          struct mud_ace *ace)
{
    ace->has_network = take_network(r, object, ends->peer_network, is_v6,
                                    &ace->network);
    ace->has_own_network = take_network(r, object, ends->own_network, is_v6,
                                        &ace->own_network);
    if (ace->has_network && !is_group(&ace->network)) {
        mud_enter(r, ends->peer_network);
        mud_problem(r, MUD_ASK, "RFC 8520 2",
                    "an address holds on one network at one time; publishers "
                    "should give a name or a class");
        mud_leave(r);
    }
}

static void read_protocol(struct mud_reading *r, json_t *object,
                          struct mud_ace *ace)
{
    uint64_t number = 0;

    ace->has_protocol =
        mud_take_number(r, object, "protocol", UINT8_MAX, &number);
    ace->protocol = (uint8_t)number;
}

/* Leaves that a flow does not show: their types are checked by name only. */
static void note_packet_leaves(struct mud_reading *r, json_t *object,
                               struct mud_ace *ace)
{
    static const struct {
        const char *name;
        uint64_t max;
    } leaves[] = {
        { "dscp", 63 }, { "ecn", 3 }, { "length", UINT16_MAX },
        { "ttl", UINT8_MAX }, { "ihl", 60 }, { "offset", UINT16_MAX },
        { "identification", UINT16_MAX }, { "flow-label", 1048575 },
    };
    uint64_t number;

    for (size_t i = 0; i < COUNT_OF(leaves); i++)
        if (mud_take_number(r, object, leaves[i].name, leaves[i].max,
                            &number))
            ace->reads_packets = true;
    if (json_object_get(object, "flags"))
        ace->reads_packets = true;
}

static void read_ip(struct mud_reading *r, json_t *object, bool is_v6,
                    enum mud_policy policy, struct mud_ace *ace)
{
    static mud_names names4 = {
        "dscp", "ecn", "length", "ttl", "protocol", "ihl", "flags", "offset",
        "identification", "destination-ipv4-network", "source-ipv4-network",
        "ietf-acldns:src-dnsname", "ietf-acldns:dst-dnsname", NULL,
    };
    static mud_names names6 = {
        "dscp", "ecn", "length", "ttl", "protocol", "flow-label",
        "destination-ipv6-network", "source-ipv6-network",
        "ietf-acldns:src-dnsname", "ietf-acldns:dst-dnsname", NULL,
    };
    const struct ends *ends = &ends_of[policy][is_v6];

    mud_check_names(r, object, is_v6 ? names6 : names4);
    ace->family = is_v6 ? MUD_FAMILY_IPV6 : MUD_FAMILY_IPV4;
    read_protocol(r, object, ace);
    note_packet_leaves(r, object, ace);
    read_name(r, object, ends, ace);
    read_networks(r, object, is_v6, ends, ace);
}

/* RFC 8520 section 4: who the peer is, without its address. */
static void read_abstractions(struct mud_reading *r, json_t *object,
                              struct mud_ace *ace)
{
    static mud_names names = {
        "manufacturer", "same-manufacturer", "model", "local-networks",
        "controller", "my-controller", NULL,
    };

    mud_check_names(r, object, names);
    if (mud_take_text(r, object, "manufacturer", &ace->manufacturer) &&
        !mud_is_host_name(ace->manufacturer)) {
        mud_enter(r, "manufacturer");
        mud_problem(r, MUD_REFUSED, "RFC 8520 4.1",
                    "'%s' is not the authority of a MUD URL",
                    ace->manufacturer);
        mud_leave(r);
    }
    if (mud_take_text(r, object, "model", &ace->model) &&
        !mud_is_uri(ace->model)) {
        mud_enter(r, "model");
        mud_problem(r, MUD_REFUSED, "RFC 8520 4.4", "'%s' is not a URI",
                    ace->model);
        mud_leave(r);
    }
    if (mud_take_text(r, object, "controller", &ace->controller) &&
        !mud_is_uri(ace->controller)) {
        mud_enter(r, "controller");
        mud_problem(r, MUD_NOTICE, "RFC 8520 4.6",
                    "'%s' is not a URI with a scheme; nobody else's class "
                    "will have that name", ace->controller);
        mud_leave(r);
    }
    ace->is_same_maker = mud_take_empty(r, object, "same-manufacturer");
    ace->is_local = mud_take_empty(r, object, "local-networks");
    ace->is_my_controller = mud_take_empty(r, object, "my-controller");
    int count = ace->is_same_maker + ace->is_local + ace->is_my_controller +
                (ace->manufacturer != NULL) + (ace->model != NULL) +
                (ace->controller != NULL);
    if (count > 1)
        mud_problem(r, MUD_NOTICE, "RFC 8520 2.1",
                    "%d abstractions in one match: the peer must be all of "
                    "them at once", count);
}

static void read_link(struct mud_reading *r, json_t *object,
                      struct mud_ace *ace)
{
    static mud_names names = {
        "destination-mac-address", "destination-mac-address-mask",
        "source-mac-address", "source-mac-address-mask", "ethertype", NULL,
    };
    static const char *const types[] = {
        "ipv4", "arp", "ipv6", "wlan", "trill", "eap", "mpls", NULL,
    };
    json_t *type = json_object_get(object, "ethertype");
    bool is_known = !type || json_is_integer(type);

    mud_check_names(r, object, names);
    for (size_t i = 0; types[i] && !is_known; i++)
        is_known = json_is_string(type) &&
                   strncmp(json_string_value(type), types[i],
                           strlen(types[i])) == 0;
    if (!is_known) {
        mud_enter(r, "ethertype");
        mud_problem(r, MUD_REFUSED, "RFC 8519 4.3",
                    "this must be a number or a name such as ipv4; import "
                    "reads 0x0800");
        mud_leave(r);
    }
    ace->reads_packets = true;
}

/* Take the container `key`, which only a list of the right type may have. */
static json_t *take_layer(struct mud_reading *r, json_t *matches,
                                const char *key, bool is_allowed)
{
    json_t *object = mud_take_object(r, matches, key);

    if (object && !is_allowed) {
        mud_enter(r, key);
        mud_problem(r, MUD_REFUSED, "RFC 8519 4.1",
                    "a list of this type has no match on '%s'", key);
        mud_leave(r);
    }
    return object;
}

static bool may_be(uint8_t family, uint8_t wanted)
{
    return family == wanted || family == MUD_FAMILY_ANY;
}

void mud_read_matches(struct mud_reading *r, json_t *matches,
                      uint8_t family, enum mud_policy policy,
                      struct mud_ace *ace)
{
    static mud_names names = {
        "eth", "ipv4", "ipv6", "tcp", "udp", "icmp", "ietf-mud:mud",
        "ingress-interface", "egress-interface", NULL,
    };
    ace->family = family;
    if (!matches)
        return;
    mud_check_names(r, matches, names);
    json_t *ipv4 =
        take_layer(r, matches, "ipv4", may_be(family, MUD_FAMILY_IPV4));
    json_t *ipv6 =
        take_layer(r, matches, "ipv6", may_be(family, MUD_FAMILY_IPV6));
    json_t *eth = take_layer(
        r, matches, "eth",
        may_be(family, MUD_FAMILY_LINK) || r->options->is_import);
    if (ipv4 && ipv6)
        mud_problem(r, MUD_REFUSED, "RFC 8519 4.1",
                    "a match is of IPv4 or of IPv6, not of both");
    if (ipv4 || ipv6) {
        mud_enter(r, ipv4 ? "ipv4" : "ipv6");
        read_ip(r, ipv4 ? ipv4 : ipv6, !ipv4, policy, ace);
        mud_leave(r);
    }
    if (eth) {
        mud_enter(r, "eth");
        read_link(r, eth, ace);
        mud_leave(r);
    }
    json_t *mud = mud_take_object(r, matches, "ietf-mud:mud");
    if (mud) {
        mud_enter(r, "ietf-mud:mud");
        read_abstractions(r, mud, ace);
        mud_leave(r);
    }
    if (json_object_get(matches, "ingress-interface") ||
        json_object_get(matches, "egress-interface"))
        ace->reads_packets = true;
    mud_read_transport(r, matches, policy, ace);
}
