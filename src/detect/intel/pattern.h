/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Patterns of the STIX patterning language (STIX 2.1 section 9), read into an
 * arena and then never changed. A pattern is a small program over observations
 * (see observation.h) whose leaves, the parts in brackets, are programs over
 * one object of one observation. Both are flat rows without pointers into each
 * other: nothing in reading or matching recurses.
 *
 * Operators bind as the grammar has it: AND before OR before FOLLOWEDBY;
 * qualifiers to what stands directly before them.
 */
#include "base/arena.h"
#include "base/error.h"
#include "detect/intel/value.h"
#include "net/address.h"

enum {
    STIX_PATTERN_SIZE_MAX = 1 << 20, /* Bytes; lists of hashes are long. */
    STIX_TEST_MAX = 16384,    /* Comparisons of one pattern. */
    STIX_LEAF_MAX = 64,       /* Bracketed parts: one bit each in a mask. */
    STIX_DEPTH_MAX = 64,      /* Parentheses inside parentheses. */
    STIX_STEP_MAX = 16,       /* Steps of one path; STIX needs 6. */
    STIX_SET_MAX = 65536,     /* Values of one IN. */
    STIX_SLOT_MAX = 256,      /* Observations one match is made of. */
    STIX_GROUP_MAX = 512,     /* Qualified parts, REPEATS written out. */
    STIX_CODE_MAX = 4096,     /* Instructions, the same. */
    STIX_REGEX_SIZE_MAX = 4096,
    STIX_REGEX_MATCH_LIMIT = 20000, /* Steps before a match is given up. */
};

enum stix_op {
    STIX_OP_EQUAL,
    STIX_OP_UNEQUAL,
    STIX_OP_LESS,
    STIX_OP_LESS_EQUAL,
    STIX_OP_MORE,
    STIX_OP_MORE_EQUAL,
    STIX_OP_IN,
    STIX_OP_LIKE,
    STIX_OP_MATCHES,
    STIX_OP_ISSUBSET,
    STIX_OP_ISSUPERSET,
    STIX_OP_EXISTS,
};

enum stix_step_kind {
    STIX_STEP_KEY,
    STIX_STEP_INDEX, /* [2] */
    STIX_STEP_ANY,   /* [*] */
};

struct stix_step {
    enum stix_step_kind kind;
    struct bytes key;
    uint64_t index;
};

/* "file:hashes.'SHA-256'": the type and the steps from it. `text` is the steps
 * in one form: keys with dots between, every list position as []. */
struct stix_path {
    struct bytes type;
    struct stix_step steps[STIX_STEP_MAX];
    size_t step_count;
    struct bytes text;
};

struct stix_regex; /* Compiled for text and for binary values. */

struct stix_test {
    enum stix_op op;
    bool is_negated;
    const struct stix_path *path;
    const struct stix_value *values; /* One, or those of IN. */
    size_t value_count;
    struct bytes normal;             /* LIKE: in NFC. */
    const struct stix_regex *regex;  /* MATCHES */
    struct ip_prefix prefix;         /* ISSUBSET, ISSUPERSET */
    bool has_prefix;
};

/* A leaf in postfix order: the place of a test, or one of these. */
enum { STIX_AND = INT32_MAX - 1, STIX_OR = INT32_MAX };

struct stix_leaf {
    const uint32_t *steps;
    size_t step_count;
};

enum stix_code_kind {
    STIX_CODE_SLOT,  /* Take an observation that leaf `number` holds for. */
    STIX_CODE_SPLIT, /* Go on here, or else at `number`. */
    STIX_CODE_JUMP,  /* Go on at `number`. */
};

struct stix_code {
    enum stix_code_kind kind;
    uint32_t number;
};

enum stix_group_kind {
    STIX_GROUP_FOLLOWEDBY, /* From `middle` on not before what precedes. */
    STIX_GROUP_WITHIN,     /* All of it within `duration_ns`. */
    STIX_GROUP_DURING,     /* All of it from `start` to before `stop`. */
    STIX_GROUP_AGAIN,      /* One repetition; `middle` begins the one before:
                            * they are tried in one order only. */
};

/* What the observations taken by instructions `begin` to `end` must be. */
struct stix_group {
    enum stix_group_kind kind;
    uint32_t begin;
    uint32_t middle;
    uint32_t end;
    int64_t duration_ns;
    struct stix_time start;
    struct stix_time stop;
};

struct stix_pattern {
    const struct stix_test *tests;
    size_t test_count;
    const struct stix_leaf *leaves;
    size_t leaf_count;
    const struct stix_code *code;
    size_t code_count;
    const struct stix_group *groups;
    size_t group_count;
    size_t slot_count;      /* Most observations a match may need. */
    int64_t duration_ns;    /* The widest WITHIN; 0 when some part has none. */
};

enum stix_strictness {
    STIX_LENIENT, /* What the grammar allows. */
    STIX_STRICT,  /* No qualifier twice, digests of the right size. */
};

/* Read `text`, which must stay as long as the arena. Regular expressions live
 * in the arena too. 0, or negative with the failure set: what, and where. */
int stix_pattern_parse(struct arena *arena, struct bytes text,
                       enum stix_strictness strictness,
                       struct stix_pattern *pattern,
                       struct failure *failure) MUST_USE;

/* How many hexadecimal digits a digest of that name has; 0 when unknown. */
size_t stix_digest_digits(struct bytes algorithm);
