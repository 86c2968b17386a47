/* SPDX-License-Identifier: Apache-2.0 */
#include "activity/activity.h"

#include <stdlib.h>

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
    ways_clear(&activity->local);
    ways_clear(&activity->remote);
    ways_clear(&activity->rates);
    ways_clear(&activity->services);
    ways_clear(&activity->regular);
    free(activity->open);
    free(activity);
}

uint64_t activity_hash(const struct activity *activity, uint64_t a,
                       uint64_t b, struct ip ip)
{
    uint64_t words[4] = { a, b, 0, 0 };

    for (size_t i = 0; i < 16; i++)
        words[2 + i / 8] = words[2 + i / 8] << 8 | ip.bytes[i];
    uint64_t hash = hash_words(activity->options.key, words, COUNT_OF(words));
    return hash ? hash : 1;
}

uint64_t activity_tag(const struct activity *activity, const struct host *host,
                      uint64_t what)
{
    static const struct ip none;
    bool by_device = host->device != DEVICE_NONE;

    return activity_hash(activity, what, by_device ? host->device : UINT64_MAX,
                         by_device ? none : host->ip);
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

void kept_add(struct activity *activity, struct kept *kept,
              const struct frame *frame, bool roll)
{
    const uint8_t half = ACTIVITY_EVIDENCE_MAX / 2;

    if (kept->count < ACTIVITY_EVIDENCE_MAX) {
        uint32_t id = evidence_keep(activity->options.store, frame);
        if (id != EVIDENCE_NONE)
            kept->ids[kept->count++] = id;
        return;
    }
    if (!roll)
        return;
    uint32_t id = evidence_keep(activity->options.store, frame);
    if (id == EVIDENCE_NONE)
        return;
    uint32_t *place = &kept->ids[half + kept->oldest];
    evidence_drop(activity->options.store, *place);
    *place = id;
    kept->oldest = (uint8_t)((kept->oldest + 1) % half);
}

void kept_clear(struct activity *activity, struct kept *kept)
{
    for (uint8_t i = 0; i < kept->count; i++)
        evidence_drop(activity->options.store, kept->ids[i]);
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
    if (source)
        stamp(&event->context, source, true);
    if (destination)
        stamp(&event->context, destination, false);
    event_set_literal(event, FIELD_ACTIVITY_KIND, kind);
    return event;
}

void activity_attach(struct event *event, const struct kept *kept)
{
    if (!event)
        return;
    event->evidence = kept->ids;
    event->evidence_count = kept->count;
}

static struct host host_of(const struct activity_packet *in, bool is_source)
{
    const struct packet *packet = in->packet;
    const struct device_ends *ends = &in->ends;

    return (struct host){
        .device = is_source ? ends->source : ends->destination,
        .is_local = is_source ? ends->source_local : ends->destination_local,
        .ip = is_source ? packet->source : packet->destination,
        .mac = is_source ? packet->source_mac : packet->destination_mac,
        .has_mac = packet->has_mac,
    };
}

struct host activity_source(const struct activity_packet *in)
{
    return host_of(in, true);
}

struct host activity_destination(const struct activity_packet *in)
{
    return host_of(in, false);
}

void activity_count(struct activity *activity,
                    const struct activity_packet *packet,
                    struct event_list *events)
{
    activity->now_ns = packet->packet->mark.time_ns;
    contacts_count(activity, packet, events);
    if (!packet->flow)
        return;
    rates_count(activity, packet, events);
    services_count(activity, packet, events);
    if (packet->is_new)
        regular_count(activity, packet, events);
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

bool activity_finish(struct activity *activity, struct event_list *events)
{
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
    size_t memory = sizeof *activity;

    for (size_t i = 0; i < COUNT_OF(all); i++)
        memory += ways_count(all[i]) * all[i]->entry_size;
    *counters = (struct activity_counters){
        .evicted_local = activity->local.evicted + activity->rates.evicted +
                         activity->services.evicted +
                         activity->regular.evicted,
        .evicted_remote = activity->remote.evicted,
        .memory_bytes = memory,
    };
}
