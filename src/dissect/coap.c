/* SPDX-License-Identifier: Apache-2.0 */

/*
 * CoAP over UDP (RFC 7252; Observe RFC 7641, blocks RFC 7959, longer tokens
 * RFC 8974): one event for each message.
 *
 *     |Ver| T |  TKL  |      Code     |          Message ID           |
 *     |   Token (if any, TKL bytes) ...
 *     |   Options (if any) ...
 *     |1 1 1 1 1 1 1 1|    Payload (if any) ...
 */
#include "dissect/dissector.h"

#include <string.h>

#include "base/compiler.h"
#include "base/reader.h"
#include "dissect/lines.h"

enum {
    COAP_VERSION = 1,
    COAP_TOKEN_SHOWN_MAX = 32, /* Bytes; RFC 8974 allows 65804. */
    COAP_OPTION_COUNT_MAX = 64, /* More options than any message needs. */
};

enum coap_option {
    COAP_URI_HOST = 3,
    COAP_OBSERVE = 6,
    COAP_URI_PORT = 7,
    COAP_URI_PATH = 11,
    COAP_CONTENT_FORMAT = 12,
    COAP_URI_QUERY = 15,
    COAP_ACCEPT = 17,
    COAP_BLOCK2 = 23,
    COAP_BLOCK1 = 27,
    COAP_PROXY_URI = 35,
    COAP_OPTION_KNOWN_MAX = 292, /* Request-Tag (RFC 9175) */
};

struct coap_message {
    uint8_t type;
    uint8_t code;
    uint16_t id;
    struct bytes token;
    struct bytes options; /* Read whole once, so reading again holds. */
    struct bytes payload;
    struct bytes path;    /* Segments with '/' between, in the arena. */
    uint32_t option_highest;
};

static const char *const type_names[] = { "confirmable", "non-confirmable",
                                          "acknowledgement", "reset" };

/* Code classes 0.01 to 0.07 (RFC 7252 section 12.1.1, RFC 8132). */
static const char *const method_names[] = { NULL,  "GET",   "POST",  "PUT",
                                            "DELETE", "FETCH", "PATCH",
                                            "iPATCH" };

/*
 * An option's delta and its length share one code: a nibble that is the value
 * itself up to 12, or says that one or two more bytes carry it (section 3.1).
 */
static uint32_t read_extended(struct reader *r, uint8_t nibble)
{
    switch (nibble) {
    case 13:
        return 13u + reader_u8(r);
    case 14:
        return 269u + reader_u16(r);
    case 15:
        reader_fail(r);
        return 0;
    default:
        return nibble;
    }
}

/* The next option: adds its delta to `*number`. False at the end and at the
 * payload marker, which is taken. */
static bool next_option(struct reader *r, uint32_t *number,
                        struct bytes *value)
{
    if (reader_left(r) == 0)
        return false;
    uint8_t head = reader_u8(r);
    if (head == 0xff)
        return false;
    *number += read_extended(r, head >> 4);
    *value = reader_bytes(r, read_extended(r, head & 0x0f));
    return reader_ok(r);
}

/* Section 3.2: an unsigned number in as few bytes as it takes. */
static uint32_t number_of(struct bytes value)
{
    struct reader r = reader_of(value);
    uint32_t number = 0;

    while (reader_left(&r) > 0)
        number = number << 8 | reader_u8(&r);
    return number;
}

static void add_segment(struct bytes *path, uint8_t *room, struct bytes value)
{
    size_t size = path->size;

    if (size > 0)
        room[size++] = '/';
    if (value.size > 0)
        memcpy(room + size, value.data, value.size);
    *path = bytes_of(room, size + value.size);
}

/* Options and payload; a marker without a payload is an error (section 3). */
static bool read_options(struct reader *r, struct arena *arena,
                         struct coap_message *message)
{
    struct bytes all = reader_rest(r);
    struct reader options = reader_of(all);
    struct bytes value;
    uint32_t number = 0;
    int count = 0;
    size_t end = 0; /* Of the last option. */
    uint8_t *room = arena_allocate(arena, all.size + 1);

    while (next_option(&options, &number, &value)) {
        if (++count > COAP_OPTION_COUNT_MAX)
            return false;
        if (number == COAP_URI_PATH)
            add_segment(&message->path, room, value);
        end = all.size - reader_left(&options);
    }
    if (!reader_ok(&options) ||
        (end < all.size && reader_left(&options) == 0))
        return false;
    message->option_highest = number;
    message->options = bytes_slice(all, 0, end);
    message->payload = reader_rest(&options);
    return true;
}

static bool parse_message(struct bytes datagram, struct arena *arena,
                          struct coap_message *message)
{
    struct reader r = reader_of(datagram);
    uint8_t head = reader_u8(&r);
    struct coap_message parsed = { .type = head >> 4 & 3 };

    parsed.code = reader_u8(&r);
    parsed.id = reader_u16(&r);
    parsed.token = reader_bytes(&r, read_extended(&r, head & 0x0f));
    if (!reader_ok(&r) || head >> 6 != COAP_VERSION)
        return false;
    /* Section 4.1: an empty message is its header and no more. */
    if (parsed.code == 0 && !(reader_finished(&r) && parsed.token.size == 0))
        return false;
    if (!read_options(&r, arena, &parsed))
        return false;
    *message = parsed;
    return true;
}

static struct bytes code_text(uint8_t code, struct arena *arena)
{
    char text[4] = { (char)('0' + (code >> 5)), '.',
                     (char)('0' + (code & 31) / 10),
                     (char)('0' + (code & 31) % 10) };

    return arena_copy(arena, bytes_of(text, sizeof text));
}

static void show_block(struct event *event, enum event_field field,
                       struct bytes value)
{
    event_set_number(event, field, number_of(value) >> 4);
}

static void show_option(struct event *event, uint32_t number,
                        struct bytes value)
{
    switch (number) {
    case COAP_URI_HOST:
        event_set_text(event, FIELD_COAP_URI_HOST, value);
        break;
    case COAP_OBSERVE:
        event_set_number(event, FIELD_COAP_OBSERVE, number_of(value));
        break;
    case COAP_URI_QUERY:
        event_set_text(event, FIELD_COAP_URI_QUERY, value);
        break;
    case COAP_CONTENT_FORMAT:
        event_set_number(event, FIELD_COAP_CONTENT_FORMAT, number_of(value));
        break;
    case COAP_ACCEPT:
        event_set_number(event, FIELD_COAP_ACCEPT, number_of(value));
        break;
    case COAP_BLOCK2:
        show_block(event, FIELD_COAP_BLOCK2, value);
        break;
    case COAP_BLOCK1:
        show_block(event, FIELD_COAP_BLOCK1, value);
        break;
    case COAP_PROXY_URI:
        event_set_text(event, FIELD_COAP_PROXY_URI, value);
        break;
    default:
        break;
    }
}

static void show(const struct coap_message *message, size_t size,
                 struct event_list *events)
{
    struct event *event = event_new(events, EVENT_COAP);
    struct reader options = reader_of(message->options);
    struct bytes value;
    uint32_t number = 0;

    event_set_literal(event, FIELD_COAP_TYPE, type_names[message->type]);
    event_set_text(event, FIELD_COAP_CODE,
                   code_text(message->code, events->arena));
    if (message->code > 0 && message->code < COUNT_OF(method_names))
        event_set_literal(event, FIELD_COAP_METHOD,
                          method_names[message->code]);
    event_set_number(event, FIELD_COAP_MESSAGE_ID, message->id);
    dissect_set_text(event, FIELD_COAP_TOKEN,
                     dissect_hex(events->arena,
                                 bytes_slice(message->token, 0,
                                             COAP_TOKEN_SHOWN_MAX)));
    dissect_set_text(event, FIELD_COAP_URI_PATH, message->path);
    while (next_option(&options, &number, &value))
        show_option(event, number, value);
    event_set_number(event, FIELD_COAP_PAYLOAD_SIZE, message->payload.size);
    event_set_number(event, FIELD_COAP_SIZE, size);
}

static struct dissect_result coap_feed(void *memory,
                                       const struct dissect_input *input,
                                       struct event_list *events)
{
    struct coap_message message;

    (void)memory; /* There is none. */
    if (!parse_message(input->data, input->arena, &message))
        return dissect_malformed("coap_bad_message");
    show(&message, input->data.size, events);
    return dissect_done(input->data.size);
}

static bool is_known_code(uint8_t code)
{
    uint8_t class = code >> 5;

    if (class == 0)
        return code < COUNT_OF(method_names);
    return class == 2 || class == 4 || class == 5;
}

/* There is little to tell CoAP by. Off its port only a request for a path
 * counts, made of options that exist. */
static enum dissect_verdict coap_recognise(const struct dissect_input *input)
{
    struct coap_message message;

    if (!parse_message(input->data, input->arena, &message) ||
        !is_known_code(message.code) ||
        message.option_highest > COAP_OPTION_KNOWN_MAX)
        return DISSECT_NOT_MINE;
    if (input->port_matches)
        return DISSECT_DONE;
    bool is_request = message.type < 2 && message.code > 0 &&
                      message.code < COUNT_OF(method_names);
    bool is_plausible = message.token.size > 0 && message.token.size <= 8 &&
                        message.path.size > 1 &&
                        dissect_is_word(message.path);
    return is_request && is_plausible ? DISSECT_DONE : DISSECT_NOT_MINE;
}

static const uint16_t coap_ports[] = { 5683, 0 };

const struct dissector coap_dissector = {
    .name = "coap",
    .transport = IP_PROTOCOL_UDP,
    .ports = coap_ports,
    .recognise = coap_recognise,
    .feed = coap_feed,
};
