/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * One captured frame, as every later stage sees it. `data` is a view into the
 * capture's own buffer, good until the next frame is asked for; `mark` finds
 * the same frame again for as long as the capture's history holds it.
 */
#include "base/bytes.h"

/* Where a frame stands in the history of its capture, and what a record of
 * it needs. Small enough to be kept by the thousand. */
struct frame_mark {
    uint64_t number;  /* Counts from 1 over the whole run. */
    uint64_t place;   /* Opaque: block and offset in the capture's history. */
    int64_t time_ns;  /* Nanoseconds since 1970-01-01 UTC. */
    uint32_t captured_size;
    uint32_t original_size; /* On the wire; captured may be less. */
    uint16_t link_type;     /* LINKTYPE_ value, as in pcap files. */
    uint16_t interface;     /* Which of the run's interfaces, from 0. */
};

struct frame {
    struct bytes data;
    struct frame_mark mark;
};
