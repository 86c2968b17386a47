/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Mirai's two channels, as in its published source.
 *
 * Control: the bot says who it is, then both sides keep the line alive with
 * two zero bytes; orders are anything longer.
 *
 *     bot      00 00 00 01, size (8), name of that size, at most 31 bytes
 *     both     00 00
 *     server   size (16) of it all, duration (32), vector (8),
 *              count (8), { IPv4, prefix (8) } ...,
 *              count (8), { option (8), size (8), text } ...
 *
 * Report: a bot that got in somewhere tells where and how.
 *
 *     bot      00, IPv4, port (16), size (8), user, size (8), password
 */
#include "dissect/command.h"

#include <stdio.h>

#include "base/compiler.h"
#include "base/reader.h"
#include "dissect/lines.h"

enum {
    MIRAI_NAME_MAX = 31,    /* The bot's own buffer is 32. */
    MIRAI_ORDER_MIN = 14,   /* Size, duration, vector, one target, counts. */
    MIRAI_ORDER_MAX = 4098, /* The server refuses to build more. */
    MIRAI_OPTION_MAX = 32,  /* Options of an order; 25 are known. */
    MIRAI_CREDENTIAL_MAX = 32,
    MIRAI_REPORT_PORT = 48101,
};

/* The vectors of the published source, by number. */
static const char *const vectors[] = {
    "udp", "vse", "dns", "syn", "ack", "stomp", "greip", "greeth", "proxy",
    "udpplain", "http",
};

static const uint8_t hello[] = { 0, 0, 0, 1 };

static bool read_hello(struct reader *r, struct bytes *name)
{
    struct bytes start = reader_bytes(r, sizeof hello);

    *name = reader_bytes(r, reader_u8(r));
    return reader_ok(r) &&
           bytes_equal(start, bytes_of(hello, sizeof hello)) &&
           name->size <= MIRAI_NAME_MAX;
}

/* After an empty name: keepalives, pairs of zeros, and nothing else. */
static enum dissect_verdict recognise_nameless(struct reader r)
{
    if (reader_left(&r) < 2)
        return DISSECT_MORE;
    while (reader_left(&r) > 0)
        if (reader_u8(&r) != 0)
            return DISSECT_NOT_MINE;
    return DISSECT_DONE;
}

/* A bot with a name is known at once. One without is told from other binary
 * protocols by its first keepalive. */
enum dissect_verdict
command_mirai_recognise(const struct dissect_input *input)
{
    struct reader r = reader_of(input->data);
    struct bytes start = bytes_of(hello, sizeof hello);
    struct bytes seen = bytes_slice(input->data, 0, sizeof hello);

    if (input->side != FLOW_ORIGINATOR || !bytes_start_with(start, seen))
        return DISSECT_NOT_MINE;
    reader_skip(&r, sizeof hello);
    uint8_t size = reader_u8(&r);
    if (!reader_ok(&r))
        return DISSECT_MORE;
    if (size > MIRAI_NAME_MAX)
        return DISSECT_NOT_MINE;
    if (size == 0)
        return recognise_nameless(r);
    struct bytes name = reader_bytes(&r, size);
    if (!reader_ok(&r))
        return DISSECT_MORE;
    return dissect_is_word(name) && reader_peek(&r) == 0 ? DISSECT_DONE
                                                         : DISSECT_NOT_MINE;
}

static void show_targets(struct event *event, struct reader *r, uint8_t count)
{
    for (int i = 0; i < count; i++) {
        struct ip address = ip_of_v4(reader_u32(r));
        uint8_t prefix = reader_u8(r);
        if (prefix > 32)
            reader_fail(r);
        if (!event || i >= COMMAND_TARGET_MAX)
            continue;
        char text[IP_TEXT_SIZE];
        char target[IP_TEXT_SIZE + 4];
        int size = snprintf(target, sizeof target, "%s/%u",
                            ip_text(address, text), prefix);
        event_set_text(event, FIELD_COMMAND_TARGETS,
                       arena_copy(event->arena,
                                  bytes_of(target, (size_t)size)));
    }
}

static void read_options(struct event *event, struct reader *r, uint8_t count)
{
    if (count > MIRAI_OPTION_MAX)
        reader_fail(r);
    for (int i = 0; i < count; i++) {
        reader_skip(r, 1); /* Which option: the port is number 7. */
        struct bytes value = reader_bytes(r, reader_u8(r));
        dissect_set_text(event, FIELD_COMMAND_OPTIONS, value);
    }
}

/* An order; with an event that is null, only whether it holds. */
static bool read_order(struct bytes body, struct event *event)
{
    struct reader r = reader_of(body);
    uint32_t duration = reader_u32(&r);
    uint8_t vector = reader_u8(&r);

    event_set_number(event, FIELD_COMMAND_DURATION, duration);
    event_set_number(event, FIELD_COMMAND_VECTOR_RAW, vector);
    if (vector < COUNT_OF(vectors))
        event_set_literal(event, FIELD_COMMAND_VECTOR, vectors[vector]);
    uint8_t target_count = reader_u8(&r);
    if (target_count == 0)
        reader_fail(&r);
    show_targets(event, &r, target_count);
    read_options(event, &r, reader_u8(&r));
    return reader_finished(&r);
}

static void note_keepalive(struct command_state *state, enum flow_side side,
                           struct event_list *events)
{
    if (!state->is_keepalive_seen[side])
        (void)command_event(events, "mirai", "keepalive");
    state->is_keepalive_seen[side] = true;
}

static struct dissect_result feed_order(struct command_state *state,
                                        const struct dissect_input *input,
                                        struct event_list *events)
{
    struct reader r = reader_of(input->data);
    uint16_t size = reader_u16(&r);

    if (!reader_ok(&r))
        return dissect_more(2);
    if (size == 0) {
        note_keepalive(state, FLOW_RESPONDER, events);
        return dissect_done(2);
    }
    if (size < MIRAI_ORDER_MIN || size > MIRAI_ORDER_MAX)
        return dissect_malformed("command_bad_order");
    struct bytes body = reader_bytes(&r, size - 2u);
    if (!reader_ok(&r))
        return dissect_more(size);
    if (!read_order(body, NULL))
        return dissect_malformed("command_bad_order");
    (void)read_order(body, command_event(events, "mirai", "attack"));
    return dissect_done(size);
}

static struct dissect_result feed_bot(struct command_state *state,
                                      const struct dissect_input *input,
                                      struct event_list *events)
{
    struct reader r = reader_of(input->data);
    struct bytes name;

    if (!state->is_hello_seen) {
        if (!read_hello(&r, &name))
            return dissect_more(0);
        struct event *event = command_event(events, "mirai", "hello");
        dissect_set_text(event, FIELD_COMMAND_TEXT, name);
        state->is_hello_seen = true;
        return dissect_done(input->data.size - reader_left(&r));
    }
    uint16_t zero = reader_u16(&r);
    if (!reader_ok(&r))
        return dissect_more(2);
    if (zero != 0)
        return dissect_malformed("command_bad_keepalive");
    note_keepalive(state, FLOW_ORIGINATOR, events);
    return dissect_done(2);
}

struct dissect_result command_mirai_feed(struct command_state *state,
                                         const struct dissect_input *input,
                                         struct event_list *events)
{
    return input->side == FLOW_ORIGINATOR ? feed_bot(state, input, events)
                                          : feed_order(state, input, events);
}

struct mirai_report {
    struct ip address;
    uint16_t port;
    struct bytes user;
    struct bytes password;
};

static bool is_credential(struct bytes text)
{
    return text.size <= MIRAI_CREDENTIAL_MAX && dissect_is_word(text);
}

static bool read_report(struct reader *r, struct mirai_report *report)
{
    reader_skip(r, 1);
    report->address = ip_of_v4(reader_u32(r));
    report->port = reader_u16(r);
    report->user = reader_bytes(r, reader_u8(r));
    report->password = reader_bytes(r, reader_u8(r));
    return reader_finished(r);
}

/* Could this be the front of a report? The address and the sizes tell early.
 */
static bool may_become_report(struct bytes data)
{
    struct reader r = reader_of(data);

    reader_skip(&r, 1);
    struct ip address = ip_of_v4(reader_u32(&r));
    if (!reader_ok(&r))
        return true;
    if (!ip_is_global(address) && !ip_is_private(address))
        return false;
    reader_skip(&r, 2); /* Any port. */
    uint8_t user_size = reader_u8(&r);
    if (!reader_ok(&r))
        return true;
    if (user_size == 0 || user_size > MIRAI_CREDENTIAL_MAX)
        return false;
    reader_skip(&r, user_size);
    return reader_u8(&r) <= MIRAI_CREDENTIAL_MAX;
}

/* The whole of what the bot says, to the byte; off the known port the device
 * must have been entered by Telnet. */
enum dissect_verdict
command_report_recognise(const struct dissect_input *input)
{
    struct reader r = reader_of(input->data);
    struct mirai_report report;

    if (input->side != FLOW_ORIGINATOR || reader_peek(&r) != 0 ||
        !may_become_report(input->data))
        return DISSECT_NOT_MINE;
    if (!read_report(&r, &report))
        return reader_ok(&r) ? DISSECT_NOT_MINE : DISSECT_MORE;
    bool is_port = report.port == 23 || report.port == 2323 ||
                   input->flow->port[FLOW_RESPONDER] == MIRAI_REPORT_PORT;
    return is_port && is_credential(report.user) &&
                   (report.password.size == 0 ||
                    is_credential(report.password))
               ? DISSECT_DONE : DISSECT_NOT_MINE;
}

struct dissect_result command_report_feed(struct command_state *state,
                                          const struct dissect_input *input,
                                          struct event_list *events)
{
    struct reader r = reader_of(input->data);
    struct mirai_report report;
    char text[IP_TEXT_SIZE];

    (void)state; /* One report a flow. */
    if (input->side != FLOW_ORIGINATOR)
        return dissect_done(input->data.size);
    if (!read_report(&r, &report))
        return dissect_malformed("command_bad_report");
    struct event *event = command_event(events, "mirai", "report");
    event_set_text(event, FIELD_COMMAND_TARGETS,
                   arena_copy(input->arena,
                              bytes_of_text(ip_text(report.address, text))));
    event_set_number(event, FIELD_COMMAND_PORT, report.port);
    event_set_text(event, FIELD_COMMAND_USER, report.user);
    dissect_set_text(event, FIELD_COMMAND_PASSWORD, report.password);
    return dissect_finished();
}
