/* SPDX-License-Identifier: Apache-2.0 */
#include "mud/write.h"

#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "format/json_writer.h"
#include "mud/explain.h"

enum {
    WRITTEN_MAX = 64 << 20,
    PROTOCOL_TCP = 6,
    PROTOCOL_UDP = 17,
    PROTOCOL_ICMP = 1,
    PROTOCOL_ICMPV6 = 58,
};

static void write_optional(struct json_writer *json, const char *key,
                           const char *text)
{
    if (!text || !text[0])
        return;
    json_key(json, key);
    json_text(json, text);
}

static void write_empty(struct json_writer *json, const char *key, bool is_set)
{
    if (!is_set)
        return;
    json_key(json, key);
    json_array_open(json);
    json_nothing(json);
    json_array_close(json);
}

static void write_prefix(struct json_writer *json, const char *key,
                         const struct ip_prefix *prefix)
{
    char address[IP_TEXT_SIZE];
    struct writer text;
    unsigned length = prefix->length;

    writer_init(&text, 128);
    if (ip_is_v4(prefix->address))
        length -= 96;
    writer_format(&text, "%s/%u", ip_text(prefix->address, address), length);
    json_key(json, key);
    json_bytes(json, writer_view(&text));
    writer_clear(&text);
}

static void write_abstractions(struct json_writer *json,
                               const struct mud_ace *ace)
{
    if (!ace->controller && !ace->manufacturer && !ace->model &&
        !ace->is_local && !ace->is_same_maker && !ace->is_my_controller)
        return;
    json_key(json, "ietf-mud:mud");
    json_object_open(json);
    write_optional(json, "manufacturer", ace->manufacturer);
    write_empty(json, "same-manufacturer", ace->is_same_maker);
    write_optional(json, "model", ace->model);
    write_empty(json, "local-networks", ace->is_local);
    write_optional(json, "controller", ace->controller);
    write_empty(json, "my-controller", ace->is_my_controller);
    json_object_close(json);
}

static void write_ip(struct json_writer *json, const struct mud_ace *ace,
                     enum mud_policy policy)
{
    bool is_v6 = ace->family == MUD_FAMILY_IPV6;
    bool from = policy == MUD_FROM_DEVICE;
    const char *destination =
        is_v6 ? "destination-ipv6-network" : "destination-ipv4-network";
    const char *source = is_v6 ? "source-ipv6-network"
                               : "source-ipv4-network";

    if (ace->family != MUD_FAMILY_IPV4 && !is_v6)
        return;
    json_key(json, is_v6 ? "ipv6" : "ipv4");
    json_object_open(json);
    if (ace->name_of_peer)
        write_optional(json, from ? "ietf-acldns:dst-dnsname"
                                  : "ietf-acldns:src-dnsname",
                       ace->name_of_peer);
    if (ace->has_network)
        write_prefix(json, from ? destination : source, &ace->network);
    if (ace->has_own_network)
        write_prefix(json, from ? source : destination, &ace->own_network);
    if (ace->has_protocol) {
        json_key(json, "protocol");
        json_number(json, ace->protocol);
    }
    json_object_close(json);
}

static void write_number(struct json_writer *json, const char *key,
                         uint64_t number)
{
    json_key(json, key);
    json_number(json, number);
}

static void write_ports(struct json_writer *json, const char *key,
                        const struct mud_ports *ports)
{
    if (!ports->is_set)
        return;
    json_key(json, key);
    json_object_open(json);
    if (ports->low == ports->high) {
        json_key(json, "operator");
        json_text(json, ports->is_not ? "neq" : "eq");
        write_number(json, "port", ports->low);
    } else {
        write_number(json, "lower-port", ports->low);
        write_number(json, "upper-port", ports->high);
    }
    json_object_close(json);
}

static void write_both_ports(struct json_writer *json,
                             const struct mud_ace *ace,
                             enum mud_policy policy)
{
    bool from = policy == MUD_FROM_DEVICE;

    write_ports(json, "source-port",
                from ? &ace->own_port : &ace->peer_port);
    write_ports(json, "destination-port",
                from ? &ace->peer_port : &ace->own_port);
}

static void write_transport(struct json_writer *json,
                            const struct mud_ace *ace,
                            enum mud_policy policy)
{
    bool is_tcp = ace->has_protocol && ace->protocol == PROTOCOL_TCP;
    bool is_udp = ace->has_protocol && ace->protocol == PROTOCOL_UDP;
    bool has_ports = ace->peer_port.is_set || ace->own_port.is_set;

    if (is_tcp && (has_ports || ace->initiated != MUD_INITIATED_ANY)) {
        json_key(json, "tcp");
        json_object_open(json);
        if (ace->initiated != MUD_INITIATED_ANY) {
            json_key(json, "ietf-mud:direction-initiated");
            json_text(json, ace->initiated == MUD_INITIATED_FROM_DEVICE
                                ? "from-device" : "to-device");
        }
        write_both_ports(json, ace, policy);
        json_object_close(json);
    } else if (is_udp && has_ports) {
        json_key(json, "udp");
        json_object_open(json);
        write_both_ports(json, ace, policy);
        json_object_close(json);
    } else if (ace->has_icmp_type || ace->has_icmp_code) {
        json_key(json, "icmp");
        json_object_open(json);
        if (ace->has_icmp_type)
            write_number(json, "type", ace->icmp_type);
        if (ace->has_icmp_code)
            write_number(json, "code", ace->icmp_code);
        json_object_close(json);
    }
}

void mud_ace_json(struct json_writer *json, const struct mud_ace *ace,
                  enum mud_policy policy)
{
    json_object_open(json);
    json_key(json, "name");
    json_text(json, ace->name);
    json_key(json, "matches");
    json_object_open(json);
    write_abstractions(json, ace);
    write_ip(json, ace, policy);
    write_transport(json, ace, policy);
    json_object_close(json);
    json_key(json, "actions");
    json_object_open(json);
    json_key(json, "forwarding");
    json_text(json, ace->accepts ? "accept" : "drop");
    json_object_close(json);
    json_object_close(json);
}

void mud_write_ace(struct writer *out, const struct mud_ace *ace,
                   enum mud_policy policy)
{
    struct json_writer json;

    json_init(&json, out);
    mud_ace_json(&json, ace, policy);
}

/* Link-layer entries are about frames, which flows do not show. */
static bool is_kept(const struct mud_ace *ace)
{
    return ace->family != MUD_FAMILY_LINK && !ace->reads_packets;
}

static const char *type_of(const struct mud_acl *acl)
{
    switch (acl->family) {
    case MUD_FAMILY_IPV4: return "ipv4-acl-type";
    case MUD_FAMILY_IPV6: return "ipv6-acl-type";
    case MUD_FAMILY_LINK: return "eth-acl-type";
    default: return "mixed-eth-ipv4-ipv6-acl-type";
    }
}

static void write_acl(struct json_writer *json, const struct mud_file *file,
                      const struct mud_acl *acl)
{
    enum mud_policy policy = acl->policies & 1u << MUD_TO_DEVICE
                                 ? MUD_TO_DEVICE : MUD_FROM_DEVICE;

    json_object_open(json);
    json_key(json, "name");
    json_text(json, acl->name);
    json_key(json, "type");
    json_text(json, type_of(acl));
    json_key(json, "aces");
    json_object_open(json);
    json_key(json, "ace");
    json_array_open(json);
    for (uint32_t i = 0; i < acl->count; i++)
        if (is_kept(&file->aces[acl->first + i]))
            mud_ace_json(json, &file->aces[acl->first + i], policy);
    json_array_close(json);
    json_object_close(json);
    json_object_close(json);
}

static void write_policy(struct json_writer *json,
                         const struct mud_file *file, enum mud_policy policy)
{
    json_key(json, policy == MUD_FROM_DEVICE ? "from-device-policy"
                                             : "to-device-policy");
    json_object_open(json);
    json_key(json, "access-lists");
    json_object_open(json);
    json_key(json, "access-list");
    json_array_open(json);
    for (uint32_t i = 0; i < file->policy_count[policy]; i++) {
        json_object_open(json);
        json_key(json, "name");
        json_text(json, file->acls[file->policy[policy][i]].name);
        json_object_close(json);
    }
    json_array_close(json);
    json_object_close(json);
    json_object_close(json);
}

static void write_head(struct json_writer *json, const struct mud_file *file)
{
    json_key(json, "ietf-mud:mud");
    json_object_open(json);
    write_number(json, "mud-version", 1);
    json_key(json, "mud-url");
    json_text(json, file->url);
    json_key(json, "last-update");
    json_text(json, file->last_update);
    write_optional(json, "mud-signature", file->signature);
    write_number(json, "cache-validity", file->cache_validity);
    json_key(json, "is-supported");
    json_flag(json, file->is_supported);
    write_optional(json, "systeminfo", file->systeminfo);
    write_optional(json, "mfg-name", file->mfg_name);
    write_optional(json, "model-name", file->model_name);
    write_optional(json, "firmware-rev", file->firmware_rev);
    write_optional(json, "software-rev", file->software_rev);
    write_optional(json, "documentation", file->documentation);
    write_policy(json, file, MUD_FROM_DEVICE);
    write_policy(json, file, MUD_TO_DEVICE);
    json_object_close(json);
}

void mud_write_compact(struct writer *out, const struct mud_file *file)
{
    struct json_writer json;

    json_init(&json, out);
    json_object_open(&json);
    write_head(&json, file);
    json_key(&json, "ietf-access-control-list:acls");
    json_object_open(&json);
    json_key(&json, "acl");
    json_array_open(&json);
    for (uint32_t i = 0; i < file->acl_count; i++)
        if (!file->acls[i].is_twin)
            write_acl(&json, file, &file->acls[i]);
    json_array_close(&json);
    json_object_close(&json);
    json_object_close(&json);
}

void mud_write(struct writer *out, const struct mud_file *file)
{
    struct writer compact;
    json_error_t error;

    writer_init(&compact, WRITTEN_MAX);
    mud_write_compact(&compact, file);
    struct bytes text = writer_view(&compact);
    json_t *root =
        json_loadb((const char *)text.data, text.size, 0, &error);
    char *shown =
        root ? json_dumps(root, JSON_INDENT(2) | JSON_PRESERVE_ORDER) : NULL;
    writer_bytes(out, shown ? bytes_of_text(shown) : text);
    writer_byte(out, '\n');
    free(shown);
    json_decref(root);
    writer_clear(&compact);
}
