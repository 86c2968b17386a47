/* SPDX-License-Identifier: Apache-2.0 */
#include "dissect/dns_event.h"

#include "dissect/dns_rdata.h"

void dns_event_set_questions(struct event *event,
                             const struct dns_message *message,
                             const struct dns_question_fields *fields)
{
    for (uint16_t i = 0; i < message->question_count; i++) {
        const struct dns_question *question = &message->questions[i];

        event_begin_item(event, i);
        event_set_text(event, fields->name, question->name.text);
        event_set_text(event, fields->type,
                       dns_type_name(question->type, message->arena));
    }
    event_begin_item(event, 0);
}

static void set_record(struct event *event, const struct dns_message *message,
                       const struct dns_record *record,
                       const struct dns_record_fields *fields)
{
    struct bytes text;

    event_set_text(event, fields->name, record->name.text);
    event_set_text(event, fields->type,
                   dns_type_name(record->type, message->arena));
    event_set_number(event, fields->ttl, record->ttl);
    if (dns_rdata_text(message, record, &text))
        event_set_text(event, fields->data, text);
}

void dns_event_set_records(struct event *event,
                           const struct dns_message *message,
                           enum dns_section section,
                           const struct dns_record_fields *fields)
{
    uint16_t item = 0;

    for (uint16_t i = 0; i < message->record_count; i++) {
        const struct dns_record *record = &message->records[i];

        if (record->section != section || record->type == DNS_TYPE_OPT)
            continue;
        event_begin_item(event, item++);
        set_record(event, message, record, fields);
    }
    event_begin_item(event, 0);
}

const char *dns_event_type(const struct dns_message *message)
{
    return message->flags & DNS_FLAG_QR ? "response" : "request";
}

/* IQUERY to DSO without the unassigned 3 (RFC 6895 section 2.2). */
static bool opcode_is_assigned(unsigned opcode)
{
    return opcode <= 6 && opcode != 3;
}

bool dns_header_is_plausible(const struct dns_message *message)
{
    bool is_response = message->flags & DNS_FLAG_QR;
    bool is_query = dns_opcode(message) == 0;

    if (!opcode_is_assigned(dns_opcode(message)) ||
        message->flags & DNS_FLAG_Z ||
        message->counts[0] > DNS_QUESTIONS_MAX)
        return false;
    if (is_response)
        return message->counts[0] > 0 || message->counts[1] > 0 ||
               (message->flags & 15) != 0;
    return message->counts[0] > 0 && (message->flags & 15) == 0 &&
           !(message->flags & DNS_FLAG_RA) &&
           !(is_query && message->counts[1] > 0);
}

/* IN, CHAOS, HESIOD, NONE, ANY; with the unicast bit of RFC 6762. */
static bool class_is_known(uint16_t class)
{
    class &= 0x7fff;
    return class == 1 || class == 3 || class == 4 || class == 254 ||
           class == 255;
}

bool dns_message_is_plausible(struct bytes wire, struct arena *arena)
{
    struct dns_message message;

    if (!dns_header_parse(wire, &message) ||
        !dns_header_is_plausible(&message) ||
        !dns_message_parse(wire, DNS_STYLE_ASCII, arena, &message) ||
        message.used != wire.size)
        return false;
    for (uint16_t i = 0; i < message.question_count; i++)
        if (!class_is_known(message.questions[i].class) ||
            !dns_type_is_known(message.questions[i].type))
            return false;
    for (uint16_t i = 0; i < message.record_count; i++)
        if (!dns_type_is_known(message.records[i].type))
            return false;
    return true;
}
