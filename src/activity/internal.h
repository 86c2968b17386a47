/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Inside the activity room: the four kinds of counter. Each file counts one
 * kind and reports it; only the files of this room include this header.
 */
#include "activity/activity.h"
#include "activity/distinct.h"
#include "activity/ways.h"

enum {
    ACTIVITY_LOCAL_MAX = 4096,   /* Contact counters of local hosts. */
    ACTIVITY_REMOTE_MAX = 4096,  /* And of remote ones. */
    ACTIVITY_RATE_MAX = 4096,
    ACTIVITY_SERVICE_MAX = 512,
    ACTIVITY_REGULAR_MAX = 8192,
};

#define SECOND_NS 1000000000LL

/* Frames kept for one counter; the references are its own. */
struct kept {
    uint32_t ids[ACTIVITY_EVIDENCE_MAX];
    uint8_t count;
    uint8_t oldest;  /* Once full, where the next goes in a ring. */
};

/* The value most of a sequence has, if one has over half (Boyer and Moore),
 * with a lower bound for its share. */
struct majority {
    uint32_t lead;
    uint32_t total;
};

/* A counter of contacts in use, and when it was begun. */
struct open_contacts {
    uint64_t number;
    const struct ways *table;
    size_t index;
};

struct activity {
    struct activity_options options;
    struct ways local;     /* struct contacts */
    struct ways remote;    /* struct contacts */
    struct ways rates;     /* struct rate */
    struct ways services;  /* struct service */
    struct ways regular;   /* struct regular */
    int64_t now_ns;
    uint64_t contacts_begun;
    struct open_contacts *open; /* What activity_finish() has to report, */
    size_t open_count;
    size_t finish_at;      /* and how far it has come. */
};

/* One end of a packet, as counters know it. */
struct host {
    uint32_t device; /* DEVICE_NONE for a remote host or an unknown one. */
    bool is_local;
    struct ip ip;
    struct mac mac;
    bool has_mac;
};

/* Count one value: true when the candidate is now `same` or was replaced; the
 * caller then stores the value. */
bool majority_add(struct majority *majority, bool same);

/* At least this many percent had the candidate value; 0 when no majority. */
uint32_t majority_share(const struct majority *majority);

uint64_t activity_hash(const struct activity *activity, uint64_t a,
                       uint64_t b, struct ip ip);

/* What stands for a host in a tag: its device, or its address. */
uint64_t activity_tag(const struct activity *activity, const struct host *host,
                      uint64_t what);

/* Keep the packet's frame; past the maximum the newest replace the oldest of
 * the second half when `roll`, else nothing more is kept. */
void kept_add(struct activity *activity, struct kept *kept,
              const struct frame *frame, bool roll);
void kept_clear(struct activity *activity, struct kept *kept);

/* A new event of `kind` about `source` and `destination` (either may be
 * null), with its evidence. */
struct event *activity_event(struct activity *activity, const char *kind,
                             const struct host *source,
                             const struct host *destination,
                             struct event_list *events);
void activity_attach(struct event *event, const struct kept *kept);

void contacts_count(struct activity *activity,
                    const struct activity_packet *in,
                    struct event_list *events);
void rates_count(struct activity *activity, const struct activity_packet *in,
                 struct event_list *events);
void services_count(struct activity *activity,
                    const struct activity_packet *in,
                    struct event_list *events);
void regular_count(struct activity *activity,
                   const struct activity_packet *in,
                   struct event_list *events);

/* The number of entry `index` of a table of contacts, in the order in which
 * they were begun; 0 when it is free. */
uint64_t contacts_number(const struct ways *table, size_t index);

/* Report what the entry still holds back. */
void contacts_finish(struct activity *activity, const struct ways *table,
                     size_t index, struct event_list *events);

void contacts_init(struct activity *activity);
void rates_init(struct activity *activity);
void services_init(struct activity *activity);
void regular_init(struct activity *activity);

/* The two ends of a packet, from the packet's point of view. */
struct host activity_source(const struct activity_packet *in);
struct host activity_destination(const struct activity_packet *in);
