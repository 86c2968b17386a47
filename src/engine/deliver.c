/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Every event goes the same way: who and when is stamped on it, the inventory
 * learns from it, EVE writes it, the detections judge it, and what they say
 * becomes findings.
 */
#include "dissect/flow_event.h"
#include "engine/internal.h"

static void stamp_packet(struct event_context *context,
                         const struct packet *packet)
{
    if (packet->layer == PACKET_LAYER_IP) {
        context->has_ip = true;
        context->source = packet->source;
        context->destination = packet->destination;
        context->protocol = packet->protocol;
        context->has_ports = packet->has_transport &&
                             (packet->source_port != 0 ||
                              packet->destination_port != 0);
        context->source_port = packet->source_port;
        context->destination_port = packet->destination_port;
        context->icmp_type = packet->icmp_type;
        context->icmp_code = packet->icmp_code;
    } else if (packet->layer == PACKET_LAYER_ARP) {
        context->has_ip = true;
        context->source = packet->arp.sender_ip;
        context->destination = packet->arp.target_ip;
    }
}

static bool is_icmp(uint8_t protocol)
{
    return protocol == IP_PROTOCOL_ICMP || protocol == IP_PROTOCOL_ICMPV6;
}

static void stamp_flow(struct event_context *context, const struct flow *flow)
{
    const struct session *session = flow->session;

    if (session && session->has_tunnel) {
        context->has_tunnel = true;
        context->tunnel_source = session->tunnel_source;
        context->tunnel_destination = session->tunnel_destination;
    }
    if (flow->app_protocol > 0)
        context->app_protocol = dissector_table[flow->app_protocol - 1]->name;
    context->has_ip = true;
    context->source = flow->address[FLOW_ORIGINATOR];
    context->destination = flow->address[FLOW_RESPONDER];
    context->protocol = flow->protocol;
    context->flow_number = flow->number;
    if (is_icmp(flow->protocol)) {
        context->icmp_type = (uint8_t)flow->port[FLOW_ORIGINATOR];
        context->icmp_code = (uint8_t)flow->port[FLOW_RESPONDER];
        return;
    }
    context->source_port = flow->port[FLOW_ORIGINATOR];
    context->destination_port = flow->port[FLOW_RESPONDER];
    context->has_ports =
        context->source_port != 0 || context->destination_port != 0;
}

static void stamp_macs(struct event_context *context,
                       const struct passage *passage, bool is_reversed)
{
    const struct packet *packet = passage->packet;

    context->has_mac = packet->has_mac;
    context->source_mac =
        is_reversed ? packet->destination_mac : packet->source_mac;
    context->destination_mac =
        is_reversed ? packet->source_mac : packet->destination_mac;
    context->vlan_count = packet->vlan_count < EVENT_VLAN_MAX
                              ? packet->vlan_count
                              : EVENT_VLAN_MAX;
    for (uint8_t i = 0; i < context->vlan_count; i++)
        context->vlan[i] = packet->vlan[i];
    context->interface = packet->mark.interface;
}

static void stamp_ends(struct engine *engine, struct event_context *context,
                       const struct passage *passage, const struct flow *flow)
{
    struct device_table *devices = engine->devices;

    if (flow) {
        context->source_device = flow_device(flow, FLOW_ORIGINATOR);
        context->destination_device = flow_device(flow, FLOW_RESPONDER);
        context->source_local =
            context->source_device != DEVICE_NONE ||
            device_is_local_ip(devices, context->source);
        context->destination_local =
            context->destination_device != DEVICE_NONE ||
            device_is_local_ip(devices, context->destination) ||
            ip_is_multicast(context->destination) ||
            ip_is_broadcast(context->destination);
        return;
    }
    context->source_device = passage->ends.source;
    context->destination_device = passage->ends.destination;
    context->source_local = passage->ends.source_local;
    context->destination_local = passage->ends.destination_local;
}

/* MACs of a flow that has ended: those of its devices. */
static void stamp_device_macs(const struct engine *engine,
                              struct event_context *context)
{
    const struct device *device;

    if (context->source_device != DEVICE_NONE) {
        device = device_get(engine->devices, context->source_device);
        context->source_mac = device->mac;
        context->has_mac |= device->has_mac;
    }
    if (context->destination_device != DEVICE_NONE) {
        device = device_get(engine->devices, context->destination_device);
        context->destination_mac = device->mac;
        context->has_mac |= device->has_mac;
    }
}

/*
 * In DHCP the matter is who gives out addresses, not who spoke first on the
 * flow, and a message is about its sender; as is an alert. A TFTP transfer is
 * the client's, though the server begins its flow.
 */
void deliver_turn(struct event_context *context)
{
    const struct event_context flow = *context;

    context->source = flow.destination;
    context->destination = flow.source;
    context->source_port = flow.destination_port;
    context->destination_port = flow.source_port;
    context->source_device = flow.destination_device;
    context->destination_device = flow.source_device;
    context->source_local = flow.destination_local;
    context->destination_local = flow.source_local;
    context->source_mac = flow.destination_mac;
    context->destination_mac = flow.source_mac;
}

/* Activity events know who they are about; all others are stamped here. */
/* News of a device is about that device alone, whoever's packet brought it. */
static void turn_to_device(const struct engine *engine, struct event *event,
                           uint32_t about)
{
    struct event_context *context = &event->context;
    const struct device *device = device_get(engine->devices, about);
    const struct event_value *address =
        event_get(event, FIELD_DEVICE_ADDRESS);

    context->source_device = about;
    context->destination_device = DEVICE_NONE;
    context->source_local = true;
    context->destination_local = true;
    context->no_destination = true;
    context->has_ports = false;
    context->protocol = 0;
    context->has_mac = device->has_mac;
    context->source_mac = device->mac;
    context->has_ip = true;
    if (address)
        context->source = address->ip;
    else
        context->has_ip = device_main_address(device, &context->source);
}

void deliver_stamp(struct engine *engine, const struct passage *passage,
                   const struct flow *flow, struct event *event)
{
    struct event_context *context = &event->context;
    uint32_t about = context->source_device; /* Of news of a device. */

    if (passage->packet) {
        context->packet_number = passage->packet->mark.number;
        if (event->type != EVENT_ACTIVITY)
            context->time_ns = passage->packet->mark.time_ns;
    } else if (flow) {
        context->time_ns = flow->last_ns;
    }
    if (event->type == EVENT_ACTIVITY)
        return;
    if (flow)
        stamp_flow(context, flow);
    else if (passage->packet)
        stamp_packet(context, passage->packet);
    stamp_ends(engine, context, passage, flow);
    if (passage->packet)
        stamp_macs(context, passage,
                   flow && passage->side == FLOW_RESPONDER);
    else
        stamp_device_macs(engine, context);
    forged_stamp(engine, passage, event);
    if (event->is_turned || (event->type == EVENT_DHCP && flow &&
                             passage->side == FLOW_RESPONDER))
        deliver_turn(context);
    if (event->type == EVENT_DEVICE && about != DEVICE_NONE)
        turn_to_device(engine, event, about);
}

/* What people call the device, for sentences. */
static void name_end(const struct engine *engine, uint32_t index,
                     char name[FINDING_NAME_SIZE])
{
    if (index != DEVICE_NONE)
        (void)device_name(device_get(engine->devices, index), name);
}

_Static_assert((int)DEVICE_NAME_SIZE == (int)FINDING_NAME_SIZE,
               "a name fits as it is");

static struct finding_subject subject_of(const struct engine *engine,
                                         const struct alert *alert)
{
    const struct event_context *context = &alert->event->context;
    bool about_source = alert->subject == SUBJECT_SOURCE;
    uint32_t index = about_source ? context->source_device
                                  : context->destination_device;
    struct finding_subject subject = {
        .index = index,
        .address = about_source ? context->source : context->destination,
    };

    name_end(engine, index, subject.name);
    name_end(engine, about_source ? context->destination_device
                                  : context->source_device,
             subject.peer_name);
    subject.has_address = context->has_ip && !ip_is_zero(subject.address) &&
                          !(context->is_forged && index == context->forger);
    if (index == DEVICE_NONE)
        return subject;
    const struct device *device = device_get(engine->devices, index);
    subject.device = device->id;
    subject.mac = device->mac;
    subject.has_mac = device->has_mac;
    if (!subject.has_address)
        subject.has_address = device_main_address(device, &subject.address);
    return subject;
}

void deliver_findings(struct engine *engine, const struct alert_list *alerts,
                      const struct evidence_scene *scene)
{
    for (size_t i = 0; i < alerts->count; i++) {
        const struct alert *alert = &alerts->alerts[i];
        struct finding_subject subject = subject_of(engine, alert);
        bool is_new;
        const struct finding *finding =
            finding_add(engine->findings, alert, &subject, scene, &is_new);
        if (finding && engine->options.on_finding)
            engine->options.on_finding(engine->options.context, finding,
                                       is_new);
    }
    engine->counters.alerts_dropped += alerts->dropped;
    engine->counters.facts_dropped += alerts->facts_dropped;
}

/* The frame that began a flow which had no content to remember. */
static size_t first_mark(const struct engine *engine, const struct flow *flow,
                         struct frame_mark *mark)
{
    if (!engine->first_frames || !flow)
        return 0;
    const struct first_frame *first =
        &engine->first_frames[flow->number % ENGINE_FIRST_COUNT];
    if (first->flow_number != flow->number)
        return 0;
    *mark = first->mark;
    return 1;
}

static bool is_wanted(const struct engine *engine, const struct event *event)
{
    return (engine->behaviour &&
            behaviour_wants(engine->options.behaviour, event->type)) ||
           (engine->allowed && allowed_wants(event->type)) ||
           (engine->intel_types >> event->type & 1);
}

void deliver_scene(struct engine *engine, const struct passage *passage,
                   const struct flow *flow, struct frame_mark *marks,
                   struct evidence_scene *scene)
{
    *scene = (struct evidence_scene){
        .store = engine->evidence,
        .capture = passage->capture,
        .marks = marks,
        .count = session_marks(engine, flow, marks),
    };
    if (scene->count == 0 && passage->packet)
        marks[scene->count++] = passage->packet->mark;
}

static void judge(struct engine *engine, const struct passage *passage,
                  const struct flow *flow, const struct event *event)
{
    struct frame_mark marks[ENGINE_MARK_FIRST + ENGINE_MARK_LATEST];
    struct evidence_scene scene = {
        .store = engine->evidence,
        .capture = passage->capture,
        .marks = marks,
        .kept = event->evidence,
        .kept_count = event->evidence_count,
    };
    struct alert_list alerts;

    if (!is_wanted(engine, event))
        return;
    if (event->mark_count > 0) {
        scene.marks = event->marks;
        scene.count = event->mark_count;
    } else if (event->evidence_count == 0) {
        scene.count = session_marks(engine, flow, marks);
    }
    if (scene.count == 0 && event->evidence_count == 0 && passage->packet)
        marks[scene.count++] = passage->packet->mark;
    if (scene.count == 0 && event->evidence_count == 0)
        scene.count = first_mark(engine, flow, marks);
    alert_list_init(&alerts, &engine->arena);
    if (engine->behaviour)
        behaviour_match(engine->behaviour, event, &scene, &alerts);
    if (engine->allowed)
        allowed_observe(engine->allowed, engine->devices, event, &alerts);
    if (engine->intel_types >> event->type & 1)
        intel_match(engine->intel, event, &alerts);
    if (alerts.count > 0)
        deliver_findings(engine, &alerts, &scene);
}

void deliver_event(struct engine *engine, const struct passage *passage,
                   const struct flow *flow, struct event *event)
{
    struct event_list news;

    deliver_stamp(engine, passage, flow, event);
    acquaintance_stamp(engine, event);
    engine->counters.events++;
    engine->counters.events_by_type[event->type]++;
    event_list_init(&news, &engine->arena);
    device_learn(engine->devices, event, &news);
    if (engine->options.on_event)
        engine->options.on_event(engine->options.context, event);
    judge(engine, passage, flow, event);
    for (uint32_t i = 0; i < event->evidence_count; i++)
        evidence_drop(engine->evidence, event->evidence[i]);
    for (struct event *next = news.first; next; next = next->next)
        if (next->type != event->type)
            deliver_event(engine, passage, flow, next);
}

void deliver_alert(struct engine *engine, const struct passage *passage,
                   struct event *event)
{
    engine->counters.events++;
    engine->counters.events_by_type[event->type]++;
    if (engine->options.on_event)
        engine->options.on_event(engine->options.context, event);
    judge(engine, passage, passage->flow, event);
}
