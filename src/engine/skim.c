/* SPDX-License-Identifier: Apache-2.0 */

/*
 * What rules see of a stream besides its dissector: the new bytes of each side
 * in order, within a depth; and the parts that a view reader finds. Nothing
 * here is called while no rules are loaded.
 */
#include "base/check.h"
#include "engine/internal.h"
#include "engine/judged.h"

/* A view reader's state, and up to where it has read each side. */
struct reader {
    uint64_t read_to[2];
    _Alignas(16) uint8_t state[VIEW_READER_STATE_MAX];
};

size_t session_reader_size(void)
{
    return sizeof(struct reader);
}

bool session_is_judged(const struct engine *engine,
                       const struct session *session)
{
    return engine->signature && session->stream && !session->is_opaque &&
           (session->read_to[0] < ENGINE_STREAM_DEPTH ||
            session->read_to[1] < ENGINE_STREAM_DEPTH);
}

static bool is_inside(struct bytes part, struct bytes whole)
{
    uintptr_t from = (uintptr_t)whole.data;
    uintptr_t at = (uintptr_t)part.data;

    return part.size > 0 && at >= from && at < from + whole.size;
}

/* Bytes that stay until the packet is done with: the stream's own do not. */
static struct bytes keep_bytes(const struct passage *passage,
                               struct arena *arena, struct bytes data)
{
    return is_inside(data, passage->packet->payload)
               ? data
               : arena_copy(arena, data);
}

void session_note_run(struct passage *passage,
                      const struct dissect_input *input)
{
    struct session *session = passage->flow->session;
    uint64_t *read_to = &session->read_to[input->side];
    uint64_t end = input->offset + input->data.size;

    if (end <= *read_to)
        return;
    uint64_t known = *read_to > input->offset ? *read_to - input->offset : 0;
    uint64_t gap = known == 0 ? input->gap : 0;
    uint64_t offset = input->offset + known;
    struct bytes data =
        bytes_slice(input->data, (size_t)known, input->data.size);
    *read_to = end;
    if (offset >= ENGINE_STREAM_DEPTH || session->is_opaque ||
        passage->run_count == ENGINE_RUN_MAX)
        return;
    data = bytes_slice(data, 0, ENGINE_STREAM_DEPTH - (size_t)offset);
    if (!passage->runs)
        passage->runs = arena_allocate(
            input->arena, ENGINE_RUN_MAX * sizeof *passage->runs);
    passage->runs[passage->run_count++] = (struct stream_run){
        .side = input->side,
        .data = keep_bytes(passage, input->arena, data),
        .offset = offset,
        .gap = gap,
    };
}

void session_keep_views(const struct passage *passage,
                        const struct dissect_input *input, struct bytes data,
                        uint32_t from)
{
    struct view_list *list = input->views;

    for (uint32_t i = from; list && i < list->count; i++)
        if (is_inside(list->views[i].data, data))
            list->views[i].data =
                keep_bytes(passage, input->arena, list->views[i].data);
}

void session_read_views(struct engine *engine, struct passage *passage,
                        const struct dissect_input *input)
{
    struct session *session = passage->flow->session;
    struct reader *reader = session->reader;
    const struct view_reader *how = session->dissector->reader;

    check(how->state_size <= VIEW_READER_STATE_MAX);
    if (!reader)
        reader = session->reader = pool_take(&engine->readers);
    if (!reader) {
        engine->counters.sessions_refused++;
        return;
    }
    uint64_t *read_to = &reader->read_to[input->side];
    uint64_t end = input->offset + input->data.size;
    if (end <= *read_to && !input->end)
        return;
    size_t known = *read_to > input->offset
                       ? (size_t)(*read_to - input->offset)
                       : 0;
    struct dissect_input fresh = *input;
    uint32_t count = input->views->count;
    fresh.data = bytes_slice(input->data, known, input->data.size);
    fresh.offset += known;
    fresh.gap = *read_to < input->offset ? input->offset - *read_to : 0;
    *read_to = end;
    how->read(reader->state, &fresh, &passage->events);
    session_keep_views(passage, input, input->data, count);
}

void session_close_reader(struct engine *engine, struct session *session)
{
    struct reader *reader = session->reader;

    if (!reader)
        return;
    session->dissector->reader->release(reader->state, engine->view_memory);
    pool_give(&engine->readers, reader);
    session->reader = NULL;
}

void session_skim(struct engine *engine, struct passage *passage,
                  const struct dissect_input *input)
{
    struct session *session = passage->flow->session;

    session_note_run(passage, input);
    if (session->reader)
        session_read_views(engine, passage, input);
    stream_consume(engine->streams, session->stream, input->side,
                   input->data.size);
}

void session_end_views(struct engine *engine, struct flow *flow,
                       struct passage *passage)
{
    struct session *session = flow->session;

    if (!session || session == &engine->ignored || !session->reader)
        return;
    for (int side = 0; side <= 1; side++) {
        struct reader *reader = session->reader;
        struct dissect_input input = {
            .side = (enum flow_side)side,
            .flow = flow,
            .time_ns = flow->last_ns,
            .offset = reader->read_to[side],
            .end = true,
            .arena = &engine->arena,
            .views = passage->views,
            .view_memory = engine->view_memory,
        };
        session->dissector->reader->read(reader->state, &input,
                                         &passage->events);
    }
}
