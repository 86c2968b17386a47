/* SPDX-License-Identifier: Apache-2.0 */

/* VNC: the server says "RFB 003.008\n" first (RFC 6143 section 7.1.1). Only
 * the flow is labelled: an administration service answers here. */
#include "dissect/dissector.h"

static struct dissect_result vnc_feed(void *memory,
                                      const struct dissect_input *input,
                                      struct event_list *events)
{
    (void)memory;
    (void)input;
    (void)events;
    return dissect_finished();
}

static enum dissect_verdict vnc_recognise(const struct dissect_input *input)
{
    struct bytes version = bytes_slice(input->data, 0, 12);
    struct bytes start = bytes_of_text("RFB 00");

    if (version.size < 12)
        return bytes_start_with(start, bytes_slice(version, 0, start.size))
                   ? DISSECT_MORE : DISSECT_NOT_MINE;
    return bytes_start_with(version, start) &&
                   bytes_find_byte(version, '\n') == 11
               ? DISSECT_DONE : DISSECT_NOT_MINE;
}

static const uint16_t vnc_ports[] = { 5900, 5901, 0 };

const struct dissector vnc_dissector = {
    .name = "rfb",
    .transport = IP_PROTOCOL_TCP,
    .ports = vnc_ports,
    .recognise = vnc_recognise,
    .feed = vnc_feed,
};
