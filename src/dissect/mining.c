/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Stratum, in the three dialects miners speak: Bitcoin's (mining.subscribe,
 * .authorize, .notify, .submit), Ethereum's (eth_submitLogin, eth_getWork) and
 * Monero's (login, job, submit). One JSON text a line, both ways; a text with
 * a method is one event, an answer without is passed over.
 */
#include "dissect/dissector.h"

#include "base/compiler.h"
#include "dissect/json_scan.h"
#include "dissect/lines.h"

enum {
    MINING_LINE_MAX = 16 << 10, /* A job with its branches takes a few KB. */
    MINING_TEXT_MAX = 256,      /* Bytes of one value shown. */
};

struct mining_message {
    struct bytes method;
    struct bytes parameters; /* An array or an object. */
    struct bytes line;
};

/* Methods that no other JSON-RPC has. */
static const char *const own_methods[] = {
    "mining.", "eth_submitLogin", "eth_login", "eth_getWork",
    "eth_submitWork", "eth_submitHashrate",
};

static bool parse_line(struct bytes line, struct mining_message *message)
{
    *message = (struct mining_message){
        .method = json_scan_member(line, "method"),
        .parameters = json_scan_member(line, "params"),
        .line = line,
    };
    return message->method.size > 0;
}

static bool is_method(const struct mining_message *message, const char *name)
{
    return bytes_equal(message->method, bytes_of_text(name));
}

/* Monero's "login" is a common word: its parameters must be the miner's. */
static bool is_mining(const struct mining_message *message)
{
    for (size_t i = 0; i < COUNT_OF(own_methods); i++)
        if (bytes_start_with(message->method, bytes_of_text(own_methods[i])))
            return true;
    struct bytes parameters = message->parameters;
    if (is_method(message, "login"))
        return json_scan_member(parameters, "login").size > 0 &&
               json_scan_member(parameters, "pass").size > 0 &&
               json_scan_member(parameters, "agent").size > 0;
    return is_method(message, "job") &&
           json_scan_member(parameters, "blob").size > 0 &&
           json_scan_member(parameters, "target").size > 0;
}

static void set_short(struct event *event, enum event_field field,
                      struct bytes text)
{
    dissect_set_text(event, field, bytes_slice(text, 0, MINING_TEXT_MAX));
}

/* Methods with the wallet or the worker first in an array. */
static bool has_user_first(const struct mining_message *message)
{
    return is_method(message, "mining.authorize") ||
           is_method(message, "mining.submit") ||
           is_method(message, "eth_submitLogin") ||
           is_method(message, "eth_login");
}

static void show_array(struct event *event,
                       const struct mining_message *message)
{
    struct bytes first = json_scan_item(message->parameters, 0);
    struct bytes second = json_scan_item(message->parameters, 1);

    if (has_user_first(message))
        set_short(event, FIELD_MINING_USER, first);
    if (is_method(message, "mining.authorize"))
        set_short(event, FIELD_MINING_PASSWORD, second);
    else if (is_method(message, "mining.submit"))
        set_short(event, FIELD_MINING_JOB, second);
    else if (is_method(message, "mining.notify"))
        set_short(event, FIELD_MINING_JOB, first);
    else if (is_method(message, "mining.subscribe"))
        set_short(event, FIELD_MINING_AGENT, first);
}

static void show_object(struct event *event, struct bytes parameters)
{
    set_short(event, FIELD_MINING_USER, json_scan_member(parameters, "login"));
    set_short(event, FIELD_MINING_PASSWORD,
              json_scan_member(parameters, "pass"));
    set_short(event, FIELD_MINING_AGENT,
              json_scan_member(parameters, "agent"));
    set_short(event, FIELD_MINING_JOB, json_scan_member(parameters, "job_id"));
    struct bytes algorithm = json_scan_member(parameters, "algo");
    if (bytes_start_with(algorithm, bytes_of("[", 1)))
        algorithm = json_scan_item(algorithm, 0);
    set_short(event, FIELD_MINING_ALGORITHM, algorithm);
}

static void show(const struct mining_message *message,
                 struct event_list *events)
{
    struct event *event = event_new(events, EVENT_MINING);

    set_short(event, FIELD_MINING_METHOD, message->method);
    if (bytes_start_with(message->parameters, bytes_of("[", 1)))
        show_array(event, message);
    else
        show_object(event, message->parameters);
    set_short(event, FIELD_MINING_WORKER,
              json_scan_member(message->line, "worker"));
}

static struct dissect_result mining_feed(void *memory,
                                         const struct dissect_input *input,
                                         struct event_list *events)
{
    struct bytes rest = input->data;
    struct mining_message message;
    struct bytes line;

    (void)memory; /* There is none. */
    if (input->gap > 0) /* Begin again after the next line end. */
        rest = bytes_slice(rest, bytes_find_byte(rest, '\n') + 1, SIZE_MAX);
    for (;;) {
        switch (dissect_take_line(&rest, MINING_LINE_MAX, &line)) {
        case LINE_WHOLE:
            if (parse_line(bytes_trim(line), &message))
                show(&message, events);
            break;
        case LINE_PARTIAL:
            return dissect_done(input->data.size - rest.size);
        case LINE_TOO_LONG:
            return dissect_malformed("mining_line_too_long");
        }
    }
}

static enum dissect_verdict mining_recognise(const struct dissect_input *input)
{
    struct bytes rest = input->data;
    struct mining_message message;
    struct bytes line;

    if (!bytes_start_with(input->data, bytes_of("{", 1)))
        return DISSECT_NOT_MINE;
    switch (dissect_take_line(&rest, MINING_LINE_MAX, &line)) {
    case LINE_WHOLE:
        break;
    case LINE_PARTIAL:
        return dissect_is_text(rest) ? DISSECT_MORE : DISSECT_NOT_MINE;
    case LINE_TOO_LONG:
        return DISSECT_NOT_MINE;
    }
    return parse_line(bytes_trim(line), &message) && is_mining(&message)
               ? DISSECT_DONE : DISSECT_NOT_MINE;
}

const struct dissector mining_dissector = {
    .name = "stratum",
    .transport = IP_PROTOCOL_TCP,
    .recognise = mining_recognise,
    .feed = mining_feed,
};
