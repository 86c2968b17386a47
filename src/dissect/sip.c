/* SPDX-License-Identifier: Apache-2.0 */

/*
 * SIP (RFC 3261) over UDP and TCP: one event for each message. A request with
 * Authorization opens a login; the final response with its CSeq closes it.
 */
#include "dissect/dissector.h"

#include "base/reader.h"
#include "dissect/kept.h"
#include "dissect/lines.h"

enum {
    SIP_HEAD_MAX = 16384, /* Bytes of a head that are waited for. */
    SIP_FIRST_LINE_MAX = 1024,
};

struct sip_state {
    struct kept_login login;
    uint32_t skip[2]; /* Of a body, by side. */
    uint32_t cseq;    /* Of the request that opened the login. */
};

static bool is_response(struct bytes line)
{
    return bytes_start_with(line, bytes_of_text("SIP/2.0 "));
}

/* METHOD SP URI SP SIP/2.0 (section 7.1) */
static bool is_request(struct bytes line)
{
    struct bytes method = dissect_take_word(&line);
    struct bytes uri = dissect_take_word(&line);

    return dissect_is_word(method) && dissect_is_word(uri) &&
           bytes_equal(line, bytes_of_text("SIP/2.0"));
}

static uint32_t cseq_of(struct bytes head)
{
    struct bytes value = dissect_header(head, "CSeq", NULL);
    uint64_t number = 0;

    if (!bytes_to_number(dissect_take_word(&value), UINT32_MAX, &number))
        return 0;
    return (uint32_t)number;
}

static void show_headers(struct event *event, struct bytes head)
{
    dissect_set_text(event, FIELD_SIP_FROM, dissect_header(head, "From", "f"));
    dissect_set_text(event, FIELD_SIP_TO, dissect_header(head, "To", "t"));
    dissect_set_text(event, FIELD_SIP_CALL_ID,
                     dissect_header(head, "Call-ID", "i"));
    dissect_set_text(event, FIELD_SIP_CSEQ,
                     dissect_header(head, "CSeq", NULL));
    struct bytes agent = dissect_header(head, "User-Agent", NULL);
    if (agent.size == 0)
        agent = dissect_header(head, "Server", NULL);
    dissect_set_text(event, FIELD_SIP_USER_AGENT, agent);
}

/* A part for rules; a message is a transaction of its own. */
static void show_part(const struct dissect_input *input, enum view_id id,
                      struct bytes text)
{
    if (input->views && text.size > 0)
        view_add_text(input->views, id, input->side,
                      dissect_transaction(input), text);
}

static void show_parts(const struct dissect_input *input, struct bytes line,
                       struct bytes head)
{
    static const struct {
        enum view_id id;
        const char *name;
        const char *short_name;
    } fields[] = {
        { VIEW_SIP_FROM, "From", "f" },
        { VIEW_SIP_TO, "To", "t" },
        { VIEW_SIP_VIA, "Via", "v" },
        { VIEW_SIP_USER_AGENT, "User-Agent", NULL },
        { VIEW_SIP_CONTENT_TYPE, "Content-Type", "c" },
        { VIEW_SIP_CONTENT_LENGTH, "Content-Length", "l" },
    };
    bool is_answer = is_response(line);
    struct bytes whole = line;

    if (!input->views)
        return;
    show_part(input, is_answer ? VIEW_SIP_RESPONSE_LINE
                               : VIEW_SIP_REQUEST_LINE, whole);
    if (is_answer) {
        show_part(input, VIEW_SIP_PROTOCOL, dissect_take_word(&line));
        show_part(input, VIEW_SIP_STAT_CODE, dissect_take_word(&line));
        show_part(input, VIEW_SIP_STAT_MSG, line);
    } else {
        show_part(input, VIEW_SIP_METHOD, dissect_take_word(&line));
        show_part(input, VIEW_SIP_URI, dissect_take_word(&line));
        show_part(input, VIEW_SIP_PROTOCOL, line);
    }
    for (size_t i = 0; i < COUNT_OF(fields); i++)
        show_part(input, fields[i].id,
                  dissect_header(head, fields[i].name, fields[i].short_name));
    view_end(input->views, input->side, dissect_transaction(input));
    view_end(input->views, !input->side, dissect_transaction(input));
}

static void read_request(struct sip_state *state, struct bytes line,
                         struct bytes head, struct event_list *events)
{
    struct event *event = event_new(events, EVENT_SIP);
    struct authorization authorization;
    struct bytes value = dissect_header(head, "Authorization", NULL);

    event_set_text(event, FIELD_SIP_METHOD, dissect_take_word(&line));
    event_set_text(event, FIELD_SIP_URI, dissect_take_word(&line));
    event_set_text(event, FIELD_SIP_VERSION, line);
    show_headers(event, head);
    if (value.size == 0)
        value = dissect_header(head, "Proxy-Authorization", NULL);
    if (authorization_parse(value, events->arena, &authorization)) {
        kept_login_open(&state->login, "sip", &authorization);
        state->cseq = cseq_of(head);
    }
}

static void close_login(struct sip_state *state, uint64_t code,
                        struct bytes head, struct event_list *events)
{
    if (code < 200 || cseq_of(head) != state->cseq)
        return;
    if (code < 300)
        kept_login_close(&state->login, "success", events);
    else if (code == 401 || code == 403 || code == 407)
        kept_login_close(&state->login, "failure", events);
}

static bool read_response(struct sip_state *state, struct bytes line,
                          struct bytes head, struct event_list *events)
{
    uint64_t code;
    struct bytes version = dissect_take_word(&line);

    if (!bytes_to_number(dissect_take_word(&line), 999, &code))
        return false;
    struct event *event = event_new(events, EVENT_SIP);
    event_set_text(event, FIELD_SIP_VERSION, version);
    event_set_number(event, FIELD_SIP_CODE, code);
    dissect_set_text(event, FIELD_SIP_REASON, line);
    show_headers(event, head);
    close_login(state, code, head, events);
    return true;
}

/* The head of one message at the front of `data`; null or an anomaly. */
static const char *read_head(struct sip_state *state, struct bytes head,
                             const struct dissect_input *input,
                             struct event_list *events)
{
    struct bytes rest = head;
    struct bytes line;

    if (dissect_take_line(&rest, SIP_FIRST_LINE_MAX, &line) != LINE_WHOLE)
        return "sip_line_too_long";
    if (is_request(line) || is_response(line))
        show_parts(input, line, head);
    if (is_request(line)) {
        read_request(state, line, head, events);
        return NULL;
    }
    if (is_response(line) && read_response(state, line, head, events))
        return NULL;
    return "sip_bad_first_line";
}

/* RFC 5626 section 3.5.1 and what devices send to keep a NAT's way open. */
static size_t keepalive_size(struct bytes data)
{
    struct reader r = reader_of(data);
    size_t size = 0;

    while (reader_left(&r) > 0) {
        uint8_t byte = reader_u8(&r);
        if (byte != '\r' && byte != '\n' && byte != 0)
            break;
        size++;
    }
    return size;
}

static struct dissect_result sip_feed(void *memory,
                                      const struct dissect_input *input,
                                      struct event_list *events)
{
    size_t size = keepalive_size(input->data);

    if (size == input->data.size || input->data.size <= 4)
        return dissect_done(input->data.size);
    struct bytes data = bytes_slice(input->data, size, SIZE_MAX);
    size_t head_size = dissect_head_size(data);
    const char *anomaly =
        read_head(memory, head_size ? bytes_slice(data, 0, head_size) : data,
                  input, events);
    if (!anomaly && head_size == 0)
        anomaly = "sip_truncated";
    return anomaly ? dissect_malformed(anomaly)
                   : dissect_done(input->data.size);
}

static struct dissect_result feed_stream(struct sip_state *state,
                                         const struct dissect_input *input,
                                         struct event_list *events)
{
    uint64_t body_size;
    size_t before = keepalive_size(input->data);
    size_t head_size = dissect_head_size(input->data);

    if (before > 0 || input->data.size == 0)
        return dissect_done(before);
    if (head_size == 0)
        return input->data.size > SIP_HEAD_MAX
                   ? dissect_malformed("sip_head_too_long")
                   : dissect_more(0);
    struct bytes head = bytes_slice(input->data, 0, head_size);
    if (!dissect_content_length(head, &body_size))
        return dissect_malformed("sip_bad_content_length");
    const char *anomaly = read_head(state, head, input, events);
    if (anomaly)
        return dissect_malformed(anomaly);
    state->skip[input->side] = (uint32_t)body_size;
    return dissect_done(head_size);
}

static struct dissect_result sip_tcp_feed(void *memory,
                                          const struct dissect_input *input,
                                          struct event_list *events)
{
    struct sip_state *state = memory;
    uint32_t *skip = &state->skip[input->side];

    if (input->gap > *skip)
        return dissect_finished();
    *skip -= (uint32_t)input->gap;
    if (*skip == 0)
        return feed_stream(state, input, events);
    size_t used = input->data.size < *skip ? input->data.size : (size_t)*skip;
    *skip -= (uint32_t)used;
    return dissect_done(used);
}

static enum dissect_verdict sip_recognise(const struct dissect_input *input)
{
    struct bytes rest = input->data;
    struct bytes line;

    switch (dissect_take_line(&rest, SIP_FIRST_LINE_MAX, &line)) {
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

static const uint16_t sip_ports[] = { 5060, 0 };

const struct dissector sip_dissector = {
    .name = "sip",
    .transport = IP_PROTOCOL_UDP,
    .ports = sip_ports,
    .state_size = sizeof(struct sip_state),
    .recognise = sip_recognise,
    .feed = sip_feed,
};

const struct dissector sip_tcp_dissector = {
    .name = "sip",
    .transport = IP_PROTOCOL_TCP,
    .ports = sip_ports,
    .state_size = sizeof(struct sip_state),
    .recognise = sip_recognise,
    .feed = sip_tcp_feed,
};
