/* SPDX-License-Identifier: Apache-2.0 */
#include "detect/signature/memory.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

#define NO_FLOW ((uint32_t)FLOW_MEMORY_MAX)

/* Flows are numbered by us: nobody chooses their places. */
static uint64_t hash_of(uint64_t flow)
{
    return flow * UINT64_C(0x9e3779b97f4a7c15);
}

void memory_init(struct memory *memory)
{
    static const size_t sizes[] = { HELD_SMALL, HELD_MEDIUM, HELD_LARGE };
    static const size_t counts[] = { HELD_SMALL_MAX, HELD_MEDIUM_MAX,
                                     HELD_LARGE_MAX };

    *memory = (struct memory){ .newest = NO_FLOW,
                               .oldest = NO_FLOW,
                               .free = NO_FLOW };
    memory->flows = memory_new(FLOW_MEMORY_MAX, sizeof *memory->flows);
    memory->windows = memory_new(WINDOW_MAX, sizeof *memory->windows);
    table_init(&memory->index, FLOW_MEMORY_MAX);
    pool_init(&memory->transactions, sizeof(struct transaction),
              TRANSACTION_MAX);
    for (size_t i = 0; i < COUNT_OF(sizes); i++)
        pool_init(&memory->held[i], sizeof(struct held) + sizes[i],
                  counts[i]);
}

void memory_clear(struct memory *memory)
{
    free(memory->flows);
    free(memory->windows);
    table_clear(&memory->index);
    pool_clear(&memory->transactions);
    for (size_t i = 0; i < COUNT_OF(memory->held); i++)
        pool_clear(&memory->held[i]);
}

static uint32_t index_of(const struct memory *memory,
                         const struct flow_memory *flow)
{
    return (uint32_t)(flow - memory->flows);
}

static void unlink_flow(struct memory *memory, struct flow_memory *flow)
{
    if (flow->newer != NO_FLOW)
        memory->flows[flow->newer].older = flow->older;
    else
        memory->newest = flow->older;
    if (flow->older != NO_FLOW)
        memory->flows[flow->older].newer = flow->newer;
    else
        memory->oldest = flow->newer;
}

static void link_newest(struct memory *memory, struct flow_memory *flow)
{
    uint32_t at = index_of(memory, flow);

    flow->newer = NO_FLOW;
    flow->older = memory->newest;
    if (memory->newest != NO_FLOW)
        memory->flows[memory->newest].newer = at;
    else
        memory->oldest = at;
    memory->newest = at;
}

struct flow_memory *memory_find(struct memory *memory, uint64_t flow)
{
    if (memory->count == 0)
        return NULL;
    struct table_cursor cursor = table_seek(&memory->index, hash_of(flow));
    uint32_t at;

    while ((at = table_next(&memory->index, &cursor)) != TABLE_NONE) {
        struct flow_memory *found = &memory->flows[at];
        if (found->number != flow)
            continue;
        if (memory->newest != at) {
            unlink_flow(memory, found);
            link_newest(memory, found);
        }
        return found;
    }
    return NULL;
}

static struct flow_memory *take_free(struct memory *memory)
{
    if (memory->free != NO_FLOW) {
        struct flow_memory *flow = &memory->flows[memory->free];
        memory->free = flow->older;
        return flow;
    }
    if (memory->used < FLOW_MEMORY_MAX)
        return &memory->flows[memory->used++];
    memory->flows_evicted++;
    memory_forget(memory, &memory->flows[memory->oldest]);
    return take_free(memory);
}

struct flow_memory *memory_open(struct memory *memory, uint64_t number)
{
    struct flow_memory *flow = memory_find(memory, number);

    if (flow)
        return flow;
    flow = take_free(memory);
    *flow = (struct flow_memory){ .number = number };
    table_insert(&memory->index, hash_of(number), index_of(memory, flow));
    link_newest(memory, flow);
    memory->count++;
    return flow;
}

void memory_forget(struct memory *memory, struct flow_memory *flow)
{
    uint32_t at = index_of(memory, flow);

    for (size_t side = 0; side < COUNT_OF(flow->windows); side++)
        if (flow->windows[side])
            window_close(memory, flow->windows[side]);
    while (flow->transactions)
        transaction_close(memory, flow, flow->transactions);
    unlink_flow(memory, flow);
    (void)table_remove(&memory->index, hash_of(flow->number), at);
    *flow = (struct flow_memory){ .older = memory->free };
    memory->free = at;
    memory->count--;
}

bool flow_has_bit(const struct flow_memory *flow, uint16_t bit)
{
    for (uint8_t i = 0; flow && i < flow->bit_count; i++)
        if (flow->bits[i] == bit)
            return true;
    return false;
}

bool flow_set_bit(struct flow_memory *flow, uint16_t bit)
{
    if (flow_has_bit(flow, bit))
        return true;
    if (flow->bit_count == FLOW_BIT_MAX)
        return false;
    flow->bits[flow->bit_count++] = bit;
    return true;
}

void flow_unset_bit(struct flow_memory *flow, uint16_t bit)
{
    for (uint8_t i = 0; flow && i < flow->bit_count; i++)
        if (flow->bits[i] == bit) {
            flow->bits[i] = flow->bits[--flow->bit_count];
            return;
        }
}

struct flow_integer *flow_integer_find(struct flow_memory *flow,
                                       uint16_t variable)
{
    for (uint8_t i = 0; flow && i < flow->integer_count; i++)
        if (flow->integers[i].variable == variable)
            return &flow->integers[i];
    return NULL;
}

struct flow_integer *flow_integer_open(struct flow_memory *flow,
                                       uint16_t variable)
{
    struct flow_integer *integer = flow_integer_find(flow, variable);

    if (integer || flow->integer_count == FLOW_INTEGER_MAX)
        return integer;
    integer = &flow->integers[flow->integer_count++];
    *integer = (struct flow_integer){ .variable = variable };
    return integer;
}

bool short_list_has(const struct short_list *list, uint32_t rule)
{
    for (uint16_t i = 0; i < list->count; i++)
        if (list->rules[i] == rule)
            return true;
    return false;
}

bool short_list_add(struct short_list *list, uint32_t rule)
{
    if (short_list_has(list, rule))
        return true;
    if (list->count == COUNT_OF(list->rules))
        return false;
    list->rules[list->count++] = rule;
    return true;
}
