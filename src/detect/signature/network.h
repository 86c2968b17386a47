/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The addresses and ports of rule headers: nested lists with negation and
 * variables in, disjoint ranges in order out. Equal sets are one object.
 *
 * Variables may name others and are looked up when a rule asks, so that a new
 * $HOME_NET changes the $EXTERNAL_NET that is made of it.
 */
#include "base/error.h"
#include "detect/signature/values.h"

enum {
    NETWORK_NEST_MAX = 32,      /* Brackets and variables in each other. */
    NETWORK_RANGE_MAX = 262144, /* Of one list, before they are merged. */
    NETWORK_TEXT_MAX = 256 << 10,
};

enum network_kind { NETWORK_ADDRESS, NETWORK_PORT };

struct network_sets;

struct network_sets *network_sets_new(void);
void network_sets_free(struct network_sets *sets);

/* Set a variable, given without the dollar. Values that are no list of
 * addresses or ports are found by network_check_variable. */
int network_set_variable(struct network_sets *sets, struct bytes name,
                         struct bytes value, struct failure *failure) MUST_USE;

/* Read a list; null in *set stands for any. False with the reason in
 * `reason` (of NETWORK_REASON_MAX bytes) when it is none. */
enum { NETWORK_REASON_MAX = 256 };
bool network_addresses(struct network_sets *sets, struct bytes text,
                       const struct address_set **set, char *reason);
bool network_ports(struct network_sets *sets, struct bytes text,
                   const struct port_set **set, char *reason);

/* The set of these addresses, which are sorted; it may be empty. */
struct span_list;
const struct address_set *network_intern(struct network_sets *sets,
                                         const struct span_list *list);

/* How many different sets there are: `index` of each is below. */
uint32_t network_address_set_count(const struct network_sets *sets);
uint32_t network_port_set_count(const struct network_sets *sets);
const struct address_set *network_address_set(const struct network_sets *sets,
                                              uint32_t index);
const struct port_set *network_port_set(const struct network_sets *sets,
                                        uint32_t index);

/* Is the address in one of the ranges? Null is any. */
bool address_set_contains(const struct address_set *set, struct ip ip);
bool port_set_contains(const struct port_set *set, uint16_t port);

/* Is every address of `set` in `whole`? */
bool network_within(const struct address_set *set,
                    const struct address_set *whole);

/* What Suricata's default configuration says: $HOME_NET and the rest. */
struct network_default {
    const char *name;
    const char *value;
};
extern const struct network_default network_defaults[]; /* Ends with null. */
