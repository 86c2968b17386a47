/* SPDX-License-Identifier: Apache-2.0 */
#include "event/event.h"

#include <stdio.h>
#include <string.h>

#include "base/check.h"
#include "base/memory.h"

enum { EVENT_CAPACITY_FIRST = 24 };

static const struct event_field_info field_table[FIELD_COUNT] = {
#define FIELD(id, event, kind, path, aliases, doc) \
    [FIELD_##id] = { path, aliases, doc, EVENT_##event, EVENT_KIND_##kind },
#include "event/fields.def"
#undef FIELD
};

static const struct {
    const char *name;
    const char *doc;
} type_table[EVENT_TYPE_COUNT] = {
#define EVENT(id, name, doc) [EVENT_##id] = { name, doc },
#include "event/types.def"
#undef EVENT
};

void event_list_init(struct event_list *list, struct arena *arena)
{
    *list = (struct event_list){ .arena = arena };
}

struct event *event_new(struct event_list *list, enum event_type type)
{
    if (list->count >= EVENT_LIST_MAX) {
        list->dropped++;
        return NULL;
    }
    struct event *event = arena_allocate(list->arena, sizeof *event);
    *event = (struct event){ .arena = list->arena, .type = type };
    event->context.source_device = UINT32_MAX;
    event->context.destination_device = UINT32_MAX;
    if (list->last)
        list->last->next = event;
    else
        list->first = event;
    list->last = event;
    list->count++;
    return event;
}

static bool grow(struct event *event)
{
    if (event->count >= EVENT_VALUE_MAX) {
        event->dropped++;
        return false;
    }
    uint16_t capacity = event->capacity ? (uint16_t)(event->capacity * 2)
                                        : EVENT_CAPACITY_FIRST;
    if (capacity > EVENT_VALUE_MAX)
        capacity = EVENT_VALUE_MAX;
    struct event_value *values = arena_allocate(
        event->arena, size_multiply(capacity, sizeof *values));
    if (event->count > 0)
        memcpy(values, event->values, event->count * sizeof *values);
    event->values = values;
    event->capacity = capacity;
    return true;
}

/* A slot for one more value of `field`, or null. */
static struct event_value *add(struct event *event, enum event_field field,
                               enum event_kind kind)
{
    if (!event)
        return NULL;
    check(field_table[field].event == (uint8_t)event->type);
    check(field_table[field].kind == (uint8_t)kind ||
          ((field_table[field].kind == EVENT_KIND_SECRET ||
            field_table[field].kind == EVENT_KIND_PAIR) &&
           kind == EVENT_KIND_TEXT));
    if (event->count == event->capacity && !grow(event))
        return NULL;
    struct event_value *value = &event->values[event->count++];
    value->field = (uint16_t)field;
    value->item = event->item;
    return value;
}

void event_set_number(struct event *event, enum event_field field,
                      uint64_t number)
{
    struct event_value *value = add(event, field, EVENT_KIND_NUMBER);
    if (value)
        value->number = number;
}

void event_set_real(struct event *event, enum event_field field, double real)
{
    struct event_value *value = add(event, field, EVENT_KIND_REAL);
    if (value)
        value->real = real;
}

void event_set_flag(struct event *event, enum event_field field, bool flag)
{
    struct event_value *value = add(event, field, EVENT_KIND_FLAG);
    if (value)
        value->number = flag;
}

void event_set_text(struct event *event, enum event_field field,
                    struct bytes text)
{
    struct event_value *value = add(event, field, EVENT_KIND_TEXT);
    if (value)
        value->text = text;
}

void event_set_literal(struct event *event, enum event_field field,
                       const char *text)
{
    event_set_text(event, field, bytes_of_text(text));
}

void event_set_ip(struct event *event, enum event_field field, struct ip ip)
{
    struct event_value *value = add(event, field, EVENT_KIND_IP);
    if (value)
        value->ip = ip;
}

void event_set_mac(struct event *event, enum event_field field, struct mac mac)
{
    struct event_value *value = add(event, field, EVENT_KIND_MAC);
    if (value)
        value->mac = mac;
}

void event_include(struct event *event, const struct event *other)
{
    for (size_t i = 0; event && i < other->count; i++) {
        if (event->count == event->capacity && !grow(event))
            return;
        event->values[event->count++] = other->values[i];
    }
}

void event_begin_item(struct event *event, uint16_t item)
{
    if (event)
        event->item = item;
}

const struct event_value *event_next(const struct event *event,
                                     enum event_field field, size_t *from)
{
    for (size_t i = *from; i < event->count; i++) {
        if (event->values[i].field == field) {
            *from = i + 1;
            return &event->values[i];
        }
    }
    *from = event->count;
    return NULL;
}

const struct event_value *event_get(const struct event *event,
                                    enum event_field field)
{
    size_t from = 0;
    return event_next(event, field, &from);
}

struct bytes event_text(const struct event *event, enum event_field field)
{
    const struct event_value *value = event_get(event, field);
    return value ? value->text : (struct bytes){ 0 };
}

const struct event_field_info *event_field_info(enum event_field field)
{
    check(field < FIELD_COUNT);
    return &field_table[field];
}

/* True when `name` is the path, or one of the comma-separated aliases. */
static bool is_named(const struct event_field_info *info, struct bytes name)
{
    struct bytes path = bytes_of_text(info->path);
    struct bytes aliases = bytes_of_text(info->aliases);

    if (bytes_equal(path, name))
        return true;
    while (aliases.size > 0) {
        size_t comma = bytes_find_byte(aliases, ',');
        if (bytes_equal(bytes_slice(aliases, 0, comma), name))
            return true;
        aliases = bytes_slice(aliases, comma + 1, aliases.size);
    }
    return false;
}

static enum event_field find_of(uint8_t event, struct bytes name)
{
    for (size_t i = 0; i < FIELD_COUNT; i++)
        if (field_table[i].event == event && is_named(&field_table[i], name))
            return (enum event_field)i;
    return FIELD_COUNT;
}

enum event_field event_field_find(enum event_type type, struct bytes name)
{
    enum event_field own = find_of((uint8_t)type, name);
    return own != FIELD_COUNT ? own : find_of(EVENT_COMMON, name);
}

const char *event_type_name(enum event_type type)
{
    check(type < EVENT_TYPE_COUNT);
    return type_table[type].name;
}

const char *event_type_doc(enum event_type type)
{
    check(type < EVENT_TYPE_COUNT);
    return type_table[type].doc;
}

enum event_type event_type_find(struct bytes name)
{
    for (size_t i = 0; i < EVENT_TYPE_COUNT; i++)
        if (bytes_equal(bytes_of_text(type_table[i].name), name))
            return (enum event_type)i;
    return EVENT_TYPE_COUNT;
}

const char *event_protocol_text(uint8_t protocol, char text[16])
{
    static const struct {
        uint8_t protocol;
        const char *name;
    } names[] = { { 1, "ICMP" },        { 2, "IGMP" },  { 6, "TCP" },
                  { 17, "UDP" },        { 47, "GRE" },  { 50, "ESP" },
                  { 58, "IPv6-ICMP" }, { 132, "SCTP" } };

    for (size_t i = 0; i < COUNT_OF(names); i++)
        if (names[i].protocol == protocol)
            return names[i].name;
    (void)snprintf(text, 16, "%u", protocol); /* At most three digits. */
    return text;
}
