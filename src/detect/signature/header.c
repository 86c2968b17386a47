/* SPDX-License-Identifier: Apache-2.0 */
#include "detect/signature/header.h"

#include <string.h>

#include "detect/signature/network.h"
#include "detect/signature/part.h"
#include "dissect/dissector.h"

struct action_word {
    const char *name;
    enum rule_action action;
};

static const struct action_word actions[] = {
    { "alert", RULE_ALERT },       { "pass", RULE_PASS },
    { "drop", RULE_DROP },         { "reject", RULE_REJECT },
    { "rejectsrc", RULE_REJECT },  { "rejectdst", RULE_REJECT },
    { "rejectboth", RULE_REJECT },
};

struct layer_word {
    const char *name;
    enum rule_layer layer;
};

static const struct layer_word layers[] = {
    { "ip", RULE_LAYER_IP },          { "any", RULE_LAYER_IP },
    { "ipv4", RULE_LAYER_IPV4 },      { "ip4", RULE_LAYER_IPV4 },
    { "ipv6", RULE_LAYER_IPV6 },      { "ip6", RULE_LAYER_IPV6 },
    { "tcp", RULE_LAYER_TCP },        { "tcp-pkt", RULE_LAYER_TCP_PACKET },
    { "tcp-stream", RULE_LAYER_TCP_STREAM },
    { "udp", RULE_LAYER_UDP },        { "icmp", RULE_LAYER_ICMP },
    { "icmpv4", RULE_LAYER_ICMPV4 },  { "icmpv6", RULE_LAYER_ICMPV6 },
    { "sctp", RULE_LAYER_SCTP },      { "pkthdr", RULE_LAYER_PACKET },
    { "ether", RULE_LAYER_ETHERNET }, { "arp", RULE_LAYER_ARP },
};

/* Suricata's names of protocols that Tenet's dissectors call otherwise. */
struct application_word {
    const char *name;
    const char *dissector;
};

static const struct application_word applications[] = {
    { "ssl", "tls" },   { "http1", "http" }, { "smb2", "smb" },
    { "vnc", "rfb" },   { "dht", "bittorrent-dht" },
};

/* Protocols that Suricata reads and Tenet has no dissector for. */
static const char *const unknown_applications[] = {
    "bittorrent-dht", "dcerpc", "dnp3", "doh2", "enip", "ftp-data", "http2",
    "ike", "ikev2", "imap", "krb5", "ldap", "nfs", "pgsql", "pop3", "rfb",
    "smtp", "snmp", "template", "websocket", "rdp", "modbus", "telnet",
    "tftp", "ntp", "sip", "mqtt", "quic", "dhcp", "ssh", "smb", "tls", "dns",
    "http", "ftp", "mdns", "llmnr", "jabber", "irc", "yahoo", "msn", "gopher",
    "dcerpc_udp", "applayertemplate", "config", "gryphon", "dcerpc_tcp",
};

static const char *dissector_name(struct bytes name)
{
    for (size_t i = 0; dissector_table[i]; i++)
        if (part_is_nocase(name, dissector_table[i]->name))
            return dissector_table[i]->name;
    return NULL;
}

const char *header_application(struct bytes name, const char **why)
{
    for (size_t i = 0; i < COUNT_OF(applications); i++)
        if (part_is_nocase(name, applications[i].name))
            name = bytes_of_text(applications[i].dissector);
    const char *dissector = dissector_name(name);

    if (!dissector)
        *why = part_index(name, unknown_applications,
                          COUNT_OF(unknown_applications)) <
                       COUNT_OF(unknown_applications)
                   ? "Tenet has no dissector for"
                   : "no such protocol:";
    return dissector;
}

/* The next word; spaces inside brackets belong to it. */
static bool next_word(struct bytes *rest, struct bytes *word)
{
    unsigned depth = 0;
    size_t at = 0;

    *rest = bytes_trim(*rest);
    for (; at < rest->size; at++) {
        uint8_t byte = part_byte(*rest, at);
        depth += byte == '[';
        depth -= byte == ']' && depth > 0;
        if (depth == 0 && (byte == ' ' || byte == '\t'))
            break;
    }
    *word = bytes_slice(*rest, 0, at);
    *rest = bytes_trim(bytes_slice(*rest, at, rest->size));
    return word->size > 0;
}

static bool read_action(struct draft *d, struct bytes word)
{
    for (size_t i = 0; i < COUNT_OF(actions); i++) {
        if (!part_is(word, actions[i].name))
            continue;
        d->rule.action = (uint8_t)actions[i].action;
        return true;
    }
    if (bytes_find_byte(word, ':') < word.size)
        return draft_refuse(d, NULL, "rules of Suricata's firewall decide "
                                     "what passes: Tenet watches");
    if (part_is(word, "config"))
        return draft_refuse(d, NULL, "config rules change what Suricata "
                                     "logs, and find nothing");
    return draft_refuse(d, "alert, pass, drop or reject",
                        "%s is no action", draft_quote(d, word));
}

static bool read_protocol(struct draft *d, struct bytes word)
{
    const char *why = NULL;

    for (size_t i = 0; i < COUNT_OF(layers); i++) {
        if (!part_is_nocase(word, layers[i].name))
            continue;
        d->rule.layer = (uint8_t)layers[i].layer;
        return true;
    }
    /* "tls:client_hello_done": when Suricata looks; Tenet looks when what is
     * asked for is there. */
    word = bytes_slice(word, 0, bytes_find_byte(word, ':'));
    d->rule.layer = RULE_LAYER_APPLICATION;
    d->rule.application = header_application(word, &why);
    if (!d->rule.application)
        return draft_refuse(d, NULL, "%s %s", why, draft_quote(d, word));
    return true;
}

static bool read_addresses(struct draft *d, struct bytes word,
                           const struct address_set **set)
{
    char reason[NETWORK_REASON_MAX];

    if (!network_addresses(d->set->networks, word, set, reason))
        return draft_refuse(d, "an address, a network, a list in brackets or "
                               "a variable", "%s", reason);
    return true;
}

static bool read_ports(struct draft *d, struct bytes word,
                       const struct port_set **set)
{
    char reason[NETWORK_REASON_MAX];

    if (!network_ports(d->set->networks, word, set, reason))
        return draft_refuse(d, "a port, a range 1:9, a list in brackets or a "
                               "variable", "%s", reason);
    return true;
}

static bool read_direction(struct draft *d, struct bytes word)
{
    d->rule.both_ways = part_is(word, "<>");
    d->rule.whole_exchange = part_is(word, "=>");
    if (d->rule.both_ways || d->rule.whole_exchange || part_is(word, "->"))
        return true;
    return draft_refuse(d, part_is(word, "<-")
                               ? "turn the two ends round and write ->"
                               : "->, <> or =>",
                        "%s is no direction", draft_quote(d, word));
}

/* "SOURCE PORT -> DESTINATION PORT" */
static bool read_ends(struct draft *d, struct bytes rest)
{
    struct bytes words[5], extra;

    for (size_t i = 0; i < COUNT_OF(words); i++)
        if (!next_word(&rest, &words[i]))
            return draft_refuse(d, "ACTION PROTOCOL ADDRESS PORT -> ADDRESS "
                                   "PORT (OPTIONS)",
                                "the header ends too early");
    if (next_word(&rest, &extra))
        return draft_refuse(d, NULL, "%s is too much in the header",
                            draft_quote(d, extra));
    return read_addresses(d, words[0], &d->rule.source) &&
           read_ports(d, words[1], &d->rule.source_ports) &&
           read_direction(d, words[2]) &&
           read_addresses(d, words[3], &d->rule.destination) &&
           read_ports(d, words[4], &d->rule.destination_ports);
}

static bool has_ports(const struct rule *rule)
{
    switch ((enum rule_layer)rule->layer) {
    case RULE_LAYER_TCP:
    case RULE_LAYER_TCP_PACKET:
    case RULE_LAYER_TCP_STREAM:
    case RULE_LAYER_UDP:
    case RULE_LAYER_SCTP:
    case RULE_LAYER_APPLICATION:
        return true;
    case RULE_LAYER_IP:
    case RULE_LAYER_IPV4:
    case RULE_LAYER_IPV6:
    case RULE_LAYER_ICMP:
    case RULE_LAYER_ICMPV4:
    case RULE_LAYER_ICMPV6:
    case RULE_LAYER_PACKET:
    case RULE_LAYER_ETHERNET:
    case RULE_LAYER_ARP:
        break;
    }
    return !rule->source_ports && !rule->destination_ports;
}

/* "alert arp any -> any" and "alert ether any any -> any any" have nothing to
 * name at their ends; Suricata takes both with and without. */
static bool is_bare(const struct rule *rule, struct bytes rest)
{
    return (rule->layer == RULE_LAYER_ETHERNET ||
            rule->layer == RULE_LAYER_ARP) && bytes_trim(rest).size == 0;
}

bool header_read(struct draft *d, struct bytes header)
{
    struct bytes rest = header, action, protocol;

    if (!next_word(&rest, &action) || !next_word(&rest, &protocol))
        return draft_refuse(d, "ACTION PROTOCOL ADDRESS PORT -> ADDRESS PORT "
                               "(OPTIONS)", "the header ends too early");
    if (!read_action(d, action) || !read_protocol(d, protocol))
        return false;
    if (is_bare(&d->rule, rest))
        return true;
    if (!read_ends(d, rest))
        return false;
    if (!has_ports(&d->rule))
        d->rule.needs_transport = true;
    return true;
}
