/* SPDX-License-Identifier: Apache-2.0 */

/*
 * The greetings of mail servers: SMTP (RFC 5321 section 4.2), POP3 (RFC 1939
 * section 4) and IMAP (RFC 9051 section 7.1). Only the flow is labelled: rules
 * ask for the protocol and look into its bytes themselves.
 */
#include "dissect/dissector.h"
#include "dissect/lines.h"

enum { GREETING_MAX = 512 }; /* RFC 5321 section 4.5.3.1.5 */

static struct dissect_result mail_feed(void *memory,
                                       const struct dissect_input *input,
                                       struct event_list *events)
{
    (void)memory;
    (void)input;
    (void)events;
    return dissect_finished();
}

/* How a server begins, and the word in its greeting that says what it is when
 * the port does not. */
struct greeting {
    const char *start;
    const char *word;
};

static enum dissect_verdict recognise_greeting(
    const struct dissect_input *input, const struct greeting *greeting)
{
    struct bytes rest = input->data;
    struct bytes start = bytes_of_text(greeting->start);
    struct bytes word = bytes_of_text(greeting->word);
    struct bytes line;

    if (!bytes_start_with(bytes_slice(input->data, 0, start.size),
                          bytes_slice(start, 0, input->data.size)))
        return DISSECT_NOT_MINE;
    switch (dissect_take_line(&rest, GREETING_MAX, &line)) {
    case LINE_WHOLE:
        break;
    case LINE_PARTIAL:
        return dissect_is_text(input->data) ? DISSECT_MORE : DISSECT_NOT_MINE;
    case LINE_TOO_LONG:
        return DISSECT_NOT_MINE;
    }
    return input->port_matches || bytes_find_nocase(line, word) < line.size
               ? DISSECT_DONE
               : DISSECT_NOT_MINE;
}

/* A client that was heard first: EHLO is SMTP's alone. */
static enum dissect_verdict recognise_hello(const struct dissect_input *input)
{
    struct bytes start = bytes_slice(input->data, 0, 5);

    if (start.size < 5)
        return DISSECT_MORE;
    return bytes_equal_nocase(start, bytes_of_text("EHLO ")) ||
                   bytes_equal_nocase(start, bytes_of_text("HELO "))
               ? DISSECT_DONE
               : DISSECT_NOT_MINE;
}

static enum dissect_verdict smtp_recognise(const struct dissect_input *input)
{
    static const struct greeting greeting = { "220", "SMTP" };

    return input->side == FLOW_RESPONDER
               ? recognise_greeting(input, &greeting)
               : recognise_hello(input);
}

static enum dissect_verdict pop3_recognise(const struct dissect_input *input)
{
    static const struct greeting greeting = { "+OK", "POP3" };

    return input->side == FLOW_RESPONDER
               ? recognise_greeting(input, &greeting)
               : DISSECT_NOT_MINE;
}

static enum dissect_verdict imap_recognise(const struct dissect_input *input)
{
    static const struct greeting greeting = { "* OK", "IMAP" };

    return input->side == FLOW_RESPONDER
               ? recognise_greeting(input, &greeting)
               : DISSECT_NOT_MINE;
}

static const uint16_t smtp_ports[] = { 25, 587, 2525, 0 };
static const uint16_t pop3_ports[] = { 110, 0 };
static const uint16_t imap_ports[] = { 143, 0 };

const struct dissector smtp_dissector = {
    .name = "smtp",
    .transport = IP_PROTOCOL_TCP,
    .ports = smtp_ports,
    .recognise = smtp_recognise,
    .feed = mail_feed,
};

const struct dissector pop3_dissector = {
    .name = "pop3",
    .transport = IP_PROTOCOL_TCP,
    .ports = pop3_ports,
    .recognise = pop3_recognise,
    .feed = mail_feed,
};

const struct dissector imap_dissector = {
    .name = "imap",
    .transport = IP_PROTOCOL_TCP,
    .ports = imap_ports,
    .recognise = imap_recognise,
    .feed = mail_feed,
};
