/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Rules that are one test of a name: "is it this one" or "does it end in
 * .this", thousands of them, found by a few look-ups in a hash table. Keys are
 * folded to lower case; a name is looked up whole and from each of its dots.
 */
#include "detect/signature/candidates.h"

enum {
    NAME_SIZE_MAX = 255,  /* Longer ones are patterns (RFC 1035 2.3.4). */
};

struct name_rule {
    struct bytes name;    /* A suffix begins with its dot. */
    uint32_t rule;
};

struct name_set;

/* Names are copied. Null for none. */
struct name_set *name_set_new(const struct name_rule *names, size_t count);
void name_set_free(struct name_set *set);

/* Add the rules of `data` whole and of each of its suffixes. */
void name_set_find(const struct name_set *set, struct bytes data,
                   struct candidates *found);
size_t name_set_memory(const struct name_set *set);
