/* SPDX-License-Identifier: Apache-2.0 */
#include "format/pcap.h"

#include "base/reader.h"

static const struct {
    uint32_t magic;
    bool is_nanoseconds;
    uint8_t record_size;
} magics[] = {
    { 0xa1b2c3d4, false, 16 },
    { 0xa1b23c4d, true, 16 },
    { 0xa1b2cd34, false, 24 }, /* Kuznetzov's patch of old Linux kernels. */
};

static bool find_magic(uint32_t magic, struct pcap_header *header)
{
    for (size_t i = 0; i < COUNT_OF(magics); i++) {
        if (magics[i].magic != magic)
            continue;
        header->is_nanoseconds = magics[i].is_nanoseconds;
        header->record_size = magics[i].record_size;
        return true;
    }
    return false;
}

static uint32_t read_u32(struct reader *r, bool is_big_endian)
{
    return is_big_endian ? reader_u32(r) : reader_u32_le(r);
}

bool pcap_header_parse(struct bytes b, struct pcap_header *header)
{
    struct reader r = reader_of(bytes_slice(b, 0, PCAP_HEADER_SIZE));
    struct reader again = r;
    struct pcap_header parsed = { 0 };

    if (find_magic(reader_u32(&r), &parsed))
        parsed.is_big_endian = true;
    else if (!find_magic(reader_u32_le(&again), &parsed))
        return false;
    bool big = parsed.is_big_endian;
    parsed.major = big ? reader_u16(&r) : reader_u16_le(&r);
    parsed.minor = big ? reader_u16(&r) : reader_u16_le(&r);
    reader_skip(&r, 12); /* Time zone, accuracy, snapshot length. */
    parsed.link_type = (uint16_t)(read_u32(&r, big) & 0xffff);
    if (!reader_ok(&r))
        return false;
    *header = parsed;
    return true;
}

bool pcap_record_parse(struct bytes b, const struct pcap_header *header,
                       struct pcap_record *record)
{
    struct reader r = reader_of(b);
    bool big = header->is_big_endian;
    int64_t seconds = read_u32(&r, big);
    int64_t fraction = read_u32(&r, big);
    struct pcap_record parsed = {
        .time_ns = seconds * 1000000000 +
                   (header->is_nanoseconds ? fraction : fraction * 1000),
    };

    parsed.captured_size = read_u32(&r, big);
    parsed.original_size = read_u32(&r, big);
    if (!reader_ok(&r))
        return false;
    /* Before 2.3, and in some 2.3 files, the two sizes stand the other way
     * round (libpcap, sf-pcap.c). */
    if (header->major == 2 && header->minor < 3 &&
        parsed.captured_size > parsed.original_size) {
        uint32_t size = parsed.captured_size;
        parsed.captured_size = parsed.original_size;
        parsed.original_size = size;
    }
    *record = parsed;
    return true;
}
