/* SPDX-License-Identifier: Apache-2.0 */
#include "net/address.h"

#include <arpa/inet.h>
#include <string.h>

static const uint8_t v4_prefix[12] = { [10] = 0xff, [11] = 0xff };

struct mac mac_of(const uint8_t bytes[6])
{
    struct mac mac;
    memcpy(mac.bytes, bytes, sizeof mac.bytes);
    return mac;
}

bool mac_equal(struct mac a, struct mac b)
{
    return memcmp(a.bytes, b.bytes, sizeof a.bytes) == 0;
}

bool mac_is_multicast(struct mac mac)
{
    return mac.bytes[0] & 1;
}

bool mac_is_zero(struct mac mac)
{
    return mac_number(mac) == 0;
}

bool mac_is_local(struct mac mac)
{
    return mac.bytes[0] & 2;
}

uint64_t mac_number(struct mac mac)
{
    const uint8_t *b = mac.bytes;

    return (uint64_t)b[0] << 40 | (uint64_t)b[1] << 32 |
           (uint64_t)b[2] << 24 | (uint64_t)b[3] << 16 | (uint64_t)b[4] << 8 |
           b[5];
}

const char *mac_text(struct mac mac, char text[MAC_TEXT_SIZE])
{
    static const char digits[] = "0123456789abcdef";

    for (size_t i = 0; i < sizeof mac.bytes; i++) {
        text[3 * i] = digits[mac.bytes[i] >> 4];
        text[3 * i + 1] = digits[mac.bytes[i] & 15];
        text[3 * i + 2] = i + 1 < sizeof mac.bytes ? ':' : '\0';
    }
    return text;
}

static int hex_digit(uint8_t byte)
{
    if (byte >= '0' && byte <= '9')
        return byte - '0';
    byte |= 0x20;
    return byte >= 'a' && byte <= 'f' ? byte - 'a' + 10 : -1;
}

bool mac_parse(struct bytes text, struct mac *mac)
{
    struct mac parsed = { 0 };
    size_t digits = 0;

    for (size_t i = 0; i < text.size; i++) {
        int digit = hex_digit(text.data[i]);
        if (digit < 0 && strchr(":-.", text.data[i]) && text.data[i] &&
            digits % 2 == 0)
            continue;
        if (digit < 0 || digits >= 12)
            return false;
        uint8_t *byte = &parsed.bytes[digits++ / 2];
        *byte = (uint8_t)(*byte << 4 | digit);
    }
    if (digits != 12)
        return false;
    *mac = parsed;
    return true;
}

struct ip ip_of_v4(uint32_t host_order)
{
    uint8_t bytes[4] = { (uint8_t)(host_order >> 24),
                         (uint8_t)(host_order >> 16),
                         (uint8_t)(host_order >> 8), (uint8_t)host_order };
    return ip_of_v4_bytes(bytes);
}

struct ip ip_of_v4_bytes(const uint8_t bytes[4])
{
    struct ip ip;
    memcpy(ip.bytes, v4_prefix, sizeof v4_prefix);
    memcpy(ip.bytes + 12, bytes, 4);
    return ip;
}

struct ip ip_of_v6_bytes(const uint8_t bytes[16])
{
    struct ip ip;
    memcpy(ip.bytes, bytes, sizeof ip.bytes);
    return ip;
}

bool ip_equal(struct ip a, struct ip b)
{
    return memcmp(a.bytes, b.bytes, sizeof a.bytes) == 0;
}

int ip_compare(struct ip a, struct ip b)
{
    return memcmp(a.bytes, b.bytes, sizeof a.bytes);
}

bool ip_is_v4(struct ip ip)
{
    uint64_t high;
    uint32_t middle;

    memcpy(&high, ip.bytes, sizeof high);
    memcpy(&middle, ip.bytes + 8, sizeof middle);
    return high == 0 && memcmp(&middle, v4_prefix + 8, sizeof middle) == 0;
}

uint32_t ip_v4_number(struct ip ip)
{
    const uint8_t *b = ip.bytes + 12;
    return (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 |
           b[3];
}

bool ip_is_zero(struct ip ip)
{
    static const struct ip zero;
    return ip_equal(ip, zero) || (ip_is_v4(ip) && ip_v4_number(ip) == 0);
}

struct bytes ip_wire(const struct ip *ip)
{
    return ip_is_v4(*ip) ? bytes_of(ip->bytes + 12, 4)
                         : bytes_of(ip->bytes, 16);
}

/* True when the IPv4 address lies in `network`/`length`. */
static bool in_v4(struct ip ip, uint32_t network, unsigned length)
{
    return ip_is_v4(ip) && (ip_v4_number(ip) ^ network) >> (32 - length) == 0;
}

bool ip_is_private(struct ip ip)
{
    if (ip_is_v4(ip))
        return in_v4(ip, 0x0a000000, 8) || in_v4(ip, 0xac100000, 12) ||
               in_v4(ip, 0xc0a80000, 16) || in_v4(ip, 0x64400000, 10);
    return (ip.bytes[0] & 0xfe) == 0xfc;
}

bool ip_is_link_local(struct ip ip)
{
    if (ip_is_v4(ip))
        return in_v4(ip, 0xa9fe0000, 16);
    return ip.bytes[0] == 0xfe && (ip.bytes[1] & 0xc0) == 0x80;
}

bool ip_is_loopback(struct ip ip)
{
    static const struct ip loopback = { .bytes = { [15] = 1 } };
    return in_v4(ip, 0x7f000000, 8) || ip_equal(ip, loopback);
}

bool ip_is_multicast(struct ip ip)
{
    return ip_is_v4(ip) ? in_v4(ip, 0xe0000000, 4) : ip.bytes[0] == 0xff;
}

bool ip_is_broadcast(struct ip ip)
{
    return ip_is_v4(ip) && ip_v4_number(ip) == UINT32_MAX;
}

/* By the first byte, which settles most of them. */
static bool is_global_v4(uint32_t number)
{
    switch (number >> 24) {
    case 0:
    case 10:
    case 127:
        return false;
    case 100:
        return (number & 0xffc00000) != 0x64400000;
    case 169:
        return (number & 0xffff0000) != 0xa9fe0000;
    case 172:
        return (number & 0xfff00000) != 0xac100000;
    case 192:
        return (number & 0xffff0000) != 0xc0a80000;
    default:
        return number < 0xe0000000;
    }
}

bool ip_is_global(struct ip ip)
{
    if (ip_is_v4(ip))
        return is_global_v4(ip_v4_number(ip));
    return (ip.bytes[0] & 0xe0) == 0x20;
}

/* Every record has two of these: by hand, a tenth of inet_ntop's time. */
static const char *v4_text(const uint8_t wire[4], char text[IP_TEXT_SIZE])
{
    char *at = text;

    for (size_t i = 0; i < 4; i++) {
        uint8_t byte = wire[i];
        if (byte >= 100)
            *at++ = (char)('0' + byte / 100);
        if (byte >= 10)
            *at++ = (char)('0' + byte / 10 % 10);
        *at++ = (char)('0' + byte % 10);
        *at++ = i < 3 ? '.' : '\0';
    }
    return text;
}

const char *ip_text(struct ip ip, char text[IP_TEXT_SIZE])
{
    if (ip_is_v4(ip))
        return v4_text(ip.bytes + 12, text);
    /* Cannot fail: the buffer is large enough. */
    (void)inet_ntop(AF_INET6, ip.bytes, text, IP_TEXT_SIZE);
    return text;
}

bool ip_parse(struct bytes text, struct ip *ip)
{
    char copy[IP_TEXT_SIZE];
    uint8_t wire[16];

    if (text.size == 0 || text.size >= sizeof copy ||
        memchr(text.data, 0, text.size))
        return false;
    memcpy(copy, text.data, text.size);
    copy[text.size] = '\0';
    if (inet_pton(AF_INET, copy, wire) == 1) {
        *ip = ip_of_v4_bytes(wire);
        return true;
    }
    if (inet_pton(AF_INET6, copy, wire) != 1)
        return false;
    *ip = ip_of_v6_bytes(wire);
    return true;
}

bool ip_prefix_parse(struct bytes text, struct ip_prefix *prefix)
{
    size_t slash = bytes_find_byte(text, '/');
    struct ip ip;
    uint64_t length = 128;

    if (!ip_parse(bytes_slice(text, 0, slash), &ip))
        return false;
    bool is_v4 = bytes_find_byte(bytes_slice(text, 0, slash), ':') == slash;
    if (slash < text.size) {
        struct bytes digits = bytes_slice(text, slash + 1, text.size);
        if (!bytes_to_number(digits, is_v4 ? 32 : 128, &length))
            return false;
        if (is_v4)
            length += 96;
    }
    *prefix = (struct ip_prefix){ .address = ip, .length = (uint8_t)length };
    return true;
}

bool ip_prefix_contains(const struct ip_prefix *prefix, struct ip ip)
{
    size_t whole = prefix->length / 8;
    unsigned rest = prefix->length % 8;

    if (memcmp(prefix->address.bytes, ip.bytes, whole) != 0)
        return false;
    return rest == 0 ||
           (prefix->address.bytes[whole] ^ ip.bytes[whole]) >> (8 - rest) == 0;
}
