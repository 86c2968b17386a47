/* SPDX-License-Identifier: Apache-2.0 */
#include "detections.h"

#include <stdio.h>

#include "base/writer.h"
#include "format/json_writer.h"
#include "signature_options.h"

enum { PATH_SIZE_MAX = 8192 };

static bool take_word(const char **words, size_t *count, size_t max,
                      const char *value)
{
    if (*count == max)
        return false;
    words[(*count)++] = value;
    return true;
}

bool detections_take(struct detection_words *words, int option,
                     const char *value)
{
    switch (option) {
    case 'r':
        return take_word(words->rules, &words->rule_count,
                         DETECTION_PATH_MAX, value);
    case 'i':
        return take_word(words->intel, &words->intel_count,
                         DETECTION_PATH_MAX, value);
    case 'V':
        return take_word(words->variables, &words->variable_count,
                         DETECTION_PATH_MAX, value);
    case 'H': words->home_net = value; return true;
    default: return mud_set_option(&words->mud, option, value);
    }
}

static int set_variables(const struct detection_words *words,
                         struct signature *set, struct failure *failure)
{
    int result = 0;

    if (words->home_net)
        result = signature_option_home_net(set, words->home_net, failure);
    for (size_t i = 0; i < words->variable_count && result >= 0; i++)
        result = signature_option_variable(set, words->variables[i], failure);
    return result;
}

/* All rule files that were named, each into the set that it is for. */
static int load_named(const struct detection_words *words,
                      struct behaviour *behaviour, struct signature *set,
                      struct failure *failure)
{
    int result = set_variables(words, set, failure);

    for (size_t i = 0; i < words->rule_count && result >= 0; i++)
        result = rules_load(behaviour, set, words->rules[i], failure);
    signature_compile(set);
    return result;
}

static void say_refused_signatures(const struct signature *set)
{
    for (size_t i = 0; i < signature_refusal_count(set); i++) {
        const struct signature_remark *remark = signature_refusal(set, i);
        fprintf(stderr, "tenet: rule not loaded: %s:%u: %s%s%s\n",
                remark->file, remark->line,
                remark->keyword ? remark->keyword : "",
                remark->keyword ? ": " : "", remark->reason);
    }
}

static void say_refused_behaviour(const struct behaviour *behaviour)
{
    for (size_t i = 0; i < behaviour_refusal_count(behaviour); i++) {
        const struct behaviour_refusal *refusal =
            behaviour_refusal(behaviour, i);
        fprintf(stderr, "tenet: rule not loaded: %s:%u: %s\n", refusal->file,
                refusal->line, refusal->reason);
    }
}

/* The set is in use, or gone when there is nothing in it. */
static void take_signatures(struct detections *detections,
                            struct signature *set)
{
    say_refused_signatures(set);
    if (signature_rule_count(set) == 0)
        signature_free(set);
    else
        detections->signatures[detections->signature_count++] = set;
}

static int load_rules(struct detections *detections,
                      const struct detection_words *words, const char *data,
                      struct failure *failure)
{
    struct signature *signatures = signature_new();
    struct writer path;

    detections->behaviour = behaviour_new();
    writer_init(&path, PATH_SIZE_MAX);
    writer_format(&path, "%s/detections", data);
    int result = behaviour_load(detections->behaviour, writer_as_text(&path),
                                failure);
    writer_clear(&path);
    if (result >= 0)
        result =
            load_named(words, detections->behaviour, signatures, failure);
    take_signatures(detections, signatures);
    behaviour_compile(detections->behaviour);
    say_refused_behaviour(detections->behaviour);
    return result;
}

static int load_texts(struct detections *detections, const char *data,
                      struct failure *failure)
{
    struct writer path;

    writer_init(&path, PATH_SIZE_MAX);
    writer_format(&path, "%s/texts/en.json", data);
    int result = text_catalogue_load(writer_as_text(&path),
                                     &detections->texts, failure);
    writer_clear(&path);
    return result;
}

static int load_intel(struct detections *detections,
                      const struct detection_words *words,
                      struct hash_key key, struct failure *failure)
{
    int result = 0;

    if (words->intel_count == 0)
        return 0;
    detections->intel = intel_new(key);
    for (size_t i = 0; i < words->intel_count && result >= 0; i++)
        result = intel_load(detections->intel, words->intel[i], failure);
    intel_build(detections->intel);
    for (size_t i = 0; i < intel_refusal_count(detections->intel); i++) {
        const struct intel_refusal *refusal =
            intel_refusal(detections->intel, i);
        fprintf(stderr, "tenet: indicator not loaded: %s:%u: %s%s%s\n",
                refusal->file, refusal->line,
                refusal->item ? refusal->item : "",
                refusal->item ? ": " : "", refusal->reason);
    }
    return result;
}

int detections_load(struct detections *detections,
                    struct detection_words *words, const char *data,
                    struct hash_key key, struct failure *failure)
{
    int result = load_rules(detections, words, data, failure);

    if (result >= 0)
        result = load_texts(detections, data, failure);
    if (result >= 0)
        result = mud_set_load(&words->mud, &detections->allowed, failure);
    if (result >= 0)
        result = load_intel(detections, words, key, failure);
    return result;
}

static const struct signature *keep_old(const char *why)
{
    fprintf(stderr, "tenet: rules not read again: %s\n", why);
    return NULL;
}

const struct signature *detections_reload(struct detections *detections,
                                          const struct detection_words *words)
{
    struct failure failure = { .text = "" };

    if (detections->signature_count == 0)
        return keep_old("there were none at the start");
    if (detections->signature_count == DETECTION_SET_MAX)
        return keep_old("too often in one run");
    struct behaviour *unused = behaviour_new();
    struct signature *set = signature_new();
    int result = load_named(words, unused, set, &failure);
    behaviour_free(unused);
    if (result < 0 || signature_rule_count(set) == 0) {
        signature_free(set);
        return keep_old(failure.text[0] ? failure.text : "there are none");
    }
    take_signatures(detections, set);
    fprintf(stderr, "tenet: %zu rules, read again\n",
            signature_rule_count(set));
    return set;
}

static void describe(struct json_writer *json,
                     const struct detection *detection)
{
    json_object_open(json);
    json_key(json, "id");
    json_text(json, detection->id);
    json_key(json, "version");
    json_text(json, detection->version);
    json_object_close(json);
}

void detections_describe(const struct detections *detections,
                         struct writer *w)
{
    const struct behaviour *behaviour = detections->behaviour;
    struct json_writer json;

    json_init(&json, w);
    json_object_open(&json);
    json_key(&json, "detections");
    json_array_open(&json);
    for (size_t i = 0; i < behaviour_detection_count(behaviour); i++)
        describe(&json, behaviour_detection(behaviour, i));
    for (size_t i = 0; i < detections->signature_count; i++) {
        const struct signature *set = detections->signatures[i];
        for (size_t k = 0; k < signature_rule_count(set); k++)
            describe(&json, &signature_rule(set, k)->detection);
    }
    json_array_close(&json);
    json_key(&json, "program");
    json_text(&json, "tenet " TENET_VERSION);
    json_object_close(&json);
}

void detections_clear(struct detections *detections)
{
    text_catalogue_free(detections->texts);
    behaviour_free(detections->behaviour);
    for (size_t i = 0; i < detections->signature_count; i++)
        signature_free(detections->signatures[i]);
    allowed_free(detections->allowed);
    intel_free(detections->intel);
}
