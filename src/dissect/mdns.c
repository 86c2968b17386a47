/* SPDX-License-Identifier: Apache-2.0 */
#include "dissect/mdns.h"

/*
 * Multicast DNS (RFC 6762), with the services of RFC 6763 drawn together.
 */
#include "dissect/dissector.h"
#include "dissect/dns_event.h"
#include "dissect/dns_rdata.h"
#include "dissect/dns_views.h"

enum {
    MDNS_PORT = 5353,
    MDNS_CLASS_BIT = 0x8000, /* QU in questions, cache flush in records. */
};

static const uint16_t mdns_ports[] = { MDNS_PORT, 0 };

/* Where "._" begins the last label of `b` that starts with an underscore;
 * b.size when there is none. */
static size_t last_underscore(struct bytes b)
{
    for (size_t at = b.size; at > 0; at--)
        if (b.data[at - 1] == '_' && (at == 1 || b.data[at - 2] == '.'))
            return at - 1;
    return b.size;
}

/* The first "._tcp" or "._udp" that ends a label. */
static size_t find_transport(struct bytes name)
{
    static const char *const transports[] = { "._tcp", "._udp" };

    for (size_t i = 0; i < COUNT_OF(transports); i++) {
        struct bytes needle = bytes_of_text(transports[i]);
        size_t at = bytes_find_nocase(name, needle);
        size_t end = at + needle.size;
        if (at < name.size && (end == name.size || name.data[end] == '.'))
            return at;
    }
    return name.size;
}

bool mdns_service_parse(struct bytes name, struct mdns_service *service)
{
    enum { TRANSPORT_SIZE = 5 };
    size_t transport = find_transport(name);
    struct bytes before = bytes_slice(name, 0, transport);
    size_t at = last_underscore(before);

    if (transport == name.size || at == before.size)
        return false;
    *service = (struct mdns_service){
        .instance = bytes_slice(name, 0, at > 0 ? at - 1 : 0),
        .type = bytes_slice(name, at, transport + TRANSPORT_SIZE - at),
    };
    return true;
}

static void set_service(struct event *event, const struct mdns_service *service)
{
    event_set_text(event, FIELD_MDNS_SERVICE, service->type);
    if (service->instance.size > 0)
        event_set_text(event, FIELD_MDNS_SERVICE_INSTANCE, service->instance);
}

static bool has_srv(const struct dns_message *message, struct bytes name)
{
    for (uint16_t i = 0; i < message->record_count; i++)
        if (message->records[i].type == DNS_TYPE_SRV &&
            bytes_equal_nocase(message->records[i].name.text, name))
            return true;
    return false;
}

/* A PTR names an instance (or, of _services._dns-sd, a type); its SRV says
 * more when it is in the message, and then stands alone. */
static bool set_pointed(struct event *event, const struct dns_message *message,
                        const struct dns_record *record)
{
    struct mdns_service service;
    struct dns_name name;

    if (!dns_rdata_name(message, record, &name) ||
        !mdns_service_parse(name.text, &service) ||
        has_srv(message, name.text))
        return false;
    set_service(event, &service);
    return true;
}

static bool set_located(struct event *event, const struct dns_message *message,
                        const struct dns_record *record)
{
    struct mdns_service service;
    struct dns_srv srv;

    if (!mdns_service_parse(record->name.text, &service) ||
        !dns_rdata_srv(message, record, &srv))
        return false;
    set_service(event, &service);
    event_set_text(event, FIELD_MDNS_SERVICE_HOST, srv.host.text);
    event_set_number(event, FIELD_MDNS_SERVICE_PORT, srv.port);
    return true;
}

static void set_services(struct event *event,
                         const struct dns_message *message)
{
    uint16_t item = 0;

    for (uint16_t i = 0; i < message->record_count; i++) {
        const struct dns_record *record = &message->records[i];

        event_begin_item(event, item);
        if (record->type == DNS_TYPE_PTR)
            item += set_pointed(event, message, record);
        else if (record->type == DNS_TYPE_SRV)
            item += set_located(event, message, record);
    }
    event_begin_item(event, 0);
}

/* One TXT record; returns how many strings went past the limit. */
static uint32_t set_attributes(struct event *event, struct bytes data,
                               int *room)
{
    struct reader r = reader_of(data);
    uint32_t more = 0;

    while (reader_left(&r) > 0) {
        struct bytes text = reader_bytes(&r, reader_u8(&r));
        if (text.size == 0)
            continue;
        if (*room > 0) {
            event_set_text(event, FIELD_MDNS_TXT, text);
            --*room;
        } else {
            more++;
        }
    }
    return more;
}

static void set_texts(struct event *event, const struct dns_message *message)
{
    int room = MDNS_TXT_MAX;
    uint32_t more = 0;

    for (uint16_t i = 0; i < message->record_count; i++)
        if (message->records[i].type == DNS_TYPE_TXT)
            more += set_attributes(
                event, dns_record_data(message, &message->records[i]), &room);
    if (more > 0)
        event_set_number(event, FIELD_MDNS_TXT_MORE, more);
}

/* RFC 6762 section 3: a host is one label in .local. */
static void set_hosts(struct event *event, const struct dns_message *message)
{
    const struct bytes local = bytes_of_text(".local");
    bool has_name = false;

    for (uint16_t i = 0; i < message->record_count; i++) {
        const struct dns_record *record = &message->records[i];
        struct bytes name = record->name.text;
        struct ip ip;

        if (!dns_rdata_address(message, record, &ip))
            continue;
        event_set_ip(event, FIELD_MDNS_ADDRESS, ip);
        if (has_name || !bytes_end_with_nocase(name, local))
            continue;
        event_set_text(event, FIELD_MDNS_HOST,
                       bytes_slice(name, 0, name.size - local.size));
        has_name = true;
    }
}

static void set_bits(struct event *event, const struct dns_message *message)
{
    static const enum event_field fields[DNS_SECTION_COUNT] = {
        FIELD_MDNS_ANSWER_FLUSH, FIELD_COUNT, FIELD_MDNS_ADDITIONAL_FLUSH,
    };
    uint16_t items[DNS_SECTION_COUNT] = { 0 };

    for (uint16_t i = 0; i < message->question_count; i++) {
        event_begin_item(event, i);
        if (message->questions[i].class & MDNS_CLASS_BIT)
            event_set_flag(event, FIELD_MDNS_QUERY_UNICAST, true);
    }
    for (uint16_t i = 0; i < message->record_count; i++) {
        const struct dns_record *record = &message->records[i];
        enum event_field field = fields[record->section];

        if (record->type == DNS_TYPE_OPT)
            continue;
        event_begin_item(event, items[record->section]++);
        if (field != FIELD_COUNT && record->class & MDNS_CLASS_BIT)
            event_set_flag(event, field, true);
    }
    event_begin_item(event, 0);
}

static void set_message(struct event *event, const struct dns_message *message)
{
    static const struct dns_question_fields questions = {
        FIELD_MDNS_QUERY_NAME, FIELD_MDNS_QUERY_TYPE,
    };
    static const struct dns_record_fields records[DNS_SECTION_COUNT] = {
        { FIELD_MDNS_ANSWER_NAME, FIELD_MDNS_ANSWER_TYPE,
          FIELD_MDNS_ANSWER_TTL, FIELD_MDNS_ANSWER_DATA },
        { FIELD_MDNS_AUTHORITY_NAME, FIELD_MDNS_AUTHORITY_TYPE,
          FIELD_MDNS_AUTHORITY_TTL, FIELD_MDNS_AUTHORITY_DATA },
        { FIELD_MDNS_ADDITIONAL_NAME, FIELD_MDNS_ADDITIONAL_TYPE,
          FIELD_MDNS_ADDITIONAL_TTL, FIELD_MDNS_ADDITIONAL_DATA },
    };

    event_set_literal(event, FIELD_MDNS_TYPE, dns_event_type(message));
    event_set_number(event, FIELD_MDNS_ID, message->id);
    if (message->flags & DNS_FLAG_QR)
        event_set_text(event, FIELD_MDNS_RCODE,
                       dns_rcode_name(message->flags & 15, message->arena));
    if (message->flags & DNS_FLAG_TC)
        event_set_flag(event, FIELD_MDNS_TC, true);
    dns_event_set_questions(event, message, &questions);
    for (size_t i = 0; i < DNS_SECTION_COUNT; i++)
        dns_event_set_records(event, message, (enum dns_section)i,
                              &records[i]);
    set_bits(event, message);
    if (message->more > 0)
        event_set_number(event, FIELD_MDNS_RECORDS_MORE, message->more);
}

static enum dissect_verdict mdns_recognise(const struct dissect_input *input)
{
    const uint16_t *port = input->flow->port;
    struct dns_message message;

    if (port[0] != MDNS_PORT && port[1] != MDNS_PORT)
        return DISSECT_NOT_MINE;
    return dns_header_parse(input->data, &message) &&
                   dns_opcode(&message) == 0
               ? DISSECT_DONE
               : DISSECT_NOT_MINE;
}

static struct dissect_result mdns_feed(void *state,
                                       const struct dissect_input *input,
                                       struct event_list *events)
{
    struct dns_message message;

    (void)state; /* Each message stands for itself. */
    if (!dns_message_parse(input->data, DNS_STYLE_UNICODE, input->arena,
                           &message))
        return dissect_malformed(message.anomaly);
    struct event *event = event_new(events, EVENT_MDNS);
    set_message(event, &message);
    set_services(event, &message);
    set_texts(event, &message);
    set_hosts(event, &message);
    matter_events(&message, events);
    dns_views(input, &message, DNS_VIEWS_MDNS);
    return dissect_done(input->data.size);
}

const struct dissector mdns_dissector = {
    .name = "mdns",
    .transport = IP_PROTOCOL_UDP,
    .ports = mdns_ports,
    .recognise = mdns_recognise,
    .feed = mdns_feed,
};
