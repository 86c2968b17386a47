/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * YAML documents as a small tree of nodes with line numbers, read with libyaml
 * into an arena. Hostile input is expected: depth and size are bounded, and
 * anchors, aliases and explicit tags are refused, so that a document is never
 * larger in memory than its text makes it. A key twice in a map is refused.
 */
#include "base/arena.h"
#include "base/compiler.h"

enum {
    YAML_DEPTH_MAX = 16,        /* Sigma needs 6. */
    YAML_NODE_MAX = 100000,     /* Of one document. */
    YAML_KEY_SIZE_MAX = 512,
    YAML_MAP_MAX = 1024,        /* Keys of one map; they are compared. */
};

enum yaml_kind {
    YAML_SCALAR,
    YAML_LIST,
    YAML_MAP,
};

struct yaml_node {
    enum yaml_kind kind;
    unsigned line;              /* Counts from 1. */
    bool plain;                 /* A scalar that was not quoted. */
    struct bytes text;          /* Of a scalar; ends with a zero. */
    struct bytes key;           /* Within a map; ends with a zero. */
    struct yaml_node *parent;
    struct yaml_node *first;
    struct yaml_node *last;
    struct yaml_node *next;
    size_t count;
};

/* Where and why a document could not be read. */
struct yaml_fault {
    unsigned line;
    const char *reason;         /* Constant, or in the arena. */
};

struct yaml_reader;

/* `text` and `arena` must outlive the reader. */
struct yaml_reader *yaml_reader_new(struct arena *arena, struct bytes text);
void yaml_reader_free(struct yaml_reader *reader);

enum yaml_result {
    YAML_END,
    YAML_DOCUMENT,              /* `*root` is one; null when it is empty. */
    YAML_REFUSED,               /* This one is not; more may follow. */
    YAML_BROKEN,                /* Nothing more can be read. */
};

enum yaml_result yaml_read(struct yaml_reader *reader, struct yaml_node **root,
                           struct yaml_fault *fault);

/* The value under `key` of a map, or null. */
const struct yaml_node *yaml_find(const struct yaml_node *map,
                                  const char *key);

bool yaml_is_null(const struct yaml_node *node);
bool yaml_is_text(const struct yaml_node *node, const char *text);

/* true, false; false as the result when `node` is neither. */
bool yaml_to_flag(const struct yaml_node *node, bool *flag);
