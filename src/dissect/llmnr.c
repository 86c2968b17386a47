/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Link-local multicast name resolution (RFC 4795): DNS's format with its own
 * meaning for some flags.
 */
#include "dissect/dissector.h"
#include "dissect/dns_event.h"
#include "dissect/dns_views.h"

enum {
    LLMNR_PORT = 5355,
    LLMNR_FLAG_CONFLICT = 0x0400, /* Section 2.1.1: where DNS has AA. */
};

static const uint16_t llmnr_ports[] = { LLMNR_PORT, 0 };

static enum dissect_verdict llmnr_recognise(const struct dissect_input *input)
{
    const uint16_t *port = input->flow->port;
    struct dns_message message;

    if (port[0] != LLMNR_PORT && port[1] != LLMNR_PORT)
        return DISSECT_NOT_MINE;
    return dns_header_parse(input->data, &message) &&
                   dns_opcode(&message) == 0 && message.counts[0] == 1
               ? DISSECT_DONE
               : DISSECT_NOT_MINE;
}

static void add_event(const struct dns_message *message,
                      struct event_list *events)
{
    static const struct dns_question_fields questions = {
        FIELD_LLMNR_QUERY_NAME, FIELD_LLMNR_QUERY_TYPE,
    };
    static const struct dns_record_fields answers = {
        FIELD_LLMNR_ANSWER_NAME, FIELD_LLMNR_ANSWER_TYPE,
        FIELD_LLMNR_ANSWER_TTL, FIELD_LLMNR_ANSWER_DATA,
    };
    struct event *event = event_new(events, EVENT_LLMNR);

    event_set_literal(event, FIELD_LLMNR_TYPE, dns_event_type(message));
    event_set_number(event, FIELD_LLMNR_ID, message->id);
    if (message->flags & DNS_FLAG_QR)
        event_set_text(event, FIELD_LLMNR_RCODE,
                       dns_rcode_name(message->flags & 15, message->arena));
    if (message->flags & DNS_FLAG_TC)
        event_set_flag(event, FIELD_LLMNR_TC, true);
    if (message->flags & LLMNR_FLAG_CONFLICT)
        event_set_flag(event, FIELD_LLMNR_CONFLICT, true);
    dns_event_set_questions(event, message, &questions);
    dns_event_set_records(event, message, DNS_SECTION_ANSWER, &answers);
    if (message->more > 0)
        event_set_number(event, FIELD_LLMNR_RECORDS_MORE, message->more);
}

static struct dissect_result llmnr_feed(void *state,
                                        const struct dissect_input *input,
                                        struct event_list *events)
{
    struct dns_message message;

    (void)state; /* Each message stands for itself. */
    if (!dns_message_parse(input->data, DNS_STYLE_UNICODE, input->arena,
                           &message))
        return dissect_malformed(message.anomaly);
    add_event(&message, events);
    dns_views(input, &message, DNS_VIEWS_LLMNR);
    return dissect_done(input->data.size);
}

const struct dissector llmnr_dissector = {
    .name = "llmnr",
    .transport = IP_PROTOCOL_UDP,
    .ports = llmnr_ports,
    .recognise = llmnr_recognise,
    .feed = llmnr_feed,
};
