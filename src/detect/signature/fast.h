/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The fast pattern of a rule: the one content that must be there, and is met
 * least, so that the rest of the rule is looked at only where it was found.
 */
#include "detect/signature/rule.h"

/* Fill has_fast_pattern, fast_inspection and fast_test, and mark the content:
 * the one that says fast_pattern, else the best. */
void fast_choose(struct rule *rule);
