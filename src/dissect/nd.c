/* SPDX-License-Identifier: Apache-2.0 */
#include "dissect/link.h"

#include "base/arena_writer.h"
#include "base/reader.h"
#include "dissect/dns_message.h"

/* ICMPv6 types and ND option types of RFC 4861, sections 4.1 to 4.6, and RFC
 * 8106, section 5. */
enum {
    ROUTER_SOLICITATION = 133,
    ROUTER_ADVERTISEMENT = 134,
    NEIGHBOR_SOLICITATION = 135,
    NEIGHBOR_ADVERTISEMENT = 136,
    REDIRECT = 137,
    OPTION_SOURCE_LINK = 1,
    OPTION_TARGET_LINK = 2,
    OPTION_PREFIX = 3,
    OPTION_MTU = 5,
    OPTION_DNS_SERVERS = 25,
    OPTION_DNS_DOMAINS = 31,
    ND_UNIT = 8,        /* Option lengths count in this. */
    ND_HOP_LIMIT = 255, /* Section 7.1: anything less came from afar. */
};

static const char *type_name(uint8_t type)
{
    static const char *const names[] = {
        "router-solicitation",   "router-advertisement",
        "neighbor-solicitation", "neighbor-advertisement",
        "redirect",
    };

    return names[type - ROUTER_SOLICITATION];
}

static struct ip take_ip(struct reader *r)
{
    static const uint8_t none[16];
    struct bytes wire = reader_bytes(r, sizeof none);

    return ip_of_v6_bytes(reader_ok(r) ? wire.data : none);
}

/* Section 4.2 */
static void take_advertised_router(struct event *event, struct reader *r)
{
    static const char *const preferences[] = { "medium", "high", "reserved",
                                               "low" }; /* RFC 4191 2.1 */
    uint8_t hops = reader_u8(r);
    uint8_t flags = reader_u8(r);
    uint16_t lifetime = reader_u16(r);

    reader_skip(r, 8);
    if (!reader_ok(r))
        return;
    event_set_number(event, FIELD_ND_HOP_LIMIT, hops);
    event_set_flag(event, FIELD_ND_MANAGED, flags & 0x80);
    event_set_flag(event, FIELD_ND_OTHER, flags & 0x40);
    event_set_literal(event, FIELD_ND_PREFERENCE, preferences[flags >> 3 & 3]);
    event_set_number(event, FIELD_ND_LIFETIME, lifetime);
}

/* Sections 4.3 to 4.5: four bytes of flags, one address, or two. */
static void take_target(struct event *event, uint8_t type, struct reader *r)
{
    uint32_t flags = reader_u32(r);
    struct ip target = take_ip(r);
    struct ip destination = type == REDIRECT ? take_ip(r) : target;

    if (!reader_ok(r))
        return;
    event_set_ip(event, FIELD_ND_TARGET, target);
    if (type == REDIRECT)
        event_set_ip(event, FIELD_ND_DESTINATION, destination);
    if (type != NEIGHBOR_ADVERTISEMENT)
        return;
    event_set_flag(event, FIELD_ND_ROUTER, flags >> 31 & 1);
    event_set_flag(event, FIELD_ND_SOLICITED, flags >> 30 & 1);
    event_set_flag(event, FIELD_ND_OVERRIDE, flags >> 29 & 1);
}

static void take_body(struct event *event, uint8_t type, struct reader *r)
{
    if (type == ROUTER_SOLICITATION)
        reader_skip(r, 4);
    else if (type == ROUTER_ADVERTISEMENT)
        take_advertised_router(event, r);
    else
        take_target(event, type, r);
}

static void put_link(struct event *event, enum event_field field,
                     struct reader *r)
{
    struct bytes address = reader_bytes(r, sizeof(struct mac));

    if (reader_ok(r))
        event_set_mac(event, field, mac_of(address.data));
}

/* Section 4.6.2 */
static void put_prefix(struct event *event, struct reader *r, uint16_t item)
{
    uint8_t length = reader_u8(r);
    uint8_t flags = reader_u8(r);
    uint32_t lifetime = reader_u32(r);
    struct arena_writer w;
    char text[IP_TEXT_SIZE];

    reader_skip(r, 8);
    struct ip prefix = take_ip(r);
    if (!reader_ok(r))
        return;
    arena_writer_init(&w, event->arena, IP_TEXT_SIZE);
    arena_writer_text(&w, ip_text(prefix, text));
    arena_writer_byte(&w, '/');
    arena_writer_number(&w, length);
    event_begin_item(event, item);
    event_set_text(event, FIELD_ND_PREFIX, arena_writer_view(&w));
    event_set_flag(event, FIELD_ND_PREFIX_ON_LINK, flags & 0x80);
    event_set_flag(event, FIELD_ND_PREFIX_AUTONOMOUS, flags & 0x40);
    event_set_number(event, FIELD_ND_PREFIX_LIFETIME, lifetime);
    event_begin_item(event, 0);
}

static void put_mtu(struct event *event, struct reader *r)
{
    reader_skip(r, 2);
    uint32_t mtu = reader_u32(r);
    if (reader_ok(r))
        event_set_number(event, FIELD_ND_MTU, mtu);
}

/* RFC 8106 section 5.1: two bytes, a lifetime, addresses. */
static void put_dns_servers(struct event *event, struct reader *r)
{
    reader_skip(r, 6);
    while (reader_left(r) >= sizeof(struct ip))
        event_set_ip(event, FIELD_ND_DNS_SERVER, take_ip(r));
}

/* RFC 8106 section 5.2: the same with names, padded with zeros. */
static void put_dns_domains(struct event *event, struct reader *r)
{
    struct bytes text;
    size_t used;

    reader_skip(r, 6);
    struct bytes names = reader_rest(r);
    while (names.size > 0 &&
           dns_name_parse(names, event->arena, &text, &used)) {
        if (text.size > 0)
            event_set_text(event, FIELD_ND_DNS_DOMAIN, text);
        names = bytes_slice(names, used, names.size);
    }
}

static void put_option(struct event *event, uint8_t type, struct reader *r,
                       uint16_t item)
{
    switch (type) {
    case OPTION_SOURCE_LINK:
        put_link(event, FIELD_ND_SOURCE_LINK, r);
        break;
    case OPTION_TARGET_LINK:
        put_link(event, FIELD_ND_TARGET_LINK, r);
        break;
    case OPTION_PREFIX:
        put_prefix(event, r, item);
        break;
    case OPTION_MTU:
        put_mtu(event, r);
        break;
    case OPTION_DNS_SERVERS:
        put_dns_servers(event, r);
        break;
    case OPTION_DNS_DOMAINS:
        put_dns_domains(event, r);
        break;
    default:
        break;
    }
}

/* Null, or what is wrong. */
static const char *take_options(struct event *event, struct reader *r)
{
    uint16_t prefixes = 0;
    uint32_t more = 0;

    for (uint32_t i = 0; reader_left(r) > 0; i++) {
        uint8_t type = reader_u8(r);
        uint8_t units = reader_u8(r);
        if (reader_ok(r) && units == 0)
            return "nd_option_empty"; /* Section 4.6: must be dropped. */
        struct reader option = reader_sub(r, (size_t)units * ND_UNIT - 2);
        if (!reader_ok(r))
            return "nd_option_truncated";
        if (i >= ND_OPTIONS_MAX)
            more++;
        else
            put_option(event, type, &option, prefixes);
        if (type == OPTION_PREFIX)
            prefixes++;
        if (!reader_ok(&option))
            return "nd_option_malformed";
    }
    if (more > 0)
        event_set_number(event, FIELD_ND_OPTIONS_MORE, more);
    return NULL;
}

void nd_events(const struct packet *packet, struct event_list *events)
{
    struct reader r = reader_of(packet->payload);
    uint8_t type = packet->icmp_type;

    if (packet->layer != PACKET_LAYER_IP || !packet->has_transport ||
        packet->protocol != IP_PROTOCOL_ICMPV6 || packet->icmp_code != 0 ||
        type < ROUTER_SOLICITATION || type > REDIRECT)
        return;
    struct event *event = event_new(events, EVENT_ND);
    if (!event)
        return;
    event_set_literal(event, FIELD_ND_TYPE, type_name(type));
    if (type == NEIGHBOR_SOLICITATION && ip_is_zero(packet->source))
        event_set_flag(event, FIELD_ND_PROBE, true);
    if (packet->ttl != ND_HOP_LIMIT)
        event_set_flag(event, FIELD_ND_SPOOFABLE, true);
    take_body(event, type, &r);
    const char *wrong =
        reader_ok(&r) ? take_options(event, &r) : "nd_truncated";
    if (wrong && packet->payload_missing == 0)
        event_set_literal(event, FIELD_ND_MALFORMED, wrong);
}
