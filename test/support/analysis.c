/* SPDX-License-Identifier: Apache-2.0 */
#include "analysis.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "base/memory.h"

static void keep_value(struct analysis_event *kept,
                       const struct event_value *value)
{
    enum event_field field = (enum event_field)value->field;
    size_t at = kept->count;

    if (at == ANALYSIS_VALUE_MAX)
        return;
    kept->count++;
    kept->values[at].field = field;
    switch ((enum event_kind)event_field_info(field)->kind) {
    case EVENT_KIND_NUMBER:
    case EVENT_KIND_FLAG:
        kept->values[at].number = value->number;
        return;
    case EVENT_KIND_REAL:
        kept->values[at].real = value->real;
        return;
    case EVENT_KIND_IP:
        kept->values[at].ip = value->ip;
        return;
    case EVENT_KIND_TEXT:
    case EVENT_KIND_PAIR:
        (void)snprintf(kept->values[at].text, sizeof kept->values[at].text,
                       "%.*s", (int)value->text.size,
                       (const char *)value->text.data);
        return;
    case EVENT_KIND_MAC:
    case EVENT_KIND_SECRET:
        return;
    }
}

static void on_event(void *context, const struct event *event)
{
    struct analysis *a = context;

    if (event->type != EVENT_ACTIVITY && event->type != EVENT_DEVICE)
        return;
    a->events = memory_resize(a->events, a->count + 1, sizeof *a->events);
    struct analysis_event *kept = &a->events[a->count++];
    memset(kept, 0, sizeof *kept);
    kept->type = event->type;
    kept->context = event->context;
    kept->evidence_count = event->evidence_count;
    for (size_t i = 0; i < event->count; i++)
        keep_value(kept, &event->values[i]);
}

void analysis_open(struct analysis *a)
{
    *a = (struct analysis){ .now_ns = 1700000000000000000 };
    a->engine = engine_new(&(struct engine_options){
        .key = { 1, 2 }, .on_event = on_event, .context = a });
}

void analysis_close(struct analysis *a)
{
    engine_free(a->engine);
    free(a->events);
}

void analysis_end(struct analysis *a)
{
    engine_finish(a->engine, NULL);
}

void analysis_wait(struct analysis *a, int64_t ms)
{
    a->now_ns += ms * 1000000;
}

static void send(struct analysis *a)
{
    struct frame frame = packet_builder_frame(&a->builder, a->now_ns);

    frame.mark.number = ++a->frames;
    engine_frame(a->engine, NULL, &frame);
}

static void start(struct analysis *a, size_t size)
{
    static const uint8_t zeros[2000];

    packet_builder_start(&a->builder, bytes_of(zeros, size));
}

static void finish(struct analysis *a, struct build_side from,
                   struct build_side to, uint8_t protocol)
{
    const struct build_ip ip = { .protocol = protocol };

    packet_builder_ip(&a->builder, from, to, &ip);
    packet_builder_ethernet(&a->builder, from, to, 0x800);
    send(a);
}

void analysis_tcp(struct analysis *a, struct build_side from,
                  struct build_side to, uint8_t flags, size_t size)
{
    const struct build_tcp tcp = { .sequence = 1, .flags = flags,
                                   .window = 1024 };

    start(a, size);
    packet_builder_tcp(&a->builder, from, to, &tcp);
    finish(a, from, to, IP_PROTOCOL_TCP);
}

void analysis_udp(struct analysis *a, struct build_side from,
                  struct build_side to, size_t size)
{
    start(a, size);
    packet_builder_udp(&a->builder, from, to);
    finish(a, from, to, IP_PROTOCOL_UDP);
}

void analysis_icmp(struct analysis *a, struct build_side from,
                   struct build_side to, uint8_t type, uint8_t code)
{
    start(a, 12);
    packet_builder_icmp(&a->builder, from, to, (uint16_t)(type << 8 | code));
    finish(a, from, to, IP_PROTOCOL_ICMP);
}

void analysis_unreachable(struct analysis *a, struct build_side from,
                          struct build_side to, struct build_side about)
{
    const struct build_ip ip = { .protocol = IP_PROTOCOL_UDP };

    start(a, 0);
    packet_builder_udp(&a->builder, to, about);
    packet_builder_ip(&a->builder, to, about, &ip);
    packet_builder_push_u32(&a->builder, 0);
    packet_builder_icmp(&a->builder, from, to, 3 << 8 | 3);
    finish(a, from, to, IP_PROTOCOL_ICMP);
}

void analysis_arp(struct analysis *a, uint16_t operation,
                  struct build_side from, struct build_side to)
{
    struct ip sender;
    struct ip target;
    struct mac mac;
    struct mac other = { 0 };

    check(ip_parse(bytes_of_text(from.ip), &sender));
    check(ip_parse(bytes_of_text(to.ip), &target));
    check(mac_parse(bytes_of_text(from.mac), &mac));
    if (operation == 2)
        check(mac_parse(bytes_of_text(to.mac), &other));
    packet_builder_start(&a->builder, ip_wire(&target));
    packet_builder_push(&a->builder, bytes_of(other.bytes, 6));
    packet_builder_push(&a->builder, ip_wire(&sender));
    packet_builder_push(&a->builder, bytes_of(mac.bytes, 6));
    packet_builder_push_u16(&a->builder, operation);
    packet_builder_push(&a->builder, bytes_of("\0\1\x08\0\6\4", 6));
    if (operation == 1)
        to.mac = "ff:ff:ff:ff:ff:ff";
    packet_builder_ethernet(&a->builder, from, to, 0x806);
    send(a);
}

static const char *text_of(const struct analysis_event *event,
                           enum event_field field)
{
    for (size_t i = 0; i < event->count; i++)
        if (event->values[i].field == field)
            return event->values[i].text;
    return "";
}

const struct analysis_event *analysis_latest(const struct analysis *a,
                                             const char *kind,
                                             const char *protocol)
{
    for (size_t i = a->count; i > 0; i--) {
        const struct analysis_event *event = &a->events[i - 1];
        if (strcmp(text_of(event, FIELD_ACTIVITY_KIND), kind) == 0 &&
            strcmp(text_of(event, FIELD_ACTIVITY_PROTOCOL), protocol) == 0)
            return event;
    }
    return NULL;
}

size_t analysis_count(const struct analysis *a, const char *kind)
{
    size_t count = 0;

    for (size_t i = 0; i < a->count; i++)
        count += strcmp(text_of(&a->events[i], FIELD_ACTIVITY_KIND), kind) == 0;
    return count;
}

uint64_t analysis_number(const struct analysis_event *event,
                         enum event_field field)
{
    for (size_t i = 0; event && i < event->count; i++)
        if (event->values[i].field == field)
            return event->values[i].number;
    return UINT64_MAX;
}

double analysis_real(const struct analysis_event *event,
                     enum event_field field)
{
    for (size_t i = 0; event && i < event->count; i++)
        if (event->values[i].field == field)
            return event->values[i].real;
    return -1;
}
