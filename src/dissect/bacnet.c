/* SPDX-License-Identifier: Apache-2.0 */

/*
 * BACnet/IP (ASHRAE 135 annex J, clauses 6 and 20): one event for each
 * message, with what Who-Is, I-Am, ReadProperty and WriteProperty say.
 *
 *     BVLC   0x81, function, length (16) of it all
 *     NPDU   version 1, control, addresses
 *     APDU   type, identifiers, service choice, tagged parameters
 */
#include "dissect/dissector.h"

#include "base/compiler.h"
#include "base/reader.h"

enum {
    BACNET_TYPE = 0x81,
    BACNET_VERSION = 1,
    BACNET_HEADER_SIZE = 4,
    BACNET_FORWARDED = 0x04,     /* Six bytes of address come first. */
    BACNET_ADDRESS_SIZE = 6,
};

enum bacnet_control {
    BACNET_NETWORK_MESSAGE = 0x80,
    BACNET_DESTINATION = 0x20,
    BACNET_SOURCE = 0x08,
    BACNET_PRIORITY = 0x03,
};

enum bacnet_apdu {
    BACNET_CONFIRMED,
    BACNET_UNCONFIRMED,
    BACNET_SIMPLE_ACK,
    BACNET_COMPLEX_ACK,
    BACNET_SEGMENT_ACK,
    BACNET_ERROR,
    BACNET_REJECT,
    BACNET_ABORT,
};

enum { BACNET_SEGMENTED = 0x08 };

enum bacnet_service {
    BACNET_I_AM = 0,
    BACNET_WHO_IS = 8,
    BACNET_READ_PROPERTY = 12,
    BACNET_WRITE_PROPERTY = 15,
    BACNET_DEVICE_OBJECT = 8, /* Object type "device". */
};

static const char *const bvlc_names[] = {
    "result", "write-broadcast-distribution-table",
    "read-broadcast-distribution-table",
    "read-broadcast-distribution-table-ack", "forwarded-npdu",
    "register-foreign-device", "read-foreign-device-table",
    "read-foreign-device-table-ack", "delete-foreign-device-table-entry",
    "distribute-broadcast-to-network", "original-unicast-npdu",
    "original-broadcast-npdu",
};

static const char *const apdu_names[] = {
    "confirmed-request", "unconfirmed-request", "simple-ack", "complex-ack",
    "segment-ack", "error", "reject", "abort",
};

static const char *const confirmed_names[] = {
    "acknowledge-alarm", "confirmed-cov-notification",
    "confirmed-event-notification", "get-alarm-summary",
    "get-enrollment-summary", "subscribe-cov", "atomic-read-file",
    "atomic-write-file", "add-list-element", "remove-list-element",
    "create-object", "delete-object", "read-property",
    "read-property-conditional", "read-property-multiple", "write-property",
    "write-property-multiple", "device-communication-control",
    "confirmed-private-transfer", "confirmed-text-message",
    "reinitialize-device", "vt-open", "vt-close", "vt-data", "authenticate",
    "request-key", "read-range", "life-safety-operation",
    "subscribe-cov-property", "get-event-information",
};

static const char *const unconfirmed_names[] = {
    "i-am", "i-have", "unconfirmed-cov-notification",
    "unconfirmed-event-notification", "unconfirmed-private-transfer",
    "unconfirmed-text-message", "time-synchronization", "who-has", "who-is",
    "utc-time-synchronization", "write-group",
};

/* Where parsing stands; read twice, first without an event, to see whether
 * the message holds. */
struct bacnet_message {
    struct event *event;
    struct reader r;
};

static void show_name(struct event *event, enum event_field field,
                      const char *const *names, size_t count, uint8_t index)
{
    if (index < count)
        event_set_literal(event, field, names[index]);
}

/* Network number, then an address of its own length (clause 6.2.2). */
static void read_network_address(struct bacnet_message *message,
                                 enum event_field field)
{
    uint16_t network = reader_u16(&message->r);
    uint8_t size = reader_u8(&message->r);

    reader_skip(&message->r, size);
    event_set_number(message->event, field, network);
}

/* One tag (clause 20.2.1): its number, and the extent of its value. False at
 * the end, and for what is constructed or too large to matter here. */
static bool next_tag(struct reader *r, uint8_t *number, struct reader *value)
{
    if (reader_left(r) == 0)
        return false;
    uint8_t head = reader_u8(r);
    uint32_t size = head & 0x07;
    if (head >> 4 == 15 || size > 5)
        return false;
    if (size == 5)
        size = reader_u8(r);
    *number = (uint8_t)(head >> 4);
    *value = reader_sub(r, size);
    return reader_ok(r);
}

static uint32_t number_of(struct reader value)
{
    uint32_t number = 0;

    while (reader_left(&value) > 0)
        number = number << 8 | reader_u8(&value);
    return number;
}

/* Ten bits of type, 22 of instance (clause 20.2.14). */
static void show_object(struct event *event, uint32_t object)
{
    uint32_t type = object >> 22;
    uint32_t instance = object & 0x3fffff;

    event_set_number(event, FIELD_BACNET_OBJECT_TYPE, type);
    event_set_number(event, FIELD_BACNET_OBJECT_INSTANCE, instance);
    if (type == BACNET_DEVICE_OBJECT)
        event_set_number(event, FIELD_BACNET_DEVICE_INSTANCE, instance);
}

/* Device identifier, largest APDU, segmentation, vendor (clause 16.10). */
static void read_i_am(struct bacnet_message *message)
{
    struct reader value[4];
    uint8_t tag;

    for (size_t i = 0; i < COUNT_OF(value); i++)
        if (!next_tag(&message->r, &tag, &value[i])) {
            reader_fail(&message->r);
            return;
        }
    show_object(message->event, number_of(value[0]));
    event_set_number(message->event, FIELD_BACNET_APDU_MAX,
                     number_of(value[1]));
    event_set_number(message->event, FIELD_BACNET_VENDOR_ID,
                     number_of(value[3]));
}

/* Everybody, or the devices from one instance to another. */
static void read_who_is(struct bacnet_message *message)
{
    struct reader value;
    uint8_t tag;

    if (!next_tag(&message->r, &tag, &value))
        return;
    event_set_number(message->event, FIELD_BACNET_RANGE_LOW,
                     number_of(value));
    if (next_tag(&message->r, &tag, &value))
        event_set_number(message->event, FIELD_BACNET_RANGE_HIGH,
                         number_of(value));
    else
        reader_fail(&message->r);
}

/* [0] object, [1] property, [2] array index (clauses 15.5 and 15.9). */
static void read_property(struct bacnet_message *message)
{
    struct reader value;
    uint8_t tag;

    while (next_tag(&message->r, &tag, &value)) {
        if (tag == 0)
            show_object(message->event, number_of(value));
        else if (tag == 1)
            event_set_number(message->event, FIELD_BACNET_PROPERTY,
                             number_of(value));
        else if (tag == 2)
            event_set_number(message->event, FIELD_BACNET_ARRAY_INDEX,
                             number_of(value));
        else
            return;
    }
}

static void read_confirmed_service(struct bacnet_message *message,
                                   bool is_segmented)
{
    uint8_t invoke = reader_u8(&message->r);

    if (is_segmented)
        reader_skip(&message->r, 2); /* Sequence number, window. */
    uint8_t service = reader_u8(&message->r);
    event_set_number(message->event, FIELD_BACNET_INVOKE_ID, invoke);
    show_name(message->event, FIELD_BACNET_SERVICE, confirmed_names,
              COUNT_OF(confirmed_names), service);
    event_set_number(message->event, FIELD_BACNET_SERVICE_CHOICE, service);
    if (!is_segmented && (service == BACNET_READ_PROPERTY ||
                          service == BACNET_WRITE_PROPERTY))
        read_property(message);
}

static void read_unconfirmed_service(struct bacnet_message *message)
{
    uint8_t service = reader_u8(&message->r);

    show_name(message->event, FIELD_BACNET_SERVICE, unconfirmed_names,
              COUNT_OF(unconfirmed_names), service);
    event_set_number(message->event, FIELD_BACNET_SERVICE_CHOICE, service);
    if (service == BACNET_I_AM)
        read_i_am(message);
    else if (service == BACNET_WHO_IS)
        read_who_is(message);
}

static void read_refusal(struct bacnet_message *message)
{
    event_set_number(message->event, FIELD_BACNET_INVOKE_ID,
                     reader_u8(&message->r));
    event_set_number(message->event, FIELD_BACNET_REASON,
                     reader_u8(&message->r));
}

static void read_simple_ack(struct bacnet_message *message)
{
    uint8_t invoke = reader_u8(&message->r);
    uint8_t service = reader_u8(&message->r);

    event_set_number(message->event, FIELD_BACNET_INVOKE_ID, invoke);
    show_name(message->event, FIELD_BACNET_SERVICE, confirmed_names,
              COUNT_OF(confirmed_names), service);
    event_set_number(message->event, FIELD_BACNET_SERVICE_CHOICE, service);
}

static void read_apdu(struct bacnet_message *message)
{
    uint8_t head = reader_u8(&message->r);
    uint8_t type = head >> 4;

    show_name(message->event, FIELD_BACNET_APDU, apdu_names,
              COUNT_OF(apdu_names), type);
    switch (type) {
    case BACNET_CONFIRMED:
        reader_skip(&message->r, 1); /* Largest answer accepted. */
        read_confirmed_service(message, head & BACNET_SEGMENTED);
        break;
    case BACNET_UNCONFIRMED:
        read_unconfirmed_service(message);
        break;
    case BACNET_COMPLEX_ACK:
        read_confirmed_service(message, head & BACNET_SEGMENTED);
        break;
    case BACNET_SIMPLE_ACK:
    case BACNET_ERROR:
        read_simple_ack(message);
        break;
    case BACNET_REJECT:
    case BACNET_ABORT:
        read_refusal(message);
        break;
    case BACNET_SEGMENT_ACK:
        break;
    default:
        reader_fail(&message->r);
        break;
    }
}

static void read_npdu(struct bacnet_message *message)
{
    if (reader_u8(&message->r) != BACNET_VERSION)
        reader_fail(&message->r);
    uint8_t control = reader_u8(&message->r);
    event_set_number(message->event, FIELD_BACNET_PRIORITY,
                     control & BACNET_PRIORITY);
    if (control & BACNET_DESTINATION)
        read_network_address(message, FIELD_BACNET_DESTINATION_NETWORK);
    if (control & BACNET_SOURCE)
        read_network_address(message, FIELD_BACNET_SOURCE_NETWORK);
    if (control & BACNET_DESTINATION)
        reader_skip(&message->r, 1); /* Hop count. */
    if (control & BACNET_NETWORK_MESSAGE)
        event_set_number(message->event, FIELD_BACNET_NETWORK_MESSAGE,
                         reader_u8(&message->r));
    else
        read_apdu(message);
}

/* Does this BVLC function carry an NPDU? */
static bool has_npdu(uint8_t function)
{
    return function == BACNET_FORWARDED || function >= 0x09;
}

/* The BVLC header; the message ends where its length says, and bytes after
 * that are counted, not read. */
static bool read_header(struct bytes datagram, struct reader *r,
                        uint8_t *function)
{
    struct reader whole = reader_of(datagram);
    uint8_t type = reader_u8(&whole);
    uint8_t code = reader_u8(&whole);
    uint16_t size = reader_u16(&whole);

    if (!reader_ok(&whole) || type != BACNET_TYPE ||
        code >= COUNT_OF(bvlc_names) || size < BACNET_HEADER_SIZE ||
        size > datagram.size)
        return false;
    *r = reader_sub(&whole, size - (size_t)BACNET_HEADER_SIZE);
    *function = code;
    return true;
}

static bool read_message(struct bytes datagram, struct event *event)
{
    struct bacnet_message message = { .event = event };
    uint8_t function;

    if (!read_header(datagram, &message.r, &function))
        return false;
    event_set_literal(event, FIELD_BACNET_BVLC, bvlc_names[function]);
    size_t trailing =
        datagram.size - BACNET_HEADER_SIZE - reader_left(&message.r);
    if (trailing > 0)
        event_set_number(event, FIELD_BACNET_TRAILING, trailing);
    if (function == BACNET_FORWARDED)
        reader_skip(&message.r, BACNET_ADDRESS_SIZE);
    if (has_npdu(function))
        read_npdu(&message);
    return reader_ok(&message.r);
}

static struct dissect_result bacnet_feed(void *memory,
                                         const struct dissect_input *input,
                                         struct event_list *events)
{
    (void)memory; /* There is none. */
    if (!read_message(input->data, NULL))
        return dissect_malformed("bacnet_bad_message");
    (void)read_message(input->data, event_new(events, EVENT_BACNET));
    return dissect_done(input->data.size);
}

/* Off its port the length must be the datagram's. */
static enum dissect_verdict bacnet_recognise(const struct dissect_input *input)
{
    struct reader r;
    uint8_t function;

    if (!read_header(input->data, &r, &function))
        return DISSECT_NOT_MINE;
    bool is_exact = input->data.size == BACNET_HEADER_SIZE + reader_left(&r);
    return is_exact || input->port_matches ? DISSECT_DONE : DISSECT_NOT_MINE;
}

static const uint16_t bacnet_ports[] = { 47808, 0 };

const struct dissector bacnet_dissector = {
    .name = "bacnet",
    .transport = IP_PROTOCOL_UDP,
    .ports = bacnet_ports,
    .recognise = bacnet_recognise,
    .feed = bacnet_feed,
};
