/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * TCP bytes back in order, for flows somebody reads (RFC 9293 section 3.4).
 *
 * The common case, a segment that continues where the last one ended, hands
 * out the packet's own bytes: nothing is copied. Out-of-order segments, and
 * bytes the reader has not used up, wait in memory from `struct stream_memory`,
 * which is bounded per side and in total; what does not fit is given up as a
 * gap, counted, and said to the reader.
 *
 * Overlap policy: the bytes that came first stand. A retransmission that says
 * something else is counted as `overlap_conflicts`.
 *
 * Bytes that were not captured become a gap when the receiver acknowledges
 * them, when the snapshot length cut them off, or when what waits behind them
 * needs their place. A stream whose start was not seen starts with its first
 * segment. A reset or a jump in the sequence numbers that the receiver would
 * not take is not believed.
 */
#include "decode/packet.h"
#include "flow/flow.h"

enum {
    STREAM_SIDE_BYTES_MAX = 64 << 10,   /* Waiting in one direction. */
    STREAM_TOTAL_BYTES_MAX = 16 << 20,  /* Waiting in all streams. */
    STREAM_GAP_MAX = 16 << 20, /* Larger than windows grow by themselves: who
                                * skips more goes on with other numbers. */
};

struct stream_memory;
struct stream;

struct stream_counters {
    uint64_t in_order_bytes;
    uint64_t out_of_order_segments;
    uint64_t gaps;
    uint64_t gap_bytes;
    uint64_t jumps;         /* Gaps larger than STREAM_GAP_MAX, whose bytes
                             * are in no other count: a new connection on the
                             * ports of an old one, or more than can be told. */
    uint64_t overlap_conflicts;
    uint64_t refused_bytes; /* No memory left: per side or in total. */
};

/* In-order bytes ready to be read. */
struct stream_chunk {
    struct bytes data;
    uint64_t offset;  /* Of data in the side's stream, from 0. */
    uint64_t gap;     /* Bytes lost just before data, told once; or 0. */
    bool end;         /* The side closed and nothing follows data. */
};

struct stream_memory *stream_memory_new(size_t total_bytes_max,
                                        uint32_t stream_count_max);
void stream_memory_free(struct stream_memory *memory);

/* A stream, or null when `stream_count_max` are in use. */
struct stream *stream_new(struct stream_memory *memory);
void stream_free(struct stream_memory *memory, struct stream *stream);

/* `side` sent a SYN with this number before the first segment is given: what
 * follows the SYN is its first byte, whichever segment comes first. */
void stream_start(struct stream *stream, enum flow_side side,
                  uint32_t sequence);

/*
 * Take in one TCP segment that `side` sent, SYN and FIN included. What came
 * with the packet before and was not read by now is lost, so read both sides
 * after each packet, or stop the one that nobody wants.
 */
void stream_insert(struct stream_memory *memory, struct stream *stream,
                   enum flow_side side, const struct packet *packet);

/*
 * What `side` sent and can be read now, if anything: contiguous bytes not yet
 * consumed. A chunk may be empty when it says a gap or the end. Valid until
 * the next call with this memory. Call again after stream_consume() until it
 * answers false; the end is told once.
 */
bool stream_read(struct stream_memory *memory, struct stream *stream,
                 enum flow_side side, struct stream_chunk *chunk);

/*
 * The first `used` bytes of the last chunk are done with. The rest is kept and
 * comes again, with what follows it, once more has arrived.
 */
void stream_consume(struct stream_memory *memory, struct stream *stream,
                    enum flow_side side, size_t used);

/* Nobody reads `side` any more: drop what waits and what still comes. */
void stream_stop(struct stream_memory *memory, struct stream *stream,
                 enum flow_side side);

void stream_read_counters(const struct stream_memory *memory,
                          struct stream_counters *counters);
