/* SPDX-License-Identifier: Apache-2.0 */
/* The running state: a matcher and the groups of correlations. */
#include <stdlib.h>

#include "base/check.h"
#include "base/memory.h"
#include "detect/behaviour/groups.h"

enum {
    JIT_STACK_FIRST = 32 << 10,
    JIT_STACK_MAX = 256 << 10,  /* Past it a match is given up, counted. */
    REGEX_DEPTH_MAX = 1000,
    REGEX_HEAP_KIB = 1024,
    ALERT_SCENE_MAX = EVIDENCE_SCENE_MAX,
};

struct behaviour_state {
    const struct behaviour *behaviour;
    struct evidence_store *store;
    struct groups *groups;
    struct matcher matcher;
    pcre2_jit_stack *jit_stack;
    uint64_t events;
};

struct behaviour_state *
behaviour_state_new(const struct behaviour *behaviour,
                    struct evidence_store *store)
{
    struct behaviour_state *state = memory_new(1, sizeof *state);
    struct matcher *matcher = &state->matcher;

    state->behaviour = behaviour;
    state->store = store;
    state->groups = groups_new(behaviour, store);
    matcher->match_data = pcre2_match_data_create(1, NULL);
    matcher->match_context = pcre2_match_context_create(NULL);
    state->jit_stack =
        pcre2_jit_stack_create(JIT_STACK_FIRST, JIT_STACK_MAX, NULL);
    check(matcher->match_data);
    check(matcher->match_context);
    (void)pcre2_set_match_limit(matcher->match_context, REGEX_MATCH_LIMIT);
    (void)pcre2_set_depth_limit(matcher->match_context, REGEX_DEPTH_MAX);
    (void)pcre2_set_heap_limit(matcher->match_context, REGEX_HEAP_KIB);
    if (state->jit_stack) /* Null where PCRE2 has no JIT. */
        pcre2_jit_stack_assign(matcher->match_context, NULL,
                               state->jit_stack);
    return state;
}

void behaviour_state_free(struct behaviour_state *state)
{
    if (!state)
        return;
    groups_free(state->groups);
    pcre2_match_data_free(state->matcher.match_data);
    pcre2_match_context_free(state->matcher.match_context);
    pcre2_jit_stack_free(state->jit_stack);
    free(state);
}

static void raise_alert(const struct behaviour_state *state,
                        const struct rule *rule, const struct event *event,
                        const struct evidence_scene *scene,
                        struct alert_list *alerts)
{
    struct alert *alert = alert_list_add(alerts, &rule->detection);

    if (!alert)
        return;
    alert->event = event;
    alert->count = 1;
    alert->first_ns = event->context.time_ns;
    if (state->store)
        alert->evidence_count =
            evidence_keep_scene(scene, alert->evidence, ALERT_SCENE_MAX);
}

void behaviour_match(struct behaviour_state *state, const struct event *event,
                     const struct evidence_scene *scene,
                     struct alert_list *alerts)
{
    const struct type_index *index = &state->behaviour->types[event->type];
    bool is_heard = false;

    if (index->rule_count == 0)
        return;
    state->events++;
    state->groups->event_number++;
    matcher_begin(&state->matcher, index, event);
    for (size_t i = 0; i < index->rule_count; i++) {
        const struct compiled_rule *compiled = &index->rules[i];
        if (!matcher_run(&state->matcher,
                         index->tests + compiled->first_test))
            continue;
        if (!compiled->rule->is_silent)
            raise_alert(state, compiled->rule, event, scene, alerts);
        if (compiled->rule->is_referred) {
            groups_hear(state->groups, compiled->rule);
            is_heard = true;
        }
    }
    if (is_heard)
        groups_feed(state->groups, event, scene, alerts);
}

void behaviour_read_counters(const struct behaviour_state *state,
                             struct behaviour_counters *counters)
{
    *counters = (struct behaviour_counters){
        .events = state->events,
        .regexes_stopped = state->matcher.regex_stopped,
        .groups_evicted = state->groups->evicted,
        .events_ungrouped = state->groups->ungrouped,
        .values_dropped = state->groups->values_dropped,
    };
}
