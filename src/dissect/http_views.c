/* SPDX-License-Identifier: Apache-2.0 */

/*
 * The parts of an HTTP head by the names rules know them by. What each holds
 * is Suricata's (user guide, "HTTP Keywords"): http.header has one line for
 * each field, cookies left out; http.header_names begins and ends with an
 * empty line; http.start is the first line and all fields.
 */
#include "dissect/http_reader.h"
#include "dissect/http_uri.h"

#include <string.h>

static bool is_space(uint8_t c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

static struct bytes trim(struct bytes text)
{
    size_t from = 0;

    while (from < text.size && is_space(text.data[from]))
        from++;
    while (text.size > from && is_space(text.data[text.size - 1]))
        text.size--;
    return bytes_slice(text, from, text.size - from);
}

/* The next word of `*rest`, which moves past it. */
static struct bytes take_word(struct bytes *rest)
{
    struct bytes text = trim(*rest);
    size_t size = 0;

    while (size < text.size && !is_space(text.data[size]))
        size++;
    *rest = bytes_slice(text, size, text.size);
    return bytes_slice(text, 0, size);
}

/* GET /a HTTP/1.1: the target ends at the first space, or without any at
 * whatever else is blank. */
static void split_request(struct http_message *message)
{
    struct bytes rest = message->line;

    message->method = take_word(&rest);
    rest = trim(rest);
    size_t end = bytes_find_byte(rest, ' ');
    for (size_t i = 0; end == rest.size && i < rest.size; i++)
        if (is_space(rest.data[i]))
            end = i;
    message->target = bytes_slice(rest, 0, end);
    message->protocol = trim(bytes_slice(rest, end, rest.size));
}

void http_message_split(struct http_message *message, bool is_response)
{
    struct bytes rest = message->line;

    if (!is_response) {
        split_request(message);
        return;
    }
    message->protocol = take_word(&rest);
    message->status = take_word(&rest);
    message->reason = trim(rest);
}

/* One view after the other of one side. */
struct showing {
    struct view_list *list;
    enum flow_side side;
    uint32_t transaction;
    const struct http_message *message;
    struct arena *arena;
};

static struct showing showing_of(const struct http_turn *turn,
                                 const struct http_message *message)
{
    return (struct showing){
        .list = turn->input->views,
        .side = turn->input->side,
        .transaction = turn->side->transaction,
        .message = message,
        .arena = turn->input->arena,
    };
}

static void show(const struct showing *showing, enum view_id id,
                 struct bytes data)
{
    view_add_text(showing->list, id, showing->side, showing->transaction,
                  data);
}

static void show_field(const struct showing *showing, enum view_id id,
                       const char *name)
{
    bool is_there;
    struct bytes value;

    if (!view_is_wanted(showing->list, id))
        return;
    value = http_fields_get(&showing->message->fields, name, &is_there);
    if (is_there)
        show(showing, id, value);
}

/* Text that is put together; there is room by construction. */
struct text {
    uint8_t *data;
    size_t size;
};

static void put(struct text *text, struct bytes part)
{
    if (part.size > 0)
        memcpy(text->data + text->size, part.data, part.size);
    text->size += part.size;
}

static void put_literal(struct text *text, const char *literal)
{
    put(text, bytes_of_text(literal));
}

/* Room for all fields, each with its colon and line end. */
static struct text text_for(const struct showing *showing, size_t more)
{
    const struct http_fields *fields = &showing->message->fields;
    size_t size = more + 8;

    for (size_t i = 0; i < fields->count; i++)
        size += fields->fields[i].name.size + fields->fields[i].value.size + 4;
    return (struct text){ .data = arena_allocate(showing->arena, size) };
}

static void put_field(struct text *text, const struct http_field *field)
{
    put(text, field->name);
    put_literal(text, ": ");
    put(text, field->value);
}

static bool is_cookie(const struct http_field *field)
{
    return http_is_word(field->name, "cookie") ||
           http_is_word(field->name, "set-cookie");
}

static void show_header(const struct showing *showing)
{
    const struct http_fields *fields = &showing->message->fields;

    if (!view_is_wanted(showing->list, VIEW_HTTP_HEADER))
        return;
    struct text text = text_for(showing, 0);
    for (size_t i = 0; i < fields->count; i++) {
        if (is_cookie(&fields->fields[i]))
            continue;
        put_field(&text, &fields->fields[i]);
        put_literal(&text, "\r\n");
    }
    if (text.size > 0)
        show(showing, VIEW_HTTP_HEADER, bytes_of(text.data, text.size));
}

static void show_names(const struct showing *showing)
{
    const struct http_fields *fields = &showing->message->fields;

    if (!view_is_wanted(showing->list, VIEW_HTTP_HEADER_NAMES) ||
        fields->count == 0)
        return;
    struct text text = text_for(showing, 0);
    put_literal(&text, "\r\n");
    for (size_t i = 0; i < fields->count; i++) {
        put(&text, fields->fields[i].name);
        put_literal(&text, "\r\n");
    }
    put_literal(&text, "\r\n");
    show(showing, VIEW_HTTP_HEADER_NAMES, bytes_of(text.data, text.size));
}

static void show_start(const struct showing *showing)
{
    const struct http_fields *fields = &showing->message->fields;

    if (!view_is_wanted(showing->list, VIEW_HTTP_START))
        return;
    struct text text = text_for(showing, showing->message->line.size);
    put(&text, showing->message->line);
    put_literal(&text, "\r\n");
    for (size_t i = 0; i < fields->count; i++) {
        put_field(&text, &fields->fields[i]);
        put_literal(&text, "\r\n");
    }
    put_literal(&text, "\r\n");
    show(showing, VIEW_HTTP_START, bytes_of(text.data, text.size));
}

static void show_each(const struct showing *showing, enum view_id id)
{
    const struct http_fields *fields = &showing->message->fields;

    for (size_t i = 0; view_is_wanted(showing->list, id) && i < fields->count;
         i++) {
        const struct http_field *field = &fields->fields[i];
        struct text text = {
            .data = arena_allocate(showing->arena,
                                   field->name.size + field->value.size + 2),
        };
        put_field(&text, field);
        show(showing, id, bytes_of(text.data, text.size));
    }
}

static void show_fields(const struct showing *showing)
{
    show_header(showing);
    show(showing, VIEW_HTTP_HEADER_RAW, showing->message->raw);
    show_names(showing);
    show_start(showing);
    show_field(showing, VIEW_HTTP_CONTENT_TYPE, "content-type");
    show_field(showing, VIEW_HTTP_CONTENT_LEN, "content-length");
    show_field(showing, VIEW_HTTP_CONNECTION, "connection");
    if (showing->message->protocol.size > 0)
        show(showing, VIEW_HTTP_PROTOCOL, showing->message->protocol);
}

static void show_target(const struct showing *showing)
{
    const struct http_message *message = showing->message;
    struct http_uri uri;
    bool has_host;
    struct bytes host =
        http_fields_get(&message->fields, "host", &has_host);

    http_uri_read(&uri, message->target,
                  http_is_word(message->method, "connect"), showing->arena);
    if (uri.is_double_encoded)
        view_note(showing->list, "http_double_encoded_uri");
    show(showing, VIEW_HTTP_URI, uri.normal);
    show(showing, VIEW_HTTP_URI_RAW, message->target);
    if (uri.host.size > 0)
        host = uri.host;
    if (host.size == 0)
        return;
    show(showing, VIEW_HTTP_HOST_RAW, host);
    if (view_is_wanted(showing->list, VIEW_HTTP_HOST))
        show(showing, VIEW_HTTP_HOST, http_uri_host(host, showing->arena));
}

void http_views_request(const struct http_turn *turn,
                        const struct http_message *message)
{
    struct showing showing = showing_of(turn, message);

    show(&showing, VIEW_HTTP_METHOD, message->method);
    show(&showing, VIEW_HTTP_REQUEST_LINE, message->line);
    show_target(&showing);
    show_fields(&showing);
    show_field(&showing, VIEW_HTTP_USER_AGENT, "user-agent");
    show_field(&showing, VIEW_HTTP_REFERER, "referer");
    show_field(&showing, VIEW_HTTP_ACCEPT, "accept");
    show_field(&showing, VIEW_HTTP_ACCEPT_LANG, "accept-language");
    show_field(&showing, VIEW_HTTP_ACCEPT_ENC, "accept-encoding");
    show_field(&showing, VIEW_HTTP_COOKIE, "cookie");
    show_each(&showing, VIEW_HTTP_REQUEST_HEADER);
}

void http_views_response(const struct http_turn *turn,
                         const struct http_message *message)
{
    struct showing showing = showing_of(turn, message);

    show(&showing, VIEW_HTTP_RESPONSE_LINE, message->line);
    if (message->status.size > 0)
        show(&showing, VIEW_HTTP_STAT_CODE, message->status);
    if (message->reason.size > 0)
        show(&showing, VIEW_HTTP_STAT_MSG, message->reason);
    show_fields(&showing);
    show_field(&showing, VIEW_HTTP_SERVER, "server");
    show_field(&showing, VIEW_HTTP_LOCATION, "location");
    show_field(&showing, VIEW_HTTP_COOKIE, "set-cookie");
    show_each(&showing, VIEW_HTTP_RESPONSE_HEADER);
}
