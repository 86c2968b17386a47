/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What a finding of a rule is: its harm, how bad, whose device and who acts,
 * from classtype, metadata, target and direction; and the digest of what the
 * rule says.
 */
#include "detect/signature/draft.h"

/* Fill rule.detection and rule.priority. */
void judge_rule(struct draft *d);
