/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/reader.h"
#include "flow/flow.h"
#include "fuzz.h"

enum { COUNT_MAX = 8, ENDED_MAX = 4096 };

struct run {
    struct flow_table *table;
    uint64_t created;
    uint64_t ended_count;
    bool has_ended[ENDED_MAX];
};

/* Ten bytes a packet, few enough values that flows meet again. */
static struct packet read_packet(struct reader *r)
{
    static const uint8_t protocols[] = { 1, 6, 6, 17, 58, 47 };
    static const uint8_t types[] = { 8, 0, 3, 128, 129, 135 };
    struct packet packet = { .layer = PACKET_LAYER_IP };
    uint8_t ends = reader_u8(r);
    uint8_t ports = reader_u8(r);
    uint8_t kind = reader_u8(r);

    packet.source = ip_of_v4(1 + (ends & 3));
    packet.destination = ip_of_v4(1 + (ends >> 2 & 3));
    packet.source.bytes[0] = ends >> 4 & 1;
    packet.destination.bytes[0] = ends >> 5 & 1;
    packet.vlan_count = ends >> 6 & 1;
    packet.vlan[0] = 5;
    packet.source_port = (uint16_t)(50 + (ports & 7));
    packet.destination_port = (uint16_t)(50 + (ports >> 3 & 7));
    packet.has_transport = ports >> 6 != 3;
    packet.protocol = protocols[kind % COUNT_OF(protocols)];
    packet.icmp_type = types[(kind >> 4) % COUNT_OF(types)];
    packet.tcp.flags = reader_u8(r);
    packet.payload_missing = reader_u8(r) & 1;
    packet.ip_size = 40;
    packet.mark.time_ns = (int64_t)((uint64_t)reader_u8(r) << 56 |
                                    (uint64_t)reader_u32(r) << 16);
    return packet;
}

/* Each number ends once, and only after it began. */
static void drain(struct run *run)
{
    const struct flow *flow;

    while ((flow = flow_table_ended(run->table)) != NULL) {
        check(flow->number >= 1);
        check(flow->number <= run->created);
        check(flow->end != FLOW_END_NONE);
        check(flow->history_size <= FLOW_HISTORY_MAX);
        run->ended_count++;
        if (flow->number >= ENDED_MAX)
            continue;
        check(!run->has_ended[flow->number]);
        run->has_ended[flow->number] = true;
    }
}

static void step(struct run *run, const struct packet *packet)
{
    enum flow_side side;
    bool is_new;
    struct flow_counters counters;
    struct flow_lookup lookup = flow_table_prepare(run->table, packet);
    flow_table_fetch(run->table, &lookup);
    struct flow *flow =
        flow_table_observe(run->table, packet, &lookup, &side, &is_new);

    run->created += is_new;
    check(flow->number <= run->created);
    check(flow->packets[side] > 0);
    check(is_new == (flow->packets[0] + flow->packets[1] == 1));
    check(flow->last_ns >= flow->first_ns || !is_new);
    check(ip_equal(flow->address[side], packet->source));
    drain(run);
    flow_table_read_counters(run->table, &counters);
    check(counters.active <= COUNT_MAX);
    check(counters.created == run->created);
    check(counters.created == run->ended_count + counters.active);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct reader r = reader_of(bytes_of(data, size));
    struct flow_options options = { .key = { 1, 2 }, .count_max = COUNT_MAX };
    struct run run = { .table = flow_table_new(&options) };

    while (reader_left(&r) > 0) {
        struct packet packet = read_packet(&r);
        if ((packet.tcp.flags & 0xc0) == 0xc0) {
            flow_table_advance(run.table, packet.mark.time_ns);
            drain(&run);
        } else {
            step(&run, &packet);
        }
    }
    flow_table_end_all(run.table);
    drain(&run);
    check(run.ended_count == run.created);
    flow_table_free(run.table);
    return 0;
}
