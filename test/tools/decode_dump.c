/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Decodes a pcap file (not pcapng) and prints one line of tab-separated fields
 * for each frame, for comparison with other decoders; with -b it prints the
 * nanoseconds a frame took instead.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "base/memory.h"
#include "base/reader.h"
#include "decode/decode.h"

struct pcap {
    struct reader rest;
    bool is_little;
    bool is_nanosecond;
    uint16_t link_type;
    uint64_t number;
};

static struct bytes read_file(const char *path)
{
    struct stat status;
    FILE *file = fopen(path, "rb");

    if (!file || fstat(fileno(file), &status) != 0) {
        perror(path);
        exit(2);
    }
    size_t size = (size_t)status.st_size;
    uint8_t *data = memory_resize(NULL, size + 1, 1);
    if (fread(data, 1, size, file) != size) {
        perror(path);
        exit(2);
    }
    (void)fclose(file); /* It was only read. */
    return bytes_of(data, size);
}

static uint32_t read_number(struct pcap *pcap)
{
    return pcap->is_little ? reader_u32_le(&pcap->rest)
                           : reader_u32(&pcap->rest);
}

static bool pcap_open(struct pcap *pcap, struct bytes file)
{
    *pcap = (struct pcap){ .rest = reader_of(file) };
    uint32_t magic = reader_u32(&pcap->rest);
    pcap->is_little = magic == 0xd4c3b2a1 || magic == 0x4d3cb2a1;
    pcap->is_nanosecond = magic == 0x4d3cb2a1 || magic == 0xa1b23c4d;
    reader_skip(&pcap->rest, 16);
    pcap->link_type = (uint16_t)read_number(pcap);
    return reader_ok(&pcap->rest) &&
           (pcap->is_little || magic == 0xa1b2c3d4 || magic == 0xa1b23c4d);
}

static bool pcap_next(struct pcap *pcap, struct frame *frame)
{
    int64_t seconds = read_number(pcap);
    int64_t part = read_number(pcap);
    uint32_t captured = read_number(pcap);
    uint32_t original = read_number(pcap);

    frame->data = reader_bytes(&pcap->rest, captured);
    frame->mark = (struct frame_mark){
        .number = ++pcap->number,
        .time_ns = seconds * 1000000000 +
                   part * (pcap->is_nanosecond ? 1 : 1000),
        .captured_size = captured,
        .original_size = original,
        .link_type = pcap->link_type,
    };
    return reader_ok(&pcap->rest);
}

static const char *layer_name(enum packet_layer layer)
{
    static const char *const names[] = { "none",  "link", "arp",
                                         "lldp", "eapol", "ip" };
    return names[layer];
}

static void print_anomalies(const struct packet *p)
{
    const char *comma = "";

    for (int i = 0; i < ANOMALY_COUNT; i++) {
        if (!anomaly_has(&p->anomalies, (enum anomaly)i))
            continue;
        printf("%s%s", comma, anomaly_name((enum anomaly)i));
        comma = ",";
    }
}

/* number layer src-mac dst-mac vlans src dst protocol sport dport payload
 * missing flags tunnel anomalies */
static void print_packet(const struct packet *p)
{
    char text[IP_TEXT_SIZE];

    printf("%llu\t%s\t", (unsigned long long)p->mark.number,
           layer_name(p->layer));
    printf("%s\t", p->has_mac ? mac_text(p->source_mac, text) : "");
    printf("%s\t", p->has_mac ? mac_text(p->destination_mac, text) : "");
    for (int i = 0; i < p->vlan_count; i++)
        printf("%s%u", i ? "," : "", p->vlan[i]);
    bool is_ip = p->layer == PACKET_LAYER_IP;
    printf("\t%s\t", is_ip ? ip_text(p->source, text) : "");
    printf("%s\t%d\t", is_ip ? ip_text(p->destination, text) : "",
           is_ip ? p->protocol : -1);
    printf("%u\t%u\t%zu\t%u\t", p->source_port, p->destination_port,
           p->payload.size, p->payload_missing);
    printf("%s%s%s\t%d\t", p->has_transport ? "t" : "",
           p->is_fragment ? "f" : "", p->is_reassembled ? "r" : "",
           p->tunnel);
    print_anomalies(p);
    putchar('\n');
}

static double now_ns(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now); /* Cannot fail. */
    return (double)now.tv_sec * 1e9 + (double)now.tv_nsec;
}

/* Bring the headers of a frame into the cache, where a capture's read leaves
 * them; the sum keeps the compiler from leaving it out. */
static uint32_t touch(struct bytes data)
{
    struct reader r = reader_of(bytes_slice(data, 0, 128));
    uint32_t sum = 0;

    while (reader_left(&r) > 0)
        sum += reader_u8(&r);
    return sum;
}

/* Decode batches of frames that were read before, so that the walk over the
 * file is not in the time. */
static void measure(struct decoder *decoder, struct pcap *pcap)
{
    enum { BATCH = 1024 };
    static struct frame frames[BATCH];
    struct packet packet;
    double spent = 0;
    uint64_t total = 0;
    uint32_t sum = 0;

    for (size_t count = BATCH; count == BATCH; total += count) {
        for (count = 0; count < BATCH; count++) {
            if (!pcap_next(pcap, &frames[count]))
                break;
            sum += touch(frames[count].data);
        }
        double start = now_ns();
        for (size_t i = 0; i < count; i++)
            decode_frame(decoder, &frames[i], &packet);
        spent += now_ns() - start;
    }
    printf("%llu frames, %.1f ns each (sum %u)\n", (unsigned long long)total,
           spent / (double)(total ? total : 1), sum);
}

int main(int count, char **arguments)
{
    bool is_measure = count == 3 && strcmp(arguments[1], "-b") == 0;
    bool is_checked = count == 3 && strcmp(arguments[1], "-c") == 0;
    struct decode_options options = { .verify_checksums = is_checked };
    struct pcap pcap;
    struct frame frame;
    struct packet packet;

    if (count < 2 || count > 3)
        return 2;
    struct bytes file = read_file(arguments[count - 1]);
    if (!pcap_open(&pcap, file)) {
        fprintf(stderr, "%s: not a pcap file\n", arguments[count - 1]);
        return 1;
    }
    struct decoder *decoder = decoder_new(&options);
    if (is_measure)
        measure(decoder, &pcap);
    while (!is_measure && pcap_next(&pcap, &frame)) {
        decode_frame(decoder, &frame, &packet);
        print_packet(&packet);
    }
    decoder_free(decoder);
    return 0;
}
