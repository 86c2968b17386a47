/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Suricata rules on the way of a packet: what they look into is put together,
 * they judge, and their alerts become EVE events and findings.
 */
#include "base/check.h"
#include "engine/internal.h"
#include "engine/judged.h"

void signatures_begin(struct engine *engine, struct passage *passage,
                      struct view_list *views)
{
    const uint64_t *wanted;

    if (!engine->signature)
        return;
    wanted = signature_wanted_views(engine->options.signature);
    view_list_init(views, &engine->arena);
    for (size_t i = 0; i < COUNT_OF(views->wanted); i++)
        views->wanted[i] = wanted[i];
    passage->views = views;
}

static const char *action_name(enum rule_action action)
{
    switch (action) {
    case RULE_DROP: return "drop";
    case RULE_REJECT: return "reject";
    case RULE_ALERT:
    case RULE_PASS: break;
    }
    return NULL;
}

/* "key value", as the field table wants pairs: the key one ASCII word, so that
 * no two become the same in JSON. */
static struct bytes pair_of(struct arena *arena,
                            const struct rule_metadata *metadata)
{
    struct bytes key = bytes_of_text(metadata->key);
    struct bytes value = bytes_of_text(metadata->value);
    uint8_t *text = arena_allocate(arena, key.size + 1 + value.size);

    for (size_t i = 0; i < key.size; i++)
        text[i] = key.data[i] > ' ' && key.data[i] < 0x7f ? key.data[i] : '_';
    text[key.size] = ' ';
    for (size_t i = 0; i < value.size; i++)
        text[key.size + 1 + i] = value.data[i];
    return bytes_of(text, key.size + 1 + value.size);
}

static void describe(struct engine *engine, struct event *event,
                     const struct rule *rule)
{
    const char *action = action_name((enum rule_action)rule->action);

    event_set_literal(event, FIELD_ALERT_ACTION, "allowed");
    event_set_number(event, FIELD_ALERT_GID, rule->gid);
    event_set_number(event, FIELD_ALERT_SID, rule->sid);
    event_set_number(event, FIELD_ALERT_REVISION, rule->revision);
    event_set_literal(event, FIELD_ALERT_SIGNATURE, rule->detection.title);
    event_set_literal(event, FIELD_ALERT_CATEGORY,
                      rule->class_text ? rule->class_text : "");
    event_set_number(event, FIELD_ALERT_SEVERITY, rule->priority);
    for (size_t i = 0; i < rule->metadata_count; i++)
        event_set_text(event, FIELD_ALERT_METADATA,
                       pair_of(&engine->arena, &rule->metadata[i]));
    if (action)
        event_set_literal(event, FIELD_ALERT_RULE_ACTION, action);
}

/* The record of the same exchange, when it came with this packet. */
static const struct event *record_of(const struct passage *passage,
                                     const char *application)
{
    enum event_type type;

    if (!application)
        return NULL;
    type = event_type_find(bytes_of_text(application));
    for (struct event *event = passage->events.first; event;
         event = event->next)
        if (type != EVENT_TYPE_COUNT && event->type == type)
            return event;
    return NULL;
}

static void tell(struct engine *engine, const struct passage *passage,
                 const struct event *stamp, const struct alert *alert)
{
    /* A rule begins with its detection, and these come from no other set. */
    const struct rule *rule = (const struct rule *)alert->detection;
    const char *application = stamp->context.app_protocol;
    const struct event *record = record_of(passage, application);
    struct event_list list;

    event_list_init(&list, &engine->arena);
    struct event *event = event_new(&list, EVENT_ALERT);
    describe(engine, event, rule);
    if (passage->flow)
        event_set_literal(event, FIELD_ALERT_DIRECTION,
                          passage->side == FLOW_ORIGINATOR ? "to_server"
                                                           : "to_client");
    if (record)
        event_include(event, record);
    event->context = stamp->context;
    deliver_alert(engine, passage, event);
}

static void raise_alerts(struct engine *engine, const struct passage *passage,
                         const struct event *stamp,
                         const struct alert_list *alerts,
                         const struct evidence_scene *scene)
{
    if (alerts->count == 0 && alerts->dropped == 0)
        return;
    for (size_t i = 0; i < alerts->count; i++)
        tell(engine, passage, stamp, &alerts->alerts[i]);
    deliver_findings(engine, alerts, scene);
}

/* An alert is about a packet: from whom to whom it went, not who began. */
static void turn_to_packet(struct event_context *context,
                           const struct packet *packet)
{
    if (packet->layer != PACKET_LAYER_IP ||
        ip_equal(context->source, packet->source))
        return;
    deliver_turn(context);
}

static const char *application_of(const struct flow *flow)
{
    return flow && flow->app_protocol > 0
               ? dissector_table[flow->app_protocol - 1]->name
               : NULL;
}

static struct signature_input input_of(const struct passage *passage,
                                       const struct flow *flow,
                                       const struct event *stamp)
{
    const struct session *session = flow ? flow->session : NULL;
    struct signature_input input = {
        .packet = passage->packet,
        .flow = flow,
        .side = passage->side,
        .application = application_of(flow),
        .views = passage->views,
        .events = &passage->events,
        .event = stamp,
    };

    if (session) {
        input.stream_size[0] = session->read_to[0];
        input.stream_size[1] = session->read_to[1];
        input.is_opaque = session->is_opaque;
    }
    return input;
}

static void set_run(struct signature_input *input,
                    const struct stream_run *run)
{
    input->stream = run->data;
    input->stream_offset = run->offset;
    input->stream_gap = run->gap;
    input->side = run->side;
}

/* The run that goes with the packet: the first of its own side. */
static size_t main_run(const struct passage *passage)
{
    for (size_t i = 0; i < passage->run_count; i++)
        if (passage->runs[i].side == passage->side)
            return i;
    return passage->run_count;
}

/* Further runs: a hole closed, or an acknowledgement gave one up. */
static void judge_more(struct engine *engine,
                       const struct passage *passage,
                       const struct signature_input *first,
                       const struct evidence_scene *scene,
                       struct alert_list *alerts)
{
    size_t done = main_run(passage);

    for (size_t i = 0; i < passage->run_count; i++) {
        struct signature_input input = *first;
        if (i == done)
            continue;
        input.packet = NULL;
        input.views = NULL;
        input.events = NULL;
        set_run(&input, &passage->runs[i]);
        signature_match(engine->signature, &input, scene, alerts);
    }
}

/* What dissectors say in their own words, and Suricata in its. */
static const struct {
    const char *ours;
    const char *theirs;
} event_names[] = {
    { "dns_truncated", "dns_malformed_data" },
    { "dns_stream_truncated", "dns_malformed_data" },
    { "tls_malformed_record", "tls_invalid_tls_header" },
    { "tls_malformed_hello", "tls_invalid_handshake_message" },
    { "tls_empty_handshake", "tls_invalid_handshake_message" },
    { "ssh_banner_too_long", "ssh_long_banner" },
    { "ssh_malformed_packet", "ssh_invalid_record" },
    { "ssh_malformed_kexinit", "ssh_invalid_record" },
    { "snmp_malformed", "snmp_malformed_data" },
    { "mqtt_bad_type", "mqtt_unassigned_msg_type" },
    { "mqtt_bad_packet", "mqtt_malformed_traffic" },
    { "mqtt_bad_length", "mqtt_malformed_traffic" },
    { "sip_bad_first_line", "sip_invalid_data" },
    { "modbus_malformed", "modbus_invalid_protocol_id" },
};

static void add_note(struct passage *passage, const char *name)
{
    struct event *event = event_new(&passage->events, EVENT_ANOMALY);

    event_set_literal(event, FIELD_ANOMALY_TYPE, "applayer");
    event_set_literal(event, FIELD_ANOMALY_EVENT, name);
}

/* The names that rules know, besides the events that were told already. */
static void add_names(struct passage *passage)
{
    const struct event *last = passage->events.last;

    for (struct event *event = passage->events.first; event;
         event = event == last ? NULL : event->next) {
        struct bytes name = event_text(event, FIELD_ANOMALY_EVENT);
        if (event->type != EVENT_ANOMALY)
            continue;
        for (size_t i = 0; i < COUNT_OF(event_names); i++)
            if (bytes_equal(name, bytes_of_text(event_names[i].ours)))
                add_note(passage, event_names[i].theirs);
    }
    for (uint32_t i = 0; i < passage->views->note_count; i++)
        add_note(passage, passage->views->notes[i]);
}

void signatures_judge(struct engine *engine, struct passage *passage)
{
    struct frame_mark marks[ENGINE_MARK_FIRST + ENGINE_MARK_LATEST];
    struct event stamp = { .type = EVENT_ALERT };
    struct evidence_scene scene;
    struct alert_list alerts;
    size_t run = main_run(passage);

    if (!engine->signature)
        return;
    deliver_stamp(engine, passage, passage->flow, &stamp);
    turn_to_packet(&stamp.context, passage->packet);
    deliver_scene(engine, passage, passage->flow, marks, &scene);
    alert_list_init(&alerts, &engine->arena);
    add_names(passage);
    struct signature_input input = input_of(passage, passage->flow, &stamp);
    if (run < passage->run_count)
        set_run(&input, &passage->runs[run]);
    signature_match(engine->signature, &input, &scene, &alerts);
    judge_more(engine, passage, &input, &scene, &alerts);
    engine->counters.views_dropped += passage->views->dropped;
    raise_alerts(engine, passage, &stamp, &alerts, &scene);
}

void signatures_end(struct engine *engine, struct passage *passage,
                    struct flow *flow)
{
    struct frame_mark marks[ENGINE_MARK_FIRST + ENGINE_MARK_LATEST];
    struct event stamp = { .type = EVENT_ALERT };
    struct evidence_scene scene;
    struct alert_list alerts;

    if (!engine->signature)
        return;
    deliver_stamp(engine, passage, flow, &stamp);
    deliver_scene(engine, passage, flow, marks, &scene);
    alert_list_init(&alerts, &engine->arena);
    struct event_list told = passage->events;
    add_names(passage);
    struct signature_input input = input_of(passage, flow, &stamp);
    if (passage->views->count > 0 || passage->events.first)
        signature_match(engine->signature, &input, &scene, &alerts);
    signature_flow_end(engine->signature, &input, &scene, &alerts);
    passage->events = told; /* The rest is yet to be delivered. */
    if (told.last)
        told.last->next = NULL;
    raise_alerts(engine, passage, &stamp, &alerts, &scene);
}
