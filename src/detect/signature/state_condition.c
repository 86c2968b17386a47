/* SPDX-License-Identifier: Apache-2.0 */
/* What rules remember for each other: bits and counters of flows, bits of
 * hosts. */
#include "detect/signature/dataset.h"
#include "detect/signature/judging.h"

bool flowbits_hold(const struct judging *j, const struct bits_test *test)
{
    for (uint16_t i = 0; i < test->count; i++)
        if (flow_has_bit(j->memory, test->bits[i]) ==
            (test->action == BITS_IS_SET))
            return true;
    return false;
}

static uint64_t name_of(const struct judging *j, uint16_t bit)
{
    const struct signature_state *state = j->state;

    return bit < state->bit_name_count ? state->bit_names[bit] : bit;
}

static struct host_pair hosts_of(const struct judging *j)
{
    return (struct host_pair){ j->source, j->destination, j->now_ns };
}

bool xbits_hold(const struct judging *j, const struct bits_test *test)
{
    struct host_pair hosts = hosts_of(j);

    for (uint16_t i = 0; i < test->count; i++)
        if (host_bits_has(&j->state->hosts, (enum bits_track)test->track,
                          name_of(j, test->bits[i]), &hosts) ==
            (test->action == BITS_IS_SET))
            return true;
    return false;
}

/* False when the operand is a variable that is not set. */
static bool operand_of(const struct judging *j,
                       const struct integer_test *test, uint32_t *value)
{
    *value = test->value;
    if (!test->has_other)
        return true;
    const struct flow_integer *other =
        flow_integer_find(j->memory, test->other);
    if (other)
        *value = other->value;
    return other != NULL;
}

bool flowint_holds(const struct judging *j, const struct integer_test *test)
{
    const struct flow_integer *integer =
        flow_integer_find(j->memory, test->variable);
    uint32_t value = 0;

    if (test->action == INTEGER_IS_SET)
        return integer != NULL;
    if (test->action == INTEGER_IS_NOT_SET)
        return integer == NULL;
    return integer && operand_of(j, test, &value) &&
           comparison_holds((enum comparison)test->comparison,
                            integer->value, value);
}

static void apply_flowbits(struct judging *j, const struct bits_test *test)
{
    struct flow_memory *memory = judging_memory(j);

    for (uint16_t i = 0; memory && i < test->count; i++) {
        bool is_set = flow_has_bit(memory, test->bits[i]);
        if (test->action == BITS_UNSET ||
            (test->action == BITS_TOGGLE && is_set))
            flow_unset_bit(memory, test->bits[i]);
        else if (!flow_set_bit(memory, test->bits[i]))
            j->state->bits_refused++;
    }
}

static void apply_xbits(struct judging *j, const struct bits_test *test)
{
    struct host_pair hosts = hosts_of(j);
    struct host_bits *bits = &j->state->hosts;
    enum bits_track track = (enum bits_track)test->track;

    for (uint16_t i = 0; i < test->count; i++) {
        uint64_t name = name_of(j, test->bits[i]);
        if (test->action == BITS_UNSET ||
            (test->action == BITS_TOGGLE &&
             host_bits_has(bits, track, name, &hosts)))
            host_bits_unset(bits, track, name, &hosts);
        else
            host_bits_set(bits, test, name, &hosts);
    }
}

static void apply_flowint(struct judging *j, const struct integer_test *test)
{
    struct flow_memory *memory = judging_memory(j);
    uint32_t value = 0;

    if (!memory || !operand_of(j, test, &value))
        return;
    struct flow_integer *integer = flow_integer_open(memory, test->variable);
    if (!integer)
        j->state->bits_refused++;
    else if (test->action == INTEGER_SET)
        integer->value = value;
    else if (test->action == INTEGER_ADD)
        integer->value += value;
    else if (test->action == INTEGER_SUBTRACT)
        integer->value -= value < integer->value ? value : integer->value;
}

void effect_apply(struct judging *j, const struct rule_effect *effect)
{
    switch ((enum rule_effect_kind)effect->kind) {
    case EFFECT_FLOWBITS:
        apply_flowbits(j, &effect->bits);
        return;
    case EFFECT_XBITS:
        apply_xbits(j, &effect->bits);
        return;
    case EFFECT_FLOWINT:
        apply_flowint(j, &effect->integer);
        return;
    case EFFECT_DATASET: /* Done by the test that holds the value. */
    case EFFECT_TAG:     /* The packets of a finding's flow are kept anyway. */
        return;
    }
}
