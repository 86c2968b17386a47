/* SPDX-License-Identifier: Apache-2.0 */

/*
 * The content of a flow: put in order, recognised, and read by one dissector.
 * Memory is taken with the first payload and given back as soon as nobody
 * reads on.
 */
#include <string.h>

#include "base/check.h"
#include "engine/internal.h"
#include "engine/judged.h"

static struct pool *state_pool(struct engine *engine, size_t size)
{
    if (size <= ENGINE_STATE_SMALL)
        return &engine->states[0];
    return &engine->states[size <= ENGINE_STATE_MEDIUM ? 1 : 2];
}

static void stop_dissecting(struct engine *engine, struct session *session)
{
    if (session->state)
        pool_give(state_pool(engine, session->dissector->state_size),
                  session->state);
    session->state = NULL;
    session->is_done = true;
}

/* Give back what reading the content took; the frames stay remembered. */
static void stop_reading(struct engine *engine, struct session *session)
{
    if (session->stream)
        stream_free(engine->streams, session->stream);
    session->stream = NULL;
    session_close_reader(engine, session);
    stop_dissecting(engine, session);
}

void session_release(struct engine *engine, struct flow *flow)
{
    struct session *session = flow->session;

    if (session && session != &engine->ignored) {
        stop_reading(engine, session);
        pool_give(&engine->sessions, session);
    }
    flow->session = NULL;
}

/*
 * Nobody reads this flow any more. What is said of it at its end still needs
 * its frames, so they stay remembered while sessions are plenty.
 */
static void ignore(struct engine *engine, struct flow *flow)
{
    bool is_scarce = engine->sessions.count_used > ENGINE_SESSION_MAX / 2;

    if (!is_scarce && session_is_judged(engine, flow->session)) {
        stop_dissecting(engine, flow->session);
        return;
    }
    if (!is_scarce) {
        stop_reading(engine, flow->session);
        return;
    }
    if (session_is_judged(engine, flow->session))
        engine->counters.streams_not_judged++;
    session_release(engine, flow);
    flow->session = &engine->ignored;
}

static struct opening *opening_of(struct engine *engine,
                                  const struct flow *flow)
{
    return &engine->openings[flow->number % ENGINE_OPENING_COUNT];
}

static void remember_syn(struct engine *engine, const struct passage *passage)
{
    struct opening *opening = opening_of(engine, passage->flow);

    if (opening->flow_number != passage->flow->number)
        *opening = (struct opening){ .flow_number = passage->flow->number };
    opening->sequence[passage->side] = passage->packet->tcp.sequence;
    opening->has_syn[passage->side] = true;
}

/* The SYNs came before there was a stream to take them. */
static void start_stream(struct engine *engine, const struct flow *flow,
                         struct stream *stream)
{
    const struct opening *opening = opening_of(engine, flow);

    if (opening->flow_number != flow->number)
        return;
    for (size_t side = 0; side < COUNT_OF(opening->has_syn); side++)
        if (opening->has_syn[side])
            stream_start(stream, (enum flow_side)side,
                         opening->sequence[side]);
}

static struct session *begin(struct engine *engine, struct flow *flow)
{
    bool is_tcp = flow->protocol == IP_PROTOCOL_TCP;
    struct session *session = pool_take(&engine->sessions);

    if (session && is_tcp)
        session->stream = stream_new(engine->streams);
    if (!session || (is_tcp && !session->stream)) {
        pool_give(&engine->sessions, session);
        engine->counters.sessions_refused++;
        flow->session = &engine->ignored;
        return NULL;
    }
    if (is_tcp)
        start_stream(engine, flow, session->stream);
    session->candidates =
        is_tcp ? engine->candidates_tcp : engine->candidates_udp;
    flow->session = session;
    return session;
}

/* The flow's record is written when no packet is at hand any more. */
static void note_tunnel(struct session *session, const struct packet *packet)
{
    if (packet->tunnel == PACKET_TUNNEL_NONE || session->has_tunnel)
        return;
    session->has_tunnel = true;
    session->tunnel_source = packet->outer_source;
    session->tunnel_destination = packet->outer_destination;
}

static void remember(struct session *session, const struct frame_mark *mark)
{
    uint32_t at = session->mark_count++;

    if (at >= ENGINE_MARK_FIRST)
        at = ENGINE_MARK_FIRST +
             (at - ENGINE_MARK_FIRST) % ENGINE_MARK_LATEST;
    session->marks[at] = *mark;
}

size_t session_marks(const struct engine *engine, const struct flow *flow,
                     struct frame_mark *marks)
{
    const struct session *session = flow ? flow->session : NULL;
    size_t count = 0;

    if (!session || session == &engine->ignored)
        return 0;
    uint32_t all = session->mark_count;
    for (; count < ENGINE_MARK_FIRST && count < all; count++)
        marks[count] = session->marks[count];
    if (all <= ENGINE_MARK_FIRST)
        return count;
    uint32_t later = all - ENGINE_MARK_FIRST;
    uint32_t kept = later < ENGINE_MARK_LATEST ? later : ENGINE_MARK_LATEST;
    for (uint32_t i = later - kept; i < later; i++)
        marks[count++] =
            session->marks[ENGINE_MARK_FIRST + i % ENGINE_MARK_LATEST];
    return count;
}

/* Where `port` stands among the hints, or should. */
static size_t place_of(const struct engine *engine, uint16_t port)
{
    size_t low = 0;
    size_t high = engine->hint_count;

    while (low < high) {
        size_t middle = (low + high) / 2;
        if (engine->hints[middle].port < port)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

void session_add_hints(struct engine *engine, unsigned index)
{
    const uint16_t *port = dissector_table[index]->ports;

    for (; port && *port != 0; port++) {
        size_t at = place_of(engine, *port);
        struct port_hint *hint = &engine->hints[at];
        if (at == engine->hint_count || hint->port != *port) {
            check(engine->hint_count < ENGINE_HINT_MAX);
            memmove(hint + 1, hint,
                    (engine->hint_count++ - at) * sizeof *hint);
            *hint = (struct port_hint){ .port = *port };
        }
        hint->dissectors |= 1ull << index;
    }
}

static uint64_t hinted_by_port(const struct engine *engine, uint16_t port)
{
    size_t at = place_of(engine, port);

    return at < engine->hint_count && engine->hints[at].port == port
               ? engine->hints[at].dissectors
               : 0;
}

/* The dissectors whose port one end of the flow has. */
static uint64_t hinted(const struct engine *engine, const struct flow *flow)
{
    return hinted_by_port(engine, flow->port[FLOW_ORIGINATOR]) |
           hinted_by_port(engine, flow->port[FLOW_RESPONDER]);
}

/* Ask one dissector; true when the flow is its own now. */
static bool ask(struct engine *engine, struct session *session, unsigned index,
                struct dissect_input *input)
{
    const struct dissector *dissector = dissector_table[index];

    switch (dissector->recognise(input)) {
    case DISSECT_DONE:
        break;
    case DISSECT_MORE:
        return false;
    case DISSECT_NOT_MINE:
    case DISSECT_MALFORMED:
    case DISSECT_FINISHED:
        session->candidates &= ~(1ull << index);
        return false;
    }
    if (dissector->state_size > 0) {
        session->state =
            pool_take(state_pool(engine, dissector->state_size));
        if (!session->state) {
            engine->counters.sessions_refused++;
            session->candidates = 0;
            return false;
        }
    }
    session->dissector = dissector;
    session->number = (uint8_t)(index + 1);
    session->port_matches = input->port_matches;
    return true;
}

/* Whose flow is it? Those whose port it is are asked first. */
static bool recognise(struct engine *engine, struct session *session,
                      struct dissect_input *input)
{
    uint64_t hints = hinted(engine, input->flow);

    for (int with_port = 1; with_port >= 0; with_port--) {
        uint64_t left = session->candidates & (with_port ? hints : ~hints);
        input->port_matches = with_port;
        while (left) {
            unsigned index = (unsigned)trailing_zeros_64(left);
            left &= left - 1;
            if (ask(engine, session, index, input))
                return true;
        }
    }
    return false;
}

static void report_malformed(struct event_list *events, const char *name,
                             const struct dissector *dissector)
{
    struct event *event = event_new(events, EVENT_ANOMALY);

    event_set_literal(event, FIELD_ANOMALY_TYPE, "applayer");
    event_set_literal(event, FIELD_ANOMALY_EVENT, name ? name : "malformed");
    event_set_literal(event, FIELD_ANOMALY_LAYER, dissector->name);
}

/*
 * Let the dissector read `input`; answers how many bytes it used. `*last` is
 * its last word: MORE or DONE when it reads on, else why it does not.
 */
static size_t feed(struct session *session, struct dissect_input *input,
                   struct event_list *events, enum dissect_verdict *last)
{
    size_t used = 0;

    for (;;) {
        struct dissect_result result =
            session->dissector->feed(session->state, input, events);
        *last = result.verdict;
        switch (result.verdict) {
        case DISSECT_MORE:
            return used;
        case DISSECT_DONE:
            break;
        case DISSECT_MALFORMED:
            /* No datagram at all, only the end, is not a malformed one. */
            if (input->data.size > 0 || session->stream)
                report_malformed(events, result.anomaly, session->dissector);
            return used;
        case DISSECT_NOT_MINE:
            check(result.used <= input->data.size);
            return used + result.used;
        case DISSECT_FINISHED:
            return used;
        }
        check(result.used <= input->data.size);
        used += result.used;
        input->data =
            bytes_slice(input->data, result.used, input->data.size);
        input->offset += result.used;
        input->gap = 0;
        if (result.used == 0 || input->data.size == 0)
            return used;
    }
}

static bool reads_on(enum dissect_verdict last)
{
    return last == DISSECT_MORE || last == DISSECT_DONE;
}

/* A datagram that is malformed says nothing of the next one; several in a row
 * say that the flow is not what it was taken for. */
static bool is_spoilt(struct session *session, enum dissect_verdict last)
{
    if (last != DISSECT_MALFORMED) {
        session->malformed = 0;
        return !reads_on(last);
    }
    return ++session->malformed >= ENGINE_DATAGRAM_MALFORMED;
}

static void read_datagram(struct engine *engine, struct passage *passage,
                          struct session *session,
                          struct dissect_input *input)
{
    enum dissect_verdict last;

    if (!session->dissector && !recognise(engine, session, input)) {
        if (session->candidates == 0 ||
            ++session->tries >= ENGINE_DATAGRAM_TRIES)
            ignore(engine, passage->flow);
        return;
    }
    passage->flow->app_protocol = session->number;
    input->port_matches = session->port_matches;
    (void)feed(session, input, &passage->events, &last);
    if (!is_spoilt(session, last))
        return;
    if (last == DISSECT_MALFORMED)
        passage->flow->app_protocol = 0;
    ignore(engine, passage->flow);
}

/* What follows is somebody else's, as if the flow began here. */
static void hand_over(struct engine *engine, struct session *session)
{
    if (session->state)
        pool_give(state_pool(engine, session->dissector->state_size),
                  session->state);
    session_close_reader(engine, session);
    session->state = NULL;
    session->dissector = NULL;
    session->candidates = engine->candidates_tcp;
}

/* One run of in-order bytes; false when nobody reads on. */
static bool read_chunk(struct engine *engine, struct passage *passage,
                       struct session *session, struct dissect_input *input)
{
    enum dissect_verdict last;
    size_t size = input->data.size;

    if (!session->dissector) {
        if (!recognise(engine, session, input)) {
            bool hopeless = session->candidates == 0 || input->end ||
                            size >= DISSECT_RECOGNISE_MAX;
            stream_consume(engine->streams, session->stream, input->side, 0);
            return !hopeless;
        }
        input->gap = 0; /* What was lost before it began is not missed. */
    }
    passage->flow->app_protocol = session->number;
    input->port_matches = session->port_matches;
    if (input->views && session->dissector->reader)
        session_read_views(engine, passage, input);
    struct bytes data = input->data;
    uint32_t views = input->views ? input->views->count : 0;
    size_t used = feed(session, input, &passage->events, &last);
    if (input->views)
        session_keep_views(passage, input, data, views);
    session->is_opaque =
        last == DISSECT_FINISHED && session->dissector->encrypts;
    stream_consume(engine->streams, session->stream, input->side, used);
    if (last == DISSECT_NOT_MINE) {
        hand_over(engine, session);
        return true;
    }
    return reads_on(last) && size - used < DISSECT_MESSAGE_MAX;
}

/* Read what `side` has; false when nobody reads the flow any more. */
static bool read_side(struct engine *engine, struct passage *passage,
                      enum flow_side side, struct dissect_input *input)
{
    struct session *session = passage->flow->session;
    struct stream_chunk chunk;
    uint64_t offset = UINT64_MAX;
    size_t size = 0;

    while (stream_read(engine->streams, session->stream, side, &chunk)) {
        /* The same bytes again: nothing new came, so wait. */
        if (chunk.offset == offset && chunk.data.size == size)
            return true;
        offset = chunk.offset;
        size = chunk.data.size;
        input->data = chunk.data;
        input->side = side;
        input->offset = chunk.offset;
        input->gap = chunk.gap;
        input->end = chunk.end;
        if (session->is_done) {
            session_skim(engine, passage, input);
            if (session_is_judged(engine, session))
                continue;
            ignore(engine, passage->flow);
            return false;
        }
        if (input->views)
            session_note_run(passage, input);
        if (!read_chunk(engine, passage, session, input)) {
            ignore(engine, passage->flow);
            if (passage->flow->session != session || !session->stream)
                return false;
        }
    }
    return true;
}

/* A segment also acknowledges: it can open the other side's gap. */
static void read_stream(struct engine *engine, struct passage *passage,
                        struct session *session, struct dissect_input *input)
{
    stream_insert(engine->streams, session->stream, passage->side,
                  passage->packet);
    if (read_side(engine, passage, passage->side, input))
        (void)read_side(engine, passage, !passage->side, input);
}

static bool may_carry_content(const struct packet *packet)
{
    return packet->has_transport && (packet->protocol == IP_PROTOCOL_TCP ||
                                     packet->protocol == IP_PROTOCOL_UDP);
}

/* Somebody may read what this packet carries. */
static struct session *session_for(struct engine *engine,
                                   struct passage *passage)
{
    const struct packet *packet = passage->packet;
    struct session *session = passage->flow->session;
    bool is_tcp = packet->protocol == IP_PROTOCOL_TCP;

    if (session == &engine->ignored || !may_carry_content(packet))
        return NULL;
    if (!session && is_tcp && packet->tcp.flags & TCP_SYN)
        remember_syn(engine, passage);
    if (!session && packet->payload.size == 0)
        return NULL;
    return session ? session : begin(engine, passage->flow);
}

void session_packet(struct engine *engine, struct passage *passage)
{
    const struct packet *packet = passage->packet;
    struct session *session = session_for(engine, passage);

    if (!session)
        return;
    note_tunnel(session, packet);
    remember(session, &packet->mark);
    if (session->is_done && !session->stream)
        return;
    struct dissect_input input = {
        .data = packet->payload,
        .side = passage->side,
        .flow = passage->flow,
        .time_ns = packet->mark.time_ns,
        .hash_files = engine->hash_files,
        .arena = &engine->arena,
        .certificates = engine->certificates,
        .views = passage->views,
        .view_memory = engine->view_memory,
    };
    if (packet->protocol == IP_PROTOCOL_TCP)
        read_stream(engine, passage, session, &input);
    else if (packet->payload.size > 0)
        read_datagram(engine, passage, session, &input);
}

void session_end(struct engine *engine, struct flow *flow,
                 struct passage *passage)
{
    struct session *session = flow->session;
    enum dissect_verdict last = DISSECT_DONE;

    /* A dissector without state has nothing left to say. */
    if (session && session->dissector && session->state) {
        for (int side = 0; side <= 1 && reads_on(last); side++) {
            struct dissect_input input = {
                .side = (enum flow_side)side,
                .flow = flow,
                .time_ns = flow->last_ns,
                .end = true,
                .arena = &engine->arena,
                .certificates = engine->certificates,
                .views = passage->views,
                .view_memory = engine->view_memory,
            };
            (void)feed(session, &input, &passage->events, &last);
        }
    }
    session_end_views(engine, flow, passage);
}
