/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What rules may look into, besides packets: named parts of a protocol's
 * transactions, in the bytes they were sent in (events carry meaning, views
 * carry bytes). A dissector appends views while it reads, when somebody asks
 * for them; the engine hands them to the detections. Data points into the
 * input or the packet's arena and ends with the packet.
 *
 * A transaction is one exchange: an HTTP request and its response, a DNS
 * message, a TLS handshake, a command and its reply. Its number counts from 0
 * on its flow. The views of one side of a transaction come in order; when the
 * side is complete a VIEW_END says so, and what has not come by then is not
 * there.
 */
#include "base/arena.h"
#include "flow/flow.h"

enum {
    VIEW_LIST_MAX = 512, /* Of one packet; more are counted. */
    VIEW_NOTE_MAX = 16,  /* The same; a name is noted once. */
};

enum view_id {
#define VIEW(id, name, protocol, kind, side) VIEW_##id,
#include "dissect/views.def"
#undef VIEW
    VIEW_NAMED_COUNT,
    VIEW_END = VIEW_NAMED_COUNT, /* This side of the transaction is over. */
    VIEW_PAYLOAD,                /* Not of a dissector: packet and stream. */
    VIEW_ETHERNET_HEADER,        /* Nor these: parts of a single packet. */
    VIEW_ARP_HEADER,
    VIEW_IPV4_HEADER,
    VIEW_IPV6_HEADER,
    VIEW_TCP_HEADER,
    VIEW_UDP_HEADER,
    VIEW_SCTP_HEADER,
    VIEW_ICMPV4_HEADER,
    VIEW_ICMPV6_HEADER,
    VIEW_IGMP_HEADER,
    VIEW_IP_SOURCE,
    VIEW_IP_DESTINATION,
    VIEW_ID_COUNT,
};

enum view_kind {
    VIEW_KIND_TEXT,
    VIEW_KIND_LIST,
    VIEW_KIND_STREAM,
    VIEW_KIND_NUMBER,
};

enum view_side {
    VIEW_SIDE_ORIGINATOR,
    VIEW_SIDE_RESPONDER,
    VIEW_SIDE_EITHER,
};

struct view_info {
    const char *name;     /* "http.uri" */
    const char *protocol; /* A dissector's name; "" for any. */
    enum view_kind kind;
    enum view_side side;
};

struct view {
    enum view_id id;
    enum flow_side side;   /* Who sent it. */
    uint32_t transaction;
    bool is_last;          /* STREAM: nothing follows. */
    uint64_t number;       /* NUMBER */
    uint64_t offset;       /* STREAM: of data from the start of the stream. */
    struct bytes data;
};

struct view_list {
    struct arena *arena;
    struct view *views;    /* VIEW_LIST_MAX of them. */
    uint32_t count;
    uint32_t dropped;
    uint32_t note_count;
    const char *notes[VIEW_NOTE_MAX]; /* See view_note(). */
    uint64_t wanted[(VIEW_ID_COUNT + 63) / 64]; /* A bit for each view_id. */
};

/* By view_id, of the named ones. */
const struct view_info *view_info_get(enum view_id id);

/* By the name of a sticky buffer; false when there is none. */
bool view_find(struct bytes name, enum view_id *id);

void view_list_init(struct view_list *list, struct arena *arena);

/* Does anybody look at this? False for a null list, so that what is dear to
 * make is made only when asked for. */
bool view_is_wanted(const struct view_list *list, enum view_id id);

/* All accept a null list and do nothing. */
void view_add(struct view_list *list, const struct view *view);
void view_add_text(struct view_list *list, enum view_id id,
                   enum flow_side side, uint32_t transaction,
                   struct bytes data);
void view_add_number(struct view_list *list, enum view_id id,
                     enum flow_side side, uint32_t transaction,
                     uint64_t number);
void view_end(struct view_list *list, enum flow_side side,
              uint32_t transaction);

/* Something of note that rules may ask for (app-layer-event) and that is no
 * anomaly by itself: "dns_z_flag_set". The name is a literal. */
void view_note(struct view_list *list, const char *name);
