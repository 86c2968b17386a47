/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The Merkle tree of RFC 6962 section 2.1: over leaves in a fixed order, with
 * proofs that a leaf is in it, that a run of leaves is, and that one tree is
 * the beginning of another. Pure functions over values; where hashes of a
 * large tree come from is the caller's business.
 *
 * A subtree here is perfect: 2^level leaves that start at a multiple of
 * 2^level. Its hash never changes while the tree grows.
 */
#include "base/bytes.h"
#include "base/compiler.h"

enum {
    TLOG_HASH_SIZE = 32, /* SHA-256 */
    TLOG_LEVEL_MAX = 63, /* Of subtrees: sizes are 64 bits. */
    TLOG_PATH_MAX = 64,  /* Hashes of a proof about one leaf. */
    TLOG_RANGE_PATH_MAX = 128, /* And about a run of them. */
};

struct tlog_hash {
    uint8_t bytes[TLOG_HASH_SIZE];
};

/* The hash of a leaf's content: SHA-256(0x00 || data). */
struct tlog_hash tlog_hash_leaf(struct bytes data);

/* SHA-256(0x01 || left || right) */
struct tlog_hash tlog_hash_node(const struct tlog_hash *left,
                                const struct tlog_hash *right);

bool tlog_hash_equal(const struct tlog_hash *a, const struct tlog_hash *b);

/*
 * A tree as far as appending needs it: for each bit set in `size` the hash of
 * one subtree of that level, the largest at the left. Zeroed, it is empty.
 */
struct tlog_edge {
    uint64_t size;
    struct tlog_hash hashes[TLOG_LEVEL_MAX + 1];
};

void tlog_edge_append(struct tlog_edge *edge, const struct tlog_hash *leaf);

/* Append a whole subtree; edge->size must be a multiple of 2^level. */
void tlog_edge_append_subtree(struct tlog_edge *edge, unsigned level,
                              const struct tlog_hash *hash);

/* The root; SHA-256 of nothing for an empty tree. */
struct tlog_hash tlog_edge_root(const struct tlog_edge *edge);

/*
 * The level of the largest subtree that begins at `from` and does not reach
 * past `to`, which is larger: how a range falls into subtrees, left to right.
 */
unsigned tlog_subtree_level(uint64_t from, uint64_t to);

/* Gives the hash of subtree `index` of `level`; false when it is not to be
 * had, which fails the proof. */
typedef bool tlog_read_function(void *context, unsigned level, uint64_t index,
                                struct tlog_hash *hash);

struct tlog_source {
    tlog_read_function *read;
    void *context;
};

/* Hashes of a proof, in the order the RFC gives them. */
struct tlog_path {
    uint32_t count;
    struct tlog_hash hashes[TLOG_PATH_MAX];
};

/* Of leaf `index` in the tree of `size` leaves, the leaf's sibling first
 * (RFC 6962 section 2.1.1). Index must be below size. */
bool tlog_prove_inclusion(const struct tlog_source *source, uint64_t index,
                          uint64_t size, struct tlog_path *path) MUST_USE;

/* That the tree of `old_size` leaves, at least 1, is the beginning of that
 * of `size` (section 2.1.2). */
bool tlog_prove_consistency(const struct tlog_source *source,
                            uint64_t old_size, uint64_t size,
                            struct tlog_path *path) MUST_USE;

bool tlog_verify_inclusion(const struct tlog_hash *leaf, uint64_t index,
                           uint64_t size, const struct tlog_path *path,
                           const struct tlog_hash *root) MUST_USE;

struct tlog_head {
    uint64_t size;
    struct tlog_hash root;
};

/* False for old->size 0: whether nothing comes before something is for the
 * caller to say. */
bool tlog_verify_consistency(const struct tlog_head *old,
                             const struct tlog_head *head,
                             const struct tlog_path *path) MUST_USE;

/* The subtrees left and right of leaves [from, to), left to right: with the
 * leaves, all that it takes to compute the root. */
struct tlog_range_path {
    uint32_t count;
    struct tlog_hash hashes[TLOG_RANGE_PATH_MAX];
};

struct tlog_range {
    uint64_t from;
    uint64_t to;   /* Past the last; more than from. */
};

bool tlog_prove_range(const struct tlog_source *source,
                      struct tlog_range range, uint64_t size,
                      struct tlog_range_path *path) MUST_USE;

/* `leaves` are the hashes of all leaves of the range. */
bool tlog_verify_range(const struct tlog_hash *leaves,
                       struct tlog_range range,
                       const struct tlog_head *head,
                       const struct tlog_range_path *path) MUST_USE;
