/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Bits that hosts and pairs of hosts carry from flow to flow (xbits,
 * hostbits), each until it expires. A table of fixed size with a keyed hash;
 * where it is full, what expires first gives way, and is counted.
 */
#include "base/hash.h"
#include "detect/signature/values.h"

enum {
    HOST_BIT_MAX = 8192,
    HOST_BIT_WAYS = 8,
    HOST_BIT_EXPIRES_S = 30,  /* When the rule names no time. */
};

struct host_bit {
    uint64_t hash;            /* 0: free. */
    int64_t expires_ns;
};

struct host_bits {
    struct host_bit *bits;
    struct hash_key key;
    uint64_t refused;         /* Bits that were dropped for room. */
};

/* Whose bit: by the track of the rule. */
struct host_pair {
    struct ip source;
    struct ip destination;
    int64_t now_ns;
};

void host_bits_init(struct host_bits *bits, struct hash_key key);
void host_bits_clear(struct host_bits *bits);

/* `name` is the same number for the same name whatever the rule set. */
bool host_bits_has(const struct host_bits *bits, enum bits_track track,
                   uint64_t name, const struct host_pair *hosts);
void host_bits_set(struct host_bits *bits, const struct bits_test *test,
                   uint64_t name, const struct host_pair *hosts);
void host_bits_unset(struct host_bits *bits, enum bits_track track,
                     uint64_t name, const struct host_pair *hosts);
