/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Inside a set of indicators: what is kept of each, and what the readers of
 * the formats share. */
#include <jansson.h>

#include "base/table.h"
#include "base/writer.h"
#include "detect/intel/exploited.h"
#include "detect/intel/index.h"
#include "detect/intel/intel.h"
#include "detect/intel/key.h"
#include "detect/intel/observation.h"

enum { INTEL_CONFIDENCE_NONE = 255 };

/* Something said about a value or a pattern. Claims that say the same are one,
 * however many values they are about. */
struct intel_claim {
    const struct detection *detection; /* Title: what says it. */
    const char *labels;    /* With commas; interned. */
    const char *tlp;       /* "amber", or null. */
    int64_t from_ns;
    int64_t until_ns;
    uint32_t pattern;      /* The pattern it leads to, or INTEL_NONE. */
    uint8_t confidence;    /* 0 to 100, or INTEL_CONFIDENCE_NONE. */
    bool is_passive;       /* Worth knowing, not acting on: an anonymiser. */
    bool is_list;          /* No analyst looked at each value. */
    uint32_t uses;         /* Values it is about; not compared. */
};

/* A pattern that is more than one value of the index. */
struct intel_pattern {
    struct stix_pattern pattern;
    uint32_t claim;
    bool is_triggered;     /* Looked at when a value of it is found. */
    uint64_t types;        /* Event types it can be about: a bit each. */
};

struct intel {
    struct arena arena;
    struct hash_key key;
    struct intel_index *index;
    struct intel_claim *claims;
    size_t claim_count;
    size_t claim_capacity;
    struct table by_claim;
    const char **texts;    /* Interned: labels, TLP, names. */
    size_t text_count;
    size_t text_capacity;
    struct table by_text;
    struct intel_pattern *patterns;
    size_t pattern_count;
    size_t pattern_capacity;
    struct intel_refusal *refusals;
    size_t refusal_count;
    size_t refusal_capacity;
    struct exploited *exploited;
    struct intel_counts counts;
    uint64_t kinds;        /* enum intel_kind that the index has: a bit each. */
};

/* A file while it is read. */
struct intel_place {
    struct intel *intel;
    const char *file;
    unsigned line;
    const char *item;
    const char *name;      /* Of the source; set by the user or the file. */
    const char *tlp;       /* Said for all of it, or null. */
    const char *digest;    /* Of the file: version of its detection. */
};

/* Not loaded, for a reason; always answers false. */
bool intel_refuse(struct intel_place *place, const char *format, ...)
    PRINTF_LIKE(2, 3);

/* The one copy of a text; printable. Null stays null. */
const char *intel_intern(struct intel *intel, struct bytes text);

/* 16 hex digits over `text`, in the arena. */
const char *intel_digest(struct intel *intel, struct bytes text);

/* A detection for what `place` says; harm and role from `labels`. */
struct detection *intel_detection_new(struct intel_place *place,
                                      const char *id, const char *version,
                                      const char *labels);

/* The number of the claim that says this, or INTEL_NONE, refused. */
uint32_t intel_claim_of(struct intel_place *place,
                        const struct intel_claim *claim);

/* What labels, types and categories mean: an RSIT class. */
struct intel_meaning {
    const char *harm;
    bool is_passive;
    bool is_benign;
};

struct intel_meaning intel_meaning_of(struct bytes labels);

/* "clear", "green", "amber", "amber+strict" or "red" in any form, or null. */
const char *intel_tlp_of(struct bytes text);

/* ISO 8601 date or time, or "YYYY-MM-DD hh:mm:ss [UTC]"; false when none. */
bool intel_time_of(struct bytes text, int64_t *time_ns);

/* Add one value. False, refused, when it is none. */
bool intel_add_value(struct intel_place *place, enum intel_kind kind,
                     struct bytes text, const struct intel_claim *claim);

/* The formats. */
struct intel_columns;
void intel_read_list(struct intel_place *place, struct bytes text,
                     const struct intel_columns *columns);
void intel_read_json(struct intel_place *place, struct bytes text);
void intel_read_bundle(struct intel_place *place, const json_t *root);
void intel_read_misp(struct intel_place *place, const json_t *root);
bool intel_is_misp(const json_t *root);

/* Put the pattern into the index, or among those that are evaluated. */
bool intel_add_pattern(struct intel_place *place, struct bytes text,
                       struct intel_claim *claim);
