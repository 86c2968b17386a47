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
    ALERT_FACT_MAX = 16,     /* Named facts of one alert. */
    ALERT_FACT_SIZE_MAX = 512, /* Bytes of one; longer is cut. */
};

/* What a detection was written in. */
enum detection_language {
    LANGUAGE_SIGMA,
    LANGUAGE_SURICATA,
    LANGUAGE_INDICATOR,
    LANGUAGE_MUD,
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
    enum detection_language language;
    const char *id;           /* Sigma: UUID; Suricata: gid:sid; STIX: id. */
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

/* Something the detection knows that is no field of the event: who said so,
 * how sure. The name is a constant in lower case, the value text of any
 * origin that lives as long as the alert. */
struct alert_fact {
    const char *name;
    struct bytes value;
};

/* One hit. For a correlation, `count` events from `first_ns` on led to it. */
struct alert {
    const struct detection *detection;
    const struct event *event;   /* The one that completed it. */
    enum severity severity;      /* The detection's, until changed ... */
    enum subject subject;        /* ... for what this event showed. */
    const struct alert_fact *facts; /* See alert_add_fact(). */
    size_t fact_count;
    struct bytes group;          /* Values grouped by, printable, or empty. */
    const char *text_key;        /* Into data/texts; null: the detection's. */
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
    uint64_t facts_dropped;
};

void alert_list_init(struct alert_list *list, struct arena *arena);

/* The next alert of `detection`, else zeroed, or null (counted) when the list
 * is full. */
struct alert *alert_list_add(struct alert_list *list,
                             const struct detection *detection);

/* Add a fact to the newest alert of `list`; `value` is cut to
 * ALERT_FACT_SIZE_MAX and must outlive the list. An empty value is not added.
 * False (counted) when the alert has ALERT_FACT_MAX already. Facts are kept by
 * the finding, shown with it, and can be named in its sentence. */
bool alert_add_fact(struct alert_list *list, const char *name,
                    struct bytes value);

const char *severity_name(enum severity severity);
const char *detection_language_name(enum detection_language language);
