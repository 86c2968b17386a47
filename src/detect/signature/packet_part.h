/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Headers of one packet as buffers that rules look into, in the bytes they
 * were sent in: Suricata's ipv4.hdr, tcp.hdr and so on.
 */
#include "decode/packet.h"
#include "dissect/view.h"

/* Is this a part of a single packet that is no payload? */
static inline bool view_is_packet_part(enum view_id view)
{
    return view > VIEW_PAYLOAD;
}

/* "tcp.hdr" of VIEW_TCP_HEADER, "payload" of VIEW_PAYLOAD. */
const char *packet_part_name(enum view_id view);

/* The bytes; empty when the packet has no such part. Points into it. */
struct bytes packet_part(const struct packet *packet, enum view_id view);
