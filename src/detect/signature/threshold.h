/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * How often a rule may alert: threshold, detection_filter, and what
 * threshold.config adds (rate_filter, suppress).
 */
#include "detect/signature/values.h"

enum threshold_kind {
    THRESHOLD_NONE,
    THRESHOLD_LIMIT,       /* The first `count` in each period alert. */
    THRESHOLD_THRESHOLD,   /* Every `count`th alerts. */
    THRESHOLD_BOTH,        /* One alert a period, at the `count`th. */
    THRESHOLD_DETECTION_FILTER, /* From the `count`th on. */
    THRESHOLD_RATE_FILTER,
    THRESHOLD_BACKOFF,     /* The 1st, `multiplier`th, its square... */
    THRESHOLD_SUPPRESS,    /* threshold.config: never for these. */
};

enum threshold_track {
    TRACK_BY_SOURCE, TRACK_BY_DESTINATION, TRACK_BY_PAIR, TRACK_BY_RULE,
    TRACK_BY_FLOW,
};

struct threshold {
    uint8_t kind;          /* enum threshold_kind */
    uint8_t track;         /* enum threshold_track */
    uint32_t count;
    uint32_t seconds;
    uint32_t multiplier;
    uint8_t new_action;    /* rate_filter */
    uint32_t timeout_s;
    const struct address_set *addresses; /* suppress */
};
