/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What patterns are matched against. An observation is a moment with some
 * objects, each of a type and with values under paths; where they come from
 * (observed-data in JSON, an event of ours) is up to who fills the functions.
 *
 * All comparisons in one pair of brackets hold for one and the same object
 * (STIX 2.1 section 9.2); all brackets of a pattern for different observations
 * (section 9.5).
 */
#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include "detect/intel/pattern.h"

enum {
    STIX_SEARCH_STEPS_MAX = 200000, /* Of one search, then it is given up. */
};

/* Takes one value; true when no more are wanted. */
typedef bool stix_value_function(void *context,
                                 const struct stix_value *value);

struct stix_observation {
    const void *context;
    size_t object_count;
    struct bytes (*type_of)(const void *context, size_t object);
    /* Give each value that `path` leads to from `object`. */
    void (*each_value)(const void *context, size_t object,
                       const struct stix_path *path,
                       stix_value_function *each, void *each_context);
};

/* What matching needs beside the pattern; use it from one thread. */
struct stix_matcher {
    struct arena scratch;          /* Reset for each leaf. */
    pcre2_match_data *match_data;
    pcre2_match_context *match_context;
    uint64_t regexes_stopped;      /* Given up after too many steps. */
    bool is_invalid;               /* A text beside a time was no time. */
};

void stix_matcher_init(struct stix_matcher *matcher);
void stix_matcher_clear(struct stix_matcher *matcher);

/* Does the leaf hold for any object of the observation? */
bool stix_leaf_holds(struct stix_matcher *matcher,
                     const struct stix_pattern *pattern,
                     const struct stix_leaf *leaf,
                     const struct stix_observation *observation);

/* The same for all leaves: bit n for leaf n. */
uint64_t stix_leaves_of(struct stix_matcher *matcher,
                        const struct stix_pattern *pattern,
                        const struct stix_observation *observation);

/* Does one value satisfy a test, its NOT included? */
bool stix_test_holds(struct stix_matcher *matcher,
                     const struct stix_test *test,
                     const struct stix_value *value);

/* An observation by what a search needs of it. */
struct stix_seen {
    int64_t first_ns; /* When it was first and last observed: the same */
    int64_t last_ns;  /* for what happened at one moment. */
    uint64_t leaves;  /* See stix_leaves_of(). */
};

enum stix_verdict {
    STIX_NO_MATCH,
    STIX_MATCH,
    STIX_GIVEN_UP, /* After STIX_SEARCH_STEPS_MAX steps. */
};

/* Is there a way to match the pattern with these, in the order of time? Where
 * an observation lasted, it counts as any moment of that (section 9.5). On a
 * match `*used` (may be null) has a bit for each of the first 64 taken. */
enum stix_verdict stix_search(const struct stix_pattern *pattern,
                              const struct stix_seen *seen, size_t count,
                              uint64_t *used);
