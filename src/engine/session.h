/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The content of a flow while somebody reads it, and one frame on its way
 * through the stages. Sessions come from a pool of the engine's and go back
 * when nobody reads on.
 */
#include "dissect/dissector.h"
#include "engine/engine.h"
#include "stream/stream.h"

struct engine;

enum {
    ENGINE_STATE_CLASSES = 3,     /* Sizes of dissector state: */
    ENGINE_STATE_SMALL = 128,
    ENGINE_STATE_MEDIUM = 640,
    ENGINE_STATE_LARGE = DISSECT_STATE_MAX,
    ENGINE_SMALL_MAX = ENGINE_SESSION_MAX, /* And how many of each. */
    ENGINE_MEDIUM_MAX = 8192,
    ENGINE_LARGE_MAX = 3072,      /* 12 MiB of HTTP, SSH and QUIC. */
    ENGINE_DISSECTOR_MAX = 64,    /* One bit each in a candidate set. */
    ENGINE_HINT_MAX = 256,        /* Ports that dissectors name: over 70. */
    ENGINE_DATAGRAM_TRIES = 4,    /* Datagrams looked at before giving up. */
    ENGINE_DATAGRAM_MALFORMED = 8, /* In a row, before a flow is left. */
    ENGINE_RUN_MAX = 8,           /* Runs of one packet: holes make more. */
    ENGINE_READER_MAX = 8192,     /* View readers, while rules are loaded. */
    ENGINE_OPENING_COUNT = 8192,  /* Flows whose SYNs are remembered until
                                   * content comes, 192 KiB; of others the
                                   * first segment heard is taken for it. */
};

/* The dissectors that name a port, one bit each. */
struct port_hint {
    uint16_t port;
    uint64_t dissectors;
};

/* The SYNs of a flow without content yet. */
struct opening {
    uint64_t flow_number;
    uint32_t sequence[2];         /* By enum flow_side; */
    bool has_syn[2];              /* valid with this. */
};

/*
 * The content of one flow. A flow without content yet has none (null); one
 * that nobody reads any more points at engine->ignored.
 */
struct session {
    struct stream *stream;        /* TCP only. */
    const struct dissector *dissector;
    void *state;                  /* The dissector's, from a pool. */
    uint64_t candidates;          /* Dissectors not yet ruled out. */
    bool is_done;                 /* No dissector reads on. */
    bool is_opaque;               /* Encrypted: nothing to look into. */
    bool has_tunnel;              /* Carried between these two. */
    struct ip tunnel_source;
    struct ip tunnel_destination;
    uint32_t mark_count;          /* Frames remembered, in all. */
    uint8_t tries;
    uint8_t malformed;            /* UDP: datagrams in a row. */
    uint8_t number;               /* Place of the dissector, from 1, */
    bool port_matches;            /* whose port the flow has. */
    uint64_t read_to[2];          /* Rules have had the bytes before this. */
    void *reader;                 /* The dissector's view reader, if any. */
    struct frame_mark marks[ENGINE_MARK_FIRST + ENGINE_MARK_LATEST];
};

struct stream_run;

/* One frame on its way through the stages. */
struct passage {
    const struct capture *capture;
    const struct frame *frame;
    const struct packet *packet;
    struct flow *flow;            /* Null without one. */
    enum flow_side side;
    bool is_new;
    struct device_ends ends;
    struct event_list events;
    struct view_list *views;      /* Null without rules. */
    struct stream_run *runs;      /* ENGINE_RUN_MAX of them, once needed. */
    uint8_t run_count;
};

/* Read the packet's content, if its flow has any that somebody reads. */
void session_packet(struct engine *engine, struct passage *passage);

/* Note that dissector `index` is hinted at by its ports. */
void session_add_hints(struct engine *engine, unsigned index);

/* The flow has ended: let its dissector say what is left. */
void session_end(struct engine *engine, struct flow *flow,
                 struct passage *passage);

/* Give back what a flow's content took. */
void session_release(struct engine *engine, struct flow *flow);

/* The frames remembered of a flow, oldest first; answers how many. */
size_t session_marks(const struct engine *engine, const struct flow *flow,
                     struct frame_mark *marks);
