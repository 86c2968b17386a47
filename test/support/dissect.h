/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Feeds one dissector hand-written messages over one made-up flow, as the
 * engine would: datagrams whole, TCP in order with what was not consumed put
 * in front of what follows. Each call to the dissector gets a copy of exactly
 * the right size. Events and the copies stay until dissect_run_clear().
 *
 *     struct dissect_run run;
 *     dissect_run_init(&run, &dns_dissector, 53);
 *     dissect_run_send(&run, FLOW_ORIGINATOR, query);
 *     event = dissect_run_event(&run, EVENT_DNS, 0);
 *     dissect_run_clear(&run);
 */
#include "base/writer.h"
#include "dissect/dissector.h"

struct dissect_copy;

struct dissect_run {
    const struct dissector *dissector;
    struct flow flow;
    struct arena arena;
    struct view_list *views;      /* The caller sets it, or null. */
    struct event_list events;
    struct dissect_result result; /* Of the last call of feed(). */
    struct writer pending[2];     /* TCP: not consumed yet, by side. */
    uint64_t offset[2];           /* TCP: bytes consumed, by side. */
    uint64_t gap[2];              /* TCP: lost before the next bytes. */
    struct dissect_copy *copies;
    int64_t time_ns;
    void *state;
    bool port_matches;
    bool hash_files;              /* The caller may set it. */
    bool is_left;                 /* Malformed, finished or not mine. */
};

/* 192.0.2.1:40000 speaks first to 192.0.2.2:`port`; the caller may change
 * run->flow before the first message. */
void dissect_run_init(struct dissect_run *run,
                      const struct dissector *dissector, uint16_t port);
void dissect_run_clear(struct dissect_run *run);

/* What the dissector says to `data` as the first bytes of `side`. */
enum dissect_verdict dissect_run_recognise(struct dissect_run *run,
                                           enum flow_side side,
                                           struct bytes data);

/* One datagram, or more bytes of the side's stream. Nothing is fed after a
 * verdict that leaves the flow. Fails the program when feed() breaks its
 * contract (uses more than it was given). */
void dissect_run_send(struct dissect_run *run, enum flow_side side,
                      struct bytes data);

/* The side's stream ends here (TCP). */
void dissect_run_end(struct dissect_run *run, enum flow_side side);

/* The `index`th event of `type`, or null. */
const struct event *dissect_run_event(const struct dissect_run *run,
                                      enum event_type type, size_t index);
size_t dissect_run_count(const struct dissect_run *run, enum event_type type);

/* For assert_string_equal: value `index` of `field` as text, whatever its
 * kind (numbers in decimal, flags as "true" and "false", reals with three
 * digits); "(none)" when there is none. Lives as long as the run. */
const char *dissect_run_text(struct dissect_run *run,
                             const struct event *event,
                             enum event_field field, size_t index);

/* The three sweeps over `wire` as the first message of a flow: none may break
 * the dissector, and no prefix may make more events than the whole. Cut in
 * two, a stream must give as many events as in one piece. */
void dissect_sweep(const struct dissector *dissector, uint16_t port,
                   struct bytes wire);
