/* SPDX-License-Identifier: Apache-2.0 */

/*
 * What a packet costs in the flow table, by how many flows are alive: built
 * with the tests, run by hand. `bench_flow` prints one line a case, CPU time.
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/compiler.h"
#include "flow/flow.h"

enum { PACKETS = 4000000, BURST = 4, BATCH = 16 };

static uint64_t state = 1;

/* splitmix64: packets that are the same in every run. */
static uint64_t random_number(void)
{
    uint64_t z = state += 0x9e3779b97f4a7c15;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
    z = (z ^ z >> 27) * 0x94d049bb133111eb;
    return z ^ z >> 31;
}

static double cpu_seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* A batch is looked up as the engine does it: all ask for their memory, and
 * then each has it. Answers how many flows ended. */
static uint32_t observe(struct flow_table *table, const struct packet *packets,
                        size_t count)
{
    struct flow_lookup lookups[BATCH];
    enum flow_side side;
    bool is_new;
    uint32_t ended = 0;

    for (size_t i = 0; i < count; i++)
        lookups[i] = flow_table_prepare(table, &packets[i]);
    for (size_t i = 0; i < count; i++)
        flow_table_fetch(table, &lookups[i]);
    for (size_t i = 0; i < count; i++) {
        (void)flow_table_observe(table, &packets[i], &lookups[i], &side,
                                 &is_new);
        while (flow_table_ended(table))
            ended++;
    }
    return ended;
}

/* Make `*packet` one of flow `number`, from its originator or responder. */
static void set_packet(struct packet *packet, uint32_t number, bool back)
{
    struct ip inside = ip_of_v4(0x0a000000 | (number & 0xffffff));
    struct ip outside = ip_of_v4(0xc6336401 + (number >> 20));

    packet->layer = PACKET_LAYER_IP;
    packet->protocol = IP_PROTOCOL_UDP;
    packet->has_transport = true;
    packet->ip_size = 200;
    packet->source = back ? outside : inside;
    packet->destination = back ? inside : outside;
    packet->source_port = back ? 4000 : 40000;
    packet->destination_port = back ? 40000 : 4000;
}

static void report(const char *name, const struct flow_table *table,
                   uint32_t places, double seconds)
{
    struct flow_counters counters;

    flow_table_read_counters(table, &counters);
    printf("%-18s %9u alive %7.1f ns/packet %6.1f bytes/place\n", name,
           counters.active, seconds * 1e9 / PACKETS,
           (double)counters.memory_bytes / places);
}

static void make_flows(struct flow_table *table, uint32_t flows)
{
    struct packet packet = { 0 };

    for (uint32_t i = 0; i < 2 * flows; i++) {
        set_packet(&packet, i / 2, i & 1);
        (void)observe(table, &packet, 1);
    }
}

static void run_hits(const char *name, uint32_t flows, uint32_t burst)
{
    struct flow_options options = { .key = { 1, 2 },
                                    .count_max = flows * 2 };
    struct flow_table *table = flow_table_new(&options);
    struct packet packets[BATCH] = { 0 };

    make_flows(table, flows);
    double started = cpu_seconds();
    uint32_t at = 0;
    for (uint32_t i = 0; i < PACKETS; i++) {
        struct packet *packet = &packets[i % BATCH];
        if (i % burst == 0)
            at = (uint32_t)(random_number() % flows);
        set_packet(packet, at, i & 1);
        packet->mark.time_ns = i * INT64_C(1000);
        if (i % BATCH == BATCH - 1)
            (void)observe(table, packets, BATCH);
    }
    report(name, table, options.count_max, cpu_seconds() - started);
    flow_table_free(table);
}

/* A SYN to a new address each time, into a table that is full of them. */
static void run_scan(uint32_t count_max)
{
    struct flow_options options = { .key = { 1, 2 }, .count_max = count_max };
    struct flow_table *table = flow_table_new(&options);
    struct packet packets[BATCH] = { 0 };
    uint32_t ended = 0;
    double started = 0;

    for (uint32_t i = 0; i < 2 * PACKETS; i++) {
        struct packet *packet = &packets[i % BATCH];
        if (i == PACKETS)
            started = cpu_seconds();
        set_packet(packet, 1, false);
        packet->protocol = IP_PROTOCOL_TCP;
        packet->tcp.flags = TCP_SYN;
        packet->destination = ip_of_v4((uint32_t)random_number());
        packet->mark.time_ns = i * INT64_C(1000);
        if (i % BATCH == BATCH - 1)
            ended += observe(table, packets, BATCH);
    }
    report("scan", table, count_max, cpu_seconds() - started);
    if (ended == 0)
        puts("nothing was evicted: not a scan");
    flow_table_free(table);
}

int main(void)
{
    static const uint32_t counts[] = { 1000, 32768, 100000, 1000000,
                                       10000000 };

    for (size_t i = 0; i < COUNT_OF(counts); i++) {
        run_hits("hit, at random", counts[i], 1);
        run_hits("hit, bursts of 4", counts[i], BURST);
    }
    run_scan(FLOW_COUNT_DEFAULT);
    run_scan(1000000);
    return 0;
}
