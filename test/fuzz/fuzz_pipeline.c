/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Any bytes as a capture through every stage, with our own detections, events
 * written as EVE. The detections are loaded once, from data/ below the working
 * directory; without them the stages before are still driven.
 */
#include "engine/engine.h"
#include "engine/stats.h"
#include "event/eve.h"
#include "fuzz.h"

enum { FLOWS = 64, LINE_MAX_SIZE = 1 << 20 };

static const struct behaviour *detections(void)
{
    static struct behaviour *loaded;
    struct failure failure;

    if (loaded)
        return loaded;
    loaded = behaviour_new();
    if (behaviour_load(loaded, "data/detections", &failure) >= 0)
        check(behaviour_refusal_count(loaded) == 0);
    behaviour_compile(loaded);
    return loaded;
}

static void on_event(void *context, const struct event *event)
{
    struct writer *line = context;

    writer_reset(line);
    eve_write(line, event);
    check(writer_view(line).size > 0);
}

static void on_finding(void *context, const struct finding *finding,
                       bool is_new)
{
    (void)context;
    check(finding->count > 0);
    check(finding->sentence[0] != '\0');
    check(finding->last_ns >= finding->first_ns || !is_new);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct capture *capture = capture_of_memory(bytes_of(data, size));
    struct capture_status status;
    struct failure failure;
    struct writer line;
    struct frame frames[ENGINE_BATCH_MAX];
    int count;

    writer_init(&line, LINE_MAX_SIZE);
    struct engine *engine = engine_new(&(struct engine_options){
        .behaviour = detections(),
        .on_event = on_event,
        .on_finding = on_finding,
        .context = &line,
        .flow_count_max = FLOWS,
    });
    while ((count = capture_next_frames(capture, frames, COUNT_OF(frames),
                                        &failure)) > 0)
        engine_frames(engine, capture, frames, (size_t)count);
    engine_finish(engine, capture);
    capture_read_status(capture, &status);
    writer_reset(&line);
    engine_stats_write(&line, engine, &status);
    engine_free(engine);
    capture_free(capture);
    writer_clear(&line);
    return 0;
}
