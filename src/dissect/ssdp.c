/* SPDX-License-Identifier: Apache-2.0 */

/*
 * SSDP (UPnP Device Architecture 2.0, section 1): HTTP's form in a datagram.
 */
#include "base/reader.h"
#include "dissect/dissector.h"

enum {
    SSDP_PORT = 1900,
    SSDP_HEADERS_MAX = 64, /* Read of one message; more are counted. */
};

static const uint16_t ssdp_ports[] = { SSDP_PORT, 0 };

/* The next line, without its end; the last one may have none. */
static struct bytes take_line(struct reader *r)
{
    struct reader ahead = *r;
    struct bytes line = reader_line(&ahead, reader_left(r));

    if (!reader_ok(&ahead))
        return bytes_trim(reader_rest(r));
    *r = ahead;
    return line;
}

static bool starts_with(struct bytes line, const char *prefix)
{
    return bytes_start_with_nocase(line, bytes_of_text(prefix));
}

/* "M-SEARCH * HTTP/1.1", "NOTIFY * HTTP/1.1", "HTTP/1.1 200 OK" */
static const char *method_of(struct bytes line)
{
    if (starts_with(line, "M-SEARCH * HTTP/1."))
        return "M-SEARCH";
    if (starts_with(line, "NOTIFY * HTTP/1."))
        return "NOTIFY";
    return starts_with(line, "HTTP/1.1 200") || starts_with(line,
                                                            "HTTP/1.0 200")
               ? "RESPONSE"
               : NULL;
}

static struct bytes without_quotes(struct bytes value)
{
    if (value.size >= 2 && value.data[0] == '"' &&
        value.data[value.size - 1] == '"')
        return bytes_slice(value, 1, value.size - 2);
    return value;
}

/* "max-age=1800", or "max-age = 1800" */
static void set_max_age(struct event *event, struct bytes value)
{
    size_t equals = bytes_find_byte(value, '=');
    uint64_t seconds;

    if (starts_with(value, "max-age") &&
        bytes_to_number(
            bytes_trim(bytes_slice(value, equals + 1, value.size)),
            UINT32_MAX, &seconds))
        event_set_number(event, FIELD_SSDP_MAX_AGE, seconds);
}

static void set_header(struct event *event, struct bytes name,
                       struct bytes value)
{
    static const struct {
        const char *name;
        enum event_field field;
    } headers[] = {
        { "HOST", FIELD_SSDP_HOST },
        { "ST", FIELD_SSDP_ST },
        { "NT", FIELD_SSDP_NT },
        { "NTS", FIELD_SSDP_NTS },
        { "USN", FIELD_SSDP_USN },
        { "LOCATION", FIELD_SSDP_LOCATION },
        { "SERVER", FIELD_SSDP_SERVER },
        { "USER-AGENT", FIELD_SSDP_USER_AGENT },
        { "MAN", FIELD_SSDP_MAN },
    };
    uint64_t seconds;

    for (size_t i = 0; i < COUNT_OF(headers) && value.size > 0; i++)
        if (bytes_equal_nocase(name, bytes_of_text(headers[i].name)))
            event_set_text(event, headers[i].field, without_quotes(value));
    if (bytes_equal_nocase(name, bytes_of_text("MX")) &&
        bytes_to_number(value, UINT32_MAX, &seconds))
        event_set_number(event, FIELD_SSDP_MX, seconds);
    if (bytes_equal_nocase(name, bytes_of_text("CACHE-CONTROL")))
        set_max_age(event, value);
}

/* Does any header of the message have this name? */
static bool has_header(struct bytes message, const char *name)
{
    struct reader r = reader_of(message);

    while (reader_left(&r) > 0) {
        struct bytes line = take_line(&r);
        size_t colon = bytes_find_byte(line, ':');
        if (colon < line.size &&
            bytes_equal_nocase(bytes_slice(line, 0, colon),
                               bytes_of_text(name)))
            return true;
    }
    return false;
}

/* An answer comes from any port; what it is about marks it. */
static enum dissect_verdict ssdp_recognise(const struct dissect_input *input)
{
    struct reader r = reader_of(input->data);
    const char *method = method_of(take_line(&r));

    if (!method)
        return DISSECT_NOT_MINE;
    return method[0] != 'R' || has_header(input->data, "USN") ||
                   has_header(input->data, "ST")
               ? DISSECT_DONE
               : DISSECT_NOT_MINE;
}

static void add_event(const char *method, struct reader *r,
                      struct event_list *events)
{
    struct event *event = event_new(events, EVENT_SSDP);
    uint32_t count = 0;

    event_set_literal(event, FIELD_SSDP_METHOD, method);
    while (reader_left(r) > 0) {
        struct bytes line = take_line(r);
        size_t colon = bytes_find_byte(line, ':');
        if (line.size == 0)
            break;
        if (count++ < SSDP_HEADERS_MAX)
            set_header(event, bytes_trim(bytes_slice(line, 0, colon)),
                       bytes_trim(bytes_slice(line, colon + 1, line.size)));
    }
    if (count > SSDP_HEADERS_MAX)
        event_set_number(event, FIELD_SSDP_HEADERS_MORE,
                         count - SSDP_HEADERS_MAX);
}

static struct dissect_result ssdp_feed(void *state,
                                       const struct dissect_input *input,
                                       struct event_list *events)
{
    struct reader r = reader_of(input->data);
    const char *method = method_of(take_line(&r));

    (void)state; /* Each message stands for itself. */
    if (!method)
        return dissect_malformed("ssdp_start_line");
    add_event(method, &r, events);
    return dissect_done(input->data.size);
}

const struct dissector ssdp_dissector = {
    .name = "ssdp",
    .transport = IP_PROTOCOL_UDP,
    .ports = ssdp_ports,
    .recognise = ssdp_recognise,
    .feed = ssdp_feed,
};
