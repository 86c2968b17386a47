/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Makes a MUD file of what a device was seen to do: each use comes as the
 * entry that would declare it, with names rather than addresses. What is
 * wider than what was seen is said: nothing is generalised silently.
 */
#include "mud/mud.h"

enum {
    MUD_LEARN_PORT_MAX = 8, /* Ports with one peer; more become any port. */
    MUD_LEARN_NOTE_MAX = 64,
};

struct mud_learner;

/* `url` becomes the file's; `shown` says what the device is; `time_ns` when
 * it was learned. */
struct mud_learner *mud_learner_new(const char *url, const char *shown,
                                    int64_t time_ns);
void mud_learner_free(struct mud_learner *learner);

/* Add a use in the policies given, one bit each. Texts are copied. */
void mud_learner_add(struct mud_learner *learner, const struct mud_ace *use,
                     uint8_t policies);

/* The file; null when it would have more entries than a file may. The caller
 * owns it. */
struct mud_file *mud_learner_finish(struct mud_learner *learner);

/* What was generalised, a sentence each; until the learner is freed. */
size_t mud_learner_note_count(const struct mud_learner *learner);
const char *mud_learner_note(const struct mud_learner *learner, size_t index);
