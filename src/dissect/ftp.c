/* SPDX-License-Identifier: Apache-2.0 */

/*
 * FTP control connections (RFC 959, EPSV and EPRT from RFC 2428, AUTH from
 * RFC 4217): one event for each command with its final reply. PASS never
 * leaves the state but as the password of a login event.
 */
#include "dissect/dissector.h"

#include <string.h>

#include "base/reader.h"
#include "dissect/kept.h"
#include "dissect/lines.h"

enum {
    FTP_LINE_MAX = 1024,       /* A command or one line of a reply. */
    FTP_REPLY_MAX = 16 << 10,  /* All lines of one reply. */
    FTP_REPLY_LINE_MAX = 32,   /* Lines of a reply that are shown. */
    FTP_COMMAND_MAX = 8,       /* "AUTH", "XCUP"; longer is not FTP. */
};

struct ftp_state {
    struct kept_login login;
    struct kept_name user;
    struct kept_name command;
    struct kept_path argument;
    uint32_t asked;        /* Exchanges that were begun, */
    uint32_t answered;     /* and those that are over: views' numbers. */
    uint16_t dynamic_port;
    uint16_t preliminary;  /* A reply 1xx that came before the final one. */
    bool is_pending;       /* A command waits for its reply. */
    bool is_passive;
    bool is_active;
};

struct ftp_reply {
    uint16_t code;
    struct bytes lines;    /* All of it, line ends included. */
    struct bytes last;     /* The text of its last line. */
};

static bool is_command(const struct ftp_state *state, const char *name)
{
    return bytes_equal(bytes_of(state->command.data, state->command.size),
                       bytes_of_text(name));
}

static void show_reply(struct event *event, const struct ftp_reply *reply)
{
    struct bytes rest = reply->lines;
    struct bytes line;

    for (int i = 0; i < FTP_REPLY_LINE_MAX; i++) {
        if (dissect_take_line(&rest, FTP_LINE_MAX, &line) != LINE_WHOLE)
            return;
        bool has_code = i == 0 || rest.size == 0;
        dissect_set_text(event, FIELD_FTP_REPLY,
                         has_code ? bytes_slice(line, 4, SIZE_MAX) : line);
    }
}

static struct bytes code_text(uint16_t code, struct arena *arena)
{
    char digits[3] = { (char)('0' + code / 100), (char)('0' + code / 10 % 10),
                       (char)('0' + code % 10) };

    return arena_copy(arena, bytes_of(digits, sizeof digits));
}

/* The event of the pending command, or of a reply that nobody asked for. */
static void show(struct ftp_state *state, const struct ftp_reply *reply,
                 struct event_list *events)
{
    struct event *event = event_new(events, EVENT_FTP);

    if (state->is_pending) {
        event_set_text(event, FIELD_FTP_COMMAND,
                       kept_name_copy(&state->command, events->arena));
        dissect_set_text(event, FIELD_FTP_COMMAND_DATA,
                         kept_path_copy(&state->argument, events->arena));
    }
    dissect_set_text(event, FIELD_FTP_USER,
                     kept_name_copy(&state->user, events->arena));
    if (state->preliminary)
        event_set_text(event, FIELD_FTP_COMPLETION_CODE,
                       code_text(state->preliminary, events->arena));
    if (reply) {
        event_set_text(event, FIELD_FTP_COMPLETION_CODE,
                       code_text(reply->code, events->arena));
        show_reply(event, reply);
    }
    event_set_literal(event, FIELD_FTP_REPLY_RECEIVED, reply ? "yes" : "no");
    if (state->dynamic_port) {
        event_set_number(event, FIELD_FTP_DYNAMIC_PORT, state->dynamic_port);
        event_set_literal(event, FIELD_FTP_MODE,
                          state->is_active ? "active" : "passive");
    }
    state->is_pending = false;
    state->preliminary = 0;
    state->dynamic_port = 0;
}

/* h1,h2,h3,h4,p1,p2 (RFC 959 section 5.3.2): the port, or 0. */
static uint16_t port_of_host_port(struct bytes text)
{
    uint64_t port = 0;

    for (int i = 0; i < 6; i++) {
        size_t comma = bytes_find_byte(text, ',');
        uint64_t number;
        if (!bytes_to_number(bytes_trim(bytes_slice(text, 0, comma)), 255,
                             &number))
            return 0;
        port = port << 8 | number;
        text = bytes_slice(text, comma + 1, SIZE_MAX);
    }
    return (uint16_t)(port & 0xffff);
}

/* |1|192.0.2.1|6275| or |||6275| (RFC 2428): the number before the last bar.
 */
static uint16_t port_of_extended(struct bytes text)
{
    uint64_t port = 0;

    for (int i = 0; i < 3; i++)
        text = bytes_slice(text, bytes_find_byte(text, '|') + 1, SIZE_MAX);
    if (!bytes_to_number(bytes_slice(text, 0, bytes_find_byte(text, '|')),
                         UINT16_MAX, &port))
        return 0;
    return (uint16_t)port;
}

static struct bytes in_brackets(struct bytes text)
{
    struct bytes rest =
        bytes_slice(text, bytes_find_byte(text, '(') + 1, SIZE_MAX);

    return bytes_slice(rest, 0, bytes_find_byte(rest, ')'));
}

static void note_credentials(struct ftp_state *state, struct bytes argument)
{
    if (is_command(state, "USER")) {
        kept_name_set(&state->user, argument);
    } else if (is_command(state, "PASS")) {
        struct authorization tried = {
            .method = "password",
            .user = bytes_of(state->user.data, state->user.size),
            .password = argument,
            .is_clear = true,
        };
        kept_login_open(&state->login, "ftp", &tried);
        state->argument.size = 0;
    }
}

static void note_data_endpoint(struct ftp_state *state, struct bytes argument)
{
    state->is_active = false;
    if (is_command(state, "PORT"))
        state->dynamic_port = port_of_host_port(argument);
    else if (is_command(state, "EPRT"))
        state->dynamic_port = port_of_extended(argument);
    else
        return;
    state->is_active = true;
}

static bool is_verb(struct bytes word)
{
    struct reader r = reader_of(word);

    while (reader_left(&r) > 0) {
        uint8_t letter = reader_u8(&r) | 0x20;
        if (letter < 'a' || letter > 'z')
            return false;
    }
    return word.size >= 3 && word.size <= FTP_COMMAND_MAX;
}

static void upper(struct kept_name *name)
{
    for (size_t i = 0; i < name->size; i++)
        if (name->data[i] >= 'a' && name->data[i] <= 'z')
            name->data[i] = (uint8_t)(name->data[i] - 'a' + 'A');
}

/* ABOR comes with Telnet's interrupt and synch signals before it. */
static struct bytes without_signals(struct bytes line)
{
    while (bytes_start_with(line, bytes_of("\xff", 1)) ||
           bytes_start_with(line, bytes_of("\xf2", 1)))
        line = bytes_slice(line, bytes_start_with(line, bytes_of("\xff", 1))
                                     ? 2 : 1, SIZE_MAX);
    return line;
}

/* One command is one exchange. Views outlive the state: they are copies. */
static void view_command(struct ftp_state *state,
                         const struct dissect_input *input,
                         struct bytes argument)
{
    view_add_text(input->views, VIEW_FTP_COMMAND, input->side, state->asked,
                  kept_name_copy(&state->command, input->arena));
    if (argument.size > 0)
        view_add_text(input->views, VIEW_FTP_COMMAND_DATA, input->side,
                      state->asked, argument);
    view_end(input->views, input->side, state->asked);
    state->asked++;
}

static bool read_command(struct ftp_state *state, struct bytes line,
                         const struct dissect_input *input,
                         struct event_list *events)
{
    struct bytes argument = without_signals(line);
    struct bytes verb = dissect_take_word(&argument);

    if (verb.size == 0)
        return true;
    if (!is_verb(verb))
        return false;
    if (state->is_pending)
        show(state, NULL, events);
    kept_name_set(&state->command, verb);
    upper(&state->command);
    kept_path_set(&state->argument, argument);
    state->is_pending = true;
    if (input->views)
        view_command(state, input, argument);
    note_data_endpoint(state, argument);
    note_credentials(state, argument);
    return true;
}

static struct dissect_result read_commands(struct ftp_state *state,
                                           const struct dissect_input *input,
                                           struct event_list *events)
{
    struct bytes rest = input->data;
    struct bytes line;

    for (;;) {
        switch (dissect_take_line(&rest, FTP_LINE_MAX, &line)) {
        case LINE_WHOLE:
            if (!read_command(state, line, input, events))
                return dissect_malformed("ftp_bad_command");
            break;
        case LINE_PARTIAL:
            return dissect_done(input->data.size - rest.size);
        case LINE_TOO_LONG:
            return dissect_malformed("ftp_line_too_long");
        }
    }
}

/* Three digits, then a space, a hyphen or the end (RFC 959 section 4.2). */
static bool reply_code(struct bytes line, uint16_t *code)
{
    uint64_t number;
    struct bytes mark = bytes_slice(line, 3, 1);

    if (!bytes_to_number(bytes_slice(line, 0, 3), 659, &number))
        return false;
    if (number < 100 || (mark.size > 0 &&
                         bytes_find(bytes_of_text(" -"), mark) == 2))
        return false;
    *code = (uint16_t)number;
    return true;
}

/* One reply off `*rest`: a line, or `220-` up to the line with `220 `. */
static enum line_verdict take_reply(struct bytes *rest,
                                    struct ftp_reply *reply)
{
    struct bytes all = *rest;
    struct bytes line;
    bool is_last = false;

    for (bool is_first = true; !is_last; is_first = false) {
        enum line_verdict verdict =
            dissect_take_line(rest, FTP_LINE_MAX, &line);
        if (verdict != LINE_WHOLE)
            return verdict;
        uint16_t code = 0;
        bool has_code = reply_code(line, &code);
        if (is_first && !has_code)
            return LINE_TOO_LONG;
        if (is_first)
            reply->code = code;
        is_last = has_code && code == reply->code &&
                  !bytes_start_with(bytes_slice(line, 3, 1),
                                    bytes_of("-", 1));
    }
    reply->lines = bytes_slice(all, 0, all.size - rest->size);
    reply->last = bytes_slice(line, 4, SIZE_MAX);
    return LINE_WHOLE;
}

/* 230 lets in, 331 and 332 ask for more, the rest refuses. */
static void close_login(struct ftp_state *state, uint16_t code,
                        struct event_list *events)
{
    if (!state->is_pending || !is_command(state, "PASS") || code == 332)
        return;
    kept_login_close(&state->login, code / 100 == 2 ? "success" : "failure",
                     events);
}

/* All lines of a reply; a final one ends the oldest exchange, and one that
 * nobody asked for, as the greeting, is an exchange by itself. */
static void view_reply(struct ftp_state *state,
                       const struct dissect_input *input,
                       const struct ftp_reply *reply)
{
    struct bytes rest = reply->lines;
    struct bytes line;
    uint16_t code;

    if (state->answered == state->asked) {
        view_end(input->views, !input->side, state->asked);
        state->asked++;
    }
    while (rest.size > 0 &&
           dissect_take_line(&rest, FTP_LINE_MAX, &line) == LINE_WHOLE) {
        bool has_code = reply_code(line, &code);
        if (has_code)
            view_add_text(input->views, VIEW_FTP_COMPLETION_CODE,
                          input->side, state->answered,
                          bytes_slice(line, 0, 3));
        view_add_text(input->views, VIEW_FTP_REPLY, input->side,
                      state->answered,
                      has_code ? bytes_slice(line, 4, SIZE_MAX) : line);
    }
    if (reply->code / 100 == 1)
        return;
    view_end(input->views, input->side, state->answered);
    state->answered++;
}

/* True when the flow goes on in the clear. */
static bool read_reply(struct ftp_state *state, const struct ftp_reply *reply,
                       const struct dissect_input *input,
                       struct event_list *events)
{
    if (input->views)
        view_reply(state, input, reply);
    if (reply->code == 227)
        state->dynamic_port = port_of_host_port(in_brackets(reply->last));
    else if (reply->code == 229)
        state->dynamic_port = port_of_extended(in_brackets(reply->last));
    if (reply->code / 100 == 1 && state->is_pending) {
        state->preliminary = reply->code;
        return true;
    }
    bool is_secured = state->is_pending && is_command(state, "AUTH") &&
                      reply->code == 234;
    close_login(state, reply->code, events);
    show(state, reply, events);
    return !is_secured;
}

static struct dissect_result read_replies(struct ftp_state *state,
                                          const struct dissect_input *input,
                                          struct event_list *events)
{
    struct bytes rest = input->data;

    while (rest.size > 0) {
        struct bytes before = rest;
        struct ftp_reply reply = { 0 };
        enum line_verdict verdict = take_reply(&rest, &reply);
        if (verdict == LINE_TOO_LONG || before.size - rest.size > FTP_REPLY_MAX)
            return dissect_malformed("ftp_bad_reply");
        if (verdict == LINE_PARTIAL)
            return before.size == input->data.size
                       ? dissect_more(0)
                       : dissect_done(input->data.size - before.size);
        if (!read_reply(state, &reply, input, events))
            return dissect_finished();
    }
    return dissect_done(input->data.size);
}

static struct dissect_result ftp_feed(void *memory,
                                      const struct dissect_input *input,
                                      struct event_list *events)
{
    struct ftp_state *state = memory;

    if (input->gap > 0)
        return dissect_finished();
    struct dissect_result result =
        input->side == FLOW_ORIGINATOR
            ? read_commands(state, input, events)
            : read_replies(state, input, events);
    if (input->end && input->side == FLOW_RESPONDER) {
        kept_login_close(&state->login, "unknown", events);
        if (state->is_pending)
            show(state, NULL, events);
    }
    return result;
}

/* SMTP, too, greets with 220 and POP3 has USER: what only FTP says counts, or
 * the port. */
static enum dissect_verdict recognise_greeting(const struct dissect_input *in)
{
    struct bytes rest = in->data;
    struct ftp_reply reply = { 0 };
    enum line_verdict verdict = take_reply(&rest, &reply);

    if (verdict == LINE_PARTIAL)
        return dissect_is_text(in->data) ? DISSECT_MORE : DISSECT_NOT_MINE;
    if (verdict == LINE_TOO_LONG || (reply.code != 220 && reply.code != 120))
        return DISSECT_NOT_MINE;
    if (bytes_find_nocase(reply.lines, bytes_of_text("SMTP")) <
        reply.lines.size)
        return DISSECT_NOT_MINE;
    if (in->port_matches || bytes_find_nocase(reply.lines,
            bytes_of_text("ftp")) < reply.lines.size)
        return DISSECT_DONE;
    return bytes_find(rest, bytes_of_text("331 ")) == 0 && rest.size > 0
               ? DISSECT_DONE : DISSECT_MORE;
}

static enum dissect_verdict ftp_recognise(const struct dissect_input *input)
{
    struct bytes rest = input->data;
    struct bytes line;

    if (input->side == FLOW_RESPONDER)
        return recognise_greeting(input);
    switch (dissect_take_line(&rest, FTP_LINE_MAX, &line)) {
    case LINE_WHOLE:
        break;
    case LINE_PARTIAL:
        return dissect_is_text(input->data) ? DISSECT_MORE : DISSECT_NOT_MINE;
    case LINE_TOO_LONG:
        return DISSECT_NOT_MINE;
    }
    struct bytes verb = dissect_take_word(&line);
    bool is_opening = bytes_equal_nocase(verb, bytes_of_text("USER")) ||
                      bytes_equal_nocase(verb, bytes_of_text("AUTH")) ||
                      bytes_equal_nocase(verb, bytes_of_text("FEAT"));
    return is_opening && input->port_matches && rest.size == 0
               ? DISSECT_DONE : DISSECT_NOT_MINE;
}

static const uint16_t ftp_ports[] = { 21, 2121, 0 };

const struct dissector ftp_dissector = {
    .name = "ftp",
    .transport = IP_PROTOCOL_TCP,
    .ports = ftp_ports,
    .state_size = sizeof(struct ftp_state),
    .recognise = ftp_recognise,
    .feed = ftp_feed,
};
