/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The shapes of pcapng blocks (draft-ietf-opsawg-pcapng): sections, interfaces
 * and packets. A section is in one byte order and has interfaces of its own;
 * the reader keeps what the packets need of them.
 */
#include "base/bytes.h"
#include "base/compiler.h"

enum {
    PCAPNG_BLOCK_HEAD_SIZE = 8,
    PCAPNG_BLOCK_SIZE_MIN = 12,
    PCAPNG_INTERFACE_MAX = 4096, /* Of one section. */
};

/* The latest time, in the year 2116, a little after the last of a pcap file;
 * the earliest is 1970. */
#define PCAPNG_TIME_MAX (INT64_C(1) << 62)

enum pcapng_block_type {
    PCAPNG_SECTION = 0x0a0d0d0a,
    PCAPNG_INTERFACE = 1,
    PCAPNG_OLD_PACKET = 2,
    PCAPNG_SIMPLE_PACKET = 3,
    PCAPNG_ENHANCED_PACKET = 6,
};

struct pcapng_interface {
    uint16_t link_type;
    uint32_t snapshot_size;     /* 0 for no limit. */
    uint8_t resolution;         /* if_tsresol as in the file; 6 without. */
    int64_t offset_s;           /* if_tsoffset */
};

struct pcapng_section {
    bool is_big_endian;
    struct pcapng_interface *interfaces;
    uint32_t interface_count;
    uint32_t interface_room;
};

struct pcapng_packet {
    uint32_t interface;         /* Index in its section. */
    int64_t time_ns;            /* 0 for simple packets: they have none. */
    uint32_t original_size;
    struct bytes data;
    struct bytes comment;       /* opt_comment; empty without. */
};

void pcapng_section_clear(struct pcapng_section *section);

/* Type and whole size of the block that begins with `head` (8 bytes). For a
 * section header the byte-order magic must follow: give 12 bytes; a new section
 * begins and the old interfaces are forgotten. False when it is no block. */
bool pcapng_block_head(struct pcapng_section *section, struct bytes head,
                       uint32_t *type, uint32_t *size) MUST_USE;

/* Take in an interface description block, given whole. */
bool pcapng_interface_parse(struct pcapng_section *section,
                            struct bytes block) MUST_USE;

/* Read a packet block of any of the three kinds, given whole. */
bool pcapng_packet_parse(const struct pcapng_section *section,
                         struct bytes block,
                         struct pcapng_packet *packet) MUST_USE;
