/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What the command channels have in common: families of bots known by the
 * shape of what they say, one recognise and one feed function each. The shapes
 * are those of the published sources of Mirai (2016) and Bashlite (2014) and
 * their descendants; each is strict, for a false alarm here is an accusation.
 */
#include "dissect/dissector.h"

enum {
    COMMAND_LINE_MAX = 1024,   /* One line of a text channel. */
    COMMAND_TARGET_MAX = 64,   /* Targets of one attack that are shown. */
};

enum command_family {
    COMMAND_UNKNOWN,
    COMMAND_MIRAI,
    COMMAND_MIRAI_REPORT,
    COMMAND_GAFGYT,
};

/* What a flow's state keeps. */
struct command_state {
    uint8_t family;            /* enum command_family */
    bool is_keepalive_seen[2]; /* Only a side's first is told. */
    bool is_hello_seen;
};

/* A new event with the family and the kind set: literals. */
struct event *command_event(struct event_list *events, const char *family,
                            const char *kind);

enum dissect_verdict
command_mirai_recognise(const struct dissect_input *input);
struct dissect_result command_mirai_feed(struct command_state *state,
                                         const struct dissect_input *input,
                                         struct event_list *events);

enum dissect_verdict
command_report_recognise(const struct dissect_input *input);
struct dissect_result command_report_feed(struct command_state *state,
                                          const struct dissect_input *input,
                                          struct event_list *events);

enum dissect_verdict
command_gafgyt_recognise(const struct dissect_input *input);
struct dissect_result command_gafgyt_feed(struct command_state *state,
                                          const struct dissect_input *input,
                                          struct event_list *events);
