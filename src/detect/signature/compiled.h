/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * A rule set made ready to judge by: rules in the order in which they are
 * judged (their number is their place in it), and for each kind of thing that
 * a packet brings, the few rules that are worth trying. Immutable.
 *
 *   address rules    by address ranges, on the first packet of each side
 *   event rules      when there is an event
 *   packet, stream   patterns in the payload; without one, by port
 *   transaction      by lens: names as hash sets, patterns, the rest
 */
#include "base/arena.h"
#include "detect/signature/grams.h"
#include "detect/signature/names.h"
#include "detect/signature/ranges.h"
#include "detect/signature/rule.h"

enum {
    LENS_NONE = 0xffff,
    RULE_PREFIX_MAX = 4,
    APPLICATION_RULES_MAX = 64, /* Protocols with rules of no buffer. */
};

enum judged_on {
    JUDGED_ADDRESS,     /* Only addresses: once for each side of a flow. */
    JUDGED_EVENT,
    JUDGED_DISCOVERY,   /* Once, when the protocol becomes known. */
    JUDGED_PACKET,
    JUDGED_STREAM,
    JUDGED_TRANSACTION,
};

/* Packets by what rules tell apart; bits of a mask. */
enum packet_class {
    CLASS_TCP,
    CLASS_UDP,
    CLASS_ICMPV4,
    CLASS_ICMPV6,
    CLASS_SCTP,
    CLASS_OTHER_IP,
    CLASS_NO_IP,
    PACKET_CLASS_COUNT,
};

struct compiled_rule {
    const struct rule *rule;
    const uint16_t *lenses;  /* Of each inspection; LENS_NONE: payload. */
    uint8_t judged_on;       /* enum judged_on */
    uint8_t sides;           /* Bits of flow_side it can hold on. */
    uint8_t classes;         /* Bits of packet_class. */
    bool waits;              /* For the end: something must not be there. */
    bool from_start;         /* Places counted from the start of a chunk. */
    bool in_packets;         /* Stream rule that looks at packets too. */
    bool spans_sides;        /* Looks into both sides of a transaction. */
    bool needs_end;          /* absent: only when a side is over. */
    bool needs_payload;      /* Looks into it, not into headers alone. */
    bool is_always_tried;    /* Without a pattern: by its port. */
    uint8_t prefix_size;     /* What payload must begin with, or 0. */
    uint8_t prefix[RULE_PREFIX_MAX];
};

struct rule_list {
    uint32_t *rules;
    uint32_t count;
};

/* One view with the transformations in front of it. */
struct lens {
    enum view_id view;
    uint8_t transform_count;
    const struct rule_transform *transforms;
    uint16_t next;                /* Of the same view, or LENS_NONE. */
    struct gram_filter *filter;
    struct name_set *names;
    struct rule_list others;      /* Tried whenever the view is there. */
};

/* Rules without a pattern, by a port. */
struct port_interval {
    uint16_t low;
    struct rule_list list;
};

struct port_index {
    struct port_interval *intervals;
    uint32_t count;
};

struct class_rules {
    struct gram_filter *payload[2]; /* By flow_side. */
    struct rule_list any;
    struct port_index by_destination;
    struct port_index by_source;
};

struct application_rules {
    const char *application;
    struct rule_list list;
};

struct compiled {
    struct arena arena;
    struct compiled_rule *rules;
    uint32_t rule_count;
    uint32_t address_set_count;   /* Indices are below it. */
    uint32_t bit_max;
    struct class_rules classes[PACKET_CLASS_COUNT];
    struct range_index *sources;
    struct range_index *destinations;
    struct rule_list everywhere;  /* Address rules of wide sets. */
    struct rule_list events;
    struct rule_list discoveries;
    struct application_rules applications[APPLICATION_RULES_MAX];
    uint32_t application_count;
    struct rule_list at_end;      /* Transaction rules of no buffer. */
    struct lens *lenses;
    uint16_t lens_count;
    uint16_t view_lens[VIEW_ID_COUNT]; /* First of each view. */
    uint64_t wanted_views[(VIEW_ID_COUNT + 63) / 64];
    uint32_t patterns;            /* In filters, */
    uint32_t names;               /* in sets, */
    uint32_t unfiltered;          /* and in neither. */
};

/* `rules` must live as long as the result. */
struct compiled *compiled_new(const struct rule *const *rules, size_t count);
void compiled_free(struct compiled *compiled);
size_t compiled_memory(const struct compiled *compiled);

/* anchor.c: where a rule is looked for. */
struct anchor {
    uint16_t inspection;
    uint16_t test;
    bool is_name;      /* Whole, or a suffix that begins with a dot. */
    bool is_pattern;
    struct bytes data; /* Of the name or the pattern. */
    bool is_nocase;
};

void anchor_find(const struct rule *rule, struct anchor *anchor);

/* order.c: pass before alert, bits set before asked for, then priority. */
void compiled_order(const struct rule **rules, size_t count);

/* ports.c */
void port_index_build(struct port_index *index, struct arena *arena,
                      const struct compiled_rule *rules,
                      const struct rule_list *list, bool by_source);
const struct rule_list *port_index_find(const struct port_index *index,
                                        uint16_t port);
