/* SPDX-License-Identifier: Apache-2.0 */

/*
 * SMB over TCP (MS-SMB2 section 2.1): a zero byte, 24 bits of size, then
 * \xffSMB for version 1, \xfeSMB for 2 and 3, \xfdSMB and \xfcSMB when
 * encrypted or compressed. Over NetBIOS a session request comes first (RFC
 * 1002 section 4.3.2). Only the flow is labelled: an administration service
 * answers here.
 */
#include "dissect/dissector.h"

#include "base/reader.h"

enum {
    SMB_SESSION_REQUEST = 0x81,
    SMB_SESSION_SIZE = 68, /* Two encoded NetBIOS names. */
};

static struct dissect_result smb_feed(void *memory,
                                      const struct dissect_input *input,
                                      struct event_list *events)
{
    (void)memory;
    (void)input;
    (void)events;
    return dissect_finished();
}

static enum dissect_verdict smb_recognise(const struct dissect_input *input)
{
    struct reader r = reader_of(input->data);
    uint8_t type = reader_u8(&r);
    uint32_t size = reader_u24(&r);
    uint8_t mark = reader_u8(&r);
    struct bytes name = reader_bytes(&r, 3);

    if (type != 0 && type != SMB_SESSION_REQUEST)
        return DISSECT_NOT_MINE;
    if (!reader_ok(&r))
        return DISSECT_MORE;
    if (type == SMB_SESSION_REQUEST)
        return size == SMB_SESSION_SIZE && mark == 0x20 ? DISSECT_DONE
                                                        : DISSECT_NOT_MINE;
    return mark >= 0xfc && bytes_equal(name, bytes_of_text("SMB"))
               ? DISSECT_DONE : DISSECT_NOT_MINE;
}

static const uint16_t smb_ports[] = { 445, 139, 0 };

const struct dissector smb_dissector = {
    .name = "smb",
    .transport = IP_PROTOCOL_TCP,
    .ports = smb_ports,
    .recognise = smb_recognise,
    .feed = smb_feed,
};
