/* SPDX-License-Identifier: Apache-2.0 */

/*
 * HTTP/1.0 and 1.1 (RFC 9112): heads are read whole, bodies are passed over
 * as they come. One event a request, when the head of its response has been
 * read, or without response when the connection ends, breaks off, or has more
 * requests waiting than are kept.
 *
 * After CONNECT the bytes are somebody else's: the flow is handed over. After
 * a change of protocol it is left.
 */
#include "dissect/dissector.h"

#include <string.h>

#include "dissect/http_reader.h"
#include "dissect/http_session.h"

enum {
    STATUS_SWITCHING = 101,
    STATUS_OK = 200,
    STATUS_NO_CONTENT = 204,
    STATUS_NOT_MODIFIED = 304,
};

/* One call of feed(). */
struct turn {
    struct http_session *session;
    const struct dissect_input *input;
    struct event_list *events;
    struct http_side *side;
    bool is_client;
};

static const uint16_t ports[] = { 80,   8080, 8000, 8008, 8081, 8888, 5000,
                                  3128, 81,   82,   88,   7547, 49152, 5985,
                                  37215, 52869, 60001, 0 };

/* A request that says no version, as HTTP/0.9 and careless programs send it:
 * too little to make events of, but rules look for such. */
static bool is_bare_request(const struct dissect_input *input)
{
    struct bytes line =
        bytes_slice(input->data, 0, bytes_find_byte(input->data, '\n'));

    return input->views && line.size < input->data.size &&
           (bytes_start_with(line, bytes_of_text("GET /")) ||
            bytes_start_with(line, bytes_of_text("POST /")));
}

static enum dissect_verdict http_recognise(const struct dissect_input *input)
{
    if (is_bare_request(input))
        return DISSECT_DONE;
    switch (http_start_of(input->data)) {
    case HTTP_START_YES:
        return DISSECT_DONE;
    case HTTP_START_MAYBE:
        return DISSECT_MORE;
    case HTTP_START_NO:
        break;
    }
    return DISSECT_NOT_MINE;
}

static struct dissect_result give_up(struct turn *turn, const char *anomaly)
{
    http_session_flush(turn->session, turn->events);
    return anomaly ? dissect_malformed(anomaly) : dissect_finished();
}

/* RFC 9112 section 6.3, for requests. */
static void begin_request_body(struct http_side *side,
                               const struct http_head *head)
{
    side->body.left = 0;
    side->body.phase = HTTP_PHASE_HEAD;
    side->is_cut = false;
    if (head->is_chunked) {
        side->body.phase = HTTP_PHASE_CHUNK_LINE;
    } else if (head->content_length > 0) {
        side->body.phase = HTTP_PHASE_COUNTED;
        side->body.left = head->content_length;
    }
    bool is_upload = bytes_equal(head->method, bytes_of_text("PUT")) ||
                     bytes_equal(head->method, bytes_of_text("POST"));
    side->awaits_file_start = is_upload &&
                              side->body.phase != HTTP_PHASE_HEAD;
}

/* The same for the response to `request`, which may be null. */
static void begin_response_body(struct http_side *side,
                                const struct http_head *head,
                                const struct http_request *request)
{
    bool has_none = head->status < STATUS_OK ||
                    head->status == STATUS_NO_CONTENT ||
                    head->status == STATUS_NOT_MODIFIED ||
                    (request && request->is_head) ||
                    (head->has_length && head->content_length == 0 &&
                     !head->is_chunked);

    side->body = (struct http_body){ .phase = HTTP_PHASE_HEAD };
    side->awaits_file_start = false;
    side->is_cut = false;
    if (has_none)
        return;
    if (head->is_chunked)
        side->body.phase = HTTP_PHASE_CHUNK_LINE;
    else if (head->has_length)
        side->body = (struct http_body){ .phase = HTTP_PHASE_COUNTED,
                                         .left = head->content_length };
    else
        side->body.phase = HTTP_PHASE_UNTIL_CLOSE;
    side->awaits_file_start =
        head->status == STATUS_OK &&
        head->text[HTTP_TEXT_CONTENT_ENCODING].size == 0;
}

static struct dissect_result take_request(struct turn *turn,
                                          const struct http_head *head,
                                          size_t used)
{
    turn->side->has_file_size = head->has_length && !head->is_chunked;
    turn->side->file_size = head->content_length;
    http_session_push(turn->session, head, turn->events);
    begin_request_body(turn->side, head);
    return dissect_done(used);
}

/* An interim response (100, 103) leaves the request waiting. */
static struct dissect_result take_response(struct turn *turn,
                                           const struct http_head *head,
                                           size_t used)
{
    struct http_session *session = turn->session;
    struct http_request *request = NULL;

    if (head->status < STATUS_OK && head->status != STATUS_SWITCHING)
        return dissect_done(used);
    if (session->waiting > 0 && session->requests[0].is_answered)
        http_session_pop(session);
    if (session->waiting > 0)
        request = &session->requests[0];
    turn->side->has_file_size = head->has_length && !head->is_chunked;
    turn->side->file_size = head->content_length;
    http_session_tell(session, head, turn->events);

    bool is_tunnel = request && request->is_connect && head->status < 300;
    if (is_tunnel || head->status == STATUS_SWITCHING) {
        http_session_pop(session);
        struct dissect_result left = give_up(turn, NULL);
        return is_tunnel ? dissect_hand_over(used) : left;
    }
    begin_response_body(turn->side, head, request);
    if (!turn->side->awaits_file_start)
        http_session_pop(session);
    return dissect_done(used);
}

/* Who asks and who answers is seen from the first message. */
static void learn_sides(struct http_session *session,
                        const struct dissect_input *input, bool is_response)
{
    uint8_t side = (uint8_t)input->side;

    if (session->knows_client)
        return;
    session->knows_client = true;
    session->client_side = is_response ? !side : side;
}

static struct turn turn_of(struct http_session *session,
                           const struct dissect_input *input,
                           struct event_list *events)
{
    bool is_client = input->side == session->client_side;

    return (struct turn){
        .session = session,
        .input = input,
        .events = events,
        .side = is_client ? &session->client : &session->server,
        .is_client = is_client,
    };
}

/* Empty lines before a message are passed over (RFC 9112 section 2.2). */
static size_t empty_lines(struct bytes data)
{
    size_t size = 0;

    while (size < data.size &&
           (data.data[size] == '\r' || data.data[size] == '\n'))
        size++;
    return size;
}

static struct dissect_result await_head(struct turn *turn)
{
    struct bytes data = turn->input->data;

    if (http_start_of(data) == HTTP_START_NO)
        return give_up(turn, turn->is_client ? "http_malformed_request"
                                             : "http_malformed_status");
    if (turn->side->scanned == 0 && data.size > HTTP_LINE_MAX)
        return give_up(turn, "http_line_too_long");
    if (data.size > HTTP_HEAD_MAX)
        return give_up(turn, "http_headers_too_large");
    return dissect_more(data.size + 1);
}

static struct dissect_result read_head(struct turn *turn)
{
    struct bytes data = turn->input->data;
    struct http_head head;
    size_t scanned = turn->side->scanned;
    size_t skipped = empty_lines(bytes_slice(data, 0, 4));

    if (skipped > 0)
        return dissect_done(skipped);
    size_t size = http_head_size(data, &scanned);
    turn->side->scanned = (uint32_t)scanned;
    if (size == 0)
        return await_head(turn);
    turn->side->scanned = 0;
    const char *anomaly = http_head_parse(bytes_slice(data, 0, size), &head);
    if (anomaly)
        return give_up(turn, anomaly);
    if (head.is_response == turn->is_client)
        return give_up(turn, "http_wrong_side");
    return turn->is_client ? take_request(turn, &head, size)
                           : take_response(turn, &head, size);
}

/* A body begins that may be a file: hash it when nothing else is hashed. */
static void begin_hash(struct turn *turn)
{
    struct http_session *session = turn->session;
    size_t index = turn->is_client ? session->waiting - 1u : 0;
    struct bytes name = bytes_slice(http_session_file_name(session, index), 0,
                                    HTTP_NAME_KEPT_MAX);

    if (!turn->input->hash_files || session->hash.is_active ||
        turn->side->is_cut)
        return;
    file_hash_begin(&session->hash);
    session->hashes_client = turn->is_client;
    session->name_size = (uint8_t)name.size;
    if (name.size > 0)
        memcpy(session->name, name.data, name.size);
}

static bool is_hashed(const struct turn *turn)
{
    return turn->session->hash.is_active &&
           turn->session->hashes_client == turn->is_client;
}

static void end_hash(struct turn *turn)
{
    struct http_session *session = turn->session;
    struct bytes name = bytes_of(session->name, session->name_size);

    file_hash_tell(&session->hash,
                   &(struct dissect_file){
                       .protocol = "http",
                       .name = arena_copy(turn->input->arena, name),
                       .to_originator = turn->input->side == FLOW_RESPONDER,
                   },
                   turn->events);
}

static void tell_file(struct turn *turn, struct bytes content)
{
    struct http_session *session = turn->session;
    struct http_side *side = turn->side;
    size_t index = turn->is_client ? session->waiting - 1u : 0;
    struct bytes name = http_session_file_name(session, index);

    side->awaits_file_start = false;
    if (dissect_file_magic(content))
        dissect_add_file(turn->events,
                         &(struct dissect_file){
                             .protocol = "http",
                             .name = arena_copy(turn->input->arena, name),
                             .start = content,
                             .size = side->file_size,
                             .has_size = side->has_file_size,
                             .to_originator =
                                 turn->input->side == FLOW_RESPONDER,
                         });
    if (!turn->is_client)
        http_session_pop(session);
}

/* True when more of the body's first bytes must come to know its kind. */
static bool awaits_more(const struct turn *turn, struct bytes content)
{
    return turn->side->awaits_file_start && content.size > 0 &&
           content.size < HTTP_FILE_START_SIZE && !turn->input->end;
}

static struct dissect_result read_body(struct turn *turn)
{
    struct http_body before = turn->side->body;
    struct bytes content;
    size_t used =
        http_body_step(&turn->side->body, turn->input->data, &content);

    if (used == SIZE_MAX)
        return give_up(turn, "http_malformed_chunk");
    if (used == 0)
        return dissect_more(turn->input->data.size + 1);
    bool is_going_on = turn->side->body.left > 0 ||
                       before.phase == HTTP_PHASE_UNTIL_CLOSE;
    if (awaits_more(turn, content) && is_going_on) {
        turn->side->body = before;
        return dissect_more(HTTP_FILE_START_SIZE);
    }
    if (turn->is_client)
        http_session_add_body(turn->session, content);
    if (turn->side->awaits_file_start && content.size > 0) {
        begin_hash(turn);
        tell_file(turn, content);
    }
    if (is_hashed(turn))
        file_hash_add(&turn->session->hash, content);
    if (is_hashed(turn) && turn->side->body.phase == HTTP_PHASE_HEAD)
        end_hash(turn);
    return dissect_done(used);
}

/* The server's end ends all; a client may close its side and still wait. */
static struct dissect_result at_end(struct turn *turn,
                                    struct dissect_result result)
{
    bool is_all_read = result.verdict == DISSECT_MORE ||
                       result.used == turn->input->data.size;

    if (!is_all_read)
        return result;
    /* A body without a size ends with the connection, when that was closed
     * and did not just fall silent. */
    if (is_hashed(turn) && turn->input->hash_files &&
        turn->side->body.phase == HTTP_PHASE_UNTIL_CLOSE)
        end_hash(turn);
    turn->session->has_ended |= (uint8_t)(turn->is_client ? 1 : 2);
    if (turn->session->has_ended == 1)
        return dissect_done(turn->input->data.size);
    return give_up(turn, NULL);
}

/* After bytes that were lost outside a body whose end is known: what waits
 * for an answer is told without, and reading goes on with what starts like a
 * message. */
static void lose_place(struct turn *turn)
{
    http_session_flush(turn->session, turn->events);
    turn->side->body = (struct http_body){ .phase = HTTP_PHASE_HEAD };
    turn->side->awaits_file_start = false;
    turn->side->scanned = 0;
    turn->side->is_lost = true;
}

/* True while what comes is the rest of something whose start was lost. */
static bool is_still_lost(struct turn *turn)
{
    struct bytes data = turn->input->data;

    if (turn->is_client ? http_start_of(data) == HTTP_START_YES
                        : bytes_start_with(data, bytes_of_text("HTTP/1.")))
        turn->side->is_lost = false;
    return turn->side->is_lost;
}

static struct dissect_result read_on(struct turn *turn)
{
    if (is_still_lost(turn))
        return dissect_done(turn->input->data.size);
    return turn->side->body.phase == HTTP_PHASE_HEAD ? read_head(turn)
                                                     : read_body(turn);
}

static struct dissect_result http_feed(void *state,
                                       const struct dissect_input *input,
                                       struct event_list *events)
{
    struct http_session *session = state;
    struct dissect_result result = dissect_more(0);

    if (!session->knows_client && input->data.size > 0) {
        struct bytes start = bytes_slice(input->data, 0, 4);
        if (start.size < 4 && !input->end)
            return dissect_more(4);
        learn_sides(session, input,
                    bytes_equal(start, bytes_of_text("HTTP")));
    }
    struct turn turn = turn_of(session, input, events);
    turn.side->is_cut |= input->gap > 0;
    if (input->gap > 0 && is_hashed(&turn))
        file_hash_stop(&session->hash);
    if (input->gap > 0 && !http_body_skip(&turn.side->body, input->gap))
        lose_place(&turn);
    if (input->data.size > 0)
        result = read_on(&turn);
    bool is_open = result.verdict == DISSECT_MORE ||
                   result.verdict == DISSECT_DONE;
    return input->end && is_open ? at_end(&turn, result) : result;
}

const struct dissector http_dissector = {
    .name = "http",
    .transport = IP_PROTOCOL_TCP,
    .ports = ports,
    .state_size = sizeof(struct http_session),
    .reader = &http_view_reader,
    .recognise = http_recognise,
    .feed = http_feed,
};
