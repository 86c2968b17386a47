/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/stats.h"

#include "format/json_writer.h"

static void member(struct json_writer *json, const char *key, uint64_t number)
{
    json_key(json, key);
    json_number(json, number);
}

static void member_if_any(struct json_writer *json, const char *key,
                          uint64_t number)
{
    if (number > 0)
        member(json, key, number);
}

static void write_events(struct json_writer *json,
                         const struct engine_counters *counters)
{
    json_key(json, "events");
    json_object_open(json);
    for (size_t i = 0; i < EVENT_TYPE_COUNT; i++)
        member_if_any(json, event_type_name((enum event_type)i),
                      counters->events_by_type[i]);
    json_object_close(json);
}

static void write_anomalies(struct json_writer *json,
                            const struct engine *engine)
{
    json_key(json, "anomalies");
    json_object_open(json);
    for (int i = 0; i < ANOMALY_COUNT; i++)
        member_if_any(json, anomaly_name((enum anomaly)i),
                      engine_anomaly_count(engine, (enum anomaly)i));
    json_object_close(json);
}

static void write_dropped(struct json_writer *json,
                          const struct engine_counters *c,
                          const struct capture_status *status)
{
    const struct {
        const char *name;
        uint64_t count;
    } limits[] = {
        { "kernel", status->kernel_drops },
        { "capture_warnings", status->warnings },
        { "flows_evicted_unanswered", c->flows_evicted_unanswered },
        { "flows_evicted_answered", c->flows_evicted_answered },
        { "flows_not_read", c->sessions_refused },
        { "stream_gap_bytes", c->stream_gap_bytes },
        { "stream_jumps", c->stream_jumps },
        { "stream_refused_bytes", c->stream_refused_bytes },
        { "stream_overlap_conflicts", c->stream_overlap_conflicts },
        { "events", c->events_dropped },
        { "alerts", c->alerts_dropped },
        { "alert_facts", c->facts_dropped },
        { "rule_checks", c->signature.verify_stopped },
        { "rule_regexes", c->signature.regexes_stopped },
        { "rule_transactions", c->signature.transactions_refused },
        { "rule_waits", c->signature.waits_refused },
        { "rule_flows", c->signature.flows_evicted },
        { "rule_streams", c->signature.streams_evicted },
        { "rule_bytes", c->signature.bytes_not_inspected },
        { "rule_bits", c->signature.bits_refused },
        { "rule_alerts", c->signature.alerts_dropped },
        { "rule_view_bytes", c->views.text_refused },
        { "rule_view_bodies", c->views.inflate_refused },
        { "indicator_regexes", c->intel_regexes },
        { "indicator_searches", c->intel_searches },
        { "indicator_observations", c->intel_observations },
        { "findings", c->findings_refused },
        { "findings_unproven", c->findings_unproven },
        { "devices", c->devices_refused },
        { "evidence_no_room", c->evidence_refused },
        { "evidence_too_late", c->evidence_missed },
        { "mud_names", c->mud_names_evicted },
        { "mud_devices", c->mud_devices_refused },
        { "mud_uses", c->mud_uses_refused },
        { "counters_local", c->counters_evicted_local },
        { "counters_remote", c->counters_evicted_remote },
    };

    json_key(json, "dropped");
    json_object_open(json);
    for (size_t i = 0; i < COUNT_OF(limits); i++)
        member_if_any(json, limits[i].name, limits[i].count);
    json_object_close(json);
}

void engine_stats_write(struct writer *out, const struct engine *engine,
                        const struct capture_status *status)
{
    struct engine_counters counters;
    struct json_writer json;

    engine_read_counters(engine, &counters);
    json_init(&json, out);
    json_object_open(&json);
    member(&json, "packets", counters.packets);
    member(&json, "bytes", counters.bytes);
    member(&json, "flows", counters.flows);
    write_events(&json, &counters);
    write_anomalies(&json, engine);
    write_dropped(&json, &counters, status);
    json_key(&json, "seconds");
    json_double(&json, (double)(counters.last_ns - counters.first_ns) / 1e9);
    json_object_close(&json);
}
