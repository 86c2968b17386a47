/* SPDX-License-Identifier: Apache-2.0 */
#include "detect/signature/compiled.h"
#include "detect/signature/internal.h"

/* After the last load. */
void signature_compile(struct signature *set)
{
    for (size_t i = 0; i < set->rule_count; i++) {
        const struct rule *rule = set->rules[i];
        for (size_t j = 0; j < rule->inspection_count; j++) {
            enum view_id view = rule->inspections[j].view;
            set->wanted_views[view / 64] |= UINT64_C(1) << view % 64;
        }
    }
    compiled_free(set->compiled);
    set->compiled = compiled_new((const struct rule *const *)set->rules,
                                 set->rule_count);
}
