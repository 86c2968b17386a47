/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The latest questions of one UDP flow and what they were answered with, to
 * see a second answer that contradicts the first: one of the two is forged.
 * Whoever asks twice may be answered twice, and differently, by an honest
 * resolver, so answers are counted against questions.
 */
#include "dissect/dns_message.h"

enum {
    DNS_PAIR_MAX = 3,      /* Questions remembered of a flow; the oldest goes.
                            * Clients ask A and AAAA from one port. */
    DNS_PAIR_ADDRESS_MAX = 7, /* Of one answer; more are not compared. */
};

struct dns_pair {
    uint32_t question;     /* Hash of name and type; 0 while unused. */
    uint32_t addresses[DNS_PAIR_ADDRESS_MAX]; /* Hashes. */
    uint16_t id;
    uint8_t asked;
    uint8_t answered : 4;
    uint8_t address_count : 4;
};

struct dns_pairs {
    struct dns_pair pairs[DNS_PAIR_MAX];
    uint8_t oldest;
};

/* Take a message. True when it is an answer of too many, with addresses, none
 * of which the answer before it had. */
bool dns_pairs_take(struct dns_pairs *pairs,
                    const struct dns_message *message);
