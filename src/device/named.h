/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Which addresses DNS answers have given, and who has had any. A host that
 * asks for names and then speaks to an address that none of them led to took
 * it from elsewhere: built in, from a peer, or from malware's list.
 */
#include "base/hash.h"
#include "net/address.h"

enum {
    NAMED_SET_COUNT = 4096, /* 256 KiB in all; */
    NAMED_SET_SIZE = 4,     /* the oldest of a set goes. */
};

struct named_entry {
    uint64_t hash;
    int64_t last_ns;
};

struct named {
    struct hash_key key;
    struct named_entry entries[NAMED_SET_COUNT][NAMED_SET_SIZE];
};

/* A DNS answer that `client` got gave `address`. */
void named_note(struct named *named, struct ip client, struct ip address,
                int64_t now_ns);

/* Did an answer give `address`? */
bool named_has(const struct named *named, struct ip address);

/* Has `client` had answers, none of which (of anybody's) gave `address`? */
bool named_is_unnamed(const struct named *named, struct ip client,
                      struct ip address);
