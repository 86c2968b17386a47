/* SPDX-License-Identifier: Apache-2.0 */
#include "detect/intel/view.h"

#include <string.h>

#define BIT(type) ((uint64_t)1 << (type))

_Static_assert(EVENT_TYPE_COUNT <= 64, "one bit a type");

/* Events that are about talking to somebody. */
static const uint64_t contacts =
    BIT(EVENT_FLOW) | BIT(EVENT_TLS) | BIT(EVENT_HTTP) | BIT(EVENT_SSH) |
    BIT(EVENT_QUIC) | BIT(EVENT_MQTT) | BIT(EVENT_COMMAND) |
    BIT(EVENT_MINING) | BIT(EVENT_IRC);

uint64_t intel_view_types(struct bytes type)
{
    const struct {
        const char *type;
        uint64_t events;
    } known[] = {
        { "ipv4-addr", contacts | BIT(EVENT_DNS) },
        { "ipv6-addr", contacts | BIT(EVENT_DNS) },
        { "network-traffic", contacts },
        { "domain-name", BIT(EVENT_DNS) | BIT(EVENT_TLS) | BIT(EVENT_QUIC) |
                             BIT(EVENT_HTTP) },
        { "url", BIT(EVENT_HTTP) },
        { "file", BIT(EVENT_FILE) },
        { "x509-certificate", BIT(EVENT_TLS) },
        { "mac-addr", BIT(EVENT_ARP) | BIT(EVENT_DHCP) | BIT(EVENT_FLOW) },
        { "email-addr", BIT(EVENT_LOGIN) },
        { "software", BIT(EVENT_HTTP) | BIT(EVENT_SSH) | BIT(EVENT_QUIC) },
    };

    for (size_t i = 0; i < COUNT_OF(known); i++)
        if (bytes_equal(type, bytes_of_text(known[i].type)))
            return known[i].events;
    return 0;
}

static bool add_object(struct intel_view *view, const char *type)
{
    if (view->object_count == INTEL_OBJECT_MAX) {
        view->was_cut = true;
        return false;
    }
    view->types[view->object_count++] = type;
    return true;
}

/* A row of the newest object; its kind and end are set by the caller. */
static struct intel_row *add_row(struct intel_view *view, const char *path)
{
    static const struct intel_row none;

    if (view->row_count == INTEL_ROW_MAX) {
        view->was_cut = true;
        view->row_count--; /* The last one is lost, and said so. */
    }
    struct intel_row *row = &view->rows[view->row_count++];
    *row = none;
    row->path = path;
    row->object = (uint8_t)(view->object_count - 1);
    row->kind = INTEL_ANY;
    return row;
}

static struct intel_row *add_text(struct intel_view *view, const char *path,
                                  struct bytes text)
{
    struct intel_row *row = add_row(view, path);

    row->value = (struct stix_value){ .kind = STIX_TEXT, .text = text };
    return row;
}

static void add_number(struct intel_view *view, const char *path,
                       uint64_t number)
{
    add_row(view, path)->value = (struct stix_value){
        .kind = STIX_INTEGER,
        .integer = number > INT64_MAX ? INT64_MAX : (int64_t)number,
    };
}

static void add_ip(struct intel_view *view, const char *path, struct ip ip)
{
    struct intel_row *row = add_row(view, path);

    row->value.kind = STIX_TEXT;
    row->kind = INTEL_ADDRESS;
    row->ip = ip;
}

static struct bytes lower(struct intel_view *view, struct bytes text)
{
    uint8_t *data = arena_allocate(view->event->arena, text.size + 1);

    for (size_t i = 0; i < text.size; i++) {
        uint8_t c = text.data[i];
        data[i] = c >= 'A' && c <= 'Z' ? (uint8_t)(c + 32) : c;
    }
    if (text.size > 0 && data[text.size - 1] == '.')
        text.size--;
    return bytes_of(data, text.size);
}

/* An object with one value the index may know. */
static void add_value(struct intel_view *view, const char *type,
                      struct bytes text, enum intel_kind kind,
                      enum intel_end end)
{
    if (text.size == 0 || !add_object(view, type))
        return;
    struct intel_row *row = add_text(
        view, kind == INTEL_SOFTWARE ? "name" : "value",
        kind == INTEL_SOFTWARE ? text : lower(view, text));
    row->kind = (uint8_t)kind;
    row->end = (uint8_t)end;
}

static void add_address(struct intel_view *view, struct ip ip,
                        enum intel_end end, bool is_answer)
{
    if (ip_is_zero(ip) ||
        !add_object(view, ip_is_v4(ip) ? "ipv4-addr" : "ipv6-addr"))
        return;
    add_ip(view, "value", ip);
    view->rows[view->row_count - 1].end = (uint8_t)end;
    view->rows[view->row_count - 1].is_answer = is_answer;
}

static void add_mac(struct intel_view *view, struct mac mac,
                    enum intel_end end)
{
    char *text = arena_allocate(view->event->arena, MAC_TEXT_SIZE);

    if (mac_is_zero(mac))
        return;
    add_value(view, "mac-addr", bytes_of_text(mac_text(mac, text)),
              INTEL_MAC, end);
}

static void add_protocol(struct intel_view *view, uint16_t item,
                         const char *name)
{
    struct bytes text = bytes_of_text(name);
    struct intel_row *row =
        add_text(view, "protocols[]", lower(view, text));

    row->item = item;
}

static const char *ip_type(struct ip ip)
{
    return ip_is_v4(ip) ? "ipv4-addr" : "ipv6-addr";
}

static const struct {
    enum event_field field;
    const char *path;
} flow_numbers[] = {
    { FIELD_FLOW_BYTES_TOSERVER, "src_byte_count" },
    { FIELD_FLOW_BYTES_TOCLIENT, "dst_byte_count" },
    { FIELD_FLOW_PKTS_TOSERVER, "src_packets" },
    { FIELD_FLOW_PKTS_TOCLIENT, "dst_packets" },
};

/* What an HTTP request adds to its network-traffic (STIX 2.1, 6.12.3). */
static void add_request(struct intel_view *view, const struct event *event)
{
    static const struct {
        enum event_field field;
        const char *path;
    } texts[] = {
        { FIELD_HTTP_METHOD, "extensions.http-request-ext.request_method" },
        { FIELD_HTTP_URL, "extensions.http-request-ext.request_value" },
        { FIELD_HTTP_PROTOCOL,
          "extensions.http-request-ext.request_version" },
        { FIELD_HTTP_USER_AGENT,
          "extensions.http-request-ext.request_header.User-Agent" },
        { FIELD_HTTP_HOSTNAME,
          "extensions.http-request-ext.request_header.Host" },
        { FIELD_HTTP_REFER,
          "extensions.http-request-ext.request_header.Referer" },
    };

    for (size_t i = 0; i < COUNT_OF(texts); i++) {
        struct bytes text = event_text(event, texts[i].field);
        if (text.size > 0)
            (void)add_text(view, texts[i].path, text); /* Complete. */
    }
    struct bytes method = event_text(event, FIELD_HTTP_METHOD);
    (void)add_text(view, "extensions.http-request-ext.request_method",
                   lower(view, method)); /* The standard's example. */
}

static void add_names(struct intel_view *view, const struct event *event)
{
    static const enum event_field fields[] = {
        FIELD_TLS_SNI, FIELD_QUIC_SNI, FIELD_HTTP_HOSTNAME,
    };

    for (size_t i = 0; i < COUNT_OF(fields); i++) {
        struct bytes name = event_text(event, fields[i]);
        if (name.size == 0)
            continue;
        (void)add_text(view, "dst_ref.value", lower(view, name)); /* Whole. */
        (void)add_text(view, "dst_ref.type",
                       bytes_of_text("domain-name")); /* Complete. */
    }
}

static void add_traffic(struct intel_view *view)
{
    const struct event *event = view->event;
    const struct event_context *context = &event->context;
    char protocol[16];

    if (!context->has_ip || !add_object(view, "network-traffic"))
        return;
    add_ip(view, "src_ref.value", context->source);
    view->rows[view->row_count - 1].end = INTEL_END_SOURCE;
    add_ip(view, "dst_ref.value", context->destination);
    view->rows[view->row_count - 1].end = INTEL_END_DESTINATION;
    (void)add_text(view, "src_ref.type",
                   bytes_of_text(ip_type(context->source))); /* Whole. */
    (void)add_text(view, "dst_ref.type",
                   bytes_of_text(ip_type(context->destination))); /* Same. */
    if (context->has_ports) {
        add_number(view, "src_port", context->source_port);
        add_number(view, "dst_port", context->destination_port);
    }
    add_protocol(view, 0, ip_is_v4(context->source) ? "ipv4" : "ipv6");
    add_protocol(view, 1, event_protocol_text(context->protocol, protocol));
    if (context->app_protocol)
        add_protocol(view, 2, context->app_protocol);
    for (size_t i = 0; i < COUNT_OF(flow_numbers); i++) {
        const struct event_value *value =
            event_get(event, flow_numbers[i].field);
        if (value)
            add_number(view, flow_numbers[i].path, value->number);
    }
    add_names(view, event);
    if (event->type == EVENT_HTTP)
        add_request(view, event);
}

/* An answer's data under the name asked for. */
static void add_answers(struct intel_view *view, size_t asked)
{
    const struct event_value *value;
    struct ip ip;
    size_t from = 0;
    uint16_t item = 0;

    while ((value = event_next(view->event, FIELD_DNS_ANSWER_DATA, &from))) {
        bool is_ip = ip_parse(value->text, &ip);
        if (asked < view->object_count) {
            struct intel_row *row =
                add_text(view, "resolves_to_refs[].value", value->text);
            row->object = (uint8_t)asked;
            row->item = item++;
            row->is_answer = true;
            if (is_ip) {
                row->kind = INTEL_ADDRESS;
                row->ip = ip;
            }
        }
        if (is_ip)
            add_address(view, ip, INTEL_END_NONE, true);
        else if (bytes_find_byte(value->text, ' ') == value->text.size &&
                 bytes_find_byte(value->text, '.') < value->text.size) {
            add_value(view, "domain-name", value->text, INTEL_NAME,
                      INTEL_END_NONE);
            view->rows[view->row_count - 1].is_answer = true;
        }
    }
}

static void view_dns(struct intel_view *view)
{
    const struct event_value *value;
    size_t from = 0;

    while ((value = event_next(view->event, FIELD_DNS_QUERY_NAME, &from)))
        add_value(view, "domain-name", value->text, INTEL_NAME,
                  INTEL_END_DESTINATION);
    add_answers(view, 0);
}

static const struct {
    enum event_field field;
    const char *path;
    enum intel_kind kind;
} certificate_rows[] = {
    { FIELD_TLS_FINGERPRINT, "hashes.SHA-1", INTEL_CERTIFICATE },
    { FIELD_TLS_FINGERPRINT_SHA256, "hashes.SHA-256", INTEL_CERTIFICATE },
    { FIELD_TLS_SERIAL, "serial_number", INTEL_ANY },
    { FIELD_TLS_SUBJECT, "subject", INTEL_ANY },
    { FIELD_TLS_ISSUERDN, "issuer", INTEL_ANY },
    { FIELD_TLS_NOTBEFORE, "validity_not_before", INTEL_ANY },
    { FIELD_TLS_NOTAFTER, "validity_not_after", INTEL_ANY },
};

/* Hexadecimal without colons, in lower case. */
static struct bytes plain_hex(struct intel_view *view, struct bytes text)
{
    uint8_t *data = arena_allocate(view->event->arena, text.size + 1);
    struct bytes folded = lower(view, text);
    size_t size = 0;

    for (size_t i = 0; i < folded.size; i++)
        if (folded.data[i] != ':')
            data[size++] = folded.data[i];
    return bytes_of(data, size);
}

static void view_certificate(struct intel_view *view)
{
    if (event_text(view->event, FIELD_TLS_FINGERPRINT).size == 0 ||
        !add_object(view, "x509-certificate"))
        return;
    for (size_t i = 0; i < COUNT_OF(certificate_rows); i++) {
        struct bytes text =
            event_text(view->event, certificate_rows[i].field);
        if (text.size == 0)
            continue;
        bool is_digest = certificate_rows[i].kind == INTEL_CERTIFICATE;
        struct intel_row *row =
            add_text(view, certificate_rows[i].path,
                     is_digest ? plain_hex(view, text) : text);
        if (certificate_rows[i].field == FIELD_TLS_SERIAL)
            row->value.text = lower(view, text);
        row->kind = (uint8_t)certificate_rows[i].kind;
        row->end = INTEL_END_DESTINATION;
    }
}

/* Values that are no STIX object: only lists and MISP name them. */
static void add_fingerprint(struct intel_view *view, enum event_field field,
                            enum intel_kind kind, enum intel_end end)
{
    struct bytes text = event_text(view->event, field);

    if (text.size == 0 || !add_object(view, ""))
        return;
    struct intel_row *row = add_text(view, "", text);
    row->kind = (uint8_t)kind;
    row->end = (uint8_t)end;
}

static void view_http(struct intel_view *view)
{
    const struct event *event = view->event;
    const struct event_value *port = event_get(event, FIELD_HTTP_PORT);
    struct bytes host = event_text(event, FIELD_HTTP_HOSTNAME);
    struct bytes target = event_text(event, FIELD_HTTP_URL);
    struct writer w;

    add_value(view, "domain-name", host, INTEL_NAME, INTEL_END_DESTINATION);
    add_value(view, "software", event_text(event, FIELD_HTTP_USER_AGENT),
              INTEL_SOFTWARE, INTEL_END_SOURCE);
    if (host.size == 0 || target.size == 0 || !add_object(view, "url"))
        return;
    writer_init(&w, 2 * INTEL_KEY_MAX);
    bool is_whole = bytes_start_with_nocase(target, bytes_of_text("http://"));
    if (!is_whole) {
        writer_text(&w, "http://");
        writer_bytes(&w, lower(view, host));
        if (port && port->number != 80)
            writer_format(&w, ":%u", (unsigned)port->number);
    }
    writer_bytes(&w, target);
    struct intel_row *row = add_text(
        view, "value", arena_copy(event->arena, writer_view(&w)));
    writer_clear(&w);
    row->kind = INTEL_URL;
    row->end = INTEL_END_DESTINATION;
}

static const struct {
    enum event_field field;
    const char *path;
    enum intel_kind kind;
} file_rows[] = {
    { FIELD_FILE_NAME, "name", INTEL_ANY },
    { FIELD_FILE_MD5, "hashes.MD5", INTEL_DIGEST },
    { FIELD_FILE_SHA1, "hashes.SHA-1", INTEL_DIGEST },
    { FIELD_FILE_SHA256, "hashes.SHA-256", INTEL_DIGEST },
};

static void view_file(struct intel_view *view)
{
    const struct event_value *size = event_get(view->event, FIELD_FILE_SIZE);
    const struct event_value *is_download =
        event_get(view->event, FIELD_FILE_TO_SOURCE);
    enum intel_end end = is_download && is_download->number
                             ? INTEL_END_DESTINATION : INTEL_END_SOURCE;

    if (!add_object(view, "file"))
        return;
    for (size_t i = 0; i < COUNT_OF(file_rows); i++) {
        struct bytes text = event_text(view->event, file_rows[i].field);
        if (text.size == 0)
            continue;
        struct intel_row *row = add_text(view, file_rows[i].path, text);
        row->kind = (uint8_t)file_rows[i].kind;
        row->end = (uint8_t)end;
    }
    if (size)
        add_number(view, "size", size->number);
}

static void view_contact(struct intel_view *view)
{
    const struct event_context *context = &view->event->context;

    if (!context->has_ip)
        return;
    if (!context->source_local)
        add_address(view, context->source, INTEL_END_SOURCE, false);
    if (!context->destination_local)
        add_address(view, context->destination, INTEL_END_DESTINATION,
                    false);
    add_traffic(view);
}

static void view_macs(struct intel_view *view)
{
    const struct event *event = view->event;
    const struct event_context *context = &event->context;
    const struct event_value *value;

    if (event->type == EVENT_ARP &&
        (value = event_get(event, FIELD_ARP_SRC_MAC)))
        add_mac(view, value->mac, INTEL_END_SOURCE);
    else if (event->type == EVENT_DHCP &&
             (value = event_get(event, FIELD_DHCP_CLIENT_MAC)))
        add_mac(view, value->mac, INTEL_END_SOURCE);
    else if (event->type == EVENT_FLOW && context->has_mac) {
        if (context->source_local)
            add_mac(view, context->source_mac, INTEL_END_SOURCE);
        if (context->destination_local)
            add_mac(view, context->destination_mac, INTEL_END_DESTINATION);
    }
}

static void view_login(struct intel_view *view)
{
    struct bytes user = event_text(view->event, FIELD_LOGIN_USER);

    if (bytes_find_byte(user, '@') < user.size)
        add_value(view, "email-addr", user, INTEL_MAIL, INTEL_END_SOURCE);
}

static void view_handshake(struct intel_view *view, bool is_quic)
{
    add_value(view, "domain-name",
              event_text(view->event, is_quic ? FIELD_QUIC_SNI
                                              : FIELD_TLS_SNI),
              INTEL_NAME, INTEL_END_DESTINATION);
    add_fingerprint(view, is_quic ? FIELD_QUIC_JA3 : FIELD_TLS_JA3,
                    INTEL_JA3, INTEL_END_SOURCE);
    add_fingerprint(view, is_quic ? FIELD_QUIC_JA4 : FIELD_TLS_JA4,
                    INTEL_JA4, INTEL_END_SOURCE);
    if (is_quic)
        add_value(view, "software", event_text(view->event, FIELD_QUIC_UA),
                  INTEL_SOFTWARE, INTEL_END_SOURCE);
    else
        view_certificate(view);
}

void intel_view_of(const struct event *event, struct intel_view *view)
{
    view->event = event;
    view->object_count = 0;
    view->row_count = 0;
    view->was_cut = false;
    if (contacts & BIT(event->type))
        view_contact(view);
    if (event->type == EVENT_DNS)
        view_dns(view);
    else if (event->type == EVENT_TLS || event->type == EVENT_QUIC)
        view_handshake(view, event->type == EVENT_QUIC);
    else if (event->type == EVENT_HTTP)
        view_http(view);
    else if (event->type == EVENT_FILE)
        view_file(view);
    else if (event->type == EVENT_LOGIN)
        view_login(view);
    else if (event->type == EVENT_SSH) {
        add_value(view, "software",
                  event_text(event, FIELD_SSH_CLIENT_SOFTWARE),
                  INTEL_SOFTWARE, INTEL_END_SOURCE);
        add_value(view, "software",
                  event_text(event, FIELD_SSH_SERVER_SOFTWARE),
                  INTEL_SOFTWARE, INTEL_END_DESTINATION);
    }
    view_macs(view);
}

static struct bytes type_of(const void *context, size_t object)
{
    const struct intel_view *view = context;

    return bytes_of_text(view->types[object]);
}

/* The rows say which of a list they are; a path may ask for one of them. */
static bool is_asked_for(const struct stix_path *path, uint16_t item)
{
    for (size_t i = 0; i < path->step_count; i++)
        if (path->steps[i].kind == STIX_STEP_INDEX &&
            path->steps[i].index != item)
            return false;
    return true;
}

static void each_value(const void *context, size_t object,
                       const struct stix_path *path,
                       stix_value_function *each, void *each_context)
{
    const struct intel_view *view = context;
    char text[IP_TEXT_SIZE];

    for (size_t i = 0; i < view->row_count; i++) {
        const struct intel_row *row = &view->rows[i];
        struct stix_value value = row->value;
        if (row->object != object ||
            !bytes_equal(path->text, bytes_of_text(row->path)) ||
            !is_asked_for(path, row->item))
            continue;
        if (row->kind == INTEL_ADDRESS)
            value.text = bytes_of_text(ip_text(row->ip, text));
        if (each(each_context, &value))
            return;
    }
}

struct stix_observation intel_view_observation(const struct intel_view *view)
{
    return (struct stix_observation){
        .context = view,
        .object_count = view->object_count,
        .type_of = type_of,
        .each_value = each_value,
    };
}
