/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Reputation of addresses as Suricata's lists have it: categories ("1,CnC,
 * text") and entries ("192.0.2.0/24,1,100"), a score of 0 to 127 for an
 * address or a network in a category. What a rule asks becomes the set of
 * addresses for which it holds, once, when the rule is read.
 */
#include "base/bytes.h"
#include "base/compiler.h"
#include "detect/signature/span.h"
#include "detect/signature/values.h"

enum {
    REPUTATION_CATEGORY_MAX = 60,  /* As Suricata has it. */
    REPUTATION_SCORE_MAX = 127,
    REPUTATION_ENTRY_MAX = 2000000,
};

struct reputations;

struct reputations *reputations_new(void);
void reputations_free(struct reputations *all);

/* One line of a file; false when it is none. */
bool reputations_read_category(struct reputations *all, struct bytes line);
bool reputations_read_entry(struct reputations *all, struct bytes line);

/* The number of a category; 0 when there is none of this name. */
uint8_t reputations_category(const struct reputations *all,
                             struct bytes name);

/* The addresses whose score in `category` compares so; of several entries for
 * an address the narrowest counts. The caller clears the list. */
struct span_list reputations_find(const struct reputations *all,
                                  uint8_t category,
                                  enum comparison comparison, uint8_t score);
