/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Indicators of compromise, from whoever says something: STIX 2.1 bundles with
 * patterns, MISP events and feeds, and lists. Each keeps who said it, since
 * when, until when, how sure, and for whom it is meant (TLP); a hit carries
 * all of it into the finding. What has expired by the time of the packet says
 * nothing any more.
 *
 * A set is loaded, built once, and then never changed; it may be shared. What
 * patterns over several events remember is a state of its own.
 */
#include "base/error.h"
#include "base/hash.h"
#include "detect/detection.h"

enum {
    INTEL_CLAIM_MAX = 1 << 24,       /* Different things said. */
    INTEL_PATTERN_MAX = 100000,      /* Not in the index but evaluated. */
    INTEL_REFUSAL_MAX = 10000,       /* Told one by one; more are counted. */
    INTEL_LIST_SIZE_MAX = 1 << 30,   /* Bytes of one list. */
    INTEL_JSON_SIZE_MAX = 256 << 20, /* Its tree takes some ten times that. */
    INTEL_FILE_MAX = 65536,          /* Files of one directory. */
    INTEL_LINE_MAX = 64 << 10,       /* Bytes of one line of a list. */
};

struct intel;
struct intel_state;

/* What was not loaded. */
struct intel_refusal {
    const char *file;
    unsigned line;      /* Of a list; 0 for JSON, where `item` says it. */
    const char *item;   /* An id, a value, or null. */
    const char *reason;
};

/* The key of the index: random when live, so that nobody finds collisions. */
struct intel *intel_new(struct hash_key key);
void intel_free(struct intel *intel);

/*
 * Load a file, or all files below a directory. The format is found by what is
 * inside; "FORMAT[,KEY=VALUE...]:PATH" says it for those that cannot be:
 * csv,value=N[,type=N][,kind=WORD][,from=N][,until=N][,confidence=N]
 * [,labels=N][,header] (columns from 1), list[,kind=WORD], dataset,type=WORD,
 * iprep[,categories=FILE]. Also name=TEXT and tlp=WORD for every one. Refusals
 * are collected; negative only when the path cannot be read or the words
 * before the colon are not understood.
 */
int intel_load(struct intel *intel, const char *path,
               struct failure *failure) MUST_USE;

/* The same from memory; `name` stands for the file. */
void intel_load_text(struct intel *intel, const char *name,
                     struct bytes text);

/* After the last load. */
void intel_build(struct intel *intel);

/* What became of all that was read. */
struct intel_counts {
    uint64_t loaded;     /* Indicators in force or to come. */
    uint64_t values;     /* Single values in the index. */
    uint64_t patterns;   /* Evaluated. */
    uint64_t refused;
    uint64_t duplicates; /* The same said twice by the same. */
    uint64_t revoked;    /* Withdrawn by their source. */
    uint64_t ignored;    /* Not for detection: MISP without to_ids, benign. */
    uint64_t exploited;  /* Vulnerabilities with a rank. */
    size_t memory;       /* Bytes of the index. */
};

void intel_read_counts(const struct intel *intel,
                       struct intel_counts *counts);

/* Indicators whose time had ended before `now_ns`. */
uint64_t intel_expired(const struct intel *intel, int64_t now_ns);

size_t intel_refusal_count(const struct intel *intel);
const struct intel_refusal *intel_refusal(const struct intel *intel,
                                          size_t index);

/* Can any indicator be about an event of that type? About flows that nobody
 * answered? */
bool intel_wants(const struct intel *intel, enum event_type type);
bool intel_wants_unanswered(const struct intel *intel);

struct intel_state *intel_state_new(const struct intel *intel);
void intel_state_free(struct intel_state *state);

/* Match one event; alerts are appended with their facts. */
void intel_match(struct intel_state *state, const struct event *event,
                 struct alert_list *alerts);

struct intel_counters {
    uint64_t events;
    uint64_t regexes_stopped;
    uint64_t searches_stopped;     /* Ways to match not all tried. */
    uint64_t observations_dropped; /* Forgotten before a pattern was whole. */
};

void intel_read_counters(const struct intel_state *state,
                         struct intel_counters *counters);

/* One thing said about a value. Null or negative where nothing is said. */
struct intel_said {
    const char *indicator; /* What the claim is about, in its one form. */
    const char *kind;
    const char *source;
    const char *id;
    const char *labels;
    const char *tlp;
    const char *harm;
    int confidence;        /* 0 to 100, or -1. */
    int64_t from_ns;       /* INT64_MIN: since ever. */
    int64_t until_ns;      /* INT64_MAX: for ever. */
};

typedef void intel_said_function(void *context, const struct intel_said *said);

/* All that is said about `value`, expired or not; answers how much. */
size_t intel_explain(const struct intel *intel, struct bytes value,
                     intel_said_function *each, void *context);
