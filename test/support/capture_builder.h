/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Capture files for tests, written byte for byte in either order: classic pcap
 * (draft-ietf-opsawg-pcap) and pcapng (draft-ietf-opsawg-pcapng). It shares no
 * code with the readers, so that a mistake is not made twice.
 */
#include "base/writer.h"

struct capture_builder {
    struct writer out;
    bool big;          /* Most significant byte first. */
    size_t block;      /* Where the open pcapng block begins. */
};

void capture_builder_init(struct capture_builder *b, bool big);
void capture_builder_clear(struct capture_builder *b);
struct bytes capture_builder_view(const struct capture_builder *b);

/* Numbers in the order of the file. */
void capture_builder_u16(struct capture_builder *b, uint16_t number);
void capture_builder_u32(struct capture_builder *b, uint32_t number);
void capture_builder_u64(struct capture_builder *b, uint64_t number);

/* A classic file's header, version 2.4, and a record; `fraction` is in the
 * unit of the magic. A record of the modified format has 8 bytes more. */
void capture_builder_pcap(struct capture_builder *b, uint32_t magic,
                          uint32_t link_type);
void capture_builder_record(struct capture_builder *b, uint32_t seconds,
                            uint32_t fraction, struct bytes data);

/* A pcapng block: what is written between the two becomes its body. */
void capture_builder_open(struct capture_builder *b, uint32_t type);
void capture_builder_close(struct capture_builder *b);
void capture_builder_option(struct capture_builder *b, uint16_t code,
                            struct bytes value);

/* Whole blocks. `resolution` is if_tsresol, 0 for none. */
void capture_builder_section(struct capture_builder *b);
void capture_builder_interface(struct capture_builder *b, uint16_t link_type,
                               uint32_t snapshot_size, uint8_t resolution);
void capture_builder_packet(struct capture_builder *b, uint32_t interface,
                            uint64_t ticks, struct bytes data);
