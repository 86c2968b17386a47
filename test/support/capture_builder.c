/* SPDX-License-Identifier: Apache-2.0 */
#include "capture_builder.h"

#include <string.h>

enum { BUILT_MAX = 64 << 20, TSRESOL = 9 };

void capture_builder_init(struct capture_builder *b, bool big)
{
    *b = (struct capture_builder){ .big = big };
    writer_init(&b->out, BUILT_MAX);
}

void capture_builder_clear(struct capture_builder *b)
{
    writer_clear(&b->out);
}

struct bytes capture_builder_view(const struct capture_builder *b)
{
    return writer_view(&b->out);
}

void capture_builder_u16(struct capture_builder *b, uint16_t number)
{
    if (b->big)
        writer_u16(&b->out, number);
    else
        writer_u16_le(&b->out, number);
}

void capture_builder_u32(struct capture_builder *b, uint32_t number)
{
    if (b->big)
        writer_u32(&b->out, number);
    else
        writer_u32_le(&b->out, number);
}

void capture_builder_u64(struct capture_builder *b, uint64_t number)
{
    if (b->big)
        writer_u64(&b->out, number);
    else
        writer_u64_le(&b->out, number);
}

void capture_builder_pcap(struct capture_builder *b, uint32_t magic,
                          uint32_t link_type)
{
    capture_builder_u32(b, magic);
    capture_builder_u16(b, 2);
    capture_builder_u16(b, 4);
    capture_builder_u64(b, 0);
    capture_builder_u32(b, 262144);
    capture_builder_u32(b, link_type);
}

void capture_builder_record(struct capture_builder *b, uint32_t seconds,
                            uint32_t fraction, struct bytes data)
{
    capture_builder_u32(b, seconds);
    capture_builder_u32(b, fraction);
    capture_builder_u32(b, (uint32_t)data.size);
    capture_builder_u32(b, (uint32_t)data.size);
    writer_bytes(&b->out, data);
}

void capture_builder_open(struct capture_builder *b, uint32_t type)
{
    b->block = b->out.size;
    capture_builder_u32(b, type);
    capture_builder_u32(b, 0); /* Its size, when it is closed. */
}

static void pad(struct capture_builder *b)
{
    while ((b->out.size - b->block) % 4 != 0)
        writer_byte(&b->out, 0);
}

void capture_builder_close(struct capture_builder *b)
{
    pad(b);
    capture_builder_u32(b, (uint32_t)(b->out.size - b->block + 4));
    memcpy(b->out.data + b->block + 4, b->out.data + b->out.size - 4, 4);
}

void capture_builder_option(struct capture_builder *b, uint16_t code,
                            struct bytes value)
{
    capture_builder_u16(b, code);
    capture_builder_u16(b, (uint16_t)value.size);
    writer_bytes(&b->out, value);
    pad(b);
}

void capture_builder_section(struct capture_builder *b)
{
    capture_builder_open(b, 0x0a0d0d0a);
    capture_builder_u32(b, 0x1a2b3c4d);
    capture_builder_u16(b, 1);
    capture_builder_u16(b, 0);
    capture_builder_u64(b, UINT64_MAX);
    capture_builder_close(b);
}

void capture_builder_interface(struct capture_builder *b, uint16_t link_type,
                               uint32_t snapshot_size, uint8_t resolution)
{
    capture_builder_open(b, 1);
    capture_builder_u16(b, link_type);
    capture_builder_u16(b, 0);
    capture_builder_u32(b, snapshot_size);
    if (resolution != 0) {
        capture_builder_option(b, TSRESOL, bytes_of(&resolution, 1));
        capture_builder_option(b, 0, bytes_of(NULL, 0));
    }
    capture_builder_close(b);
}

void capture_builder_packet(struct capture_builder *b, uint32_t interface,
                            uint64_t ticks, struct bytes data)
{
    capture_builder_open(b, 6);
    capture_builder_u32(b, interface);
    capture_builder_u32(b, (uint32_t)(ticks >> 32));
    capture_builder_u32(b, (uint32_t)ticks);
    capture_builder_u32(b, (uint32_t)data.size);
    capture_builder_u32(b, (uint32_t)data.size);
    writer_bytes(&b->out, data);
    capture_builder_close(b);
}
