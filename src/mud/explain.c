/* SPDX-License-Identifier: Apache-2.0 */
#include "mud/explain.h"

#include "base/text.h"

enum {
    PROTOCOL_ICMP = 1,
    PROTOCOL_TCP = 6,
    PROTOCOL_UDP = 17,
    PROTOCOL_ICMPV6 = 58,
};

static void shown(struct writer *out, const char *text)
{
    text_escape(out, bytes_of_text(text));
}

static void write_prefix(struct writer *out, const struct ip_prefix *prefix)
{
    char text[IP_TEXT_SIZE];
    unsigned length = prefix->length;
    unsigned whole = ip_is_v4(prefix->address) ? 32 : 128;

    if (whole == 32)
        length -= 96;
    writer_text(out, ip_text(prefix->address, text));
    if (length != whole)
        writer_format(out, "/%u", length);
}

static void write_group(struct writer *out, const struct mud_ace *ace)
{
    bool is_group = ip_is_multicast(ace->network.address);
    bool is_all = ip_is_broadcast(ace->network.address);

    writer_text(out, is_group ? "the group " : is_all ? "everybody at "
                                                      : "the address ");
    write_prefix(out, &ace->network);
}

static void write_class(struct writer *out, const char *name)
{
    static const struct {
        const char *name;
        const char *words;
    } classes[] = {
        { "urn:ietf:params:mud:dns", "this network's DNS servers" },
        { "urn:ietf:params:mud:ntp", "this network's time servers" },
        { "urn:ietf:params:mud:gateway", "this network's gateway" },
    };

    for (size_t i = 0; i < COUNT_OF(classes); i++)
        if (bytes_equal(bytes_of_text(name), bytes_of_text(classes[i].name)))
        {
            writer_text(out, classes[i].words);
            return;
        }
    writer_text(out, "the controllers named ");
    shown(out, name);
}

/* Between two things that must both hold. */
static void also(struct writer *out, size_t start)
{
    if (out->size > start)
        writer_text(out, ", being also ");
}

/* All that must hold of the peer, with "that are also" between. */
static void write_peer(struct writer *out, const struct mud_ace *ace)
{
    size_t start = out->size;

    if (ace->name_of_peer)
        shown(out, ace->name_of_peer);
    if (ace->has_network) {
        also(out, start);
        write_group(out, ace);
    }
    if (ace->controller) {
        also(out, start);
        write_class(out, ace->controller);
    }
    if (ace->is_my_controller) {
        also(out, start);
        writer_text(out, "its own controllers");
    }
    if (ace->manufacturer) {
        also(out, start);
        writer_text(out, "devices made by ");
        shown(out, ace->manufacturer);
    }
    if (ace->is_same_maker) {
        also(out, start);
        writer_text(out, "devices of the same maker");
    }
    if (ace->model) {
        also(out, start);
        writer_text(out, "devices of the model ");
        shown(out, ace->model);
    }
    if (ace->is_local) {
        also(out, start);
        writer_text(out, "hosts of the local network");
    }
    if (out->size == start)
        writer_text(out, "anybody");
}

static void write_ports(struct writer *out, const struct mud_ports *ports,
                        const char *before)
{
    if (!ports->is_set)
        return;
    writer_format(out, "%s%s", before, ports->is_not ? "not " : "");
    if (ports->low == ports->high)
        writer_format(out, "port %u", ports->low);
    else
        writer_format(out, "ports %u to %u", ports->low, ports->high);
}

static void write_protocol(struct writer *out, const struct mud_ace *ace)
{
    if (!ace->has_protocol) {
        writer_text(out, "anything");
        return;
    }
    switch (ace->protocol) {
    case PROTOCOL_TCP: writer_text(out, "TCP"); return;
    case PROTOCOL_UDP: writer_text(out, "UDP"); return;
    case PROTOCOL_ICMP: writer_text(out, "ICMP"); break;
    case PROTOCOL_ICMPV6: writer_text(out, "ICMPv6"); break;
    default: writer_format(out, "IP protocol %u", ace->protocol);
    }
    if (ace->has_icmp_type)
        writer_format(out, " type %u", ace->icmp_type);
    if (ace->has_icmp_code)
        writer_format(out, " code %u", ace->icmp_code);
}

void mud_explain_ace(struct writer *out, const struct mud_ace *ace,
                     enum mud_policy policy)
{
    bool from = policy == MUD_FROM_DEVICE;

    if (ace->family == MUD_FAMILY_LINK) {
        writer_text(out, "frames of the link layer, which are not judged");
        return;
    }
    writer_text(out, "it may ");
    if (!ace->accepts)
        writer_text(out, "not ");
    writer_text(out, from ? "send " : "get ");
    write_protocol(out, ace);
    if (ace->family == MUD_FAMILY_IPV6)
        writer_text(out, " over IPv6");
    writer_text(out, from ? " to " : " from ");
    write_peer(out, ace);
    write_ports(out, &ace->peer_port, ", ");
    write_ports(out, &ace->own_port, from ? ", from its own " : ", at its ");
    if (ace->initiated == MUD_INITIATED_FROM_DEVICE)
        writer_text(out, ", when the device opened the connection");
    else if (ace->initiated == MUD_INITIATED_TO_DEVICE)
        writer_text(out, ", when the other side opened the connection");
    if (ace->reads_packets)
        writer_text(out, ", with more that only single packets show");
}

static void explain_policy(struct writer *out, const struct mud_file *file,
                           enum mud_policy policy)
{
    uint32_t count = 0;

    for (uint32_t i = 0; i < file->policy_count[policy]; i++) {
        const struct mud_acl *acl = &file->acls[file->policy[policy][i]];
        for (uint32_t j = 0; j < acl->count; j++, count++) {
            const struct mud_ace *ace = &file->aces[acl->first + j];
            writer_text(out, "  ");
            mud_explain_ace(out, ace, policy);
            writer_text(out, " (");
            shown(out, ace->name);
            writer_text(out, ")\n");
        }
    }
    if (count == 0)
        writer_text(out, "  nothing\n");
}

static void line(struct writer *out, const char *words, const char *text)
{
    if (!text[0])
        return;
    writer_text(out, words);
    shown(out, text);
    writer_byte(out, '\n');
}

void mud_explain(struct writer *out, const struct mud_file *file)
{
    line(out, "device:        ", file->systeminfo);
    line(out, "maker:         ", file->mfg_name);
    line(out, "model:         ", file->model_name);
    line(out, "declared at:   ", file->url);
    line(out, "documentation: ", file->documentation);
    line(out, "last change:   ", file->last_update);
    writer_format(out, "supported:     %s\n",
                  file->is_supported
                      ? "yes, by what the maker says"
                      : "no: the maker gives no updates any more");
    writer_text(out, "The device sends:\n");
    explain_policy(out, file, MUD_FROM_DEVICE);
    writer_text(out, "The device gets:\n");
    explain_policy(out, file, MUD_TO_DEVICE);
    writer_text(out, "Besides this: the network's own DNS and time servers "
                     "(RFC 8520 5), and what\nit needs to join a network. "
                     "Everything else is undeclared.\n");
}
