/* SPDX-License-Identifier: Apache-2.0 */
#include "decode/checksum.h"

#include "base/reader.h"

static uint64_t add_up(struct bytes b)
{
    struct reader r = reader_of(b);
    uint64_t sum = 0;

    while (reader_left(&r) >= 4)
        sum += reader_u32(&r);
    if (reader_left(&r) >= 2)
        sum += reader_u16(&r);
    if (reader_left(&r) > 0)
        sum += (uint64_t)reader_u8(&r) << 8;
    return sum;
}

uint16_t checksum_of(struct bytes b, uint64_t start)
{
    uint64_t sum = start + add_up(b);

    while (sum >> 16)
        sum = (sum & 0xffff) + (sum >> 16);
    return (uint16_t)~sum;
}

uint64_t checksum_pseudo_header(const struct packet *packet, size_t size)
{
    return add_up(ip_wire(&packet->source)) +
           add_up(ip_wire(&packet->destination)) + packet->protocol + size;
}
