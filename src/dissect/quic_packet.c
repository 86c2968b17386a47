/* SPDX-License-Identifier: Apache-2.0 */
#include "dissect/quic_packet.h"

#include <stdio.h>
#include <string.h>

#include "crypto/quic_keys.h"

enum {
    LONG_HEADER = 0x80,
    FIXED_BIT = 0x40,
    GOOGLE_HAS_VERSION = 0x01, /* Public flags of Q043 and older. */
    GOOGLE_HAS_ID = 0x08,
    GOOGLE_ID_SIZE = 8,
    PACKET_NUMBER_MAX = 4,
};

uint64_t quic_read_number(struct reader *r)
{
    uint8_t first = reader_u8(r);
    uint64_t value = first & 0x3f;

    for (int left = (1 << (first >> 6)) - 1; left > 0; left--)
        value = value << 8 | reader_u8(r);
    return reader_ok(r) ? value : 0;
}

static bool is_digit(uint32_t c)
{
    return c >= '0' && c <= '9';
}

/* 'Q' or 'T' (with TLS), then three digits. */
static bool is_google(uint32_t version)
{
    return (version >> 24 == 'Q' || version >> 24 == 'T') &&
           (version >> 16 & 0xff) == '0' && is_digit(version >> 8 & 0xff) &&
           is_digit(version & 0xff);
}

/* Q043 and older had a header of their own; Q046 has the long one, with both
 * sizes in one byte; from Q050 on it is like QUIC's. */
static bool is_google_clear(uint32_t version)
{
    return is_google(version) && version < 0x51303530; /* Q050 */
}

bool quic_version_is_known(uint32_t version)
{
    return quic_keys_know(version) || is_google(version) ||
           (version > 0xff000000 && version <= 0xff000022);
}

const char *quic_version_text(uint32_t version,
                              char text[QUIC_VERSION_TEXT_SIZE])
{
    if (version == QUIC_VERSION_1)
        (void)snprintf(text, QUIC_VERSION_TEXT_SIZE, "1");
    else if (version == QUIC_VERSION_2)
        (void)snprintf(text, QUIC_VERSION_TEXT_SIZE, "2");
    else if (is_google(version))
        (void)snprintf(text, QUIC_VERSION_TEXT_SIZE, "%c%c%c%c",
                       (int)(version >> 24), (int)(version >> 16 & 0xff),
                       (int)(version >> 8 & 0xff), (int)(version & 0xff));
    else if (version > 0xff000000 && version <= 0xff000022)
        (void)snprintf(text, QUIC_VERSION_TEXT_SIZE, "draft-%u",
                       (unsigned)(version & 0xff));
    else
        (void)snprintf(text, QUIC_VERSION_TEXT_SIZE, "0x%08x",
                       (unsigned)version);
    return text;
}

/* The two type bits; version 2 has them moved up by one. */
static enum quic_kind kind_of(uint8_t first, uint32_t version)
{
    static const enum quic_kind kinds[4] = { QUIC_INITIAL, QUIC_ZERO_RTT,
                                             QUIC_HANDSHAKE,
                                             QUIC_RETRY_PACKET };
    unsigned bits = first >> 4 & 3;

    if (version == 0)
        return QUIC_NEGOTIATION;
    if (is_google_clear(version))
        return QUIC_GOOGLE;
    if (!quic_keys_know(version))
        return QUIC_UNKNOWN;
    return kinds[version == QUIC_VERSION_2 ? (bits + 3) % 4 : bits];
}

/* uint8 flags | 8 bytes id | uint32 version | ... */
static void read_google_old(struct reader *r, struct quic_packet *packet)
{
    packet->destination_id = reader_bytes(r, GOOGLE_ID_SIZE);
    packet->version = reader_u32(r);
    packet->kind = QUIC_GOOGLE;
    packet->rest = reader_rest(r);
    if (!is_google_clear(packet->version))
        reader_fail(r);
}

/* Nibbles stand for 0, or for 3 more than they say. */
static size_t google_id_size(unsigned nibble)
{
    return nibble ? nibble + 3 : 0;
}

static void read_ids(struct reader *r, struct quic_packet *packet)
{
    if (packet->kind == QUIC_GOOGLE) {
        uint8_t sizes = reader_u8(r);
        reader_skip(r, google_id_size(sizes >> 4));
        reader_skip(r, google_id_size(sizes & 15));
        return;
    }
    size_t size = reader_u8(r);
    packet->destination_id = reader_bytes(r, size);
    size = reader_u8(r);
    packet->source_id = reader_bytes(r, size);
}

/*
 *     uint8 1ftt.... | uint32 version | uint8 size, destination id |
 *     uint8 size, source id | by type; Initial: number size, token;
 *     number size of what follows | packet number | payload
 */
static void read_long(uint8_t first, struct reader *r,
                      struct quic_packet *packet)
{
    packet->version = reader_u32(r);
    packet->kind = kind_of(first, packet->version);
    read_ids(r, packet);
    if (packet->kind == QUIC_INITIAL)
        reader_skip(r, (size_t)quic_read_number(r)); /* The token. */
    if (packet->kind > QUIC_HANDSHAKE) {
        packet->rest = reader_rest(r);
        return;
    }
    size_t size = (size_t)quic_read_number(r);
    packet->rest = reader_bytes(r, size);
}

bool quic_packet_read(struct reader *r, struct quic_packet *packet)
{
    struct quic_packet read = { 0 };
    struct bytes all = bytes_of(r->next, reader_left(r));
    uint8_t first = reader_u8(r);

    if (first & LONG_HEADER)
        read_long(first, r, &read);
    else if ((first & GOOGLE_HAS_VERSION) && (first & GOOGLE_HAS_ID))
        read_google_old(r, &read);
    else
        reader_fail(r);
    bool has_fixed_bit = first & FIXED_BIT || read.kind == QUIC_NEGOTIATION ||
                         read.kind >= QUIC_UNKNOWN;
    if (!reader_ok(r) || !has_fixed_bit ||
        (read.kind != QUIC_UNKNOWN &&
         (read.destination_id.size > QUIC_CONNECTION_ID_MAX ||
          read.source_id.size > QUIC_CONNECTION_ID_MAX)))
        return false;
    read.whole = bytes_slice(all, 0, all.size - reader_left(r));
    *packet = read;
    return true;
}

/* The header with its protection taken off, as it was authenticated. */
static struct bytes unmask(const struct quic_packet *packet,
                           const struct quic_keys *keys, struct arena *arena,
                           uint64_t *number)
{
    size_t at = packet->whole.size - packet->rest.size;
    struct bytes sample =
        bytes_slice(packet->rest, PACKET_NUMBER_MAX, QUIC_SAMPLE_SIZE);
    uint8_t mask[QUIC_MASK_SIZE];

    if (!quic_keys_mask(keys, sample, mask))
        return (struct bytes){ 0 };
    uint8_t *header = arena_allocate(arena, at + PACKET_NUMBER_MAX);
    memcpy(header, packet->whole.data, at + PACKET_NUMBER_MAX);
    header[0] ^= mask[0] & 0x0f;
    size_t size = (header[0] & 3u) + 1;
    *number = 0;
    for (size_t i = 0; i < size; i++) {
        header[at + i] ^= mask[i + 1];
        *number = *number << 8 | header[at + i];
    }
    return bytes_of(header, at + size);
}

bool quic_packet_open(const struct quic_packet *packet,
                      struct bytes connection_id, struct arena *arena,
                      struct bytes *frames)
{
    struct quic_keys keys;
    uint64_t number;

    if (!quic_keys_client(packet->version, connection_id, &keys))
        return false;
    struct bytes header = unmask(packet, &keys, arena, &number);
    if (header.size == 0)
        return false;
    struct bytes sealed =
        bytes_slice(packet->whole, header.size, packet->whole.size);
    if (sealed.size <= QUIC_TAG_SIZE)
        return false;
    uint8_t *plain = arena_allocate(arena, sealed.size);
    if (!quic_keys_open(&keys, number, header, sealed, plain))
        return false;
    *frames = bytes_of(plain, sealed.size - QUIC_TAG_SIZE);
    return true;
}
