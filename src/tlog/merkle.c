/* SPDX-License-Identifier: Apache-2.0 */
#include "tlog/merkle.h"

#include <string.h>

#include "base/check.h"
#include "crypto/digest.h"

static bool is_odd(uint64_t n)
{
    return (n & 1) != 0;
}

struct tlog_hash tlog_hash_leaf(struct bytes data)
{
    struct tlog_hash hash;

    crypto_sha256_tagged(0x00, data, hash.bytes);
    return hash;
}

struct tlog_hash tlog_hash_node(const struct tlog_hash *left,
                                const struct tlog_hash *right)
{
    uint8_t both[2 * TLOG_HASH_SIZE];
    struct tlog_hash hash;

    memcpy(both, left->bytes, TLOG_HASH_SIZE);
    memcpy(both + TLOG_HASH_SIZE, right->bytes, TLOG_HASH_SIZE);
    crypto_sha256_tagged(0x01, bytes_of(both, sizeof both), hash.bytes);
    return hash;
}

bool tlog_hash_equal(const struct tlog_hash *a, const struct tlog_hash *b)
{
    return memcmp(a->bytes, b->bytes, TLOG_HASH_SIZE) == 0;
}

void tlog_edge_append(struct tlog_edge *edge, const struct tlog_hash *leaf)
{
    tlog_edge_append_subtree(edge, 0, leaf);
}

/* As in binary addition: two subtrees of a level carry into the next. */
void tlog_edge_append_subtree(struct tlog_edge *edge, unsigned level,
                              const struct tlog_hash *hash)
{
    struct tlog_hash carried = *hash;
    unsigned at = level;

    check(level <= TLOG_LEVEL_MAX);
    check((edge->size & ((1ull << level) - 1)) == 0);
    for (; is_odd(edge->size >> at); at++) {
        carried = tlog_hash_node(&edge->hashes[at], &carried);
        check(at < TLOG_LEVEL_MAX);
    }
    edge->hashes[at] = carried;
    edge->size += 1ull << level;
}

struct tlog_hash tlog_edge_root(const struct tlog_edge *edge)
{
    struct tlog_hash root;
    bool is_first = true;

    if (edge->size == 0)
        crypto_sha256(bytes_of(NULL, 0), root.bytes);
    for (unsigned level = 0; level <= TLOG_LEVEL_MAX; level++) {
        if (!is_odd(edge->size >> level))
            continue;
        root = is_first ? edge->hashes[level]
                        : tlog_hash_node(&edge->hashes[level], &root);
        is_first = false;
    }
    return root;
}

unsigned tlog_subtree_level(uint64_t from, uint64_t to)
{
    unsigned fits;

    check(from < to);
    fits = 63 - (unsigned)leading_zeros_64(to - from);
    if (from == 0)
        return fits;
    unsigned aligned = (unsigned)trailing_zeros_64(from);
    return aligned < fits ? aligned : fits;
}

/* The hash over leaves [from, to), where `from` is a multiple of a power of
 * two that is at least as large as the range. */
static bool read_root(const struct tlog_source *source, uint64_t from,
                      uint64_t to, struct tlog_hash *root)
{
    struct tlog_edge edge = { .size = 0 };

    for (uint64_t at = from; at < to; at = from + edge.size) {
        unsigned level = tlog_subtree_level(at - from, to - from);
        struct tlog_hash hash;
        if (!source->read(source->context, level, at >> level, &hash))
            return false;
        tlog_edge_append_subtree(&edge, level, &hash);
    }
    *root = tlog_edge_root(&edge);
    return true;
}

/* The hashes beside the way from the subtree at `start` up to the root. */
static bool climb(const struct tlog_source *source, uint64_t start,
                  unsigned level, uint64_t size, struct tlog_path *path)
{
    for (; level < 64; level++) {
        uint64_t width = 1ull << level;
        start &= ~(width - 1);
        if (start == 0 && width >= size)
            return true;
        bool is_right = is_odd(start >> level);
        uint64_t from = is_right ? start - width : start + width;
        if (from >= size)
            continue; /* No sibling: the subtree is its parent. */
        uint64_t to = size - from < width ? size : from + width;
        check(path->count < TLOG_PATH_MAX);
        if (!read_root(source, from, to, &path->hashes[path->count++]))
            return false;
    }
    return true;
}

bool tlog_prove_inclusion(const struct tlog_source *source, uint64_t index,
                          uint64_t size, struct tlog_path *path)
{
    struct tlog_path found = { .count = 0 };

    check(index < size);
    if (!climb(source, index, 0, size, &found))
        return false;
    *path = found;
    return true;
}

bool tlog_prove_consistency(const struct tlog_source *source,
                            uint64_t old_size, uint64_t size,
                            struct tlog_path *path)
{
    struct tlog_path found = { .count = 0 };

    check(old_size > 0);
    check(old_size <= size);
    if (old_size < size) {
        unsigned level = (unsigned)trailing_zeros_64(old_size);
        uint64_t start = old_size - (1ull << level);
        /* A whole left part is the old root itself: known to all. */
        if (start > 0 && !source->read(source->context, level,
                                       start >> level,
                                       &found.hashes[found.count++]))
            return false;
        if (!climb(source, start, level, size, &found))
            return false;
    }
    *path = found;
    return true;
}

/* RFC 9162 section 2.1.3.2. */
bool tlog_verify_inclusion(const struct tlog_hash *leaf, uint64_t index,
                           uint64_t size, const struct tlog_path *path,
                           const struct tlog_hash *root)
{
    struct tlog_hash hash = *leaf;
    uint64_t node = index;
    uint64_t last = size - 1;

    if (index >= size)
        return false;
    for (uint32_t i = 0; i < path->count; i++) {
        if (last == 0)
            return false;
        if (is_odd(node) || node == last) {
            hash = tlog_hash_node(&path->hashes[i], &hash);
            for (; !is_odd(node) && node > 0; node >>= 1)
                last >>= 1;
        } else {
            hash = tlog_hash_node(&hash, &path->hashes[i]);
        }
        node >>= 1;
        last >>= 1;
    }
    return last == 0 && tlog_hash_equal(&hash, root);
}

/* RFC 9162 section 2.1.4.2, for old sizes from 1 to below the new one. */
static bool verify_growth(const struct tlog_head *old,
                          const struct tlog_head *head,
                          const struct tlog_path *path)
{
    uint64_t node = old->size - 1;
    uint64_t last = head->size - 1;
    uint32_t next = 0;
    bool is_whole = (old->size & (old->size - 1)) == 0;

    if (path->count == 0)
        return false;
    for (; is_odd(node); node >>= 1)
        last >>= 1;
    struct tlog_hash first = is_whole ? old->root : path->hashes[next++];
    struct tlog_hash second = first;
    for (; next < path->count; next++) {
        if (last == 0)
            return false;
        if (is_odd(node) || node == last) {
            first = tlog_hash_node(&path->hashes[next], &first);
            second = tlog_hash_node(&path->hashes[next], &second);
            for (; !is_odd(node) && node > 0; node >>= 1)
                last >>= 1;
        } else {
            second = tlog_hash_node(&second, &path->hashes[next]);
        }
        node >>= 1;
        last >>= 1;
    }
    return last == 0 && tlog_hash_equal(&first, &old->root) &&
           tlog_hash_equal(&second, &head->root);
}

bool tlog_verify_consistency(const struct tlog_head *old,
                             const struct tlog_head *head,
                             const struct tlog_path *path)
{
    if (old->size == 0 || old->size > head->size)
        return false;
    if (old->size == head->size)
        return path->count == 0 && tlog_hash_equal(&old->root, &head->root);
    return verify_growth(old, head, path);
}

/* The subtrees of leaves [from, to), appended to the path. */
static bool read_subtrees(const struct tlog_source *source, uint64_t from,
                          uint64_t to, struct tlog_range_path *path)
{
    while (from < to) {
        unsigned level = tlog_subtree_level(from, to);
        check(path->count < TLOG_RANGE_PATH_MAX);
        if (!source->read(source->context, level, from >> level,
                          &path->hashes[path->count++]))
            return false;
        from += 1ull << level;
    }
    return true;
}

bool tlog_prove_range(const struct tlog_source *source,
                      struct tlog_range range, uint64_t size,
                      struct tlog_range_path *path)
{
    struct tlog_range_path found = { .count = 0 };

    check(range.from < range.to);
    check(range.to <= size);
    if (!read_subtrees(source, 0, range.from, &found) ||
        !read_subtrees(source, range.to, size, &found))
        return false;
    *path = found;
    return true;
}

/* Append the path's next hashes as the subtrees of [edge->size, to). */
static bool append_path(struct tlog_edge *edge, uint64_t to,
                        const struct tlog_range_path *path, uint32_t *next)
{
    while (edge->size < to) {
        if (*next == path->count)
            return false;
        tlog_edge_append_subtree(edge, tlog_subtree_level(edge->size, to),
                                 &path->hashes[(*next)++]);
    }
    return true;
}

bool tlog_verify_range(const struct tlog_hash *leaves,
                       struct tlog_range range,
                       const struct tlog_head *head,
                       const struct tlog_range_path *path)
{
    struct tlog_edge edge = { .size = 0 };
    uint32_t next = 0;

    if (range.from >= range.to || range.to > head->size ||
        path->count > TLOG_RANGE_PATH_MAX)
        return false;
    if (!append_path(&edge, range.from, path, &next))
        return false;
    for (uint64_t i = range.from; i < range.to; i++)
        tlog_edge_append(&edge, &leaves[i - range.from]);
    if (!append_path(&edge, head->size, path, &next) || next != path->count)
        return false;
    struct tlog_hash root = tlog_edge_root(&edge);
    return tlog_hash_equal(&root, &head->root);
}
