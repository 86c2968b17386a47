/* SPDX-License-Identifier: Apache-2.0 */
/* One packet, from what it brings to what is said of it. */
#include <string.h>

#include "detect/signature/state.h"

static enum packet_class class_of_protocol(uint8_t protocol)
{
    switch (protocol) {
    case IP_PROTOCOL_TCP:
        return CLASS_TCP;
    case IP_PROTOCOL_UDP:
        return CLASS_UDP;
    case IP_PROTOCOL_ICMP:
        return CLASS_ICMPV4;
    case IP_PROTOCOL_ICMPV6:
        return CLASS_ICMPV6;
    case IP_PROTOCOL_SCTP:
        return CLASS_SCTP;
    default:
        return CLASS_OTHER_IP;
    }
}

static enum packet_class class_of(const struct signature_input *input)
{
    if (input->flow)
        return class_of_protocol(input->flow->protocol);
    if (!input->packet || input->packet->layer != PACKET_LAYER_IP)
        return CLASS_NO_IP;
    return class_of_protocol(input->packet->protocol);
}

static int64_t time_of(const struct signature_input *input)
{
    if (input->packet)
        return input->packet->mark.time_ns;
    return input->flow ? input->flow->last_ns : 0;
}

static void begin(struct signature_state *state,
                  const struct signature_input *input, struct judging *j)
{
    arena_reset(&state->arena);
    if (state->memo_used) {
        memset(state->lens_memo, 0, sizeof state->lens_memo);
        state->memo_used = false;
    }
    j->state = state;
    j->input = input;
    j->packet = input->packet;
    j->class = class_of(input);
    j->is_stream = false;
    j->now_ns = time_of(input);
    j->queued = 0;
    j->source = j->destination = (struct ip){ 0 };
    j->source_port = j->destination_port = 0;
    j->memory =
        input->flow ? memory_find(&state->memory, input->flow->number) : NULL;
    judging_face(j, input->side);
}

static void try_list(struct judging *j, const struct rule_list *list)
{
    for (uint32_t i = 0; i < list->count; i++)
        if (rule_applies(j, &j->state->compiled->rules[list->rules[i]]))
            rule_holds(j, list->rules[i]);
}

/* Addresses do not change: once for each side, or each packet without flow. */
static void judge_addresses(struct judging *j)
{
    const struct compiled *compiled = j->state->compiled;
    struct candidates *found = &j->state->candidates;
    const struct flow *flow = j->input->flow;

    if (!j->packet || j->class == CLASS_NO_IP ||
        (flow && flow->packets[j->side] > 1))
        return;
    candidates_begin(found);
    candidates_add_all(found, compiled->everywhere.rules,
                       compiled->everywhere.count);
    range_index_find(compiled->sources, j->source, found);
    range_index_find(compiled->destinations, j->destination, found);
    if (UNLIKELY(j->state->why.rule != 0) &&
        compiled->rules[j->state->why.rule - 1].judged_on == JUDGED_ADDRESS)
        candidates_add(found, j->state->why.rule - 1);
    candidates_sort(found);
    for (uint32_t i = 0; i < found->count; i++)
        if (rule_applies(j, &compiled->rules[found->rules[i]]))
            rule_holds(j, found->rules[i]);
}

static bool has_events(const struct judging *j)
{
    return (j->packet && !anomaly_none(&j->packet->anomalies)) ||
           (j->input->events && j->input->events->count > 0);
}

/* Once for each side, on the packet that told the protocol or after it. */
static void judge_discovery(struct judging *j)
{
    const struct rule_list *list = &j->state->compiled->discoveries;

    if (list->count == 0 || !j->input->application || !judging_memory(j) ||
        j->memory->is_told[j->side])
        return;
    j->memory->is_told[j->side] = true;
    try_list(j, list);
}

static bool ends_side(const struct judging *j, enum flow_side side)
{
    const struct view_list *views = j->input->views;

    if (j->packet && j->packet->has_transport && side == j->input->side &&
        j->packet->protocol == IP_PROTOCOL_TCP &&
        (j->packet->tcp.flags & (TCP_FIN | TCP_RST)))
        return true;
    for (uint32_t i = 0; views && i < views->count; i++)
        if (views->views[i].id == VIEW_END && views->views[i].side == side)
            return true;
    return false;
}

static void end_chunks(struct judging *j)
{
    for (unsigned side = 0; j->memory && side < 2; side++)
        if (j->memory->windows[side] && ends_side(j, (enum flow_side)side))
            judge_stream_end(j, (enum flow_side)side);
}

void signature_match(struct signature_state *state,
                     const struct signature_input *input,
                     const struct evidence_scene *scene,
                     struct alert_list *alerts)
{
    struct judging j;

    begin(state, input, &j);
    state->packets += input->packet != NULL;
    if (j.memory && j.memory->is_passed)
        return;
    judge_addresses(&j);
    if (has_events(&j))
        try_list(&j, &state->compiled->events);
    judge_discovery(&j);
    judge_payload(&j);
    if (input->views && input->views->count > 0)
        judge_views(&j);
    end_chunks(&j);
    if (j.queued > 0)
        judging_raise(&j, scene, alerts);
}

void signature_flow_end(struct signature_state *state,
                        const struct signature_input *input,
                        const struct evidence_scene *scene,
                        struct alert_list *alerts)
{
    struct judging j;

    begin(state, input, &j);
    if (!j.memory)
        return;
    if (!j.memory->is_passed) {
        judge_stream_end(&j, FLOW_ORIGINATOR);
        judge_stream_end(&j, FLOW_RESPONDER);
        judge_flow_end(&j);
        if (j.queued > 0)
            judging_raise(&j, scene, alerts);
    }
    if (j.memory)
        memory_forget(&state->memory, j.memory);
}
