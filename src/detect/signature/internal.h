/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The rule set from inside: what the files that read rules and those that
 * judge by them share. All that a loaded rule points to lives in its arena.
 */
#include "base/arena.h"
#include "base/table.h"
#include "detect/signature/signature.h"

enum {
    SIGNATURE_RULE_MAX = 500000,      /* ET Open and Pro together: 100,000. */
    SIGNATURE_REMARK_MAX = 100000,    /* Kept; all are counted. */
    SIGNATURE_FILE_SIZE_MAX = 256 << 20, /* All of ET Pro is 60 MB. */
    SIGNATURE_NAME_MAX = 65535,       /* Of flowbits and so on: 16 bits. */
    RULE_SIZE_MAX = 256 << 10,        /* Of one rule, lines joined. */
};

struct remark_list {
    struct signature_remark *remarks;
    size_t count;
    size_t capacity;
    size_t dropped;
};

/* Names as numbers: flowbits, xbits and flowints share one list. */
struct name_list {
    struct table index;
    const char **names;
    uint32_t count;
    uint32_t capacity;
};

struct signature {
    struct arena arena;
    struct arena scratch;        /* Of the rule that is read. */
    struct draft *draft;         /* That rule. */
    struct table keywords;       /* Of names, to places in keyword_list. */
    struct keyword *keyword_list;
    uint32_t keyword_count;
    struct rule **rules;
    size_t rule_count;
    size_t rule_capacity;
    size_t compiled_count;       /* Of them already sorted out. */
    struct table rules_by_sid;
    struct remark_list refusals;
    struct remark_list warnings;
    struct name_list bits;       /* Of flowbits, hostbits, xbits. */
    struct name_list integers;   /* Of flowint. */
    struct name_list strings;    /* Texts that many rules share. */
    struct network_sets *networks;
    struct rule_classes *classes;
    struct threshold_rules *thresholds;
    struct reputations *reputations;
    struct dataset **datasets;
    size_t dataset_count;
    struct pcre2_real_compile_context_8 *regex_context;
    struct pcre2_real_code_8 **regexes;
    size_t regex_count;
    size_t regex_capacity;
    const char *folder;          /* Of the file being read, for lists. */
    uint64_t wanted_views[(VIEW_ID_COUNT + 63) / 64];
    struct compiled *compiled;   /* Made by signature_compile(). */
};

/* A remark for a whole file or line; texts are copied. */
void signature_refuse(struct signature *set,
                      const struct signature_remark *remark);
void signature_warn(struct signature *set,
                    const struct signature_remark *remark);

/* The same text is the same pointer, for as long as the set lives. */
const char *signature_intern(struct signature *set, struct bytes text);

/* The number of a name, new or known; SIGNATURE_NAME_MAX when all are
 * taken. */
uint32_t name_list_number(struct name_list *list, struct arena *arena,
                          struct bytes name);
void name_list_clear(struct name_list *list);
