/* SPDX-License-Identifier: Apache-2.0 */
/* After the last load: what threshold.config says, the views that are wanted,
 * and the remarks that only make sense once all is known. */
#include <string.h>

#include "detect/signature/compiled.h"
#include "detect/signature/config.h"
#include "detect/signature/fast.h"
#include "detect/signature/part.h"

static void warn(struct signature *set, const struct rule *rule,
                 const char *keyword, const char *reason)
{
    signature_warn(set, &(struct signature_remark){
        .file = rule->detection.source,
        .line = rule->detection.line,
        .sid = rule->sid,
        .keyword = keyword,
        .reason = reason,
    });
}

static void want_views(struct signature *set, const struct rule *rule)
{
    for (size_t i = 0; i < rule->inspection_count; i++) {
        enum view_id view = rule->inspections[i].view;
        set->wanted_views[view / 64] |= UINT64_C(1) << view % 64;
    }
}

/* A pattern that begins with "anything" is tried from every byte on. */
static bool is_unbounded(const struct pcre_test *pcre)
{
    struct bytes text = bytes_of_text(pcre->text);

    return bytes_start_with(text, bytes_of_text("/.*")) ||
           bytes_start_with(text, bytes_of_text("/.+"));
}

static bool is_large(enum view_id view)
{
    return view >= VIEW_NAMED_COUNT ||
           view_info_get(view)->kind == VIEW_KIND_STREAM;
}

static void warn_of_pcres(struct signature *set, const struct rule *rule)
{
    for (size_t i = 0; i < rule->inspection_count; i++) {
        const struct rule_inspection *inspection = &rule->inspections[i];
        for (size_t j = 0; j < inspection->test_count; j++)
            if (inspection->tests[j].kind == TEST_PCRE &&
                is_large(inspection->view) &&
                is_unbounded(&inspection->tests[j].pcre))
                warn(set, rule, "pcre", "begins with .* or .+ and is tried "
                                        "from every byte of a payload or "
                                        "body: leave that out");
    }
}

/* Tests that are dear, and nothing that says when to begin. */
static bool is_slow(const struct rule *rule)
{
    if (rule->has_fast_pattern || rule->inspection_count == 0)
        return false;
    for (size_t i = 0; i < rule->inspection_count; i++)
        for (size_t j = 0; j < rule->inspections[i].test_count; j++) {
            uint8_t kind = rule->inspections[i].tests[j].kind;
            if (kind == TEST_PCRE || kind == TEST_CONTENT)
                return true;
        }
    return false;
}

static bool applies(const struct threshold_rule *said,
                    const struct rule *rule)
{
    return (said->gid == 0 || said->gid == rule->gid) &&
           (said->sid == 0 || said->sid == rule->sid);
}

/* A threshold of the rule's own goes before one of the file. */
static bool is_overruled(const struct threshold_rule *said,
                         const struct rule *rule)
{
    return rule->threshold.kind != THRESHOLD_NONE &&
           said->threshold.kind != THRESHOLD_SUPPRESS &&
           said->threshold.kind != THRESHOLD_RATE_FILTER;
}

static size_t count_thresholds(const struct signature *set,
                               const struct rule *rule)
{
    size_t count = 0;

    for (size_t i = 0; i < set->thresholds->count; i++)
        count += applies(&set->thresholds->rules[i], rule) &&
                 !is_overruled(&set->thresholds->rules[i], rule);
    return count;
}

static void add_thresholds(struct signature *set, struct rule *rule)
{
    size_t count = count_thresholds(set, rule);

    rule->extra_threshold_count = 0;
    if (count == 0)
        return;
    struct threshold *list =
        arena_allocate_zeroed(&set->arena, count, sizeof *list);
    for (size_t i = 0; i < set->thresholds->count; i++) {
        const struct threshold_rule *said = &set->thresholds->rules[i];
        if (applies(said, rule) && !is_overruled(said, rule))
            list[rule->extra_threshold_count++] = said->threshold;
    }
    rule->extra_thresholds = list;
}

/* A line of threshold.config about a rule that is not there. */
static void warn_of_thresholds(struct signature *set)
{
    for (size_t i = 0; i < set->thresholds->count; i++) {
        const struct threshold_rule *said = &set->thresholds->rules[i];
        bool used = said->sid == 0;
        for (size_t j = 0; j < set->rule_count && !used; j++)
            used = applies(said, set->rules[j]);
        if (!used)
            signature_warn(set, &(struct signature_remark){
                .file = said->file, .line = said->line, .sid = said->sid,
                .keyword = "sig_id", .reason = "no rule of this number is "
                                               "loaded" });
    }
}

void signature_compile(struct signature *set)
{
    memset(set->wanted_views, 0, sizeof set->wanted_views);
    for (size_t i = 0; i < set->rule_count; i++) {
        struct rule *rule = set->rules[i];
        fast_choose(rule);
        want_views(set, rule);
        add_thresholds(set, rule);
        if (i < set->compiled_count)
            continue; /* It was said the last time. */
        warn_of_pcres(set, rule);
        if (is_slow(rule))
            warn(set, rule, NULL, "slow: no content that must be there says "
                                  "when to look for the rest");
    }
    set->compiled_count = set->rule_count;
    warn_of_thresholds(set);
    compiled_free(set->compiled);
    set->compiled = compiled_new((const struct rule *const *)set->rules,
                                 set->rule_count);
}
