/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * classification.config and reference.config: what a classtype means, and
 * where a reference leads. Both begin with what Suricata ships; files add to
 * that and replace.
 */
#include "base/arena.h"
#include "detect/detection.h"

enum {
    RULE_CLASS_MAX = 1024,
    RULE_REFERENCE_KIND_MAX = 1024,
};

struct rule_class {
    const char *name;
    const char *description;
    uint32_t priority;
    const char *harm;          /* RSIT */
    enum severity severity;
};

struct rule_classes;

struct rule_classes *classes_new(void);
void classes_free(struct rule_classes *classes);

/* Null when there is none of this name. */
const struct rule_class *classes_find(const struct rule_classes *classes,
                                      struct bytes name);

/* What stands before the reference: "http://"; null for an unknown kind. */
const char *classes_reference(const struct rule_classes *classes,
                              struct bytes kind);

/* One line of a file: "config classification: NAME,TEXT,PRIORITY" or "config
 * reference: NAME PREFIX". False when it is neither; null in *problem, or
 * what is wrong with it. */
bool classes_read_line(struct rule_classes *classes, struct bytes line,
                       const char **problem);
