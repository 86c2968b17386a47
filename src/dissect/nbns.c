/* SPDX-License-Identifier: Apache-2.0 */
#include "dissect/nbns.h"

/*
 * The NetBIOS name service (RFC 1002, section 4.2): DNS's format, with names
 * encoded into letters and data of its own.
 */
#include "dissect/dissector.h"
#include "dissect/dns_event.h"

enum {
    NBNS_PORT = 137,
    NBNS_TYPE_NB = 0x20,
    NBNS_TYPE_NBSTAT = 0x21,
    NBNS_FLAG_BROADCAST = 0x0010,
    NBNS_GROUP = 0x8000, /* In NB_FLAGS and NAME_FLAGS. */
};

static const uint16_t nbns_ports[] = { NBNS_PORT, 0 };

/* The 15 characters are padded with spaces, by some with zeros. */
static struct bytes without_padding(const uint8_t *characters)
{
    size_t size = NBNS_NAME_SIZE - 1;

    while (size > 0 &&
           (characters[size - 1] == ' ' || characters[size - 1] == 0))
        size--;
    return bytes_of(characters, size);
}

bool nbns_name_parse(struct bytes label, struct arena *arena,
                     struct nbns_name *name)
{
    uint8_t characters[NBNS_NAME_SIZE];

    if (label.size != 2 * NBNS_NAME_SIZE)
        return false;
    for (size_t i = 0; i < NBNS_NAME_SIZE; i++) {
        unsigned high = label.data[2 * i] - (unsigned)'A';
        unsigned low = label.data[2 * i + 1] - (unsigned)'A';
        if (high > 15 || low > 15)
            return false;
        characters[i] = (uint8_t)(high << 4 | low);
    }
    name->text = arena_copy(arena, without_padding(characters));
    name->suffix = characters[NBNS_NAME_SIZE - 1];
    return true;
}

static const char *suffix_kind(uint8_t suffix)
{
    switch (suffix) {
    case 0x00:
        return "workstation";
    case 0x03:
        return "messenger";
    case 0x1b:
        return "domain-master-browser";
    case 0x1c:
        return "domain-controllers";
    case 0x1d:
        return "master-browser";
    case 0x1e:
        return "browser-elections";
    case 0x20:
        return "server";
    default:
        return NULL;
    }
}

/* RFC 1002 section 4.2.1.1; 8 and 9 are both in use for a refresh. */
static const char *opcode_name(unsigned opcode)
{
    switch (opcode) {
    case 0:
        return "query";
    case 5:
        return "registration";
    case 6:
        return "release";
    case 7:
        return "wack";
    case 8:
    case 9:
        return "refresh";
    case 15:
        return "multihomed-registration";
    default:
        return NULL;
    }
}

static struct bytes type_name(uint16_t type, struct arena *arena)
{
    if (type == NBNS_TYPE_NB)
        return bytes_of_text("NB");
    if (type == NBNS_TYPE_NBSTAT)
        return bytes_of_text("NBSTAT");
    return dns_type_name(type, arena);
}

static void set_questions(struct event *event,
                          const struct dns_message *message)
{
    for (uint16_t i = 0; i < message->question_count; i++) {
        const struct dns_question *question = &message->questions[i];
        struct nbns_name name;

        if (!nbns_name_parse(question->name.first, message->arena, &name))
            continue;
        const char *kind = suffix_kind(name.suffix);
        event_begin_item(event, i);
        event_set_text(event, FIELD_NBNS_QUERY_NAME, name.text);
        event_set_number(event, FIELD_NBNS_QUERY_SUFFIX, name.suffix);
        if (kind)
            event_set_literal(event, FIELD_NBNS_QUERY_KIND, kind);
        event_set_text(event, FIELD_NBNS_QUERY_TYPE,
                       type_name(question->type, message->arena));
    }
}

/* RFC 1002 section 4.2.18: the names, then the statistics. */
static void set_status(struct event *event, struct bytes data)
{
    struct reader r = reader_of(data);
    uint8_t count = reader_u8(&r);

    for (uint16_t i = 0; i < count; i++) {
        struct bytes name = reader_bytes(&r, NBNS_NAME_SIZE - 1);
        uint8_t suffix = reader_u8(&r);
        uint16_t flags = reader_u16(&r);

        if (!reader_ok(&r))
            return;
        event_begin_item(event, i);
        event_set_text(event, FIELD_NBNS_STATUS_NAME,
                       without_padding(name.data));
        event_set_number(event, FIELD_NBNS_STATUS_SUFFIX, suffix);
        event_set_flag(event, FIELD_NBNS_STATUS_GROUP, flags & NBNS_GROUP);
    }
    event_begin_item(event, 0);
    struct bytes unit = reader_bytes(&r, sizeof(struct mac));
    if (reader_ok(&r))
        event_set_mac(event, FIELD_NBNS_MAC, mac_of(unit.data));
}

/* RFC 1002 section 4.2.13: flags and address, for each that has the name. */
static void set_addresses(struct event *event, struct bytes data)
{
    struct reader r = reader_of(data);

    while (reader_left(&r) > 0) {
        reader_skip(&r, 2);
        uint32_t address = reader_u32(&r);
        if (reader_ok(&r))
            event_set_ip(event, FIELD_NBNS_ADDRESS, ip_of_v4(address));
    }
}

static void set_records(struct event *event, const struct dns_message *message)
{
    for (uint16_t i = 0; i < message->record_count; i++) {
        const struct dns_record *record = &message->records[i];
        struct bytes data = dns_record_data(message, record);
        struct nbns_name name;

        event_begin_item(event, i);
        if (nbns_name_parse(record->name.first, message->arena, &name)) {
            event_set_text(event, FIELD_NBNS_ANSWER_NAME, name.text);
            event_set_number(event, FIELD_NBNS_ANSWER_SUFFIX, name.suffix);
            event_set_number(event, FIELD_NBNS_ANSWER_TTL, record->ttl);
        }
        event_begin_item(event, 0);
        if (record->type == NBNS_TYPE_NB)
            set_addresses(event, data);
        else if (record->type == NBNS_TYPE_NBSTAT)
            set_status(event, data);
    }
}

static void add_event(const struct dns_message *message,
                      struct event_list *events)
{
    struct event *event = event_new(events, EVENT_NBNS);
    const char *opcode = opcode_name(dns_opcode(message));

    event_set_literal(event, FIELD_NBNS_TYPE, dns_event_type(message));
    event_set_number(event, FIELD_NBNS_ID, message->id);
    if (opcode)
        event_set_literal(event, FIELD_NBNS_OPCODE, opcode);
    if (message->flags & DNS_FLAG_QR)
        event_set_number(event, FIELD_NBNS_RCODE, message->flags & 15);
    if (message->flags & NBNS_FLAG_BROADCAST)
        event_set_flag(event, FIELD_NBNS_BROADCAST, true);
    set_questions(event, message);
    set_records(event, message);
}

static enum dissect_verdict nbns_recognise(const struct dissect_input *input)
{
    const uint16_t *port = input->flow->port;
    struct dns_message message;
    struct reader r = reader_of(input->data);

    if ((port[0] != NBNS_PORT && port[1] != NBNS_PORT) ||
        !dns_header_parse(input->data, &message) ||
        !opcode_name(dns_opcode(&message)))
        return DISSECT_NOT_MINE;
    reader_skip(&r, DNS_HEADER_SIZE);
    return reader_u8(&r) == 2 * NBNS_NAME_SIZE ? DISSECT_DONE
                                               : DISSECT_NOT_MINE;
}

static struct dissect_result nbns_feed(void *state,
                                       const struct dissect_input *input,
                                       struct event_list *events)
{
    struct dns_message message;

    (void)state; /* Each message stands for itself. */
    if (!dns_message_parse(input->data, DNS_STYLE_ASCII, input->arena,
                           &message))
        return dissect_malformed("nbns_truncated");
    add_event(&message, events);
    return dissect_done(input->data.size);
}

const struct dissector nbns_dissector = {
    .name = "nbns",
    .transport = IP_PROTOCOL_UDP,
    .ports = nbns_ports,
    .recognise = nbns_recognise,
    .feed = nbns_feed,
};
