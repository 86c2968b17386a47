/* SPDX-License-Identifier: Apache-2.0 */
#include "dissect/dhcp.h"

/*
 * DHCPv4 (RFC 2131, options of RFC 2132 and others): one event a message.
 */
#include "base/arena_writer.h"
#include "base/reader.h"
#include "dissect/dissector.h"
#include "dissect/dns_message.h"

enum {
    DHCP_SERVER_PORT = 67,
    DHCP_CLIENT_PORT = 68,
    ETHERNET = 1,
    OPTION_MESSAGE_TYPE = 53,
    OPTION_FQDN = 81,
    FQDN_ENCODED = 0x04, /* RFC 4702 section 2.1: the name is in wire form. */
};

static const uint16_t dhcp_ports[] = { DHCP_SERVER_PORT, DHCP_CLIENT_PORT, 0 };

/* One option on its way into an event. */
struct option_target {
    struct event *event;
    struct arena *arena;
    enum event_field field;
};

typedef void option_function(const struct option_target *to,
                             struct bytes data);

/* Some senders count the final zero in. */
static void put_text(const struct option_target *to, struct bytes data)
{
    while (data.size > 0 && data.data[data.size - 1] == 0)
        data.size--;
    if (data.size > 0)
        event_set_text(to->event, to->field, data);
}

static void put_seconds(const struct option_target *to, struct bytes data)
{
    struct reader r = reader_of(data);
    uint32_t seconds = reader_u32(&r);

    if (reader_ok(&r))
        event_set_number(to->event, to->field, seconds);
}

/* One address or several; a rest of less than four bytes is not one. */
static void put_ips(const struct option_target *to, struct bytes data)
{
    struct reader r = reader_of(data);

    while (reader_left(&r) >= 4)
        event_set_ip(to->event, to->field, ip_of_v4(reader_u32(&r)));
}

static void put_numbers(const struct option_target *to, struct bytes data)
{
    struct arena_writer w;

    arena_writer_init(&w, to->arena, 4 * data.size);
    for (size_t i = 0; i < data.size; i++) {
        if (i > 0)
            arena_writer_byte(&w, ',');
        arena_writer_number(&w, data.data[i]);
    }
    if (w.size > 0)
        event_set_text(to->event, to->field, arena_writer_view(&w));
}

static void put_hex(const struct option_target *to, struct bytes data)
{
    struct arena_writer w;

    arena_writer_init(&w, to->arena, 2 * data.size);
    arena_writer_hex(&w, data);
    if (w.size > 0)
        event_set_text(to->event, to->field, arena_writer_view(&w));
}

/* RFC 4702 section 2: flags, two codes no longer used, the name. */
static void put_fqdn(const struct option_target *to, struct bytes data)
{
    struct reader r = reader_of(data);
    uint8_t flags = reader_u8(&r);
    struct bytes name, text;
    size_t used;

    reader_skip(&r, 2);
    name = reader_rest(&r);
    if (!(flags & FQDN_ENCODED))
        put_text(to, name);
    else if (dns_name_parse(name, to->arena, &text, &used) && text.size > 0)
        event_set_text(to->event, to->field, text);
}

static const struct {
    uint8_t code;
    uint16_t field;
    option_function *put;
} options[] = {
    { 1, FIELD_DHCP_SUBNET_MASK, put_ips },
    { 3, FIELD_DHCP_ROUTER, put_ips },
    { 6, FIELD_DHCP_DNS_SERVER, put_ips },
    { 12, FIELD_DHCP_HOSTNAME, put_text },
    { 15, FIELD_DHCP_DOMAIN, put_text },
    { 42, FIELD_DHCP_NTP_SERVER, put_ips },
    { 50, FIELD_DHCP_REQUESTED_IP, put_ips },
    { 51, FIELD_DHCP_LEASE_TIME, put_seconds },
    { 54, FIELD_DHCP_SERVER_ID, put_ips },
    { 55, FIELD_DHCP_FINGERPRINT, put_numbers },
    { 56, FIELD_DHCP_MESSAGE, put_text },
    { 58, FIELD_DHCP_RENEWAL_TIME, put_seconds },
    { 59, FIELD_DHCP_REBINDING_TIME, put_seconds },
    { 60, FIELD_DHCP_VENDOR_CLASS, put_text },
    { 61, FIELD_DHCP_CLIENT_ID, put_hex },
    { 67, FIELD_DHCP_BOOT_FILE, put_text },
    { 77, FIELD_DHCP_USER_CLASS, put_text },
    { OPTION_FQDN, FIELD_DHCP_FQDN, put_fqdn },
    { 161, FIELD_DHCP_MUD_URL, put_text }, /* RFC 8520 section 10 */
};

/* RFC 2132 section 9.6, RFC 3203, RFC 4388. */
static const char *message_type_name(uint8_t type)
{
    static const char *const names[] = {
        NULL,      "discover",   "offer",           "request",
        "decline", "ack",        "nak",             "release",
        "inform",  "forcerenew", "leasequery",      "leaseunassigned",
        "leaseunknown", "leaseactive",
    };

    return type < COUNT_OF(names) ? names[type] : NULL;
}

static void set_ip_if_any(struct event *event, enum event_field field,
                          struct ip ip)
{
    if (!ip_is_zero(ip))
        event_set_ip(event, field, ip);
}

static void set_header(struct event *event, const struct dhcp_message *message)
{
    event_set_literal(event, FIELD_DHCP_TYPE,
                      message->operation == 2 ? "reply" : "request");
    event_set_number(event, FIELD_DHCP_ID, message->id);
    if (message->hardware_type == ETHERNET &&
        message->hardware.size == sizeof(struct mac))
        event_set_mac(event, FIELD_DHCP_CLIENT_MAC,
                      mac_of(message->hardware.data));
    set_ip_if_any(event, FIELD_DHCP_ASSIGNED_IP, message->assigned);
    set_ip_if_any(event, FIELD_DHCP_CLIENT_IP, message->client);
    set_ip_if_any(event, FIELD_DHCP_NEXT_SERVER_IP, message->next_server);
    set_ip_if_any(event, FIELD_DHCP_RELAY_IP, message->relay);
    if (message->file.size > 0)
        event_set_text(event, FIELD_DHCP_BOOT_FILE, message->file);
}

static void set_options(struct event *event,
                        const struct dhcp_message *message,
                        struct arena *arena)
{
    uint8_t codes[DHCP_OPTIONS_MAX];
    struct bytes data;

    for (uint16_t i = 0; i < message->count; i++)
        codes[i] = message->options[i].code;
    put_numbers(&(struct option_target){ event, arena, FIELD_DHCP_OPTIONS },
                bytes_of(codes, message->count));
    if (dhcp_option_find(message, OPTION_MESSAGE_TYPE, arena, &data) &&
        data.size > 0 && message_type_name(data.data[0]))
        event_set_literal(event, FIELD_DHCP_MESSAGE_TYPE,
                          message_type_name(data.data[0]));
    for (size_t i = 0; i < COUNT_OF(options); i++) {
        struct option_target to = { event, arena,
                                    (enum event_field)options[i].field };
        if (dhcp_option_find(message, options[i].code, arena, &data))
            options[i].put(&to, data);
    }
    if (message->more > 0)
        event_set_number(event, FIELD_DHCP_OPTIONS_MORE, message->more);
}

/* The cookie is proof; without it, only a cut message on its own port. */
static enum dissect_verdict dhcp_recognise(const struct dissect_input *input)
{
    const struct bytes cookie = bytes_of("\x63\x82\x53\x63", 4);
    struct reader r = reader_of(input->data);
    uint8_t operation = reader_u8(&r);
    uint8_t hardware_type = reader_u8(&r);
    uint8_t hardware_size = reader_u8(&r);

    if (!reader_ok(&r) || operation < 1 || operation > 2)
        return DISSECT_NOT_MINE;
    if (bytes_equal(bytes_slice(input->data, DHCP_HEADER_SIZE, 4), cookie))
        return DISSECT_DONE;
    return input->port_matches && hardware_type == ETHERNET &&
                   hardware_size == sizeof(struct mac) &&
                   input->data.size < DHCP_HEADER_SIZE + cookie.size
               ? DISSECT_DONE
               : DISSECT_NOT_MINE;
}

static struct dissect_result dhcp_feed(void *state,
                                       const struct dissect_input *input,
                                       struct event_list *events)
{
    struct dhcp_message message;

    (void)state; /* Each message stands for itself. */
    if (!dhcp_parse(input->data, &message))
        return dissect_malformed(message.anomaly);
    struct event *event = event_new(events, EVENT_DHCP);
    set_header(event, &message);
    set_options(event, &message, input->arena);
    return dissect_done(input->data.size);
}

const struct dissector dhcp_dissector = {
    .name = "dhcp",
    .transport = IP_PROTOCOL_UDP,
    .ports = dhcp_ports,
    .recognise = dhcp_recognise,
    .feed = dhcp_feed,
};
