/* SPDX-License-Identifier: Apache-2.0 */
#include "dissect/http_message.h"

#include "base/reader.h"

enum { METHOD_SIZE_MAX = 32, VERSION_SIZE = 8, STATUS_SIZE = 3 };

static const char version_start[] = "HTTP/1.";

/* tchar of RFC 9110 section 5.6.2, a bit each. */
static bool is_token_char(uint8_t c)
{
    static const uint32_t allowed[8] = { 0x00000000, 0x03ff6cfa, 0xc7fffffe,
                                         0x57ffffff, 0, 0, 0, 0 };
    return allowed[c / 32] >> (c % 32) & 1;
}

size_t http_head_size(struct bytes data, size_t *scanned)
{
    size_t at = *scanned;

    while (at < data.size) {
        struct bytes rest = bytes_slice(data, at, data.size);
        size_t line = bytes_find_byte(rest, '\n');
        if (line == rest.size)
            return 0;
        struct bytes next = bytes_slice(rest, line + 1, 2);
        if (next.size > 0 && next.data[0] == '\n')
            return at + line + 2;
        if (next.size > 1 && next.data[0] == '\r' && next.data[1] == '\n')
            return at + line + 3;
        if (next.size == 0 || (next.size == 1 && next.data[0] == '\r'))
            return 0; /* The empty line may be coming. */
        at += line + 1;
        *scanned = at;
    }
    return 0;
}

/* A token, a space, and then the start of a target. */
/* The last word of a request line is the version; devices also write such as
 * HTTP/1.0.8, which servers take for 1.0. */
static struct bytes last_word(struct bytes words)
{
    size_t at = words.size;

    while (at > 0 && words.data[at - 1] != ' ')
        at--;
    return bytes_slice(words, at, words.size);
}

static enum http_start request_start(struct bytes data)
{
    size_t size = 0;

    while (size < data.size && is_token_char(data.data[size]))
        size++;
    if (size > METHOD_SIZE_MAX)
        return HTTP_START_NO;
    if (size == data.size)
        return HTTP_START_MAYBE;
    if (size == 0 || data.data[size] != ' ')
        return HTTP_START_NO;
    struct bytes rest = bytes_slice(data, size + 1, HTTP_LINE_MAX);
    size_t line = bytes_find_byte(rest, '\n');
    if (line == rest.size)
        return rest.size < HTTP_LINE_MAX ? HTTP_START_MAYBE : HTTP_START_NO;
    struct bytes words = bytes_trim(bytes_slice(rest, 0, line));
    struct bytes version = last_word(words);
    return version.size >= VERSION_SIZE && version.size < words.size &&
                   bytes_start_with(version, bytes_of_text(version_start))
               ? HTTP_START_YES
               : HTTP_START_NO;
}

enum http_start http_start_of(struct bytes data)
{
    struct bytes start = bytes_of_text(version_start);

    if (bytes_start_with(data, start))
        return HTTP_START_YES;
    if (bytes_start_with(start, data))
        return HTTP_START_MAYBE;
    return request_start(data);
}

static const struct {
    const char *name;
    size_t size;
} text_names[HTTP_TEXT_COUNT] = {
    [HTTP_TEXT_HOST] = { "host", 4 },
    [HTTP_TEXT_USER_AGENT] = { "user-agent", 10 },
    [HTTP_TEXT_REFERER] = { "referer", 7 },
    [HTTP_TEXT_CONTENT_TYPE] = { "content-type", 12 },
    [HTTP_TEXT_CONTENT_ENCODING] = { "content-encoding", 16 },
    [HTTP_TEXT_SOAP_ACTION] = { "soapaction", 10 },
    [HTTP_TEXT_AUTHORIZATION] = { "authorization", 13 },
    [HTTP_TEXT_WWW_AUTHENTICATE] = { "www-authenticate", 16 },
    [HTTP_TEXT_SERVER] = { "server", 6 },
    [HTTP_TEXT_LOCATION] = { "location", 8 },
};

static bool is_name(struct bytes name, const char *text)
{
    return bytes_equal_nocase(name, bytes_of_text(text));
}

/* RFC 9112 section 6.3: repeated with the same value is allowed. */
static bool set_length(struct http_head *head, struct bytes value)
{
    uint64_t length;

    if (!bytes_to_number(value, INT64_MAX, &length) ||
        (head->has_length && head->content_length != length))
        return false;
    head->has_length = true;
    head->content_length = length;
    return true;
}

/* A brace after the sign that makes it code: "${", "%{", "#{", "() {". */
static bool has_coded_brace(struct bytes value)
{
    for (size_t at = 0; at < value.size; at++) {
        at += bytes_find_byte(bytes_slice(value, at, value.size), '{');
        size_t sign = at;
        while (sign > 0 && value.data[sign - 1] == ' ')
            sign--;
        if (at == value.size || sign == 0)
            continue;
        uint8_t before = value.data[sign - 1];
        bool is_next = sign == at;
        if ((is_next && (before == '$' || before == '%' || before == '#')) ||
            (before == ')' && sign > 1 && value.data[sign - 2] == '('))
            return true;
    }
    return false;
}

/* What shells (backtick, "$(", a function), Log4j ("${") and the expression
 * languages of Java ("%{", "#{") would run, and no header needs. */
static bool holds_code(struct bytes value)
{
    size_t dollar = bytes_find_byte(value, '$');

    return has_coded_brace(value) ||
           bytes_find_byte(value, '`') < value.size ||
           bytes_start_with(bytes_slice(value, dollar, value.size),
                            bytes_of_text("$("));
}

static bool take_field(struct http_head *head, struct bytes name,
                       struct bytes value)
{
    if (is_name(name, "content-length"))
        return set_length(head, value);
    if (is_name(name, "transfer-encoding")) {
        head->is_chunked = bytes_end_with_nocase(value,
                                                 bytes_of_text("chunked"));
        return true;
    }
    for (size_t i = 0; i < HTTP_TEXT_COUNT; i++) {
        if (name.size != text_names[i].size ||
            !is_name(name, text_names[i].name))
            continue;
        if (head->text[i].size == 0) /* The first stands. */
            head->text[i] = value;
        break;
    }
    return true;
}

static const char *parse_fields(struct reader *r, struct http_head *head)
{
    size_t count = 0;

    while (reader_left(r) > 0) {
        struct bytes line = reader_line(r, HTTP_LINE_MAX);
        if (!reader_ok(r))
            return "http_line_too_long";
        if (line.size == 0)
            return NULL;
        if (++count > HTTP_FIELD_COUNT_MAX)
            return "http_too_many_headers";
        size_t colon = bytes_find_byte(line, ':');
        if (colon == line.size)
            continue; /* Devices send such lines; servers pass over them. */
        struct bytes name = bytes_slice(line, 0, colon);
        struct bytes value = bytes_slice(line, colon + 1, line.size);
        if (!head->is_response && head->code.size == 0 && holds_code(value))
            head->code = line;
        if (!take_field(head, bytes_trim(name), bytes_trim(value)))
            return "http_invalid_content_length";
    }
    return NULL;
}

/* HTTP/1.1 200 OK */
static const char *parse_status(struct bytes line, struct http_head *head)
{
    uint64_t status;

    head->is_response = true;
    head->version = bytes_slice(line, 0, VERSION_SIZE);
    struct bytes rest = bytes_trim(bytes_slice(line, VERSION_SIZE, 8));
    if (!bytes_to_number(bytes_slice(rest, 0, STATUS_SIZE), 999, &status) ||
        status < 100)
        return "http_malformed_status";
    head->status = (uint16_t)status;
    return NULL;
}

/* GET /index.html HTTP/1.1; a target with spaces in it is tolerated. */
static const char *parse_request(struct bytes line, struct http_head *head)
{
    size_t space = bytes_find_byte(line, ' ');
    struct bytes rest = bytes_trim(bytes_slice(line, space, line.size));
    struct bytes version = last_word(rest);

    if (http_start_of(line) == HTTP_START_NO || space == line.size ||
        version.size == rest.size || version.size < VERSION_SIZE)
        return "http_malformed_request";
    head->method = bytes_slice(line, 0, space);
    head->version = version;
    head->target = bytes_trim(bytes_slice(rest, 0, rest.size - version.size));
    if (!bytes_start_with(version, bytes_of_text(version_start)))
        return "http_malformed_request";
    return NULL;
}

const char *http_head_parse(struct bytes data, struct http_head *head)
{
    struct reader r = reader_of(data);
    struct http_head parsed = { 0 };
    struct bytes line = reader_line(&r, HTTP_LINE_MAX);

    if (!reader_ok(&r))
        return "http_line_too_long";
    bool is_response = bytes_start_with(line, bytes_of_text(version_start));
    const char *anomaly = is_response ? parse_status(line, &parsed)
                                      : parse_request(line, &parsed);
    if (!anomaly)
        anomaly = parse_fields(&r, &parsed);
    if (!anomaly)
        *head = parsed;
    return anomaly;
}

/* Hexadecimal size, then extensions after ';' (RFC 9112 section 7.1). */
static bool chunk_size(struct bytes line, uint64_t *size)
{
    struct bytes digits =
        bytes_trim(bytes_slice(line, 0, bytes_find_byte(line, ';')));
    uint64_t value = 0;

    if (digits.size == 0 || digits.size > 15)
        return false;
    for (size_t i = 0; i < digits.size; i++) {
        uint8_t c = digits.data[i];
        uint8_t lower = c | 0x20;
        if (c >= '0' && c <= '9')
            value = value << 4 | (uint64_t)(c - '0');
        else if (lower >= 'a' && lower <= 'f')
            value = value << 4 | (uint64_t)(lower - 'a' + 10);
        else
            return false;
    }
    *size = value;
    return true;
}

static size_t skip_counted(struct http_body *body, struct bytes data,
                           enum http_phase then, struct bytes *content)
{
    size_t used = data.size < body->left ? data.size : (size_t)body->left;

    *content = bytes_slice(data, 0, used);
    body->left -= used;
    if (body->left == 0)
        body->phase = (uint8_t)then;
    return used;
}

/* One line of the framing: a chunk's size, its end, or a trailer field. */
static size_t step_line(struct http_body *body, struct bytes data)
{
    struct reader r = reader_of(data);
    struct bytes line = reader_line(&r, HTTP_CHUNK_LINE_MAX);

    if (!reader_ok(&r))
        return data.size < HTTP_CHUNK_LINE_MAX ? 0 : SIZE_MAX;
    if (body->phase == HTTP_PHASE_CHUNK_END) {
        body->phase = HTTP_PHASE_CHUNK_LINE;
        return line.size == 0 ? data.size - reader_left(&r) : SIZE_MAX;
    }
    if (body->phase == HTTP_PHASE_TRAILER) {
        if (line.size == 0)
            body->phase = HTTP_PHASE_HEAD;
        return data.size - reader_left(&r);
    }
    if (!chunk_size(line, &body->left))
        return SIZE_MAX;
    body->phase = body->left > 0 ? HTTP_PHASE_CHUNK : HTTP_PHASE_TRAILER;
    return data.size - reader_left(&r);
}

size_t http_body_step(struct http_body *body, struct bytes data,
                      struct bytes *content)
{
    *content = (struct bytes){ 0 };
    switch ((enum http_phase)body->phase) {
    case HTTP_PHASE_COUNTED:
        return skip_counted(body, data, HTTP_PHASE_HEAD, content);
    case HTTP_PHASE_CHUNK:
        return skip_counted(body, data, HTTP_PHASE_CHUNK_END, content);
    case HTTP_PHASE_UNTIL_CLOSE:
        *content = data;
        return data.size;
    case HTTP_PHASE_CHUNK_LINE:
    case HTTP_PHASE_CHUNK_END:
    case HTTP_PHASE_TRAILER:
        return step_line(body, data);
    case HTTP_PHASE_HEAD:
        break;
    }
    return SIZE_MAX;
}

bool http_body_skip(struct http_body *body, uint64_t gap)
{
    struct bytes nothing;

    if (body->phase == HTTP_PHASE_UNTIL_CLOSE)
        return true;
    if ((body->phase != HTTP_PHASE_COUNTED &&
         body->phase != HTTP_PHASE_CHUNK) ||
        gap > body->left)
        return false;
    body->left -= gap;
    if (body->left == 0)
        (void)http_body_step(body, (struct bytes){ 0 }, &nothing);
    return true;
}
