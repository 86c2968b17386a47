/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * A rule set, its state, and one event after another, for tests of Sigma
 * rules. Events are logins and files, whose fields are of every kind.
 */
#include <stdio.h>
#include <string.h>

#include "capture_fake.h"
#include "detect/behaviour/behaviour.h"
#include "test.h"

#define SECOND 1000000000ll

struct fixture {
    struct behaviour *behaviour;
    struct behaviour_state *state;
    struct evidence_store *store;
    struct arena arena;
    struct event_list events;
    struct alert_list alerts;
};

static inline void fixture_open(struct fixture *f, const char *text)
{
    f->behaviour = behaviour_new();
    behaviour_load_text(f->behaviour, "test.yml", bytes_of_text(text));
    behaviour_compile(f->behaviour);
    f->store = evidence_store_new(64 << 10);
    f->state = behaviour_state_new(f->behaviour, f->store);
    arena_init(&f->arena);
    event_list_init(&f->events, &f->arena);
    alert_list_init(&f->alerts, &f->arena);
}

static inline void fixture_close(struct fixture *f)
{
    behaviour_state_free(f->state);
    evidence_store_free(f->store);
    behaviour_free(f->behaviour);
    arena_clear(&f->arena);
}

/* From 192.0.2.7:40000 and 02:00:5e:00:00:01 to [2001:db8::1]:23. */
static inline struct event *fixture_event(struct fixture *f,
                                          enum event_type type)
{
    static const uint8_t mac[6] = { 2, 0, 0x5e, 0, 0, 1 };

    arena_reset(&f->arena);
    event_list_init(&f->events, &f->arena);
    alert_list_init(&f->alerts, &f->arena);
    struct event *event = event_new(&f->events, type);
    struct event_context *context = &event->context;
    context->has_ip = context->has_ports = context->has_mac = true;
    context->source = ip_of_v4(0xc0000207);
    assert_true(ip_parse(bytes_of_text("2001:db8::1"),
                         &context->destination));
    context->source_port = 40000;
    context->destination_port = 23;
    context->source_mac = mac_of(mac);
    context->protocol = 6;
    context->source_local = true;
    context->time_ns = 1700000000ll * SECOND; /* 2023-11-14 22:13:20 UTC */
    return event;
}

static inline size_t fixture_match(struct fixture *f, struct event *event,
                                   const struct evidence_scene *scene)
{
    behaviour_match(f->state, event, scene, &f->alerts);
    return f->alerts.count;
}
