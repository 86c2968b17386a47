/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Why one rule did not hold: for each flow, how far it came. The rule is then
 * tried on everything that could be its, whatever the prefilter says, and the
 * furthest that it came on a flow is kept. Costs one comparison where it is
 * off.
 */
#include "base/writer.h"
#include "detect/signature/signature.h"

enum why_stage {
    WHY_NOT_TRIED,      /* Nothing was there that it looks into. */
    WHY_SIDE,           /* flow:to_server or to_client. */
    WHY_PROTOCOL,
    WHY_ADDRESS,
    WHY_PORT,
    WHY_CONDITION,      /* `place` is the condition's. */
    WHY_BUFFER_MISSING, /* `place` is the inspection's. */
    WHY_INSPECTION,     /* and `test` the first that failed in it. */
    WHY_PASSED,         /* By a pass rule. */
    WHY_THRESHOLD,      /* It held, but too often or not often enough. */
    WHY_SILENT,         /* It held, and is not to alert. */
    WHY_ALERT,
};

struct why_note {
    enum why_stage stage;
    uint16_t place;
    uint16_t test;
};

struct why_flow {
    uint64_t flow;       /* Its number; 0 for packets without a flow. */
    struct ip address[2]; /* Of both sides, the originator first. */
    uint16_t port[2];
    uint8_t protocol;
    struct why_note note;
};

enum { WHY_FLOW_MAX = 65536 }; /* Flows that are told of; more are counted. */

struct why {
    uint32_t rule;       /* Number of the rule that is asked for, plus 1. */
    struct why_flow *flows;
    size_t count;
    uint64_t dropped;
};

static inline bool why_is(const struct why *why, uint32_t number)
{
    return why->rule == number + 1;
}

/* It came so far on this flow (or null); what came further before stays. */
void why_note(struct why *why, const struct flow *flow, struct why_note note);
void why_clear(struct why *why);

/* From now on, follow one rule; false when there is none of this number. */
bool signature_ask_why(struct signature_state *state, uint32_t gid,
                       uint32_t sid);

/* What was found until now. */
const struct why *signature_why(const struct signature_state *state);

/* In words: "flow:established does not hold". */
void why_describe(const struct rule *rule, struct why_note note,
                  struct writer *out);
