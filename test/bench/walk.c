/* SPDX-License-Identifier: Apache-2.0 */

/* The floor to measure against: libpcap reads the file, every byte of every
 * frame is touched, nothing else happens. */
#include <pcap/pcap.h>
#include <stdint.h>
#include <stdio.h>

int main(int count, char **names)
{
    char error[PCAP_ERRBUF_SIZE];
    struct pcap_pkthdr *header;
    const unsigned char *data;
    uint64_t packets = 0;
    uint64_t sum = 0;

    pcap_t *capture = count == 2 ? pcap_open_offline(names[1], error) : NULL;
    if (!capture) {
        fprintf(stderr, "usage: walk CAPTURE: %s\n", error);
        return 2;
    }
    while (pcap_next_ex(capture, &header, &data) == 1) {
        for (uint32_t i = 0; i < header->caplen; i++)
            sum += data[i];
        packets++;
    }
    pcap_close(capture);
    printf("%llu packets, sum %llu\n", (unsigned long long)packets,
           (unsigned long long)sum);
    return 0;
}
