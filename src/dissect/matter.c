/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Matter's discovery records. A node on a fabric is _matter._tcp with an
 * instance of two ids, "87E1B004E235A130-8FC7772401CD0696"; one that waits to
 * be commissioned is _matterc._udp with TXT keys; who commissions is
 * _matterd._udp.
 */
#include "dissect/dns_rdata.h"
#include "dissect/mdns.h"

enum { MATTER_ID_DIGITS = 16 };

static const char *kind_of(struct bytes service)
{
    static const struct {
        const char *service;
        const char *kind;
    } kinds[] = {
        { "_matter._tcp", "operational" },
        { "_matterc._udp", "commissionable" },
        { "_matterd._udp", "commissioner" },
    };

    for (size_t i = 0; i < COUNT_OF(kinds); i++)
        if (bytes_equal_nocase(service, bytes_of_text(kinds[i].service)))
            return kinds[i].kind;
    return NULL;
}

static bool is_hexadecimal(struct bytes text)
{
    for (size_t i = 0; i < text.size; i++) {
        uint8_t c = text.data[i] | 0x20;
        if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f')))
            return false;
    }
    return true;
}

static void set_ids(struct event *event, struct bytes instance)
{
    if (instance.size != 2 * MATTER_ID_DIGITS + 1 ||
        instance.data[MATTER_ID_DIGITS] != '-')
        return;
    struct bytes fabric = bytes_slice(instance, 0, MATTER_ID_DIGITS);
    struct bytes node =
        bytes_slice(instance, MATTER_ID_DIGITS + 1, MATTER_ID_DIGITS);
    if (!is_hexadecimal(fabric) || !is_hexadecimal(node))
        return;
    event_set_text(event, FIELD_MATTER_FABRIC, fabric);
    event_set_text(event, FIELD_MATTER_NODE, node);
}

static void set_number(struct event *event, enum event_field field,
                       struct bytes text)
{
    uint64_t number;

    if (bytes_to_number(text, UINT32_MAX, &number))
        event_set_number(event, field, number);
}

/* "VP=65521+32769", the product being optional. */
static void set_vendor_product(struct event *event, struct bytes text)
{
    size_t plus = bytes_find_byte(text, '+');

    set_number(event, FIELD_MATTER_VENDOR_ID, bytes_slice(text, 0, plus));
    set_number(event, FIELD_MATTER_PRODUCT_ID,
               bytes_slice(text, plus + 1, text.size));
}

static void set_attribute(struct event *event, struct bytes key,
                          struct bytes value)
{
    static const struct {
        const char *key;
        enum event_field field;
    } keys[] = {
        { "D", FIELD_MATTER_DISCRIMINATOR },
        { "DT", FIELD_MATTER_DEVICE_TYPE },
        { "DN", FIELD_MATTER_DEVICE_NAME },
        { "CM", FIELD_MATTER_COMMISSIONING },
        { "PH", FIELD_MATTER_PAIRING_HINT },
        { "PI", FIELD_MATTER_PAIRING_INSTRUCTION },
        { "RI", FIELD_MATTER_ROTATING_ID },
        { "SII", FIELD_MATTER_IDLE_INTERVAL },
        { "SAI", FIELD_MATTER_ACTIVE_INTERVAL },
        { "T", FIELD_MATTER_TCP },
    };

    if (bytes_equal_nocase(key, bytes_of_text("VP")))
        set_vendor_product(event, value);
    if (bytes_equal_nocase(key, bytes_of_text("ICD")))
        event_set_flag(event, FIELD_MATTER_SLEEPY,
                       bytes_equal(value, bytes_of_text("1")));
    for (size_t i = 0; i < COUNT_OF(keys); i++) {
        if (!bytes_equal_nocase(key, bytes_of_text(keys[i].key)))
            continue;
        if (event_field_info(keys[i].field)->kind == EVENT_KIND_NUMBER)
            set_number(event, keys[i].field, value);
        else
            event_set_text(event, keys[i].field, value);
    }
}

static void set_attributes(struct event *event, struct bytes data)
{
    struct reader r = reader_of(data);

    while (reader_left(&r) > 0) {
        struct bytes text = reader_bytes(&r, reader_u8(&r));
        size_t equals = bytes_find_byte(text, '=');
        set_attribute(event, bytes_slice(text, 0, equals),
                      bytes_slice(text, equals + 1, text.size));
    }
}

static bool describes(const struct dns_record *record)
{
    return record->type == DNS_TYPE_SRV || record->type == DNS_TYPE_TXT;
}

/* Is this the first record of the message that describes its instance? */
static bool is_first(const struct dns_message *message, uint16_t index)
{
    for (uint16_t i = 0; i < index; i++)
        if (describes(&message->records[i]) &&
            bytes_equal_nocase(message->records[i].name.text,
                               message->records[index].name.text))
            return false;
    return true;
}

/* All that the records named as record `index` say. */
static void set_described(struct event *event,
                          const struct dns_message *message, uint16_t index)
{
    struct bytes name = message->records[index].name.text;
    struct dns_srv srv;

    for (uint16_t i = index; i < message->record_count; i++) {
        const struct dns_record *record = &message->records[i];
        if (!describes(record) || !bytes_equal_nocase(record->name.text, name))
            continue;
        if (record->type == DNS_TYPE_TXT) {
            set_attributes(event, dns_record_data(message, record));
        } else if (dns_rdata_srv(message, record, &srv)) {
            event_set_text(event, FIELD_MATTER_HOST, srv.host.text);
            event_set_number(event, FIELD_MATTER_PORT, srv.port);
        }
    }
}

void matter_events(const struct dns_message *message,
                   struct event_list *events)
{
    for (uint16_t i = 0; i < message->record_count; i++) {
        const struct dns_record *record = &message->records[i];
        struct mdns_service service;

        if (!describes(record) ||
            !mdns_service_parse(record->name.text, &service))
            continue;
        const char *kind = kind_of(service.type);
        if (!kind || !is_first(message, i))
            continue;
        struct event *event = event_new(events, EVENT_MATTER);
        event_set_literal(event, FIELD_MATTER_KIND, kind);
        event_set_text(event, FIELD_MATTER_INSTANCE, service.instance);
        set_ids(event, service.instance);
        set_described(event, message, i);
    }
}
