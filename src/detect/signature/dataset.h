/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * A named set of values that rules ask and add to: names, digests, addresses,
 * each as the bytes a buffer would hold. With a number for each value it is a
 * reputation. Owned by the rule set; a set that rules add to is the one thing
 * of a rule set that changes while it runs.
 */
#include "base/hash.h"
#include "base/bytes.h"

enum {
    DATASET_VALUE_MAX = 1000000,   /* Values loaded from files. */
    DATASET_ADDED_MAX = 4096,      /* Values that rules add, */
    DATASET_ADDED_SIZE_MAX = 256,  /* and the longest of them. */
};

struct dataset;

struct dataset *dataset_new(const char *name);
void dataset_free(struct dataset *set);
const char *dataset_name(const struct dataset *set);

/* At load: false when the set is full. */
bool dataset_load_value(struct dataset *set, struct bytes value,
                        uint16_t reputation);

/* At load, for a set that rules add to: memory for all that may be added. */
void dataset_make_room(struct dataset *set);

/* While running: false when there is no room, or nothing to remove. */
bool dataset_add(struct dataset *set, struct bytes value);
bool dataset_remove(struct dataset *set, struct bytes value);

/* Its reputation is written when the value is there. */
bool dataset_has(const struct dataset *set, struct bytes value,
                 uint16_t *reputation);
size_t dataset_count(const struct dataset *set);

/* Digests of files, as a set of their bytes. */
struct digest_list {
    uint8_t size;          /* Of each: 16 MD5, 20 SHA-1, 32 SHA-256. */
    struct dataset *values;
};

/* Additions that found no room. */
uint64_t dataset_refused(const struct dataset *set);
