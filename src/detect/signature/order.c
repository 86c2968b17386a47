/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The order in which rules are judged: what passes comes first, then what sets
 * bits, then what sets and asks, then what asks, so that one packet can go
 * through a chain; then by priority and as they were read.
 */
#include <stdlib.h>

#include "base/memory.h"
#include "detect/signature/compiled.h"

struct rank {
    const struct rule *rule;
    size_t place;
    unsigned key;
};

static unsigned action_rank(const struct rule *rule)
{
    switch ((enum rule_action)rule->action) {
    case RULE_PASS:
        return 0;
    case RULE_DROP:
        return 1;
    case RULE_REJECT:
        return 2;
    case RULE_ALERT:
        break;
    }
    return 3;
}

static bool asks(const struct rule *rule)
{
    for (uint16_t i = 0; i < rule->condition_count; i++) {
        uint8_t kind = rule->conditions[i].kind;
        if (kind == CONDITION_FLOWBITS || kind == CONDITION_XBITS ||
            kind == CONDITION_FLOWINT)
            return true;
    }
    return false;
}

static bool sets(const struct rule *rule)
{
    for (uint16_t i = 0; i < rule->effect_count; i++)
        if (rule->effects[i].kind != EFFECT_TAG)
            return true;
    return false;
}

static unsigned bits_rank(const struct rule *rule)
{
    if (sets(rule))
        return asks(rule) ? 1 : 0;
    return asks(rule) ? 2 : 3;
}

static int compare_ranks(const void *a, const void *b)
{
    const struct rank *x = a;
    const struct rank *y = b;

    if (x->key != y->key)
        return x->key < y->key ? -1 : 1;
    return (x->place > y->place) - (x->place < y->place);
}

void compiled_order(const struct rule **rules, size_t count)
{
    struct rank *ranks = memory_new(count + 1, sizeof *ranks);

    for (size_t i = 0; i < count; i++) {
        unsigned priority =
            rules[i]->priority < 255 ? rules[i]->priority : 255;
        ranks[i] = (struct rank){
            rules[i], i,
            action_rank(rules[i]) << 16 | bits_rank(rules[i]) << 8 | priority,
        };
    }
    qsort(ranks, count, sizeof *ranks, compare_ranks);
    for (size_t i = 0; i < count; i++)
        rules[i] = ranks[i].rule;
    free(ranks);
}
