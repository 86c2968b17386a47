/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Inside the engine: what Suricata rules are shown of packets and streams, and
 * what becomes of their alerts. Nothing of it is called for a stream, and
 * signatures_begin() leaves passage->views null, while no rules are loaded.
 */
#include "engine/internal.h"

/* Bytes in order that came with one packet, for rules. */
struct stream_run {
    enum flow_side side;
    struct bytes data;
    uint64_t offset;
    uint64_t gap;
};

/* Let the rules judge what this packet brought, and the end of a flow. */
void signatures_begin(struct engine *engine, struct passage *passage,
                      struct view_list *views);
void signatures_judge(struct engine *engine, struct passage *passage);
void signatures_end(struct engine *engine, struct passage *passage,
                    struct flow *flow);

/* For rules, see skim.c: does anybody judge this stream's bytes? */
bool session_is_judged(const struct engine *engine,
                       const struct session *session);

/* The new bytes of `input` are a run; they are consumed as well by skim. */
void session_note_run(struct passage *passage,
                      const struct dissect_input *input);
void session_skim(struct engine *engine, struct passage *passage,
                  const struct dissect_input *input);

/* Views of `data` made since there were `from` of them stay until the packet
 * is done. */
void session_keep_views(const struct passage *passage,
                        const struct dissect_input *input, struct bytes data,
                        uint32_t from);

/* The dissector's view reader: its memory, its turn, its last word, its end. */
size_t session_reader_size(void);
void session_read_views(struct engine *engine, struct passage *passage,
                        const struct dissect_input *input);
void session_end_views(struct engine *engine, struct flow *flow,
                       struct passage *passage);
void session_close_reader(struct engine *engine, struct session *session);
