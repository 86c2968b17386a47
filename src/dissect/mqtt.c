/* SPDX-License-Identifier: Apache-2.0 */

/*
 * MQTT 3.1, 3.1.1 and 5 (OASIS standards): one event for each control packet.
 *
 *     byte 0      type (4 bits), flags (4 bits)
 *     byte 1..4   remaining length, seven bits a byte, lowest first
 *     ...         variable header, payload
 *
 * Of a long packet the first MQTT_HEAD_MAX bytes are read and the rest is
 * skipped, so that nothing waits for a large payload.
 */
#include "dissect/dissector.h"

#include <string.h>

#include "base/reader.h"
#include "dissect/kept.h"
#include "dissect/lines.h"

enum {
    MQTT_HEAD_MAX = 16384,  /* Bytes of a packet that are read. */
    MQTT_MESSAGE_MAX = 256, /* Bytes of a published message shown. */
    MQTT_TOPIC_COUNT_MAX = 32, /* Topics of one packet that are shown. */
    MQTT_VERSION_5 = 5,
};

enum mqtt_type {
    MQTT_CONNECT = 1,
    MQTT_CONNACK,
    MQTT_PUBLISH,
    MQTT_PUBACK,
    MQTT_PUBREC,
    MQTT_PUBREL,
    MQTT_PUBCOMP,
    MQTT_SUBSCRIBE,
    MQTT_SUBACK,
    MQTT_UNSUBSCRIBE,
    MQTT_UNSUBACK,
    MQTT_PINGREQ,
    MQTT_PINGRESP,
    MQTT_DISCONNECT,
    MQTT_AUTH,
};

enum mqtt_connect_flag {
    MQTT_CLEAN = 0x02,
    MQTT_WILL = 0x04,
    MQTT_WILL_RETAIN = 0x20,
    MQTT_HAS_PASSWORD = 0x40,
    MQTT_HAS_USER = 0x80,
};

struct mqtt_state {
    struct kept_login login;
    uint32_t skip[2]; /* Bytes of a long packet still to come, by side. */
    uint8_t version;
};

/* One packet being read. It is read twice: first for whether it holds, with
 * neither `events` nor `event`, then for what it says. */
struct mqtt_packet {
    struct mqtt_state *state;
    const struct dissect_input *input; /* Null in the first reading. */
    struct event_list *events;
    struct event *event;
    struct reader body;
    uint8_t flags;
};

/* Section 1.5.5: at most four bytes. */
static uint32_t read_variable(struct reader *r)
{
    uint32_t value = 0;

    for (int i = 0; i < 4; i++) {
        uint8_t byte = reader_u8(r);
        value |= (uint32_t)(byte & 0x7f) << (7 * i);
        if (!(byte & 0x80))
            return value;
    }
    reader_fail(r);
    return 0;
}

/* A part for rules; a packet is a transaction of its own. */
static void show(const struct mqtt_packet *packet, enum view_id id,
                 struct bytes text)
{
    const struct dissect_input *input = packet->input;

    if (input && input->views)
        view_add_text(input->views, id, input->side,
                      dissect_transaction(input), text);
}

static void show_number(const struct mqtt_packet *packet, enum view_id id,
                        uint64_t number)
{
    const struct dissect_input *input = packet->input;

    if (input && input->views)
        view_add_number(input->views, id, input->side,
                        dissect_transaction(input), number);
}

static struct bytes read_text(struct reader *r)
{
    return reader_bytes(r, reader_u16(r));
}

/* Only MQTT 5 has properties; none of them is needed here. */
static void skip_properties(struct mqtt_packet *packet)
{
    if (packet->state->version >= MQTT_VERSION_5)
        reader_skip(&packet->body, read_variable(&packet->body));
}

static void skip_rest(struct mqtt_packet *packet)
{
    (void)reader_rest(&packet->body); /* Nothing in it is of use. */
}

static void open_login(struct mqtt_packet *packet, struct bytes user,
                       struct bytes password)
{
    struct authorization tried = {
        .method = "password",
        .user = user,
        .password = password,
        .is_clear = true,
    };
    if (packet->events)
        kept_login_open(&packet->state->login, "mqtt", &tried);
}

static void read_will(struct mqtt_packet *packet, uint8_t flags)
{
    struct event *event = packet->event;

    if (!(flags & MQTT_WILL))
        return;
    skip_properties(packet);
    event_set_text(event, FIELD_MQTT_WILL_TOPIC, read_text(&packet->body));
    struct bytes message = read_text(&packet->body);
    event_set_text(event, FIELD_MQTT_WILL_MESSAGE,
                   bytes_slice(message, 0, MQTT_MESSAGE_MAX));
    event_set_flag(event, FIELD_MQTT_WILL_RETAIN, flags & MQTT_WILL_RETAIN);
}

/* MQTT 5 section 3.1 */
static void read_connect(struct mqtt_packet *packet)
{
    struct reader *r = &packet->body;
    struct event *event = packet->event;

    struct bytes name = read_text(r);
    event_set_text(event, FIELD_MQTT_PROTOCOL_STRING, name);
    show(packet, VIEW_MQTT_CONNECT_PROTOCOL_STRING, name);
    packet->state->version = reader_u8(r);
    event_set_number(event, FIELD_MQTT_PROTOCOL_VERSION,
                     packet->state->version);
    uint8_t flags = reader_u8(r);
    show_number(packet, VIEW_MQTT_CONNECT_FLAGS, flags);
    event_set_flag(event, FIELD_MQTT_CLEAN_SESSION, flags & MQTT_CLEAN);
    event_set_flag(event, FIELD_MQTT_HAS_USER, flags & MQTT_HAS_USER);
    event_set_flag(event, FIELD_MQTT_HAS_PASSWORD, flags & MQTT_HAS_PASSWORD);
    event_set_flag(event, FIELD_MQTT_HAS_WILL, flags & MQTT_WILL);
    event_set_number(event, FIELD_MQTT_KEEP_ALIVE, reader_u16(r));
    skip_properties(packet);
    struct bytes client = read_text(r);
    event_set_text(event, FIELD_MQTT_CLIENT_ID, client);
    show(packet, VIEW_MQTT_CONNECT_CLIENTID, client);
    read_will(packet, flags);

    struct bytes user = { 0 };
    struct bytes password = { 0 };
    if (flags & MQTT_HAS_USER) {
        user = read_text(r);
        show(packet, VIEW_MQTT_CONNECT_USERNAME, user);
    }
    if (flags & MQTT_HAS_PASSWORD) {
        password = read_text(r);
        show(packet, VIEW_MQTT_CONNECT_PASSWORD, password);
    }
    dissect_set_text(event, FIELD_MQTT_USERNAME, user);
    if (flags & (MQTT_HAS_USER | MQTT_HAS_PASSWORD))
        open_login(packet, user, password);
}

static void read_connack(struct mqtt_packet *packet)
{
    bool is_present = reader_u8(&packet->body) & 1;
    uint8_t code = reader_u8(&packet->body);

    event_set_flag(packet->event, FIELD_MQTT_SESSION_PRESENT, is_present);
    event_set_number(packet->event, FIELD_MQTT_RETURN_CODE, code);
    show_number(packet, VIEW_MQTT_REASON_CODE, code);
    if (packet->events)
        kept_login_close(&packet->state->login,
                         code == 0 ? "success" : "failure", packet->events);
    skip_properties(packet);
}

static void read_publish(struct mqtt_packet *packet)
{
    struct reader *r = &packet->body;
    struct event *event = packet->event;
    uint8_t qos = packet->flags >> 1 & 3;

    if (qos == 3)
        reader_fail(r);
    event_set_number(event, FIELD_MQTT_PUBLISH_QOS, qos);
    event_set_flag(event, FIELD_MQTT_PUBLISH_RETAIN, packet->flags & 1);
    event_set_flag(event, FIELD_MQTT_PUBLISH_DUP, packet->flags & 8);
    struct bytes topic = read_text(r);
    dissect_set_text(event, FIELD_MQTT_PUBLISH_TOPIC, topic);
    show(packet, VIEW_MQTT_PUBLISH_TOPIC, topic);
    if (qos > 0)
        event_set_number(event, FIELD_MQTT_PUBLISH_ID, reader_u16(r));
    skip_properties(packet);
    struct bytes message = reader_rest(r);
    show(packet, VIEW_MQTT_PUBLISH_MESSAGE, message);
    dissect_set_text(event, FIELD_MQTT_PUBLISH_MESSAGE,
                     bytes_slice(message, 0, MQTT_MESSAGE_MAX));
}

static void read_reason_code(struct mqtt_packet *packet)
{
    if (reader_left(&packet->body) == 0) {
        show_number(packet, VIEW_MQTT_REASON_CODE, 0); /* Success: left out. */
        return;
    }
    uint8_t code = reader_u8(&packet->body);
    event_set_number(packet->event, FIELD_MQTT_REASON_CODE, code);
    show_number(packet, VIEW_MQTT_REASON_CODE, code);
}

/* PUBACK, PUBREC, PUBREL, PUBCOMP: an identifier; in MQTT 5 a reason. */
static void read_acknowledgement(struct mqtt_packet *packet)
{
    event_set_number(packet->event, FIELD_MQTT_MESSAGE_ID,
                     reader_u16(&packet->body));
    read_reason_code(packet);
    skip_rest(packet);
}

static void read_subscribe(struct mqtt_packet *packet)
{
    struct reader *r = &packet->body;
    struct event *event = packet->event;
    uint16_t i = 0;

    event_set_number(event, FIELD_MQTT_SUBSCRIBE_ID, reader_u16(r));
    skip_properties(packet);
    while (reader_left(r) > 0 && i < MQTT_TOPIC_COUNT_MAX) {
        event_begin_item(event, i++);
        struct bytes topic = read_text(r);
        event_set_text(event, FIELD_MQTT_SUBSCRIBE_TOPIC, topic);
        show(packet, VIEW_MQTT_SUBSCRIBE_TOPIC, topic);
        event_set_number(event, FIELD_MQTT_SUBSCRIBE_QOS, reader_u8(r) & 3);
    }
    skip_rest(packet);
}

static void read_unsubscribe(struct mqtt_packet *packet)
{
    struct reader *r = &packet->body;

    event_set_number(packet->event, FIELD_MQTT_UNSUBSCRIBE_ID, reader_u16(r));
    skip_properties(packet);
    for (int i = 0; reader_left(r) > 0 && i < MQTT_TOPIC_COUNT_MAX; i++)
        event_set_text(packet->event, FIELD_MQTT_UNSUBSCRIBE_TOPIC,
                       read_text(r));
    skip_rest(packet);
}

static void read_suback(struct mqtt_packet *packet)
{
    struct reader *r = &packet->body;

    event_set_number(packet->event, FIELD_MQTT_SUBACK_ID, reader_u16(r));
    skip_properties(packet);
    for (int i = 0; reader_left(r) > 0 && i < MQTT_TOPIC_COUNT_MAX; i++)
        event_set_number(packet->event, FIELD_MQTT_QOS_GRANTED,
                         reader_u8(r));
    skip_rest(packet);
}

/* DISCONNECT, AUTH: nothing, or in MQTT 5 a reason. */
static void read_reason(struct mqtt_packet *packet)
{
    read_reason_code(packet);
    skip_rest(packet);
}

static void read_nothing(struct mqtt_packet *packet)
{
    if (reader_left(&packet->body) > 0)
        reader_fail(&packet->body);
}

static const struct {
    const char *name;
    void (*read)(struct mqtt_packet *packet);
} packet_types[] = {
    [MQTT_CONNECT] = { "connect", read_connect },
    [MQTT_CONNACK] = { "connack", read_connack },
    [MQTT_PUBLISH] = { "publish", read_publish },
    [MQTT_PUBACK] = { "puback", read_acknowledgement },
    [MQTT_PUBREC] = { "pubrec", read_acknowledgement },
    [MQTT_PUBREL] = { "pubrel", read_acknowledgement },
    [MQTT_PUBCOMP] = { "pubcomp", read_acknowledgement },
    [MQTT_SUBSCRIBE] = { "subscribe", read_subscribe },
    [MQTT_SUBACK] = { "suback", read_suback },
    [MQTT_UNSUBSCRIBE] = { "unsubscribe", read_unsubscribe },
    [MQTT_UNSUBACK] = { "unsuback", read_acknowledgement },
    [MQTT_PINGREQ] = { "pingreq", read_nothing },
    [MQTT_PINGRESP] = { "pingresp", read_nothing },
    [MQTT_DISCONNECT] = { "disconnect", read_reason },
    [MQTT_AUTH] = { "auth", read_reason },
};

/* Read one packet whose body, or the front of it, is all there. What a front
 * does not hold is no fault of the packet: it is told by type alone. */
static bool read_packet(struct mqtt_packet packet, uint8_t type,
                        bool is_front, struct event_list *events)
{
    const struct dissect_input *input = packet.input;

    struct mqtt_packet trial = packet;

    trial.input = NULL;
    packet_types[type].read(&trial);
    bool is_sound = reader_ok(&trial.body);
    if (!is_sound && !is_front)
        return false;
    packet.event = event_new(events, EVENT_MQTT);
    event_set_literal(packet.event, FIELD_MQTT_TYPE, packet_types[type].name);
    if (is_front)
        event_set_flag(packet.event, FIELD_MQTT_TRUNCATED, true);
    if (is_sound) {
        packet.events = events;
        packet_types[type].read(&packet);
    }
    show_number(&packet, VIEW_MQTT_TYPE, type);
    show_number(&packet, VIEW_MQTT_FLAGS, packet.flags);
    show_number(&packet, VIEW_MQTT_QOS, packet.flags >> 1 & 3);
    show_number(&packet, VIEW_MQTT_PROTOCOL_VERSION, packet.state->version);
    view_end(input->views, input->side, dissect_transaction(input));
    view_end(input->views, !input->side, dissect_transaction(input));
    return true;
}

/* The part of a long packet that is only passed over. */
static bool skip_payload(struct mqtt_state *state,
                         const struct dissect_input *input, size_t *used)
{
    uint32_t *skip = &state->skip[input->side];

    if (*skip == 0)
        return false;
    *used = input->data.size < *skip ? input->data.size : *skip;
    *skip -= (uint32_t)*used;
    return true;
}

static struct dissect_result feed_packet(struct mqtt_state *state,
                                         const struct dissect_input *input,
                                         struct event_list *events)
{
    struct reader r = reader_of(input->data);
    uint8_t head = reader_u8(&r);
    uint32_t body_size = read_variable(&r);
    uint8_t type = head >> 4;

    if (!reader_ok(&r))
        return input->data.size < 5 ? dissect_more(0)
                                    : dissect_malformed("mqtt_bad_length");
    if (type < MQTT_CONNECT)
        view_note(input->views, "mqtt_unassigned_msg_type");
    if (type != MQTT_CONNECT && state->version == 0)
        view_note(input->views, "mqtt_unintroduced_message");
    if (type < MQTT_CONNECT || type > MQTT_AUTH)
        return dissect_malformed("mqtt_bad_type");
    size_t head_size = input->data.size - reader_left(&r);
    size_t size = head_size + body_size;
    size_t needed = size < MQTT_HEAD_MAX ? size : MQTT_HEAD_MAX;
    if (input->data.size < needed)
        return dissect_more(needed);

    struct mqtt_packet packet = {
        .state = state,
        .input = input,
        .body = reader_sub(&r, needed - head_size),
        .flags = head & 0x0f,
    };
    if (!read_packet(packet, type, needed < size, events))
        return dissect_malformed("mqtt_bad_packet");
    state->skip[input->side] = (uint32_t)(size - needed);
    return dissect_done(needed);
}

static struct dissect_result mqtt_feed(void *memory,
                                       const struct dissect_input *input,
                                       struct event_list *events)
{
    struct mqtt_state *state = memory;
    size_t used;

    if (input->end && input->side == FLOW_RESPONDER)
        kept_login_close(&state->login, "unknown", events);
    if (input->gap > state->skip[input->side])
        return dissect_finished();
    state->skip[input->side] -= (uint32_t)input->gap;
    if (input->data.size == 0)
        return dissect_done(0);
    if (skip_payload(state, input, &used))
        return dissect_done(used);
    return feed_packet(state, input, events);
}

/* Devices stay connected for days: when the start was not captured, a ping or
 * its answer alone in a segment tells, on MQTT's port. */
static bool is_ping(const struct dissect_input *input)
{
    uint8_t type = input->side == FLOW_ORIGINATOR ? MQTT_PINGREQ
                                                  : MQTT_PINGRESP;
    const uint8_t wire[] = { (uint8_t)(type << 4), 0 };

    return input->port_matches &&
           bytes_equal(input->data, bytes_of(wire, sizeof wire));
}

/* CONNECT opens: its type, its length, its protocol's name. */
static enum dissect_verdict mqtt_recognise(const struct dissect_input *input)
{
    struct reader r = reader_of(input->data);

    if (is_ping(input))
        return DISSECT_DONE;
    if (input->side != FLOW_ORIGINATOR || reader_u8(&r) != MQTT_CONNECT << 4)
        return DISSECT_NOT_MINE;
    (void)read_variable(&r); /* Whether it holds is for feed() to say. */
    struct bytes name = read_text(&r);
    if (!reader_ok(&r))
        return input->data.size < 13 ? DISSECT_MORE : DISSECT_NOT_MINE;
    if (bytes_equal(name, bytes_of_text("MQTT")) ||
        bytes_equal(name, bytes_of_text("MQIsdp")))
        return DISSECT_DONE;
    return DISSECT_NOT_MINE;
}

static const uint16_t mqtt_ports[] = { 1883, 0 };

const struct dissector mqtt_dissector = {
    .name = "mqtt",
    .transport = IP_PROTOCOL_TCP,
    .ports = mqtt_ports,
    .state_size = sizeof(struct mqtt_state),
    .recognise = mqtt_recognise,
    .feed = mqtt_feed,
};
