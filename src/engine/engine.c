/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/engine.h"

#include <assert.h>
#include <stdlib.h>

#include "base/check.h"
#include "base/memory.h"
#include "crypto/certificate_cache.h"
#include "dissect/flow_event.h"
#include "dissect/link.h"
#include "detect/signature/why.h"
#include "engine/internal.h"
#include "engine/judged.h"

static void find_candidates(struct engine *engine)
{
    for (unsigned i = 0; dissector_table[i]; i++) {
        check(i < ENGINE_DISSECTOR_MAX);
        check(dissector_table[i]->state_size <= DISSECT_STATE_MAX);
        if (dissector_table[i]->transport == IP_PROTOCOL_TCP)
            engine->candidates_tcp |= 1ull << i;
        else
            engine->candidates_udp |= 1ull << i;
        session_add_hints(engine, i);
    }
}

static void make_stages(struct engine *engine)
{
    const struct engine_options *options = &engine->options;

    engine->decoder = decoder_new(&(struct decode_options){
        .verify_checksums = options->verify_checksums,
        .hash_key = options->key });
    engine->flows = flow_table_new(&(struct flow_options){
        .key = options->key, .count_max = options->flow_count_max });
    engine->streams =
        stream_memory_new(STREAM_TOTAL_BYTES_MAX, ENGINE_SESSION_MAX);
    engine->devices = device_table_new(&(struct device_options){
        .key = options->key,
        .vendor = options->vendor,
        .vendor_context = options->vendor_context });
    engine->evidence = evidence_store_new(EVIDENCE_BYTES_MAX);
    engine->activity = activity_new(&(struct activity_options){
        .key = options->key, .store = engine->evidence });
    engine->findings = finding_table_new(&(struct finding_options){
        .key = options->key,
        .store = engine->evidence,
        .texts = options->texts });
    if (options->signature) {
        engine->view_memory = view_memory_new();
        engine->signature = signature_state_new(
            options->signature, options->key, engine->evidence);
    }
    engine->certificates = certificate_cache_new(options->key);
    if (options->behaviour)
        engine->behaviour =
            behaviour_state_new(options->behaviour, engine->evidence);
    if (options->allowed)
        engine->allowed = allowed_state_new(options->allowed, options->key);
    if (options->allowed || options->intel)
        engine->first_frames =
            memory_new(ENGINE_FIRST_COUNT, sizeof *engine->first_frames);
    if (!options->intel)
        return;
    engine->intel = intel_state_new(options->intel);
    for (size_t i = 0; i < EVENT_TYPE_COUNT; i++)
        if (intel_wants(options->intel, (enum event_type)i))
            engine->intel_types |= (uint64_t)1 << i;
}

struct engine *engine_new(const struct engine_options *options)
{
    static const size_t sizes[ENGINE_STATE_CLASSES] = {
        ENGINE_STATE_SMALL, ENGINE_STATE_MEDIUM, ENGINE_STATE_LARGE
    };
    static const size_t counts[ENGINE_STATE_CLASSES] = {
        ENGINE_SMALL_MAX, ENGINE_MEDIUM_MAX, ENGINE_LARGE_MAX
    };
    struct engine *engine = memory_new(1, sizeof *engine);

    engine->options = *options;
    engine->controllers.key = options->key;
    engine->named.key = options->key;
    arena_init(&engine->arena);
    make_stages(engine);
    pool_init(&engine->sessions, sizeof(struct session), ENGINE_SESSION_MAX);
    for (size_t i = 0; i < ENGINE_STATE_CLASSES; i++)
        pool_init(&engine->states[i], sizes[i], counts[i]);
    pool_init(&engine->readers, session_reader_size(), ENGINE_READER_MAX);
    find_candidates(engine);
    const struct behaviour *behaviour = options->behaviour;
    engine->wants_unanswered =
        options->on_event || options->allowed ||
        (behaviour && behaviour_wants_unanswered(behaviour)) ||
        (options->intel && intel_wants_unanswered(options->intel));
    engine->hash_files =
        options->hash_files ||
        (options->intel && intel_wants(options->intel, EVENT_FILE));
    engine->wants_anomalies =
        options->on_event ||
        (behaviour && behaviour_wants(behaviour, EVENT_ANOMALY));
    return engine;
}

void engine_free(struct engine *engine)
{
    if (!engine)
        return;
    certificate_cache_free(engine->certificates);
    finding_table_free(engine->findings);
    signature_state_free(engine->signature);
    behaviour_state_free(engine->behaviour);
    allowed_state_free(engine->allowed);
    free(engine->first_frames);
    intel_state_free(engine->intel);
    activity_free(engine->activity);
    evidence_store_free(engine->evidence);
    device_table_free(engine->devices);
    stream_memory_free(engine->streams);
    flow_table_free(engine->flows);
    decoder_free(engine->decoder);
    view_memory_free(engine->view_memory);
    pool_clear(&engine->readers);
    pool_clear(&engine->sessions);
    for (size_t i = 0; i < ENGINE_STATE_CLASSES; i++)
        pool_clear(&engine->states[i]);
    arena_clear(&engine->arena);
    free(engine);
}

static void count_packet(struct engine *engine, const struct frame *frame)
{
    struct engine_counters *counters = &engine->counters;
    int64_t time_ns = frame->mark.time_ns;

    counters->packets++;
    counters->bytes += frame->mark.original_size;
    if (counters->first_ns == 0 || time_ns < counters->first_ns)
        counters->first_ns = time_ns;
    if (time_ns > counters->last_ns)
        counters->last_ns = time_ns;
}

/* Malformations are counted by the decoder; they are events when asked for. */
static void report_anomalies(struct engine *engine, struct passage *passage)
{
    const struct anomaly_set *set = &passage->packet->anomalies;

    if (anomaly_none(set))
        return;
    for (int i = 0; i < ANOMALY_COUNT; i++) {
        if (!anomaly_has(set, (enum anomaly)i))
            continue;
        engine->counters.anomalies++;
        if (!engine->wants_anomalies)
            continue;
        struct event *event = event_new(&passage->events, EVENT_ANOMALY);
        event_set_literal(event, FIELD_ANOMALY_TYPE, "decode");
        event_set_literal(event, FIELD_ANOMALY_EVENT,
                          anomaly_name((enum anomaly)i));
    }
}

static void deliver_all(struct engine *engine, const struct passage *passage,
                        const struct flow *flow,
                        const struct event_list *events)
{
    for (struct event *event = events->first; event; event = event->next) {
        bool own = event->type == EVENT_ACTIVITY || event->type == EVENT_DEVICE;
        deliver_event(engine, passage, own ? NULL : flow, event);
    }
    engine->counters.events_dropped += events->dropped;
}

/* Flows that ended: their last words, their record, their memory. */
static void end_flows(struct engine *engine, const struct capture *capture)
{
    struct flow *flow;

    while ((flow = flow_table_ended(engine->flows))) {
        struct passage passage = { .capture = capture };
        bool is_answered = flow->packets[FLOW_RESPONDER] > 0;
        struct view_list views;

        arena_reset(&engine->arena);
        event_list_init(&passage.events, &engine->arena);
        signatures_begin(engine, &passage, &views);
        session_end(engine, flow, &passage);
        signatures_end(engine, &passage, flow);
        if (is_answered || engine->wants_unanswered)
            flow_event(flow, &passage.events);
        deliver_all(engine, &passage, flow, &passage.events);
        session_release(engine, flow);
    }
}

static bool is_local(struct engine *engine, uint32_t device, struct ip ip)
{
    return device != DEVICE_NONE || device_is_local_ip(engine->devices, ip) ||
           ip_is_multicast(ip) || ip_is_broadcast(ip);
}

/* The number DEVICE_NONE becomes FLOW_DEVICE_NONE when it is cut short. */
static_assert((uint16_t)DEVICE_NONE == FLOW_DEVICE_NONE, "none stays none");
static_assert(DEVICE_COUNT_MAX < FLOW_DEVICE_NONE, "numbers of devices fit");

static void place_on_flow(struct engine *engine, struct passage *passage,
                          const struct flow_lookup *lookup)
{
    struct flow *flow =
        flow_table_observe(engine->flows, passage->packet, lookup,
                           &passage->side, &passage->is_new);
    enum flow_side side = passage->side;

    passage->flow = flow;
    if (passage->is_new && engine->first_frames)
        engine->first_frames[flow->number % ENGINE_FIRST_COUNT] =
            (struct first_frame){ flow->number, passage->packet->mark };
    if (passage->is_new || flow->packets[side] == 1) {
        device_observe(engine->devices, passage->packet, &passage->ends,
                       &passage->events);
        if (passage->ends.source != DEVICE_NONE)
            flow->device[side] = (uint16_t)passage->ends.source;
        if (flow->device[!side] == FLOW_DEVICE_NONE)
            flow->device[!side] = (uint16_t)passage->ends.destination;
        return;
    }
    passage->ends = (struct device_ends){
        .source = flow_device(flow, side),
        .destination = flow_device(flow, !side),
        .source_local =
            is_local(engine, flow_device(flow, side), passage->packet->source),
        .destination_local = is_local(engine, flow_device(flow, !side),
                                      passage->packet->destination),
    };
    if (passage->ends.source != DEVICE_NONE)
        device_touch(engine->devices, passage->ends.source,
                     passage->packet->mark.time_ns);
}

static void read_link(struct engine *engine, struct passage *passage)
{
    device_observe(engine->devices, passage->packet, &passage->ends,
                   &passage->events);
    if (passage->packet->layer == PACKET_LAYER_ARP)
        arp_events(passage->packet, &passage->events);
    else if (passage->packet->layer == PACKET_LAYER_LLDP)
        lldp_events(passage->packet, &passage->events);
}

static void count_activity(struct engine *engine, struct passage *passage)
{
    struct activity_packet counted = {
        .packet = passage->packet,
        .frame = passage->frame,
        .capture = passage->capture,
        .flow = passage->flow,
        .side = passage->side,
        .is_new = passage->is_new,
        .ends = passage->ends,
    };

    activity_count(engine->activity, &counted, &passage->events);
}

/*
 * A tunnel's own packet, from the host that sent it to the one that it was
 * sent to. A flood of GRE shows here only: what it carries is random.
 */
static void count_carrier(struct engine *engine, const struct passage *inner)
{
    const struct packet *carried = inner->packet;
    struct packet carrier = {
        .mark = carried->mark,
        .frame = carried->frame,
        .source_mac = carried->outer_source_mac,
        .destination_mac = carried->outer_destination_mac,
        .has_mac = carried->has_outer_mac,
        .layer = PACKET_LAYER_IP,
        .source = carried->outer_source,
        .destination = carried->outer_destination,
        .ip_version = ip_is_v4(carried->outer_source) ? 4 : 6,
        .protocol = IP_PROTOCOL_GRE,
        .ip_size = carried->outer_ip_size,
    };
    struct passage passage = {
        .capture = inner->capture,
        .frame = inner->frame,
        .packet = &carrier,
    };

    arena_reset(&engine->arena);
    event_list_init(&passage.events, &engine->arena);
    struct flow_lookup lookup = flow_table_prepare(engine->flows, &carrier);
    place_on_flow(engine, &passage, &lookup);
    count_activity(engine, &passage);
    deliver_all(engine, &passage, passage.flow, &passage.events);
    end_flows(engine, inner->capture);
}

static bool has_flow(const struct packet *packet)
{
    return packet->layer == PACKET_LAYER_IP && !packet->is_fragment;
}

static void analyse(struct engine *engine, const struct capture *capture,
                    const struct frame *frame, const struct arrival *arrival)
{
    const struct packet *packet = &arrival->packet;
    struct view_list views;
    struct passage passage = {
        .capture = capture,
        .frame = frame,
        .packet = packet,
    };

    count_packet(engine, frame);
    if (packet->tunnel == PACKET_TUNNEL_GRE)
        count_carrier(engine, &passage);
    arena_reset(&engine->arena);
    event_list_init(&passage.events, &engine->arena);
    report_anomalies(engine, &passage);
    signatures_begin(engine, &passage, &views);
    if (has_flow(packet)) {
        place_on_flow(engine, &passage, &arrival->lookup);
        session_packet(engine, &passage);
        if (packet->protocol == IP_PROTOCOL_ICMPV6)
            nd_events(packet, &passage.events);
        else if (packet->protocol == IP_PROTOCOL_ICMP)
            icmp_events(packet, &passage.events);
    } else {
        read_link(engine, &passage);
    }
    if (!device_is_elsewhere(engine->devices, packet))
        count_activity(engine, &passage);
    deliver_all(engine, &passage, passage.flow, &passage.events);
    signatures_judge(engine, &passage);
    end_flows(engine, capture);
}

void engine_replace_signature(struct engine *engine,
                              const struct signature *signature)
{
    if (!engine->signature || !signature)
        return;
    signature_state_replace(engine->signature, signature);
    engine->options.signature = signature;
}

bool engine_ask_why(struct engine *engine, uint32_t gid, uint32_t sid)
{
    return engine->signature && signature_ask_why(engine->signature, gid, sid);
}

const struct why *engine_why(const struct engine *engine)
{
    return engine->signature ? signature_why(engine->signature) : NULL;
}

/*
 * Decode as many of the frames as may be read ahead; answers how many. What
 * was put together from fragments lies in the decoder's only buffer, so such a
 * packet is the last.
 */
static size_t read_ahead(struct engine *engine, const struct frame *frames,
                         size_t count)
{
    size_t done = 0;
    bool is_last = false;

    while (done < count && done < ENGINE_BATCH_MAX && !is_last) {
        struct arrival *arrival = &engine->arrivals[done];
        decode_frame(engine->decoder, &frames[done++], &arrival->packet);
        is_last = arrival->packet.is_reassembled;
        if (has_flow(&arrival->packet))
            arrival->lookup =
                flow_table_prepare(engine->flows, &arrival->packet);
    }
    for (size_t i = 0; i < done; i++)
        if (has_flow(&engine->arrivals[i].packet))
            flow_table_fetch(engine->flows, &engine->arrivals[i].lookup);
    return done;
}

void engine_frames(struct engine *engine, const struct capture *capture,
                   const struct frame *frames, size_t count)
{
    while (count > 0) {
        size_t done = read_ahead(engine, frames, count);
        for (size_t i = 0; i < done; i++)
            analyse(engine, capture, &frames[i], &engine->arrivals[i]);
        frames += done;
        count -= done;
    }
}

void engine_frame(struct engine *engine, const struct capture *capture,
                  const struct frame *frame)
{
    engine_frames(engine, capture, frame, 1);
}

void engine_advance(struct engine *engine, const struct capture *capture,
                    int64_t now_ns)
{
    arena_reset(&engine->arena);
    struct passage passage = { .capture = capture };

    flow_table_advance(engine->flows, now_ns);
    end_flows(engine, capture);
    arena_reset(&engine->arena);
    event_list_init(&passage.events, &engine->arena);
    activity_advance(engine->activity, capture, now_ns, &passage.events);
    deliver_all(engine, &passage, NULL, &passage.events);
}

void engine_finish(struct engine *engine, const struct capture *capture)
{
    struct passage passage = { .capture = capture };
    bool is_more = true;

    arena_reset(&engine->arena);
    flow_table_end_all(engine->flows);
    end_flows(engine, capture);
    while (is_more) {
        arena_reset(&engine->arena);
        event_list_init(&passage.events, &engine->arena);
        is_more =
            activity_finish(engine->activity, capture, &passage.events);
        deliver_all(engine, &passage, NULL, &passage.events);
    }
}

uint64_t engine_anomaly_count(const struct engine *engine,
                              enum anomaly anomaly)
{
    return decoder_anomaly_count(engine->decoder, anomaly);
}

void engine_read_counters(const struct engine *engine,
                          struct engine_counters *counters)
{
    struct flow_counters flows;
    struct stream_counters streams;
    struct evidence_counters evidence;
    struct activity_counters activity;

    flow_table_read_counters(engine->flows, &flows);
    stream_read_counters(engine->streams, &streams);
    evidence_read_counters(engine->evidence, &evidence);
    activity_read_counters(engine->activity, &activity);
    *counters = engine->counters;
    if (engine->allowed) {
        struct allowed_counters allowed;
        allowed_read_counters(engine->allowed, &allowed);
        counters->mud_names_evicted = allowed.names_evicted;
        counters->mud_devices_refused = allowed.devices_refused;
        counters->mud_uses_refused = allowed.uses_refused;
    }
    if (engine->intel) {
        struct intel_counters intel;
        intel_read_counters(engine->intel, &intel);
        counters->intel_regexes = intel.regexes_stopped;
        counters->intel_searches = intel.searches_stopped;
        counters->intel_observations = intel.observations_dropped;
    }
    counters->flows = flows.created;
    counters->flows_active = flows.active;
    counters->flows_evicted_unanswered = flows.evicted_unanswered;
    counters->flows_evicted_answered = flows.evicted_answered;
    counters->stream_gap_bytes = streams.gap_bytes;
    counters->stream_jumps = streams.jumps;
    counters->stream_refused_bytes = streams.refused_bytes;
    counters->stream_overlap_conflicts = streams.overlap_conflicts;
    counters->findings_unproven = finding_unproven(engine->findings);
    counters->findings_refused = finding_refused(engine->findings);
    counters->devices_refused =
        device_refused(engine->devices) + engine->controllers.evicted;
    if (engine->signature) {
        signature_read_counters(engine->signature, &counters->signature);
        view_memory_read_counters(engine->view_memory, &counters->views);
    }
    counters->evidence_refused = evidence.refused;
    counters->evidence_missed = evidence.missed;
    counters->counters_evicted_local = activity.evicted_local;
    counters->counters_evicted_remote = activity.evicted_remote;
}

void engine_release(struct engine *engine, const struct finding *finding)
{
    finding_release(engine->findings, finding->index);
}

const struct device_table *engine_devices(const struct engine *engine)
{
    return engine->devices;
}

const struct finding_table *engine_findings(const struct engine *engine)
{
    return engine->findings;
}

const struct evidence_store *engine_evidence(const struct engine *engine)
{
    return engine->evidence;
}

const struct allowed_state *engine_allowed(const struct engine *engine)
{
    return engine->allowed;
}
