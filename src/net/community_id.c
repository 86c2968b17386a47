/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is hashed, in network order, the smaller endpoint first:
 *
 *   seed 2 | address 4 or 16 | address | protocol 1 | 0 | port 2 | port 2
 *
 * Protocols without ports end after the zero. For ICMP the "ports" are the
 * type of the message and that of its answer; a message without an answer has
 * its code in place of that, and its endpoints are not put in order.
 */
#include "net/community_id.h"

#include <string.h>

#include "crypto/digest.h"

enum {
    PROTOCOL_ICMP = 1,
    PROTOCOL_TCP = 6,
    PROTOCOL_UDP = 17,
    PROTOCOL_ICMPV6 = 58,
    PROTOCOL_SCTP = 132,

    INPUT_MAX = 2 + 16 + 16 + 2 + 4,
    NO_ANSWER = -1,
};

struct type_pair {
    uint8_t request;
    uint8_t answer;
};

/* The type that answers `type`, or that `type` answers. */
static int find_answer(const struct type_pair *pairs, size_t count,
                       uint16_t type)
{
    for (size_t i = 0; i < count; i++) {
        if (pairs[i].request == type)
            return pairs[i].answer;
        if (pairs[i].answer == type)
            return pairs[i].request;
    }
    return NO_ANSWER;
}

static int icmp_answer(uint8_t protocol, uint16_t type)
{
    static const struct type_pair icmp[] = {
        { 8, 0 },   /* Echo */
        { 10, 9 },  /* Router solicitation, advertisement */
        { 13, 14 }, /* Timestamp */
        { 15, 16 }, /* Information */
        { 17, 18 }, /* Address mask */
    };
    static const struct type_pair icmpv6[] = {
        { 128, 129 }, /* Echo */
        { 130, 131 }, /* Multicast listener query, report */
        { 133, 134 }, /* Router solicitation, advertisement */
        { 135, 136 }, /* Neighbour solicitation, advertisement */
        { 139, 140 }, /* Node information */
        { 144, 145 }, /* Home agent address discovery */
    };

    return protocol == PROTOCOL_ICMP
               ? find_answer(icmp, COUNT_OF(icmp), type)
               : find_answer(icmpv6, COUNT_OF(icmpv6), type);
}

/* The input with its endpoints in order and ICMP's ports in place. */
static struct community_id_input normalise(struct community_id_input in)
{
    bool is_icmp =
        in.protocol == PROTOCOL_ICMP || in.protocol == PROTOCOL_ICMPV6;

    if (is_icmp) {
        int answer = icmp_answer(in.protocol, in.source_port);
        if (answer == NO_ANSWER)
            return in;
        in.destination_port = (uint16_t)answer;
    }
    int order = ip_compare(in.source, in.destination);
    if (order < 0 || (order == 0 && in.source_port <= in.destination_port))
        return in;
    struct community_id_input swapped = in;
    swapped.source = in.destination;
    swapped.destination = in.source;
    swapped.source_port = in.destination_port;
    swapped.destination_port = in.source_port;
    return swapped;
}

static bool has_ports(uint8_t protocol)
{
    return protocol == PROTOCOL_TCP || protocol == PROTOCOL_UDP ||
           protocol == PROTOCOL_SCTP || protocol == PROTOCOL_ICMP ||
           protocol == PROTOCOL_ICMPV6;
}

static size_t put_bytes(uint8_t *data, size_t at, struct bytes b)
{
    memcpy(data + at, b.data, b.size);
    return at + b.size;
}

static size_t put_u16(uint8_t *data, size_t at, uint16_t number)
{
    uint8_t bytes[2] = { (uint8_t)(number >> 8), (uint8_t)number };
    return put_bytes(data, at, bytes_of(bytes, sizeof bytes));
}

/* RFC 4648 section 4; for 20 bytes that is 27 digits and one sign. */
static void write_base64(const uint8_t digest[CRYPTO_SHA1_SIZE], char *text)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                 "abcdefghijklmnopqrstuvwxyz0123456789+/";
    uint32_t bits = 0;
    int count = 0;

    for (size_t i = 0; i < CRYPTO_SHA1_SIZE; i++) {
        bits = bits << 8 | digest[i];
        for (count += 8; count >= 6; count -= 6)
            *text++ = digits[bits >> (count - 6) & 63];
    }
    *text++ = digits[bits << (6 - count) & 63];
    *text++ = '=';
    *text = '\0';
}

const char *community_id_text(const struct community_id_input *input,
                              char text[COMMUNITY_ID_TEXT_SIZE])
{
    struct community_id_input in = normalise(*input);
    uint8_t data[INPUT_MAX];
    uint8_t digest[CRYPTO_SHA1_SIZE];
    size_t size = put_u16(data, 0, in.seed);

    size = put_bytes(data, size, ip_wire(&in.source));
    size = put_bytes(data, size, ip_wire(&in.destination));
    size = put_u16(data, size, (uint16_t)(in.protocol << 8));
    if (has_ports(in.protocol)) {
        size = put_u16(data, size, in.source_port);
        size = put_u16(data, size, in.destination_port);
    }
    crypto_sha1(bytes_of(data, size), digest);
    memcpy(text, "1:", 2);
    write_base64(digest, text + 2);
    return text;
}
