/* SPDX-License-Identifier: Apache-2.0 */

/*
 * @NAME@ over UDP (which standard, which section): one event for each message.
 *
 *     version (8) | type (8) | size (16) | body, size bytes
 */
#include "base/reader.h"
#include "dissect/dissector.h"

enum {
    @NAME@_PORT = @PORT@,
    @NAME@_VERSION = 1,
    @NAME@_HEADER_SIZE = 4,
};

struct @name@_message {
    uint8_t version;
    uint8_t type;
    struct bytes body;
};

/* Written only when the message is whole and what the standard allows. */
static bool parse(struct bytes data, struct @name@_message *message)
{
    struct reader r = reader_of(data);
    struct @name@_message read = {
        .version = reader_u8(&r),
        .type = reader_u8(&r),
    };

    read.body = reader_bytes(&r, reader_u16(&r));
    if (!reader_finished(&r) || read.version != @NAME@_VERSION)
        return false;
    *message = read;
    return true;
}

/* What on the wire says that it is this and nothing else? When the bytes
 * leave it open, the port must settle it. */
static enum dissect_verdict
@name@_recognise(const struct dissect_input *input)
{
    struct @name@_message message;

    return input->port_matches && parse(input->data, &message)
               ? DISSECT_DONE
               : DISSECT_NOT_MINE;
}

static struct dissect_result @name@_feed(void *state,
                                         const struct dissect_input *input,
                                         struct event_list *events)
{
    struct @name@_message message;

    (void)state; /* Each message stands for itself. */
    if (input->data.size < @NAME@_HEADER_SIZE)
        return dissect_malformed("@name@_truncated");
    if (!parse(input->data, &message))
        return dissect_malformed("@name@_size_or_version");
    struct event *event = event_new(events, EVENT_@NAME@);
    event_set_number(event, FIELD_@NAME@_VERSION, message.version);
    event_set_number(event, FIELD_@NAME@_TYPE, message.type);
    event_set_text(event, FIELD_@NAME@_BODY, message.body);
    return dissect_done(input->data.size);
}

static const uint16_t @name@_ports[] = { @NAME@_PORT, 0 };

const struct dissector @name@_dissector = {
    .name = "@name@",
    .transport = IP_PROTOCOL_UDP,
    .ports = @name@_ports,
    .recognise = @name@_recognise,
    .feed = @name@_feed,
};
