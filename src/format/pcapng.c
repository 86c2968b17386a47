/* SPDX-License-Identifier: Apache-2.0 */
#include "format/pcapng.h"

#include <stdlib.h>

#include "base/memory.h"
#include "base/reader.h"

enum {
    BYTE_ORDER_MAGIC = 0x1a2b3c4d,
    OPTION_END = 0,
    OPTION_COMMENT = 1,
    OPTION_TSRESOL = 9,
    OPTION_TSOFFSET = 14,
    RESOLUTION_DEFAULT = 6,
};

void pcapng_section_clear(struct pcapng_section *section)
{
    free(section->interfaces);
    *section = (struct pcapng_section){ 0 };
}

static uint32_t read_u32(struct reader *r, bool is_big_endian)
{
    return is_big_endian ? reader_u32(r) : reader_u32_le(r);
}

static uint16_t read_u16(struct reader *r, bool is_big_endian)
{
    return is_big_endian ? reader_u16(r) : reader_u16_le(r);
}

static uint64_t read_u64(struct reader *r, bool is_big_endian)
{
    return is_big_endian ? reader_u64(r) : reader_u64_le(r);
}

/* The body of a block: without its head, and the size repeated at its end. */
static struct reader body_of(struct bytes block)
{
    return reader_of(bytes_slice(block, PCAPNG_BLOCK_HEAD_SIZE,
                                 block.size >= PCAPNG_BLOCK_SIZE_MIN
                                     ? block.size - PCAPNG_BLOCK_SIZE_MIN
                                     : 0));
}

bool pcapng_block_head(struct pcapng_section *section, struct bytes head,
                       uint32_t *type, uint32_t *size)
{
    struct reader r = reader_of(head);
    struct reader order = reader_of(bytes_slice(head, 8, 4));

    if (reader_u32(&r) == PCAPNG_SECTION) {
        uint32_t magic = reader_u32(&order);
        if (magic != BYTE_ORDER_MAGIC && magic != 0x4d3c2b1a)
            return false;
        pcapng_section_clear(section);
        section->is_big_endian = magic == BYTE_ORDER_MAGIC;
    }
    r = reader_of(head);
    uint32_t block_type = read_u32(&r, section->is_big_endian);
    uint32_t block_size = read_u32(&r, section->is_big_endian);
    if (!reader_ok(&r) || block_size < PCAPNG_BLOCK_SIZE_MIN ||
        block_size % 4 != 0)
        return false;
    *type = block_type;
    *size = block_size;
    return true;
}

/* Take the next option; false at the end of the list. */
static bool next_option(struct reader *r, bool big, uint16_t *code,
                        struct bytes *value)
{
    if (reader_left(r) < 4)
        return false;
    *code = read_u16(r, big);
    uint16_t size = read_u16(r, big);
    *value = reader_bytes(r, size);
    size_t padding = (4u - size % 4u) % 4u;
    if (padding <= reader_left(r))
        reader_skip(r, padding);
    return reader_ok(r) && *code != OPTION_END;
}

bool pcapng_interface_parse(struct pcapng_section *section,
                            struct bytes block)
{
    struct reader r = body_of(block);
    bool big = section->is_big_endian;
    struct pcapng_interface interface = { .resolution = RESOLUTION_DEFAULT };
    uint16_t code;
    struct bytes value;

    interface.link_type = read_u16(&r, big);
    reader_skip(&r, 2);
    interface.snapshot_size = read_u32(&r, big);
    if (!reader_ok(&r) || section->interface_count >= PCAPNG_INTERFACE_MAX)
        return false;
    while (next_option(&r, big, &code, &value)) {
        struct reader option = reader_of(value);
        if (code == OPTION_TSRESOL && value.size == 1)
            interface.resolution = reader_u8(&option);
        else if (code == OPTION_TSOFFSET && value.size == 8)
            interface.offset_s = (int64_t)read_u64(&option, big);
    }
    if (section->interface_count == section->interface_room) {
        section->interface_room =
            section->interface_room ? section->interface_room * 2 : 4;
        section->interfaces = memory_resize(section->interfaces,
                                            section->interface_room,
                                            sizeof *section->interfaces);
    }
    section->interfaces[section->interface_count++] = interface;
    return true;
}

/* Ticks of a clock of 10^-exponent seconds, as nanoseconds. */
static uint64_t decimal_ns(uint64_t ticks, unsigned exponent)
{
    for (; exponent < 9; exponent++)
        ticks *= 10;
    for (; exponent > 9 && ticks > 0; exponent--)
        ticks /= 10;
    return ticks;
}

/* Ticks of a clock of 2^-exponent seconds: whole seconds and the fraction are
 * scaled apart, so that neither overflows. */
static uint64_t binary_ns(uint64_t ticks, unsigned exponent)
{
    if (exponent > 63)
        return 0;
    uint64_t fraction = ticks & ((1ull << exponent) - 1);
    unsigned coarse = exponent > 34 ? exponent - 34 : 0;
    return (ticks >> exponent) * 1000000000u +
           ((fraction >> coarse) * 1000000000u >> (exponent - coarse));
}

/* Ticks of an interface's clock as nanoseconds since 1970. A time that is far
 * off is no time, and no reason to stop: the nearest that can be is taken, so
 * that the difference of two times always fits. */
static int64_t time_of(const struct pcapng_interface *interface,
                       uint64_t ticks)
{
    unsigned exponent = interface->resolution & 0x7f;
    uint64_t nanoseconds = interface->resolution & 0x80
                               ? binary_ns(ticks, exponent)
                               : decimal_ns(ticks, exponent);

    int64_t time_ns = (int64_t)(nanoseconds +
                                (uint64_t)interface->offset_s * 1000000000u);
    if (time_ns < 0)
        return 0;
    return time_ns < PCAPNG_TIME_MAX ? time_ns : PCAPNG_TIME_MAX;
}

static void read_comment(struct reader *r, bool big,
                         struct pcapng_packet *packet)
{
    uint16_t code;
    struct bytes value;

    while (next_option(r, big, &code, &value))
        if (code == OPTION_COMMENT && packet->comment.size == 0)
            packet->comment = value;
}

/* A simple packet has no time and no captured size of its own. */
static bool parse_simple(const struct pcapng_section *section,
                         struct reader *r, struct pcapng_packet *packet)
{
    const struct pcapng_interface *interface = section->interfaces;

    packet->original_size = read_u32(r, section->is_big_endian);
    size_t size = reader_left(r);
    if (packet->original_size < size)
        size = packet->original_size;
    if (interface->snapshot_size > 0 && interface->snapshot_size < size)
        size = interface->snapshot_size;
    packet->data = reader_bytes(r, size);
    return reader_ok(r);
}

bool pcapng_packet_parse(const struct pcapng_section *section,
                         struct bytes block, struct pcapng_packet *packet)
{
    bool big = section->is_big_endian;
    struct reader head = reader_of(block);
    uint32_t type = read_u32(&head, big);
    struct reader r = body_of(block);
    struct pcapng_packet parsed = { 0 };

    if (section->interface_count == 0)
        return false;
    if (type == PCAPNG_SIMPLE_PACKET) {
        if (!parse_simple(section, &r, &parsed))
            return false;
        *packet = parsed;
        return true;
    }
    if (type == PCAPNG_OLD_PACKET) {
        parsed.interface = read_u16(&r, big);
        reader_skip(&r, 2); /* Drop count. */
    } else {
        parsed.interface = read_u32(&r, big);
    }
    uint64_t ticks = (uint64_t)read_u32(&r, big) << 32;
    ticks |= read_u32(&r, big);
    uint32_t captured = read_u32(&r, big);
    parsed.original_size = read_u32(&r, big);
    parsed.data = reader_bytes(&r, captured);
    if (!reader_ok(&r) || parsed.interface >= section->interface_count)
        return false;
    size_t padding = (4u - captured % 4u) % 4u;
    reader_skip(&r, padding);
    read_comment(&r, big, &parsed);
    parsed.time_ns =
        time_of(&section->interfaces[parsed.interface], ticks);
    *packet = parsed;
    return true;
}
