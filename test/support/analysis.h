/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * An engine without detections that frames are sent into one after the other,
 * as the packet builder makes them; what it reports of devices and activity is
 * kept for the test to look at.
 */
#include "engine/engine.h"
#include "packet_builder.h"

enum { ANALYSIS_VALUE_MAX = 32 };

struct analysis_event {
    enum event_type type;
    struct event_context context;
    uint32_t evidence_count;
    size_t count;
    struct {
        enum event_field field;
        uint64_t number;
        double real;
        struct ip ip;
        char text[32]; /* The beginning of it. */
    } values[ANALYSIS_VALUE_MAX];
};

struct analysis {
    struct engine *engine;
    int64_t now_ns;
    uint64_t frames;
    struct analysis_event *events; /* Of types DEVICE and ACTIVITY. */
    size_t count;
    struct packet_builder builder;
};

void analysis_open(struct analysis *a);
void analysis_close(struct analysis *a);
void analysis_end(struct analysis *a);
void analysis_wait(struct analysis *a, int64_t ms);

/* Send one packet of `size` bytes of payload; its MACs are the sides'. */
void analysis_tcp(struct analysis *a, struct build_side from,
                  struct build_side to, uint8_t flags, size_t size);
void analysis_udp(struct analysis *a, struct build_side from,
                  struct build_side to, size_t size);
void analysis_icmp(struct analysis *a, struct build_side from,
                   struct build_side to, uint8_t type, uint8_t code);
void analysis_arp(struct analysis *a, uint16_t operation,
                  struct build_side from, struct build_side to);

/* An ICMP error of `from` about the UDP packet that `to` sent to `about`. */
void analysis_unreachable(struct analysis *a, struct build_side from,
                          struct build_side to, struct build_side about);

/* The latest event of this kind of activity and protocol; null when none. */
const struct analysis_event *analysis_latest(const struct analysis *a,
                                             const char *kind,
                                             const char *protocol);
size_t analysis_count(const struct analysis *a, const char *kind);

/* UINT64_MAX and a negative when the event has no such value. */
uint64_t analysis_number(const struct analysis_event *event,
                         enum event_field field);
double analysis_real(const struct analysis_event *event,
                     enum event_field field);
