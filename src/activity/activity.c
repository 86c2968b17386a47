/* SPDX-License-Identifier: Apache-2.0 */
#include "activity/activity.h"

#include <stdlib.h>
#include <string.h>

#include "activity/internal.h"
#include "base/memory.h"

struct activity *activity_new(const struct activity_options *options)
{
    struct activity *activity = memory_new(1, sizeof *activity);

    activity->options = *options;
    contacts_init(activity);
    rates_init(activity);
    services_init(activity);
    regular_init(activity);
    return activity;
}

void activity_free(struct activity *activity)
{
    if (!activity)
        return;
    contacts_clear(activity);
    ways_clear(&activity->rates);
    ways_clear(&activity->services);
    ways_clear(&activity->regular);
    free(activity->strangers);
    free(activity->open);
    free(activity);
}

uint64_t activity_mix(uint64_t hash, uint64_t number)
{
    /* The finalizer of SplitMix64 (Steele, Lea and Flood 2014). */
    uint64_t mixed = hash ^ (number * 0x9e3779b97f4a7c15);

    mixed = (mixed ^ mixed >> 30) * 0xbf58476d1ce4e5b9;
    mixed = (mixed ^ mixed >> 27) * 0x94d049bb133111eb;
    mixed ^= mixed >> 31;
    return mixed ? mixed : 1;
}

uint64_t activity_hash_ip(const struct activity *activity, struct ip ip)
{
    uint64_t words[2];

    memcpy(words, ip.bytes, sizeof words);
    return hash_words(activity->options.key, words, COUNT_OF(words));
}

bool majority_add(struct majority *majority, bool same)
{
    majority->total++;
    if (same && majority->lead > 0) {
        majority->lead++;
        return false;
    }
    if (majority->lead == 0) {
        majority->lead = 1;
        return true;
    }
    majority->lead--;
    return false;
}

/* The lead is what is left of the candidate's count after every other value
 * took away one, so the candidate had at least that many. */
uint32_t majority_share(const struct majority *majority)
{
    if (majority->total == 0)
        return 0;
    return (uint32_t)((uint64_t)majority->lead * 100 / majority->total);
}

static void kept_copy(struct activity *activity, struct kept *kept)
{
    struct frame_mark marks[ACTIVITY_MARK_MAX];
    uint8_t marked = kept->marked;

    memcpy(marks, kept->marks, sizeof marks);
    kept->marked = 0;
    for (uint8_t i = 0; i < marked; i++) {
        struct evidence_scene scene = {
            .store = activity->options.store,
            .capture = activity->capture,
            .marks = &marks[i],
            .count = 1,
        };
        kept->count += (uint8_t)evidence_keep_scene(
            &scene, &kept->ids[kept->count], 1);
    }
}

void kept_add(struct activity *activity, struct kept *kept,
              const struct frame *frame, bool roll)
{
    const uint8_t half = ACTIVITY_EVIDENCE_MAX / 2;

    if (kept->count == 0 && kept->marked < ACTIVITY_MARK_MAX) {
        kept->marks[kept->marked++] = frame->mark;
        return;
    }
    if (evidence_is_scarce(activity->options.store))
        return;
    if (kept->marked > 0)
        kept_copy(activity, kept);
    if (kept->count >= ACTIVITY_EVIDENCE_MAX && !roll)
        return;
    uint32_t id = evidence_keep(activity->options.store, frame);
    if (id == EVIDENCE_NONE)
        return;
    if (kept->count < ACTIVITY_EVIDENCE_MAX) {
        kept->ids[kept->count++] = id;
        return;
    }
    uint32_t *place = &kept->ids[half + kept->oldest];
    evidence_drop(activity->options.store, *place);
    *place = id;
    kept->oldest = (uint8_t)((kept->oldest + 1) % half);
}

void kept_clear(struct activity *activity, struct kept *kept)
{
    for (uint8_t i = 0; i < kept->count; i++)
        evidence_drop(activity->options.store, kept->ids[i]);
    kept->marked = 0;
    kept->count = 0;
    kept->oldest = 0;
}

static void stamp(struct event_context *context, const struct host *host,
                  bool is_source)
{
    if (is_source) {
        context->source = host->ip;
        context->source_local = host->is_local;
        context->source_device = host->device;
        context->source_mac = host->mac;
    } else {
        context->destination = host->ip;
        context->destination_local = host->is_local;
        context->destination_device = host->device;
        context->destination_mac = host->mac;
    }
    context->has_mac |= host->has_mac;
}

struct event *activity_event(struct activity *activity, const char *kind,
                             const struct host *source,
                             const struct host *destination,
                             struct event_list *events)
{
    struct event *event = event_new(events, EVENT_ACTIVITY);

    if (!event)
        return NULL;
    event->context.time_ns = activity->now_ns;
    event->context.has_ip = true;
    event->context.no_source = !source;
    event->context.no_destination = !destination;
    if (source)
        stamp(&event->context, source, true);
    if (destination)
        stamp(&event->context, destination, false);
    event_set_literal(event, FIELD_ACTIVITY_KIND, kind);
    return event;
}

void activity_set_distinct(struct event *event, enum event_field field,
                           const char *name, const struct distinct *distinct,
                           uint32_t max)
{
    event_set_number(event, field, distinct_count_of(distinct, max));
    if (distinct->is_estimate)
        event_set_literal(event, FIELD_ACTIVITY_ESTIMATED, name);
}

/* What is only marked stays so: a copy is for whoever raises an alert. */
static void attach_marks(struct event *event, const struct kept *kept)
{
    size_t size = kept->marked * sizeof kept->marks[0];
    struct frame_mark *marks = arena_allocate(event->arena, size);

    memcpy(marks, kept->marks, size);
    event->marks = marks;
    event->mark_count = kept->marked;
}

void activity_attach(struct activity *activity, struct event *event,
                     const struct kept *kept)
{
    if (!event)
        return;
    if (kept->marked > 0) {
        attach_marks(event, kept);
        return;
    }
    uint32_t *ids = arena_allocate(event->arena, sizeof kept->ids);
    for (uint8_t i = 0; i < kept->count; i++) {
        evidence_hold(activity->options.store, kept->ids[i]);
        ids[i] = kept->ids[i];
    }
    event->evidence = ids;
    event->evidence_count = kept->count;
}

static uint64_t end_hash(struct activity *activity, struct end *end,
                         struct ip ip)
{
    if (!end->has_ip_hash)
        end->ip_hash = activity_hash_ip(activity, ip);
    end->has_ip_hash = true;
    return end->ip_hash;
}

uint64_t activity_hash_source(struct activity *activity,
                              const struct activity_packet *in)
{
    return end_hash(activity, &activity->source, in->packet->source);
}

uint64_t activity_hash_destination(struct activity *activity,
                                   const struct activity_packet *in)
{
    return end_hash(activity, &activity->destination,
                    in->packet->destination);
}

/* By its device if it has one: that stays when the address changes. */
static uint64_t host_hash(struct activity *activity, struct end *end)
{
    if (end->host.device == DEVICE_NONE)
        return end_hash(activity, end, end->host.ip);
    return activity_mix(activity->options.key.high, end->host.device);
}

const struct host *activity_source(struct activity *activity,
                                   const struct activity_packet *in)
{
    struct end *end = &activity->source;
    struct host *host = &end->host;

    if (end->has_host)
        return host;
    host->device = in->ends.source;
    host->is_local = in->ends.source_local;
    host->ip = in->packet->source;
    host->mac = in->packet->source_mac;
    host->has_mac = in->packet->has_mac;
    host->hash = host_hash(activity, end);
    end->has_host = true;
    return host;
}

const struct host *activity_destination(struct activity *activity,
                                        const struct activity_packet *in)
{
    struct end *end = &activity->destination;
    struct host *host = &end->host;

    if (end->has_host)
        return host;
    host->device = in->ends.destination;
    host->is_local = in->ends.destination_local;
    host->ip = in->packet->destination;
    host->mac = in->packet->destination_mac;
    host->has_mac = in->packet->has_mac;
    host->hash = host_hash(activity, end);
    end->has_host = true;
    return host;
}

static void forget_ends(struct activity *activity)
{
    activity->source.has_host = activity->source.has_ip_hash = false;
    activity->destination.has_host = false;
    activity->destination.has_ip_hash = false;
}

void activity_count(struct activity *activity,
                    const struct activity_packet *packet,
                    struct event_list *events)
{
    activity->now_ns = packet->packet->mark.time_ns;
    activity->capture = packet->capture;
    forget_ends(activity);
    uint64_t regular = packet->is_new ? regular_tag(activity, packet) : 0;
    ways_prefetch_set(&activity->regular, regular);
    contacts_count(activity, packet, events);
    if (!packet->flow)
        return;
    ways_prefetch_entry(&activity->regular, regular);
    rates_count(activity, packet, events);
    services_count(activity, packet, events);
    if (regular != 0)
        regular_count(activity, packet, regular, events);
}

void activity_advance(struct activity *activity,
                      const struct capture *capture, int64_t now_ns,
                      struct event_list *events)
{
    if (now_ns > activity->now_ns)
        activity->now_ns = now_ns;
    activity->capture = capture;
    contacts_settle(activity, events);
}

static int by_number(const void *a, const void *b)
{
    const struct open_contacts *first = a;
    const struct open_contacts *second = b;

    return first->number < second->number ? -1
                                          : first->number > second->number;
}

static void add_open(struct activity *activity, const struct ways *table)
{
    for (size_t i = 0; i < ways_count(table); i++) {
        uint64_t number = contacts_number(table, i);
        if (number > 0)
            activity->open[activity->open_count++] =
                (struct open_contacts){ number, table, i };
    }
}

/* In the order of their beginning: where they stand depends on the key. */
static void order_open(struct activity *activity)
{
    size_t all = ways_count(&activity->local) + ways_count(&activity->remote);

    activity->open = memory_new(all, sizeof *activity->open);
    add_open(activity, &activity->local);
    add_open(activity, &activity->remote);
    qsort(activity->open, activity->open_count, sizeof *activity->open,
          by_number);
}

bool activity_finish(struct activity *activity,
                     const struct capture *capture, struct event_list *events)
{
    activity->capture = capture;
    if (!activity->open)
        order_open(activity);
    while (activity->finish_at < activity->open_count &&
           events->count < EVENT_LIST_MAX / 2) {
        const struct open_contacts *next =
            &activity->open[activity->finish_at++];
        contacts_finish(activity, next->table, next->index, events);
    }
    return events->count > 0;
}

void activity_read_counters(const struct activity *activity,
                            struct activity_counters *counters)
{
    const struct ways *all[] = { &activity->local, &activity->remote,
                                 &activity->rates, &activity->services,
                                 &activity->regular };
    size_t memory = sizeof *activity +
                    ACTIVITY_STRANGER_MAX * sizeof *activity->strangers;

    for (size_t i = 0; i < COUNT_OF(all); i++)
        memory += ways_memory(all[i]);
    *counters = (struct activity_counters){
        .evicted_local = activity->local.evicted + activity->rates.evicted +
                         activity->services.evicted +
                         activity->regular.evicted,
        .evicted_remote = activity->remote.evicted,
        .memory_bytes = memory,
    };
}
