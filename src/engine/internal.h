/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Inside the engine: what hangs on the one value, and the content of a flow
 * while somebody reads it.
 */
#include "activity/activity.h"
#include "base/compiler.h"
#include "base/pool.h"
#include "device/clients.h"
#include "device/named.h"
#include "dissect/dissector.h"
#include "engine/engine.h"
#include "stream/stream.h"

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
    ENGINE_WAY_OUT_MAX = 8,       /* DHCP servers; the longest silent goes. */
    ENGINE_FIRST_COUNT = 8192,    /* Flows whose first frame is remembered
                                   * for MUD files and indicators. */
    ENGINE_OPENING_COUNT = 8192,  /* Flows whose SYNs are remembered until
                                   * content comes, 192 KiB; of others the
                                   * first segment heard is taken for it. */
};

/* The frame that began a flow: what shows one that never had content. */
struct first_frame {
    uint64_t flow_number;
    struct frame_mark mark;
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

/* Bytes in order that came with one packet, for rules. */
struct stream_run {
    enum flow_side side;
    struct bytes data;
    uint64_t offset;
    uint64_t gap;
};

/* A DHCP server and the way out that it named last. */
struct way_out {
    struct ip server;
    struct ip router;
    int64_t last_ns;              /* 0 while unused. */
};

/* A frame read ahead: decoded, and its flow's memory asked for. */
struct arrival {
    struct packet packet;
    struct flow_lookup lookup; /* Valid when the packet has a flow. */
};

struct engine {
    struct engine_options options;
    struct decoder *decoder;
    struct flow_table *flows;
    struct stream_memory *streams;
    struct device_table *devices;
    struct evidence_store *evidence;
    struct activity *activity;
    struct behaviour_state *behaviour;
    struct signature_state *signature; /* Null without rules. */
    struct view_memory *view_memory;   /* The same. */
    struct allowed_state *allowed;
    struct first_frame *first_frames; /* With `allowed` only. */
    struct intel_state *intel;
    uint64_t intel_types;         /* Event types it wants: a bit each. */
    struct finding_table *findings;
    struct certificate_cache *certificates;
    struct clients controllers;   /* Who speaks Modbus to whom. */
    struct way_out ways_out[ENGINE_WAY_OUT_MAX];
    struct named named;           /* Addresses that DNS gave. */
    struct pool sessions;
    struct pool states[ENGINE_STATE_CLASSES];
    struct pool readers;          /* State of view readers. */
    struct session ignored;
    struct opening openings[ENGINE_OPENING_COUNT];
    struct arena arena;           /* Reset for each frame. */
    struct arrival arrivals[ENGINE_BATCH_MAX];
    struct engine_counters counters;
    uint64_t candidates_tcp;      /* All dissectors of a transport. */
    uint64_t candidates_udp;
    struct port_hint hints[ENGINE_HINT_MAX]; /* By port. */
    size_t hint_count;
    bool wants_unanswered;        /* Flow events nobody answered are read. */
    bool wants_anomalies;
    bool hash_files;              /* Digests of files are wanted. */
};

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

/* What only the whole engine knows of an event's ends: whether a Modbus
 * client is new to its server, and whether DNS led to an address. */
void acquaintance_stamp(struct engine *engine, struct event *event);

/* Was what `event` tells sent under another's address, or does a redirect
 * name its sender? Says so in the event, and puts the one who sent it in the
 * place of the one he claims to be. */
void forged_stamp(struct engine *engine, const struct passage *passage,
                  struct event *event);

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

/* Everybody who reads events gets this one. `flow` may be null. */
void deliver_event(struct engine *engine, const struct passage *passage,
                   const struct flow *flow, struct event *event);

/* Who, where and when, as all events of this passage have it. */
void deliver_stamp(struct engine *engine, const struct passage *passage,
                   const struct flow *flow, struct event *event);

/* Source and destination change places. */
void deliver_turn(struct event_context *context);

/* The frames of `flow`, or of this packet; at most as many as `marks` holds. */
void deliver_scene(struct engine *engine, const struct passage *passage,
                   const struct flow *flow, struct frame_mark *marks,
                   struct evidence_scene *scene);

/* The EVE record of one alert, stamped already. */
void deliver_alert(struct engine *engine, const struct passage *passage,
                   struct event *event);

/* Alerts become findings, or add to them. */
void deliver_findings(struct engine *engine, const struct alert_list *alerts,
                      const struct evidence_scene *scene);

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
