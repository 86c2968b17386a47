/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The words that thresholds in rules and in threshold.config share. */
#include "base/bytes.h"
#include "detect/signature/threshold.h"

enum {
    THRESHOLD_HAS_TYPE = 1,
    THRESHOLD_HAS_TRACK = 2,
    THRESHOLD_HAS_COUNT = 4,
    THRESHOLD_HAS_SECONDS = 8,
    THRESHOLD_HAS_MULTIPLIER = 16,
};

bool threshold_read_track(struct bytes text, uint8_t *track);

/* "count 5": false when it is none of them; what was read is noted in
 * *seen. */
bool threshold_read_part(struct bytes part, struct threshold *threshold,
                         unsigned *seen);
