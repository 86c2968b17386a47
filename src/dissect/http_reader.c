/* SPDX-License-Identifier: Apache-2.0 */
#include "dissect/http_reader.h"

#include <string.h>

enum { STATUS_CONTINUE = 100, STATUS_SWITCHING = 101 };

void http_reader_anomaly(struct http_turn *turn, const char *name)
{
    view_note(turn->input->views, name);
}

/* What was kept of this text and `data`, in one piece. */
static struct bytes gather(struct http_turn *turn, struct bytes data)
{
    struct view_text *text = &turn->side->text;

    if (text->size == 0)
        return data;
    uint8_t *all = arena_allocate(turn->input->arena,
                                  text->size + data.size + 1);
    view_text_copy(text, all);
    if (data.size > 0)
        memcpy(all + text->size, data.data, data.size);
    struct bytes whole = bytes_of(all, text->size + data.size);
    view_text_clear(turn->input->view_memory, text);
    return whole;
}

/* Keep `data` until more comes; a text that is too long is given up. */
static void wait(struct http_turn *turn, struct bytes data)
{
    struct http_reader_side *side = turn->side;
    struct view_memory *memory = turn->input->view_memory;

    view_text_add(memory, &side->text, data);
    if (!side->text.is_cut)
        return;
    view_text_clear(memory, &side->text);
    side->phase = HTTP_READ_LOST;
    http_reader_anomaly(turn, turn->is_response
                                  ? "http_response_field_too_long"
                                  : "http_request_field_too_long");
}

static void begin_message(struct http_turn *turn)
{
    struct http_reader_side *side = turn->side;

    side->phase = HTTP_READ_LINE;
    side->scan = (struct http_scan){ 0 };
    side->line_size = 0;
}

/* This side of the transaction is over. */
static void finish(struct http_turn *turn)
{
    http_content_end(turn);
    view_end(turn->input->views, turn->input->side, turn->side->transaction);
    turn->side->transaction++;
    turn->side->has_interim = false;
    begin_message(turn);
}

static bool is_space(uint8_t c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

static bool is_empty(struct bytes line)
{
    for (size_t i = 0; i < line.size; i++)
        if (!is_space(line.data[i]))
            return false;
    return true;
}

/* A status line begins with HTTP, perhaps after blanks and zeros; what does
 * not is content, as browsers take it. */
static bool is_status_line(struct bytes line)
{
    size_t at = 0;

    while (at < line.size && (is_space(line.data[at]) || line.data[at] == 0))
        at++;
    return bytes_start_with_nocase(bytes_slice(line, at, 4),
                                   bytes_of_text("HTTP"));
}

static bool ring_has(uint64_t ring, uint32_t transaction)
{
    return ring >> (transaction % HTTP_METHOD_RING) & 1;
}

static void ring_set(uint64_t *ring, uint32_t transaction, bool is_set)
{
    uint64_t bit = 1ull << (transaction % HTTP_METHOD_RING);

    *ring = is_set ? *ring | bit : *ring & ~bit;
}

/* Digits, wherever in the value they begin; false without any. */
static bool read_length(struct bytes value, uint64_t *length)
{
    size_t at = 0;
    uint64_t number = 0;

    while (at < value.size && (value.data[at] < '0' || value.data[at] > '9'))
        at++;
    if (at == value.size)
        return false;
    while (at < value.size && value.data[at] >= '0' &&
           value.data[at] <= '9' && number < (uint64_t)INT64_MAX / 16)
        number = number * 10 + (uint64_t)(value.data[at++] - '0');
    *length = number;
    return true;
}

/* How the body goes by its fields; false when there is none. */
static bool take_framing(struct http_turn *turn,
                         const struct http_message *message)
{
    struct http_reader_side *side = turn->side;
    bool has_coding;
    bool has_length;
    struct bytes coding = http_fields_get(&message->fields,
                                          "transfer-encoding", &has_coding);
    struct bytes length =
        http_fields_get(&message->fields, "content-length", &has_length);

    if (has_coding && http_has_word(coding, "chunked")) {
        side->phase = HTTP_READ_CHUNK_LINE;
        return true;
    }
    if (has_length && read_length(length, &side->left)) {
        side->phase = HTTP_READ_COUNTED;
        return side->left > 0;
    }
    if (has_length)
        http_reader_anomaly(turn, "http_invalid_content_length");
    side->phase = HTTP_READ_UNTIL_CLOSE;
    return turn->is_response;
}

/* What is odd about a request, by Suricata's names. */
static void note_request(struct http_turn *turn,
                         const struct http_message *message)
{
    bool has_host;
    bool has_login;
    struct bytes login = http_fields_get(&message->fields, "authorization",
                                         &has_login);

    (void)http_fields_get(&message->fields, "host", &has_host);
    if (message->protocol.size == 0 && message->fields.count > 0)
        http_reader_anomaly(turn, "http_request_line_missing_protocol");
    if (!has_host && http_is_word(message->protocol, "http/1.1"))
        http_reader_anomaly(turn, "http_missing_host_header");
    if (has_login && !http_has_word(login, "basic") &&
        !http_has_word(login, "digest") && !http_has_word(login, "bearer"))
        http_reader_anomaly(turn, "http_request_auth_unrecognized");
}

static void take_request(struct http_turn *turn,
                         const struct http_message *message)
{
    struct http_reader *reader = turn->reader;
    uint32_t transaction = turn->side->transaction;
    bool is_connect = http_is_word(message->method, "connect");

    note_request(turn, message);
    ring_set(&reader->heads, transaction,
             http_is_word(message->method, "head"));
    ring_set(&reader->connects, transaction, is_connect);
    http_views_request(turn, message);
    http_content_begin(turn, message);
    if (!take_framing(turn, message))
        finish(turn);
}

static unsigned status_of(const struct http_message *message)
{
    uint64_t status;

    return bytes_to_number(message->status, 999, &status) ? (unsigned)status
                                                          : 0;
}

/* 100 Continue before the response; one with a body is the response. */
static bool is_interim(const struct http_message *message)
{
    bool has_coding;
    bool has_length;
    uint64_t length = 0;

    (void)http_fields_get(&message->fields, "transfer-encoding",
                          &has_coding);
    struct bytes value =
        http_fields_get(&message->fields, "content-length", &has_length);
    if (has_length && !read_length(value, &length))
        length = 0;
    return status_of(message) == STATUS_CONTINUE && !has_coding &&
           length == 0;
}

/* RFC 9112 section 6.3; but what has a length in spite of that is read. */
static bool has_no_body(const struct http_turn *turn,
                        const struct http_message *message)
{
    unsigned status = status_of(message);
    bool has_coding;
    bool has_length;

    if (ring_has(turn->reader->heads, turn->side->transaction))
        return true;
    if (status / 100 != 1 && status != 204 && status != 304)
        return false;
    (void)http_fields_get(&message->fields, "transfer-encoding",
                          &has_coding);
    (void)http_fields_get(&message->fields, "content-length", &has_length);
    return !has_coding && !has_length;
}

static void take_response(struct http_turn *turn,
                          const struct http_message *message)
{
    struct http_reader *reader = turn->reader;
    uint32_t transaction = turn->side->transaction;
    unsigned status = status_of(message);
    bool is_tunnel = status / 100 == 2 &&
                     ring_has(reader->connects, transaction);

    if (is_interim(message)) {
        begin_message(turn);
        return;
    }
    http_views_response(turn, message);
    http_content_begin(turn, message);
    if (is_tunnel ||
        (status == STATUS_SWITCHING && has_no_body(turn, message))) {
        finish(turn);
        reader->sides[0].phase = HTTP_READ_TUNNEL;
        reader->sides[1].phase = HTTP_READ_TUNNEL;
        return;
    }
    if (has_no_body(turn, message) || !take_framing(turn, message))
        finish(turn);
}

static void take_head(struct http_turn *turn, struct bytes head)
{
    struct http_reader_side *side = turn->side;
    struct http_message message = {
        .line = http_chomp(bytes_slice(head, 0, side->line_size)),
        .raw = bytes_slice(head, side->line_size, head.size),
    };

    http_fields_read(&message.fields, message.raw, turn->is_response,
                     turn->input->arena);
    if (message.fields.is_cut)
        http_reader_anomaly(turn, "http_too_many_headers");
    if (message.fields.has_two_lengths)
        http_reader_anomaly(
            turn, turn->is_response
                      ? "http_duplicate_content_length_field_in_response"
                      : "http_duplicate_content_length_field_in_request");
    http_message_split(&message, turn->is_response);
    side->left = 0;
    if (turn->is_response)
        take_response(turn, &message);
    else
        take_request(turn, &message);
}

/* Does the rest of a request without a version look like fields? Then it was
 * only forgotten. */
static bool looks_like_field(struct bytes data)
{
    size_t at = 0;

    while (at < data.size && data.data[at] > ' ' && data.data[at] != ':' &&
           data.data[at] < 0x7f)
        at++;
    return at > 0 && at < data.size && data.data[at] == ':';
}

/* HTTP/0.9: the line is all. */
static bool is_all(const struct http_turn *turn, struct bytes line,
                   struct bytes rest)
{
    struct http_message message = { .line = line };

    if (turn->is_response)
        return false;
    http_message_split(&message, false);
    return message.protocol.size == 0 && !looks_like_field(rest);
}

/* A first line that is none. In a response it is passed over when a status
 * line follows at once; else it and all that follows is content. */
static bool take_other(struct http_turn *turn, struct bytes line,
                       struct bytes whole)
{
    struct bytes rest = bytes_slice(whole, turn->side->line_size, whole.size);

    if (is_empty(line))
        return true;
    if (!turn->is_response || is_status_line(line))
        return false;
    if (rest.size > 0 && rest.data[0] == 'H')
        return true;
    struct http_message none = { 0 };
    http_content_begin(turn, &none);
    turn->side->phase = HTTP_READ_UNTIL_CLOSE;
    http_content_add(turn, bytes_slice(whole, 0, turn->side->line_size));
    return true;
}

/* Answers how many bytes of `data` were used. */
static size_t read_line(struct http_turn *turn, struct bytes data)
{
    struct http_reader_side *side = turn->side;
    uint32_t before = side->text.size;
    size_t used = http_scan_line(&side->scan, data, turn->is_response);
    bool is_over = used == SIZE_MAX && turn->input->end;

    if (used == SIZE_MAX && !is_over) {
        wait(turn, data);
        return data.size;
    }
    used = is_over ? data.size : used;
    struct bytes whole = gather(turn, data);
    side->scan = (struct http_scan){ 0 };
    side->line_size = (uint32_t)(before + used);
    struct bytes line = http_chomp(bytes_slice(whole, 0, side->line_size));
    if (take_other(turn, line, whole))
        return used;
    struct bytes first = bytes_slice(whole, 0, side->line_size);
    if (is_over || is_all(turn, line,
                          bytes_slice(data, used, data.size))) {
        take_head(turn, first);
        return used;
    }
    side->phase = HTTP_READ_FIELDS;
    wait(turn, first);
    return used;
}

static size_t read_fields(struct http_turn *turn, struct bytes data)
{
    struct http_reader_side *side = turn->side;
    size_t used = http_scan_fields(&side->scan, data, turn->is_response);

    if (used == SIZE_MAX && !turn->input->end) {
        wait(turn, data);
        return data.size;
    }
    used = used == SIZE_MAX ? data.size : used;
    take_head(turn, gather(turn, bytes_slice(data, 0, used)));
    return used;
}

static int hexadecimal(uint8_t c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* RFC 9112 section 7.1, with blanks around and anything after the digits.
 * False when it does not begin with one. */
static bool read_chunk_size(struct bytes line, uint64_t *size)
{
    size_t at = 0;
    uint64_t value = 0;

    while (at < line.size && is_space(line.data[at]))
        at++;
    if (at == line.size || hexadecimal(line.data[at]) < 0)
        return false;
    for (; at < line.size && hexadecimal(line.data[at]) >= 0; at++)
        if (value < INT32_MAX)
            value = value * 16 + (uint64_t)hexadecimal(line.data[at]);
    *size = value;
    return value <= INT32_MAX;
}

/* It was said to be chunked and is not: content up to the end. */
static void take_unchunked(struct http_turn *turn, struct bytes data)
{
    http_reader_anomaly(turn, turn->is_response
                                  ? "http_invalid_response_chunk_len"
                                  : "http_invalid_request_chunk_len");
    turn->side->phase = HTTP_READ_UNTIL_CLOSE;
    http_content_add(turn, data);
}

static size_t read_chunk_line(struct http_turn *turn, struct bytes data)
{
    struct http_reader_side *side = turn->side;
    uint32_t before = side->text.size;
    size_t used = bytes_find_byte(data, '\n') + 1;
    bool is_whole = used <= data.size;

    used = is_whole ? used : data.size;
    struct bytes line = gather(turn, bytes_slice(data, 0, used));
    uint64_t size = 0;
    bool is_size = read_chunk_size(line, &size);
    if (is_whole && is_empty(line))
        return used;
    bool is_seen = is_whole || line.size >= HTTP_CHUNK_LINE_SEEN ||
                   turn->input->end;
    if ((is_seen && !is_size) || line.size > HTTP_CHUNK_LINE_SIZE) {
        (void)before;
        take_unchunked(turn, line);
        return used;
    }
    if (!is_whole) {
        wait(turn, line);
        return used;
    }
    side->left = size;
    side->scan = (struct http_scan){ 0 };
    side->phase = size > 0 ? HTTP_READ_CHUNK : HTTP_READ_TRAILER;
    return used;
}

static size_t read_trailer(struct http_turn *turn, struct bytes data)
{
    size_t used =
        http_scan_fields(&turn->side->scan, data, turn->is_response);

    if (used == SIZE_MAX)
        return data.size;
    finish(turn);
    return used;
}

/* More came than was said, and it is no message: browsers show it too. */
static size_t pass_on_rest(struct http_turn *turn, struct bytes rest)
{
    if (!turn->is_response || rest.size == 0 || is_empty(rest) ||
        is_status_line(rest))
        return 0;
    http_content_add(turn, rest);
    return rest.size;
}

static size_t read_counted(struct http_turn *turn, struct bytes data,
                           enum http_reader_phase then)
{
    struct http_reader_side *side = turn->side;
    size_t used = data.size < side->left ? data.size : (size_t)side->left;

    http_content_add(turn, bytes_slice(data, 0, used));
    side->left -= used;
    if (side->left > 0)
        return used;
    side->phase = (uint8_t)then;
    if (then != HTTP_READ_LINE)
        return used;
    used += pass_on_rest(turn, bytes_slice(data, used, data.size));
    finish(turn);
    return used;
}

/* A message begins, by its looks. */
static bool is_found(const struct http_turn *turn, struct bytes data)
{
    static const char *const methods[] = { "GET ", "POST ", "HEAD ", "PUT ",
                                           "OPTIONS ", "DELETE " };

    if (turn->is_response)
        return bytes_start_with(data, bytes_of_text("HTTP/1."));
    for (size_t i = 0; i < COUNT_OF(methods); i++)
        if (bytes_start_with(data, bytes_of_text(methods[i])))
            return true;
    return false;
}

static size_t read_lost(struct http_turn *turn, struct bytes data)
{
    if (!is_found(turn, data))
        return data.size;
    begin_message(turn);
    return 0;
}

static size_t skip_line(struct http_turn *turn, struct bytes data)
{
    size_t used = bytes_find_byte(data, '\n') + 1;

    if (used > data.size)
        return data.size;
    turn->side->phase = HTTP_READ_CHUNK_LINE;
    return used;
}

static size_t read_some(struct http_turn *turn, struct bytes data)
{
    switch ((enum http_reader_phase)turn->side->phase) {
    case HTTP_READ_LINE: return read_line(turn, data);
    case HTTP_READ_FIELDS: return read_fields(turn, data);
    case HTTP_READ_COUNTED: return read_counted(turn, data, HTTP_READ_LINE);
    case HTTP_READ_CHUNK_LINE: return read_chunk_line(turn, data);
    case HTTP_READ_CHUNK:
        return read_counted(turn, data, HTTP_READ_CHUNK_END);
    case HTTP_READ_CHUNK_END: return skip_line(turn, data);
    case HTTP_READ_TRAILER: return read_trailer(turn, data);
    case HTTP_READ_UNTIL_CLOSE: http_content_add(turn, data); break;
    case HTTP_READ_LOST: return read_lost(turn, data);
    case HTTP_READ_TUNNEL: break;
    }
    return data.size;
}

/* Bytes were lost: inside a body that is counted they are only missing. */
static void skip_gap(struct http_turn *turn, uint64_t gap)
{
    struct http_reader_side *side = turn->side;
    bool is_counted = side->phase == HTTP_READ_COUNTED ||
                      side->phase == HTTP_READ_CHUNK;

    if (gap == 0 || side->phase == HTTP_READ_TUNNEL)
        return;
    if ((is_counted && gap <= side->left) ||
        side->phase == HTTP_READ_UNTIL_CLOSE) {
        side->left -= is_counted ? gap : 0;
        side->shown += side->layer_count == 0 ? gap : 0;
        side->file_shown += side->layer_count == 0 ? gap : 0;
        if (is_counted && side->left == 0)
            (void)read_some(turn, (struct bytes){ 0 });
        return;
    }
    view_text_clear(turn->input->view_memory, &side->text);
    if (side->phase != HTTP_READ_LINE && side->phase != HTTP_READ_LOST)
        finish(turn);
    side->phase = HTTP_READ_LOST;
}

/* Nothing follows: what is there is all. */
static void take_end(struct http_turn *turn)
{
    struct http_reader_side *side = turn->side;

    if (side->text.size > 0)
        (void)read_some(turn, (struct bytes){ 0 });
    if (side->phase != HTTP_READ_LINE && side->phase != HTTP_READ_LOST &&
        side->phase != HTTP_READ_TUNNEL)
        finish(turn);
    side->phase = HTTP_READ_TUNNEL;
}

static void http_read(void *state, const struct dissect_input *input,
                      struct event_list *events)
{
    struct http_reader *reader = state;
    struct bytes data = input->data;

    if (!reader->knows_client && data.size > 0) {
        reader->knows_client = true;
        reader->client_side =
            (uint8_t)(is_status_line(data) ? !input->side : input->side);
    }
    bool is_response = (uint8_t)input->side != reader->client_side;
    struct http_turn turn = {
        .reader = reader,
        .side = &reader->sides[is_response],
        .input = input,
        .events = events,
        .is_response = is_response,
    };
    skip_gap(&turn, input->gap);
    while (data.size > 0)
        data = bytes_slice(data, read_some(&turn, data), data.size);
    if (input->end)
        take_end(&turn);
}

static void http_release(void *state, struct view_memory *memory)
{
    struct http_reader *reader = state;

    for (size_t i = 0; i < COUNT_OF(reader->sides); i++) {
        struct http_reader_side *side = &reader->sides[i];
        view_text_clear(memory, &side->text);
        http_content_release(side, memory);
    }
}

const struct view_reader http_view_reader = {
    .state_size = sizeof(struct http_reader),
    .read = http_read,
    .release = http_release,
};
