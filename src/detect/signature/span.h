/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Sets of numbers of 128 bits as ranges, for the lists in rule headers: a
 * port rides in the last two bytes.
 */
#include "net/address.h"

struct span {
    struct ip low;
    struct ip high;
};

struct span_list {
    struct span *spans;
    uint32_t count;
    uint32_t capacity;
};

struct span span_of_prefix(struct ip_prefix prefix);

/* False when `count_max` is reached. */
bool span_list_add(struct span_list *list, struct span span,
                   uint32_t count_max);
void span_list_clear(struct span_list *list);

/* In order, disjoint, none next to another. */
void span_list_sort(struct span_list *list);

/* Of a sorted list: all in `universe` that is not in it. */
struct span_list span_list_complement(const struct span_list *list,
                                      struct span universe);

/* Of two sorted lists: what is in both. */
struct span_list span_list_both(const struct span_list *a,
                                const struct span_list *b);
