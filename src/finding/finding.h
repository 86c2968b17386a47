/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What a person acts on: a detection, the host it is about, when, how often,
 * one sentence with the measured numbers, and the exact frames that prove it.
 *
 * Alerts of the same detection about the same host and group become one
 * finding whose count and end grow. Its id is fixed at the first alert, from
 * the detection and its version, the host, the time and the frames: the same
 * evidence gives the same id on any machine.
 */
#include "base/hash.h"
#include "detect/detection.h"
#include "evidence/evidence.h"
#include "finding/text.h"

enum {
    FINDING_COUNT_MAX = 65536,   /* In one run; more are counted. */
    FINDING_EVIDENCE_MAX = 64,   /* Frames kept for one finding. */
    FINDING_ID_SIZE = 34,        /* "f" and 32 hex digits. */
    FINDING_SENTENCE_MAX = 2048,
    FINDING_FACT_SIZE_MAX = 4 * ALERT_FACT_SIZE_MAX, /* All of it escaped. */
    FINDING_NAME_SIZE = 64,      /* Of a name in a sentence, with its end. */
};

/* The host a finding is about, as the inventory or the packet knows it. */
struct finding_subject {
    const char *device;   /* Device id, or null for a remote host. */
    uint32_t index;       /* In the inventory, or UINT32_MAX. */
    struct mac mac;
    bool has_mac;
    struct ip address;
    bool has_address;
    char name[FINDING_NAME_SIZE];      /* What people call it; may be "". */
    char peer_name[FINDING_NAME_SIZE]; /* And the other end. */
};

/* What the detection knew beside the packets: printable, from the first
 * alert. */
struct finding_fact {
    const char *name;
    const char *value;
};

struct finding {
    char id[FINDING_ID_SIZE];
    const struct detection *detection;
    enum severity severity; /* The highest of its alerts. */
    const struct finding_fact *facts;
    size_t fact_count;
    struct finding_subject subject;
    struct ip peer;       /* The other end of the first event. */
    bool has_peer;
    bool has_tunnel;      /* Its packets were carried between these two. */
    struct ip tunnel_source;
    struct ip tunnel_destination;
    const char *group;    /* What the detection grouped by; may be "". */
    int64_t first_ns;
    int64_t last_ns;
    uint64_t count;
    char *sentence;       /* Owned; replaced as the numbers grow. */
    uint32_t evidence[FINDING_EVIDENCE_MAX];
    uint32_t evidence_count;
    uint32_t evidence_released; /* Kept elsewhere by now. */
    uint32_t index;       /* Position in the table, from 0. */
};

struct finding_table;

struct finding_options {
    struct hash_key key;
    struct evidence_store *store;
    const struct text_catalogue *texts; /* May be null: titles then. */
};

struct finding_table *finding_table_new(const struct finding_options *options);
void finding_table_free(struct finding_table *table);

/*
 * Make a finding of an alert, or add the alert to the one it belongs to.
 * Takes over the alert's evidence; `scene` brings the frames when the alert
 * has none of its own. Null when there is no room, or when a capture is there
 * and still not one frame can be shown (both counted). `*is_new` says
 * whether it was made now. The finding stays where it is until the table goes.
 */
const struct finding *finding_add(struct finding_table *table,
                                  const struct alert *alert,
                                  const struct finding_subject *subject,
                                  const struct evidence_scene *scene,
                                  bool *is_new);

/* The frames of finding `index` are kept elsewhere: give up our copies. */
void finding_release(struct finding_table *table, uint32_t index);

uint32_t finding_count(const struct finding_table *table);
const struct finding *finding_get(const struct finding_table *table,
                                  uint32_t index);
/* Alerts that made no finding: none of their frames could be had any more. */
uint64_t finding_unproven(const struct finding_table *table);
uint64_t finding_refused(const struct finding_table *table);
