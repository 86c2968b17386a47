/* SPDX-License-Identifier: Apache-2.0 */

/*
 * HTTP for rules: a connection whose sides say something by turns, read by
 * the lenient reader, in pieces cut at the marker.
 *
 *     byte (bit 0: the responder speaks first, bit 1: the sides do not take
 *           turns, bit 2: bytes are lost before the third piece, bit 3: the
 *           connection is closed and not cut off)
 *     piece, "\xf0\xf1\xf2\xf3", next piece, ...
 */
#include <string.h>

#include "dissect/http_reader.h"
#include "fuzz_dissector.h"

struct connection {
    struct http_reader reader;
    struct view_memory *memory;
    struct arena arena;
    struct event_list events;
    struct view_list views;
    struct flow flow;
    uint64_t offset[2];
};

static void read_piece(struct connection *c, enum flow_side side,
                       struct bytes piece, uint64_t gap, bool is_end)
{
    struct dissect_input input = {
        .data = arena_copy(&c->arena, piece),
        .side = side,
        .flow = &c->flow,
        .offset = c->offset[side] + gap,
        .gap = gap,
        .end = is_end,
        .arena = &c->arena,
        .views = &c->views,
        .view_memory = c->memory,
    };

    c->offset[side] += gap + piece.size;
    http_view_reader.read(&c->reader, &input, &c->events);
}

static void read_all(struct connection *c, struct bytes input)
{
    const struct bytes marker = bytes_of("\xf0\xf1\xf2\xf3", 4);
    uint8_t choice = input.size > 0 ? input.data[0] : 0;
    enum flow_side side = choice & 1 ? FLOW_RESPONDER : FLOW_ORIGINATOR;

    input = bytes_slice(input, 1, input.size);
    for (int i = 0; i < FUZZ_MESSAGE_MAX && input.size > 0; i++) {
        size_t at = bytes_find(input, marker);
        uint64_t gap = choice & 4 && i == 2 ? 7 : 0;
        read_piece(c, side, bytes_slice(input, 0, at), gap, false);
        input = bytes_slice(input, at + marker.size, input.size);
        if (!(choice & 2))
            side = !side;
    }
    for (int end = 0; end <= 1 && choice & 8; end++)
        read_piece(c, (enum flow_side)end, (struct bytes){ 0 }, 0, true);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct connection c;

    memset(&c, 0, sizeof c);
    arena_init(&c.arena);
    c.memory = view_memory_new();
    view_list_init(&c.views, &c.arena);
    memset(c.views.wanted, 0xff, sizeof c.views.wanted);
    event_list_init(&c.events, &c.arena);
    read_all(&c, bytes_of(data, size));
    fuzz_read_views(&c.views);
    http_view_reader.release(&c.reader, c.memory);
    view_memory_free(c.memory);
    arena_clear(&c.arena);
    return 0;
}
