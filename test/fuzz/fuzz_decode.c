/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/reader.h"
#include "decode/decode.h"
#include "fuzz.h"

enum { FRAMES_MAX = 16 };

static uint16_t link_type_of(uint8_t choice)
{
    static const uint16_t types[] = { 1,   0,   9,   12,  14,  50,
                                      51,  101, 104, 105, 108, 113,
                                      119, 127, 163, 192, 228, 229,
                                      276, 195, 65535 };
    return types[choice % COUNT_OF(types)];
}

static void check_views(const struct decoder *decoder,
                        const struct packet *packet)
{
    struct bytes memory = packet->is_reassembled ? decoder_memory(decoder)
                                                 : packet->frame;

    fuzz_check_inside(memory, packet->payload);
    fuzz_check_inside(memory, packet->tcp.options);
    check(packet->vlan_count <= PACKET_VLAN_MAX);
    check(!packet->has_transport || packet->layer == PACKET_LAYER_IP);
    check(!packet->has_transport || !packet->is_fragment);
}

/* Two decoders that saw the same frames say the same, whatever the packet's
 * memory held before. */
static void check_repeats(struct decoder *again, const struct frame *frame,
                          const struct packet *first)
{
    struct packet packet;

    memset(&packet, 0x5a, sizeof packet);
    decode_frame(again, frame, &packet);
    check(packet.payload.size == first->payload.size);
    packet.payload = first->payload;
    packet.tcp.options = first->tcp.options;
    check(memcmp(&packet, first, sizeof packet) == 0);
}

/*
 * The first byte gives the link type and whether checksums are judged. Then
 * frames: two bytes of size, one of what the snapshot cut, the bytes; each in
 * memory of exactly its size.
 */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct reader r = reader_of(bytes_of(data, size));
    uint8_t head = reader_u8(&r);
    struct decode_options options = { .verify_checksums = head & 0x80,
                                      .fragment_bytes_max = 1 };
    struct decoder *decoder = decoder_new(&options);
    struct decoder *again = decoder_new(&options);

    for (int i = 0; i < FRAMES_MAX && reader_left(&r) > 3; i++) {
        size_t frame_size = reader_u16(&r);
        uint8_t cut = reader_u8(&r);
        if (frame_size > reader_left(&r))
            frame_size = reader_left(&r);
        struct bytes view = reader_bytes(&r, frame_size);
        uint8_t *copy = memory_resize(NULL, view.size + 1, 1);
        if (view.size > 0)
            memcpy(copy + 1, view.data, view.size);
        struct frame frame = {
            .data = bytes_of(copy + 1, view.size),
            .mark = { .time_ns = i,
                      .captured_size = (uint32_t)view.size,
                      .original_size = (uint32_t)view.size + cut,
                      .link_type = link_type_of(head & 0x7f) },
        };
        struct packet packet;
        memset(&packet, 0xa5, sizeof packet);
        decode_frame(decoder, &frame, &packet);
        check_views(decoder, &packet);
        check_repeats(again, &frame, &packet);
        free(copy);
    }
    decoder_free(decoder);
    decoder_free(again);
    return 0;
}
