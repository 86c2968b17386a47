/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Everything a watch judges by, as the command line names it: our own Sigma
 * rules, further Sigma and Suricata rules, indicators, MUD files, and the texts
 * for what they find. What is refused is said on standard error.
 */
#include "base/hash.h"
#include "detect/behaviour/behaviour.h"
#include "detect/intel/intel.h"
#include "detect/signature/signature.h"
#include "finding/text.h"
#include "mud_set.h"

enum {
    DETECTION_PATH_MAX = 64, /* Of each kind of words. */
    DETECTION_SET_MAX = 64,  /* Suricata rule sets: reloads, and the first. */
};

/* What was asked for. */
struct detection_words {
    const char *rules[DETECTION_PATH_MAX];
    size_t rule_count;
    const char *intel[DETECTION_PATH_MAX];
    size_t intel_count;
    const char *variables[DETECTION_PATH_MAX]; /* NAME=VALUE */
    size_t variable_count;
    const char *home_net;
    struct mud_words mud;
};

/* What was loaded; released by detections_clear(). */
struct detections {
    struct behaviour *behaviour;
    struct signature *signatures[DETECTION_SET_MAX]; /* The last is in use. */
    size_t signature_count;
    struct allowed *allowed;   /* Null without MUD files. */
    struct intel *intel;       /* Null when none is named. */
    struct text_catalogue *texts;
};

/* Take one option of the command line, by its letter in
 * DETECTION_OPTIONS; false when it is not one, or named too often. */
bool detections_take(struct detection_words *words, int option,
                     const char *value);

/* Rows for getopt_long. */
#define DETECTION_OPTIONS                                                      \
    { "rules", required_argument, NULL, 'r' },                                 \
        { "intel", required_argument, NULL, 'i' },                             \
        { "variable", required_argument, NULL, 'V' },                          \
        { "home-net", required_argument, NULL, 'H' },                          \
        { "mud", required_argument, NULL, 'm' },                               \
        { "mud-controller", required_argument, NULL, 'k' },                    \
        { "mud-ca", required_argument, NULL, 'a' },                            \
        { "mud-import", no_argument, NULL, 'p' }

/* Load all of it; `data` is the directory of our own. `key` keeps strangers
 * from choosing what collides. */
int detections_load(struct detections *detections,
                    struct detection_words *words, const char *data,
                    struct hash_key key, struct failure *failure) MUST_USE;

/*
 * Read the Suricata rules again, beside those that go on working; what cannot
 * be read changes nothing. Answers the new set, or null after saying why not.
 * Findings name detections of the set they came from, so old sets stay.
 */
const struct signature *detections_reload(struct detections *detections,
                                          const struct detection_words *words);

/* Which rules of which version these are, as one JSON object: what a ledger
 * says findings were made by. */
void detections_describe(const struct detections *detections,
                         struct writer *w);

void detections_clear(struct detections *detections);
