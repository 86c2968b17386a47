/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "base/reader.h"
#include "base/memory.h"
#include "fuzz.h"
#include "stream/stream.h"

enum { STREAMS = 3, TOTAL = 128 << 10, PAYLOAD_MAX = 70000 };

/* What one side's reader was shown: where it stands, and a copy of what it
 * did not use, which must come again as it was. */
struct reading {
    uint64_t offset;
    size_t kept;
    bool has_ended;
    uint8_t data[PAYLOAD_MAX];
};

struct run {
    struct stream_memory *memory;
    struct stream *streams[STREAMS];
    struct reading readings[STREAMS][2];
    uint8_t payload[PAYLOAD_MAX];
};

static void read_side(struct run *run, size_t which, enum flow_side side,
                      uint8_t share)
{
    struct reading *reading = &run->readings[which][side];
    struct stream *stream = run->streams[which];
    struct stream_chunk chunk;

    while (stream_read(run->memory, stream, side, &chunk)) {
        check(!reading->has_ended);
        check(chunk.offset == reading->offset + chunk.gap);
        check(chunk.data.size <= PAYLOAD_MAX);
        if (chunk.gap == 0) {
            check(chunk.data.size >= reading->kept);
            check(bytes_equal(bytes_slice(chunk.data, 0, reading->kept),
                              bytes_of(reading->data, reading->kept)));
        }
        size_t used = chunk.data.size * share / 255;
        struct bytes rest = bytes_slice(chunk.data, used, PAYLOAD_MAX);
        reading->kept = rest.size;
        if (rest.size > 0)
            memcpy(reading->data, rest.data, rest.size);
        reading->offset = chunk.offset + used;
        reading->has_ended = chunk.end;
        stream_consume(run->memory, stream, side, used);
    }
}

/* Seven bytes a segment: which stream and side, how far from the start, how
 * long, flags, how far it acknowledges, what the reader uses. */
static void step(struct run *run, struct reader *r)
{
    uint8_t who = reader_u8(r);
    uint32_t at = reader_u16(r);
    uint8_t size = reader_u8(r);
    struct packet packet = {
        .protocol = IP_PROTOCOL_TCP,
        .has_transport = true,
        .tcp.flags = reader_u8(r),
        .payload = bytes_of(run->payload, size),
    };
    uint8_t acknowledged = reader_u8(r);
    uint8_t share = reader_u8(r);
    size_t which = who % STREAMS;
    enum flow_side side = who & 0x40 ? FLOW_RESPONDER : FLOW_ORIGINATOR;

    if (who & 0x20)
        packet.payload.size = (size_t)size * size;
    if (who & 0x10)
        at <<= 14;
    if (who & 0x08)
        packet.payload_missing = size;
    memset(run->payload, share, packet.payload.size);
    packet.tcp.sequence = 0xfffff000u + at;
    packet.tcp.acknowledgement = 0xfffff000u + acknowledged * 16u;
    stream_insert(run->memory, run->streams[which], side, &packet);
    if (who & 0x80) {
        stream_stop(run->memory, run->streams[which], side);
        run->readings[which][side].has_ended = true;
    }
    for (size_t i = 0; i < STREAMS; i++) {
        read_side(run, i, FLOW_ORIGINATOR, share);
        read_side(run, i, FLOW_RESPONDER, share);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct reader r = reader_of(bytes_of(data, size));
    struct run *run = memory_new(1, sizeof *run);

    run->memory = stream_memory_new(TOTAL, STREAMS);
    for (size_t i = 0; i < STREAMS; i++)
        run->streams[i] = stream_new(run->memory);
    while (reader_left(&r) > 0)
        step(run, &r);
    for (size_t i = 0; i < STREAMS; i++)
        stream_free(run->memory, run->streams[i]);
    stream_memory_free(run->memory);
    free(run);
    return 0;
}
