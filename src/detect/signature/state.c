/* SPDX-License-Identifier: Apache-2.0 */
#include "detect/signature/state.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

static void make_memos(struct signature_state *state)
{
    size_t count = state->compiled->address_set_count + 1u;
    struct address_memo *memos[] = { &state->source_memo,
                                     &state->destination_memo };

    for (size_t i = 0; i < COUNT_OF(memos); i++) {
        free(memos[i]->answers);
        *memos[i] = (struct address_memo){
            .epoch = 1,
            .answers = memory_new(count, sizeof(uint32_t)),
        };
    }
}

struct signature_state *state_new(const struct compiled *compiled,
                                  struct hash_key key,
                                  struct evidence_store *store)
{
    struct signature_state *state = memory_new(1, sizeof *state);

    state->compiled = compiled;
    state->store = store;
    state->key = key;
    arena_init(&state->arena);
    inspector_init(&state->inspector);
    state->inspector.arena = &state->arena;
    state->transformer = (struct transformer){
        &state->arena, state->inspector.match_data,
        state->inspector.match_context
    };
    candidates_init(&state->candidates, compiled->rule_count);
    memory_init(&state->memory);
    host_bits_init(&state->hosts, key);
    quotas_init(&state->quotas, key);
    make_memos(state);
    return state;
}

void signature_state_free(struct signature_state *state)
{
    if (!state)
        return;
    arena_clear(&state->arena);
    inspector_clear(&state->inspector);
    candidates_clear(&state->candidates);
    memory_clear(&state->memory);
    host_bits_clear(&state->hosts);
    quotas_clear(&state->quotas);
    why_clear(&state->why);
    free(state->source_memo.answers);
    free(state->destination_memo.answers);
    free(state->bit_names);
    free(state);
}

static void renumber_flow(struct flow_memory *flow,
                          const struct renumbering *new)
{
    uint8_t bits = 0;
    uint8_t integers = 0;

    for (uint8_t i = 0; i < flow->bit_count; i++) {
        uint16_t bit = flow->bits[i];
        if (bit < new->bit_count && new->bits[bit] != UINT16_MAX)
            flow->bits[bits++] = new->bits[bit];
    }
    flow->bit_count = bits;
    for (uint8_t i = 0; i < flow->integer_count; i++) {
        uint16_t variable = flow->integers[i].variable;
        if (variable >= new->integer_count ||
            new->integers[variable] == UINT16_MAX)
            continue;
        flow->integers[integers] = flow->integers[i];
        flow->integers[integers++].variable = new->integers[variable];
    }
    flow->integer_count = integers;
}

/* The numbers of rules mean others now: what alerted in an open transaction
 * may alert once more, what waited is found again by what comes next. */
static void forget_rules(struct flow_memory *flow)
{
    for (size_t side = 0; side < COUNT_OF(flow->windows); side++) {
        if (!flow->windows[side])
            continue;
        flow->windows[side]->waiting.count = 0;
        flow->windows[side]->carried.count = 0;
        flow->windows[side]->alerted.count = 0;
    }
    for (struct transaction *open = flow->transactions; open;
         open = open->next) {
        open->alerted.count = 0;
        open->waiting[0].count = 0;
        open->waiting[1].count = 0;
        /* All that is held is looked at once more. */
        for (struct held *held = open->held; held; held = held->next)
            held->looked = 0;
    }
}

void state_replace(struct signature_state *state,
                   const struct compiled *compiled,
                   const struct renumbering *renumbering)
{
    struct memory *memory = &state->memory;
    uint64_t added = state->candidates.added;
    uint64_t stopped = state->candidates.stopped;

    for (uint32_t i = 0; i < memory->used; i++) {
        if (memory->flows[i].number == 0)
            continue;
        renumber_flow(&memory->flows[i], renumbering);
        forget_rules(&memory->flows[i]);
    }
    state->compiled = compiled;
    candidates_clear(&state->candidates);
    candidates_init(&state->candidates, compiled->rule_count);
    state->candidates.added = added;
    state->candidates.stopped = stopped;
    state->application = NULL;
    make_memos(state);
    why_clear(&state->why);
}

void signature_read_counters(const struct signature_state *state,
                             struct signature_counters *counters)
{
    const struct memory *memory = &state->memory;

    *counters = (struct signature_counters){
        .packets = state->packets,
        .candidates = state->candidates_tried,
        .verify_stopped = state->candidates.stopped +
                          state->inspector.walks_stopped,
        .regexes_stopped = state->inspector.regexes_stopped,
        .transactions_refused = memory->transactions_refused,
        .waits_refused = memory->rules_refused,
        .flows_evicted = memory->flows_evicted,
        .streams_evicted = memory->windows_evicted,
        .bytes_not_inspected =
            state->bytes_not_inspected + memory->bytes_not_held,
        .bits_refused = state->bits_refused + state->hosts.refused,
        .alerts_dropped = state->alerts_dropped,
    };
}
