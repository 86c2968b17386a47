/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Suricata rules over packets, streams and the views of transactions.
 *
 * A rule set is read and compiled once, then immutable; the running state
 * (what flows and hosts remember: bits, counters, transactions that are not
 * over) is a value of its own, of bounded size, and survives a change of the
 * rule set. What cannot be loaded is refused with file, line and reason.
 */
#include "base/error.h"
#include "decode/packet.h"
#include "detect/signature/rule.h"
#include "evidence/evidence.h"

struct signature;       /* A rule set. */
struct signature_state; /* What it remembers of the traffic. */

/* One rule that was not loaded, or that loads with a warning. */
struct signature_remark {
    const char *file;
    unsigned line;
    uint32_t sid;           /* 0 when it was not read that far. */
    const char *keyword;    /* Or null. */
    const char *reason;     /* What is wrong. */
    const char *suggestion; /* What would be right, or null. */
};

struct signature *signature_new(void);
void signature_free(struct signature *set);

/* Variables of the header: $HOME_NET, $HTTP_PORTS. Before any load; a value
 * that is no address or port list is an error. */
int signature_set_variable(struct signature *set, struct bytes name,
                           struct bytes value,
                           struct failure *failure) MUST_USE;

/* A rules file, a classification.config, reference.config, threshold.config
 * or variables file (by its name), or every one of them below a directory. */
int signature_load(struct signature *set, const char *path,
                   struct failure *failure) MUST_USE;

/* Is a file of this name one that signature_load() reads below a directory? */
bool signature_knows_file(const char *path);

/* Do these bytes look like Suricata rules? */
bool signature_is_rules(struct bytes text);

/* Rules from memory; `name` stands for the file in remarks. */
void signature_load_text(struct signature *set, const char *name,
                         struct bytes text);

/* After the last load: sort out duplicates, choose fast patterns, build the
 * prefilters and the domain and address sets. */
void signature_compile(struct signature *set);

size_t signature_rule_count(const struct signature *set);
const struct rule *signature_rule(const struct signature *set, size_t index);
size_t signature_refusal_count(const struct signature *set);
const struct signature_remark *
signature_refusal(const struct signature *set, size_t index);
size_t signature_warning_count(const struct signature *set);
const struct signature_remark *
signature_warning(const struct signature *set, size_t index);

/* The views that any rule asks for: a bit for each view_id, as in view_list. */
const uint64_t *signature_wanted_views(const struct signature *set);

/* `key` is the run's secret for hash tables; `store` keeps frames of what was
 * counted or waits for the rest of a transaction. */
struct signature_state *signature_state_new(const struct signature *set,
                                            struct hash_key key,
                                            struct evidence_store *store);
void signature_state_free(struct signature_state *state);

/* Go on with another set: bits, counters and open transactions stay. */
void signature_state_replace(struct signature_state *state,
                             const struct signature *set);

/* What one packet brought, as the engine knows it after its dissector. */
struct signature_input {
    const struct packet *packet;     /* Null for further bytes of a stream
                                      * that one packet set free. */
    const struct flow *flow;         /* Null without one. */
    enum flow_side side;
    const char *application;         /* The flow's dissector, or null. */
    struct bytes stream;             /* TCP: bytes new in order on `side`,
                                      * may be several packets' worth. */
    uint64_t stream_offset;          /* Of them in that side's stream. */
    uint64_t stream_gap;             /* Bytes lost just before them. */
    uint64_t stream_size[2];         /* Seen so far, by flow_side. */
    bool is_opaque;                  /* Encrypted from here on: payload and
                                      * stream say nothing. */
    const struct view_list *views;   /* May be null. */
    const struct event_list *events; /* EVENT_ANOMALY: application and
                                      * stream events; may be null. */
    const struct event *event;       /* Stamped with who and when: the
                                      * alerts' event. */
};

/* Judge one packet; alerts are appended. `scene` has the packet's frame and
 * those of its flow. */
void signature_match(struct signature_state *state,
                     const struct signature_input *input,
                     const struct evidence_scene *scene,
                     struct alert_list *alerts);

/* The flow is over: transactions that wait are judged as they stand, and all
 * that hung on the flow is given back. */
void signature_flow_end(struct signature_state *state,
                        const struct signature_input *input,
                        const struct evidence_scene *scene,
                        struct alert_list *alerts);

/* What was worked through, and which limits were reached. */
struct signature_counters {
    uint64_t packets;
    uint64_t candidates;          /* Rules that the prefilter let through. */
    uint64_t verify_stopped;      /* Buffers whose verify work hit its cap. */
    uint64_t regexes_stopped;     /* PCRE match limit. */
    uint64_t transactions_refused; /* No room to remember one more. */
    uint64_t waits_refused;       /* Rules: no place left to wait in. */
    uint64_t flows_evicted;       /* What flows or the ends of streams */
    uint64_t streams_evicted;     /* remembered, to make room. */
    uint64_t bytes_not_inspected; /* Past the limit of a buffer. */
    uint64_t bits_refused;        /* flowbits, xbits past their limit. */
    uint64_t alerts_dropped;      /* Past those of one packet. */
};

void signature_read_counters(const struct signature_state *state,
                             struct signature_counters *counters);
