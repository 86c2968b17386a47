/* SPDX-License-Identifier: Apache-2.0 */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "detect/behaviour/behaviour.h"
#include "format/json_writer.h"

static void write_refusal(struct json_writer *json,
                          const struct behaviour_refusal *refusal)
{
    json_object_open(json);
    json_key(json, "file");
    json_text(json, refusal->file);
    json_key(json, "line");
    json_number(json, refusal->line);
    json_key(json, "rule");
    if (refusal->rule)
        json_text(json, refusal->rule);
    else
        json_nothing(json);
    json_key(json, "reason");
    json_text(json, refusal->reason);
    json_object_close(json);
}

static void write_json(struct writer *out, const struct behaviour *behaviour)
{
    struct json_writer json;

    json_init(&json, out);
    json_object_open(&json);
    json_key(&json, "loaded");
    json_number(&json, behaviour_detection_count(behaviour));
    json_key(&json, "refused");
    json_number(&json, behaviour_refusal_count(behaviour));
    json_key(&json, "refusals");
    json_array_open(&json);
    for (size_t i = 0; i < behaviour_refusal_count(behaviour); i++)
        write_refusal(&json, behaviour_refusal(behaviour, i));
    json_array_close(&json);
    json_object_close(&json);
    writer_byte(out, '\n');
}

static void write_text(struct writer *out, const struct behaviour *behaviour)
{
    for (size_t i = 0; i < behaviour_refusal_count(behaviour); i++) {
        const struct behaviour_refusal *refusal =
            behaviour_refusal(behaviour, i);
        writer_format(out, "%s:%u: %s%s%s\n", refusal->file, refusal->line,
                      refusal->rule ? refusal->rule : "",
                      refusal->rule ? ": " : "", refusal->reason);
    }
    writer_format(out, "%zu loaded, %zu refused\n",
                  behaviour_detection_count(behaviour),
                  behaviour_refusal_count(behaviour));
}

static int check_rules(char **paths, int count, bool as_json)
{
    struct behaviour *behaviour = behaviour_new();
    struct failure failure = { 0 };
    struct writer out;
    int result = 0;

    for (int i = 0; i < count && result >= 0; i++)
        result = behaviour_load(behaviour, paths[i], &failure);
    if (result < 0) {
        behaviour_free(behaviour);
        return command_fail(&failure, EXIT_UNREADABLE);
    }
    behaviour_compile(behaviour);
    command_output(&out, stdout);
    if (as_json)
        write_json(&out, behaviour);
    else
        write_text(&out, behaviour);
    int status = behaviour_refusal_count(behaviour) > 0 ? EXIT_FOUND
                                                        : EXIT_NOTHING;
    status = command_print(&out, status);
    writer_clear(&out);
    behaviour_free(behaviour);
    return status;
}

static int run(const struct command *command, int count, char **words)
{
    static const struct option options[] = {
        { "json", no_argument, NULL, 'j' },
        { 0 },
    };
    bool as_json = false;
    int option;

    while ((option = getopt_long(count, words, "j", options, NULL)) != -1) {
        if (option != 'j')
            return command_usage(command);
        as_json = true;
    }
    if (count - optind < 2 || strcmp(words[optind], "check") != 0)
        return command_usage(command);
    return check_rules(words + optind + 1, count - optind - 1, as_json);
}

const struct command rules_command = {
    .name = "rules",
    .words = "check FILE|DIRECTORY... [--json]",
    .summary = "Load detections and say what was refused and why",
    .help = "  --json   the result as JSON\n"
            "Exit status 1 when a rule was refused.\n",
    .run = run,
};
