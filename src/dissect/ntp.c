/* SPDX-License-Identifier: Apache-2.0 */

/*
 * NTP (RFC 5905), its control messages (RFC 9327) and the private mode of
 * ntpd, whose list of clients (monlist) is used to amplify floods.
 */
#include "base/reader.h"
#include "dissect/dissector.h"

enum {
    NTP_PORT = 123,
    NTP_SIZE_MIN = 48,
    NTP_VERSION_MAX = 4,
    MODE_CONTROL = 6,
    MODE_PRIVATE = 7,
    MONLIST_OLD = 20,  /* MON_GETLIST and MON_GETLIST_1 of ntpd. */
    MONLIST = 42,
};

static const uint16_t ntp_ports[] = { NTP_PORT, 0 };

/* The first byte: leap indicator (2), version (3), mode (3). In mode 7 the
 * first two bits say response and more. */
struct ntp_first {
    uint8_t leap;
    uint8_t version;
    uint8_t mode;
};

static bool parse_first(struct bytes data, struct ntp_first *first)
{
    struct reader r = reader_of(data);
    uint8_t byte = reader_u8(&r);

    *first = (struct ntp_first){ (uint8_t)(byte >> 6), byte >> 3 & 7,
                                 byte & 7 };
    return reader_ok(&r) && first->version >= 1 &&
           first->version <= NTP_VERSION_MAX && first->mode >= 1;
}

/* RFC 5905 section 7.3: four letters for a clock or a kiss code, else an
 * address (or a hash of one). */
static void set_reference(struct event *event, uint8_t stratum,
                          struct bytes id)
{
    char text[IP_TEXT_SIZE];

    if (!event || id.size != 4)
        return;
    if (stratum <= 1) {
        id = bytes_slice(id, 0, bytes_find_byte(id, 0));
        if (id.size > 0)
            event_set_text(event, FIELD_NTP_REFID, id);
        return;
    }
    (void)ip_text(ip_of_v4_bytes(id.data), text); /* Returns its argument. */
    event_set_text(event, FIELD_NTP_REFID,
                   arena_copy(event->arena, bytes_of_text(text)));
}

static void take_time(struct event *event, struct reader *r)
{
    uint8_t stratum = reader_u8(r);
    uint8_t poll = reader_u8(r);

    reader_skip(r, 9);
    struct bytes reference = reader_bytes(r, 4);
    event_set_number(event, FIELD_NTP_STRATUM, stratum);
    event_set_number(event, FIELD_NTP_POLL, poll);
    set_reference(event, stratum, reference);
}

/* RFC 9327 section 2: R, E, M and five bits of operation. */
static void take_control(struct event *event, struct reader *r)
{
    uint8_t byte = reader_u8(r);

    event_set_number(event, FIELD_NTP_OPCODE, byte & 0x1f);
    event_set_flag(event, FIELD_NTP_RESPONSE, byte & 0x80);
}

static void take_private(struct event *event, struct reader *r,
                         bool is_response)
{
    reader_skip(r, 2);
    uint8_t code = reader_u8(r);
    uint16_t items = reader_u16(r);

    event_set_number(event, FIELD_NTP_OPCODE, code);
    event_set_flag(event, FIELD_NTP_RESPONSE, is_response);
    event_set_number(event, FIELD_NTP_ITEMS, items & 0xfff);
    if (code == MONLIST || code == MONLIST_OLD)
        event_set_flag(event, FIELD_NTP_MONLIST, true);
}

static size_t size_min(uint8_t mode)
{
    if (mode == MODE_CONTROL)
        return 12;
    return mode == MODE_PRIVATE ? 8 : NTP_SIZE_MIN;
}

/* `data` has the size its mode wants. */
static void add_event(const struct ntp_first *first, struct bytes data,
                      struct event_list *events)
{
    static const char *const modes[] = {
        "reserved", "symmetric-active", "symmetric-passive", "client",
        "server",   "broadcast",        "control",           "private",
    };
    struct event *event = event_new(events, EVENT_NTP);
    struct reader r = reader_of(data);

    reader_skip(&r, 1);
    event_set_number(event, FIELD_NTP_VERSION, first->version);
    event_set_number(event, FIELD_NTP_MODE, first->mode);
    event_set_literal(event, FIELD_NTP_MODE_NAME, modes[first->mode]);
    event_set_number(event, FIELD_NTP_SIZE, data.size);
    if (first->mode == MODE_CONTROL) {
        take_control(event, &r);
    } else if (first->mode == MODE_PRIVATE) {
        take_private(event, &r, first->leap & 2);
    } else {
        event_set_number(event, FIELD_NTP_LEAP, first->leap);
        take_time(event, &r);
    }
}

/* A byte of small numbers proves little: one of the ports must be NTP's. The
 * server's may come first, when only answers are seen. */
static enum dissect_verdict ntp_recognise(const struct dissect_input *input)
{
    const uint16_t *port = input->flow->port;
    struct ntp_first first;

    return (port[0] == NTP_PORT || port[1] == NTP_PORT) &&
                   parse_first(input->data, &first)
               ? DISSECT_DONE
               : DISSECT_NOT_MINE;
}

static struct dissect_result ntp_feed(void *state,
                                      const struct dissect_input *input,
                                      struct event_list *events)
{
    struct ntp_first first;

    (void)state; /* Each message stands for itself. */
    if (!parse_first(input->data, &first))
        return dissect_malformed("ntp_version_or_mode");
    if (input->data.size < size_min(first.mode))
        return dissect_malformed("ntp_truncated");
    add_event(&first, input->data, events);
    return dissect_done(input->data.size);
}

const struct dissector ntp_dissector = {
    .name = "ntp",
    .transport = IP_PROTOCOL_UDP,
    .ports = ntp_ports,
    .recognise = ntp_recognise,
    .feed = ntp_feed,
};
