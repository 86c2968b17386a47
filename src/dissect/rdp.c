/* SPDX-License-Identifier: Apache-2.0 */

/*
 * RDP: a TPKT (RFC 1006) with an X.224 connection request or confirm that
 * holds a cookie or a negotiation (MS-RDPBCGR sections 2.2.1.1 and 2.2.1.2).
 * Only the flow is labelled: an administration service answers here.
 */
#include "dissect/dissector.h"

#include "base/reader.h"

enum {
    RDP_TPKT = 3,
    RDP_REQUEST = 0xe0,
    RDP_CONFIRM = 0xd0,
    RDP_NEGOTIATION_SIZE = 8,
    RDP_SIZE_MAX = 512, /* Of the request; cookies are short. */
};

static struct dissect_result rdp_feed(void *memory,
                                      const struct dissect_input *input,
                                      struct event_list *events)
{
    (void)memory;
    (void)input;
    (void)events;
    return dissect_finished();
}

/* Type 1, 2 or 3, flags, size 8 in little-endian order, a protocol. */
static bool is_negotiation(struct bytes data)
{
    struct reader r = reader_of(data);
    uint8_t type = reader_u8(&r);

    reader_skip(&r, 1);
    uint16_t size = reader_u16_le(&r);
    return reader_ok(&r) && data.size == RDP_NEGOTIATION_SIZE && type >= 1 &&
           type <= 3 && size == RDP_NEGOTIATION_SIZE;
}

static enum dissect_verdict rdp_recognise(const struct dissect_input *input)
{
    struct reader r = reader_of(input->data);
    uint8_t version = reader_u8(&r);
    uint8_t reserved = reader_u8(&r);
    uint16_t size = reader_u16(&r);
    uint8_t length = reader_u8(&r);
    uint8_t type = reader_u8(&r);

    if (version != RDP_TPKT || reserved != 0 || size > RDP_SIZE_MAX)
        return DISSECT_NOT_MINE;
    if (!reader_ok(&r))
        return DISSECT_MORE;
    if ((type != RDP_REQUEST && type != RDP_CONFIRM) || length + 5u != size)
        return DISSECT_NOT_MINE;
    reader_skip(&r, 5); /* References and class. */
    struct bytes rest = reader_bytes(&r, size - 11u);
    if (!reader_ok(&r))
        return size < 11 ? DISSECT_NOT_MINE : DISSECT_MORE;
    return is_negotiation(rest) ||
                   bytes_start_with(rest, bytes_of_text("Cookie: mstshash="))
               ? DISSECT_DONE : DISSECT_NOT_MINE;
}

static const uint16_t rdp_ports[] = { 3389, 0 };

const struct dissector rdp_dissector = {
    .name = "rdp",
    .transport = IP_PROTOCOL_TCP,
    .ports = rdp_ports,
    .recognise = rdp_recognise,
    .feed = rdp_feed,
};
