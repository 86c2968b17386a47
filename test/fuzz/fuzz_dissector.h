/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Drives one dissector with a fuzzer's input: the messages of both sides of
 * one flow, cut apart at the marker, the sides taking turns. The first byte
 * chooses whether the port matches and who speaks first, so that every path
 * of recognise() and feed() is reached; bit 2 makes rules ask for all views.
 *
 *     byte (bit 0: the port is a hint's, bit 1: the responder speaks first,
 *           bit 2: views are made)
 *     message, "\xf0\xf1\xf2\xf3", message of the other side, ...
 */
#include <string.h>

#include "dissect.h"
#include "fuzz.h"

enum { FUZZ_MESSAGE_MAX = 32 }; /* Messages of one input; the rest is left. */

/* Every byte that a view promises is there. */
static inline void fuzz_read_views(const struct view_list *views)
{
    for (uint32_t i = 0; i < views->count; i++) {
        struct bytes data = views->views[i].data;
        size_t sum = 0;
        for (size_t at = 0; at < data.size; at++)
            sum += data.data[at];
        check(sum <= data.size * UINT8_MAX);
    }
}

static inline void fuzz_dissector(const struct dissector *dissector,
                                  uint16_t port, struct bytes input)
{
    const struct bytes marker = bytes_of("\xf0\xf1\xf2\xf3", 4);
    uint8_t choice = input.size > 0 ? input.data[0] : 0;
    enum flow_side side = choice & 2 ? FLOW_RESPONDER : FLOW_ORIGINATOR;
    struct dissect_run run;
    struct view_list views;

    dissect_run_init(&run, dissector, port);
    view_list_init(&views, &run.arena);
    memset(views.wanted, 0xff, sizeof views.wanted);
    run.views = choice & 4 ? &views : NULL;
    run.port_matches = choice & 1;
    input = bytes_slice(input, 1, input.size);
    for (int i = 0; i < FUZZ_MESSAGE_MAX && input.size > 0; i++) {
        size_t at = bytes_find(input, marker);
        struct bytes message = bytes_slice(input, 0, at);
        (void)dissect_run_recognise(&run, side, message); /* Must return. */
        dissect_run_send(&run, side, message);
        input = bytes_slice(input, at + marker.size, input.size);
        side = side == FLOW_ORIGINATOR ? FLOW_RESPONDER : FLOW_ORIGINATOR;
    }
    dissect_run_end(&run, side);
    for (struct event *event = run.events.first; event; event = event->next)
        for (size_t i = 0; i < event->count; i++) {
            const char *text = dissect_run_text(
                &run, event, (enum event_field)event->values[i].field, 0);
            check(text);
        }
    fuzz_read_views(&views);
    dissect_run_clear(&run);
}
