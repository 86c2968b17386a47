/* SPDX-License-Identifier: Apache-2.0 */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/timestamp.h"
#include "command.h"
#include "detect/intel/intel.h"
#include "format/json_writer.h"

enum { PATHS_MAX = 64 };

struct intel_options {
    const char *paths[PATHS_MAX];
    size_t path_count;
    bool as_json;
};

static int64_t now_ns(void)
{
    struct timespec now;

    (void)clock_gettime(CLOCK_REALTIME, &now); /* Cannot fail. */
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static void text_or_null(struct json_writer *json, const char *key,
                         const char *text)
{
    json_key(json, key);
    if (text)
        json_text(json, text);
    else
        json_nothing(json);
}

static void number(struct json_writer *json, const char *key, uint64_t count)
{
    json_key(json, key);
    json_number(json, count);
}

static void write_refusal(struct json_writer *json,
                          const struct intel_refusal *refusal)
{
    json_object_open(json);
    text_or_null(json, "file", refusal->file);
    number(json, "line", refusal->line);
    text_or_null(json, "item", refusal->item);
    text_or_null(json, "reason", refusal->reason);
    json_object_close(json);
}

static void write_json(struct writer *out, const struct intel *intel)
{
    struct intel_counts counts;
    struct json_writer json;

    intel_read_counts(intel, &counts);
    json_init(&json, out);
    json_object_open(&json);
    number(&json, "loaded", counts.loaded);
    number(&json, "values", counts.values);
    number(&json, "patterns", counts.patterns);
    number(&json, "refused", counts.refused);
    number(&json, "expired", intel_expired(intel, now_ns()));
    number(&json, "revoked", counts.revoked);
    number(&json, "duplicates", counts.duplicates);
    number(&json, "ignored", counts.ignored);
    number(&json, "exploited", counts.exploited);
    number(&json, "bytes", counts.memory);
    json_key(&json, "refusals");
    json_array_open(&json);
    for (size_t i = 0; i < intel_refusal_count(intel); i++)
        write_refusal(&json, intel_refusal(intel, i));
    json_array_close(&json);
    json_object_close(&json);
    writer_byte(out, '\n');
}

static void write_text(struct writer *out, const struct intel *intel)
{
    struct intel_counts counts;

    intel_read_counts(intel, &counts);
    for (size_t i = 0; i < intel_refusal_count(intel); i++) {
        const struct intel_refusal *refusal = intel_refusal(intel, i);
        writer_format(out, "%s:%u: %s%s%s\n", refusal->file, refusal->line,
                      refusal->item ? refusal->item : "",
                      refusal->item ? ": " : "", refusal->reason);
    }
    writer_format(out,
                  "%llu loaded (%llu values, %llu patterns), %llu refused, "
                  "%llu expired, %llu revoked, %llu duplicates, %llu not "
                  "for detection\n",
                  (unsigned long long)counts.loaded,
                  (unsigned long long)counts.values,
                  (unsigned long long)counts.patterns,
                  (unsigned long long)counts.refused,
                  (unsigned long long)intel_expired(intel, now_ns()),
                  (unsigned long long)counts.revoked,
                  (unsigned long long)counts.duplicates,
                  (unsigned long long)counts.ignored);
    if (counts.exploited > 0)
        writer_format(out, "%llu vulnerabilities ranked\n",
                      (unsigned long long)counts.exploited);
}

static int load(const struct intel_options *options, struct intel **intel,
                struct failure *failure)
{
    const struct hash_key key = { 0x74656e6574, 0x32 };
    int result = 0;

    *intel = intel_new(key);
    for (size_t i = 0; i < options->path_count && result >= 0; i++)
        result = intel_load(*intel, options->paths[i], failure);
    intel_build(*intel);
    return result;
}

static int check_intel(const struct intel_options *options)
{
    struct intel *intel;
    struct failure failure = { 0 };
    struct writer out;
    int result = load(options, &intel, &failure);

    if (result < 0) {
        intel_free(intel);
        return command_fail(&failure, EXIT_UNREADABLE);
    }
    command_output(&out, stdout);
    if (options->as_json)
        write_json(&out, intel);
    else
        write_text(&out, intel);
    struct intel_counts counts;
    intel_read_counts(intel, &counts);
    int status =
        command_print(&out, counts.refused > 0 ? EXIT_FOUND : EXIT_NOTHING);
    writer_clear(&out);
    intel_free(intel);
    return status;
}

/* Claims as they are told, in either form. */
struct telling {
    struct writer out;
    struct json_writer json;
    int64_t now_ns;
    bool as_json;
};

static const char *state_of(const struct telling *telling,
                            const struct intel_said *said)
{
    if (said->until_ns <= telling->now_ns)
        return "expired";
    return said->from_ns > telling->now_ns ? "not yet valid" : "in force";
}

static void tell_time(struct json_writer *json, const char *key,
                      int64_t time_ns)
{
    char text[TIMESTAMP_TEXT_SIZE];
    bool is_said = time_ns != INT64_MIN && time_ns != INT64_MAX;

    text_or_null(json, key, is_said ? timestamp_text(time_ns, text) : NULL);
}

static void tell_json(struct telling *telling, const struct intel_said *said)
{
    struct json_writer *json = &telling->json;

    json_object_open(json);
    text_or_null(json, "indicator", said->indicator);
    text_or_null(json, "kind", said->kind);
    text_or_null(json, "source", said->source);
    text_or_null(json, "id", said->id);
    text_or_null(json, "harm", said->harm);
    text_or_null(json, "labels", said->labels);
    text_or_null(json, "tlp", said->tlp);
    json_key(json, "confidence");
    if (said->confidence < 0)
        json_nothing(json);
    else
        json_number(json, (uint64_t)said->confidence);
    tell_time(json, "valid_from", said->from_ns);
    tell_time(json, "valid_until", said->until_ns);
    text_or_null(json, "state", state_of(telling, said));
    json_object_close(json);
}

static void tell(void *context, const struct intel_said *said)
{
    struct telling *telling = context;
    struct writer *out = &telling->out;
    char text[TIMESTAMP_TEXT_SIZE];

    if (telling->as_json) {
        tell_json(telling, said);
        return;
    }
    writer_format(out, "%s says %s %s is %s (%s)\n", said->source,
                  said->kind, said->indicator,
                  said->labels && said->labels[0] ? said->labels : "listed",
                  state_of(telling, said));
    writer_format(out, "  id %s, harm %s", said->id, said->harm);
    if (said->confidence >= 0)
        writer_format(out, ", confidence %d", said->confidence);
    if (said->tlp)
        writer_format(out, ", TLP:%s", said->tlp);
    if (said->from_ns != INT64_MIN)
        writer_format(out, ", from %s", timestamp_text(said->from_ns, text));
    if (said->until_ns != INT64_MAX)
        writer_format(out, ", until %s",
                      timestamp_text(said->until_ns, text));
    writer_byte(out, '\n');
}

static int explain(const struct intel_options *options, const char *value)
{
    struct telling telling = {
        .now_ns = now_ns(), .as_json = options->as_json,
    };
    struct failure failure = { 0 };
    struct intel *intel;
    int result = load(options, &intel, &failure);

    if (result < 0) {
        intel_free(intel);
        return command_fail(&failure, EXIT_UNREADABLE);
    }
    command_output(&telling.out, stdout);
    json_init(&telling.json, &telling.out);
    if (options->as_json)
        json_array_open(&telling.json);
    size_t count =
        intel_explain(intel, bytes_of_text(value), tell, &telling);
    if (options->as_json) {
        json_array_close(&telling.json);
        writer_byte(&telling.out, '\n');
    } else if (count == 0) {
        writer_text(&telling.out, "nobody says anything of it\n");
    }
    int status = command_print(&telling.out,
                               count > 0 ? EXIT_FOUND : EXIT_NOTHING);
    writer_clear(&telling.out);
    intel_free(intel);
    return status;
}

static bool add_path(struct intel_options *options, const char *path)
{
    if (options->path_count == PATHS_MAX)
        return false;
    options->paths[options->path_count++] = path;
    return true;
}

static int run(const struct command *command, int count, char **words)
{
    static const struct option known[] = {
        { "json", no_argument, NULL, 'j' },
        { "intel", required_argument, NULL, 'i' },
        { 0 },
    };
    struct intel_options options = { 0 };
    int option;

    while ((option = getopt_long(count, words, "", known, NULL)) != -1) {
        if (option == 'j')
            options.as_json = true;
        else if (option != 'i' || !add_path(&options, optarg))
            return command_usage(command);
    }
    const char *verb = optind < count ? words[optind++] : "";
    if (strcmp(verb, "explain") == 0)
        return count - optind == 1 && options.path_count > 0
                   ? explain(&options, words[optind])
                   : command_usage(command);
    while (optind < count)
        if (!add_path(&options, words[optind++]))
            return command_usage(command);
    return strcmp(verb, "check") == 0 && options.path_count > 0
               ? check_intel(&options)
               : command_usage(command);
}

const struct command intel_command = {
    .name = "intel",
    .words = "check FILE|DIRECTORY... [--json]\n"
             "       tenet intel explain VALUE --intel FILE|DIRECTORY... "
             "[--json]",
    .summary = "Load indicators; say what was refused, and who says what",
    .help = "  --json         the result as JSON\n"
            "  --intel PATH   for explain: where indicators are; repeatable\n"
            "Exit status 1 when one was refused, or something is said.\n",
    .run = run,
};
