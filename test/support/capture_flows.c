/* SPDX-License-Identifier: Apache-2.0 */
#include "capture_flows.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/reader.h"

enum {
    FILE_SIZE_MAX = 256 << 20,
    START_MAX = DISSECT_RECOGNISE_MAX,
    INTERFACE_MAX = 16,
    LINK_NULL = 0,
    LINK_ETHERNET = 1,
    LINK_RAW_12 = 12,
    LINK_RAW = 101,
    LINK_SLL = 113,
    LINK_IPV4 = 228,
    LINK_IPV6 = 229,
    LINK_SLL2 = 276,
};

enum claim { CLAIM_OPEN, CLAIM_MINE, CLAIM_NOT };

struct side {
    bool has_sequence;
    uint32_t next;       /* Sequence number expected. */
    struct writer start; /* Before anybody claimed the flow. */
};

struct capture_flow {
    struct dissect_run run;
    struct side sides[2];
    enum claim claim;
    bool is_used;
};

struct walk {
    const struct dissector *dissector;
    struct capture_flow *flows;
    size_t count;
    int claimed;
    uint32_t links[INTERFACE_MAX];
    size_t link_count;
};

/* One TCP or UDP packet. */
struct segment {
    struct ip source;
    struct ip destination;
    uint16_t source_port;
    uint16_t destination_port;
    uint8_t protocol;
    uint32_t sequence;
    uint8_t flags;
    struct bytes payload;
    int64_t time_ns;
};

const char *capture_flows_shared(void)
{
    const char *named = getenv("TENET_SHARED");
    const char *path = named ? named : "../shared";
    return access(path, R_OK) == 0 ? path : NULL;
}

static bool is_same(const struct flow *flow, const struct segment *segment,
                    enum flow_side *side)
{
    for (int s = 0; s < 2; s++) {
        if (ip_equal(flow->address[s], segment->source) &&
            ip_equal(flow->address[!s], segment->destination) &&
            flow->port[s] == segment->source_port &&
            flow->port[!s] == segment->destination_port) {
            *side = s ? FLOW_RESPONDER : FLOW_ORIGINATOR;
            return true;
        }
    }
    return false;
}

static struct capture_flow *flow_new(struct walk *walk,
                                     const struct segment *segment)
{
    if (walk->count == CAPTURE_FLOW_MAX)
        return NULL;
    struct capture_flow *flow = &walk->flows[walk->count++];
    dissect_run_init(&flow->run, walk->dissector, segment->destination_port);
    flow->run.flow.address[0] = segment->source;
    flow->run.flow.address[1] = segment->destination;
    flow->run.flow.port[0] = segment->source_port;
    flow->run.flow.port[1] = segment->destination_port;
    flow->run.flow.number = walk->count;
    writer_init(&flow->sides[0].start, START_MAX);
    writer_init(&flow->sides[1].start, START_MAX);
    flow->is_used = true;
    return flow;
}

static struct capture_flow *flow_find(struct walk *walk,
                                      const struct segment *segment,
                                      enum flow_side *side)
{
    for (size_t i = walk->count; i > 0; i--)
        if (is_same(&walk->flows[i - 1].run.flow, segment, side))
            return &walk->flows[i - 1];
    *side = FLOW_ORIGINATOR;
    return flow_new(walk, segment);
}

static void claim(struct walk *walk, struct capture_flow *flow,
                  enum flow_side side, struct bytes data)
{
    struct side *from = &flow->sides[side];
    bool is_tcp = walk->dissector->transport == IP_PROTOCOL_TCP;

    if (is_tcp)
        writer_bytes(&from->start, data);
    struct bytes start = is_tcp ? writer_view(&from->start) : data;
    enum dissect_verdict verdict =
        dissect_run_recognise(&flow->run, side, start);
    if (verdict == DISSECT_MORE && start.size < START_MAX)
        return;
    flow->claim = verdict == DISSECT_DONE ? CLAIM_MINE : CLAIM_NOT;
    if (flow->claim != CLAIM_MINE)
        return;
    walk->claimed++;
    struct bytes other = writer_view(&flow->sides[!side].start);
    if (other.size > 0)
        dissect_run_send(&flow->run,
                         side ? FLOW_ORIGINATOR : FLOW_RESPONDER, other);
    dissect_run_send(&flow->run, side, start);
}

static void deliver(struct walk *walk, struct capture_flow *flow,
                    enum flow_side side, struct bytes data)
{
    if (data.size == 0 || flow->claim == CLAIM_NOT)
        return;
    if (flow->claim == CLAIM_OPEN)
        claim(walk, flow, side, data);
    else
        dissect_run_send(&flow->run, side, data);
}

/* Only what continues; a hole is said to the dissector as one. */
static void take_tcp(struct walk *walk, struct capture_flow *flow,
                     enum flow_side side, const struct segment *segment)
{
    struct side *from = &flow->sides[side];
    struct bytes data = segment->payload;

    if (segment->flags & TCP_SYN || !from->has_sequence) {
        from->has_sequence = true;
        from->next =
            segment->sequence + ((segment->flags & TCP_SYN) ? 1 : 0);
        if (segment->flags & TCP_SYN)
            return;
    }
    int32_t ahead = (int32_t)(segment->sequence - from->next);
    if (ahead < 0) {
        data = bytes_slice(data, (size_t)-(int64_t)ahead, data.size);
        if (data.size == 0)
            return;
    } else if (ahead > 0) {
        if (data.size == 0)
            return;
        writer_reset(&flow->run.pending[side]);
        flow->run.gap[side] += (uint64_t)ahead;
        from->next += (uint32_t)ahead;
    }
    from->next += (uint32_t)data.size;
    deliver(walk, flow, side, data);
}

static void take_segment(struct walk *walk, const struct segment *segment)
{
    enum flow_side side;

    if (segment->protocol != walk->dissector->transport)
        return;
    struct capture_flow *flow = flow_find(walk, segment, &side);
    if (!flow)
        return;
    flow->run.time_ns = segment->time_ns;
    if (segment->protocol == IP_PROTOCOL_TCP)
        take_tcp(walk, flow, side, segment);
    else
        deliver(walk, flow, side, segment->payload);
}

static void read_transport(struct walk *walk, struct reader *r,
                           struct segment *segment)
{
    segment->source_port = reader_u16(r);
    segment->destination_port = reader_u16(r);
    if (segment->protocol == IP_PROTOCOL_UDP) {
        reader_skip(r, 4);
    } else if (segment->protocol == IP_PROTOCOL_TCP) {
        segment->sequence = reader_u32(r);
        reader_skip(r, 4);
        size_t header = (size_t)(reader_u8(r) >> 4) * 4;
        segment->flags = reader_u8(r);
        reader_skip(r, 6);
        if (header < 20)
            return;
        reader_skip(r, header - 20);
    } else {
        return;
    }
    segment->payload = reader_rest(r);
    if (reader_ok(r))
        take_segment(walk, segment);
}

static void read_ipv4(struct walk *walk, struct bytes packet,
                      struct segment *segment)
{
    struct reader r = reader_of(packet);
    size_t header = (size_t)(reader_u8(&r) & 15) * 4;

    reader_skip(&r, 1);
    size_t total = reader_u16(&r);
    reader_skip(&r, 2);
    uint16_t fragment = reader_u16(&r) & 0x3fff;
    reader_skip(&r, 1);
    segment->protocol = reader_u8(&r);
    reader_skip(&r, 2);
    struct bytes source = reader_bytes(&r, 4);
    struct bytes destination = reader_bytes(&r, 4);
    if (!reader_ok(&r) || header < 20 || total < header || fragment)
        return;
    segment->source = ip_of_v4_bytes(source.data);
    segment->destination = ip_of_v4_bytes(destination.data);
    r = reader_of(bytes_slice(packet, header, total - header));
    read_transport(walk, &r, segment);
}

static void read_ipv6(struct walk *walk, struct bytes packet,
                      struct segment *segment)
{
    struct reader r = reader_of(packet);

    reader_skip(&r, 4);
    size_t size = reader_u16(&r);
    segment->protocol = reader_u8(&r);
    reader_skip(&r, 1);
    struct bytes source = reader_bytes(&r, 16);
    struct bytes destination = reader_bytes(&r, 16);
    if (!reader_ok(&r))
        return;
    segment->source = ip_of_v6_bytes(source.data);
    segment->destination = ip_of_v6_bytes(destination.data);
    r = reader_of(bytes_slice(packet, 40, size));
    read_transport(walk, &r, segment);
}

/* Bytes before the EtherType, or before IP where there is none. */
static size_t link_header_size(uint32_t link)
{
    switch (link) {
    case LINK_ETHERNET:
        return 12;
    case LINK_SLL:
        return 14;
    case LINK_SLL2:
        return 20;
    case LINK_NULL:
        return 4;
    case LINK_RAW:
    case LINK_RAW_12:
    case LINK_IPV4:
    case LINK_IPV6:
        return 0;
    default:
        return SIZE_MAX;
    }
}

static void read_frame(struct walk *walk, uint32_t link, struct bytes frame,
                       int64_t time_ns)
{
    struct segment segment = { .time_ns = time_ns };
    struct reader r = reader_of(frame);
    uint16_t type = 0;
    size_t skipped = link_header_size(link);

    if (skipped == SIZE_MAX)
        return;
    reader_skip(&r, skipped);
    if (link == LINK_ETHERNET || link == LINK_SLL)
        type = reader_u16(&r);
    while (type == 0x8100 || type == 0x88a8) {
        reader_skip(&r, 2);
        type = reader_u16(&r);
    }
    struct bytes packet = reader_rest(&r);
    if (packet.size == 0)
        return;
    if (packet.data[0] >> 4 == 4 && (type == 0 || type == 0x0800))
        read_ipv4(walk, packet, &segment);
    else if (packet.data[0] >> 4 == 6 && (type == 0 || type == 0x86dd))
        read_ipv6(walk, packet, &segment);
}

static uint32_t u32(struct reader *r, bool is_big)
{
    return is_big ? reader_u32(r) : reader_u32_le(r);
}

static uint16_t u16(struct reader *r, bool is_big)
{
    return is_big ? reader_u16(r) : reader_u16_le(r);
}

static void read_pcap(struct walk *walk, struct bytes file, bool is_big,
                      int64_t unit_ns)
{
    struct reader r = reader_of(file);

    reader_skip(&r, 20);
    uint32_t link = u32(&r, is_big) & 0xffff;
    while (reader_left(&r) >= 16) {
        int64_t seconds = u32(&r, is_big);
        int64_t part = u32(&r, is_big);
        uint32_t size = u32(&r, is_big);
        reader_skip(&r, 4);
        struct bytes frame = reader_bytes(&r, size);
        if (!reader_ok(&r))
            return;
        read_frame(walk, link, frame, seconds * 1000000000 + part * unit_ns);
    }
}

/* Timestamps are taken as microseconds, the default of pcapng. */
static void read_pcapng(struct walk *walk, struct bytes file)
{
    struct reader r = reader_of(file);
    bool is_big = false;

    while (reader_left(&r) >= 12) {
        struct reader ahead = r;
        reader_skip(&ahead, 8);
        uint32_t magic = reader_u32(&ahead);
        if (magic == 0x1a2b3c4d || magic == 0x4d3c2b1a)
            is_big = magic == 0x1a2b3c4d;
        uint32_t type = u32(&r, is_big);
        uint32_t size = u32(&r, is_big);
        struct reader block =
            reader_sub(&r, size >= 12 ? size - 8 : SIZE_MAX);
        if (type == 1 && walk->link_count < INTERFACE_MAX)
            walk->links[walk->link_count++] = u16(&block, is_big);
        if (type != 6)
            continue;
        uint32_t interface = u32(&block, is_big);
        uint64_t time = (uint64_t)u32(&block, is_big) << 32;
        time |= u32(&block, is_big);
        uint32_t captured = u32(&block, is_big);
        reader_skip(&block, 4);
        struct bytes frame = reader_bytes(&block, captured);
        if (reader_ok(&block) && interface < walk->link_count)
            read_frame(walk, walk->links[interface], frame,
                       (int64_t)time * 1000);
    }
}

static bool read_file(struct walk *walk, struct bytes file)
{
    struct reader r = reader_of(file);
    uint32_t magic = reader_u32(&r);

    switch (magic) {
    case 0xa1b2c3d4:
        read_pcap(walk, file, true, 1000);
        return true;
    case 0xd4c3b2a1:
        read_pcap(walk, file, false, 1000);
        return true;
    case 0xa1b23c4d:
        read_pcap(walk, file, true, 1);
        return true;
    case 0x4d3cb2a1:
        read_pcap(walk, file, false, 1);
        return true;
    case 0x0a0d0d0a:
        read_pcapng(walk, file);
        return true;
    default:
        return false;
    }
}

static struct bytes load(const char *path)
{
    FILE *file = fopen(path, "rb");

    if (!file)
        return (struct bytes){ 0 };
    uint8_t *data = memory_new(FILE_SIZE_MAX, 1);
    size_t size = fread(data, 1, FILE_SIZE_MAX, file);
    fclose(file);
    return bytes_of(data, size);
}

int capture_flows_run(const char *path, const struct dissector *dissector,
                      capture_flow_function *done, void *context)
{
    struct bytes file = load(path);
    struct walk walk = { .dissector = dissector };
    bool is_read = false;

    walk.flows = memory_new(CAPTURE_FLOW_MAX, sizeof *walk.flows);
    if (file.size > 0)
        is_read = read_file(&walk, file);
    for (size_t i = 0; i < walk.count; i++) {
        struct capture_flow *flow = &walk.flows[i];
        if (flow->claim == CLAIM_MINE) {
            dissect_run_end(&flow->run, FLOW_ORIGINATOR);
            dissect_run_end(&flow->run, FLOW_RESPONDER);
            done(&flow->run, context);
        }
        dissect_run_clear(&flow->run);
        writer_clear(&flow->sides[0].start);
        writer_clear(&flow->sides[1].start);
    }
    free(walk.flows);
    free((void *)(uintptr_t)file.data);
    return is_read ? walk.claimed : -1;
}
