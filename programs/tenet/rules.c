/* SPDX-License-Identifier: Apache-2.0 */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "detect/behaviour/behaviour.h"
#include "detect/signature/explain.h"
#include "detect/signature/signature.h"
#include "format/json_writer.h"
#include "rules_why.h"
#include "signature_options.h"

enum {
    REASON_MAX = 4096,        /* Different reasons that are counted. */
};

/* Both kinds of rules, loaded. */
struct rules {
    struct behaviour *behaviour;
    struct signature *signature;
};

static void text_or_nothing(struct json_writer *json, const char *key,
                            const char *text)
{
    json_key(json, key);
    if (text)
        json_text(json, text);
    else
        json_nothing(json);
}

static void write_refusal(struct json_writer *json,
                          const struct behaviour_refusal *refusal)
{
    json_object_open(json);
    text_or_nothing(json, "file", refusal->file);
    json_key(json, "line");
    json_number(json, refusal->line);
    text_or_nothing(json, "rule", refusal->rule);
    text_or_nothing(json, "reason", refusal->reason);
    json_object_close(json);
}

static void write_remark(struct json_writer *json,
                         const struct signature_remark *remark)
{
    char sid[16];

    (void)snprintf(sid, sizeof sid, "%u", remark->sid); /* Fits. */
    json_object_open(json);
    text_or_nothing(json, "file", remark->file);
    json_key(json, "line");
    json_number(json, remark->line);
    text_or_nothing(json, "rule", remark->sid > 0 ? sid : NULL);
    text_or_nothing(json, "keyword", remark->keyword);
    text_or_nothing(json, "reason", remark->reason);
    text_or_nothing(json, "suggestion", remark->suggestion);
    json_object_close(json);
}

static size_t loaded_count(const struct rules *rules)
{
    return behaviour_detection_count(rules->behaviour) +
           signature_rule_count(rules->signature);
}

static size_t refused_count(const struct rules *rules)
{
    return behaviour_refusal_count(rules->behaviour) +
           signature_refusal_count(rules->signature);
}

static void write_refusals(struct json_writer *json,
                           const struct rules *rules)
{
    json_key(json, "refusals");
    json_array_open(json);
    for (size_t i = 0; i < behaviour_refusal_count(rules->behaviour); i++)
        write_refusal(json, behaviour_refusal(rules->behaviour, i));
    for (size_t i = 0; i < signature_refusal_count(rules->signature); i++)
        write_remark(json, signature_refusal(rules->signature, i));
    json_array_close(json);
}

static void write_json(struct writer *out, const struct rules *rules)
{
    struct json_writer json;

    json_init(&json, out);
    json_object_open(&json);
    json_key(&json, "loaded");
    json_number(&json, loaded_count(rules));
    json_key(&json, "refused");
    json_number(&json, refused_count(rules));
    write_refusals(&json, rules);
    json_key(&json, "warnings");
    json_array_open(&json);
    for (size_t i = 0; i < signature_warning_count(rules->signature); i++)
        write_remark(&json, signature_warning(rules->signature, i));
    json_array_close(&json);
    json_object_close(&json);
    writer_byte(out, '\n');
}

static void write_remark_text(struct writer *out, const char *kind,
                              const struct signature_remark *remark)
{
    writer_format(out, "%s:%u: %s", remark->file ? remark->file : "-",
                  remark->line, kind);
    if (remark->sid > 0)
        writer_format(out, "sid %u: ", remark->sid);
    if (remark->keyword)
        writer_format(out, "%s: ", remark->keyword);
    writer_text(out, remark->reason ? remark->reason : "");
    if (remark->suggestion)
        writer_format(out, " (%s)", remark->suggestion);
    writer_byte(out, '\n');
}

struct reason_count {
    const char *keyword;
    const char *reason;
    size_t count;
};

static int by_count(const void *a, const void *b)
{
    const struct reason_count *left = a, *right = b;

    if (left->count != right->count)
        return left->count < right->count ? 1 : -1;
    return strcmp(left->reason, right->reason);
}

/* Equal texts of one set are one pointer. */
static void count_reason(struct reason_count *reasons, size_t *count,
                         const struct signature_remark *remark)
{
    size_t i = 0;

    while (i < *count && (reasons[i].reason != remark->reason ||
                          reasons[i].keyword != remark->keyword))
        i++;
    if (i == REASON_MAX)
        return;
    if (i == *count)
        reasons[(*count)++] = (struct reason_count){ remark->keyword,
                                                     remark->reason, 0 };
    reasons[i].count++;
}

/* How many rules were refused for what; said when there are several. */
static void write_reasons(struct writer *out, const struct signature *set)
{
    struct reason_count *reasons = calloc(REASON_MAX, sizeof *reasons);
    size_t count = 0;

    if (!reasons)
        return;
    for (size_t i = 0; i < signature_refusal_count(set); i++)
        count_reason(reasons, &count, signature_refusal(set, i));
    qsort(reasons, count, sizeof *reasons, by_count);
    if (count > 1)
        writer_text(out, "\nrefused for\n");
    for (size_t i = 0; i < count && count > 1; i++)
        writer_format(out, "%6zu  %s%s%s\n", reasons[i].count,
                      reasons[i].keyword ? reasons[i].keyword : "",
                      reasons[i].keyword ? ": " : "", reasons[i].reason);
    if (count > 1)
        writer_byte(out, '\n');
    free(reasons);
}

static void write_text(struct writer *out, const struct rules *rules)
{
    for (size_t i = 0; i < behaviour_refusal_count(rules->behaviour); i++) {
        const struct behaviour_refusal *refusal =
            behaviour_refusal(rules->behaviour, i);
        writer_format(out, "%s:%u: %s%s%s\n", refusal->file, refusal->line,
                      refusal->rule ? refusal->rule : "",
                      refusal->rule ? ": " : "", refusal->reason);
    }
    for (size_t i = 0; i < signature_refusal_count(rules->signature); i++)
        write_remark_text(out, "", signature_refusal(rules->signature, i));
    for (size_t i = 0; i < signature_warning_count(rules->signature); i++)
        write_remark_text(out, "warning: ",
                          signature_warning(rules->signature, i));
    write_reasons(out, rules->signature);
    writer_format(out, "%zu loaded, %zu refused", loaded_count(rules),
                  refused_count(rules));
    if (signature_warning_count(rules->signature) > 0)
        writer_format(out, ", %zu warnings",
                      signature_warning_count(rules->signature));
    writer_byte(out, '\n');
}

static int load_all(struct rules *rules, char **paths, int count,
                    struct failure *failure)
{
    int result = 0;

    for (int i = 0; i < count && result >= 0; i++)
        result = rules_load(rules->behaviour, rules->signature, paths[i],
                            failure);
    if (result < 0)
        return result;
    behaviour_compile(rules->behaviour);
    signature_compile(rules->signature);
    return 0;
}

static int check_rules(struct rules *rules, char **paths, int count,
                       bool as_json)
{
    struct failure failure = { 0 };
    struct writer out;

    if (load_all(rules, paths, count, &failure) < 0)
        return command_fail(&failure, EXIT_UNREADABLE);
    command_output(&out, stdout);
    if (as_json)
        write_json(&out, rules);
    else
        write_text(&out, rules);
    int status = refused_count(rules) > 0 ? EXIT_FOUND : EXIT_NOTHING;
    status = command_print(&out, status);
    writer_clear(&out);
    return status;
}

/* "SID" or "GID:SID"; 0 in *gid stands for any. */
static bool read_rule_id(const char *text, uint64_t *gid, uint64_t *sid)
{
    struct bytes all = bytes_of_text(text);
    size_t colon = bytes_find_byte(all, ':');

    *gid = 0;
    if (colon == all.size)
        return bytes_to_number(all, UINT32_MAX, sid);
    return bytes_to_number(bytes_slice(all, 0, colon), UINT32_MAX, gid) &&
           bytes_to_number(bytes_slice(all, colon + 1, all.size), UINT32_MAX,
                           sid);
}

/* What was refused of this sid is said too. */
static bool explain_sid(const struct signature *set, uint64_t gid,
                        uint64_t sid, struct writer *out)
{
    bool found = false;

    for (size_t i = 0; i < signature_rule_count(set); i++) {
        const struct rule *rule = signature_rule(set, i);
        if (rule->sid != sid || (gid != 0 && rule->gid != gid))
            continue;
        signature_explain(set, rule, out);
        found = true;
    }
    for (size_t i = 0; i < signature_refusal_count(set); i++) {
        if (signature_refusal(set, i)->sid != sid)
            continue;
        write_remark_text(out, "refused: ", signature_refusal(set, i));
        found = true;
    }
    return found;
}

static int explain_rule(struct rules *rules, const char *id, char **paths,
                        int count)
{
    struct failure failure = { 0 };
    struct writer out;
    uint64_t gid, sid;

    if (!read_rule_id(id, &gid, &sid)) {
        failure_set(&failure, ERROR_FORMAT, "%s is no SID or GID:SID", id);
        return command_fail(&failure, EXIT_USAGE);
    }
    if (load_all(rules, paths, count, &failure) < 0)
        return command_fail(&failure, EXIT_UNREADABLE);
    command_output(&out, stdout);
    if (!explain_sid(rules->signature, gid, sid, &out)) {
        writer_clear(&out);
        failure_set(&failure, ERROR_FORMAT, "no rule with the sid %s", id);
        return command_fail(&failure, EXIT_FOUND);
    }
    int status = command_print(&out, EXIT_NOTHING);
    writer_clear(&out);
    return status;
}

static int explain_why(struct rules *rules, char **words, int count)
{
    struct failure failure = { 0 };
    uint64_t gid, sid;

    if (!read_rule_id(words[1], &gid, &sid)) {
        failure_set(&failure, ERROR_FORMAT, "%s is no SID or GID:SID",
                    words[1]);
        return command_fail(&failure, EXIT_USAGE);
    }
    if (load_all(rules, words + 2, count - 2, &failure) < 0)
        return command_fail(&failure, EXIT_UNREADABLE);
    return rules_why(rules->signature, (uint32_t)gid, (uint32_t)sid,
                     words[0]);
}

static const struct option options[] = {
    { "json", no_argument, NULL, 'j' },
    { "home-net", required_argument, NULL, 'n' },
    { "variable", required_argument, NULL, 'v' },
    { 0 },
};

/* Negative: the usage was wrong; or a failure was said. */
static int read_options(struct rules *rules, int count, char **words,
                        bool *as_json)
{
    struct failure failure = { 0 };
    int option, result = 0;

    while (result >= 0 &&
           (option = getopt_long(count, words, "j", options, NULL)) != -1) {
        if (option == 'j')
            *as_json = true;
        else if (option == 'n')
            result = signature_option_home_net(rules->signature, optarg,
                                               &failure);
        else if (option == 'v')
            result = signature_option_variable(rules->signature, optarg,
                                               &failure);
        else
            return -1;
    }
    if (result < 0)
        (void)command_fail(&failure, EXIT_USAGE);
    return result;
}

static int run_words(const struct command *command, struct rules *rules,
                     int count, char **words)
{
    bool as_json = false;

    if (read_options(rules, count, words, &as_json) < 0)
        return command_usage(command);
    words += optind;
    count -= optind;
    if (count >= 2 && strcmp(words[0], "check") == 0)
        return check_rules(rules, words + 1, count - 1, as_json);
    if (count >= 3 && strcmp(words[0], "explain") == 0 && !as_json)
        return explain_rule(rules, words[1], words + 2, count - 2);
    if (count >= 4 && strcmp(words[0], "why") == 0 && !as_json)
        return explain_why(rules, words + 1, count - 1);
    return command_usage(command);
}

static int run(const struct command *command, int count, char **words)
{
    struct rules rules = { behaviour_new(), signature_new() };
    int status = run_words(command, &rules, count, words);

    behaviour_free(rules.behaviour);
    signature_free(rules.signature);
    return status;
}

const struct command rules_command = {
    .name = "rules",
    .words = "check FILE|DIRECTORY... [--json]\n"
             "       tenet rules explain SID FILE|DIRECTORY...\n"
             "       tenet rules why CAPTURE SID FILE|DIRECTORY...",
    .summary = "Load detections and say what was refused and why",
    .help = "  --json               the result as JSON\n"
            "  --home-net NETWORKS  what $HOME_NET of Suricata rules is\n"
            "  --variable NAME=LIST another variable of their headers\n"
            "Exit status 1 when a rule was refused.\n",
    .run = run,
};
