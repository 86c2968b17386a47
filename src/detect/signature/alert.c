/* SPDX-License-Identifier: Apache-2.0 */
/* What held on a packet, in the order of the rules: what passes ends it, what
 * is counted may stay silent, the rest are alerts. */
#include "detect/signature/judging.h"

static void sort_queue(struct judging *j)
{
    for (uint32_t i = 1; i < j->queued; i++) {
        uint32_t rule = j->queue[i];
        uint32_t at = i;
        for (; at > 0 && j->queue[at - 1] > rule; at--)
            j->queue[at] = j->queue[at - 1];
        j->queue[at] = rule;
    }
}

static bool may_alert(struct judging *j, const struct rule *rule)
{
    struct quota_subject subject = {
        .rule = (uint64_t)rule->gid << 32 | rule->sid,
        .source = j->source,
        .destination = j->destination,
        .flow = j->input->flow ? j->input->flow->number : 0,
        .now_ns = j->now_ns,
    };

    if (!quotas_allow(&j->state->quotas, &rule->threshold, &subject))
        return false;
    for (size_t i = 0; i < rule->extra_threshold_count; i++) {
        subject.place = (uint32_t)i + 1;
        if (!quotas_allow(&j->state->quotas, &rule->extra_thresholds[i],
                         &subject))
            return false;
    }
    return true;
}

static void raise_one(struct judging *j, const struct rule *rule,
                      const struct evidence_scene *scene,
                      struct alert_list *alerts)
{
    struct alert *alert = alert_list_add(alerts, &rule->detection);

    if (!alert)
        return;
    (void)(alert_add_fact(alerts, "rule", bytes_of_text(rule->detection.id)) &&
           alert_add_fact(alerts, "message",
                          bytes_of_text(rule->detection.title)));
    alert->event = j->input->event;
    alert->count = 1;
    alert->first_ns = j->now_ns;
    if (j->state->store)
        alert->evidence_count = evidence_keep_scene(scene, alert->evidence,
                                                    ALERT_EVIDENCE_MAX);
}

static void note(struct judging *j, uint32_t number, enum why_stage stage)
{
    if (UNLIKELY(why_is(&j->state->why, number)))
        why_note(&j->state->why,
                 j->input->flow,
                 (struct why_note){ .stage = stage });
}

/* It ends the queue: what it keeps silent is told why. */
static void pass(struct judging *j, uint32_t at,
                 const struct evidence_scene *scene,
                 struct alert_list *alerts)
{
    const struct rule *rule = j->state->compiled->rules[j->queue[at]].rule;

    if (rule->pass_alerts && may_alert(j, rule)) {
        note(j, j->queue[at++], WHY_ALERT);
        raise_one(j, rule, scene, alerts);
    }
    for (; at < j->queued; at++)
        note(j, j->queue[at], WHY_PASSED);
}

void judging_raise(struct judging *j, const struct evidence_scene *scene,
                   struct alert_list *alerts)
{
    sort_queue(j);
    judging_face(j, j->input->side);
    for (uint32_t i = 0; i < j->queued; i++) {
        const struct rule *rule =
            j->state->compiled->rules[j->queue[i]].rule;
        if (rule->action == RULE_PASS) {
            pass(j, i, scene, alerts);
            return;
        }
        if (!may_alert(j, rule)) {
            note(j, j->queue[i], WHY_THRESHOLD);
        } else if (rule->no_alert) {
            note(j, j->queue[i], WHY_SILENT);
        } else {
            note(j, j->queue[i], WHY_ALERT);
            raise_one(j, rule, scene, alerts);
        }
    }
}
