/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The shapes of classic pcap files (draft-ietf-opsawg-pcap): a header of 24
 * bytes that says byte order, resolution and link type, then records of 16
 * bytes and their frame.
 */
#include "base/bytes.h"
#include "base/compiler.h"

enum { PCAP_HEADER_SIZE = 24, PCAP_RECORD_SIZE_MAX = 24 };

struct pcap_header {
    bool is_big_endian;
    bool is_nanoseconds;
    uint8_t record_size;  /* 16; 24 for the modified format of old kernels. */
    uint16_t link_type;   /* LINKTYPE_, without the FCS bits. */
    uint16_t major;
    uint16_t minor;
};

struct pcap_record {
    int64_t time_ns;
    uint32_t captured_size;
    uint32_t original_size;
};

/* False when `b` does not begin like a pcap file. */
bool pcap_header_parse(struct bytes b, struct pcap_header *header) MUST_USE;

/* Read the record_size bytes in front of a frame; false when there are less. */
bool pcap_record_parse(struct bytes b, const struct pcap_header *header,
                       struct pcap_record *record) MUST_USE;
