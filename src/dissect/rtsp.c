/* SPDX-License-Identifier: Apache-2.0 */

/*
 * RTSP 1.0 and 2.0 (RFC 2326, RFC 7826): one event for each request with its
 * response. Media interleaved on the connection (RFC 2326 section 10.12: '$',
 * channel, 16-bit size) and bodies that are not SDP are passed over.
 */
#include "dissect/dissector.h"

#include "base/reader.h"
#include "dissect/kept.h"
#include "dissect/lines.h"

enum {
    RTSP_HEAD_MAX = 8192,  /* Bytes of a head that are waited for. */
    RTSP_BODY_MAX = 16384, /* Bytes of a body that are read. */
    RTSP_FIRST_LINE_MAX = 1024,
};

struct rtsp_state {
    struct kept_login login;
    struct kept_name method;
    struct kept_name user_agent;
    struct kept_path url;
    uint32_t cseq;
    uint32_t skip[2];      /* Of a body or of media, by side. */
    bool is_pending;       /* A request waits for its response. */
};

struct rtsp_response {
    uint16_t status;
    struct bytes reason;
    struct bytes head;
    struct bytes body;
};

static void show_response(struct event *event,
                          const struct rtsp_response *response)
{
    event_set_number(event, FIELD_RTSP_STATUS, response->status);
    dissect_set_text(event, FIELD_RTSP_REASON, response->reason);
    dissect_set_text(event, FIELD_RTSP_SERVER,
                     dissect_header(response->head, "Server", NULL));
    const char *scheme = authorization_scheme(
        dissect_header(response->head, "WWW-Authenticate", NULL));
    if (scheme)
        event_set_literal(event, FIELD_RTSP_CHALLENGE, scheme);

    struct bytes rest = response->body;
    struct bytes line;
    while (dissect_take_line(&rest, RTSP_BODY_MAX, &line) == LINE_WHOLE)
        if (bytes_start_with(line, bytes_of_text("s=")))
            dissect_set_text(event, FIELD_RTSP_SESSION_NAME,
                             bytes_slice(line, 2, SIZE_MAX));
}

static void show(struct rtsp_state *state, struct event_list *events,
                 const struct rtsp_response *response)
{
    struct event *event = event_new(events, EVENT_RTSP);

    if (state->is_pending) {
        struct arena *arena = events->arena;
        event_set_text(event, FIELD_RTSP_METHOD,
                       kept_name_copy(&state->method, arena));
        dissect_set_text(event, FIELD_RTSP_URL,
                         kept_path_copy(&state->url, arena));
        dissect_set_text(event, FIELD_RTSP_USER_AGENT,
                         kept_name_copy(&state->user_agent, arena));
        event_set_number(event, FIELD_RTSP_CSEQ, state->cseq);
    }
    if (response)
        show_response(event, response);
    state->is_pending = false;
}

static void read_request(struct rtsp_state *state, struct bytes first,
                         struct bytes head, struct event_list *events)
{
    uint64_t cseq = 0;
    struct authorization authorization;
    struct bytes value = dissect_header(head, "Authorization", NULL);

    if (state->is_pending)
        show(state, events, NULL);
    kept_name_set(&state->method, dissect_take_word(&first));
    kept_path_set(&state->url, dissect_take_word(&first));
    kept_name_set(&state->user_agent,
                  dissect_header(head, "User-Agent", NULL));
    if (bytes_to_number(dissect_header(head, "CSeq", NULL), UINT32_MAX,
                        &cseq))
        state->cseq = (uint32_t)cseq;
    state->is_pending = true;
    if (authorization_parse(value, events->arena, &authorization))
        kept_login_open(&state->login, "rtsp", &authorization);
}

static bool read_response(struct rtsp_state *state, struct bytes first,
                          struct rtsp_response *response,
                          struct event_list *events)
{
    uint64_t status;

    (void)dissect_take_word(&first); /* The version, looked at before. */
    if (!bytes_to_number(dissect_take_word(&first), 999, &status))
        return false;
    response->status = (uint16_t)status;
    response->reason = first;
    if (status == 401)
        kept_login_close(&state->login, "failure", events);
    else if (status / 100 == 2)
        kept_login_close(&state->login, "success", events);
    show(state, events, response);
    return true;
}

static bool is_response(struct bytes line)
{
    return bytes_start_with(line, bytes_of_text("RTSP/"));
}

/* METHOD SP URL SP RTSP/1.0 */
static bool is_request(struct bytes line)
{
    struct bytes method = dissect_take_word(&line);
    struct bytes url = dissect_take_word(&line);

    return dissect_is_word(method) && dissect_is_word(url) &&
           is_response(line);
}

static struct dissect_result feed_message(struct rtsp_state *state,
                                          const struct dissect_input *input,
                                          struct event_list *events)
{
    struct bytes rest = input->data;
    struct bytes first;
    uint64_t body_size;
    size_t head_size = dissect_head_size(input->data);

    if (head_size == 0)
        return input->data.size > RTSP_HEAD_MAX
                   ? dissect_malformed("rtsp_head_too_long")
                   : dissect_more(0);
    struct bytes head = bytes_slice(input->data, 0, head_size);
    if (dissect_take_line(&rest, RTSP_FIRST_LINE_MAX, &first) != LINE_WHOLE)
        return dissect_malformed("rtsp_line_too_long");
    if (!dissect_content_length(head, &body_size))
        return dissect_malformed("rtsp_bad_content_length");
    size_t waited = body_size <= RTSP_BODY_MAX ? (size_t)body_size : 0;
    if (input->data.size - head_size < waited)
        return dissect_more(head_size + waited);

    struct rtsp_response response = {
        .head = head,
        .body = bytes_slice(input->data, head_size, waited),
    };
    if (is_request(first))
        read_request(state, first, head, events);
    else if (!is_response(first) ||
             !read_response(state, first, &response, events))
        return dissect_malformed("rtsp_bad_first_line");
    state->skip[input->side] = (uint32_t)(body_size - waited);
    return dissect_done(head_size + waited);
}

static struct dissect_result feed_media(struct rtsp_state *state,
                                        const struct dissect_input *input)
{
    struct reader r = reader_of(input->data);

    reader_skip(&r, 2);
    uint16_t size = reader_u16(&r);
    if (!reader_ok(&r))
        return dissect_more(4);
    state->skip[input->side] = size;
    return dissect_done(4);
}

static struct dissect_result rtsp_feed(void *memory,
                                       const struct dissect_input *input,
                                       struct event_list *events)
{
    struct rtsp_state *state = memory;
    uint32_t *skip = &state->skip[input->side];

    if (input->end && input->side == FLOW_RESPONDER) {
        kept_login_close(&state->login, "unknown", events);
        if (state->is_pending && input->data.size == 0)
            show(state, events, NULL);
    }
    if (input->gap > *skip)
        return dissect_finished();
    *skip -= (uint32_t)input->gap;
    if (*skip > 0) {
        size_t used =
            input->data.size < *skip ? input->data.size : (size_t)*skip;
        *skip -= (uint32_t)used;
        return dissect_done(used);
    }
    if (input->data.size == 0)
        return dissect_done(0);
    if (bytes_start_with(input->data, bytes_of("$", 1)))
        return feed_media(state, input);
    /* Clients send an empty line now and then to keep the way open. */
    if (bytes_start_with(input->data, bytes_of("\r\n", 2)))
        return dissect_done(2);
    return feed_message(state, input, events);
}

static enum dissect_verdict rtsp_recognise(const struct dissect_input *input)
{
    struct bytes rest = input->data;
    struct bytes line;

    switch (dissect_take_line(&rest, RTSP_FIRST_LINE_MAX, &line)) {
    case LINE_WHOLE:
        return is_request(line) || is_response(line) ? DISSECT_DONE
                                                     : DISSECT_NOT_MINE;
    case LINE_PARTIAL:
        return dissect_is_text(rest) ? DISSECT_MORE : DISSECT_NOT_MINE;
    case LINE_TOO_LONG:
        break;
    }
    return DISSECT_NOT_MINE;
}

static const uint16_t rtsp_ports[] = { 554, 8554, 0 };

const struct dissector rtsp_dissector = {
    .name = "rtsp",
    .transport = IP_PROTOCOL_TCP,
    .ports = rtsp_ports,
    .state_size = sizeof(struct rtsp_state),
    .recognise = rtsp_recognise,
    .feed = rtsp_feed,
};
