/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Drives one dissector with a fuzzer's input: the messages of both sides of
 * one flow, cut apart at the marker, the sides taking turns. The first byte
 * chooses whether the port matches and who speaks first, so that every path
 * of recognise() and feed() is reached.
 *
 *     byte (bit 0: the port is a hint's, bit 1: the responder speaks first)
 *     message, "\xf0\xf1\xf2\xf3", message of the other side, ...
 */
#include "dissect.h"
#include "fuzz.h"

enum { FUZZ_MESSAGE_MAX = 32 }; /* Messages of one input; the rest is left. */

static inline void fuzz_dissector(const struct dissector *dissector,
                                  uint16_t port, struct bytes input)
{
    const struct bytes marker = bytes_of("\xf0\xf1\xf2\xf3", 4);
    uint8_t choice = input.size > 0 ? input.data[0] : 0;
    enum flow_side side = choice & 2 ? FLOW_RESPONDER : FLOW_ORIGINATOR;
    struct dissect_run run;

    dissect_run_init(&run, dissector, port);
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
    dissect_run_clear(&run);
}
