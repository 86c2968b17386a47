/* SPDX-License-Identifier: Apache-2.0 */

/*
 * The text channel of Bashlite and its descendants (Gafgyt, Qbot, Torlus):
 * lines, orders marked with "!*", answers in capitals.
 *
 *     bot      BUILD MIPSEL:...        what it runs on
 *     server   PING, bot PONG
 *     server   !* UDP 192.0.2.1 80 60 32 0 1
 *     server   !* SCANNER ON, !* KILLATTK, !* LOLNOGTFO
 */
#include "dissect/command.h"

#include "base/compiler.h"
#include "base/reader.h"
#include "dissect/lines.h"

/* Words that stand after the mark, and what they do. For attacks the target
 * comes first but where said; then the port, then the seconds. */
static const struct gafgyt_order {
    const char *word;
    const char *kind;
} orders[] = {
    { "UDP", "attack" },       { "TCP", "attack" },   { "STD", "attack" },
    { "HOLD", "attack" },      { "JUNK", "attack" },  { "CNC", "attack" },
    { "COMBO", "attack" },     { "STOMP", "attack" }, { "XMAS", "attack" },
    { "VSE", "attack" },       { "SYN", "attack" },   { "ACK", "attack" },
    { "HTTP", "attack" },      { "ICMP", "attack" },  { "CRUSH", "attack" },
    { "KILLATTK", "stop" },    { "STOP", "stop" },    { "KILL", "stop" },
    { "LOLNOGTFO", "exit" },   { "SCANNER", "scan" }, { "TELNET", "scan" },
    { "PING", "keepalive" },   { "SH", "shell" },     { "UPDATE", "update" },
    { "GETLOCALIP", "query" }, { "BOTKILL", "stop" },
};

static const char *const scan_words[] = { "ON", "OFF" };

static bool is_word(struct bytes text, const char *word)
{
    return bytes_equal(text, bytes_of_text(word));
}

static bool is_address(struct bytes text)
{
    struct ip address;
    uint64_t byte;

    return ip_parse(text, &address) ||
           (bytes_find_byte(text, '.') < text.size &&
            !bytes_to_number(text, UINT64_MAX, &byte));
}

static const struct gafgyt_order *order_find(struct bytes word)
{
    for (size_t i = 0; i < COUNT_OF(orders); i++)
        if (is_word(word, orders[i].word))
            return &orders[i];
    return NULL;
}

/* "!* WORD ..." with a word that is known, or null. `*rest` is what follows.
 */
static const struct gafgyt_order *parse_order(struct bytes line,
                                              struct bytes *rest)
{
    struct bytes text = bytes_trim(line);

    if (!is_word(dissect_take_word(&text), "!*"))
        return NULL;
    struct bytes word = dissect_take_word(&text);
    *rest = text;
    return order_find(word);
}

/* BUILD and a name of letters, digits and marks: nothing else on the line. */
static bool parse_build(struct bytes line, struct bytes *name)
{
    struct bytes text = bytes_trim(line);

    if (!is_word(dissect_take_word(&text), "BUILD"))
        return false;
    *name = text;
    return dissect_is_word(text) && text.size >= 2 && text.size <= 64;
}

/* An order must have what it needs, so that a chat about it is not one. */
static bool is_plausible(const struct gafgyt_order *order, struct bytes rest)
{
    struct bytes word = dissect_take_word(&rest);

    if (bytes_equal(bytes_of_text(order->kind), bytes_of_text("attack")))
        return is_address(word) ||
               (is_word(bytes_of_text(order->word), "HTTP") && rest.size > 0);
    if (bytes_equal(bytes_of_text(order->kind), bytes_of_text("scan"))) {
        for (size_t i = 0; i < COUNT_OF(scan_words); i++)
            if (is_word(word, scan_words[i]))
                return true;
        return false;
    }
    return true;
}

static bool is_silent(struct bytes line)
{
    struct bytes text = bytes_trim(line);

    return text.size == 0 || is_word(text, "PING") || is_word(text, "PONG");
}

/* The first line that is more than a keepalive decides. */
enum dissect_verdict
command_gafgyt_recognise(const struct dissect_input *input)
{
    struct bytes rest = input->data;
    struct bytes line;
    struct bytes words;

    for (;;) {
        switch (dissect_take_line(&rest, COMMAND_LINE_MAX, &line)) {
        case LINE_WHOLE:
            break;
        case LINE_PARTIAL:
            return dissect_is_text(input->data) ? DISSECT_MORE
                                                : DISSECT_NOT_MINE;
        case LINE_TOO_LONG:
            return DISSECT_NOT_MINE;
        }
        if (is_silent(line))
            continue;
        if (input->side == FLOW_ORIGINATOR)
            return parse_build(line, &words) ? DISSECT_DONE
                                             : DISSECT_NOT_MINE;
        const struct gafgyt_order *order = parse_order(line, &words);
        return order && is_plausible(order, words) ? DISSECT_DONE
                                                   : DISSECT_NOT_MINE;
    }
}

/* Target, port, seconds; HTTP has its method before them. */
static void show_attack(struct event *event, struct bytes rest)
{
    struct bytes word = dissect_take_word(&rest);
    uint64_t number;

    if (!is_address(word))
        word = dissect_take_word(&rest);
    dissect_set_text(event, FIELD_COMMAND_TARGETS, word);
    if (bytes_to_number(dissect_take_word(&rest), UINT16_MAX, &number))
        event_set_number(event, FIELD_COMMAND_PORT, number);
    if (bytes_to_number(dissect_take_word(&rest), UINT32_MAX, &number))
        event_set_number(event, FIELD_COMMAND_DURATION, number);
}

static void note_keepalive(struct command_state *state, enum flow_side side,
                           struct event_list *events)
{
    if (!state->is_keepalive_seen[side])
        (void)command_event(events, "gafgyt", "keepalive");
    state->is_keepalive_seen[side] = true;
}

static void read_order(struct bytes line, struct event_list *events)
{
    struct bytes rest;
    const struct gafgyt_order *order = parse_order(line, &rest);

    if (!order)
        return;
    struct event *event = command_event(events, "gafgyt", order->kind);
    event_set_text(event, FIELD_COMMAND_TEXT, bytes_trim(line));
    if (bytes_equal(bytes_of_text(order->kind), bytes_of_text("attack"))) {
        event_set_literal(event, FIELD_COMMAND_VECTOR, order->word);
        show_attack(event, rest);
    }
}

/* REPORT address:user:password, sent by the bot's scanner. */
static bool read_report(struct bytes line, struct event_list *events)
{
    struct bytes text = bytes_trim(line);

    if (!is_word(dissect_take_word(&text), "REPORT"))
        return false;
    struct event *event = command_event(events, "gafgyt", "report");
    size_t colon = bytes_find_byte(text, ':');
    dissect_set_text(event, FIELD_COMMAND_TARGETS,
                     bytes_slice(text, 0, colon));
    text = bytes_slice(text, colon + 1, SIZE_MAX);
    colon = bytes_find_byte(text, ':');
    dissect_set_text(event, FIELD_COMMAND_USER, bytes_slice(text, 0, colon));
    dissect_set_text(event, FIELD_COMMAND_PASSWORD,
                     bytes_slice(text, colon + 1, SIZE_MAX));
    return true;
}

static void read_bot(struct command_state *state, struct bytes line,
                     struct event_list *events)
{
    struct bytes name;

    if (read_report(line, events) || state->is_hello_seen)
        return;
    if (!parse_build(line, &name))
        return;
    struct event *event = command_event(events, "gafgyt", "hello");
    event_set_text(event, FIELD_COMMAND_TEXT, name);
    state->is_hello_seen = true;
}

struct dissect_result command_gafgyt_feed(struct command_state *state,
                                          const struct dissect_input *input,
                                          struct event_list *events)
{
    struct bytes rest = input->data;
    struct bytes line;

    for (;;) {
        switch (dissect_take_line(&rest, COMMAND_LINE_MAX, &line)) {
        case LINE_WHOLE:
            break;
        case LINE_PARTIAL:
            return dissect_done(input->data.size - rest.size);
        case LINE_TOO_LONG:
            return dissect_malformed("command_line_too_long");
        }
        if (is_word(bytes_trim(line), "PING") ||
            is_word(bytes_trim(line), "PONG"))
            note_keepalive(state, input->side, events);
        else if (input->side == FLOW_RESPONDER)
            read_order(line, events);
        else
            read_bot(state, line, events);
    }
}
