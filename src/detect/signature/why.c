/* SPDX-License-Identifier: Apache-2.0 */
#include "detect/signature/why.h"

#include <stdlib.h>

#include "base/memory.h"

/* Later stages are further, and so are later places within one. */
static bool is_further(struct why_note a, struct why_note b)
{
    if (a.stage != b.stage)
        return a.stage > b.stage;
    if (a.place != b.place)
        return a.place > b.place;
    return a.test > b.test;
}

/* The flows of late are at the end: packets of one come close together. */
void why_note(struct why *why, uint64_t flow, struct why_note note)
{
    for (size_t i = why->count; i > 0; i--) {
        struct why_flow *known = &why->flows[i - 1];
        if (known->flow != flow)
            continue;
        if (is_further(note, known->note))
            known->note = note;
        return;
    }
    if (why->count == WHY_FLOW_MAX) {
        why->dropped++;
        return;
    }
    if (!why->flows)
        why->flows = memory_new(WHY_FLOW_MAX, sizeof *why->flows);
    why->flows[why->count++] = (struct why_flow){ flow, note };
}

void why_clear(struct why *why)
{
    free(why->flows);
    *why = (struct why){ 0 };
}
