/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The one index of indicators in memory: from a value in its canonical form
 * (see key.h) to the claims about it. It is filled, then built once, then only
 * read.
 *
 * A value is held by 96 bits of keyed hashes and its claim, 16 bytes in all and
 * nothing for empty places. Among ten million values a look-up of another one
 * is wrong with a chance of one in 10^21, and as the key is secret in a live
 * watch nobody can look for one that is. What is not there is
 * mostly known from the one access that says where to look.
 *
 * Networks stand in ranges that do not overlap, each with its longest prefix,
 * from which the wider ones are reached.
 */
#include "base/hash.h"
#include "net/address.h"

enum {
    INTEL_INDEX_MAX = 1 << 26, /* Claims: 1 GiB. */
    INTEL_NETWORK_MAX = 1 << 22,
};

#define INTEL_NONE UINT32_MAX

struct intel_index;

struct intel_index *intel_index_new(struct hash_key key);
void intel_index_free(struct intel_index *index);

/* Value `kind`, `bytes` has claim number `claim`. False when it is full. */
bool intel_index_add(struct intel_index *index, uint8_t kind,
                     struct bytes bytes, uint32_t claim);
bool intel_index_add_network(struct intel_index *index,
                             struct ip_prefix prefix, uint32_t claim);

/* After the last: sort, take out what is there twice; answers how many. */
size_t intel_index_build(struct intel_index *index);

/* A walk over the claims about one value. */
struct intel_cursor {
    uint64_t high;
    uint32_t low;
    uint32_t at;
    uint32_t end;
};

struct intel_cursor intel_index_seek(const struct intel_index *index,
                                     uint8_t kind, struct bytes bytes);
uint32_t intel_index_next(const struct intel_index *index,
                          struct intel_cursor *cursor);

/* A walk over the claims about networks `ip` is in, the longest first. */
struct intel_network_cursor {
    uint32_t at;
};

struct intel_network_cursor
intel_index_seek_network(const struct intel_index *index, struct ip ip);

/* The next claim, and the network it is about. */
uint32_t intel_index_next_network(const struct intel_index *index,
                                  struct intel_network_cursor *cursor,
                                  struct ip_prefix *prefix);

size_t intel_index_count(const struct intel_index *index);
size_t intel_index_memory(const struct intel_index *index);
