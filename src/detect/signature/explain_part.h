/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The parts of explain.h: one line for a condition, a test, an effect. */
#include "base/writer.h"
#include "detect/signature/signature.h"

void explain_condition(const struct signature *set,
                       const struct rule_condition *condition,
                       struct writer *w);
void explain_effect(const struct signature *set,
                    const struct rule_effect *effect, struct writer *w);
void explain_inspection(const struct signature *set, const struct rule *rule,
                        size_t index, struct writer *w);

/* "at least 5", "between 2 and 9", with "not" before it. */
void explain_range(struct writer *w, const struct number_range *range,
                   bool negated);

/* `said` has %u for count and seconds and %s for what is tracked. */
void explain_counted(struct writer *w, const char *said,
                     const struct threshold *threshold, const char *track);
