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
    ACTIVITY_STRANGER_MAX = 16384, /* Remembered before they are counted. */
    ACTIVITY_RATE_MAX = 4096,
    ACTIVITY_SERVICE_MAX = 512,
    ACTIVITY_REGULAR_MAX = 8192,
    ACTIVITY_MARK_MAX = 4,       /* Frames marked before any is copied. */
};

#define SECOND_NS 1000000000LL

/*
 * Frames kept for one counter. The first few are only marked: most counters
 * never see more, and a mark costs nothing. The next one turns the marks into
 * copies, taken from the capture's history; from then on the references are
 * the counter's own.
 */
struct kept {
    uint8_t marked;  /* Frames marked, while nothing is copied. */
    uint8_t count;   /* Frames copied. */
    uint8_t oldest;  /* Once full, where the next goes in a ring. */
    union {
        struct frame_mark marks[ACTIVITY_MARK_MAX];
        uint32_t ids[ACTIVITY_EVIDENCE_MAX];
    };
};

/* The value most of a sequence has, if one has over half (Boyer and Moore),
 * with a lower bound for its share. */
struct majority {
    uint32_t lead;
    uint32_t total;
};

/* Places of the contact tables whose latest attempts are still young, oldest
 * first. A place stands here once at most, so the queue cannot be full. */
struct settling {
    struct settling_place {
        int64_t due_ns;
        uint32_t index;
        bool is_local;
    } *places;
    size_t count_max;
    size_t first;
    size_t count;
};

/* A counter of contacts in use, and when it was begun. */
struct open_contacts {
    uint64_t number;
    const struct ways *table;
    size_t index;
};

/* One end of a packet, as counters know it. */
struct host {
    uint32_t device; /* DEVICE_NONE for a remote host or an unknown one. */
    bool is_local;
    struct ip ip;
    struct mac mac;
    bool has_mac;
    uint64_t hash;   /* Keyed: of the device, or of the address without one. */
};

/* What several counters ask of an end of the packet being counted, found out
 * when the first of them asks. */
struct end {
    struct host host;
    uint64_t ip_hash;
    bool has_host;   /* Which of the two is known yet. */
    bool has_ip_hash;
};

struct activity {
    struct activity_options options;
    struct ways local;     /* struct contacts */
    struct ways remote;    /* struct contacts */
    struct ways rates;     /* struct rate */
    struct ways services;  /* struct service */
    struct ways regular;   /* struct regular */
    uint32_t *strangers;   /* Remote hosts seen a few times: see contacts.c */
    struct settling settling;
    int64_t now_ns;
    const struct capture *capture; /* Of the packet being counted. */
    struct end source;
    struct end destination;
    uint64_t contacts_begun;
    struct open_contacts *open; /* What activity_finish() has to report, */
    size_t open_count;
    size_t finish_at;      /* and how far it has come. */
};

/* Count one value: true when the candidate is now `same` or was replaced; the
 * caller then stores the value. */
bool majority_add(struct majority *majority, bool same);

/* At least this many percent had the candidate value; 0 when no majority. */
uint32_t majority_share(const struct majority *majority);

/* A keyed hash of an address: the one costly step. Of the packet's own two
 * ends it is taken once. */
uint64_t activity_hash_ip(const struct activity *activity, struct ip ip);
uint64_t activity_hash_source(struct activity *activity,
                              const struct activity_packet *in);
uint64_t activity_hash_destination(struct activity *activity,
                                   const struct activity_packet *in);

/* From a keyed hash and a small number, another that nobody can foresee. */
uint64_t activity_mix(uint64_t hash, uint64_t number);

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
void activity_attach(struct activity *activity, struct event *event,
                     const struct kept *kept);

void contacts_count(struct activity *activity,
                    const struct activity_packet *in,
                    struct event_list *events);
void rates_count(struct activity *activity, const struct activity_packet *in,
                 struct event_list *events);
void services_count(struct activity *activity,
                    const struct activity_packet *in,
                    struct event_list *events);

/* The tag of what a new flow is counted under, 0 for nothing. A scan needs a
 * new counter with each packet: ask for its memory before it is counted. */
uint64_t regular_tag(struct activity *activity,
                     const struct activity_packet *in);
void regular_count(struct activity *activity,
                   const struct activity_packet *in, uint64_t tag,
                   struct event_list *events);

/* The number of entry `index` of a table of contacts, in the order in which
 * they were begun; 0 when it is free. */
uint64_t contacts_number(const struct ways *table, size_t index);

/* Report what the entry still holds back. */
void contacts_finish(struct activity *activity, const struct ways *table,
                     size_t index, struct event_list *events);

/* Judge attempts that were young and are not any more. */
void contacts_settle(struct activity *activity, struct event_list *events);

void contacts_init(struct activity *activity);
void contacts_clear(struct activity *activity);
void rates_init(struct activity *activity);
void services_init(struct activity *activity);
void regular_init(struct activity *activity);

/* Set `field` to how many different ones there were, `max` at most, and say
 * so by `name` when that is an estimate. */
void activity_set_distinct(struct event *event, enum event_field field,
                           const char *name, const struct distinct *distinct,
                           uint32_t max);

/* The two ends of the packet being counted, from its point of view; good
 * until the next one. */
const struct host *activity_source(struct activity *activity,
                                   const struct activity_packet *in);
const struct host *activity_destination(struct activity *activity,
                                        const struct activity_packet *in);
