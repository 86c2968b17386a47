/* SPDX-License-Identifier: Apache-2.0 */
#include "stream/stream.h"

#include <assert.h>
#include <stdlib.h>

#include "base/check.h"
#include "base/memory.h"
#include "base/pool.h"
#include "stream/internal.h"

enum {
    /* Streams that may lose what waits for the sake of one more block. */
    SHED_MAX = 4,
    /* The largest window TCP can have (RFC 7323 section 2.2): nothing that
     * is acknowledged lies further ahead. */
    ACKNOWLEDGED_AHEAD_MAX = 1 << 30,
    STREAM_SIZE_MAX = 256,
};
static_assert((int)BLOCK_SIZE_MAX == (int)STREAM_SIDE_BYTES_MAX,
              "one side fills the largest block");

/*
 * One direction. The base is the first byte not consumed; `direct` are bytes
 * of the packet at hand that begin there, and then none in the window do.
 */
struct side {
    struct bytes direct;
    struct window window;
    uint64_t offset;   /* Of the base in the stream. */
    uint64_t gap;      /* Lost just before the base, not told yet. */
    uint32_t sequence; /* Of the base. */
    uint32_t settled;  /* What is before this and missing will not come. */
    uint32_t fin;      /* Sequence number one past the last byte. */
    uint32_t suspect;  /* Where the last refused segment ended. */
    bool has_started;
    bool has_settled;
    bool has_fin;
    bool has_suspect;
    bool is_reset;
    bool is_fresh;     /* There is something the reader has not seen. */
    bool is_over;      /* The end was told, or nobody reads. */
};

struct stream {
    struct side sides[2];
    struct stream *older; /* Streams in which bytes wait. */
    struct stream *newer;
};
static_assert(sizeof(struct stream) <= STREAM_SIZE_MAX, "small when idle");

struct stream_memory {
    struct pool streams;
    struct block_store *blocks;
    struct stream *oldest;
    struct stream *newest;
    struct stream_counters counters;
};

/* One packet as one side's bytes. */
struct segment {
    uint32_t sequence;
    struct bytes data;
    uint32_t missing; /* After data: not captured. */
    bool has_fin;
};

struct stream_memory *stream_memory_new(size_t total_bytes_max,
                                        uint32_t stream_count_max)
{
    struct stream_memory *memory = memory_new(1, sizeof *memory);

    pool_init(&memory->streams, sizeof(struct stream), stream_count_max);
    memory->blocks = block_store_new(total_bytes_max);
    return memory;
}

void stream_memory_free(struct stream_memory *memory)
{
    if (!memory)
        return;
    pool_clear(&memory->streams);
    block_store_free(memory->blocks);
    free(memory);
}

struct stream *stream_new(struct stream_memory *memory)
{
    return pool_take(&memory->streams);
}

/* How far `a` is ahead of `b` (RFC 9293 section 3.4: modulo 2^32). */
static int32_t distance(uint32_t a, uint32_t b)
{
    return (int32_t)(a - b);
}

static uint32_t ready_size(const struct side *side)
{
    return side->direct.size > 0 ? (uint32_t)side->direct.size
                                 : window_ready(&side->window);
}

/* The list of streams in which bytes wait, by who began first. */
static bool is_waiting(const struct stream_memory *memory,
                       const struct stream *stream)
{
    return stream->older || memory->oldest == stream;
}

static void start_waiting(struct stream_memory *memory, struct stream *stream)
{
    if (is_waiting(memory, stream))
        return;
    stream->older = memory->newest;
    if (memory->newest)
        memory->newest->newer = stream;
    else
        memory->oldest = stream;
    memory->newest = stream;
}

static void stop_waiting(struct stream_memory *memory, struct stream *stream)
{
    if (!is_waiting(memory, stream))
        return;
    if (stream->older)
        stream->older->newer = stream->newer;
    else
        memory->oldest = stream->newer;
    if (stream->newer)
        stream->newer->older = stream->older;
    else
        memory->newest = stream->older;
    stream->older = stream->newer = NULL;
}

/* Give back the blocks of windows in which nothing is left. */
static void tidy(struct stream_memory *memory, struct stream *stream)
{
    bool waits = false;

    for (size_t i = 0; i < COUNT_OF(stream->sides); i++) {
        struct window *window = &stream->sides[i].window;
        if (window->block && window->count == 0)
            block_give(memory->blocks, window_drop(window));
        waits = waits || window->block;
    }
    if (!waits)
        stop_waiting(memory, stream);
}

void stream_free(struct stream_memory *memory, struct stream *stream)
{
    if (!stream)
        return;
    for (size_t i = 0; i < COUNT_OF(stream->sides); i++)
        block_give(memory->blocks, window_drop(&stream->sides[i].window));
    stop_waiting(memory, stream);
    pool_give(&memory->streams, stream);
}

static void advance(struct side *side, uint64_t size)
{
    side->offset += size;
    side->sequence += (uint32_t)size;
    window_advance(&side->window, size);
    if (side->has_settled && distance(side->settled, side->sequence) < 0)
        side->settled = side->sequence;
}

/* The next `size` bytes from the base on are given up. */
static void lose(struct stream_memory *memory, struct side *side,
                 uint64_t size)
{
    if (size == 0)
        return;
    if (size > STREAM_GAP_MAX) {
        memory->counters.jumps++;
    } else {
        memory->counters.gaps += side->gap == 0;
        memory->counters.gap_bytes += size;
    }
    side->gap += size;
    side->direct = (struct bytes){ 0 };
    advance(side, size);
}

static void settle(struct side *side, uint32_t sequence)
{
    if (side->has_settled && distance(sequence, side->settled) <= 0)
        return;
    side->settled = sequence;
    side->has_settled = true;
}

static bool is_settled(const struct side *side, uint32_t sequence)
{
    return side->is_reset ||
           (side->has_settled && distance(side->settled, sequence) >= 0);
}

/* Everything that waits in `stream` is given up, so that others may wait. */
static void shed(struct stream_memory *memory, struct stream *stream)
{
    for (size_t i = 0; i < COUNT_OF(stream->sides); i++) {
        struct side *side = &stream->sides[i];
        uint32_t extent = window_extent(&side->window);
        memory->counters.refused_bytes += window_size(&side->window);
        if (extent > 0)
            side->is_fresh = false;
        lose(memory, side, extent);
    }
    tidy(memory, stream);
}

static uint8_t *take_block(struct stream_memory *memory,
                           const struct stream *stream, uint8_t order)
{
    uint8_t *block = block_take(memory->blocks, order);

    for (size_t i = 0; !block && i < SHED_MAX; i++) {
        struct stream *victim = memory->oldest;
        if (victim == stream)
            victim = victim->newer;
        if (!victim)
            break;
        shed(memory, victim);
        block = block_take(memory->blocks, order);
    }
    return block;
}

static bool reserve(struct stream_memory *memory, struct stream *stream,
                    struct side *side, uint32_t extent)
{
    uint8_t order = 0;

    if (window_has_room(&side->window, extent))
        return true;
    while (block_size(order) < extent)
        order++;
    uint8_t *block = take_block(memory, stream, order);
    if (!block)
        return false;
    block_give(memory->blocks,
               window_change_block(&side->window, block, order));
    start_waiting(memory, stream);
    return true;
}

/* Keep `data`, which stands `at` after the base; false when there is no
 * memory for it, or one hole too many before it. */
static bool keep(struct stream_memory *memory, struct stream *stream,
                 struct side *side, uint64_t at, struct bytes data)
{
    if (data.size == 0)
        return true;
    if (at + data.size > STREAM_SIDE_BYTES_MAX ||
        !window_may_hold(&side->window, (uint32_t)at, data.size) ||
        !reserve(memory, stream, side, (uint32_t)(at + data.size)))
        return false;
    if (!window_put(&side->window, (uint32_t)at, data))
        memory->counters.overlap_conflicts++;
    return true;
}

/* Bytes that begin at the base, when nothing there waits: up to the next
 * range that is there already, they need not be copied. */
static void take_direct(struct stream_memory *memory, struct stream *stream,
                        struct side *side, struct bytes data)
{
    uint32_t island = window_island(&side->window);

    side->direct = bytes_slice(data, 0, island);
    side->is_fresh = true;
    memory->counters.in_order_bytes += side->direct.size;
    if (data.size <= island)
        return;
    struct bytes rest = bytes_slice(data, island, data.size);
    if (!keep(memory, stream, side, island, rest))
        memory->counters.refused_bytes += rest.size;
}

/* `data` stands `at` after the base, and no hole is before it. */
static void take_in_order(struct stream_memory *memory, struct stream *stream,
                          struct side *side, uint32_t at, struct bytes data)
{
    uint32_t ready = window_ready(&side->window);

    if (data.size == 0)
        return;
    if (ready == 0) {
        take_direct(memory, stream, side, data);
        return;
    }
    if (keep(memory, stream, side, at, data)) {
        uint32_t now_ready = window_ready(&side->window);
        side->is_fresh = side->is_fresh || now_ready > ready;
        memory->counters.in_order_bytes += now_ready - ready;
        return;
    }
    /* The reader has waited for more than a side may hold. */
    memory->counters.refused_bytes += ready;
    lose(memory, side, ready);
    data = bytes_slice(data, ready - at, data.size);
    if (data.size > 0 && window_ready(&side->window) == 0)
        take_direct(memory, stream, side, data);
}

/* Give up what is missing before position `at`, and what the reader did not
 * use of the bytes before that. */
static void skip_to(struct stream_memory *memory, struct side *side,
                    uint64_t at)
{
    lose(memory, side, at);
    side->is_fresh = true;
}

/*
 * No place for a segment that stands `at` after the base. If others wait, the
 * hole before them is given up. A segment alone is either too far ahead to be
 * believed before the next one goes on from it, or there is no memory.
 */
static void take_misfit(struct stream_memory *memory, struct stream *stream,
                        struct side *side, const struct segment *segment)
{
    uint32_t at = segment->sequence - side->sequence;
    uint32_t island = window_island(&side->window);
    bool is_far = at + segment->data.size > STREAM_SIDE_BYTES_MAX;
    bool is_followed =
        side->has_suspect && side->suspect == segment->sequence;

    side->has_suspect = false;
    if (island != WINDOW_NO_ISLAND && island < at) {
        skip_to(memory, side, island);
        if (keep(memory, stream, side, at - island, segment->data))
            return;
    } else if (!is_far || is_followed) {
        skip_to(memory, side, at);
        take_in_order(memory, stream, side, 0, segment->data);
        return;
    }
    memory->counters.refused_bytes += segment->data.size;
    side->suspect = segment->sequence + (uint32_t)segment->data.size;
    side->has_suspect = is_far;
}

static void take_ahead(struct stream_memory *memory, struct stream *stream,
                       struct side *side, const struct segment *segment)
{
    uint32_t at = segment->sequence - side->sequence;
    bool is_first = window_island(&side->window) >= at;

    memory->counters.out_of_order_segments++;
    if (is_first && !side->is_fresh && is_settled(side, segment->sequence)) {
        skip_to(memory, side, at);
        take_in_order(memory, stream, side, 0, segment->data);
    } else if (!keep(memory, stream, side, at, segment->data)) {
        take_misfit(memory, stream, side, segment);
    }
}

/* Without what is before the base: retransmissions, keep-alives (RFC 9293
 * section 3.8.4 sends one old byte). */
static void trim_old(const struct side *side, struct segment *segment)
{
    int32_t ahead = distance(segment->sequence, side->sequence);
    if (ahead >= 0)
        return;
    uint32_t old = side->sequence - segment->sequence;
    uint32_t size = (uint32_t)segment->data.size;
    uint32_t old_missing = old > size ? old - size : 0;

    segment->sequence += old;
    segment->data = bytes_slice(segment->data, old, segment->data.size);
    if (old_missing > segment->missing)
        segment->has_fin = false; /* It is before the base. */
    segment->missing -= old_missing < segment->missing ? old_missing
                                                       : segment->missing;
}

static void take_fin(struct side *side, const struct segment *segment,
                     uint32_t end)
{
    if (side->has_fin && distance(end, side->fin) > 0)
        side->has_fin = false; /* It was not the end. */
    if (!segment->has_fin || side->has_fin)
        return;
    side->fin = end;
    side->has_fin = true;
}

static void take_segment(struct stream_memory *memory, struct stream *stream,
                         struct side *side, struct segment segment)
{
    trim_old(side, &segment);
    uint32_t at = segment.sequence - side->sequence;
    uint32_t end = segment.sequence + (uint32_t)segment.data.size;

    if (at <= window_ready(&side->window))
        take_in_order(memory, stream, side, at, segment.data);
    else if (segment.data.size > 0)
        take_ahead(memory, stream, side, &segment);
    if (segment.missing > 0 && end == side->sequence + ready_size(side))
        settle(side, end + segment.missing);
    take_fin(side, &segment, end + segment.missing);
}

/* `side`'s bytes before `acknowledgement` have arrived (RFC 9293 3.4). */
static void take_acknowledgement(struct side *side, uint32_t acknowledgement)
{
    if (side->has_started) {
        int32_t ahead = distance(acknowledgement, side->sequence);
        if (ahead < 0 || ahead > ACKNOWLEDGED_AHEAD_MAX)
            return;
    }
    settle(side, acknowledgement);
}

/* Only a reset where the receiver would expect one is believed (RFC 5961
 * section 3): anybody can send the others. */
static void take_reset(struct stream *stream, const struct side *sender,
                       uint32_t sequence)
{
    if (sender->has_started) {
        int32_t ahead = distance(sequence, sender->sequence);
        bool is_near = ahead >= 0 && ahead <= STREAM_SIDE_BYTES_MAX;
        if (!is_near && !(sender->has_settled && sender->settled == sequence))
            return;
    }
    for (size_t i = 0; i < COUNT_OF(stream->sides); i++)
        stream->sides[i].is_reset = true;
}

/* A SYN sets the start until anything came or was acknowledged; without one
 * the first segment does. */
static bool take_start(struct side *side, bool has_syn, uint32_t sequence)
{
    bool is_untouched = side->offset == 0 && side->gap == 0 &&
                        side->window.count == 0 && !side->has_settled;

    if (side->has_started && !(has_syn && is_untouched))
        return !has_syn || sequence == side->sequence;
    side->sequence = sequence;
    side->has_started = true;
    int32_t ahead = distance(side->settled, sequence);
    if (ahead < 0 || ahead > ACKNOWLEDGED_AHEAD_MAX)
        side->has_settled = false;
    return true;
}

void stream_start(struct stream *stream, enum flow_side side,
                  uint32_t sequence)
{
    (void)take_start(&stream->sides[side], true, sequence + 1);
}

/* The packet that these bytes are in is gone. */
static void forget_unread(struct stream_memory *memory, struct side *side)
{
    if (side->direct.size == 0)
        return;
    lose(memory, side, side->direct.size);
    side->is_fresh = window_ready(&side->window) > 0;
}

void stream_insert(struct stream_memory *memory, struct stream *stream,
                   enum flow_side from, const struct packet *packet)
{
    const struct packet_tcp *tcp = &packet->tcp;
    struct side *side = &stream->sides[from];
    struct side *peer = &stream->sides[1 - from];
    bool has_syn = tcp->flags & TCP_SYN;

    forget_unread(memory, side);
    forget_unread(memory, peer);
    if (!packet->has_transport || packet->protocol != IP_PROTOCOL_TCP)
        return;
    if (tcp->flags & TCP_ACK && !peer->is_over)
        take_acknowledgement(peer, tcp->acknowledgement);
    if (tcp->flags & TCP_RST) {
        take_reset(stream, side, tcp->sequence);
    } else if (!side->is_over && !side->is_reset) {
        struct segment segment = { .sequence = tcp->sequence + has_syn,
                                   .data = packet->payload,
                                   .missing = packet->payload_missing,
                                   .has_fin = tcp->flags & TCP_FIN };
        if (take_start(side, has_syn, segment.sequence))
            take_segment(memory, stream, side, segment);
    }
    tidy(memory, stream);
}

/* When the hole after what is ready will not be filled, go past it. */
static bool skip_settled_hole(struct stream_memory *memory, struct side *side)
{
    uint32_t island = window_island(&side->window);
    uint32_t ready = ready_size(side);

    if (island != WINDOW_NO_ISLAND) {
        if (!is_settled(side, side->sequence + island))
            return false;
        skip_to(memory, side, island);
        return true;
    }
    if (!side->has_fin || !is_settled(side, side->fin) ||
        distance(side->fin, side->sequence + ready) <= 0)
        return false;
    skip_to(memory, side, side->fin - side->sequence);
    return true;
}

static bool is_at_end(const struct side *side)
{
    if (window_island(&side->window) != WINDOW_NO_ISLAND)
        return false;
    return side->is_reset ||
           (side->has_fin &&
            side->sequence + ready_size(side) == side->fin);
}

bool stream_read(struct stream_memory *memory, struct stream *stream,
                 enum flow_side from, struct stream_chunk *chunk)
{
    struct side *side = &stream->sides[from];

    if (side->is_over || (!side->is_fresh && !is_at_end(side) &&
                          !skip_settled_hole(memory, side)))
        return false;
    *chunk = (struct stream_chunk){
        .data = side->direct.size > 0 ? side->direct
                                      : window_view(&side->window),
        .offset = side->offset,
        .gap = side->gap,
        .end = is_at_end(side),
    };
    return true;
}

void stream_consume(struct stream_memory *memory, struct stream *stream,
                    enum flow_side from, size_t used)
{
    struct side *side = &stream->sides[from];
    struct bytes rest = bytes_slice(side->direct, used, side->direct.size);

    check(used <= ready_size(side));
    bool was_end = is_at_end(side);
    bool was_direct = side->direct.size > 0;
    side->gap = 0;
    side->direct = (struct bytes){ 0 };
    advance(side, used);
    if (was_end) {
        stream_stop(memory, stream, from);
        return;
    }
    if (!keep(memory, stream, side, 0, rest)) {
        memory->counters.refused_bytes += rest.size;
        lose(memory, side, rest.size);
        rest.size = 0;
    }
    /* What waited after the packet's bytes is now the next to be read. */
    side->is_fresh = was_direct && window_ready(&side->window) > rest.size;
    tidy(memory, stream);
}

void stream_stop(struct stream_memory *memory, struct stream *stream,
                 enum flow_side from)
{
    struct side *side = &stream->sides[from];

    side->direct = (struct bytes){ 0 };
    block_give(memory->blocks, window_drop(&side->window));
    side->is_over = true;
    tidy(memory, stream);
}

void stream_read_counters(const struct stream_memory *memory,
                          struct stream_counters *counters)
{
    *counters = memory->counters;
}
