/* SPDX-License-Identifier: Apache-2.0 */
#include "detect/signature/config.h"

#include <stdlib.h>

#include "base/memory.h"
#include "detect/signature/classes.h"
#include "detect/signature/network.h"
#include "detect/signature/part.h"
#include "detect/signature/reputation.h"
#include "detect/signature/threshold_part.h"

static void refuse_line(struct signature *set, const char *name,
                        unsigned line, const char *reason)
{
    signature_refuse(set, &(struct signature_remark){
        .file = name, .line = line, .keyword = "config", .reason = reason });
}

void config_read_classes(struct signature *set, const char *name,
                         struct bytes text)
{
    struct bytes line;
    const char *problem;

    for (unsigned number = 1; part_next(&text, '\n', &line); number++) {
        if (line.size == 0 || part_byte(line, 0) == '#')
            continue;
        if (!classes_read_line(set->classes, line, &problem))
            problem = "neither a classification nor a reference";
        if (problem)
            refuse_line(set, name, number, problem);
    }
}

void config_read_reputations(struct signature *set, const char *name,
                             struct bytes text, bool is_categories)
{
    struct bytes line;

    for (unsigned number = 1; part_next(&text, '\n', &line); number++) {
        if (line.size == 0 || part_byte(line, 0) == '#')
            continue;
        if (is_categories
                ? !reputations_read_category(set->reputations, line)
                : !reputations_read_entry(set->reputations, line))
            refuse_line(set, name, number,
                        is_categories ? "not NUMBER,NAME,TEXT"
                                      : "not ADDRESS,CATEGORY,SCORE");
    }
}

static struct threshold_rule *add_threshold(struct signature *set)
{
    struct threshold_rules *all = set->thresholds;

    if (all->count == THRESHOLD_RULE_MAX)
        return NULL;
    if (all->count == all->capacity) {
        all->capacity = all->capacity * 2 + 16;
        all->rules = memory_resize(all->rules, all->capacity,
                                   sizeof *all->rules);
    }
    all->rules[all->count] = (struct threshold_rule){ 0 };
    return &all->rules[all->count++];
}

/* "ip 10.0.0.0/8": to the end of the line, as a list may hold commas. */
static const char *read_addresses(struct signature *set, struct bytes list,
                                  struct threshold *threshold)
{
    char reason[NETWORK_REASON_MAX];

    if (network_addresses(set->networks, list, &threshold->addresses, reason))
        return NULL;
    return signature_intern(set, bytes_of_text(reason));
}

static bool read_action(struct bytes word, uint8_t *action)
{
    static const char *const actions[] = {
        [RULE_ALERT] = "alert", [RULE_PASS] = "pass", [RULE_DROP] = "drop",
        [RULE_REJECT] = "reject",
    };
    size_t index = part_index(word, actions, COUNT_OF(actions));

    *action = (uint8_t)index;
    return index < COUNT_OF(actions);
}

static bool read_id(struct bytes text, uint32_t *id)
{
    uint64_t number;

    if (!part_number(text, UINT32_MAX, &number))
        return false;
    *id = (uint32_t)number;
    return true;
}

/* One "key value" of a line. */
static bool read_pair(struct bytes part, struct threshold_rule *rule,
                      unsigned *seen)
{
    uint64_t timeout;

    if (part_skip(&part, "gen_id"))
        return read_id(part, &rule->gid);
    if (part_skip(&part, "sig_id"))
        return read_id(part, &rule->sid);
    if (part_skip(&part, "new_action"))
        return read_action(part, &rule->threshold.new_action);
    if (part_skip(&part, "timeout")) {
        if (!part_number(part, UINT32_MAX, &timeout))
            return false;
        rule->threshold.timeout_s = (uint32_t)timeout;
        return true;
    }
    return threshold_read_part(part, &rule->threshold, seen);
}

static const char *read_pairs(struct signature *set, struct bytes text,
                              struct threshold_rule *rule, unsigned *seen)
{
    struct bytes part;

    for (;;) {
        struct bytes before = bytes_trim(text);
        if (!part_next(&text, ',', &part))
            return NULL;
        if (part_skip(&part, "ip")) {
            (void)part_skip(&before, "ip");
            return read_addresses(set, before, &rule->threshold);
        }
        if (!read_pair(part, rule, seen))
            return "a value that it does not have";
    }
}

static const char *check_threshold(const struct threshold_rule *rule,
                                   unsigned seen)
{
    unsigned all = THRESHOLD_HAS_TRACK | THRESHOLD_HAS_COUNT |
                   THRESHOLD_HAS_SECONDS;

    if (rule->threshold.kind == THRESHOLD_SUPPRESS)
        return !(seen & THRESHOLD_HAS_TRACK) == !rule->threshold.addresses
                   ? NULL
                   : "suppress needs both track and ip, or neither";
    if (rule->threshold.kind == THRESHOLD_NONE)
        return "its type is missing";
    return (seen & all) == all ? NULL : "track, count or seconds is missing";
}

static const char *read_threshold(struct signature *set, struct bytes line,
                                  const char *name, unsigned number)
{
    struct threshold_rule rule = { .file = name, .line = number };
    unsigned seen = 0;

    if (part_skip(&line, "suppress"))
        rule.threshold.kind = THRESHOLD_SUPPRESS;
    else if (part_skip(&line, "rate_filter"))
        rule.threshold.kind = THRESHOLD_RATE_FILTER;
    else if (!part_skip(&line, "threshold") &&
             !part_skip(&line, "event_filter"))
        return "none of suppress, threshold, event_filter and rate_filter";
    const char *problem = read_pairs(set, line, &rule, &seen);
    if (!problem)
        problem = check_threshold(&rule, seen);
    if (problem)
        return problem;
    struct threshold_rule *room = add_threshold(set);
    if (!room)
        return "more lines than can be kept";
    *room = rule;
    return NULL;
}

void config_read_thresholds(struct signature *set, const char *name,
                            struct bytes text)
{
    struct bytes line;

    name = signature_intern(set, bytes_of_text(name));
    for (unsigned number = 1; part_next(&text, '\n', &line); number++) {
        if (line.size == 0 || part_byte(line, 0) == '#')
            continue;
        const char *problem = read_threshold(set, line, name, number);
        if (problem)
            refuse_line(set, name, number, problem);
    }
}
