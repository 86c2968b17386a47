/* SPDX-License-Identifier: Apache-2.0 */
#include "dissect.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "base/memory.h"
#include "sweep.h"

enum { PENDING_MAX = 1 << 20 };

/* The bytes stand in memory of their own, so that the address sanitizer sees
 * one byte too many. */
struct dissect_copy {
    struct dissect_copy *next;
    uint8_t *data;
};

void dissect_run_init(struct dissect_run *run,
                      const struct dissector *dissector, uint16_t port)
{
    check(dissector->state_size <= DISSECT_STATE_MAX);
    *run = (struct dissect_run){ .dissector = dissector };
    run->flow = (struct flow){
        .address = { ip_of_v4(0xc0000201), ip_of_v4(0xc0000202) },
        .port = { 40000, port },
        .protocol = dissector->transport,
        .number = 1,
        .device = { FLOW_DEVICE_NONE, FLOW_DEVICE_NONE },
    };
    arena_init(&run->arena);
    event_list_init(&run->events, &run->arena);
    writer_init(&run->pending[0], PENDING_MAX);
    writer_init(&run->pending[1], PENDING_MAX);
    run->state = memory_resize(
        NULL, dissector->state_size ? dissector->state_size : 1, 1);
    memset(run->state, 0, dissector->state_size);
    for (const uint16_t *hint = dissector->ports; hint && *hint; hint++)
        run->port_matches |= *hint == port;
}

void dissect_run_clear(struct dissect_run *run)
{
    while (run->copies) {
        struct dissect_copy *next = run->copies->next;
        free(run->copies->data);
        free(run->copies);
        run->copies = next;
    }
    writer_clear(&run->pending[0]);
    writer_clear(&run->pending[1]);
    free(run->state);
    arena_clear(&run->arena);
}

static struct bytes keep_copy(struct dissect_run *run, struct bytes data)
{
    struct dissect_copy *copy = memory_resize(NULL, 1, sizeof *copy);

    copy->data = memory_resize(NULL, data.size ? data.size : 1, 1);
    if (data.size > 0)
        memcpy(copy->data, data.data, data.size);
    copy->next = run->copies;
    run->copies = copy;
    return bytes_of(copy->data, data.size);
}

static struct dissect_input input_of(struct dissect_run *run,
                                     enum flow_side side, struct bytes data)
{
    return (struct dissect_input){
        .data = keep_copy(run, data),
        .side = side,
        .flow = &run->flow,
        .time_ns = run->time_ns,
        .offset = run->offset[side],
        .gap = run->gap[side],
        .port_matches = run->port_matches,
        .hash_files = run->hash_files,
        .arena = &run->arena,
        .views = run->views,
    };
}

enum dissect_verdict dissect_run_recognise(struct dissect_run *run,
                                           enum flow_side side,
                                           struct bytes data)
{
    struct dissect_input input = input_of(run, side, data);
    return run->dissector->recognise(&input);
}

/* One call; true when the rest should be fed at once. */
static bool feed_once(struct dissect_run *run, struct dissect_input input,
                      size_t *used)
{
    run->result = run->dissector->feed(run->state, &input, &run->events);
    enum dissect_verdict verdict = run->result.verdict;

    check(verdict != DISSECT_MALFORMED || run->result.anomaly);
    run->is_left = verdict != DISSECT_DONE && verdict != DISSECT_MORE;
    if (verdict != DISSECT_DONE)
        return false;
    check(run->result.used <= input.data.size);
    *used = run->result.used;
    return *used > 0 && *used < input.data.size;
}

static void feed_stream(struct dissect_run *run, enum flow_side side, bool end)
{
    struct writer *pending = &run->pending[side];
    bool again = true;

    while (again && !run->is_left) {
        struct dissect_input input =
            input_of(run, side, writer_view(pending));
        size_t used = 0;
        input.end = end;
        run->gap[side] = 0;
        again = feed_once(run, input, &used);
        struct bytes rest = bytes_slice(input.data, used, input.data.size);
        writer_reset(pending);
        writer_bytes(pending, rest);
        run->offset[side] += used;
    }
}

void dissect_run_send(struct dissect_run *run, enum flow_side side,
                      struct bytes data)
{
    size_t used = 0;

    if (run->is_left)
        return;
    run->flow.packets[side]++;
    if (run->dissector->transport == IP_PROTOCOL_TCP) {
        writer_bytes(&run->pending[side], data);
        feed_stream(run, side, false);
        return;
    }
    while (feed_once(run, input_of(run, side, data), &used))
        data = bytes_slice(data, used, data.size);
}

void dissect_run_end(struct dissect_run *run, enum flow_side side)
{
    if (!run->is_left)
        feed_stream(run, side, true);
}

const struct event *dissect_run_event(const struct dissect_run *run,
                                      enum event_type type, size_t index)
{
    for (const struct event *e = run->events.first; e; e = e->next)
        if (e->type == type && index-- == 0)
            return e;
    return NULL;
}

size_t dissect_run_count(const struct dissect_run *run, enum event_type type)
{
    size_t count = 0;

    for (const struct event *e = run->events.first; e; e = e->next)
        count += e->type == type;
    return count;
}

static const char *text_of(struct dissect_run *run,
                           const struct event_value *value, uint8_t kind)
{
    char text[64] = "";

    switch ((enum event_kind)kind) {
    case EVENT_KIND_TEXT:
    case EVENT_KIND_PAIR:
    case EVENT_KIND_SECRET:
        return arena_copy_text(&run->arena, value->text);
    case EVENT_KIND_NUMBER:
        snprintf(text, sizeof text, "%llu", (unsigned long long)value->number);
        break;
    case EVENT_KIND_REAL:
        snprintf(text, sizeof text, "%.3f", value->real);
        break;
    case EVENT_KIND_FLAG:
        return value->number ? "true" : "false";
    case EVENT_KIND_IP:
        (void)ip_text(value->ip, text); /* Returns its argument. */
        break;
    case EVENT_KIND_MAC:
        (void)mac_text(value->mac, text); /* Returns its argument. */
        break;
    }
    return arena_copy_text(&run->arena, bytes_of_text(text));
}

const char *dissect_run_text(struct dissect_run *run,
                             const struct event *event,
                             enum event_field field, size_t index)
{
    const struct event_value *value = NULL;
    size_t from = 0;

    if (!event)
        return "(no event)";
    do {
        value = event_next(event, field, &from);
    } while (value && index-- > 0);
    return value ? text_of(run, value, event_field_info(field)->kind)
                 : "(none)";
}

struct sweep {
    const struct dissector *dissector;
    uint32_t count_max; /* Events that a variant may make. */
    uint16_t port;
};

static uint32_t count_events(const struct sweep *sweep, struct bytes first,
                             struct bytes second)
{
    struct dissect_run run;

    dissect_run_init(&run, sweep->dissector, sweep->port);
    /* Whatever it says, it must come back. */
    (void)dissect_run_recognise(&run, FLOW_ORIGINATOR, first);
    dissect_run_send(&run, FLOW_ORIGINATOR, first);
    dissect_run_send(&run, FLOW_ORIGINATOR, second);
    uint32_t count = run.events.count;
    dissect_run_clear(&run);
    return count;
}

static void sweep_one(struct bytes variant, void *context)
{
    const struct sweep *sweep = context;
    struct bytes none = { 0 };

    check(count_events(sweep, variant, none) <= sweep->count_max);
}

static void sweep_two(struct bytes first, struct bytes second, void *context)
{
    const struct sweep *sweep = context;
    uint32_t count = count_events(sweep, first, second);

    if (sweep->dissector->transport == IP_PROTOCOL_TCP)
        check(count == sweep->count_max);
}

void dissect_sweep(const struct dissector *dissector, uint16_t port,
                   struct bytes wire)
{
    struct sweep sweep = { dissector, UINT32_MAX, port };
    struct bytes none = { 0 };

    sweep_flip(wire, sweep_one, &sweep);
    sweep.count_max = count_events(&sweep, wire, none);
    sweep_truncate(wire, sweep_one, &sweep);
    sweep_split(wire, sweep_two, &sweep);
}
