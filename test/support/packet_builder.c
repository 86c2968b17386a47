/* SPDX-License-Identifier: Apache-2.0 */
#include "packet_builder.h"

#include <string.h>

#include "base/check.h"

void packet_builder_start(struct packet_builder *b, struct bytes payload)
{
    b->start = PACKET_BUILDER_MAX;
    b->tail = 0;
    packet_builder_push(b, payload);
}

void packet_builder_push(struct packet_builder *b, struct bytes front)
{
    check(front.size <= b->start);
    b->start -= front.size;
    if (front.size > 0)
        memcpy(b->data + b->start, front.data, front.size);
}

void packet_builder_push_u16(struct packet_builder *b, uint16_t number)
{
    uint8_t bytes[2] = { (uint8_t)(number >> 8), (uint8_t)number };
    packet_builder_push(b, bytes_of(bytes, sizeof bytes));
}

void packet_builder_push_u32(struct packet_builder *b, uint32_t number)
{
    packet_builder_push_u16(b, (uint16_t)number);
    packet_builder_push_u16(b, (uint16_t)(number >> 16));
}

static void push_u8(struct packet_builder *b, uint8_t number)
{
    packet_builder_push(b, bytes_of(&number, 1));
}

struct bytes packet_builder_view(const struct packet_builder *b)
{
    return bytes_of(b->data + b->start,
                    PACKET_BUILDER_MAX - b->start + b->tail);
}

struct frame packet_builder_frame(const struct packet_builder *b,
                                  int64_t time_ns)
{
    struct bytes data = packet_builder_view(b);

    return (struct frame){
        .data = data,
        .mark = {
            .number = 1,
            .time_ns = time_ns,
            .captured_size = (uint32_t)data.size,
            .original_size = (uint32_t)data.size,
            .link_type = 1,
        },
    };
}

void packet_builder_pad(struct packet_builder *b, size_t size)
{
    size_t have = packet_builder_view(b).size;

    if (have >= size)
        return;
    check(size - have <= PACKET_BUILDER_PADDING - b->tail);
    memset(b->data + PACKET_BUILDER_MAX + b->tail, 0, size - have);
    b->tail += size - have;
}

static struct ip parse_ip(const char *text)
{
    struct ip ip;
    check(ip_parse(bytes_of_text(text), &ip));
    return ip;
}

/* RFC 1071, one 16-bit word at a time; the decoder has a way of its own. */
static uint32_t sum(struct bytes b)
{
    uint32_t total = 0;

    for (size_t i = 0; i < b.size; i++)
        total += i % 2 ? b.data[i] : (uint32_t)b.data[i] << 8;
    return total;
}

static uint16_t fold(uint32_t total)
{
    while (total >> 16)
        total = (total & 0xffff) + (total >> 16);
    return (uint16_t)~total;
}

static uint32_t sum_addresses(struct build_side from, struct build_side to)
{
    struct ip source = parse_ip(from.ip);
    struct ip destination = parse_ip(to.ip);

    return sum(ip_wire(&source)) + sum(ip_wire(&destination));
}

/* Write the checksum of all that is there into the field at `offset`. */
static void write_checksum(struct packet_builder *b, size_t offset,
                           uint32_t start)
{
    uint16_t value = fold(start + sum(packet_builder_view(b)));

    b->data[b->start + offset] = (uint8_t)(value >> 8);
    b->data[b->start + offset + 1] = (uint8_t)value;
}

void packet_builder_tcp(struct packet_builder *b, struct build_side from,
                        struct build_side to, const struct build_tcp *tcp)
{
    size_t header_size = 20 + tcp->options.size;

    packet_builder_push(b, tcp->options);
    packet_builder_push_u32(b, 0); /* Checksum and urgent pointer. */
    packet_builder_push_u16(b, tcp->window);
    push_u8(b, tcp->flags);
    push_u8(b, (uint8_t)(header_size / 4 << 4));
    packet_builder_push_u32(b, tcp->acknowledgement);
    packet_builder_push_u32(b, tcp->sequence);
    packet_builder_push_u16(b, to.port);
    packet_builder_push_u16(b, from.port);
    size_t size = packet_builder_view(b).size;
    write_checksum(b, 16, sum_addresses(from, to) + 6 + (uint32_t)size);
}

void packet_builder_udp(struct packet_builder *b, struct build_side from,
                        struct build_side to)
{
    size_t size = packet_builder_view(b).size + 8;

    packet_builder_push_u16(b, 0);
    packet_builder_push_u16(b, (uint16_t)size);
    packet_builder_push_u16(b, to.port);
    packet_builder_push_u16(b, from.port);
    write_checksum(b, 6, sum_addresses(from, to) + 17 + (uint32_t)size);
}

void packet_builder_icmp(struct packet_builder *b, struct build_side from,
                         struct build_side to, uint16_t type_and_code)
{
    bool is_v6 = !ip_is_v4(parse_ip(from.ip));

    packet_builder_push_u16(b, 0);
    packet_builder_push_u16(b, type_and_code);
    size_t size = packet_builder_view(b).size;
    uint32_t pseudo = sum_addresses(from, to) + 58 + (uint32_t)size;
    write_checksum(b, 2, is_v6 ? pseudo : 0);
}

static void push_ipv4(struct packet_builder *b, struct ip source,
                      struct ip destination, const struct build_ip *ip)
{
    size_t header_size = 20 + ip->options.size;
    size_t size = packet_builder_view(b).size + header_size;
    struct packet_builder header;

    packet_builder_start(&header, ip->options);
    packet_builder_push(&header, ip_wire(&destination));
    packet_builder_push(&header, ip_wire(&source));
    packet_builder_push_u16(&header, 0);
    push_u8(&header, ip->protocol);
    push_u8(&header, ip->ttl ? ip->ttl : 64);
    packet_builder_push_u16(&header, ip->fragment);
    packet_builder_push_u16(&header, ip->identification);
    packet_builder_push_u16(&header, (uint16_t)size);
    push_u8(&header, 0);
    push_u8(&header, (uint8_t)(0x40 | header_size / 4));
    write_checksum(&header, 10, 0);
    packet_builder_push(b, packet_builder_view(&header));
}

void packet_builder_ip(struct packet_builder *b, struct build_side from,
                       struct build_side to, const struct build_ip *ip)
{
    struct ip source = parse_ip(from.ip);
    struct ip destination = parse_ip(to.ip);
    size_t size = packet_builder_view(b).size;

    if (ip_is_v4(source)) {
        push_ipv4(b, source, destination, ip);
        return;
    }
    packet_builder_push(b, bytes_of(destination.bytes, 16));
    packet_builder_push(b, bytes_of(source.bytes, 16));
    push_u8(b, ip->ttl ? ip->ttl : 64);
    push_u8(b, ip->protocol);
    packet_builder_push_u16(b, (uint16_t)size);
    packet_builder_push_u32(b, 0x60000000);
}

void packet_builder_vlan(struct packet_builder *b, uint16_t vlan,
                         uint16_t ether_type)
{
    packet_builder_push_u16(b, ether_type);
    packet_builder_push_u16(b, vlan);
}

void packet_builder_ethernet(struct packet_builder *b, struct build_side from,
                             struct build_side to, uint16_t ether_type)
{
    struct mac source;
    struct mac destination;

    check(mac_parse(bytes_of_text(from.mac), &source));
    check(mac_parse(bytes_of_text(to.mac), &destination));
    packet_builder_push_u16(b, ether_type);
    packet_builder_push(b, bytes_of(source.bytes, 6));
    packet_builder_push(b, bytes_of(destination.bytes, 6));
}
