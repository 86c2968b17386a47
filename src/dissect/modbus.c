/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Modbus/TCP (Modbus Messaging on TCP/IP 1.0b, Application Protocol 1.1b3):
 * one event for each transaction, the request with its response.
 *
 *     transaction (16)  protocol, 0 (16)  length (16)  unit (8)
 *     function (8)      data, length - 2 bytes
 */
#include "dissect/dissector.h"

#include <string.h>

#include "base/compiler.h"
#include "base/reader.h"
#include "dissect/lines.h"

enum {
    MODBUS_HEADER_SIZE = 6,  /* Up to and with the length field. */
    MODBUS_LENGTH_MIN = 2,
    MODBUS_LENGTH_MAX = 254, /* Unit, and a PDU of at most 253 bytes. */
    MODBUS_PENDING_MAX = 12, /* Requests that wait for their responses. */
    MODBUS_EXCEPTION = 0x80, /* In a response's function code. */
};

/* How the data of a request is laid out. */
enum modbus_layout {
    MODBUS_OTHER,
    MODBUS_READ,     /* address, quantity */
    MODBUS_WRITE,    /* address, value */
    MODBUS_WRITE_MANY, /* address, quantity, byte count, values */
    MODBUS_MASK_WRITE, /* address, AND mask, OR mask */
    MODBUS_READ_WRITE, /* both, in that order */
    MODBUS_DIAGNOSTIC, /* subfunction */
};

/* Section 5.1 of the application protocol, with the names Zeek uses. */
static const struct modbus_function {
    uint8_t code;
    uint8_t layout;
    const char *name;
} functions[] = {
    { 1, MODBUS_READ, "READ_COILS" },
    { 2, MODBUS_READ, "READ_DISCRETE_INPUTS" },
    { 3, MODBUS_READ, "READ_HOLDING_REGISTERS" },
    { 4, MODBUS_READ, "READ_INPUT_REGISTERS" },
    { 5, MODBUS_WRITE, "WRITE_SINGLE_COIL" },
    { 6, MODBUS_WRITE, "WRITE_SINGLE_REGISTER" },
    { 7, MODBUS_OTHER, "READ_EXCEPTION_STATUS" },
    { 8, MODBUS_DIAGNOSTIC, "DIAGNOSTICS" },
    { 11, MODBUS_OTHER, "GET_COMM_EVENT_COUNTER" },
    { 12, MODBUS_OTHER, "GET_COMM_EVENT_LOG" },
    { 15, MODBUS_WRITE_MANY, "WRITE_MULTIPLE_COILS" },
    { 16, MODBUS_WRITE_MANY, "WRITE_MULTIPLE_REGISTERS" },
    { 17, MODBUS_OTHER, "REPORT_SLAVE_ID" },
    { 20, MODBUS_OTHER, "READ_FILE_RECORD" },
    { 21, MODBUS_OTHER, "WRITE_FILE_RECORD" },
    { 22, MODBUS_MASK_WRITE, "MASK_WRITE_REGISTER" },
    { 23, MODBUS_READ_WRITE, "READ_WRITE_MULTIPLE_REGISTERS" },
    { 24, MODBUS_OTHER, "READ_FIFO_QUEUE" },
    { 43, MODBUS_OTHER, "ENCAP_INTERFACE_TRANSPORT" },
    { 90, MODBUS_OTHER, "UNITY" }, /* Schneider, to program PLCs. */
};

static const char *const exception_names[] = {
    NULL, "ILLEGAL_FUNCTION", "ILLEGAL_DATA_ADDRESS", "ILLEGAL_DATA_VALUE",
    "SLAVE_DEVICE_FAILURE", "ACKNOWLEDGE", "SLAVE_DEVICE_BUSY",
    "NEGATIVE_ACKNOWLEDGE", "MEMORY_PARITY_ERROR", NULL,
    "GATEWAY_PATH_UNAVAILABLE", "GATEWAY_TARGET_DEVICE_FAILED_TO_RESPOND",
};

/* What a request asked, kept until the response. */
struct modbus_request {
    uint16_t transaction;
    uint16_t read_address;
    uint16_t read_quantity;
    uint16_t write_address;
    uint16_t write_quantity;
    uint16_t value; /* Written, or the subfunction. */
    uint8_t unit;
    uint8_t function;
    bool is_used;
    bool is_broken; /* The data does not fit the function. */
};

struct modbus_state {
    struct modbus_request pending[MODBUS_PENDING_MAX];
    uint8_t oldest; /* Where the next request goes. */
};

struct modbus_message {
    uint16_t transaction;
    uint8_t unit;
    uint8_t function;
    struct reader data;
};

static const struct modbus_function *function_find(uint8_t code)
{
    for (size_t i = 0; i < COUNT_OF(functions); i++)
        if (functions[i].code == code)
            return &functions[i];
    return NULL;
}

static enum modbus_layout layout_of(uint8_t code)
{
    const struct modbus_function *function = function_find(code);

    return function ? (enum modbus_layout)function->layout : MODBUS_OTHER;
}

static void show_exception(struct event *event, struct modbus_message response)
{
    uint8_t code = reader_u8(&response.data);

    event_set_number(event, FIELD_MODBUS_EXCEPTION_CODE, code);
    if (code < COUNT_OF(exception_names) && exception_names[code])
        event_set_literal(event, FIELD_MODBUS_EXCEPTION,
                          exception_names[code]);
}

static void show_read(struct event *event, const struct modbus_request *asked)
{
    event_set_number(event, FIELD_MODBUS_READ_ADDRESS, asked->read_address);
    event_set_number(event, FIELD_MODBUS_READ_QUANTITY, asked->read_quantity);
}

static void show_write(struct event *event, const struct modbus_request *asked)
{
    event_set_number(event, FIELD_MODBUS_WRITE_ADDRESS, asked->write_address);
    event_set_number(event, FIELD_MODBUS_WRITE_QUANTITY,
                     asked->write_quantity);
    event_set_number(event, FIELD_MODBUS_WRITE_VALUE, asked->value);
}

static void show_data(struct event *event, const struct modbus_request *asked)
{
    switch (layout_of(asked->function)) {
    case MODBUS_READ:
        show_read(event, asked);
        break;
    case MODBUS_READ_WRITE:
        show_read(event, asked);
        show_write(event, asked);
        break;
    case MODBUS_WRITE:
    case MODBUS_WRITE_MANY:
    case MODBUS_MASK_WRITE:
        show_write(event, asked);
        break;
    case MODBUS_DIAGNOSTIC:
        event_set_number(event, FIELD_MODBUS_SUBFUNCTION, asked->value);
        break;
    case MODBUS_OTHER:
        break;
    }
}

static const char *access_of(uint8_t code)
{
    switch (layout_of(code)) {
    case MODBUS_READ:
        return "read";
    case MODBUS_WRITE:
    case MODBUS_WRITE_MANY:
    case MODBUS_MASK_WRITE:
        return "write";
    case MODBUS_READ_WRITE:
        return "read_write";
    case MODBUS_OTHER:
    case MODBUS_DIAGNOSTIC:
        break;
    }
    if (code == 21)
        return "write";
    return code == 20 || code == 24 ? "read" : NULL;
}

/* One event for `asked`, with `response` unless that is null. */
static void show(struct modbus_request *asked,
                 const struct modbus_message *response,
                 struct event_list *events)
{
    struct event *event = event_new(events, EVENT_MODBUS);
    const struct modbus_function *function = function_find(asked->function);
    const char *access = access_of(asked->function);

    event_set_number(event, FIELD_MODBUS_TRANSACTION_ID, asked->transaction);
    event_set_number(event, FIELD_MODBUS_UNIT_ID, asked->unit);
    event_set_number(event, FIELD_MODBUS_FUNCTION_RAW, asked->function);
    event_set_literal(event, FIELD_MODBUS_FUNCTION,
                      function ? function->name : "UNKNOWN");
    if (access)
        event_set_literal(event, FIELD_MODBUS_ACCESS, access);
    if (asked->is_broken)
        event_set_flag(event, FIELD_MODBUS_BAD_REQUEST, true);
    else
        show_data(event, asked);
    event_set_flag(event, FIELD_MODBUS_ANSWERED, response != NULL);
    if (response && response->function & MODBUS_EXCEPTION)
        show_exception(event, *response);
    asked->is_used = false;
}

/* Address, quantity, byte count, and that many bytes of values. */
static bool read_values(struct modbus_request *asked, struct reader *r)
{
    asked->write_address = reader_u16(r);
    asked->write_quantity = reader_u16(r);
    struct reader values = reader_sub(r, reader_u8(r));
    asked->value = reader_left(&values) > 1 ? reader_u16(&values)
                                            : reader_u8(&values);
    return reader_finished(r);
}

/* The fields of a request's data; false when they do not fit it. */
static bool read_data(struct modbus_request *asked, struct reader *r)
{
    switch (layout_of(asked->function)) {
    case MODBUS_READ:
        asked->read_address = reader_u16(r);
        asked->read_quantity = reader_u16(r);
        return reader_finished(r);
    case MODBUS_WRITE:
        asked->write_address = reader_u16(r);
        asked->write_quantity = 1;
        asked->value = reader_u16(r);
        return reader_finished(r);
    case MODBUS_MASK_WRITE:
        asked->write_address = reader_u16(r);
        asked->write_quantity = 1;
        reader_skip(r, 2); /* The AND mask. */
        asked->value = reader_u16(r);
        return reader_finished(r);
    case MODBUS_READ_WRITE:
        asked->read_address = reader_u16(r);
        asked->read_quantity = reader_u16(r);
        return read_values(asked, r);
    case MODBUS_WRITE_MANY:
        return read_values(asked, r);
    case MODBUS_DIAGNOSTIC:
        asked->value = reader_u16(r);
        return reader_ok(r);
    case MODBUS_OTHER:
        return true;
    }
    return false;
}

static void read_request(struct modbus_state *state,
                         struct modbus_message *message,
                         struct event_list *events)
{
    struct modbus_request *slot = &state->pending[state->oldest];

    if (slot->is_used)
        show(slot, NULL, events);
    *slot = (struct modbus_request){
        .transaction = message->transaction,
        .unit = message->unit,
        .function = message->function,
        .is_used = true,
    };
    slot->is_broken = !read_data(slot, &message->data);
    state->oldest = (uint8_t)((state->oldest + 1) % MODBUS_PENDING_MAX);
}

static void read_response(struct modbus_state *state,
                          const struct modbus_message *message,
                          struct event_list *events)
{
    uint8_t function = message->function & (MODBUS_EXCEPTION - 1);

    for (size_t i = 0; i < MODBUS_PENDING_MAX; i++) {
        struct modbus_request *asked = &state->pending[i];
        if (asked->is_used && asked->transaction == message->transaction &&
            asked->function == function) {
            show(asked, message, events);
            return;
        }
    }
    /* The request was not seen: what the response says alone. */
    struct modbus_request unseen = {
        .transaction = message->transaction,
        .unit = message->unit,
        .function = function,
        .is_broken = true,
    };
    show(&unseen, message, events);
}

static void show_unanswered(struct modbus_state *state,
                            struct event_list *events)
{
    for (size_t i = 0; i < MODBUS_PENDING_MAX; i++) {
        size_t at = (state->oldest + i) % MODBUS_PENDING_MAX;
        if (state->pending[at].is_used)
            show(&state->pending[at], NULL, events);
    }
}

static struct dissect_result feed_message(struct modbus_state *state,
                                          const struct dissect_input *input,
                                          struct event_list *events)
{
    struct reader r = reader_of(input->data);
    struct modbus_message message = { .transaction = reader_u16(&r) };
    uint16_t protocol = reader_u16(&r);
    uint16_t length = reader_u16(&r);

    if (!reader_ok(&r))
        return dissect_more(MODBUS_HEADER_SIZE);
    if (protocol != 0)
        return dissect_malformed("modbus_bad_protocol");
    if (length < MODBUS_LENGTH_MIN || length > MODBUS_LENGTH_MAX)
        return dissect_malformed("modbus_bad_length");
    message.data = reader_sub(&r, length);
    message.unit = reader_u8(&message.data);
    message.function = reader_u8(&message.data);
    if (!reader_ok(&r))
        return dissect_more(MODBUS_HEADER_SIZE + (size_t)length);
    if (input->side == FLOW_ORIGINATOR)
        read_request(state, &message, events);
    else
        read_response(state, &message, events);
    return dissect_done(MODBUS_HEADER_SIZE + (size_t)length);
}

static struct dissect_result modbus_feed(void *memory,
                                         const struct dissect_input *input,
                                         struct event_list *events)
{
    struct modbus_state *state = memory;

    if (input->gap > 0)
        return dissect_finished();
    if (input->data.size > 0)
        return feed_message(state, input, events);
    if (input->end && input->side == FLOW_RESPONDER)
        show_unanswered(state, events);
    return dissect_done(0);
}

/* On its port a sound header and a function that exists; elsewhere the data
 * must be what that function takes, to the byte. */
static enum dissect_verdict modbus_recognise(const struct dissect_input *input)
{
    struct reader r = reader_of(input->data);
    struct modbus_request asked = { .transaction = reader_u16(&r) };
    uint16_t protocol = reader_u16(&r);
    uint16_t length = reader_u16(&r);
    struct reader pdu = reader_sub(&r, length);

    if (input->data.size < MODBUS_HEADER_SIZE)
        return DISSECT_MORE;
    if (protocol != 0 || length < MODBUS_LENGTH_MIN ||
        length > MODBUS_LENGTH_MAX)
        return DISSECT_NOT_MINE;
    if (!reader_ok(&r))
        return DISSECT_MORE;
    asked.unit = reader_u8(&pdu);
    asked.function = reader_u8(&pdu);
    if (input->port_matches)
        return function_find(asked.function & (MODBUS_EXCEPTION - 1))
                   ? DISSECT_DONE : DISSECT_NOT_MINE;
    bool is_exact = layout_of(asked.function) != MODBUS_OTHER &&
                    read_data(&asked, &pdu) && reader_finished(&r);
    return is_exact && input->side == FLOW_ORIGINATOR ? DISSECT_DONE
                                                      : DISSECT_NOT_MINE;
}

static const uint16_t modbus_ports[] = { 502, 0 };

const struct dissector modbus_dissector = {
    .name = "modbus",
    .transport = IP_PROTOCOL_TCP,
    .ports = modbus_ports,
    .state_size = sizeof(struct modbus_state),
    .recognise = modbus_recognise,
    .feed = modbus_feed,
};
