/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * STIX observed-data as observations: SCOs of a bundle by their ids, or the
 * objects inside the older form. Borrows the JSON it was made of.
 */
#include <jansson.h>

#include "detect/intel/observation.h"

enum {
    STIX_OBSERVED_MAX = 4096, /* Observations of one set. */
    STIX_REACH_MAX = 1024,    /* Values one path leads to. */
};

struct stix_observed;

/* From an array of bundles (or one bundle). An observation seen N times stands
 * there N times, as far as STIX_OBSERVED_MAX allows. Null with the failure set
 * when it is not STIX. */
struct stix_observed *stix_observed_new(const json_t *bundles,
                                        struct failure *failure);
void stix_observed_free(struct stix_observed *observed);

/* Match a pattern; `*is_invalid` when a comparison could not be made. */
enum stix_verdict stix_observed_match(struct stix_observed *observed,
                                      const struct stix_pattern *pattern,
                                      bool *is_invalid);
