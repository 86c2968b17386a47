/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * One normalised record of something seen. A dissector makes an event in the
 * packet's arena and sets the fields it knows; the engine stamps who and when;
 * EVE, Sigma and the device inventory read it. Text values are views into the
 * packet or the arena and end with the packet: copy what must stay.
 */
#include "base/arena.h"
#include "net/address.h"

enum {
    EVENT_VALUE_MAX = 512, /* More values than this are dropped, counted. */
    EVENT_VLAN_MAX = 4,
    EVENT_LIST_MAX = 64,   /* Events of one packet; more are counted. */
};

enum event_type {
#define EVENT(id, name, doc) EVENT_##id,
#include "event/types.def"
#undef EVENT
    EVENT_TYPE_COUNT,
    EVENT_COMMON = EVENT_TYPE_COUNT, /* For the field table only. */
};

enum event_field {
#define FIELD(id, event, kind, path, aliases, doc) FIELD_##id,
#include "event/fields.def"
#undef FIELD
    FIELD_COUNT,
};

enum event_kind {
    EVENT_KIND_NUMBER,
    EVENT_KIND_REAL,
    EVENT_KIND_TEXT,
    EVENT_KIND_FLAG,
    EVENT_KIND_IP,
    EVENT_KIND_MAC,
    EVENT_KIND_PAIR,   /* Text: an ASCII key, a space, a value. */
    EVENT_KIND_SECRET, /* Text; compared by rules, never written out. */
};

/* What the table says of one field. */
struct event_field_info {
    const char *path;
    const char *aliases;
    const char *doc;
    uint8_t event;      /* enum event_type, or EVENT_COMMON */
    uint8_t kind;       /* enum event_kind */
};

struct event_value {
    uint16_t field;     /* enum event_field */
    uint16_t item;      /* Which object of a list of objects, from 0. */
    union {
        uint64_t number; /* NUMBER, FLAG (0 or 1) */
        double real;
        struct bytes text;
        struct ip ip;
        struct mac mac;
    };
};

/* Who an event is about and when: stamped by the engine, the same for all
 * events of one packet or flow. Source is the side that spoke first. */
struct event_context {
    int64_t time_ns;
    uint64_t packet_number;   /* 0 when no single packet is meant. */
    uint64_t flow_number;     /* 0 without a flow. */
    struct ip source;
    struct ip destination;
    uint16_t source_port;
    uint16_t destination_port;
    struct mac source_mac;
    struct mac destination_mac;
    bool has_ip;
    bool no_source;           /* Activity that is about one end only. */
    bool no_destination;
    bool has_ports;
    bool has_mac;
    bool source_local;
    bool destination_local;
    uint8_t protocol;         /* IANA number; valid with has_ip. */
    uint8_t icmp_type;        /* For ICMP flows, of the first packet. */
    uint8_t icmp_code;
    uint8_t vlan_count;
    uint16_t vlan[EVENT_VLAN_MAX];
    uint16_t interface;
    bool has_tunnel;          /* Carried between these two: */
    struct ip tunnel_source;
    struct ip tunnel_destination;
    bool is_forged;           /* Sent by `forger` under another's address. */
    uint32_t forger;          /* Index in the inventory. */
    uint32_t source_device;   /* Index in the inventory, or UINT32_MAX. */
    uint32_t destination_device;
    const char *app_protocol; /* A dissector's name, or null. */
};

struct frame_mark;

struct event {
    struct event *next;
    struct arena *arena;
    enum event_type type;
    uint16_t count;
    uint16_t capacity;
    uint16_t dropped;         /* Values past EVENT_VALUE_MAX. */
    uint16_t item;            /* See event_begin_item(). */
    struct event_value *values;
    const uint32_t *evidence; /* Frames kept for it: held until delivered. */
    uint32_t evidence_count;
    const struct frame_mark *marks; /* Frames behind it, not kept yet. */
    uint32_t mark_count;
    bool is_turned;           /* Who asked is the flow's responder: the engine
                               * stamps it as the source. */
    struct event_context context;
};

/* The events of one packet, in the order they were made. */
struct event_list {
    struct arena *arena;
    struct event *first;
    struct event *last;
    uint32_t count;
    uint32_t dropped;
};

void event_list_init(struct event_list *list, struct arena *arena);

/* A new event at the end of the list, without values; null when the list is
 * full. All setters accept null and do nothing, so callers need not test. */
struct event *event_new(struct event_list *list, enum event_type type);

/* Set a value. A field may be set more than once: it is then a list. The kind
 * must be the field's own. Text must stay until the packet is done with. */
void event_set_number(struct event *event, enum event_field field,
                      uint64_t number);
void event_set_real(struct event *event, enum event_field field, double real);
void event_set_flag(struct event *event, enum event_field field, bool flag);
void event_set_text(struct event *event, enum event_field field,
                    struct bytes text);
void event_set_literal(struct event *event, enum event_field field,
                       const char *text);
void event_set_ip(struct event *event, enum event_field field, struct ip ip);
void event_set_mac(struct event *event, enum event_field field,
                   struct mac mac);

/* Values of another event are part of this one as well: an alert is told with
 * the record of what it was raised on. */
void event_include(struct event *event, const struct event *other);

/* The values set from now on belong to object `item` of their lists. */
void event_begin_item(struct event *event, uint16_t item);

/* The first value of `field` at or after position `*from`, which moves past
 * it; null when there is none. For fields of COMMON use event_common(). */
const struct event_value *event_next(const struct event *event,
                                     enum event_field field, size_t *from);

/* The first value of `field`, or null. */
const struct event_value *event_get(const struct event *event,
                                    enum event_field field);

/* The text of the first value of `field`; empty when it is not there. */
struct bytes event_text(const struct event *event, enum event_field field);

/* The value of a COMMON field; false when the event has none. */
bool event_common(const struct event *event, enum event_field field,
                  struct event_value *value);

const struct event_field_info *event_field_info(enum event_field field);

/* Find a field by EVE path or alias as rules of `type` know it: the type's own
 * fields first, then the common ones. FIELD_COUNT when there is none. */
enum event_field event_field_find(enum event_type type, struct bytes name);

const char *event_type_name(enum event_type type);
const char *event_type_doc(enum event_type type);

/* EVENT_TYPE_COUNT when no type has that name. */
enum event_type event_type_find(struct bytes name);

/* "TCP", "UDP", "ICMP", "IPv6-ICMP", ... or the number; returns `text`. */
const char *event_protocol_text(uint8_t protocol, char text[16]);
