/* SPDX-License-Identifier: Apache-2.0 */

/*
 * A flood for test/bench/flood.py, as a pcap file on standard output: SYNs to
 * one device, each from another address, a million a second. Once in a
 * thousand packets a client in the same network asks the device something on
 * one connection that lasts throughout: what a flood must not push out.
 */
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    RECORD_SIZE = 16,
    FRAME_SIZE = 54, /* Ethernet, IPv4 and TCP without options. */
    TALK_EVERY = 1000,
    DEVICE = 0x0a00000a, /* 10.0.0.10 */
    CLIENT = 0x0a000014,
    SYN = 0x02,
    ACK = 0x10,
};

struct segment {
    uint32_t source, destination;
    uint16_t source_port, destination_port;
    uint8_t flags;
};

static void put(uint8_t *at, uint64_t number, int size)
{
    for (int i = size - 1; i >= 0; i--, number >>= 8)
        at[i] = (uint8_t)number;
}

/* The last byte of a local host's address is that of its MAC too; what comes
 * from outside comes through the router. */
static void put_mac(uint8_t *at, uint32_t address)
{
    uint8_t last = address >> 24 == 10 ? (uint8_t)address : 1;
    const uint8_t mac[] = { 0x00, 0x12, 0x17, 0x00, 0x00, last };
    memcpy(at, mac, sizeof mac);
}

static void write_segment(const struct segment *s, uint64_t number)
{
    uint8_t record[RECORD_SIZE + FRAME_SIZE] = { 0 };
    uint8_t *frame = record + RECORD_SIZE;

    put(record, 1700000000 + number / 1000000, 4);
    put(record + 4, number % 1000000, 4);
    put(record + 8, FRAME_SIZE, 4);
    put(record + 12, FRAME_SIZE, 4);
    put_mac(frame, s->destination);
    put_mac(frame + 6, s->source);
    put(frame + 12, 0x0800, 2);
    put(frame + 14, 0x45000028, 4);
    put(frame + 22, 64, 1);
    put(frame + 23, 6, 1);
    put(frame + 26, s->source, 4);
    put(frame + 30, s->destination, 4);
    put(frame + 34, s->source_port, 2);
    put(frame + 36, s->destination_port, 2);
    put(frame + 38, number, 4);
    frame[46] = 5 << 4;
    frame[47] = s->flags;
    put(frame + 48, 1024, 2);
    (void)fwrite(record, sizeof record, 1, stdout);
}

/* Another address each time, all of them global: 11.0.0.0 to 90.255.255.255,
 * walked in steps of a prime that does not divide their number. */
static uint32_t source_of(uint64_t number)
{
    const uint64_t count = UINT64_C(80) << 24;
    return (uint32_t)((UINT64_C(11) << 24) + number * 1000000007 % count);
}

static void write_talk(uint64_t number)
{
    static const uint8_t flags[] = { SYN, SYN | ACK, ACK };
    uint64_t turn = number / TALK_EVERY;
    bool back = turn % 2 == 1;
    struct segment s = {
        .source = back ? DEVICE : CLIENT,
        .destination = back ? CLIENT : DEVICE,
        .source_port = back ? 443 : 50000,
        .destination_port = back ? 50000 : 443,
        .flags = turn < sizeof flags ? flags[turn] : ACK,
    };
    write_segment(&s, number);
}

int main(int count, char **words)
{
    const uint32_t head[] = { 0xa1b2c3d4, 0x00020004, 0, 0, 65535, 1 };
    uint8_t bytes[sizeof head];
    uint64_t packets = count == 2 ? strtoull(words[1], NULL, 10) : 0;

    if (packets == 0) {
        fputs("usage: flood PACKETS\n", stderr);
        return 2;
    }
    for (size_t i = 0; i < sizeof head / sizeof head[0]; i++)
        put(bytes + 4 * i, head[i], 4);
    (void)fwrite(bytes, sizeof bytes, 1, stdout);
    for (uint64_t i = 0; i < packets; i++) {
        const struct segment syn = {
            .source = source_of(i),
            .destination = DEVICE,
            .source_port = (uint16_t)(1024 + i % 60000),
            .destination_port = 443,
            .flags = SYN,
        };
        if (i % TALK_EVERY == 0)
            write_talk(i);
        else
            write_segment(&syn, i);
    }
    return fflush(stdout) == 0 && !ferror(stdout) ? 0 : 1;
}
