/* SPDX-License-Identifier: Apache-2.0 */

/*
 * DHCPv6 (RFC 8415): one event a message; a relayed message is reported as
 * what it carries, with the relay agent nearest to the client.
 */
#include "base/arena_writer.h"
#include "base/reader.h"
#include "dissect/dissector.h"
#include "dissect/dns_message.h"

enum {
    DHCPV6_CLIENT_PORT = 546,
    DHCPV6_SERVER_PORT = 547,
    DHCPV6_RELAYS_MAX = 8,   /* HOP_COUNT_LIMIT, RFC 8415 section 7.6 */
    DHCPV6_OPTIONS_MAX = 64, /* Kept of one message; more are counted. */
    TYPE_RELAY_FORWARD = 12,
    TYPE_RELAY_REPLY = 13,
    OPTION_CLIENT_ID = 1,
    OPTION_SERVER_ID = 2,
    OPTION_IA_NA = 3,
    OPTION_IA_TA = 4,
    OPTION_IA_ADDRESS = 5,
    OPTION_REQUEST = 6,
    OPTION_RELAY_MESSAGE = 9,
    OPTION_STATUS = 13,
    OPTION_VENDOR_CLASS = 16,
    OPTION_DNS_SERVERS = 23,
    OPTION_DOMAIN_LIST = 24,
    OPTION_IA_PD = 25,
    OPTION_IA_PREFIX = 26,
    OPTION_FQDN = 39,
    OPTION_MUD_URL = 112,
    DUID_LINK_TIME = 1,
    DUID_LINK = 3,
    HARDWARE_ETHERNET = 1,
};

static const uint16_t dhcpv6_ports[] = {
    DHCPV6_SERVER_PORT, DHCPV6_CLIENT_PORT, 0,
};

struct dhcpv6_option {
    uint16_t code;
    struct bytes data;
};

/* Options of identity associations stand in the same list. */
struct dhcpv6_message {
    struct dhcpv6_option options[DHCPV6_OPTIONS_MAX];
    uint16_t count;
    uint32_t more;
    uint32_t id;
    uint8_t type;
    bool is_relayed;
    struct ip relay_link;
    struct ip relay_peer;
};

static const char *type_name(uint8_t type)
{
    static const char *const names[] = {
        NULL,      "solicit", "advertise", "request",     "confirm",
        "renew",   "rebind",  "reply",     "release",     "decline",
        "reconfigure", "information-request", "relay-forward", "relay-reply",
    };

    return type < COUNT_OF(names) ? names[type] : NULL;
}

/* Bytes of an identity association before its own options. */
static size_t association_size(uint16_t code)
{
    if (code == OPTION_IA_NA || code == OPTION_IA_PD)
        return 12;
    return code == OPTION_IA_TA ? 4 : 0;
}

static void keep(struct dhcpv6_message *message, uint16_t code,
                 struct bytes data)
{
    if (message->count == DHCPV6_OPTIONS_MAX) {
        message->more++;
        return;
    }
    message->options[message->count++] =
        (struct dhcpv6_option){ .code = code, .data = data };
}

/* Take one level of options into the list. */
static bool take_level(struct reader *r, struct dhcpv6_message *message)
{
    while (reader_left(r) > 0) {
        uint16_t code = reader_u16(r);
        struct bytes data = reader_bytes(r, reader_u16(r));

        if (!reader_ok(r))
            return false;
        keep(message, code, data);
    }
    return reader_ok(r);
}

/* The options, and after them those of each identity association. */
static bool take_options(struct reader *r, struct dhcpv6_message *message)
{
    if (!take_level(r, message))
        return false;
    uint16_t outer = message->count;
    for (uint16_t i = 0; i < outer; i++) {
        const struct dhcpv6_option option = message->options[i];
        size_t size = association_size(option.code);
        if (size == 0)
            continue;
        struct reader inner = reader_of(option.data);
        reader_skip(&inner, size);
        if (!take_level(&inner, message))
            return false;
    }
    return true;
}

static struct ip take_ip(struct reader *r)
{
    static const uint8_t none[16];
    struct bytes wire = reader_bytes(r, sizeof none);

    return ip_of_v6_bytes(reader_ok(r) ? wire.data : none);
}

/* RFC 8415 section 9: hops, two addresses, options; one is the message. */
static bool enter_relayed(struct reader *r, struct dhcpv6_message *message)
{
    struct reader options;

    reader_skip(r, 1);
    message->relay_link = take_ip(r);
    message->relay_peer = take_ip(r);
    message->is_relayed = true;
    options = *r;
    while (reader_left(&options) > 0) {
        uint16_t code = reader_u16(&options);
        struct bytes data = reader_bytes(&options, reader_u16(&options));

        if (code == OPTION_RELAY_MESSAGE && reader_ok(&options)) {
            *r = reader_of(data);
            return true;
        }
    }
    return false;
}

static bool is_relay(uint8_t type)
{
    return type == TYPE_RELAY_FORWARD || type == TYPE_RELAY_REPLY;
}

static const char *parse(struct bytes wire, struct dhcpv6_message *message)
{
    struct reader r = reader_of(wire);

    message->count = 0;
    message->more = 0;
    message->is_relayed = false;
    message->type = reader_u8(&r);
    for (int relays = 0; is_relay(message->type); relays++) {
        if (relays == DHCPV6_RELAYS_MAX)
            return "dhcpv6_too_many_relays";
        if (!enter_relayed(&r, message))
            return "dhcpv6_relay_malformed";
        message->type = reader_u8(&r);
    }
    message->id = reader_u24(&r);
    if (!reader_ok(&r))
        return "dhcpv6_truncated";
    return take_options(&r, message) ? NULL : "dhcpv6_option_truncated";
}

/* Where one option goes. */
struct target {
    struct event *event;
    struct arena *arena;
};

static void put_hex(const struct target *to, enum event_field field,
                    struct bytes data)
{
    struct arena_writer w;

    arena_writer_init(&w, to->arena, 2 * data.size);
    arena_writer_hex(&w, data);
    event_set_text(to->event, field, arena_writer_view(&w));
}

/* RFC 8415 sections 11.2 and 11.4: two kinds of DUID hold a MAC. */
static void put_duid_mac(const struct target *to, struct bytes duid)
{
    struct reader r = reader_of(duid);
    uint16_t type = reader_u16(&r);
    uint16_t hardware = reader_u16(&r);

    if (type == DUID_LINK_TIME)
        reader_skip(&r, 4);
    else if (type != DUID_LINK)
        return;
    struct bytes address = reader_rest(&r);
    if (hardware == HARDWARE_ETHERNET && address.size == sizeof(struct mac))
        event_set_mac(to->event, FIELD_DHCPV6_CLIENT_MAC,
                      mac_of(address.data));
}

static void put_client(const struct target *to, struct bytes data)
{
    put_hex(to, FIELD_DHCPV6_CLIENT_DUID, data);
    put_duid_mac(to, data);
}

static void put_server(const struct target *to, struct bytes data)
{
    put_hex(to, FIELD_DHCPV6_SERVER_DUID, data);
}

static void put_address(const struct target *to, struct bytes data)
{
    struct reader r = reader_of(data);
    struct ip ip = take_ip(&r);

    if (reader_ok(&r))
        event_set_ip(to->event, FIELD_DHCPV6_ADDRESS, ip);
}

/* RFC 8415 section 21.22: two lifetimes, length, prefix. */
static void put_prefix(const struct target *to, struct bytes data)
{
    struct reader r = reader_of(data);
    struct arena_writer w;
    char text[IP_TEXT_SIZE];

    reader_skip(&r, 8);
    uint8_t length = reader_u8(&r);
    struct ip ip = take_ip(&r);
    if (!reader_ok(&r))
        return;
    arena_writer_init(&w, to->arena, IP_TEXT_SIZE);
    arena_writer_text(&w, ip_text(ip, text));
    arena_writer_byte(&w, '/');
    arena_writer_number(&w, length);
    event_set_text(to->event, FIELD_DHCPV6_PREFIX, arena_writer_view(&w));
}

static void put_request(const struct target *to, struct bytes data)
{
    struct reader r = reader_of(data);
    struct arena_writer w;

    arena_writer_init(&w, to->arena, 4 * data.size);
    while (reader_left(&r) >= 2) {
        if (w.size > 0)
            arena_writer_byte(&w, ',');
        arena_writer_number(&w, reader_u16(&r));
    }
    if (w.size > 0)
        event_set_text(to->event, FIELD_DHCPV6_FINGERPRINT,
                       arena_writer_view(&w));
}

static void put_vendor(const struct target *to, struct bytes data)
{
    struct reader r = reader_of(data);
    uint32_t enterprise = reader_u32(&r);

    if (!reader_ok(&r))
        return;
    event_set_number(to->event, FIELD_DHCPV6_VENDOR_ENTERPRISE, enterprise);
    while (reader_left(&r) > 0) {
        struct bytes text = reader_bytes(&r, reader_u16(&r));
        if (reader_ok(&r) && text.size > 0)
            event_set_text(to->event, FIELD_DHCPV6_VENDOR_CLASS, text);
    }
}

static void put_dns_servers(const struct target *to, struct bytes data)
{
    struct reader r = reader_of(data);

    while (reader_left(&r) >= 16)
        event_set_ip(to->event, FIELD_DHCPV6_DNS_SERVER, take_ip(&r));
}

static void put_domains(const struct target *to, struct bytes data)
{
    struct bytes text;
    size_t used;

    while (data.size > 0 &&
           dns_name_parse(data, to->arena, &text, &used)) {
        if (text.size > 0)
            event_set_text(to->event, FIELD_DHCPV6_DOMAIN, text);
        data = bytes_slice(data, used, data.size);
    }
}

/* RFC 4704 section 4: a byte of flags, the name in wire form. */
static void put_fqdn(const struct target *to, struct bytes data)
{
    struct bytes text;
    size_t used;

    if (dns_name_parse(bytes_slice(data, 1, data.size), to->arena, &text,
                       &used) &&
        text.size > 0)
        event_set_text(to->event, FIELD_DHCPV6_FQDN, text);
}

static void put_mud_url(const struct target *to, struct bytes data)
{
    event_set_text(to->event, FIELD_DHCPV6_MUD_URL, data);
}

static void put_status(const struct target *to, struct bytes data)
{
    struct reader r = reader_of(data);
    uint16_t code = reader_u16(&r);

    if (reader_ok(&r))
        event_set_number(to->event, FIELD_DHCPV6_STATUS, code);
}

static const struct {
    uint16_t code;
    void (*put)(const struct target *to, struct bytes data);
} handlers[] = {
    { OPTION_CLIENT_ID, put_client },
    { OPTION_SERVER_ID, put_server },
    { OPTION_IA_ADDRESS, put_address },
    { OPTION_IA_PREFIX, put_prefix },
    { OPTION_REQUEST, put_request },
    { OPTION_STATUS, put_status },
    { OPTION_VENDOR_CLASS, put_vendor },
    { OPTION_DNS_SERVERS, put_dns_servers },
    { OPTION_DOMAIN_LIST, put_domains },
    { OPTION_FQDN, put_fqdn },
    { OPTION_MUD_URL, put_mud_url },
};

static void put_option(const struct target *to,
                       const struct dhcpv6_option *option)
{
    for (size_t i = 0; i < COUNT_OF(handlers); i++)
        if (handlers[i].code == option->code)
            handlers[i].put(to, option->data);
}

static void add_event(const struct dhcpv6_message *message,
                      struct arena *arena, struct event_list *events)
{
    struct target to = { event_new(events, EVENT_DHCPV6), arena };

    if (type_name(message->type))
        event_set_literal(to.event, FIELD_DHCPV6_TYPE,
                          type_name(message->type));
    event_set_number(to.event, FIELD_DHCPV6_ID, message->id);
    for (uint16_t i = 0; i < message->count; i++)
        put_option(&to, &message->options[i]);
    if (message->is_relayed) {
        event_set_ip(to.event, FIELD_DHCPV6_RELAY_LINK, message->relay_link);
        event_set_ip(to.event, FIELD_DHCPV6_RELAY_PEER, message->relay_peer);
    }
    if (message->more > 0)
        event_set_number(to.event, FIELD_DHCPV6_OPTIONS_MORE, message->more);
}

/* There is no mark in the message: only its own ports will do. */
static enum dissect_verdict dhcpv6_recognise(const struct dissect_input *input)
{
    uint8_t type = input->data.size > 0 ? input->data.data[0] : 0;

    return input->port_matches && type_name(type) ? DISSECT_DONE
                                                  : DISSECT_NOT_MINE;
}

static struct dissect_result dhcpv6_feed(void *state,
                                         const struct dissect_input *input,
                                         struct event_list *events)
{
    struct dhcpv6_message message;
    const char *anomaly = parse(input->data, &message);

    (void)state; /* Each message stands for itself. */
    if (anomaly)
        return dissect_malformed(anomaly);
    add_event(&message, input->arena, events);
    return dissect_done(input->data.size);
}

const struct dissector dhcpv6_dissector = {
    .name = "dhcpv6",
    .transport = IP_PROTOCOL_UDP,
    .ports = dhcpv6_ports,
    .recognise = dhcpv6_recognise,
    .feed = dhcpv6_feed,
};
