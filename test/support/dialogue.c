/* SPDX-License-Identifier: Apache-2.0 */
#include "dialogue.h"

#include <string.h>

#include "sweep.h"

/* Which message of which dialogue is being varied. */
struct variation {
    const struct dialogue *dialogue;
    size_t at;
    size_t events_expected;
};

static struct bytes said_by(const struct dialogue_line *line)
{
    return bytes_of(line->data, line->size);
}

static void send_lines(struct dissect_run *run,
                       const struct dialogue *dialogue, size_t from, size_t to)
{
    for (size_t i = from; i < to; i++)
        dissect_run_send(run, dialogue->lines[i].side,
                         said_by(&dialogue->lines[i]));
}

void dialogue_run(const struct dialogue *dialogue, struct dissect_run *run)
{
    dissect_run_init(run, dialogue->dissector, dialogue->port);
    send_lines(run, dialogue, 0, dialogue->count);
}

static void run_variant(struct bytes variant, void *context)
{
    const struct variation *variation = context;
    const struct dialogue *dialogue = variation->dialogue;
    enum flow_side side = dialogue->lines[variation->at].side;
    struct dissect_run run;

    dissect_run_init(&run, dialogue->dissector, dialogue->port);
    (void)dissect_run_recognise(&run, side, variant); /* Must return. */
    send_lines(&run, dialogue, 0, variation->at);
    dissect_run_send(&run, side, variant);
    send_lines(&run, dialogue, variation->at + 1, dialogue->count);
    dissect_run_end(&run, FLOW_ORIGINATOR);
    dissect_run_end(&run, FLOW_RESPONDER);
    dissect_run_clear(&run);
}

static void run_parts(struct bytes first, struct bytes second, void *context)
{
    const struct variation *variation = context;
    const struct dialogue *dialogue = variation->dialogue;
    enum flow_side side = dialogue->lines[variation->at].side;
    struct dissect_run run;

    dissect_run_init(&run, dialogue->dissector, dialogue->port);
    send_lines(&run, dialogue, 0, variation->at);
    dissect_run_send(&run, side, first);
    dissect_run_send(&run, side, second);
    send_lines(&run, dialogue, variation->at + 1, dialogue->count);
    assert_int_equal(run.events.count, variation->events_expected);
    dissect_run_clear(&run);
}

void dialogue_sweep(const struct dialogue *dialogue)
{
    struct dissect_run run;

    dialogue_run(dialogue, &run);
    struct variation variation = { dialogue, 0, run.events.count };
    dissect_run_clear(&run);
    for (size_t i = 0; i < dialogue->count; i++) {
        variation.at = i;
        sweep_truncate(said_by(&dialogue->lines[i]), run_variant, &variation);
        sweep_flip(said_by(&dialogue->lines[i]), run_variant, &variation);
        if (dialogue->dissector->transport == IP_PROTOCOL_TCP)
            sweep_split(said_by(&dialogue->lines[i]), run_parts, &variation);
    }
}

const char *dialogue_text(struct dissect_run *run, enum event_type type,
                          size_t at, enum event_field field)
{
    return dissect_run_text(run, dissect_run_event(run, type, at), field, 0);
}
