/* SPDX-License-Identifier: Apache-2.0 */

/*
 * IRC (RFC 2812): one event for each message that a person or a bot meant:
 * commands, the welcome, topics and refusals. The other numeric replies, which
 * are lists and greetings, are read and left out.
 *
 *     [@tags] [:prefix] command [params] [:trailing]
 */
#include "dissect/dissector.h"

#include "base/compiler.h"
#include "base/reader.h"
#include "dissect/kept.h"
#include "dissect/lines.h"

enum {
    IRC_LINE_MAX = 8703, /* 512, and 8191 of tags (IRCv3 message-tags). */
    IRC_PARAMETER_MAX = 15, /* RFC 2812 section 2.3 */
};

struct irc_state {
    struct kept_login login;
    struct kept_name nick;
};

struct irc_message {
    struct bytes prefix;
    struct bytes command;
    struct bytes parameters; /* All of them, the trailing one too. */
};

/* ERR_NOSUCHSERVER and the like are left out on purpose: see above. */
static const char *const numerics_shown[] = {
    "001", /* RPL_WELCOME */
    "331", /* RPL_NOTOPIC */
    "332", /* RPL_TOPIC */
    "433", /* ERR_NICKNAMEINUSE */
    "464", /* ERR_PASSWDMISMATCH */
    "465", /* ERR_YOUREBANNEDCREEP */
};

static bool is_command(const struct irc_message *message, const char *name)
{
    return bytes_equal_nocase(message->command, bytes_of_text(name));
}

static bool is_number(struct bytes text)
{
    uint64_t number;

    return text.size == 3 && bytes_to_number(text, 999, &number);
}

/* Letters, or a three-digit number. */
static bool is_command_word(struct bytes word)
{
    struct reader r = reader_of(word);

    if (is_number(word))
        return true;
    while (reader_left(&r) > 0) {
        uint8_t letter = reader_u8(&r) | 0x20;
        if (letter < 'a' || letter > 'z')
            return false;
    }
    return word.size > 0;
}

static bool parse_message(struct bytes line, struct irc_message *message)
{
    struct irc_message parsed = { 0 };

    if (bytes_start_with(line, bytes_of("@", 1)))
        (void)dissect_take_word(&line); /* Tags are not shown. */
    if (bytes_start_with(line, bytes_of(":", 1)))
        parsed.prefix = bytes_slice(dissect_take_word(&line), 1, SIZE_MAX);
    parsed.command = dissect_take_word(&line);
    parsed.parameters = line;
    if (!is_command_word(parsed.command))
        return false;
    *message = parsed;
    return true;
}

/* The next parameter off `*rest`; the trailing one takes the rest. */
static struct bytes take_parameter(struct bytes *rest)
{
    if (!bytes_start_with(*rest, bytes_of(":", 1)))
        return dissect_take_word(rest);
    struct bytes trailing = bytes_slice(*rest, 1, SIZE_MAX);
    *rest = (struct bytes){ 0 };
    return trailing;
}

static bool is_shown(const struct irc_message *message)
{
    if (!is_number(message->command))
        return message->command.size > 0;
    for (size_t i = 0; i < COUNT_OF(numerics_shown); i++)
        if (is_command(message, numerics_shown[i]))
            return true;
    return false;
}

/* Passwords, those told to the nick service too, are not shown. */
static bool is_secret(const struct irc_message *message)
{
    return is_command(message, "PASS") || is_command(message, "OPER") ||
           bytes_start_with_nocase(message->parameters,
                                   bytes_of_text("NickServ"));
}

static void show_parameters(struct event *event, struct bytes rest)
{
    struct bytes last = { 0 };

    for (int i = 0; i < IRC_PARAMETER_MAX && rest.size > 0; i++) {
        last = take_parameter(&rest);
        event_set_text(event, FIELD_IRC_PARAMS, last);
        if (bytes_start_with(last, bytes_of("#", 1)) ||
            bytes_start_with(last, bytes_of("&", 1)))
            if (!event_get(event, FIELD_IRC_CHANNEL))
                event_set_text(event, FIELD_IRC_CHANNEL, last);
    }
    dissect_set_text(event, FIELD_IRC_TEXT, last);
}

static void show(const struct irc_message *message,
                 const struct irc_state *state,
                 const struct dissect_input *input, struct event_list *events)
{
    struct event *event = event_new(events, EVENT_IRC);

    event_set_text(event, FIELD_IRC_COMMAND, message->command);
    dissect_set_text(event, FIELD_IRC_PREFIX, message->prefix);
    dissect_set_text(event, FIELD_IRC_NICK,
                     kept_name_copy(&state->nick, events->arena));
    event_set_flag(event, FIELD_IRC_FROM_SERVER,
                   input->side == FLOW_RESPONDER);
    if (event && !is_secret(message))
        show_parameters(event, message->parameters);
}

static void open_login(struct irc_state *state, struct bytes user,
                       struct bytes password)
{
    struct authorization tried = {
        .method = "password",
        .user = user,
        .password = password,
        .is_clear = true,
    };
    kept_login_open(&state->login, "irc", &tried);
}

static void note_client(struct irc_state *state,
                        const struct irc_message *message)
{
    struct bytes rest = message->parameters;
    struct bytes first = take_parameter(&rest);

    if (is_command(message, "NICK")) {
        kept_name_set(&state->nick, first);
        if (state->login.is_open && state->login.user.size == 0)
            kept_name_set(&state->login.user, first);
    } else if (is_command(message, "PASS")) {
        open_login(state, bytes_of(state->nick.data, state->nick.size), first);
    } else if (is_command(message, "OPER")) {
        open_login(state, first, take_parameter(&rest));
    }
}

/* The welcome, or RPL_YOUREOPER, says the password was right. */
static void note_server(struct irc_state *state,
                        const struct irc_message *message,
                        struct event_list *events)
{
    if (is_command(message, "001") || is_command(message, "381"))
        kept_login_close(&state->login, "success", events);
    else if (is_command(message, "464"))
        kept_login_close(&state->login, "failure", events);
}

static void read_line(struct irc_state *state, struct bytes line,
                      const struct dissect_input *input,
                      struct event_list *events)
{
    struct irc_message message;

    if (!parse_message(line, &message))
        return;
    if (input->side == FLOW_ORIGINATOR)
        note_client(state, &message);
    else
        note_server(state, &message, events);
    if (is_shown(&message))
        show(&message, state, input, events);
}

static struct dissect_result irc_feed(void *memory,
                                      const struct dissect_input *input,
                                      struct event_list *events)
{
    struct bytes rest = input->data;
    struct bytes line;

    if (input->gap > 0) /* Begin again after the next line end. */
        rest = bytes_slice(rest, bytes_find_byte(rest, '\n') + 1, SIZE_MAX);
    for (;;) {
        switch (dissect_take_line(&rest, IRC_LINE_MAX, &line)) {
        case LINE_WHOLE:
            read_line(memory, line, input, events);
            break;
        case LINE_PARTIAL:
            return dissect_done(input->data.size - rest.size);
        case LINE_TOO_LONG:
            return dissect_malformed("irc_line_too_long");
        }
    }
}

static size_t count_parameters(struct bytes rest)
{
    size_t count = 0;

    while (rest.size > 0) {
        (void)take_parameter(&rest); /* Only how many there are. */
        count++;
    }
    return count;
}

static enum dissect_verdict recognise_client(const struct irc_message *first,
                                             struct bytes rest)
{
    struct irc_message next;
    struct bytes line;

    if (is_command(first, "USER"))
        return count_parameters(first->parameters) >= 4 ? DISSECT_DONE
                                                        : DISSECT_NOT_MINE;
    if (is_command(first, "CAP"))
        return bytes_start_with(first->parameters, bytes_of_text("LS"))
                   ? DISSECT_DONE : DISSECT_NOT_MINE;
    if (!is_command(first, "NICK") && !is_command(first, "PASS"))
        return DISSECT_NOT_MINE;
    if (dissect_take_line(&rest, IRC_LINE_MAX, &line) != LINE_WHOLE)
        return DISSECT_MORE;
    if (!parse_message(line, &next))
        return DISSECT_NOT_MINE;
    return is_command(&next, "USER") || is_command(&next, "NICK") ||
           is_command(&next, "JOIN") ? DISSECT_DONE : DISSECT_NOT_MINE;
}

/* ":server NOTICE * :text", "NOTICE AUTH :text" or the welcome. */
static enum dissect_verdict recognise_server(const struct irc_message *first)
{
    size_t count = count_parameters(first->parameters);

    if (is_command(first, "NOTICE") && count == 2)
        return DISSECT_DONE;
    if (first->prefix.size > 0 && is_number(first->command) && count >= 2)
        return DISSECT_DONE;
    return DISSECT_NOT_MINE;
}

static enum dissect_verdict irc_recognise(const struct dissect_input *input)
{
    struct bytes rest = input->data;
    struct irc_message first;
    struct bytes line;

    switch (dissect_take_line(&rest, IRC_LINE_MAX, &line)) {
    case LINE_WHOLE:
        break;
    case LINE_PARTIAL:
        return dissect_is_text(rest) ? DISSECT_MORE : DISSECT_NOT_MINE;
    case LINE_TOO_LONG:
        return DISSECT_NOT_MINE;
    }
    if (!parse_message(line, &first))
        return DISSECT_NOT_MINE;
    return input->side == FLOW_ORIGINATOR ? recognise_client(&first, rest)
                                          : recognise_server(&first);
}

static const uint16_t irc_ports[] = { 6667, 6666, 6668, 6669, 7000, 0 };

const struct dissector irc_dissector = {
    .name = "irc",
    .transport = IP_PROTOCOL_TCP,
    .ports = irc_ports,
    .state_size = sizeof(struct irc_state),
    .recognise = irc_recognise,
    .feed = irc_feed,
};
