/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Which rules name an address: the ranges of thousands of rules cut into
 * intervals that do not overlap, each with its rules; one binary search finds
 * the interval of an address.
 */
#include "detect/signature/candidates.h"
#include "detect/signature/values.h"

struct range_rule {
    const struct address_set *set;
    uint32_t rule;
};

struct range_index;

/* Null for none. */
struct range_index *range_index_new(const struct range_rule *rules,
                                    size_t count);
void range_index_free(struct range_index *index);
void range_index_find(const struct range_index *index, struct ip address,
                      struct candidates *found);
size_t range_index_memory(const struct range_index *index);

/* Is the address in the set? Null is any. */
bool address_set_has(const struct address_set *set, struct ip address);
bool port_set_has(const struct port_set *set, uint16_t port);

/* How many addresses, about: to tell lists from networks. */
double address_set_span(const struct address_set *set);
