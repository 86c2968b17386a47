/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Whom a server has had for clients, for services whose clients are few and
 * do not change, as a controller's: which one is this, and since when?
 */
#include "base/hash.h"
#include "net/address.h"

enum {
    CLIENTS_SET_COUNT = 256,  /* Sets; servers whose hashes agree share one. */
    CLIENTS_SET_SIZE = 8,     /* Clients of a set; the longest silent goes. */
};

struct clients_entry {
    struct ip server;
    struct ip client;
    int64_t first_ns;
    int64_t last_ns;
    bool is_used;
};

struct clients {
    struct hash_key key;
    uint64_t evicted;
    struct clients_entry entries[CLIENTS_SET_COUNT][CLIENTS_SET_SIZE];
};

/* What is known of one client, the message at hand included. */
struct clients_answer {
    uint32_t before;          /* Clients of this server that came earlier. */
    int64_t before_ns;        /* From the first one's coming to its own. */
    int64_t since_ns;         /* Since this one came. */
};

/* Note that `client` spoke to `server` at `now_ns`. */
struct clients_answer clients_note(struct clients *clients, struct ip server,
                                   struct ip client, int64_t now_ns);
