/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * An event of ours as a STIX observation: its objects (STIX 2.1 section 6) and
 * their values, each a row under the path that patterns use. Rows whose values
 * the index knows carry their key as well.
 */
#include "detect/intel/internal.h"

enum {
    INTEL_ROW_MAX = 192,    /* Of one event; a DNS answer has many. */
    INTEL_OBJECT_MAX = 64,
    INTEL_KEPT_MAX = 64,    /* Observations remembered of one pattern. */
};

/* Which end of the event an object speaks of. */
enum intel_end {
    INTEL_END_NONE,         /* Neither: an answer names it. */
    INTEL_END_SOURCE,
    INTEL_END_DESTINATION,
};

struct intel_row {
    const char *path;       /* List positions as []. */
    uint16_t item;          /* Which of the list. */
    uint8_t object;
    uint8_t kind;           /* enum intel_kind, or INTEL_ANY. */
    uint8_t end;            /* enum intel_end */
    bool is_answer;         /* Was told in an answer, not asked for. */
    struct stix_value value;
    struct ip ip;           /* Of an ADDRESS: the text is made when asked. */
};

struct intel_view {
    const struct event *event;
    const char *types[INTEL_OBJECT_MAX];
    size_t object_count;
    struct intel_row rows[INTEL_ROW_MAX];
    size_t row_count;
    bool was_cut;           /* More rows than there is room for. */
};

/* Fill `view`, whose texts live as long as the event. */
void intel_view_of(const struct event *event, struct intel_view *view);

/* The view for patterns; it must stay. */
struct stix_observation intel_view_observation(const struct intel_view *view);

/* Event types that can show objects of a STIX type: a bit each. */
uint64_t intel_view_types(struct bytes type);
