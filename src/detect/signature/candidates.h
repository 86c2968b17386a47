/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The rules that a prefilter lets through for one buffer: each at most once,
 * by a stamp a rule, so that the list can never be longer than the rule set.
 */
#include "base/bytes.h"
#include "base/compiler.h"

struct candidates {
    uint32_t *stamps;   /* By rule: the epoch in which it was added. */
    uint32_t *rules;
    uint32_t epoch;
    uint32_t count;
    uint32_t rule_count;
    uint64_t added;     /* Ever. */
    uint64_t stopped;   /* Scans whose verify work hit its cap. */
};

void candidates_init(struct candidates *list, uint32_t rule_count);
void candidates_clear(struct candidates *list);

/* Start anew: nothing is in the list. */
void candidates_begin(struct candidates *list);

static inline void candidates_add(struct candidates *list, uint32_t rule)
{
    if (list->stamps[rule] == list->epoch)
        return;
    list->stamps[rule] = list->epoch;
    list->rules[list->count++] = rule;
}

void candidates_add_all(struct candidates *list, const uint32_t *rules,
                        size_t count);

/* In the order in which rules are judged. */
void candidates_sort(struct candidates *list);
