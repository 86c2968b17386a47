/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What is known of a detection whatever language it was written in, and the
 * alert it raises. Immutable once loaded; owned by the set it was loaded into.
 */
#include "event/event.h"

enum {
    DETECTION_TECHNIQUE_MAX = 8,
    ALERT_EVIDENCE_MAX = 64, /* Frames that one alert brings. */
    ALERT_LIST_MAX = 64,     /* Alerts of one event. */
};

enum severity {
    SEVERITY_NOTICE,  /* News, or a weakness nobody has used. */
    SEVERITY_WARNING, /* Exposure or behaviour that needs action. */
    SEVERITY_URGENT,  /* Harm in progress. */
};

/* Which end of the event a finding is about. */
enum subject {
    SUBJECT_SOURCE,
    SUBJECT_DESTINATION,
};

struct detection {
    const char *id;           /* A Sigma rule's id (UUID), a Suricata sid. */
    const char *version;      /* Digest of what it says: 16 hex digits. */
    const char *name;         /* Short and stable, for people: "telnet-scan". */
    const char *title;
    const char *description;
    const char *harm;         /* RSIT: "information-gathering/scanner". */
    const char *text_key;     /* Into data/texts. */
    const char *role;         /* Who acts: owner, maker, provider. */
    const char *techniques[DETECTION_TECHNIQUE_MAX]; /* ATT&CK ids. */
    size_t technique_count;
    const char *const *references;
    size_t reference_count;
    const char *source;       /* File it came from. */
    unsigned line;            /* Where in that file. */
    enum severity severity;
    enum subject subject;
};

/* One hit. For a correlation, `count` events from `first_ns` on led to it. */
struct alert {
    const struct detection *detection;
    const struct event *event;   /* The one that completed it. */
    struct bytes group;          /* Values grouped by, printable, or empty. */
    uint64_t count;              /* Events counted; 1 without correlation. */
    uint64_t value;              /* Distinct values, for value_count. */
    int64_t first_ns;
    uint32_t evidence[ALERT_EVIDENCE_MAX]; /* Held for the alert's taker. */
    size_t evidence_count;
};

/* The alerts of one event; allocated in an arena, reset by the caller. */
struct alert_list {
    struct arena *arena;
    struct alert *alerts;        /* ALERT_LIST_MAX of them. */
    size_t count;
    uint64_t dropped;
};

void alert_list_init(struct alert_list *list, struct arena *arena);

/* The next alert, zeroed, or null (counted) when the list is full. */
struct alert *alert_list_add(struct alert_list *list);

const char *severity_name(enum severity severity);
