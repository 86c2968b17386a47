/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Telnet (RFC 854): option negotiation and terminal escapes are taken out of
 * both directions, then the dialogue is followed as a person would. The
 * server's unfinished line is the prompt; the client's line is the answer.
 * Single characters (RFC 857, echo by the server) and whole lines both work.
 *
 * What a client typed is shown only once a password has been given or a shell
 * prompt was seen, so that no password is ever taken for a command.
 */
#include "dissect/dissector.h"

#include <string.h>

#include "base/reader.h"
#include "dissect/kept.h"
#include "dissect/lines.h"
#include "dissect/telnet_prompt.h"

enum {
    TELNET_LINE_MAX = 256,      /* Bytes of a typed line that are kept. */
    TELNET_LINE_COUNT_MAX = 512, /* Lines shown of one flow. */
    TELNET_TAIL_MAX = 64,       /* Bytes of the server's last line. */
    TELNET_OPTION_MAX = 0x27,   /* NEW-ENVIRON (RFC 1572), the last in use. */
    TELNET_BANNER_MAX = 2048,   /* A prompt comes within this much text. */
};

enum telnet_byte {
    TELNET_SE = 240,
    TELNET_SB = 250,
    TELNET_WILL = 251,
    TELNET_DONT = 254,
    TELNET_IAC = 255,
};

/* Where one direction stands between text and what is not text. */
enum telnet_filter {
    TELNET_TEXT,
    TELNET_COMMAND,            /* After IAC. */
    TELNET_OPTION,             /* After IAC WILL, WONT, DO, DONT. */
    TELNET_SUBNEGOTIATION,
    TELNET_SUBNEGOTIATION_IAC,
    TELNET_ESCAPE,             /* After ESC. */
    TELNET_ESCAPE_SEQUENCE,    /* After ESC [, until a letter. */
};

enum telnet_phase {
    TELNET_QUIET,     /* No prompt that we know has been seen. */
    TELNET_USER,      /* Asked for a name. */
    TELNET_USER_GIVEN,
    TELNET_PASSWORD,  /* Asked for a password. */
    TELNET_OUTCOME,   /* It was given; what will the server say? */
    TELNET_SESSION,
};

struct telnet_state {
    struct kept_login login;
    struct kept_name user;
    uint8_t filter[2];
    uint8_t phase;
    uint8_t tail_size;
    bool skip_line_end;        /* After CR, a LF or NUL belongs to it. */
    bool is_line_cut;
    bool is_password_early;    /* Typed before it was asked for. */
    uint16_t line_size;
    uint16_t line_count;
    uint8_t tail[TELNET_TAIL_MAX];
    uint8_t line[TELNET_LINE_MAX];
};

/* One step of the filter: true when `byte` is text. */
static bool is_text_byte(uint8_t *filter, uint8_t byte)
{
    switch ((enum telnet_filter)*filter) {
    case TELNET_TEXT:
        if (byte == TELNET_IAC)
            *filter = TELNET_COMMAND;
        else if (byte == 0x1b)
            *filter = TELNET_ESCAPE;
        else
            return true;
        return false;
    case TELNET_COMMAND:
        if (byte == TELNET_SB)
            *filter = TELNET_SUBNEGOTIATION;
        else if (byte >= TELNET_WILL && byte <= TELNET_DONT)
            *filter = TELNET_OPTION;
        else
            *filter = TELNET_TEXT;
        return byte == TELNET_IAC; /* IAC IAC is the byte 255 itself. */
    case TELNET_SUBNEGOTIATION:
        if (byte == TELNET_IAC)
            *filter = TELNET_SUBNEGOTIATION_IAC;
        return false;
    case TELNET_SUBNEGOTIATION_IAC:
        *filter = byte == TELNET_SE ? TELNET_TEXT : TELNET_SUBNEGOTIATION;
        return false;
    case TELNET_ESCAPE:
        *filter = byte == '[' ? TELNET_ESCAPE_SEQUENCE : TELNET_TEXT;
        return false;
    case TELNET_ESCAPE_SEQUENCE:
        if (byte >= '@' && byte <= '~')
            *filter = TELNET_TEXT;
        return false;
    case TELNET_OPTION:
        break;
    }
    *filter = TELNET_TEXT;
    return false;
}

static struct bytes tail_of(const struct telnet_state *state)
{
    return bytes_of(state->tail, state->tail_size);
}

/* A whole line of the server's, or its prompt: does it tell the outcome? */
static void judge(struct telnet_state *state, struct bytes text,
                  struct event_list *events)
{
    if (state->phase != TELNET_OUTCOME)
        return;
    const char *result = telnet_outcome(text);
    if (!result)
        return;
    kept_login_close(&state->login, result, events);
    bool is_success = telnet_is_success(result);
    state->phase = is_success ? TELNET_SESSION : TELNET_QUIET;
}

/* The server asks for a password: again, if one was just given. */
static void ask_password(struct telnet_state *state, struct event_list *events)
{
    if (state->phase == TELNET_OUTCOME && state->is_password_early) {
        state->is_password_early = false;
        return;
    }
    kept_login_close(&state->login, "failure", events);
    state->phase = TELNET_PASSWORD;
}

/* The server waits: is its unfinished line a prompt? */
static void read_prompt(struct telnet_state *state, struct event_list *events)
{
    switch (telnet_prompt(tail_of(state))) {
    case TELNET_PROMPT_USER:
        kept_login_close(&state->login, "failure", events);
        state->phase = TELNET_USER;
        break;
    case TELNET_PROMPT_PASSWORD:
        ask_password(state, events);
        break;
    case TELNET_PROMPT_SHELL:
        /* Not when a name or password is being typed and echoed. */
        if (state->phase == TELNET_QUIET || state->phase == TELNET_OUTCOME)
            state->phase = TELNET_SESSION;
        if (state->phase == TELNET_SESSION)
            kept_login_close(&state->login, "success", events);
        break;
    case TELNET_PROMPT_NONE:
        break;
    }
}

static void read_server(struct telnet_state *state, struct bytes data,
                        struct event_list *events)
{
    struct reader r = reader_of(data);

    while (reader_left(&r) > 0) {
        uint8_t byte = reader_u8(&r);
        if (!is_text_byte(&state->filter[FLOW_RESPONDER], byte))
            continue;
        if (byte == '\r' || byte == '\n' || byte == 0) {
            judge(state, tail_of(state), events);
            state->tail_size = 0;
        } else {
            /* Of a long line the end matters, where the prompt is. */
            if (state->tail_size == TELNET_TAIL_MAX) {
                state->tail_size = TELNET_TAIL_MAX / 2;
                memmove(state->tail, state->tail + TELNET_TAIL_MAX / 2,
                        TELNET_TAIL_MAX / 2);
            }
            state->tail[state->tail_size++] = byte;
        }
    }
    read_prompt(state, events);
}

static void show_line(struct telnet_state *state, struct bytes line,
                      struct event_list *events)
{
    if (line.size == 0 || state->line_count >= TELNET_LINE_COUNT_MAX)
        return;
    state->line_count++;

    struct event *event = event_new(events, EVENT_TELNET);
    event_set_text(event, FIELD_TELNET_LINE, line);
    dissect_set_text(event, FIELD_TELNET_USER,
                     kept_name_copy(&state->user, events->arena));
    event_set_number(event, FIELD_TELNET_NUMBER, state->line_count);
    if (state->is_line_cut)
        event_set_flag(event, FIELD_TELNET_TRUNCATED, true);
    if (state->line_count == TELNET_LINE_COUNT_MAX)
        event_set_flag(event, FIELD_TELNET_LIMIT_REACHED, true);
}

static void take_password(struct telnet_state *state, struct bytes line)
{
    struct authorization tried = {
        .method = "password",
        .user = bytes_of(state->user.data, state->user.size),
        .password = line,
        .is_clear = true,
    };
    kept_login_open(&state->login, "telnet", &tried);
    state->is_password_early = state->phase == TELNET_USER_GIVEN;
    state->phase = TELNET_OUTCOME;
}

/* The client ended its line: what it means depends on what was asked. */
static void read_line(struct telnet_state *state, struct event_list *events)
{
    struct bytes line = bytes_of(state->line, state->line_size);

    switch ((enum telnet_phase)state->phase) {
    case TELNET_QUIET:
        break;
    case TELNET_USER:
        if (line.size == 0)
            break;
        kept_name_set(&state->user, line);
        state->phase = TELNET_USER_GIVEN;
        break;
    case TELNET_USER_GIVEN:
        if (line.size == 0)
            break;
        take_password(state, line);
        break;
    case TELNET_PASSWORD:
        take_password(state, line);
        break;
    case TELNET_OUTCOME:
    case TELNET_SESSION:
        show_line(state, arena_copy(events->arena, line), events);
        break;
    }
    /* The prompt has been answered; what follows it is the server's reply. */
    state->tail_size = 0;
    state->line_size = 0;
    state->is_line_cut = false;
}

/* Backspace and delete, and the keys that give a line up: ^C and ^U. */
static bool edit_line(struct telnet_state *state, uint8_t byte)
{
    switch (byte) {
    case 0x08:
    case 0x7f:
        if (state->line_size > 0)
            state->line_size--;
        return true;
    case 0x03:
    case 0x15:
        state->line_size = 0;
        return true;
    default:
        return false;
    }
}

static void read_client(struct telnet_state *state, struct bytes data,
                        struct event_list *events)
{
    struct reader r = reader_of(data);

    while (reader_left(&r) > 0) {
        uint8_t byte = reader_u8(&r);
        if (!is_text_byte(&state->filter[FLOW_ORIGINATOR], byte))
            continue;
        bool is_rest_of_end =
            state->skip_line_end && (byte == '\n' || byte == 0);
        state->skip_line_end = byte == '\r';
        if (is_rest_of_end || edit_line(state, byte))
            continue;
        if (byte == '\r' || byte == '\n' || byte == 0)
            read_line(state, events);
        else if (state->line_size < TELNET_LINE_MAX)
            state->line[state->line_size++] = byte;
        else
            state->is_line_cut = true;
    }
}

static struct dissect_result telnet_feed(void *memory,
                                         const struct dissect_input *input,
                                         struct event_list *events)
{
    struct telnet_state *state = memory;

    if (input->gap > 0)
        state->filter[input->side] = TELNET_TEXT;
    if (input->side == FLOW_RESPONDER)
        read_server(state, input->data, events);
    else
        read_client(state, input->data, events);
    if (input->end)
        kept_login_close(&state->login, "unknown", events);
    return dissect_done(input->data.size);
}

/* IAC, a negotiation verb, an option in use; or IAC SB and an option. */
static enum dissect_verdict recognise_negotiation(struct bytes data)
{
    struct reader r = reader_of(data);

    reader_skip(&r, 1);
    uint8_t verb = reader_u8(&r);
    uint8_t option = reader_u8(&r);
    if (!reader_ok(&r))
        return DISSECT_MORE;
    bool is_verb = verb >= TELNET_SB && verb <= TELNET_DONT;
    if (is_verb && option <= TELNET_OPTION_MAX)
        return DISSECT_DONE;
    return DISSECT_NOT_MINE;
}

/* Without negotiation the server's prompt says it; on Telnet's own ports any
 * prompt, elsewhere only one for a name. */
static enum dissect_verdict recognise_prompt(const struct dissect_input *input)
{
    struct telnet_state state = { 0 };
    struct event_list none;

    event_list_init(&none, input->arena);
    read_server(&state, input->data, &none);
    if (state.phase == TELNET_USER ||
        (state.phase != TELNET_QUIET && input->port_matches))
        return DISSECT_DONE;
    if (input->data.size > TELNET_BANNER_MAX)
        return DISSECT_NOT_MINE;
    return DISSECT_MORE;
}

static enum dissect_verdict
telnet_recognise(const struct dissect_input *input)
{
    if (bytes_start_with(input->data, bytes_of("\xff", 1)))
        return recognise_negotiation(input->data);
    if (!telnet_is_text(input->data))
        return DISSECT_NOT_MINE;
    if (input->side == FLOW_RESPONDER)
        return recognise_prompt(input);
    return input->port_matches ? DISSECT_MORE : DISSECT_NOT_MINE;
}

static const uint16_t telnet_ports[] = { 23, 2323, 0 };

const struct dissector telnet_dissector = {
    .name = "telnet",
    .transport = IP_PROTOCOL_TCP,
    .ports = telnet_ports,
    .state_size = sizeof(struct telnet_state),
    .recognise = telnet_recognise,
    .feed = telnet_feed,
};
