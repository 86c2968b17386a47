/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * A conversation written as a table, fed to one dissector by a
 * struct dissect_run; and the three sweeps over each of its messages, with
 * those before it sent as they are.
 */
#include "base/compiler.h"
#include "dissect.h"
#include "test.h"

struct dialogue_line {
    enum flow_side side;
    const char *data;
    size_t size;
};

/* Lines of the table; `text` is a literal and may hold zeros. */
#define CLIENT(text) { FLOW_ORIGINATOR, text, sizeof(text) - 1 }
#define SERVER(text) { FLOW_RESPONDER, text, sizeof(text) - 1 }

struct dialogue {
    const struct dissector *dissector;
    uint16_t port;
    const struct dialogue_line *lines;
    size_t count;
};

#define DIALOGUE(who, at, table) \
    { .dissector = (who), .port = (at), .lines = (table), \
      .count = COUNT_OF(table) }

/* Initialise `run` and send all; the caller clears the run. */
void dialogue_run(const struct dialogue *dialogue, struct dissect_run *run);

/* Truncate and flip each message: nothing may break. Cut each in two: a
 * stream must yield the same events. */
void dialogue_sweep(const struct dialogue *dialogue);

/* Value `index` of `field` of the `at`th event of `type`, as text. */
const char *dialogue_text(struct dissect_run *run, enum event_type type,
                          size_t at, enum event_field field);
