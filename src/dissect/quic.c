/* SPDX-License-Identifier: Apache-2.0 */

/*
 * QUIC as far as anybody on the path can read it: the client's Initial packets
 * carry the ClientHello, in CRYPTO frames that may come in any order and over
 * several packets (RFC 9000 section 19.6). They are put in place in the flow's
 * state until the hello is whole; then nothing more is read.
 */
#include "dissect/dissector.h"

#include <string.h>

#include "crypto/quic_keys.h"
#include "dissect/quic_packet.h"
#include "dissect/tls_fingerprint.h"
#include "dissect/tls_names.h"
#include "dissect/tls_session.h"
#include "dissect/tls_views.h"

enum {
    HELLO_SIZE_MAX = 3072,   /* Twice a hello with post-quantum keys; the
                              * state of a flow has no room for more. */
    PACKET_COUNT_MAX = 16,   /* Initials read before giving up. */
    FRAME_COUNT_MAX = 512,   /* Of one packet; a client sends under 30. */
    MESSAGE_HEADER_SIZE = 4,
    MESSAGE_CLIENT_HELLO = 1,
    PARAMETER_USER_AGENT = 0x3129, /* Google's, in Chrome. */
    GOOGLE_TAG_MAX = 64,
};

enum frame_type {
    FRAME_PADDING = 0,
    FRAME_PING = 1,
    FRAME_ACK = 2,
    FRAME_ACK_ECN = 3,
    FRAME_CRYPTO = 6,
};

struct quic_session {
    uint32_t version;
    bool has_client;
    bool is_emitted;
    bool is_answer_awaited; /* The hello is told; rules want more. */
    bool has_retry;
    bool is_too_long;        /* The hello does not fit. */
    uint8_t client_side;     /* enum flow_side */
    uint8_t packet_count;
    uint8_t id_size;
    uint8_t id[QUIC_CONNECTION_ID_MAX]; /* The client's first destination. */
    uint16_t contiguous;     /* Bytes of the hello without a hole. */
    uint8_t present[HELLO_SIZE_MAX / 8];
    uint8_t hello[HELLO_SIZE_MAX];
};

static const uint16_t ports[] = { 443, 80, 8443, 4433, 784, 853, 0 };

static enum dissect_verdict quic_recognise(const struct dissect_input *input)
{
    struct reader r = reader_of(input->data);
    struct quic_packet packet;

    if (!quic_packet_read(&r, &packet))
        return DISSECT_NOT_MINE;
    if (quic_version_is_known(packet.version))
        return DISSECT_DONE;
    bool is_negotiation = packet.kind == QUIC_NEGOTIATION &&
                          packet.rest.size > 0 && packet.rest.size % 4 == 0;
    return input->port_matches && is_negotiation ? DISSECT_DONE
                                                 : DISSECT_NOT_MINE;
}

static void set_copy(struct event *event, enum event_field field,
                     struct bytes text)
{
    if (event && text.size > 0)
        event_set_text(event, field, arena_copy(event->arena, text));
}

static struct event *emit(struct quic_session *session,
                          struct event_list *events)
{
    char text[QUIC_VERSION_TEXT_SIZE];
    struct event *event = event_new(events, EVENT_QUIC);

    session->is_emitted = true;
    set_copy(event, FIELD_QUIC_VERSION,
             bytes_of_text(quic_version_text(session->version, text)));
    if (session->has_retry)
        event_set_flag(event, FIELD_QUIC_RETRY, true);
    return event;
}

/* Transport parameters: number id, number size, value (RFC 9000 section 18). */
static void set_user_agent(struct event *event, struct bytes parameters)
{
    struct reader r = reader_of(parameters);

    while (reader_left(&r) > 0) {
        uint64_t id = quic_read_number(&r);
        size_t size = (size_t)quic_read_number(&r);
        struct bytes value = reader_bytes(&r, size);
        if (id == PARAMETER_USER_AGENT)
            set_copy(event, FIELD_QUIC_UA, value);
    }
}

/* The version as it was on the wire. */
static void view_version(const struct quic_session *session,
                         const struct dissect_input *input)
{
    uint8_t wire[4];

    if (!view_is_wanted(input->views, VIEW_QUIC_VERSION))
        return;
    for (size_t i = 0; i < sizeof wire; i++)
        wire[i] = (uint8_t)(session->version >> (24 - 8 * i));
    view_add_text(input->views, VIEW_QUIC_VERSION, input->side,
                  dissect_transaction(input),
                  arena_copy(input->arena, bytes_of(wire, sizeof wire)));
}

static void view_text(const struct dissect_input *input, enum view_id id,
                      struct bytes text)
{
    if (view_is_wanted(input->views, id) && text.size > 0)
        view_add_text(input->views, id, input->side,
                      dissect_transaction(input),
                      arena_copy(input->arena, text));
}

static void view_end_message(const struct dissect_input *input)
{
    view_end(input->views, FLOW_ORIGINATOR, dissect_transaction(input));
    view_end(input->views, FLOW_RESPONDER, dissect_transaction(input));
}

static void view_hello(const struct dissect_input *input,
                       const struct tls_client_hello *hello,
                       const char *ja3, const char *ja4)
{
    view_text(input, VIEW_QUIC_SNI, hello->server_name);
    view_text(input, VIEW_JA3_HASH, bytes_of_text(ja3));
    view_text(input, VIEW_JA4_HASH, bytes_of_text(ja4));
    if (view_is_wanted(input->views, VIEW_JA3_STRING))
        view_text(input, VIEW_JA3_STRING, tls_ja3_text(hello, input->arena));
}

static void emit_hello(struct quic_session *session,
                       const struct dissect_input *input,
                       struct event_list *events, struct bytes body)
{
    struct tls_client_hello hello;
    char ja3[TLS_JA3_TEXT_SIZE];
    char ja4[TLS_JA4_TEXT_SIZE];
    struct event *event = emit(session, events);

    if (!event || !tls_client_hello_parse(arena_copy(event->arena, body),
                                          false, &hello))
        return;
    if (hello.server_name.size > 0)
        event_set_text(event, FIELD_QUIC_SNI, hello.server_name);
    tls_session_set_alpn(event, FIELD_QUIC_ALPN, hello.alpn);
    set_user_agent(event, hello.quic_parameters);
    tls_fingerprint_ja3(&hello, ja3);
    tls_fingerprint_ja4(&hello, 'q', ja4);
    set_copy(event, FIELD_QUIC_JA3, bytes_of_text(ja3));
    set_copy(event, FIELD_QUIC_JA4, bytes_of_text(ja4));
    view_hello(input, &hello, ja3, ja4);
}

static bool is_present(const struct quic_session *session, size_t at)
{
    return session->present[at / 8] >> (at % 8) & 1;
}

/* Put a piece of the hello in its place; what came first stands. */
static void place(struct quic_session *session, uint64_t offset,
                  struct bytes piece)
{
    if (offset > HELLO_SIZE_MAX || piece.size > HELLO_SIZE_MAX - offset) {
        session->is_too_long = true;
        return;
    }
    for (size_t i = 0; i < piece.size; i++) {
        size_t at = (size_t)offset + i;
        if (is_present(session, at))
            continue;
        session->present[at / 8] |= (uint8_t)(1u << (at % 8));
        session->hello[at] = piece.data[i];
    }
    while (session->contiguous < HELLO_SIZE_MAX &&
           is_present(session, session->contiguous))
        session->contiguous++;
}

/* RFC 9000 section 19.3; the counts were bounded by the datagram's size. */
static void skip_ack(struct reader *r, uint64_t type)
{
    (void)quic_read_number(r); /* Largest acknowledged. */
    (void)quic_read_number(r); /* Delay. */
    uint64_t count = quic_read_number(r);

    (void)quic_read_number(r);
    for (; count > 0 && reader_left(r) > 0; count--) {
        (void)quic_read_number(r);
        (void)quic_read_number(r);
    }
    for (int i = 0; i < 3 && type == FRAME_ACK_ECN; i++)
        (void)quic_read_number(r);
}

static void read_frames(struct quic_session *session, struct bytes frames)
{
    struct reader r = reader_of(frames);
    size_t count = 0;

    while (reader_left(&r) > 0) {
        uint64_t type = quic_read_number(&r);
        if (type == FRAME_PADDING || type == FRAME_PING)
            continue;
        if (count++ == FRAME_COUNT_MAX)
            return;
        if (type == FRAME_ACK || type == FRAME_ACK_ECN) {
            skip_ack(&r, type);
            continue;
        }
        if (type != FRAME_CRYPTO)
            return; /* CONNECTION_CLOSE, or not allowed here. */
        uint64_t offset = quic_read_number(&r);
        size_t size = (size_t)quic_read_number(&r);
        struct bytes piece = reader_bytes(&r, size);
        if (reader_ok(&r))
            place(session, offset, piece);
    }
}

/* The message without its header once all of it is there. */
static bool hello_is_whole(const struct quic_session *session,
                           struct bytes *body)
{
    struct reader r =
        reader_of(bytes_of(session->hello, session->contiguous));

    reader_skip(&r, 1);
    size_t size = reader_u24(&r);
    *body = reader_bytes(&r, size);
    return reader_ok(&r);
}

static bool hello_cannot_fit(const struct quic_session *session)
{
    struct reader r =
        reader_of(bytes_of(session->hello, session->contiguous));
    uint8_t type = reader_u8(&r);
    size_t size = reader_u24(&r);

    return session->is_too_long ||
           (reader_ok(&r) && (size > HELLO_SIZE_MAX - MESSAGE_HEADER_SIZE ||
                              type != MESSAGE_CLIENT_HELLO));
}

/* Keys follow from the first id the client chose; after a Retry from the id
 * that the server chose (RFC 9001 section 5.2). */
static bool open_packet(struct quic_session *session,
                        const struct quic_packet *packet,
                        struct arena *arena, struct bytes *frames)
{
    struct bytes first = bytes_of(session->id, session->id_size);

    if (session->has_client &&
        quic_packet_open(packet, first, arena, frames))
        return true;
    if (session->has_client && bytes_equal(first, packet->destination_id))
        return false;
    if (!quic_packet_open(packet, packet->destination_id, arena, frames))
        return false;
    session->has_client = true;
    session->version = packet->version;
    session->id_size = (uint8_t)packet->destination_id.size;
    if (session->id_size > 0)
        memcpy(session->id, packet->destination_id.data, session->id_size);
    return true;
}

/* Rules may ask for the version that the server answers with; nobody else
 * needs to read on. */
static bool awaits_answer(struct quic_session *session,
                          const struct dissect_input *input)
{
    session->packet_count = 0;
    session->is_answer_awaited =
        view_is_wanted(input->views, VIEW_QUIC_VERSION);
    return session->is_answer_awaited;
}

static bool take_answer(struct quic_session *session,
                        const struct quic_packet *packet,
                        const struct dissect_input *input)
{
    if (input->side == session->client_side || packet->kind != QUIC_INITIAL)
        return ++session->packet_count >= PACKET_COUNT_MAX;
    session->version = packet->version;
    view_version(session, input);
    view_end_message(input);
    return true;
}

/* True when the flow has nothing more to tell. */
static bool take_initial(struct quic_session *session,
                         const struct quic_packet *packet,
                         const struct dissect_input *input,
                         struct event_list *events)
{
    struct bytes frames;
    struct bytes body;

    session->version = session->version ? session->version : packet->version;
    if (session->has_client && input->side != session->client_side)
        return false;
    if (open_packet(session, packet, input->arena, &frames)) {
        session->client_side = (uint8_t)input->side;
        read_frames(session, frames);
        if (hello_is_whole(session, &body)) {
            view_version(session, input);
            emit_hello(session, input, events, body);
            view_end_message(input);
            return !awaits_answer(session, input);
        }
    }
    if (++session->packet_count < PACKET_COUNT_MAX &&
        !hello_cannot_fit(session))
        return false;
    (void)emit(session, events);
    return true;
}

static void emit_negotiation(struct quic_session *session,
                             const struct quic_packet *packet,
                             struct event_list *events)
{
    struct reader r = reader_of(packet->rest);
    char text[QUIC_VERSION_TEXT_SIZE];
    struct event *event = emit(session, events);

    while (reader_left(&r) >= 4)
        set_copy(event, FIELD_QUIC_SERVER_VERSION,
                 bytes_of_text(quic_version_text(reader_u32(&r), text)));
}

/*
 * Google's hello: "CHLO", uint16 count, uint16 0, then count times a tag and
 * the end of its value, then the values; all little-endian.
 */
static void emit_google(struct quic_session *session,
                        const struct quic_packet *packet,
                        const struct dissect_input *input,
                        struct event_list *events)
{
    size_t at = bytes_find(packet->rest, bytes_of_text("CHLO"));
    struct reader r =
        reader_of(bytes_slice(packet->rest, at + 4, packet->rest.size));
    struct event *event = emit(session, events);
    size_t count = reader_u16_le(&r);
    size_t start = 0;

    reader_skip(&r, 2);
    if (count > GOOGLE_TAG_MAX)
        return;
    struct reader tags = reader_sub(&r, count * 8);
    struct bytes values = reader_rest(&r);
    while (reader_left(&tags) >= 8) {
        struct bytes tag = reader_bytes(&tags, 4);
        size_t end = reader_u32_le(&tags);
        if (end < start)
            return;
        struct bytes value = bytes_slice(values, start, end - start);
        if (bytes_equal(tag, bytes_of("SNI\0", 4))) {
            set_copy(event, FIELD_QUIC_SNI, value);
            view_text(input, VIEW_QUIC_SNI, value);
        } else if (bytes_equal(tag, bytes_of("UAID", 4))) {
            set_copy(event, FIELD_QUIC_UA, value);
        }
        start = end;
    }
}

/* A new address check: the client starts over, with the server's id. */
static void take_retry(struct quic_session *session)
{
    *session = (struct quic_session){
        .version = session->version,
        .client_side = session->client_side,
        .has_retry = true,
    };
}

static bool take_packet(struct quic_session *session,
                        const struct quic_packet *packet,
                        const struct dissect_input *input,
                        struct event_list *events)
{
    if (session->is_answer_awaited)
        return take_answer(session, packet, input);
    switch (packet->kind) {
    case QUIC_INITIAL:
        return take_initial(session, packet, input, events);
    case QUIC_RETRY_PACKET:
        take_retry(session);
        return false;
    case QUIC_NEGOTIATION:
        emit_negotiation(session, packet, events);
        return true;
    case QUIC_GOOGLE:
        session->version = packet->version;
        emit_google(session, packet, input, events);
        view_version(session, input);
        view_end_message(input);
        return true;
    case QUIC_UNKNOWN:
        session->version = packet->version;
        (void)emit(session, events);
        view_version(session, input);
        view_end_message(input);
        return true;
    case QUIC_ZERO_RTT:
    case QUIC_HANDSHAKE:
        return false;
    }
    return false;
}

/* Several packets may share a datagram (RFC 9000 section 12.2). */
static struct dissect_result quic_feed(void *state,
                                       const struct dissect_input *input,
                                       struct event_list *events)
{
    struct quic_session *session = state;
    struct reader r = reader_of(input->data);
    struct quic_packet packet;
    size_t count = 0;

    while (reader_left(&r) > 0 && quic_packet_read(&r, &packet)) {
        if (take_packet(session, &packet, input, events))
            return dissect_finished();
        count++;
    }
    bool is_past_hello = count == 0 && input->data.size > 0;
    if (is_past_hello || input->end) {
        if (!session->is_emitted && session->version != 0)
            (void)emit(session, events);
        return dissect_finished();
    }
    return dissect_done(input->data.size);
}

const struct dissector quic_dissector = {
    .name = "quic",
    .transport = IP_PROTOCOL_UDP,
    .ports = ports,
    .state_size = sizeof(struct quic_session),
    .recognise = quic_recognise,
    .feed = quic_feed,
};
