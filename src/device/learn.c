/* SPDX-License-Identifier: Apache-2.0 */

/*
 * What events say of the devices at their ends, as a table: which field is
 * evidence of what, and of which end. DHCP speaks of a client by its hardware
 * address, whoever carried the message; it and neighbour discovery also prove
 * who holds an address.
 */
#include "device/device.h"

#include <string.h>

#include "device/internal.h"

enum end { END_SOURCE, END_DESTINATION };

static const struct {
    uint16_t field;
    uint8_t kind; /* enum device_claim_kind */
    uint8_t end;
    const char *source;
} evidence[] = {
    { FIELD_MDNS_HOST, DEVICE_CLAIM_NAME, END_SOURCE, "mdns" },
    { FIELD_MDNS_SERVICE, DEVICE_CLAIM_SERVICE, END_SOURCE, "mdns" },
    { FIELD_MDNS_SERVICE_INSTANCE, DEVICE_CLAIM_MODEL, END_SOURCE, "mdns" },
    { FIELD_MATTER_DEVICE_NAME, DEVICE_CLAIM_NAME, END_SOURCE, "matter" },
    { FIELD_SSDP_SERVER, DEVICE_CLAIM_SOFTWARE, END_SOURCE, "ssdp" },
    { FIELD_SSDP_NT, DEVICE_CLAIM_SERVICE, END_SOURCE, "ssdp" },
    { FIELD_SSDP_USN, DEVICE_CLAIM_CLIENT_ID, END_SOURCE, "ssdp" },
    { FIELD_LLDP_NAME, DEVICE_CLAIM_NAME, END_SOURCE, "lldp" },
    { FIELD_LLDP_DESCRIPTION, DEVICE_CLAIM_SOFTWARE, END_SOURCE, "lldp" },
    { FIELD_LLDP_MODEL, DEVICE_CLAIM_MODEL, END_SOURCE, "lldp" },
    { FIELD_LLDP_MUD_URL, DEVICE_CLAIM_MUD_URL, END_SOURCE, "lldp" },
    { FIELD_TLS_JA4, DEVICE_CLAIM_FINGERPRINT, END_SOURCE, "tls" },
    { FIELD_TLS_CLIENT_SUBJECT, DEVICE_CLAIM_NAME, END_SOURCE, "tls" },
    { FIELD_TLS_CLIENT_MUD_URL, DEVICE_CLAIM_MUD_URL, END_SOURCE, "tls" },
    { FIELD_TLS_SUBJECT, DEVICE_CLAIM_NAME, END_DESTINATION, "tls" },
    { FIELD_TLS_CERT_MUD_URL, DEVICE_CLAIM_MUD_URL, END_DESTINATION, "tls" },
    { FIELD_QUIC_UA, DEVICE_CLAIM_SOFTWARE, END_SOURCE, "quic" },
    { FIELD_HTTP_USER_AGENT, DEVICE_CLAIM_SOFTWARE, END_SOURCE, "http" },
    { FIELD_HTTP_SERVER, DEVICE_CLAIM_SOFTWARE, END_DESTINATION, "http" },
    { FIELD_SSH_CLIENT_SOFTWARE, DEVICE_CLAIM_SOFTWARE, END_SOURCE, "ssh" },
    { FIELD_SSH_SERVER_SOFTWARE, DEVICE_CLAIM_SOFTWARE, END_DESTINATION,
      "ssh" },
    { FIELD_MQTT_CLIENT_ID, DEVICE_CLAIM_NAME, END_SOURCE, "mqtt" },
    { FIELD_RTSP_SERVER, DEVICE_CLAIM_SOFTWARE, END_DESTINATION, "rtsp" },
    { FIELD_RTSP_USER_AGENT, DEVICE_CLAIM_SOFTWARE, END_SOURCE, "rtsp" },
    { FIELD_SIP_USER_AGENT, DEVICE_CLAIM_SOFTWARE, END_SOURCE, "sip" },
};

/* DHCP options that say what a client is. A change of those marked is a
 * change of identity: no software update alters a host's name and class. */
static const struct {
    uint16_t field;
    uint8_t kind;
    bool is_identity;
} dhcp_evidence[] = {
    { FIELD_DHCP_HOSTNAME, DEVICE_CLAIM_NAME, true },
    { FIELD_DHCP_FQDN, DEVICE_CLAIM_NAME, false },
    { FIELD_DHCP_VENDOR_CLASS, DEVICE_CLAIM_SOFTWARE, true },
    { FIELD_DHCP_FINGERPRINT, DEVICE_CLAIM_FINGERPRINT, false },
    { FIELD_DHCP_CLIENT_ID, DEVICE_CLAIM_CLIENT_ID, false },
    { FIELD_DHCP_MUD_URL, DEVICE_CLAIM_MUD_URL, false },
};

static void learn_ends(struct device_table *table, const struct event *event)
{
    for (size_t i = 0; i < COUNT_OF(evidence); i++) {
        enum event_field field = (enum event_field)evidence[i].field;
        uint32_t index = evidence[i].end == END_SOURCE
                             ? event->context.source_device
                             : event->context.destination_device;
        if (index == DEVICE_NONE ||
            event_field_info(field)->event != (uint8_t)event->type)
            continue;
        size_t from = 0;
        const struct event_value *value;
        while ((value = event_next(event, field, &from)))
            (void)device_claim_add(
                table, index, (enum device_claim_kind)evidence[i].kind,
                evidence[i].source, value->text); /* Old values may stay. */
    }
}

static void report_identity(struct device_table *table, uint32_t index,
                            enum device_claim_kind kind, const char *older,
                            struct event_list *events)
{
    struct event *event =
        device_event(table, index, "identity_conflict", events);
    const struct device *device = table->devices[index];

    event_set_literal(event, FIELD_DEVICE_CLAIM,
                      device_claim_kind_name(kind));
    event_set_literal(event, FIELD_DEVICE_OLD, older);
    for (uint8_t i = 0; i < device->claim_count; i++)
        if (device->claims[i].kind == kind &&
            strcmp(device->claims[i].source, "dhcp") == 0 &&
            device->claims[i].last_ns == table->now_ns)
            event_set_literal(event, FIELD_DEVICE_NEW,
                              device->claims[i].value);
}

/* An identifier that a device gave itself names it again under a new random
 * address, if the old address fell silent before the new one appeared. */
static void join_random(struct device_table *table, uint32_t index,
                        struct bytes client_id)
{
    struct device *device = table->devices[index];
    struct bytes own = bytes_of_text(device->id);

    if (!device->is_random_mac || device->same_as != DEVICE_NONE ||
        client_id.size < 4)
        return;
    for (uint32_t i = 0; i < table->count; i++) {
        const struct device *other = table->devices[i];
        const struct device_claim *claim =
            device_claim_of(other, DEVICE_CLAIM_CLIENT_ID);
        if (i == index || !claim || other->last_ns > device->first_ns ||
            !bytes_equal(bytes_of_text(claim->value), client_id) ||
            bytes_equal(bytes_of_text(other->id), own))
            continue;
        device->same_as = other->same_as != DEVICE_NONE ? other->same_as : i;
        return;
    }
}

static void learn_dhcp(struct device_table *table, const struct event *event,
                       struct event_list *events)
{
    const struct event_value *mac = event_get(event, FIELD_DHCP_CLIENT_MAC);
    uint32_t index = mac ? device_of_mac(table, mac->mac, false) : DEVICE_NONE;

    if (index == DEVICE_NONE)
        return;
    bool from_client = bytes_equal(event_text(event, FIELD_DHCP_TYPE),
                                   bytes_of_text("request"));
    for (size_t i = 0; i < COUNT_OF(dhcp_evidence) && from_client; i++) {
        enum device_claim_kind kind =
            (enum device_claim_kind)dhcp_evidence[i].kind;
        struct bytes value =
            event_text(event, (enum event_field)dhcp_evidence[i].field);
        const char *older =
            device_claim_add(table, index, kind, "dhcp", value);
        if (older && dhcp_evidence[i].is_identity)
            report_identity(table, index, kind, older, events);
    }
    if (from_client)
        join_random(table, index, event_text(event, FIELD_DHCP_CLIENT_ID));
    const struct event_value *given = event_get(event, FIELD_DHCP_ASSIGNED_IP);
    if (given && !from_client && !ip_is_zero(given->ip) &&
        bytes_equal(event_text(event, FIELD_DHCP_MESSAGE_TYPE),
                    bytes_of_text("ack"))) {
        (void)device_bind(table, given->ip, index, true); /* Or counted. */
        device_note_address(table, index, given->ip);
    }
}

/* A relay carries the words of a client that may be somewhere else (RFC 8415
 * section 19); then only the MAC in the client's DUID says who it is. */
static void learn_dhcpv6(struct device_table *table,
                         const struct event *event)
{
    const struct event_value *mac =
        event_get(event, FIELD_DHCPV6_CLIENT_MAC);
    uint32_t index = event->context.source_device;

    if (event_get(event, FIELD_DHCPV6_RELAY_PEER))
        index = mac ? device_of_mac(table, mac->mac, false) : DEVICE_NONE;
    if (index == DEVICE_NONE ||
        bytes_equal(event_text(event, FIELD_DHCPV6_TYPE),
                    bytes_of_text("reply")) ||
        bytes_equal(event_text(event, FIELD_DHCPV6_TYPE),
                    bytes_of_text("advertise")))
        return;
    (void)device_claim_add(table, index, DEVICE_CLAIM_MUD_URL, "dhcpv6",
                           event_text(event, FIELD_DHCPV6_MUD_URL));
}

/* Router advertisements say what is on the link; neighbours prove addresses. */
static void learn_nd(struct device_table *table, const struct event *event)
{
    size_t from = 0;
    const struct event_value *value;
    uint32_t index = event->context.source_device;

    while ((value = event_next(event, FIELD_ND_PREFIX, &from))) {
        struct ip_prefix prefix;
        if (ip_prefix_parse(value->text, &prefix) && prefix.length > 0)
            device_add_prefix(table, &prefix);
    }
    value = event_get(event, FIELD_ND_TARGET);
    if (value && index != DEVICE_NONE &&
        bytes_equal(event_text(event, FIELD_ND_TYPE),
                    bytes_of_text("neighbor-advertisement"))) {
        (void)device_bind(table, value->ip, index, true); /* Or counted. */
        device_note_address(table, index, value->ip);
    }
}

void device_learn(struct device_table *table, const struct event *event,
                  struct event_list *events)
{
    switch ((int)event->type) {
    case EVENT_FLOW:
    case EVENT_ACTIVITY:
    case EVENT_DEVICE:
    case EVENT_DNS:
    case EVENT_ANOMALY:
        return;
    case EVENT_DHCP:
        learn_dhcp(table, event, events);
        return;
    case EVENT_DHCPV6:
        learn_dhcpv6(table, event);
        return;
    case EVENT_ND:
        learn_nd(table, event);
        return;
    default:
        learn_ends(table, event);
    }
}
