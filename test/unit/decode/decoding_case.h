/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What the tests of the decoder share: a frame from bytes, a decoder for one
 * frame, and hex for headers that are easiest read as their bytes. */
#include "test.h"

#include <stdlib.h>
#include <string.h>

#include "decode/decode.h"
#include "packet_builder.h"

static const struct build_side alice = { "02:00:00:00:00:0a", "192.0.2.1",
                                         40000 };
static const struct build_side bob = { "02:00:00:00:00:0b", "192.0.2.2", 80 };
static const struct build_side alice6 = { "02:00:00:00:00:0a", "2001:db8::1",
                                          40000 };
static const struct build_side bob6 = { "02:00:00:00:00:0b", "2001:db8::2",
                                        80 };

static inline struct frame frame_of(uint16_t link_type, struct bytes data)
{
    return (struct frame){
        .data = data,
        .mark = { .number = 1,
                  .captured_size = (uint32_t)data.size,
                  .original_size = (uint32_t)data.size,
                  .link_type = link_type },
    };
}

/* Decode with a decoder of its own, in memory that was not zero. */
static inline struct packet decode_checked(const struct frame *frame,
                                           bool verify_checksums)
{
    struct decode_options options = { .verify_checksums = verify_checksums };
    struct decoder *decoder = decoder_new(&options);
    struct packet packet;

    memset(&packet, 0xa5, sizeof packet);
    decode_frame(decoder, frame, &packet);
    for (int i = 0; i < ANOMALY_COUNT; i++)
        assert_int_equal(anomaly_has(&packet.anomalies, (enum anomaly)i),
                         decoder_anomaly_count(decoder, (enum anomaly)i));
    decoder_free(decoder);
    return packet;
}

static inline struct packet decode_once(const struct frame *frame)
{
    return decode_checked(frame, true);
}

static inline uint8_t hex_value(char c)
{
    return (uint8_t)(c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10);
}

/* Bytes from hex digits; blanks are left out. The memory is static. */
static inline struct bytes from_hex(const char *text)
{
    static uint8_t data[2048];
    size_t digits = 0;

    memset(data, 0, sizeof data);
    for (; *text; text++) {
        if (*text == ' ')
            continue;
        assert_true(digits / 2 < sizeof data);
        data[digits / 2] =
            (uint8_t)(data[digits / 2] << 4 | hex_value(*text));
        digits++;
    }
    return bytes_of(data, digits / 2);
}

static inline void assert_only(const struct packet *packet,
                               enum anomaly expected)
{
    for (int i = 0; i < ANOMALY_COUNT; i++)
        if (anomaly_has(&packet->anomalies, (enum anomaly)i))
            assert_string_equal(anomaly_name((enum anomaly)i),
                                anomaly_name(expected));
    assert_true(anomaly_has(&packet->anomalies, expected));
}

static inline void assert_clean(const struct packet *packet)
{
    for (int i = 0; i < ANOMALY_COUNT; i++)
        if (anomaly_has(&packet->anomalies, (enum anomaly)i))
            fail_msg("unexpected %s", anomaly_name((enum anomaly)i));
}

static inline void assert_ip(struct ip ip, const char *expected)
{
    char text[IP_TEXT_SIZE];
    assert_string_equal(ip_text(ip, text), expected);
}

static inline void assert_mac(struct mac mac, const char *expected)
{
    char text[MAC_TEXT_SIZE];
    assert_string_equal(mac_text(mac, text), expected);
}

static inline void assert_bytes(struct bytes b, const char *expected)
{
    assert_int_equal(b.size, strlen(expected));
    assert_memory_equal(b.data, expected, b.size);
}

/* Alice's TCP segment to Bob with `payload`, in IPv4 without a link. */
static inline void build_tcp(struct packet_builder *b, const char *payload)
{
    struct build_tcp tcp = { .sequence = 7,
                             .acknowledgement = 9,
                             .flags = TCP_ACK | TCP_PSH,
                             .window = 512 };

    packet_builder_start(b, bytes_of_text(payload));
    packet_builder_tcp(b, alice, bob, &tcp);
    packet_builder_ip(b, alice, bob, &(struct build_ip){ .protocol = 6 });
}
