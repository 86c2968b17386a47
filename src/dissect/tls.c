/* SPDX-License-Identifier: Apache-2.0 */

/*
 * TLS over TCP: the handshake as far as it is in the clear, then no more.
 *
 *     record:    uint8 type | uint16 version | uint16 size | fragment
 *     handshake: uint8 type | uint24 size | body          (RFC 8446 section 4)
 *
 * A handshake message may be split over records and a record may hold several
 * messages, so records are read in runs: consecutive handshake records that
 * together end where a message ends. Most runs are one record and are read in
 * place; the others are put together in the packet's arena.
 */
#include "dissect/dissector.h"

#include <string.h>

#include "base/reader.h"
#include "dissect/tls_session.h"
#include "dissect/tls_views.h"

enum {
    RECORD_HEADER_SIZE = 5,
    MESSAGE_HEADER_SIZE = 4,
    RECORD_SIZE_MAX = (1 << 14) + 2048, /* RFC 5246 section 6.2.3 */
    MESSAGE_SIZE_MAX = DISSECT_MESSAGE_MAX - 4096, /* Leaves room for the
                                         headers of the records it is in. */
    HELLO_START_SIZE = 11,   /* Enough to tell a hello from other things. */
};

enum record_type {
    RECORD_CHANGE_CIPHER = 20,
    RECORD_ALERT = 21,
    RECORD_HANDSHAKE = 22,
    RECORD_DATA = 23,
    RECORD_HEARTBEAT = 24,
};

enum message_type {
    MESSAGE_CLIENT_HELLO = 1,
    MESSAGE_SERVER_HELLO = 2,
    MESSAGE_SSL2_SERVER_HELLO = 4,
    MESSAGE_CERTIFICATE = 11,
    MESSAGE_CERTIFICATE_REQUEST = 13,
    MESSAGE_SERVER_HELLO_DONE = 14,
};

enum { ALERT_FATAL = 2, ALERT_CLOSE_NOTIFY = 0 };

/* Where one side's bytes are being read. */
struct flight {
    struct tls_session *session;
    const struct dissect_input *input;
    struct event_list *events;
    bool is_over; /* The rest of the flow is of no interest. */
};

static const uint16_t ports[] = { 443, 8883, 8443, 993, 995, 465, 636,
                                  853, 5061, 5671, 6697, 990, 0 };

/*
 * SSL 2.0 hello: uint16 0x8000 | size, uint8 1, version, then the sizes of the
 * cipher list (three bytes each), session id and challenge (RFC 5246 appendix
 * E.2), which must add up.
 */
static bool is_ssl2_hello(struct bytes data, uint16_t *version)
{
    struct reader r = reader_of(bytes_slice(data, 0, HELLO_START_SIZE));
    uint16_t size = reader_u16(&r);
    uint8_t type = reader_u8(&r);

    *version = reader_u16(&r);
    uint16_t ciphers = reader_u16(&r);
    uint16_t session_id = reader_u16(&r);
    uint16_t challenge = reader_u16(&r);
    return reader_ok(&r) && (size & 0x8000) && type == MESSAGE_CLIENT_HELLO &&
           (*version == TLS_VERSION_SSL2 || *version >> 8 == 3) &&
           ciphers > 0 && ciphers % 3 == 0 && challenge >= 16 &&
           challenge <= 32 &&
           (size & 0x7fff) == 9u + ciphers + session_id + challenge;
}

/* What byte `at` of a hello may be: the record's type, version and size, then
 * the message's type, size and version. */
static bool may_be_hello(size_t at, uint8_t byte)
{
    switch (at) {
    case 0:
        return byte == RECORD_HANDSHAKE;
    case 1:
    case 9:
        return byte == 3;
    case 2:
    case 10:
        return byte <= 4;
    case 3:
        return byte <= RECORD_SIZE_MAX >> 8;
    case 5:
        return byte == MESSAGE_CLIENT_HELLO || byte == MESSAGE_SERVER_HELLO;
    case 6:
        return byte == 0;
    default:
        return true;
    }
}

static bool is_record_header(uint8_t type, uint16_t version, size_t size)
{
    return type >= RECORD_CHANGE_CIPHER && type <= RECORD_HEARTBEAT &&
           version >> 8 == 3 && (version & 0xff) <= 4 &&
           size <= RECORD_SIZE_MAX;
}

/* A connection whose start was not captured, on a port that is TLS's. */
static bool is_midway(const struct dissect_input *input)
{
    struct reader r = reader_of(input->data);
    uint8_t type = reader_u8(&r);
    uint16_t version = reader_u16(&r);
    uint16_t size = reader_u16(&r);

    return input->port_matches && reader_ok(&r) && size > 0 &&
           is_record_header(type, version, size);
}

static enum dissect_verdict tls_recognise(const struct dissect_input *input)
{
    struct bytes start = bytes_slice(input->data, 0, HELLO_START_SIZE);
    uint16_t version;

    if (is_ssl2_hello(start, &version) || is_midway(input))
        return DISSECT_DONE;
    for (size_t i = 0; i < start.size; i++)
        if (!may_be_hello(i, start.data[i]))
            return start.size < HELLO_START_SIZE && start.data[0] & 0x80
                       ? DISSECT_MORE
                       : DISSECT_NOT_MINE;
    return start.size < HELLO_START_SIZE ? DISSECT_MORE : DISSECT_DONE;
}

static bool is_from_client(const struct flight *flight)
{
    return flight->input->side == flight->session->client_side;
}

/* The flow has said all it will, or all that can be read. */
static void conclude(struct flight *flight, struct bytes certificates)
{
    struct tls_session *session = flight->session;

    if (!session->is_emitted)
        view_end(flight->input->views,
                 session->client_side == FLOW_ORIGINATOR ? FLOW_RESPONDER
                                                         : FLOW_ORIGINATOR,
                 0);
    tls_session_emit(session, flight->input, flight->events, certificates);
}

static bool take_client_hello(struct flight *flight, struct bytes body)
{
    struct tls_session *session = flight->session;
    struct tls_client_hello hello;

    if (session->has_client_hello)
        return true; /* The second, after a retry, says the same. */
    if (!tls_client_hello_parse(body, false, &hello))
        return false;
    session->client_side = (uint8_t)flight->input->side;
    tls_session_client_hello(session, &hello, 't');
    tls_views_client_hello(flight->input, body, &hello, session);
    view_end(flight->input->views, flight->input->side, 0);
    return true;
}

/* In TLS 1.3 all that follows is encrypted (RFC 8446 section 2). */
static bool take_server_hello(struct flight *flight, struct bytes body)
{
    struct tls_session *session = flight->session;
    struct tls_server_hello hello;

    if (session->has_server_hello)
        return true;
    if (!tls_server_hello_parse(body, &hello))
        return false;
    if (hello.is_retry)
        return true;
    if (!session->has_client_hello)
        session->client_side = flight->input->side == FLOW_ORIGINATOR
                                   ? FLOW_RESPONDER
                                   : FLOW_ORIGINATOR;
    tls_session_server_hello(session, &hello);
    tls_views_server_hello(flight->input, body, &hello, session);
    flight->is_over = hello.chosen_version == TLS_VERSION_1_3 ||
                      hello.chosen_version >> 8 == TLS_DRAFT_HIGH_BYTE;
    return true;
}

static void take_certificate(struct flight *flight, struct bytes body)
{
    struct tls_session *session = flight->session;

    if (!is_from_client(flight)) {
        session->has_certificate = true;
        tls_views_certificates(flight->input, body);
        conclude(flight, body);
        return;
    }
    tls_session_emit_client(session, flight->input, flight->events, body);
    flight->is_over = session->is_emitted;
}

static bool take_message(struct flight *flight, uint8_t type,
                         struct bytes body)
{
    switch (type) {
    case MESSAGE_CLIENT_HELLO:
        return take_client_hello(flight, body);
    case MESSAGE_SERVER_HELLO:
        return take_server_hello(flight, body);
    case MESSAGE_CERTIFICATE:
        take_certificate(flight, body);
        return true;
    case MESSAGE_CERTIFICATE_REQUEST:
        flight->session->awaits_certificate = true;
        return true;
    case MESSAGE_SERVER_HELLO_DONE:
        conclude(flight, (struct bytes){ 0 });
        flight->is_over = !flight->session->awaits_certificate;
        return true;
    default:
        return true; /* Key exchange, tickets: nothing to tell. */
    }
}

/* True when `run` ends where a message ends; `*is_too_long` when one cannot
 * be waited for. */
static bool ends_with_message(struct bytes run, bool *is_too_long)
{
    struct reader r = reader_of(run);

    while (reader_left(&r) > 0) {
        reader_skip(&r, 1);
        size_t size = reader_u24(&r);
        *is_too_long |= size > MESSAGE_SIZE_MAX;
        reader_skip(&r, size);
    }
    return reader_ok(&r);
}

static struct dissect_result take_run(struct flight *flight, struct bytes run,
                                      size_t used)
{
    struct reader r = reader_of(run);

    while (reader_left(&r) > 0 && !flight->is_over) {
        uint8_t type = reader_u8(&r);
        size_t size = reader_u24(&r);
        struct bytes body = reader_bytes(&r, size);
        if (!take_message(flight, type, body)) {
            conclude(flight, (struct bytes){ 0 });
            return dissect_malformed("tls_malformed_hello");
        }
    }
    return dissect_done(used);
}

/* The fragment of one whole handshake record at the front of `r`; empty when
 * there is none. `*next_type` is what stands there, 0 for nothing. */
static struct bytes next_fragment(struct reader *r, uint8_t *next_type)
{
    struct reader ahead = *r;

    *next_type = reader_peek(&ahead);
    reader_skip(&ahead, 3);
    size_t size = reader_u16(&ahead);
    struct bytes fragment = reader_bytes(&ahead, size);
    if (*next_type != RECORD_HANDSHAKE || !reader_ok(&ahead))
        return (struct bytes){ 0 };
    *r = ahead;
    return fragment;
}

/* Put the fragments of the records in `records` one after the other. */
static struct bytes join(struct arena *arena, struct bytes records)
{
    uint8_t *joined = arena_allocate(arena, records.size);
    struct reader r = reader_of(records);
    size_t size = 0;
    uint8_t type;

    while (reader_left(&r) > 0) {
        struct bytes fragment = next_fragment(&r, &type);
        if (fragment.size == 0)
            break;
        memcpy(joined + size, fragment.data, fragment.size);
        size += fragment.size;
    }
    return bytes_of(joined, size);
}

static struct dissect_result read_handshake(struct flight *flight)
{
    struct bytes data = flight->input->data;
    struct reader r = reader_of(data);
    uint8_t next_type;
    struct bytes run = next_fragment(&r, &next_type);
    bool is_joined = false;
    bool is_too_long = false;

    if (run.size == 0)
        return dissect_malformed("tls_empty_handshake");
    while (next_fragment(&r, &next_type).size > 0)
        is_joined = true;
    size_t used = data.size - reader_left(&r);
    if (is_joined)
        run = join(flight->input->arena, bytes_slice(data, 0, used));
    if (ends_with_message(run, &is_too_long))
        return take_run(flight, run, used);

    if (is_too_long || used > MESSAGE_SIZE_MAX) {
        flight->is_over = true;
        return dissect_done(used);
    }
    if (next_type != 0 && next_type != RECORD_HANDSHAKE) {
        conclude(flight, (struct bytes){ 0 });
        return dissect_malformed("tls_interrupted_handshake");
    }
    return dissect_more(data.size + 1);
}

static void take_change_cipher(struct flight *flight)
{
    struct tls_session *session = flight->session;

    if (is_from_client(flight)) {
        session->is_client_ciphered = true;
        flight->is_over = session->is_emitted;
        return;
    }
    session->is_resumed |= session->has_server_hello &&
                           !session->has_certificate && !session->is_emitted;
    flight->is_over = true;
}

static void take_alert(struct flight *flight, struct bytes fragment)
{
    struct tls_session *session = flight->session;
    struct reader r = reader_of(fragment);
    uint8_t level = reader_u8(&r);
    uint8_t alert = reader_u8(&r);

    if (!reader_finished(&r)) { /* Encrypted. */
        flight->is_over = true;
        return;
    }
    session->has_alert = true;
    session->alert = alert;
    flight->is_over = level == ALERT_FATAL || alert == ALERT_CLOSE_NOTIFY;
}

/* Early data of a client comes before the answer (RFC 8446 section 2.3). */
static void take_data(struct flight *flight)
{
    struct tls_session *session = flight->session;

    flight->is_over = !session->has_client_hello || !is_from_client(flight) ||
                      session->has_server_hello;
}

static struct dissect_result read_record(struct flight *flight)
{
    struct reader r = reader_of(flight->input->data);
    uint8_t type = reader_u8(&r);
    uint16_t version = reader_u16(&r);
    size_t size = reader_u16(&r);

    if (!reader_ok(&r))
        return dissect_more(RECORD_HEADER_SIZE);
    if (!is_record_header(type, version, size)) {
        conclude(flight, (struct bytes){ 0 });
        return dissect_malformed("tls_malformed_record");
    }
    struct bytes fragment = reader_bytes(&r, size);
    if (!reader_ok(&r))
        return dissect_more(RECORD_HEADER_SIZE + size);
    bool is_ciphered =
        flight->session->is_client_ciphered && is_from_client(flight);
    if (type == RECORD_HANDSHAKE && !is_ciphered)
        return read_handshake(flight);
    if (type == RECORD_CHANGE_CIPHER)
        take_change_cipher(flight);
    else if (type == RECORD_ALERT)
        take_alert(flight, fragment);
    else if (type == RECORD_DATA)
        take_data(flight);
    return dissect_done(RECORD_HEADER_SIZE + size);
}

/* A client of old days asks for whatever is best; the answer may be TLS. */
static struct dissect_result read_ssl2(struct flight *flight)
{
    struct tls_session *session = flight->session;
    struct reader r = reader_of(flight->input->data);
    size_t size = reader_u16(&r) & 0x7fff;
    uint8_t type = reader_u8(&r);

    if (!reader_ok(&r) || reader_left(&r) + 1 < size)
        return dissect_more(2 + size);
    if (type == MESSAGE_CLIENT_HELLO) {
        session->has_client_hello = true;
        session->client_side = (uint8_t)flight->input->side;
        session->client_version = reader_u16(&r);
    } else {
        session->has_server_hello = true;
        session->version = TLS_VERSION_SSL2;
        flight->is_over = true;
    }
    return dissect_done(2 + size);
}

/* Before the hello that it starts with, or the answer to one. */
static bool is_ssl2(const struct flight *flight)
{
    const struct tls_session *session = flight->session;
    struct bytes data = flight->input->data;
    uint16_t version;

    if (!session->has_client_hello)
        return is_ssl2_hello(data, &version);

    struct bytes start = bytes_slice(data, 0, 3);
    return session->client_version == TLS_VERSION_SSL2 && start.size == 3 &&
           !is_from_client(flight) && start.data[0] & 0x80 &&
           start.data[2] == MESSAGE_SSL2_SERVER_HELLO;
}

static bool may_become_ssl2(struct bytes data)
{
    return data.size > 0 && data.size < HELLO_START_SIZE &&
           data.data[0] & 0x80;
}

static struct dissect_result tls_feed(void *state,
                                      const struct dissect_input *input,
                                      struct event_list *events)
{
    struct flight flight = { .session = state,
                             .input = input,
                             .events = events };
    struct dissect_result result = dissect_more(RECORD_HEADER_SIZE);

    if (input->gap > 0)
        flight.is_over = true; /* What follows cannot be placed. */
    else if (may_become_ssl2(input->data))
        result = dissect_more(HELLO_START_SIZE);
    else if (is_ssl2(&flight))
        result = read_ssl2(&flight);
    else if (input->data.size > 0)
        result = read_record(&flight);
    if (result.verdict == DISSECT_MALFORMED)
        return result;
    bool is_all_read = result.verdict == DISSECT_MORE ||
                       result.used == input->data.size;
    if (flight.is_over || (input->end && is_all_read)) {
        conclude(&flight, (struct bytes){ 0 });
        return dissect_finished();
    }
    return result;
}

const struct dissector tls_dissector = {
    .encrypts = true,
    .name = "tls",
    .transport = IP_PROTOCOL_TCP,
    .ports = ports,
    .state_size = sizeof(struct tls_session),
    .recognise = tls_recognise,
    .feed = tls_feed,
};
