/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Sigma rules and Sigma correlations over events (Sigma specification 2.0).
 *
 * A rule set is compiled once from YAML into per-event-type programs; an event
 * type that no rule looks at costs one table look-up. The set is immutable and
 * may be shared; the running state of correlations is a value of its own, of
 * bounded size. What cannot be loaded is refused with file, line and reason.
 */
#include "base/error.h"
#include "detect/detection.h"
#include "evidence/evidence.h"

enum {
    BEHAVIOUR_RULE_MAX = 10000,
    BEHAVIOUR_FILE_SIZE_MAX = 1 << 20,
};

struct behaviour;       /* A compiled rule set. */
struct behaviour_state; /* What correlations remember. */

/* One rule, or one document of a file, that was not loaded. */
struct behaviour_refusal {
    const char *file;
    unsigned line;
    const char *rule;   /* Title or id when it was read that far, or null. */
    const char *reason; /* What is wrong and what would be right. */
};

struct behaviour *behaviour_new(void);
void behaviour_free(struct behaviour *behaviour);

/* Load a file (one or more YAML documents) or every .yml and .yaml below a
 * directory in name order. Refusals are collected; negative only when `path`
 * itself cannot be read. */
int behaviour_load(struct behaviour *behaviour, const char *path,
                   struct failure *failure) MUST_USE;

/* The same from memory; `name` stands for the file in messages. */
void behaviour_load_text(struct behaviour *behaviour, const char *name,
                         struct bytes text);

/* After the last load: resolve correlations, build the per-type indexes. */
void behaviour_compile(struct behaviour *behaviour);

size_t behaviour_detection_count(const struct behaviour *behaviour);
const struct detection *behaviour_detection(const struct behaviour *behaviour,
                                            size_t index);
size_t behaviour_refusal_count(const struct behaviour *behaviour);
const struct behaviour_refusal *
behaviour_refusal(const struct behaviour *behaviour, size_t index);

/* May any rule match an event of this type? For flows: is any rule able to
 * match one that was never answered (flow.state "new")? */
bool behaviour_wants(const struct behaviour *behaviour, enum event_type type);
bool behaviour_wants_unanswered(const struct behaviour *behaviour);

struct behaviour_state *
behaviour_state_new(const struct behaviour *behaviour,
                    struct evidence_store *store);
void behaviour_state_free(struct behaviour_state *state);

/* Match one event; alerts are appended. `scene` has the frames behind the
 * event and may be null. Time is the event's time. */
void behaviour_match(struct behaviour_state *state, const struct event *event,
                     const struct evidence_scene *scene,
                     struct alert_list *alerts);

/* What was worked through, and which limits were reached. */
struct behaviour_counters {
    uint64_t events;           /* Of types that rules look at. */
    uint64_t regexes_stopped;  /* Matches given up after too many steps. */
    uint64_t groups_evicted;   /* Correlation groups forgotten for room. */
    uint64_t events_ungrouped; /* Without a field to group by. */
    uint64_t values_dropped;   /* Distinct values past what is counted. */
};

void behaviour_read_counters(const struct behaviour_state *state,
                             struct behaviour_counters *counters);
