/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The one sentence of a finding: the detection's pattern with what the event
 * measured. Arguments are EVE field paths of the event, and: device, peer,
 * count (events or what was measured), value (distinct values), group,
 * duration (from first to last, in words); and the alert's facts by name,
 * which come before fields.
 */
#include "finding/finding.h"

/* The detection's title when there is no pattern; the caller frees it. */
char *sentence_new(const struct text_catalogue *texts,
                   const struct finding *finding, const struct alert *alert);
