/* SPDX-License-Identifier: Apache-2.0 */
#include "dissect/link.h"

#include "base/arena_writer.h"
#include "base/reader.h"

/* TLV types of IEEE 802.1AB, table 8-1. */
enum {
    TLV_END = 0,
    TLV_CHASSIS = 1,
    TLV_PORT = 2,
    TLV_TTL = 3,
    TLV_PORT_DESCRIPTION = 4,
    TLV_NAME = 5,
    TLV_DESCRIPTION = 6,
    TLV_CAPABILITIES = 7,
    TLV_ADDRESS = 8,
    TLV_ORGANIZATION = 127,
};

enum {
    CHASSIS_MAC = 4,     /* Kinds of id, tables 8-2 and 8-3. */
    CHASSIS_NETWORK = 5,
    PORT_MAC = 3,
    PORT_NETWORK = 4,
    FAMILY_IPV4 = 1,     /* IANA address family numbers. */
    FAMILY_IPV6 = 2,
    OUI_8021 = 0x0080c2,
    OUI_MED = 0x0012bb,
    OUI_IANA = 0x00005e,
    IANA_MUD_URL = 1,    /* RFC 8520 section 12 */
    PORT_VLAN = 1,
};

static bool ip_of_family(uint8_t family, struct bytes address, struct ip *ip)
{
    if (family == FAMILY_IPV4 && address.size == 4)
        *ip = ip_of_v4_bytes(address.data);
    else if (family == FAMILY_IPV6 && address.size == 16)
        *ip = ip_of_v6_bytes(address.data);
    else
        return false;
    return true;
}

/* The value of an id whose kind is an address, for people. */
static struct bytes network_text(struct bytes id, struct arena *arena)
{
    char text[IP_TEXT_SIZE];
    struct ip ip;

    if (id.size == 0 || !ip_of_family(id.data[0], bytes_slice(id, 1, id.size),
                                      &ip))
        return id;
    return arena_copy(arena, bytes_of_text(ip_text(ip, text)));
}

static struct bytes mac_as_text(struct bytes id, struct arena *arena)
{
    char text[MAC_TEXT_SIZE];

    if (id.size != sizeof(struct mac))
        return id;
    return arena_copy(arena, bytes_of_text(mac_text(mac_of(id.data), text)));
}

static bool take_chassis(struct event *event, struct bytes value)
{
    static const char *const kinds[] = {
        "reserved", "component", "interface-alias", "port",
        "mac",      "network",   "interface-name",  "local",
    };
    struct reader r = reader_of(value);
    uint8_t subtype = reader_u8(&r);
    struct bytes id = reader_rest(&r);

    if (id.size == 0)
        return false;
    const char *kind = subtype < COUNT_OF(kinds) ? kinds[subtype] : "reserved";
    event_set_literal(event, FIELD_LLDP_CHASSIS_TYPE, kind);
    if (subtype == CHASSIS_MAC && id.size == sizeof(struct mac))
        event_set_mac(event, FIELD_LLDP_CHASSIS_MAC, mac_of(id.data));
    if (subtype == CHASSIS_MAC)
        id = mac_as_text(id, event->arena);
    else if (subtype == CHASSIS_NETWORK)
        id = network_text(id, event->arena);
    event_set_text(event, FIELD_LLDP_CHASSIS, id);
    return true;
}

static bool take_port(struct event *event, struct bytes value)
{
    static const char *const kinds[] = {
        "reserved", "interface-alias", "port",  "mac",
        "network",  "interface-name",  "agent", "local",
    };
    struct reader r = reader_of(value);
    uint8_t subtype = reader_u8(&r);
    struct bytes id = reader_rest(&r);

    if (id.size == 0)
        return false;
    const char *kind = subtype < COUNT_OF(kinds) ? kinds[subtype] : "reserved";
    event_set_literal(event, FIELD_LLDP_PORT_TYPE, kind);
    if (subtype == PORT_MAC)
        id = mac_as_text(id, event->arena);
    else if (subtype == PORT_NETWORK)
        id = network_text(id, event->arena);
    event_set_text(event, FIELD_LLDP_PORT, id);
    return true;
}

static bool take_ttl(struct event *event, struct bytes value)
{
    struct reader r = reader_of(value);
    uint16_t seconds = reader_u16(&r);

    if (reader_ok(&r))
        event_set_number(event, FIELD_LLDP_TTL, seconds);
    return reader_ok(&r);
}

static bool take_text(struct event *event, enum event_field field,
                      struct bytes value)
{
    if (value.size > 0)
        event_set_text(event, field, value);
    return true;
}

static bool take_port_description(struct event *event, struct bytes value)
{
    return take_text(event, FIELD_LLDP_PORT_DESCRIPTION, value);
}

static bool take_name(struct event *event, struct bytes value)
{
    return take_text(event, FIELD_LLDP_NAME, value);
}

static bool take_description(struct event *event, struct bytes value)
{
    return take_text(event, FIELD_LLDP_DESCRIPTION, value);
}

static void set_capabilities(struct event *event, enum event_field field,
                             uint16_t bits)
{
    static const char *const names[] = {
        "other",     "repeater", "bridge",  "wlan-access-point",
        "router",    "telephone", "docsis", "station",
        "c-vlan",    "s-vlan",   "tpmr",
    };

    for (size_t i = 0; i < COUNT_OF(names); i++)
        if (bits >> i & 1)
            event_set_literal(event, field, names[i]);
}

static bool take_capabilities(struct event *event, struct bytes value)
{
    struct reader r = reader_of(value);
    uint16_t capable = reader_u16(&r);
    uint16_t enabled = reader_u16(&r);

    if (!reader_ok(&r))
        return false;
    set_capabilities(event, FIELD_LLDP_CAPABLE, capable);
    set_capabilities(event, FIELD_LLDP_CAPABILITY, enabled);
    return true;
}

/* Its length counts the family; interface and object id follow. */
static bool take_address(struct event *event, struct bytes value)
{
    struct reader r = reader_of(value);
    struct reader address = reader_sub(&r, reader_u8(&r));
    uint8_t family = reader_u8(&address);
    struct ip ip;

    if (!reader_ok(&r) || !reader_ok(&address))
        return false;
    if (ip_of_family(family, reader_rest(&address), &ip))
        event_set_ip(event, FIELD_LLDP_ADDRESS, ip);
    return true;
}

/* ANSI/TIA-1057 section 10.2.6: the inventory. */
static void set_inventory(struct event *event, uint8_t subtype,
                          struct bytes text)
{
    static const struct {
        uint8_t subtype;
        uint16_t field;
    } fields[] = {
        { 5, FIELD_LLDP_HARDWARE }, { 6, FIELD_LLDP_FIRMWARE },
        { 7, FIELD_LLDP_SOFTWARE }, { 8, FIELD_LLDP_SERIAL },
        { 9, FIELD_LLDP_MANUFACTURER }, { 10, FIELD_LLDP_MODEL },
    };

    for (size_t i = 0; i < COUNT_OF(fields) && text.size > 0; i++)
        if (fields[i].subtype == subtype)
            event_set_text(event, (enum event_field)fields[i].field, text);
}

/* "00:80:c2/1" */
static void set_organization(struct event *event, struct bytes oui,
                             uint8_t subtype)
{
    struct arena_writer w;

    arena_writer_init(&w, event->arena, 16);
    for (size_t i = 0; i < oui.size; i++) {
        if (i > 0)
            arena_writer_byte(&w, ':');
        arena_writer_hex(&w, bytes_slice(oui, i, 1));
    }
    arena_writer_byte(&w, '/');
    arena_writer_number(&w, subtype);
    event_set_text(event, FIELD_LLDP_ORGANIZATION, arena_writer_view(&w));
}

static bool take_organization(struct event *event, struct bytes value)
{
    struct reader r = reader_of(value);
    uint32_t oui = reader_u24(&r);
    uint8_t subtype = reader_u8(&r);
    struct bytes data = reader_rest(&r);

    if (!reader_ok(&r))
        return false;
    set_organization(event, bytes_slice(value, 0, 3), subtype);
    if (oui == OUI_MED)
        set_inventory(event, subtype, data);
    else if (oui == OUI_IANA && subtype == IANA_MUD_URL && data.size > 0)
        event_set_text(event, FIELD_LLDP_MUD_URL, data);
    else if (oui == OUI_8021 && subtype == PORT_VLAN && data.size == 2)
        event_set_number(event, FIELD_LLDP_VLAN,
                         (uint64_t)data.data[0] << 8 | data.data[1]);
    return true;
}

/* True for types without a meaning of their own, too. */
static bool take_tlv(struct event *event, uint8_t type, struct bytes value)
{
    static bool (*const handlers[])(struct event *, struct bytes) = {
        [TLV_CHASSIS] = take_chassis,
        [TLV_PORT] = take_port,
        [TLV_TTL] = take_ttl,
        [TLV_PORT_DESCRIPTION] = take_port_description,
        [TLV_NAME] = take_name,
        [TLV_DESCRIPTION] = take_description,
        [TLV_CAPABILITIES] = take_capabilities,
        [TLV_ADDRESS] = take_address,
        [TLV_ORGANIZATION] = take_organization,
    };

    return type >= COUNT_OF(handlers) || !handlers[type] ||
           handlers[type](event, value);
}

/* IEEE 802.1AB section 9.2.7.7.1: the first three are chassis, port, TTL. */
static bool is_out_of_order(uint32_t index, uint8_t type)
{
    return index < 3 && type != index + 1;
}

/* Null, or what is wrong. */
static const char *take_all(struct event *event, struct reader *r,
                            uint32_t *more)
{
    for (uint32_t i = 0; reader_left(r) > 0; i++) {
        uint16_t header = reader_u16(r);
        uint8_t type = (uint8_t)(header >> 9);
        struct bytes value = reader_bytes(r, header & 0x1ff);

        if (!reader_ok(r))
            return "lldp_truncated";
        if (is_out_of_order(i, type))
            return "lldp_out_of_order";
        if (type == TLV_END)
            return NULL;
        if (i >= LLDP_TLVS_MAX)
            ++*more;
        else if (!take_tlv(event, type, value))
            return "lldp_tlv_malformed";
    }
    return NULL;
}

void lldp_events(const struct packet *packet, struct event_list *events)
{
    struct reader r = reader_of(packet->payload);
    uint32_t more = 0;

    if (packet->layer != PACKET_LAYER_LLDP)
        return;
    struct event *event = event_new(events, EVENT_LLDP);
    if (!event)
        return;
    const char *wrong = take_all(event, &r, &more);
    if (wrong && packet->payload_missing == 0)
        event_set_literal(event, FIELD_LLDP_MALFORMED, wrong);
    if (more > 0)
        event_set_number(event, FIELD_LLDP_MORE, more);
}
