/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The files that stand beside rules: classification.config, reference.config,
 * threshold.config, reputation lists, and the `vars` of a suricata.yaml. */
#include "detect/signature/internal.h"

enum {
    THRESHOLD_RULE_MAX = 65536, /* Lines of threshold.config. */
    VARIABLES_DEPTH_MAX = 64,   /* Of YAML; suricata.yaml needs 8. */
};

/* What a line of threshold.config says of rules; sid 0 is every rule of the
 * gid, gid 0 every rule. */
struct threshold_rule {
    uint32_t gid;
    uint32_t sid;
    struct threshold threshold;
    const char *file;
    unsigned line;
};

struct threshold_rules {
    struct threshold_rule *rules;
    size_t count;
    size_t capacity;
};

/* Lines that cannot be read are remarks. */
void config_read_classes(struct signature *set, const char *name,
                         struct bytes text);
void config_read_thresholds(struct signature *set, const char *name,
                            struct bytes text);
void config_read_reputations(struct signature *set, const char *name,
                             struct bytes text, bool is_categories);
void config_read_variables(struct signature *set, const char *name,
                           struct bytes text);
