/* SPDX-License-Identifier: Apache-2.0 */
#include "dissect/http_session.h"

#include <string.h>

#include "base/check.h"
#include "base/hash.h"
#include "base/reader.h"
#include "dissect/http_login.h"

enum { ENTRY_HEADER_SIZE = 4, METHOD_KEPT_MAX = 32 };

static struct http_request *newest(struct http_session *session)
{
    return session->waiting > 0 ? &session->requests[session->waiting - 1]
                                : NULL;
}

static void put_u16(uint8_t *at, size_t value)
{
    at[0] = (uint8_t)(value >> 8);
    at[1] = (uint8_t)value;
}

/* Append a text to the newest request. There is room: the texts of one
 * request are bounded and older ones were told to make way. */
static void store(struct http_session *session, enum event_field field,
                  struct bytes text, size_t max)
{
    struct http_request *request = &session->requests[session->waiting - 1];
    struct bytes kept = bytes_slice(text, 0, max);
    uint8_t *at = session->store + session->store_used;

    if (text.size == 0)
        return;
    if (session->store_used + ENTRY_HEADER_SIZE + kept.size >
        HTTP_STORE_SIZE) {
        request->is_truncated = true;
        return;
    }
    put_u16(at, field);
    put_u16(at + 2, kept.size);
    memcpy(at + ENTRY_HEADER_SIZE, kept.data, kept.size);
    request->is_truncated |= kept.size < text.size;
    session->store_used =
        (uint16_t)(session->store_used + ENTRY_HEADER_SIZE + kept.size);
    request->store_size =
        (uint16_t)(request->store_size + ENTRY_HEADER_SIZE + kept.size);
}

/* The scheme is all that is shown of credentials. */
static struct bytes scheme_of(struct bytes field)
{
    return bytes_slice(field, 0, bytes_find_byte(field, ' '));
}

static bool store_basic(struct http_session *session, struct bytes encoded)
{
    uint8_t decoded[2 * HTTP_CREDENTIAL_MAX];
    int size = http_login_decode(encoded, decoded, sizeof decoded);

    if (size <= 0)
        return false;
    struct bytes pair = bytes_of(decoded, (size_t)size);
    size_t colon = bytes_find_byte(pair, ':');
    store(session, FIELD_LOGIN_USER, bytes_slice(pair, 0, colon),
          HTTP_CREDENTIAL_MAX);
    store(session, FIELD_LOGIN_PASSWORD,
          bytes_slice(pair, colon + 1, pair.size), HTTP_CREDENTIAL_MAX);
    return true;
}

static enum http_login_method store_authorization(
    struct http_session *session, struct bytes field)
{
    struct bytes scheme = scheme_of(field);

    if (field.size == 0)
        return HTTP_LOGIN_NONE;
    store(session, FIELD_HTTP_AUTHORIZATION, scheme, HTTP_CREDENTIAL_MAX);
    struct bytes rest = bytes_slice(field, scheme.size, field.size);
    if (bytes_equal_nocase(scheme, bytes_of_text("basic")) &&
        store_basic(session, bytes_trim(rest)))
        return HTTP_LOGIN_BASIC;
    if (!bytes_equal_nocase(scheme, bytes_of_text("digest")))
        return HTTP_LOGIN_NONE;
    store(session, FIELD_LOGIN_USER, http_login_digest_user(rest),
          HTTP_CREDENTIAL_MAX);
    return HTTP_LOGIN_DIGEST;
}

/* The most that the texts of one request can take. */
enum {
    REQUEST_STORE_MAX = HTTP_URL_MAX + 6 * HTTP_TEXT_MAX +
                        3 * HTTP_CREDENTIAL_MAX + 2 * METHOD_KEPT_MAX +
                        HTTP_BODY_KEPT_MAX + 13 * ENTRY_HEADER_SIZE,
};
_Static_assert((size_t)REQUEST_STORE_MAX <= (size_t)HTTP_STORE_SIZE,
               "one request always fits");

static size_t kept_size(struct bytes text, size_t max)
{
    return ENTRY_HEADER_SIZE + (text.size < max ? text.size : max);
}

/* How much of the store this request may come to use. */
static size_t need_of(const struct http_head *head)
{
    bool has_body = head->is_chunked || head->content_length > 0;
    size_t need = has_body ? ENTRY_HEADER_SIZE + HTTP_BODY_KEPT_MAX : 0;

    need += 2 * (ENTRY_HEADER_SIZE + METHOD_KEPT_MAX);
    need += kept_size(head->target, HTTP_URL_MAX);
    for (size_t i = 0; i <= HTTP_TEXT_SOAP_ACTION; i++)
        if (i != HTTP_TEXT_CONTENT_ENCODING)
            need += kept_size(head->text[i], HTTP_TEXT_MAX);
    need += kept_size(head->code, HTTP_TEXT_MAX);
    if (head->text[HTTP_TEXT_AUTHORIZATION].size > 0)
        need += 3 * (ENTRY_HEADER_SIZE + HTTP_CREDENTIAL_MAX);
    return need;
}

static void make_room(struct http_session *session, size_t need,
                      struct event_list *events)
{
    while (session->waiting > 0 &&
           (session->waiting == HTTP_WAITING_MAX ||
            session->store_used + need > HTTP_STORE_SIZE)) {
        http_session_tell(session, NULL, events);
        http_session_pop(session);
    }
}

void http_session_push(struct http_session *session,
                       const struct http_head *head,
                       struct event_list *events)
{
    make_room(session, need_of(head), events);
    struct http_request *request = &session->requests[session->waiting++];
    *request = (struct http_request){
        .is_head = bytes_equal(head->method, bytes_of_text("HEAD")),
        .is_connect = bytes_equal(head->method, bytes_of_text("CONNECT")),
        .is_ambiguous = head->has_length && head->is_chunked,
        .has_length = head->has_length,
        .length = head->content_length,
    };
    store(session, FIELD_HTTP_METHOD, head->method, METHOD_KEPT_MAX);
    store(session, FIELD_HTTP_PROTOCOL, head->version, METHOD_KEPT_MAX);
    store(session, FIELD_HTTP_URL, head->target, HTTP_URL_MAX);
    store(session, FIELD_HTTP_HOSTNAME, head->text[HTTP_TEXT_HOST],
          HTTP_TEXT_MAX);
    store(session, FIELD_HTTP_USER_AGENT, head->text[HTTP_TEXT_USER_AGENT],
          HTTP_TEXT_MAX);
    store(session, FIELD_HTTP_REFER, head->text[HTTP_TEXT_REFERER],
          HTTP_TEXT_MAX);
    store(session, FIELD_HTTP_SOAP_ACTION, head->text[HTTP_TEXT_SOAP_ACTION],
          HTTP_TEXT_MAX);
    store(session, FIELD_HTTP_REQUEST_CONTENT_TYPE,
          head->text[HTTP_TEXT_CONTENT_TYPE], HTTP_TEXT_MAX);
    store(session, FIELD_HTTP_CODE_HEADER, head->code, HTTP_TEXT_MAX);
    request->login_method = (uint8_t)store_authorization(
        session, head->text[HTTP_TEXT_AUTHORIZATION]);
}

/* The body's text is the last of its request, so it can grow in place. */
void http_session_add_body(struct http_session *session, struct bytes content)
{
    struct http_request *request = newest(session);
    struct bytes start = bytes_slice(content, 0, HTTP_BODY_KEPT_MAX);

    if (!request || request->is_answered || content.size == 0)
        return;
    if (request->body_at == 0) {
        request->body_at = session->store_used;
        store(session, FIELD_HTTP_REQUEST_BODY, start, HTTP_BODY_KEPT_MAX);
        return;
    }
    size_t kept =
        (size_t)session->store_used - request->body_at - ENTRY_HEADER_SIZE;
    start = bytes_slice(start, 0, HTTP_BODY_KEPT_MAX - kept);
    start = bytes_slice(start, 0,
                        (size_t)HTTP_STORE_SIZE - session->store_used);
    if (start.size == 0)
        return;
    memcpy(session->store + session->store_used, start.data, start.size);
    session->store_used = (uint16_t)(session->store_used + start.size);
    request->store_size = (uint16_t)(request->store_size + start.size);
    put_u16(session->store + request->body_at + 2, kept + start.size);
}

void http_session_pop(struct http_session *session)
{
    if (session->waiting == 0)
        return;
    uint16_t gone = session->requests[0].store_size;
    session->waiting--;
    session->store_used = (uint16_t)(session->store_used - gone);
    memmove(session->store, session->store + gone, session->store_used);
    memmove(session->requests, session->requests + 1,
            session->waiting * sizeof session->requests[0]);
    struct http_request *last = newest(session);
    if (last && last->body_at > 0)
        last->body_at = (uint16_t)(last->body_at - gone);
}

/* "example.com:8080" is two fields; an IPv6 address stands in brackets. */
static void set_host(struct event *event, struct bytes host)
{
    size_t bracket = bytes_find_byte(host, ']');
    size_t from = bracket < host.size ? bracket : 0;
    struct bytes tail = bytes_slice(host, from, host.size);
    size_t colon = from + bytes_find_byte(tail, ':');
    uint64_t port;

    event_set_text(event, FIELD_HTTP_HOSTNAME, bytes_slice(host, 0, colon));
    if (bytes_to_number(bytes_slice(host, colon + 1, host.size), UINT16_MAX,
                        &port))
        event_set_number(event, FIELD_HTTP_PORT, port);
}

/* A login found in what is being told. */
struct found {
    const char *method;
    struct http_form_login login;
};

/* Set a text that may hold a form's pairs from `from` on, password masked. */
static void set_pairs(struct event *event, enum event_field field,
                      struct bytes text, size_t from, struct found *found)
{
    struct http_form_login login;
    struct bytes masked;

    if (!http_login_form(bytes_slice(text, from, text.size), event->arena,
                         &login, &masked)) {
        event_set_text(event, field, text);
        return;
    }
    uint8_t *shown = arena_allocate(event->arena, text.size);
    memcpy(shown, text.data, from);
    memcpy(shown + from, masked.data, masked.size);
    event_set_text(event, field, bytes_of(shown, text.size));
    if (!found->method)
        *found = (struct found){ .method = "form", .login = login };
}

static void set_stored(struct event *event, enum event_field field,
                       struct bytes text, struct found *found)
{
    switch ((int)field) {
    case FIELD_LOGIN_USER:
        found->login.user = text;
        break;
    case FIELD_LOGIN_PASSWORD:
        found->login.password = text;
        break;
    case FIELD_HTTP_HOSTNAME:
        set_host(event, text);
        break;
    case FIELD_HTTP_URL: {
        size_t query = bytes_find_byte(text, '?');
        size_t from = query < text.size ? query + 1 : text.size;
        set_pairs(event, field, text, from, found);
        break;
    }
    case FIELD_HTTP_REQUEST_BODY:
        set_pairs(event, field, text, 0, found);
        break;
    default:
        event_set_text(event, field, text);
        break;
    }
}

static void set_request(struct event *event, struct http_session *session,
                        struct found *found)
{
    const struct http_request *request = &session->requests[0];
    struct reader r = reader_of(arena_copy(
        event->arena, bytes_of(session->store, request->store_size)));

    if (request->login_method != HTTP_LOGIN_NONE)
        found->method =
            request->login_method == HTTP_LOGIN_BASIC ? "basic" : "digest";
    while (reader_left(&r) > 0) {
        enum event_field field = (enum event_field)reader_u16(&r);
        size_t size = reader_u16(&r);
        set_stored(event, field, reader_bytes(&r, size), found);
    }
    if (request->has_length)
        event_set_number(event, FIELD_HTTP_REQUEST_LENGTH, request->length);
    if (request->is_truncated)
        event_set_flag(event, FIELD_HTTP_TRUNCATED, true);
}

static void set_if_any(struct event *event, enum event_field field,
                       struct bytes text)
{
    struct bytes kept = bytes_slice(text, 0, HTTP_TEXT_MAX);

    if (kept.size > 0)
        event_set_text(event, field, arena_copy(event->arena, kept));
}

static void set_response(struct event *event, const struct http_head *head)
{
    struct bytes type = head->text[HTTP_TEXT_CONTENT_TYPE];
    struct bytes challenge = head->text[HTTP_TEXT_WWW_AUTHENTICATE];

    event_set_number(event, FIELD_HTTP_STATUS, head->status);
    type = bytes_trim(bytes_slice(type, 0, bytes_find_byte(type, ';')));
    set_if_any(event, FIELD_HTTP_CONTENT_TYPE, type);
    if (head->has_length)
        event_set_number(event, FIELD_HTTP_LENGTH, head->content_length);
    set_if_any(event, FIELD_HTTP_SERVER, head->text[HTTP_TEXT_SERVER]);
    set_if_any(event, FIELD_HTTP_REDIRECT, head->text[HTTP_TEXT_LOCATION]);
    set_if_any(event, FIELD_HTTP_WWW_AUTHENTICATE, scheme_of(challenge));
}

/* A form's answer is a page like any other; only a refusal is plain. */
static const char *result_of(const struct found *found, unsigned status)
{
    bool is_form = strcmp(found->method, "form") == 0;

    if (status == 401 || status == 403)
        return "failure";
    return !is_form && status >= 200 && status < 400 ? "success" : "unknown";
}

/* A browser repeats its credentials with each request: the same ones with the
 * same success are told once. */
static bool is_repeated(struct http_session *session,
                        const struct found *found, const char *result)
{
    struct hash_key key = { .low = hash_bytes((struct hash_key){ 0 },
                                              found->login.user),
                            .high = (uint8_t)result[0] };
    uint64_t seen = hash_bytes(key, found->login.password) | 1;
    bool is_same = seen == session->login_seen;

    session->login_seen = seen;
    return is_same && strcmp(result, "failure") != 0;
}

static void tell_login(struct http_session *session,
                       const struct found *found, unsigned status,
                       struct event_list *events)
{
    const char *result;

    if (!found->method)
        return;
    result = result_of(found, status);
    if (is_repeated(session, found, result))
        return;
    dissect_add_login(events,
                      &(struct dissect_login){
                          .protocol = "http",
                          .method = found->method,
                          .result = result,
                          .user = found->login.user,
                          .password = found->login.password,
                          .attempt = ++session->login_count,
                          .clear = strcmp(found->method, "digest") != 0,
                      });
}

/* Two sizes for one body, in either message; each may be null. */
static bool is_ambiguous(const struct http_request *request,
                         const struct http_head *response)
{
    return (request && request->is_ambiguous) ||
           (response && response->has_length && response->is_chunked);
}

void http_session_tell(struct http_session *session,
                       const struct http_head *response,
                       struct event_list *events)
{
    struct http_request *request =
        session->waiting > 0 ? &session->requests[0] : NULL;
    struct found found = { 0 };

    if (request && request->is_answered)
        return;
    if (!request && !response)
        return;
    struct event *event = event_new(events, EVENT_HTTP);
    if (request)
        request->is_answered = true;
    if (!event)
        return;
    if (request)
        set_request(event, session, &found);
    else
        set_if_any(event, FIELD_HTTP_PROTOCOL, response->version);
    if (response)
        set_response(event, response);
    if (is_ambiguous(request, response))
        event_set_flag(event, FIELD_HTTP_AMBIGUOUS, true);
    tell_login(session, &found, response ? response->status : 0, events);
}

void http_session_flush(struct http_session *session,
                        struct event_list *events)
{
    while (session->waiting > 0) {
        http_session_tell(session, NULL, events);
        http_session_pop(session);
    }
}

struct bytes http_session_file_name(const struct http_session *session,
                                    size_t index)
{
    size_t at = 0;

    if (index >= session->waiting)
        return (struct bytes){ 0 };
    for (size_t i = 0; i < index; i++)
        at += session->requests[i].store_size;
    struct reader r = reader_of(
        bytes_of(session->store + at, session->requests[index].store_size));
    while (reader_left(&r) > 0) {
        enum event_field field = (enum event_field)reader_u16(&r);
        size_t size = reader_u16(&r);
        struct bytes text = reader_bytes(&r, size);
        if (field == FIELD_HTTP_URL)
            return bytes_slice(text, 0, bytes_find_byte(text, '?'));
    }
    return (struct bytes){ 0 };
}
