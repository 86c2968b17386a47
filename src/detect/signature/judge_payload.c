/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Payload: packet by packet, and for TCP the bytes in order, kept in a window
 * so that a match may begin in one packet and end in another. The window is
 * cut into chunks: a rule of the stream alerts at most once in each. A chunk
 * ends when it is long enough, when a message of the protocol is complete, or
 * with the stream; what must not be there is decided then.
 */
#include <string.h>

#include "detect/signature/judging.h"
#include "detect/signature/packet_part.h"

/* The rules that a port or nothing at all brings up. */
static void add_by_port(struct judging *j)
{
    const struct class_rules *class = &j->state->compiled->classes[j->class];
    struct candidates *found = &j->state->candidates;
    const struct rule_list *list =
        port_index_find(&class->by_destination, j->destination_port);

    candidates_add_all(found, class->any.rules, class->any.count);
    if (list)
        candidates_add_all(found, list->rules, list->count);
    list = port_index_find(&class->by_source, j->source_port);
    if (list)
        candidates_add_all(found, list->rules, list->count);
}

/* Few protocols have rules that look into nothing: the last is remembered. */
static void add_by_application(struct judging *j)
{
    struct signature_state *state = j->state;
    const struct compiled *compiled = state->compiled;
    const char *application = j->input->application;

    if (!application || compiled->application_count == 0)
        return;
    if (application != state->application) {
        state->application = application;
        state->application_rules = NULL;
        for (uint32_t i = 0; i < compiled->application_count; i++)
            if (strcmp(compiled->applications[i].application, application) ==
                0)
                state->application_rules = &compiled->applications[i].list;
    }
    if (state->application_rules)
        candidates_add_all(&state->candidates,
                           state->application_rules->rules,
                           state->application_rules->count);
}

/* `data` is the payload, or bytes in order. */
static struct bytes part_of(const struct judging *j,
                            const struct rule_inspection *in,
                            struct bytes data)
{
    if (in->view == VIEW_PAYLOAD)
        return data;
    return j->packet ? packet_part(j->packet, in->view) : (struct bytes){ 0 };
}

static bool inspections_hold(struct judging *j, uint32_t number,
                             struct bytes data)
{
    struct signature_state *state = j->state;
    const struct rule *rule = state->compiled->rules[number].rule;

    for (uint16_t i = 0; i < rule->inspection_count; i++) {
        const struct rule_inspection *in = &rule->inspections[i];
        struct bytes part = part_of(j, in, data);
        struct inspected subject = {
            .data = transform_apply(&state->transformer, in->transforms,
                                    in->transform_count, part),
        };
        uint16_t failed = 0;
        if ((in->view == VIEW_PAYLOAD || part.size > 0) &&
            inspect(&state->inspector, in, &subject, &failed))
            continue;
        if (UNLIKELY(why_is(&state->why, number)))
            why_note(&state->why,
                     j->input->flow,
                     (struct why_note){ WHY_INSPECTION, i, failed });
        return false;
    }
    return true;
}

/* Does a rule of the stream look at this packet too? It does when its places
 * count from the start of a packet, and when the stream has not this packet. */
static bool looks_at_packet(const struct judging *j,
                            const struct compiled_rule *rule)
{
    if (rule->judged_on == JUDGED_PACKET)
        return true;
    if (rule->judged_on != JUDGED_STREAM ||
        rule->rule->layer == RULE_LAYER_TCP_STREAM)
        return false;
    if (j->class != CLASS_TCP || rule->in_packets)
        return true;
    return j->input->stream_size[j->side] == 0;
}

static bool begins(const struct compiled_rule *rule, struct bytes data)
{
    return rule->prefix_size == 0 ||
           (data.size >= rule->prefix_size &&
            memcmp(data.data, rule->prefix, rule->prefix_size) == 0);
}

static void judge_packet(struct judging *j, uint32_t number)
{
    const struct compiled_rule *rule = &j->state->compiled->rules[number];
    struct bytes payload = j->packet->payload;

    if (!looks_at_packet(j, rule))
        return;
    if (rule->needs_payload &&
        (payload.size == 0 || j->input->is_opaque ||
         !begins(rule, payload)))
        return;
    if (rule_applies(j, rule) && inspections_hold(j, number, payload))
        rule_holds(j, number);
}

static struct bytes window_data(const struct window *window,
                                const struct compiled_rule *rule)
{
    struct bytes all = { window->data, window->size };

    return rule->from_start ? bytes_slice(all, window->chunk, SIZE_MAX) : all;
}

static void judge_stream(struct judging *j, struct window *window,
                         uint32_t number, bool is_end)
{
    const struct compiled_rule *rule = &j->state->compiled->rules[number];

    struct bytes data = window_data(window, rule);

    if (rule->judged_on != JUDGED_STREAM || !begins(rule, data) ||
        short_list_has(&window->alerted, number) || !rule_concerns(j, rule))
        return;
    if (!(rule->waits && !is_end) && rule_conditions_hold(j, rule) &&
        inspections_hold(j, number, data)) {
        rule_holds(j, number);
        /* Full: a rule past the list may alert again in this chunk. */
        (void)short_list_add(&window->alerted, number);
        return;
    }
    if (is_end || (rule->is_always_tried && !rule->waits))
        return;
    if (!short_list_add(&window->waiting, number))
        j->state->memory.rules_refused++;
}

/* A match that began near the end of a chunk may end in the next one. */
static void carry_over(struct judging *j, struct window *window,
                       const struct short_list *waiting)
{
    struct short_list before = window->carried;

    window->carried.count = 0;
    for (uint16_t i = 0; i < waiting->count; i++) {
        uint32_t number = waiting->rules[i];
        const struct compiled_rule *rule =
            &j->state->compiled->rules[number];
        if (rule->waits || rule->from_start ||
            short_list_has(&before, number) ||
            short_list_has(&window->alerted, number))
            continue;
        if (short_list_add(&window->waiting, number))
            (void)short_list_add(&window->carried, number);
    }
}

/* What waits is decided, and only the overlap stays. */
static void end_chunk(struct judging *j, struct window *window)
{
    struct short_list waiting = window->waiting;

    j->is_stream = true;
    window->waiting.count = 0;
    for (uint16_t i = 0; i < waiting.count; i++)
        judge_stream(j, window, waiting.rules[i], true);
    carry_over(j, window, &waiting);
    window->alerted.count = 0;
    if (window->size > WINDOW_OVERLAP) {
        uint32_t gone = window->size - WINDOW_OVERLAP;
        memmove(window->data, window->data + gone, WINDOW_OVERLAP);
        window->size = WINDOW_OVERLAP;
    }
    window->chunk = window->size;
    j->is_stream = false;
}

/* Bytes were lost, or came from somewhere else: nothing can span that. */
static void check_order(struct judging *j, struct window *window)
{
    bool is_next = window->size == 0 ||
                   window->next_offset == j->input->stream_offset;

    if (is_next && j->input->stream_gap == 0)
        return;
    end_chunk(j, window);
    window->size = 0;
    window->chunk = 0;
}

static void try_all(struct judging *j, struct window *window, bool has_packet)
{
    struct candidates *found = &j->state->candidates;
    struct short_list waiting;

    waiting.count = 0;
    if (window) {
        waiting = window->waiting;
        window->waiting.count = 0;
        for (uint16_t i = 0; i < waiting.count; i++)
            candidates_add(found, waiting.rules[i]);
    }
    if (UNLIKELY(j->state->why.rule != 0))
        candidates_add(found, j->state->why.rule - 1);
    candidates_sort(found);
    for (uint32_t i = 0; i < found->count; i++) {
        uint32_t queued = j->queued;
        if (has_packet)
            judge_packet(j, found->rules[i]);
        if (!window || j->queued > queued)
            continue;
        j->is_stream = true;
        judge_stream(j, window, found->rules[i], false);
        j->is_stream = false;
    }
}

/* One piece of the stream, as much as the window takes; answers what is left.
 */
static struct bytes judge_piece(struct judging *j, struct window *window,
                                struct bytes data)
{
    const struct class_rules *class = &j->state->compiled->classes[CLASS_TCP];
    size_t from = window->size;
    struct bytes piece = bytes_slice(data, 0, WINDOW_SIZE - from);

    memcpy(window->data + from, piece.data, piece.size);
    window->size += (uint32_t)piece.size;
    gram_filter_scan(class->payload[j->side],
                     bytes_of(window->data, window->size), from,
                     &j->state->candidates);
    return bytes_slice(data, piece.size, SIZE_MAX);
}

static bool is_chunk_full(const struct window *window)
{
    return window->size - window->chunk >= WINDOW_CHUNK;
}

static void judge_bytes(struct judging *j, bool has_packet)
{
    struct flow_memory *memory = judging_memory(j);
    struct bytes left = j->input->stream;
    struct window *window = window_open(&j->state->memory, memory, j->side);

    check_order(j, window);
    window->next_offset = j->input->stream_offset + left.size;
    while (left.size > 0) {
        candidates_begin(&j->state->candidates);
        add_by_port(j);
        if (has_packet)
            add_by_application(j);
        left = judge_piece(j, window, left);
        try_all(j, window, has_packet);
        has_packet = false;
        if (is_chunk_full(window))
            end_chunk(j, window);
    }
}

static void scan_packet(struct judging *j)
{
    const struct class_rules *class = &j->state->compiled->classes[j->class];

    if (!j->input->is_opaque)
        gram_filter_scan(class->payload[j->side], j->packet->payload, 0,
                         &j->state->candidates);
}

/* The stream has just this packet's bytes: one scan serves both. */
static bool is_same(const struct judging *j)
{
    return j->packet && j->packet->payload.data == j->input->stream.data &&
           j->packet->payload.size == j->input->stream.size &&
           j->packet->payload.size <= WINDOW_CHUNK;
}

static void judge_alone(struct judging *j)
{
    candidates_begin(&j->state->candidates);
    add_by_port(j);
    add_by_application(j);
    scan_packet(j);
    try_all(j, NULL, true);
}

void judge_payload(struct judging *j)
{
    struct bytes stream = j->input->stream;
    bool in_order = j->class == CLASS_TCP && j->input->flow &&
                    stream.size > 0 && !j->input->is_opaque;

    if (in_order && j->input->stream_offset >= STREAM_DEPTH_MAX) {
        j->state->bytes_not_inspected += stream.size;
        in_order = false;
    }
    bool same = in_order && is_same(j);
    if (j->packet && !same)
        judge_alone(j);
    if (in_order)
        judge_bytes(j, same);
}

void judge_stream_end(struct judging *j, enum flow_side side)
{
    if (!j->memory || !j->memory->windows[side])
        return;
    judging_face(j, side);
    end_chunk(j, j->memory->windows[side]);
}
