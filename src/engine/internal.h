/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Inside the engine: what hangs on the one value, and who is called with it.
 */
#include "activity/activity.h"
#include "base/compiler.h"
#include "base/pool.h"
#include "device/clients.h"
#include "device/named.h"
#include "engine/session.h"

enum {
    ENGINE_WAY_OUT_MAX = 8,       /* DHCP servers; the longest silent goes. */
    ENGINE_FIRST_COUNT = 8192,    /* Flows whose first frame is remembered
                                   * for MUD files and indicators. */
};

/* The frame that began a flow: what shows one that never had content. */
struct first_frame {
    uint64_t flow_number;
    struct frame_mark mark;
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
    struct first_frame *first_frames; /* With `allowed` or `intel`. */
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

/* What only the whole engine knows of an event's ends: whether a Modbus
 * client is new to its server, and whether DNS led to an address. */
void acquaintance_stamp(struct engine *engine, struct event *event);

/* Was what `event` tells sent under another's address, or does a redirect
 * name its sender? Says so in the event, and puts the one who sent it in the
 * place of the one he claims to be. */
void forged_stamp(struct engine *engine, const struct passage *passage,
                  struct event *event);

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
