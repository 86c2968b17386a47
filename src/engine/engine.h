/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * One analysis: every stage in its turn, on one value that the caller owns.
 * A pure function of the frames it is given and its options: the same frames
 * give the same events and findings, byte for byte.
 *
 * Stages never call each other; engine_frames() calls each and hands its result
 * to the next: decode, flow, stream and dissect, device, activity, and then
 * every event to EVE, the inventory and the detections.
 */
#include "capture/capture.h"
#include "decode/decode.h"
#include "detect/allowed/allowed.h"
#include "detect/behaviour/behaviour.h"
#include "detect/intel/intel.h"
#include "detect/signature/signature.h"
#include "device/device.h"
#include "dissect/view_memory.h"
#include "finding/finding.h"

enum {
    ENGINE_SESSION_MAX = 24576,  /* Flows whose content is read at once. */
    ENGINE_MARK_FIRST = 4,       /* Frames of a flow remembered: the first */
    ENGINE_MARK_LATEST = 8,      /* and the latest ones. */
    ENGINE_STREAM_DEPTH = 1 << 20, /* Of each side that rules look into;
                                  * Suricata's default is the same. */
    ENGINE_BATCH_MAX = 16,       /* Frames decoded before the first of them
                                  * is analysed: memory answers meanwhile. */
};

/* Somebody who wants every event, such as the EVE file. */
typedef void engine_event_function(void *context, const struct event *event);

/* Called when a finding is made (`is_new`) and whenever it grows. */
typedef void engine_finding_function(void *context,
                                     const struct finding *finding,
                                     bool is_new);

struct engine_options {
    struct hash_key key;                /* Random when live, fixed else. */
    const struct behaviour *behaviour;  /* Detections; may be null. */
    const struct signature *signature;  /* Suricata rules; may be null. */
    const struct allowed *allowed;      /* MUD files; may be null. */
    const struct intel *intel;          /* Indicators, built; may be null. */
    const struct text_catalogue *texts; /* May be null. */
    device_vendor_function *vendor;     /* May be null. */
    const void *vendor_context;
    engine_event_function *on_event;    /* May be null. */
    engine_finding_function *on_finding; /* May be null. */
    void *context;                      /* For both. */
    uint32_t flow_count_max;            /* 0 for the default. */
    bool verify_checksums;
    bool hash_files;                    /* Also when indicators ask. */
};

/* What was done and what was not; every limit reached has its number. */
struct engine_counters {
    uint64_t packets;
    uint64_t bytes;
    uint64_t events;
    uint64_t events_by_type[EVENT_TYPE_COUNT];
    uint64_t anomalies;
    uint64_t flows;
    uint32_t flows_active;
    uint64_t flows_evicted_unanswered;
    uint64_t flows_evicted_answered;
    uint64_t sessions_refused;   /* Content not read: no session left. */
    uint64_t stream_gap_bytes;
    uint64_t stream_jumps;      /* Gaps too large to be lost bytes. */
    uint64_t stream_refused_bytes;
    uint64_t stream_overlap_conflicts;
    uint64_t events_dropped;
    uint64_t alerts_dropped;
    uint64_t facts_dropped;      /* Past ALERT_FACT_MAX of one alert. */
    uint64_t intel_regexes;      /* Matches of indicators given up. */
    uint64_t intel_searches;
    uint64_t intel_observations; /* Forgotten before a pattern was whole. */
    uint64_t findings_refused;
    uint64_t findings_unproven;  /* No frame to show any more. */
    uint64_t devices_refused;
    uint64_t views_dropped;      /* Past VIEW_LIST_MAX, of one packet. */
    uint64_t streams_not_judged; /* By rules: sessions were scarce. */
    struct signature_counters signature;
    struct view_memory_counters views;
    uint64_t evidence_refused;
    uint64_t evidence_missed;
    uint64_t mud_names_evicted;  /* Told by DNS, forgotten for room. */
    uint64_t mud_devices_refused;
    uint64_t mud_uses_refused;   /* Told, not listed. */
    uint64_t counters_evicted_local;
    uint64_t counters_evicted_remote;
    int64_t first_ns;            /* Earliest packet time; 0 without any. */
    int64_t last_ns;             /* Latest packet time. */
};

struct engine;
struct why;

struct engine *engine_new(const struct engine_options *options);
void engine_free(struct engine *engine);

/* Go on with another rule set; flows and what rules remember of them stay.
 * The old set must be kept while findings are: they name its detections.
 * Nothing happens where there were no rules: a running flow's start is gone. */
void engine_replace_signature(struct engine *engine,
                              const struct signature *signature);

/* Follow one rule of the set; false when there is none of this number. What
 * was found on each flow is read before the engine is freed. */
bool engine_ask_why(struct engine *engine, uint32_t gid, uint32_t sid);
const struct why *engine_why(const struct engine *engine);

/* Analyse one frame of `capture`, which may be null in tests: evidence then
 * consists of this frame only. */
/*
 * Analyse the next `count` frames of `capture`, which may be null in tests:
 * evidence then consists of these frames only. How frames are divided among
 * calls makes no difference, but together they cost less.
 */
void engine_frames(struct engine *engine, const struct capture *capture,
                   const struct frame *frames, size_t count);
void engine_frame(struct engine *engine, const struct capture *capture,
                  const struct frame *frame);

/* Let time pass (live, several times a second): all frames up to `now_ns` were
 * given. Flows end by the clock, and attempts that nobody answered fail. */
void engine_advance(struct engine *engine, const struct capture *capture,
                    int64_t now_ns);

/* The capture has ended: end all flows, report all that is open. */
void engine_finish(struct engine *engine, const struct capture *capture);

void engine_read_counters(const struct engine *engine,
                          struct engine_counters *counters);
uint64_t engine_anomaly_count(const struct engine *engine,
                              enum anomaly anomaly);

/* A finding's frames are kept elsewhere by now: give up our copies. */
void engine_release(struct engine *engine, const struct finding *finding);

const struct device_table *engine_devices(const struct engine *engine);
const struct finding_table *engine_findings(const struct engine *engine);
const struct evidence_store *engine_evidence(const struct engine *engine);

/* How devices kept to their MUD files; null when there were none. */
const struct allowed_state *engine_allowed(const struct engine *engine);
