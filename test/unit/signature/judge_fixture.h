/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Rules as text against packets, bytes in order and views that a test makes
 * up: one flow between 192.0.2.1 (client) and 198.51.100.7 (server, port 80).
 * Answers are numbers of alerts, all or of one sid.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "detect/signature/signature.h"
#include "test.h"

struct judge_fixture {
    struct signature *set;
    struct signature_state *state;
    struct arena arena;
    struct view_list views;
    struct alert_list alerts;
    struct flow flow;
    struct packet packet;
    struct signature_input input;
    uint64_t offset[2];
    uint64_t lost;            /* Just before the next bytes. */
    int64_t now_ns;
    size_t total;             /* Alerts ever. */
    uint32_t last_sid;
};

static inline struct ip fixture_ip(const char *text)
{
    struct ip ip;

    check(ip_parse(bytes_of_text(text), &ip));
    return ip;
}

static inline void fixture_init(struct judge_fixture *f, const char *rules)
{
    const struct hash_key key = { 7, 9 };

    memset(f, 0, sizeof *f);
    f->set = signature_new();
    signature_load_text(f->set, "test.rules", bytes_of_text(rules));
    signature_compile(f->set);
    for (size_t i = 0; i < signature_refusal_count(f->set); i++)
        fail_msg("refused: %s: %s", rules,
                 signature_refusal(f->set, i)->reason);
    f->state = signature_state_new(f->set, key, NULL);
    arena_init(&f->arena);
    view_list_init(&f->views, &f->arena);
    memset(f->views.wanted, 0xff, sizeof f->views.wanted);
    f->flow = (struct flow){ .protocol = IP_PROTOCOL_TCP,
                             .state = FLOW_ESTABLISHED,
                             .number = 1 };
    f->flow.address[0] = fixture_ip("192.0.2.1");
    f->flow.address[1] = fixture_ip("198.51.100.7");
    f->flow.port[0] = 40000;
    f->flow.port[1] = 80;
    f->now_ns = 1000000000;
}

static inline void fixture_clear(struct judge_fixture *f)
{
    signature_state_free(f->state);
    signature_free(f->set);
    arena_clear(&f->arena);
}

static inline void fixture_face(struct judge_fixture *f, enum flow_side side,
                                struct bytes payload)
{
    f->flow.packets[side]++;
    f->flow.last_ns = f->now_ns;
    f->packet = (struct packet){
        .mark = { .time_ns = f->now_ns },
        .layer = PACKET_LAYER_IP,
        .ip_version = 4,
        .protocol = f->flow.protocol,
        .ttl = 64,
        .has_transport = true,
        .source = f->flow.address[side],
        .destination = f->flow.address[!side],
        .source_port = f->flow.port[side],
        .destination_port = f->flow.port[!side],
        .payload = payload,
    };
    f->packet.tcp.flags = TCP_ACK | TCP_PSH;
    f->input = (struct signature_input){
        .packet = &f->packet, .flow = &f->flow, .side = side,
        .application = f->input.application, .views = &f->views,
    };
}

/* Judge what is set up; answers how many alerts it raised. */
static inline size_t fixture_judge(struct judge_fixture *f)
{
    struct arena arena;

    arena_init(&arena);
    alert_list_init(&f->alerts, &arena);
    signature_match(f->state, &f->input, NULL, &f->alerts);
    size_t count = f->alerts.count;
    if (count > 0)
        f->last_sid =
            (uint32_t)strtoul(f->alerts.alerts[0].detection->id + 2, NULL, 10);
    f->views.count = 0;
    f->total += count;
    arena_clear(&arena);
    return count;
}

/* One packet whose bytes are the next of its side's stream. */
static inline size_t fixture_send(struct judge_fixture *f,
                                  enum flow_side side, struct bytes payload)
{
    fixture_face(f, side, payload);
    if (f->flow.protocol == IP_PROTOCOL_TCP) {
        f->input.stream = payload;
        f->input.stream_gap = f->lost;
        f->offset[side] += f->lost;
        f->lost = 0;
        f->input.stream_offset = f->offset[side];
        f->offset[side] += payload.size;
        f->input.stream_size[0] = f->offset[0];
        f->input.stream_size[1] = f->offset[1];
    }
    return fixture_judge(f);
}

/* A packet without payload that brings the views added before. */
static inline size_t fixture_views(struct judge_fixture *f,
                                   enum flow_side side)
{
    fixture_face(f, side, (struct bytes){ 0 });
    return fixture_judge(f);
}

static inline size_t fixture_end(struct judge_fixture *f)
{
    struct arena arena;

    arena_init(&arena);
    alert_list_init(&f->alerts, &arena);
    f->input.packet = NULL;
    f->input.flow = &f->flow;
    f->input.views = NULL;
    f->input.stream = (struct bytes){ 0 };
    signature_flow_end(f->state, &f->input, NULL, &f->alerts);
    size_t count = f->alerts.count;
    f->total += count;
    arena_clear(&arena);
    return count;
}
