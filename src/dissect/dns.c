/* SPDX-License-Identifier: Apache-2.0 */

/*
 * DNS over UDP and TCP (RFC 1035): one event for each message.
 */
#include "base/arena_writer.h"
#include "dissect/dissector.h"
#include "dissect/dns_event.h"
#include "dissect/dns_measure.h"
#include "dissect/dns_pair.h"
#include "dissect/dns_rdata.h"
#include "dissect/dns_views.h"

enum {
    DNS_PORT = 53,
    NBNS_PORT = 137,
    MDNS_PORT = 5353,
    LLMNR_PORT = 5355,
    DNS_TCP_PREFIX = 2,        /* RFC 1035 section 4.2.2 */
    DNS_EDNS_OPTIONS_MAX = 16, /* Listed; there is one of each at most. */
};

static const uint16_t dns_ports[] = { DNS_PORT, 0 };

static void set_flags(struct event *event, const struct dns_message *message)
{
    static const struct {
        uint16_t bit;
        uint16_t field;
    } flags[] = {
        { DNS_FLAG_QR, FIELD_DNS_QR }, { DNS_FLAG_AA, FIELD_DNS_AA },
        { DNS_FLAG_TC, FIELD_DNS_TC }, { DNS_FLAG_RD, FIELD_DNS_RD },
        { DNS_FLAG_RA, FIELD_DNS_RA }, { DNS_FLAG_Z, FIELD_DNS_Z },
        { DNS_FLAG_AD, FIELD_DNS_AD }, { DNS_FLAG_CD, FIELD_DNS_CD },
    };
    const uint8_t wire[] = { (uint8_t)(message->flags >> 8),
                             (uint8_t)message->flags };
    struct arena_writer w;

    arena_writer_init(&w, message->arena, 2 * sizeof wire);
    arena_writer_hex(&w, bytes_of(wire, sizeof wire));
    event_set_text(event, FIELD_DNS_FLAGS, arena_writer_view(&w));
    for (size_t i = 0; i < COUNT_OF(flags); i++)
        if (message->flags & flags[i].bit)
            event_set_flag(event, (enum event_field)flags[i].field, true);
}

static const struct dns_record *find_opt(const struct dns_message *message)
{
    for (uint16_t i = 0; i < message->record_count; i++)
        if (message->records[i].type == DNS_TYPE_OPT)
            return &message->records[i];
    return NULL;
}

/* RFC 6891 section 6.1.3: the TTL is extended RCODE, version and flags. */
static void set_edns(struct event *event, const struct dns_message *message,
                     const struct dns_record *opt)
{
    struct reader r = reader_of(dns_record_data(message, opt));

    event_set_number(event, FIELD_DNS_EDNS_SIZE, opt->class);
    event_set_number(event, FIELD_DNS_EDNS_VERSION, opt->ttl >> 16 & 0xff);
    event_set_flag(event, FIELD_DNS_EDNS_DO, opt->ttl >> 15 & 1);
    for (int i = 0; i < DNS_EDNS_OPTIONS_MAX && reader_left(&r) > 0; i++) {
        uint16_t code = reader_u16(&r);
        reader_skip(&r, reader_u16(&r));
        if (reader_ok(&r))
            event_set_number(event, FIELD_DNS_EDNS_OPTION, code);
    }
}

static void set_header(struct event *event, const struct dns_message *message)
{
    const struct dns_record *opt = find_opt(message);
    unsigned opcode = dns_opcode(message);
    unsigned rcode = message->flags & 15u;

    event_set_number(event, FIELD_DNS_VERSION, 3);
    event_set_literal(event, FIELD_DNS_TYPE, dns_event_type(message));
    event_set_number(event, FIELD_DNS_ID, message->id);
    set_flags(event, message);
    event_set_number(event, FIELD_DNS_OPCODE, opcode);
    event_set_text(event, FIELD_DNS_OPCODE_NAME,
                   dns_opcode_name(opcode, message->arena));
    if (opt)
        rcode |= opt->ttl >> 24 << 4;
    if (message->flags & DNS_FLAG_QR) {
        event_set_text(event, FIELD_DNS_RCODE,
                       dns_rcode_name(rcode, message->arena));
        event_set_number(event, FIELD_DNS_RCODE_NUMBER, rcode);
    }
    if (opt)
        set_edns(event, message, opt);
}

static void set_questions(struct event *event,
                          const struct dns_message *message)
{
    static const struct dns_question_fields fields = {
        FIELD_DNS_QUERY_NAME, FIELD_DNS_QUERY_TYPE,
    };

    dns_event_set_questions(event, message, &fields);
    for (uint16_t i = 0; i < message->question_count; i++) {
        if (message->questions[i].class == 1)
            continue;
        event_begin_item(event, i);
        event_set_text(event, FIELD_DNS_QUERY_CLASS,
                       dns_class_name(message->questions[i].class,
                                      message->arena));
    }
    event_begin_item(event, 0);
}

static void set_measures(struct event *event,
                         const struct dns_message *message)
{
    uint64_t answer_size = 0;

    if (message->question_count > 0) {
        const struct dns_name *name = &message->questions[0].name;
        event_set_number(event, FIELD_DNS_QUERY_LENGTH, name->text.size);
        event_set_number(event, FIELD_DNS_QUERY_LABELS, name->labels);
        event_set_real(event, FIELD_DNS_QUERY_ENTROPY,
                       dns_label_entropy(name->longest));
        event_set_text(event, FIELD_DNS_PARENT,
                       dns_parent_domain(name->text));
    }
    for (uint16_t i = 0; i < message->record_count; i++)
        if (message->records[i].section == DNS_SECTION_ANSWER)
            answer_size += message->records[i].data_size;
    if (message->flags & DNS_FLAG_QR)
        event_set_number(event, FIELD_DNS_ANSWER_SIZE, answer_size);
}

/* SRV answers also by their parts, as EVE has them. */
static void set_services(struct event *event,
                         const struct dns_message *message)
{
    uint16_t item = 0;

    for (uint16_t i = 0; i < message->record_count; i++) {
        const struct dns_record *record = &message->records[i];
        struct dns_srv srv;

        if (record->section != DNS_SECTION_ANSWER ||
            record->type == DNS_TYPE_OPT)
            continue;
        event_begin_item(event, item++);
        if (!dns_rdata_srv(message, record, &srv))
            continue;
        event_set_number(event, FIELD_DNS_ANSWER_SRV_PRIORITY, srv.priority);
        event_set_number(event, FIELD_DNS_ANSWER_SRV_WEIGHT, srv.weight);
        event_set_number(event, FIELD_DNS_ANSWER_SRV_PORT, srv.port);
        event_set_text(event, FIELD_DNS_ANSWER_SRV_NAME, srv.host.text);
    }
    event_begin_item(event, 0);
}

static struct event *add_event(const struct dns_message *message,
                               struct event_list *events)
{
    static const struct dns_record_fields fields[DNS_SECTION_COUNT] = {
        { FIELD_DNS_ANSWER_NAME, FIELD_DNS_ANSWER_TYPE, FIELD_DNS_ANSWER_TTL,
          FIELD_DNS_ANSWER_DATA },
        { FIELD_DNS_AUTHORITY_NAME, FIELD_DNS_AUTHORITY_TYPE,
          FIELD_DNS_AUTHORITY_TTL, FIELD_DNS_AUTHORITY_DATA },
        { FIELD_DNS_ADDITIONAL_NAME, FIELD_DNS_ADDITIONAL_TYPE,
          FIELD_DNS_ADDITIONAL_TTL, FIELD_DNS_ADDITIONAL_DATA },
    };
    struct event *event = event_new(events, EVENT_DNS);

    set_header(event, message);
    set_questions(event, message);
    for (size_t i = 0; i < DNS_SECTION_COUNT; i++)
        dns_event_set_records(event, message, (enum dns_section)i,
                              &fields[i]);
    set_services(event, message);
    set_measures(event, message);
    if (message->more > 0)
        event_set_number(event, FIELD_DNS_RECORDS_MORE, message->more);
    return event;
}

/* Null when the message was read and reported; else the anomaly. `pairs` may
 * be null: over TCP nobody answers for another. */
static const char *read_message(struct bytes wire, struct dns_pairs *pairs,
                                const struct dissect_input *input,
                                struct event_list *events)
{
    struct dns_message message;

    if (!dns_message_parse(wire, DNS_STYLE_ASCII, input->arena, &message))
        return message.anomaly;
    struct event *event = add_event(&message, events);
    if (pairs && dns_pairs_take(pairs, &message))
        event_set_flag(event, FIELD_DNS_CONTRADICTED, true);
    dns_views(input, &message, DNS_VIEWS_DNS);
    return NULL;
}

/* The ports of its relatives, which use the same format. */
static bool is_of_a_relative(const struct flow *flow)
{
    for (int side = 0; side < 2; side++)
        if (flow->port[side] == MDNS_PORT || flow->port[side] == LLMNR_PORT ||
            flow->port[side] == NBNS_PORT)
            return true;
    return false;
}

static enum dissect_verdict udp_recognise(const struct dissect_input *input)
{
    struct dns_message message;

    if (is_of_a_relative(input->flow))
        return DISSECT_NOT_MINE;
    if (dns_message_is_plausible(input->data, input->arena))
        return DISSECT_DONE;
    if (!input->port_matches || !dns_header_parse(input->data, &message))
        return DISSECT_NOT_MINE;
    /* On its own port a strange header or a broken body, but not both. */
    return dns_header_is_plausible(&message) ||
                   (dns_message_parse(input->data, DNS_STYLE_ASCII,
                                      input->arena, &message) &&
                    message.question_count > 0)
               ? DISSECT_DONE
               : DISSECT_NOT_MINE;
}

static struct dissect_result udp_feed(void *state,
                                      const struct dissect_input *input,
                                      struct event_list *events)
{
    if (input->end && input->data.size == 0)
        return dissect_done(0); /* The flow has ended. */
    const char *anomaly = read_message(input->data, state, input, events);
    return anomaly ? dissect_malformed(anomaly)
                   : dissect_done(input->data.size);
}

const struct dissector dns_dissector = {
    .name = "dns",
    .transport = IP_PROTOCOL_UDP,
    .ports = dns_ports,
    .state_size = sizeof(struct dns_pairs),
    .recognise = udp_recognise,
    .feed = udp_feed,
};

/* Cut the message out of the stream: its size, and as much as is there. */
static size_t tcp_message(struct bytes data, struct bytes *wire)
{
    struct reader r = reader_of(data);
    size_t size = reader_u16(&r);

    *wire = bytes_slice(data, DNS_TCP_PREFIX, size);
    return size;
}

static enum dissect_verdict tcp_recognise(const struct dissect_input *input)
{
    struct dns_message message;
    struct bytes wire;

    if (input->data.size < DNS_TCP_PREFIX + DNS_HEADER_SIZE)
        return input->end ? DISSECT_NOT_MINE : DISSECT_MORE;
    size_t size = tcp_message(input->data, &wire);
    if (size < DNS_HEADER_SIZE || !dns_header_parse(wire, &message) ||
        !dns_header_is_plausible(&message))
        return DISSECT_NOT_MINE;
    if (input->port_matches)
        return DISSECT_DONE;
    if (wire.size == size)
        return dns_message_is_plausible(wire, input->arena)
                   ? DISSECT_DONE
                   : DISSECT_NOT_MINE;
    return size + DNS_TCP_PREFIX > DISSECT_RECOGNISE_MAX || input->end
               ? DISSECT_NOT_MINE
               : DISSECT_MORE;
}

static struct dissect_result tcp_feed(void *state,
                                      const struct dissect_input *input,
                                      struct event_list *events)
{
    struct bytes wire;
    size_t size = tcp_message(input->data, &wire);
    size_t whole = size + DNS_TCP_PREFIX;

    (void)state; /* Each message stands for itself. */
    if (input->gap > 0)
        return dissect_finished(); /* Where a message begins is lost. */
    if (input->end && input->data.size == 0)
        return dissect_done(0);
    if (input->data.size < whole || input->data.size < DNS_TCP_PREFIX) {
        if (input->end)
            return dissect_malformed("dns_stream_truncated");
        return whole > DISSECT_MESSAGE_MAX
                   ? dissect_malformed("dns_message_too_long")
                   : dissect_more(whole);
    }
    const char *anomaly = read_message(wire, NULL, input, events);
    return anomaly ? dissect_malformed(anomaly) : dissect_done(whole);
}

const struct dissector dns_tcp_dissector = {
    .name = "dns",
    .transport = IP_PROTOCOL_TCP,
    .ports = dns_ports,
    .recognise = tcp_recognise,
    .feed = tcp_feed,
};
