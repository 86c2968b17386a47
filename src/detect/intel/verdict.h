/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What a hit means: whom the finding is about, how bad it is, and what is
 * known of it.
 */
#include "detect/intel/view.h"

/* Something an event showed that somebody says something about. */
struct intel_hit {
    const struct event *event;
    const struct intel_claim *claim;
    struct bytes indicator; /* What the claim is about; for addresses: */
    struct ip_prefix network;
    uint16_t port;          /* Of a SOCKET. */
    enum intel_kind kind;   /* INTEL_ANY for a pattern. */
    enum intel_end end;     /* Who is spoken of. */
    bool is_answer;         /* It was told, not asked for or contacted. */
    bool is_sequence;       /* A pattern of several observations: the event
                             * that made it whole is any one of them. */
};

/* The host a finding would be about: patterns remember by it. */
struct ip intel_hit_host(const struct intel_hit *hit);

/* Add the alert, unless the same is said of the same event already, or it is
 * about this network's own addresses on a list nobody looked through. */
void intel_alert(const struct intel *intel, const struct intel_hit *hit,
                 struct alert_list *alerts);
