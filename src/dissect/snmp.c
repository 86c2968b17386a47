/* SPDX-License-Identifier: Apache-2.0 */

/*
 * SNMP versions 1 (RFC 1157), 2c (RFC 1901) and 3 (RFC 3412, RFC 3414). The
 * community of the first two is a password in the clear, so trying one is a
 * login, which an answer makes a success.
 */
#include "base/arena_writer.h"
#include "dissect/ber.h"
#include "dissect/dissector.h"

#include <string.h>

enum {
    SNMP_PORT = 161,
    SNMP_TRAP_PORT = 162,
    SNMP_VARS_MAX = 32,       /* Listed of one message; more are counted. */
    SNMP_COMMUNITY_KEPT = 64, /* To tell the next community from the last. */
    SNMP_TEXT_MAX = 1024,     /* A longer value is no text worth a record. */
    PDU_GET = 0xa0,
    PDU_RESPONSE = 0xa2,
    PDU_TRAP_V1 = 0xa4,
    PDU_BULK = 0xa5,
    PDU_REPORT = 0xa8,
    VERSION_1 = 0,            /* As on the wire. */
    VERSION_2C = 1,
    VERSION_3 = 3,
    FLAG_AUTHENTICATED = 1,   /* RFC 3412 section 6.4 */
    FLAG_ENCRYPTED = 2,
};

static const uint16_t snmp_ports[] = { SNMP_PORT, SNMP_TRAP_PORT, 0 };

struct snmp_message {
    int64_t version;
    struct bytes community;
    struct bytes user;
    struct bytes engine;
    struct ber pdu;         /* Tag 0 when it is encrypted. */
    uint8_t flags;
    /* Of the PDU: */
    int64_t request_id;
    int64_t error;
    int64_t trap_type;
    struct bytes enterprise;
    struct reader variables;
};

struct snmp_state {
    uint32_t attempts;
    bool is_answered;
    uint8_t community_size; /* As sent; the kept part may be shorter. */
    uint8_t community[SNMP_COMMUNITY_KEPT];
};

/* RFC 3414 section 2.4 */
static bool parse_security(struct bytes parameters,
                           struct snmp_message *message)
{
    struct reader outer = reader_of(parameters);
    struct reader r = ber_enter(&outer, BER_SEQUENCE);

    message->engine = ber_take(&r, BER_OCTETS);
    (void)ber_take_integer(&r); /* Boots and time of the engine. */
    (void)ber_take_integer(&r);
    message->user = ber_take(&r, BER_OCTETS);
    return reader_ok(&r);
}

/* RFC 3412 section 6 */
static bool parse_version_3(struct reader *r, struct snmp_message *message)
{
    struct reader header = ber_enter(r, BER_SEQUENCE);
    (void)ber_take_integer(&header); /* Message id and largest size. */
    (void)ber_take_integer(&header);
    struct bytes flags = ber_take(&header, BER_OCTETS);
    struct bytes security = ber_take(r, BER_OCTETS);

    if (!reader_ok(&header) || !reader_ok(r) || flags.size != 1)
        return false;
    message->flags = flags.data[0];
    if (!parse_security(security, message))
        return false;
    if (message->flags & FLAG_ENCRYPTED)
        return true;
    struct reader scoped = ber_enter(r, BER_SEQUENCE);
    (void)ber_take(&scoped, BER_OCTETS); /* Context engine and name. */
    (void)ber_take(&scoped, BER_OCTETS);
    message->pdu = ber_read(&scoped);
    return reader_ok(&scoped);
}

/* RFC 1157 section 4.1.6 */
static void parse_trap(struct reader *r, struct snmp_message *message)
{
    message->enterprise = ber_take(r, BER_OID);
    (void)ber_read(r); /* Agent's address. */
    message->trap_type = ber_take_integer(r);
    (void)ber_take_integer(r); /* Specific type. */
    (void)ber_read(r);         /* Time. */
    message->variables = ber_enter(r, BER_SEQUENCE);
}

/* RFC 3416 section 3 */
static bool parse_pdu(struct snmp_message *message)
{
    struct reader r = reader_of(message->pdu.value);

    if (message->pdu.tag < PDU_GET || message->pdu.tag > PDU_REPORT)
        return false;
    if (message->pdu.tag == PDU_TRAP_V1) {
        parse_trap(&r, message);
        return reader_ok(&r);
    }
    message->request_id = ber_take_integer(&r);
    message->error = ber_take_integer(&r);
    (void)ber_take_integer(&r); /* Index of the error. */
    message->variables = ber_enter(&r, BER_SEQUENCE);
    return reader_ok(&r);
}

static bool parse(struct bytes wire, struct snmp_message *message)
{
    struct reader outer = reader_of(wire);
    struct reader r = ber_enter(&outer, BER_SEQUENCE);

    *message = (struct snmp_message){ .version = ber_take_integer(&r) };
    if (message->version == VERSION_3) {
        if (!parse_version_3(&r, message))
            return false;
        return message->flags & FLAG_ENCRYPTED || parse_pdu(message);
    }
    message->community = ber_take(&r, BER_OCTETS);
    message->pdu = ber_read(&r);
    return reader_ok(&r) && (message->version == VERSION_1 ||
                             message->version == VERSION_2C) &&
           parse_pdu(message);
}

static bool is_text(struct bytes value)
{
    for (size_t i = 0; i < value.size; i++)
        if ((value.data[i] < 0x20 && value.data[i] != '\r' &&
             value.data[i] != '\n' && value.data[i] != '\t') ||
            value.data[i] >= 0x7f)
            return false;
    return value.size > 0 && value.size <= SNMP_TEXT_MAX;
}

static void set_variables(struct event *event, struct reader variables,
                          struct arena *arena)
{
    uint16_t texts = 0;
    uint32_t more = 0;

    for (uint32_t i = 0; reader_left(&variables) > 0; i++) {
        struct reader r = ber_enter(&variables, BER_SEQUENCE);
        struct bytes oid = ber_take(&r, BER_OID);
        struct ber value = ber_read(&r);
        struct bytes text;

        more += i >= SNMP_VARS_MAX;
        if (i >= SNMP_VARS_MAX || !reader_ok(&r) ||
            !ber_oid_text(oid, arena, &text))
            continue;
        event_set_text(event, FIELD_SNMP_OID, text);
        if (value.tag != BER_OCTETS || !is_text(value.value))
            continue;
        event_begin_item(event, texts++);
        event_set_text(event, FIELD_SNMP_VALUE_OID, text);
        event_set_text(event, FIELD_SNMP_VALUE, value.value);
        event_begin_item(event, 0);
    }
    if (more > 0)
        event_set_number(event, FIELD_SNMP_VARS_MORE, more);
}

static void set_security(struct event *event,
                         const struct snmp_message *message,
                         struct arena *arena)
{
    static const char *const levels[] = { "noAuthNoPriv", "authNoPriv",
                                          "reserved", "authPriv" };
    struct arena_writer w;

    if (message->user.size > 0)
        event_set_text(event, FIELD_SNMP_USER, message->user);
    event_set_literal(event, FIELD_SNMP_SECURITY, levels[message->flags & 3]);
    if (message->engine.size == 0)
        return;
    arena_writer_init(&w, arena, 2 * message->engine.size);
    arena_writer_hex(&w, message->engine);
    event_set_text(event, FIELD_SNMP_ENGINE, arena_writer_view(&w));
}

static void set_pdu(struct event *event, const struct snmp_message *message,
                    struct arena *arena)
{
    static const char *const names[] = {
        "get_request", "get_next_request", "response",
        "set_request", "trap_v1",          "get_bulk_request",
        "inform_request", "trap_v2",       "report",
    };
    struct bytes text;

    event_set_literal(event, FIELD_SNMP_PDU,
                      names[message->pdu.tag - PDU_GET]);
    if (message->pdu.tag == PDU_TRAP_V1) {
        event_set_number(event, FIELD_SNMP_TRAP_TYPE,
                         (uint32_t)message->trap_type);
        if (ber_oid_text(message->enterprise, arena, &text))
            event_set_text(event, FIELD_SNMP_TRAP_OID, text);
    } else {
        event_set_number(event, FIELD_SNMP_REQUEST_ID,
                         (uint32_t)message->request_id);
        if (message->pdu.tag != PDU_BULK)
            event_set_number(event, FIELD_SNMP_ERROR,
                             (uint32_t)message->error);
    }
    set_variables(event, message->variables, arena);
}

static void add_event(const struct snmp_message *message, struct arena *arena,
                      struct event_list *events)
{
    struct event *event = event_new(events, EVENT_SNMP);
    uint64_t version = message->version == VERSION_3
                           ? 3
                           : (uint64_t)message->version + 1;

    event_set_number(event, FIELD_SNMP_VERSION, version);
    if (message->version == VERSION_3)
        set_security(event, message, arena);
    else
        event_set_text(event, FIELD_SNMP_COMMUNITY, message->community);
    if (message->pdu.tag != 0)
        set_pdu(event, message, arena);
}

static bool is_request(const struct snmp_message *message)
{
    uint8_t tag = message->pdu.tag;

    return tag >= PDU_GET && tag <= PDU_BULK && tag != PDU_RESPONSE &&
           tag != PDU_TRAP_V1;
}

static bool is_the_last(const struct snmp_state *state, struct bytes community)
{
    struct bytes kept = bytes_slice(community, 0, SNMP_COMMUNITY_KEPT);

    return state->attempts > 0 &&
           state->community_size == (uint8_t)community.size &&
           bytes_equal(kept, bytes_of(state->community, kept.size));
}

/* Each community that is tried counts once, and once more when answered. */
static void add_login(struct snmp_state *state,
                      const struct snmp_message *message,
                      struct event_list *events)
{
    struct bytes community = message->community;
    struct dissect_login login = {
        .protocol = "snmp",
        .method = "community",
        .password = community,
        .clear = true,
    };

    if (is_request(message) && !is_the_last(state, community)) {
        struct bytes kept = bytes_slice(community, 0, SNMP_COMMUNITY_KEPT);
        state->attempts++;
        state->is_answered = false;
        state->community_size = (uint8_t)community.size;
        if (kept.size > 0)
            memcpy(state->community, kept.data, kept.size);
        login.result = "unknown";
    } else if (message->pdu.tag == PDU_RESPONSE && !state->is_answered &&
               is_the_last(state, community)) {
        state->is_answered = true;
        login.result = "success";
    } else {
        return;
    }
    login.attempt = state->attempts;
    dissect_add_login(events, &login);
}

/* One sequence that fills the datagram, with a version and a PDU in it; on
 * its own port the version will do, so that what is malformed is reported. */
static enum dissect_verdict snmp_recognise(const struct dissect_input *input)
{
    struct reader r = reader_of(input->data);
    struct reader inner = ber_enter(&r, BER_SEQUENCE);
    struct snmp_message message;

    if (reader_finished(&r) && parse(input->data, &message))
        return DISSECT_DONE;
    int64_t version = ber_take_integer(&inner);
    return input->port_matches && reader_ok(&inner) &&
                   (version == VERSION_1 || version == VERSION_2C ||
                    version == VERSION_3)
               ? DISSECT_DONE
               : DISSECT_NOT_MINE;
}

/* Parts for rules; a message is a transaction of its own. */
static void show_parts(const struct dissect_input *input,
                       const struct snmp_message *message)
{
    struct view_list *views = input->views;
    uint32_t transaction;

    if (!views)
        return;
    transaction = dissect_transaction(input);
    view_add_number(views, VIEW_SNMP_VERSION, input->side, transaction,
                    message->version == VERSION_3
                        ? 3
                        : (uint64_t)message->version + 1);
    if (message->version != VERSION_3)
        view_add_text(views, VIEW_SNMP_COMMUNITY, input->side, transaction,
                      message->community);
    if (message->pdu.tag != 0)
        view_add_number(views, VIEW_SNMP_PDU_TYPE, input->side, transaction,
                        message->pdu.tag - PDU_GET);
    view_end(views, input->side, transaction);
    view_end(views, !input->side, transaction);
}

static struct dissect_result snmp_feed(void *state,
                                       const struct dissect_input *input,
                                       struct event_list *events)
{
    struct snmp_message message;

    if (!parse(input->data, &message))
        return dissect_malformed("snmp_malformed");
    add_event(&message, input->arena, events);
    show_parts(input, &message);
    if (message.version != VERSION_3)
        add_login(state, &message, events);
    return dissect_done(input->data.size);
}

const struct dissector snmp_dissector = {
    .name = "snmp",
    .transport = IP_PROTOCOL_UDP,
    .ports = snmp_ports,
    .state_size = sizeof(struct snmp_state),
    .recognise = snmp_recognise,
    .feed = snmp_feed,
};
