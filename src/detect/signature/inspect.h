/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * One inspection of a rule against one buffer: its tests in the order they
 * were written, with a cursor at the end of the last match. When a relative
 * test fails, the content or pcre before it is tried at its next place. The
 * walk is a loop over places kept per test, never a recursion, and its steps
 * are capped.
 */
#include "base/arena.h"
#include "detect/signature/rule.h"

struct pcre2_real_match_data_8;
struct pcre2_real_match_context_8;
struct pcre2_real_jit_stack_8;

enum {
    /* Tests tried in one walk, as Suricata's inspection-recursion-limit. */
    INSPECT_STEPS_MAX = 3000,
    INSPECT_MATCH_LIMIT = 3500,      /* PCRE2, as Suricata's default. */
    INSPECT_JIT_STACK_FIRST = 32 << 10,
    INSPECT_JIT_STACK_MAX = 256 << 10,
    INSPECT_HEAP_KIB = 1024,
    BASE64_DECODED_MAX = 65536,      /* Bytes of one base64_decode. */
};

/* What is looked into, and what is known of it besides its bytes. */
struct inspected {
    struct bytes data;
    uint64_t number;       /* Of a NUMBER view. */
    bool has_number;
    bool is_file;          /* name and size below are known: */
    bool is_complete;      /* Nothing will follow. */
    uint64_t file_size;
    struct bytes file_name;
};

/* The scratch of a run: one for each state, reused for every walk. */
struct inspector {
    struct arena *arena;   /* Of the packet; set before use. */
    struct pcre2_real_match_data_8 *match_data;
    struct pcre2_real_match_context_8 *match_context;
    struct pcre2_real_jit_stack_8 *jit_stack;
    int64_t variables[RULE_VARIABLE_MAX];
    size_t resume[RULE_TEST_MAX]; /* Where a test looks when tried again. */
    size_t before[RULE_TEST_MAX]; /* The cursor when it was first tried. */
    uint64_t walks;
    uint64_t walks_stopped;
    uint64_t regexes_stopped;
};

void inspector_init(struct inspector *inspector);
void inspector_clear(struct inspector *inspector);

/* Do all tests of `inspection` hold for `subject`? With `failed`, the first
 * test that never held is written there. */
bool inspect(struct inspector *inspector,
             const struct rule_inspection *inspection,
             const struct inspected *subject, uint16_t *failed);

/* Where a walk stands; content.c, number.c and inspect.c share it. */
struct walk {
    struct inspector *inspector;
    const struct inspected *subject;
    struct bytes data;     /* Of the subject, or what base64 hid in it. */
    size_t cursor;         /* End of the last match in `data`. */
    size_t place;          /* Of the test that is tried. */
};

int64_t operand_value(const struct walk *walk, const struct operand *operand);

/* content_match.c: a content test, from where `resume` says when it is tried
 * again. Moves the cursor when it holds. */
bool content_holds(struct walk *walk, const struct rule_test *test,
                   bool again);

/* number.c: byte_test, byte_jump, byte_extract and byte_math. */
bool byte_test_holds(struct walk *walk, const struct rule_test *test);
bool byte_jump_holds(struct walk *walk, const struct rule_test *test);
bool byte_extract_holds(struct walk *walk, const struct rule_test *test);
bool byte_math_holds(struct walk *walk, const struct rule_test *test);

/* base64.c: RFC 4648 or the forgiving form of RFC 2045; answers how many
 * bytes were decoded into `decoded`, which has room for 3/4 of `text`. */
size_t base64_decode(struct bytes text, bool is_strict, uint8_t *decoded);
