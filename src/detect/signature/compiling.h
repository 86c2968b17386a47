/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Lists that grow while a rule set is made ready, and what is read off a rule
 * before it is placed. Gone when it is done. */
#include "detect/signature/compiled.h"

struct growing {
    uint32_t *rules;
    uint32_t count;
    uint32_t capacity;
};

struct patterns {
    struct gram_pattern *patterns;
    size_t count;
    size_t capacity;
};

struct names {
    struct name_rule *names;
    size_t count;
    size_t capacity;
};

struct compiling {
    struct compiled *compiled;
    uint16_t lens_capacity;
    struct patterns *lens_patterns;  /* By lens. */
    struct names *lens_names;
    struct growing *lens_others;
    struct patterns payload[PACKET_CLASS_COUNT][2];
    struct growing any[PACKET_CLASS_COUNT];
    struct growing by_destination[PACKET_CLASS_COUNT];
    struct growing by_source[PACKET_CLASS_COUNT];
    struct growing applications[APPLICATION_RULES_MAX];
    struct growing everywhere;
    struct growing events;
    struct growing discoveries;
    struct growing at_end;
    struct range_rule *sources;
    struct range_rule *destinations;
    size_t source_count;
    size_t destination_count;
};

/* study.c: all of `compiled` but its lenses. */
void rule_study(const struct rule *rule, struct compiled_rule *compiled);
