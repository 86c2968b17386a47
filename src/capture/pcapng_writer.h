/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Writes pcapng, little-endian, times in nanoseconds. The same frames always
 * give the same bytes: nothing of the machine is written. One interface is
 * described for each pair of link type and interface number met.
 */
#include "base/writer.h"
#include "capture/frame.h"

enum { PCAPNG_WRITER_INTERFACE_MAX = 64 };

struct pcapng_writer {
    struct writer *out;
    struct {
        uint16_t link_type;
        uint16_t number;
    } interfaces[PCAPNG_WRITER_INTERFACE_MAX];
    uint32_t interface_count;
    bool has_section;
};

void pcapng_writer_init(struct pcapng_writer *pcapng, struct writer *out);

/* Append a frame, and before it what it needs. `comment` may be null. Answers
 * the offset in `out` where the frame's own block begins. */
size_t pcapng_writer_frame(struct pcapng_writer *pcapng,
                           const struct frame *frame, const char *comment);
