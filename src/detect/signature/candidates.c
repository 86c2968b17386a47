/* SPDX-License-Identifier: Apache-2.0 */
#include "detect/signature/candidates.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

enum { INSERTION_MAX = 24 }; /* Longer lists are sorted by qsort. */

void candidates_init(struct candidates *list, uint32_t rule_count)
{
    *list = (struct candidates){
        .stamps = memory_new(rule_count + 1u, sizeof *list->stamps),
        .rules = memory_new(rule_count + 1u, sizeof *list->rules),
        .rule_count = rule_count,
        .epoch = 1,
    };
}

void candidates_clear(struct candidates *list)
{
    free(list->stamps);
    free(list->rules);
    *list = (struct candidates){ 0 };
}

void candidates_begin(struct candidates *list)
{
    list->added += list->count;
    list->count = 0;
    if (++list->epoch == 0) {
        memset(list->stamps, 0, list->rule_count * sizeof *list->stamps);
        list->epoch = 1;
    }
}

void candidates_add_all(struct candidates *list, const uint32_t *rules,
                        size_t count)
{
    for (size_t i = 0; i < count; i++)
        candidates_add(list, rules[i]);
}

static int compare(const void *a, const void *b)
{
    const uint32_t *x = a;
    const uint32_t *y = b;

    return (*x > *y) - (*x < *y);
}

void candidates_sort(struct candidates *list)
{
    if (list->count > INSERTION_MAX) {
        qsort(list->rules, list->count, sizeof *list->rules, compare);
        return;
    }
    for (uint32_t i = 1; i < list->count; i++) {
        uint32_t rule = list->rules[i];
        uint32_t at = i;
        for (; at > 0 && list->rules[at - 1] > rule; at--)
            list->rules[at] = list->rules[at - 1];
        list->rules[at] = rule;
    }
}
