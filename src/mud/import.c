/* SPDX-License-Identifier: Apache-2.0 */

/*
 * The dialects in which most public MUD files are written, turned into
 * RFC 8520 before the strict reader sees them: drafts of the standard up to
 * 2018, and what mudgee makes of captures. Each change is told; what no
 * change can mend stays and is refused.
 */
#include <stdlib.h>
#include <string.h>

#include "base/writer.h"
#include "mud/internal.h"

static void changed(struct mud_reading *r, const char *key, const char *what)
{
    mud_enter(r, key);
    mud_problem(r, MUD_IMPORTED, "import", "%s", what);
    mud_leave(r);
}

/* Give the member `old` the name `name`, unless that is there. */
static void rename_member(struct mud_reading *r, json_t *object,
                          const char *old, const char *name)
{
    json_t *value = json_object_get(object, old);

    if (!value || json_object_get(object, name))
        return;
    changed(r, old, "the standard has another name for it");
    (void)json_object_set(object, name, value); /* Out of memory: refused. */
    (void)json_object_del(object, old);
}

/* The member `key`, made when it is not there. */
static json_t *make_object(json_t *object, const char *key)
{
    json_t *value = json_object_get(object, key);

    if (value)
        return value;
    value = json_object();
    (void)json_object_set_new(object, key, value); /* Null then, too. */
    return json_object_get(object, key);
}

static void move_member(struct mud_reading *r, json_t *from, const char *old,
                        json_t *to, const char *name)
{
    json_t *value = json_object_get(from, old);

    if (!value || !to)
        return;
    changed(r, old, "the standard has it elsewhere");
    (void)json_object_set(to, name, value); /* Out of memory: refused. */
    (void)json_object_del(from, old);
}

static void import_types(struct mud_reading *r, json_t *acl)
{
    static const struct {
        const char *old;
        const char *type;
    } types[] = {
        { "ethernet-acl-type", "eth-acl-type" },
        { "ipv4", "ipv4-acl-type" },
        { "ipv6", "ipv6-acl-type" },
        { "ipv4-acl", "ipv4-acl-type" },
        { "ipv6-acl", "ipv6-acl-type" },
    };
    const char *type = json_string_value(json_object_get(acl, "type"));

    for (size_t i = 0; type && i < COUNT_OF(types); i++) {
        if (strcmp(mud_identity(type, "ietf-access-control-list"),
                   types[i].old) != 0)
            continue;
        changed(r, "type", "the standard has another name for this type");
        (void)json_object_set_new(acl, "type", json_string(types[i].type));
        return;
    }
}

/* "0x0800" */
static void import_ethertype(struct mud_reading *r, json_t *matches)
{
    json_t *eth = json_object_get(matches, "eth");
    const char *text = json_string_value(json_object_get(eth, "ethertype"));

    if (!text || strncmp(text, "0x", 2) != 0)
        return;
    unsigned long number = strtoul(text + 2, NULL, 16);
    changed(r, "eth", "an EtherType is a number or a name");
    (void)json_object_set_new(eth, "ethertype",
                              json_integer((json_int_t)(number & 0xffff)));
}

/* mudgee gives a broadcast its frame's address too, which says nothing more
 * than the address 255.255.255.255 does. */
static void import_broadcast(struct mud_reading *r, json_t *matches)
{
    json_t *eth = json_object_get(matches, "eth");
    json_t *ipv4 = json_object_get(matches, "ipv4");
    const char *mac =
        json_string_value(json_object_get(eth, "destination-mac-address"));
    const char *network = json_string_value(
        json_object_get(ipv4, "destination-ipv4-network"));
    json_int_t type = json_integer_value(json_object_get(eth, "ethertype"));

    if (!mac || !network || strcmp(mac, "ff:ff:ff:ff:ff:ff") != 0 ||
        strcmp(network, "255.255.255.255/32") != 0 || type != 0x0800 ||
        json_object_size(eth) != 2)
        return;
    changed(r, "eth", "the IP address says the same");
    (void)json_object_del(matches, "eth");
}

/* An operator beside a range says nothing, and "range" is none. */
static void import_ports(struct mud_reading *r, json_t *layer,
                         const char *key)
{
    json_t *ports = json_object_get(layer, key);
    json_t *low = json_object_get(ports, "lower-port");
    json_t *high = json_object_get(ports, "upper-port");

    if (low && high && json_object_get(ports, "operator")) {
        changed(r, key, "a range has no operator");
        (void)json_object_del(ports, "operator");
    } else if (low && !high) {
        changed(r, key, "a range of one port is an operator");
        (void)json_object_set(ports, "port", low);
        (void)json_object_del(ports, "lower-port");
    }
}

/* Drafts put ports among the addresses. */
static void import_draft_ports(struct mud_reading *r, json_t *matches,
                               json_t *ip)
{
    static const struct {
        const char *old;
        const char *name;
    } ports[] = {
        { "destination-port-range", "destination-port" },
        { "destination-port-range-or-operator", "destination-port" },
        { "source-port-range", "source-port" },
        { "source-port-range-or-operator", "source-port" },
    };
    json_int_t protocol = json_integer_value(json_object_get(ip, "protocol"));
    const char *layer = protocol == 17 ? "udp" : "tcp";

    for (size_t i = 0; i < COUNT_OF(ports); i++)
        if (json_object_get(ip, ports[i].old))
            move_member(r, ip, ports[i].old, make_object(matches, layer),
                        ports[i].name);
}

/* A single address is a prefix of its whole length. */
static void import_prefix(struct mud_reading *r, json_t *ip, const char *key)
{
    const char *text = json_string_value(json_object_get(ip, key));
    struct ip address;
    struct writer prefix;

    if (!text || strchr(text, '/') ||
        !ip_parse(bytes_of_text(text), &address))
        return;
    changed(r, key, "an address is written as a prefix");
    writer_init(&prefix, 256);
    writer_format(&prefix, "%s/%d", text, ip_is_v4(address) ? 32 : 128);
    (void)json_object_set_new(ip, key, json_string(writer_as_text(&prefix)));
    writer_clear(&prefix);
}

static void import_empty(struct mud_reading *r, json_t *mud, const char *key)
{
    json_t *value = json_object_get(mud, key);

    if (!value || (json_array_size(value) == 1 &&
                   json_is_null(json_array_get(value, 0))))
        return;
    changed(r, key, "a leaf without a value is written [null]");
    if (json_is_false(value)) {
        (void)json_object_del(mud, key);
        return;
    }
    (void)json_object_set_new(mud, key, json_pack("[n]"));
}

static void import_layers(struct mud_reading *r, json_t *matches)
{
    static const char *const layers[] = { "tcp", "udp" };

    for (size_t i = 0; i < COUNT_OF(layers); i++) {
        json_t *layer = json_object_get(matches, layers[i]);
        if (!layer)
            continue;
        mud_enter(r, layers[i]);
        import_ports(r, layer, "destination-port");
        import_ports(r, layer, "source-port");
        mud_leave(r);
    }
}

static void import_addresses(struct mud_reading *r, json_t *matches)
{
    static const char *const families[] = { "ipv4", "ipv6" };
    static const char *const prefixes[] = {
        "destination-ipv4-network", "source-ipv4-network",
        "destination-ipv6-network", "source-ipv6-network",
    };

    for (size_t i = 0; i < COUNT_OF(families); i++) {
        json_t *ip = json_object_get(matches, families[i]);
        if (!ip)
            continue;
        mud_enter(r, families[i]);
        import_draft_ports(r, matches, ip);
        for (size_t j = 0; j < COUNT_OF(prefixes); j++)
            import_prefix(r, ip, prefixes[j]);
        mud_leave(r);
    }
}

static void import_matches(struct mud_reading *r, json_t *matches)
{
    static const char *const empties[] = {
        "local-networks", "my-controller", "same-manufacturer",
    };

    rename_member(r, matches, "ipv4-acl", "ipv4");
    rename_member(r, matches, "ipv6-acl", "ipv6");
    rename_member(r, matches, "tcp-acl", "tcp");
    rename_member(r, matches, "udp-acl", "udp");
    rename_member(r, matches, "ietf-mud:mud-acl", "ietf-mud:mud");
    if (json_object_get(matches, "ietf-mud:same-manufacturer"))
        move_member(r, matches, "ietf-mud:same-manufacturer",
                    make_object(matches, "ietf-mud:mud"),
                    "same-manufacturer");
    import_ethertype(r, matches);
    import_addresses(r, matches);
    import_layers(r, matches);
    import_broadcast(r, matches);
    json_t *mud = json_object_get(matches, "ietf-mud:mud");
    mud_enter(r, "ietf-mud:mud");
    for (size_t i = 0; i < COUNT_OF(empties); i++)
        import_empty(r, mud, empties[i]);
    mud_leave(r);
}

/* A second entry of the same name gets another. */
static void import_ace_name(struct mud_reading *r, json_t *aces,
                            size_t index)
{
    json_t *ace = json_array_get(aces, index);
    const char *name = json_string_value(json_object_get(ace, "name"));
    struct writer other;

    for (size_t i = 0; name && i < index; i++) {
        const char *before = json_string_value(
            json_object_get(json_array_get(aces, i), "name"));
        if (!before || strcmp(before, name) != 0)
            continue;
        changed(r, "name", "the list has another entry of this name");
        writer_init(&other, 256);
        writer_format(&other, "%.50s-%zu", name, index);
        (void)json_object_set_new(ace, "name",
                                  json_string(writer_as_text(&other)));
        writer_clear(&other);
        return;
    }
}

static void import_acl(struct mud_reading *r, json_t *acl)
{
    size_t index;
    json_t *ace;

    rename_member(r, acl, "acl-name", "name");
    rename_member(r, acl, "acl-type", "type");
    rename_member(r, acl, "access-list-entries", "aces");
    import_types(r, acl);
    json_t *aces = json_object_get(json_object_get(acl, "aces"), "ace");
    if (json_array_size(aces) > MUD_ACE_MAX)
        return; /* The reader refuses it. */
    mud_enter(r, "aces");
    mud_enter(r, "ace");
    json_array_foreach(aces, index, ace) {
        mud_enter_item(r, index);
        rename_member(r, ace, "rule-name", "name");
        import_ace_name(r, aces, index);
        json_t *matches = json_object_get(ace, "matches");
        mud_enter(r, "matches");
        if (matches)
            import_matches(r, matches);
        mud_leave(r);
        mud_leave(r);
    }
    mud_leave(r);
    mud_leave(r);
}

static void import_policy(struct mud_reading *r, json_t *mud,
                          const char *key)
{
    json_t *lists = json_object_get(
        json_object_get(json_object_get(mud, key), "access-lists"),
        "access-list");
    size_t index;
    json_t *entry;

    mud_enter(r, key);
    json_array_foreach(lists, index, entry) {
        mud_enter_item(r, index);
        rename_member(r, entry, "acl-name", "name");
        if (json_object_get(entry, "acl-type")) {
            changed(r, "acl-type", "the list itself has its type");
            (void)json_object_del(entry, "acl-type");
        }
        mud_leave(r);
    }
    mud_leave(r);
}

static void import_head(struct mud_reading *r, json_t *mud)
{
    const char *date =
        json_string_value(json_object_get(mud, "last-update"));
    const char *document =
        json_string_value(json_object_get(mud, "documentation"));
    int64_t seconds;
    bool has_zone;
    struct writer with_zone;

    if (!json_object_get(mud, "mud-version")) {
        mud_problem(r, MUD_IMPORTED, "import",
                    "'mud-version' is missing; 1 is taken");
        (void)json_object_set_new(mud, "mud-version", json_integer(1));
    }
    if (document && !document[0]) {
        changed(r, "documentation", "an empty text is not a URI");
        (void)json_object_del(mud, "documentation");
    }
    if (!date || !mud_date_parse(date, &seconds, &has_zone) || has_zone)
        return;
    changed(r, "last-update", "the zone is missing; UTC is taken");
    writer_init(&with_zone, 256);
    writer_format(&with_zone, "%sZ", date);
    (void)json_object_set_new(mud, "last-update",
                              json_string(writer_as_text(&with_zone)));
    writer_clear(&with_zone);
}

void mud_import(struct mud_reading *r, json_t *root)
{
    static const char key[] = "ietf-access-control-list:acls";
    json_t *mud = json_object_get(root, "ietf-mud:mud");
    size_t index;
    json_t *acl;

    rename_member(r, root, "ietf-access-control-list:access-lists", key);
    mud_enter(r, "ietf-mud:mud");
    if (json_is_object(mud)) {
        import_head(r, mud);
        import_policy(r, mud, "from-device-policy");
        import_policy(r, mud, "to-device-policy");
    }
    mud_leave(r);
    mud_enter(r, key);
    mud_enter(r, "acl");
    json_array_foreach(json_object_get(json_object_get(root, key), "acl"),
                       index, acl) {
        mud_enter_item(r, index);
        import_acl(r, acl);
        mud_leave(r);
    }
    mud_leave(r);
    mud_leave(r);
}
