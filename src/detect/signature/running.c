/* SPDX-License-Identifier: Apache-2.0 */
/* The running state of a rule set that was loaded: names of bits and counters
 * carry over from one set to the next, whatever their numbers. */
#include <stdlib.h>

#include "base/check.h"
#include "base/memory.h"
#include "detect/signature/internal.h"
#include "detect/signature/state.h"

/* So that hosts keep their bits when the rules are loaded anew. */
static void name_bits(struct signature_state *state,
                      const struct signature *set)
{
    free(state->bit_names);
    state->bit_name_count = set->bits.count;
    state->bit_names = memory_new(set->bits.count + 1u, sizeof(uint64_t));
    for (uint32_t i = 0; i < set->bits.count; i++)
        state->bit_names[i] =
            hash_bytes(state->key, bytes_of_text(set->bits.names[i]));
}

struct signature_state *signature_state_new(const struct signature *set,
                                            struct hash_key key,
                                            struct evidence_store *store)
{
    check(set->compiled);
    struct signature_state *state = state_new(set->compiled, key, store);

    state->set = set;
    name_bits(state, set);
    return state;
}

/* By old number, the new number of the same name. */
static uint16_t *renumber(const struct name_list *old,
                          const struct name_list *new)
{
    const struct hash_key key = { 1, 2 }; /* Names of rules: not secret. */
    uint16_t *numbers = memory_new(old->count + 1u, sizeof *numbers);
    struct table index;

    table_init(&index, new->count + 1u);
    for (uint32_t i = 0; i < new->count; i++)
        table_insert(&index, hash_bytes(key, bytes_of_text(new->names[i])),
                     i);
    for (uint32_t i = 0; i < old->count; i++) {
        struct bytes name = bytes_of_text(old->names[i]);
        struct table_cursor cursor =
            table_seek(&index, hash_bytes(key, name));
        uint32_t at;
        numbers[i] = UINT16_MAX;
        while ((at = table_next(&index, &cursor)) != TABLE_NONE)
            if (bytes_equal(bytes_of_text(new->names[at]), name))
                numbers[i] = (uint16_t)at;
    }
    table_clear(&index);
    return numbers;
}

void signature_state_replace(struct signature_state *state,
                             const struct signature *set)
{
    uint16_t *bits = renumber(&state->set->bits, &set->bits);
    uint16_t *integers = renumber(&state->set->integers, &set->integers);

    check(set->compiled);
    state_replace(state, set->compiled,
                  &(struct renumbering){ bits, state->set->bits.count,
                                         integers,
                                         state->set->integers.count });
    state->set = set;
    name_bits(state, set);
    free(bits);
    free(integers);
}
