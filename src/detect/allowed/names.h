/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Which names each device was told for which addresses: the asked name and
 * every name of the CNAME chain, from A, AAAA, HTTPS and SVCB answers. A name
 * in a MUD file means what the device itself was told (RFC 8520 section 8.1):
 * nobody else's resolver, and no reverse look-up.
 *
 * An address stays the name's for its TTL and a grace, as long as devices keep
 * addresses in practice; each use renews that. When the table is full the
 * oldest entry goes, counted.
 */
#include "base/hash.h"
#include "event/event.h"

enum {
    NAMES_MAX = 16384,        /* 5 MB when full; a device is told hundreds. */
    NAMES_CHAIN_MAX = 8,      /* CNAMEs followed; resolvers stop there. */
    NAMES_TTL_MIN_S = 60,
    NAMES_TTL_MAX_S = 86400,
    NAMES_GRACE_S = 3600,     /* After the TTL: devices cache longer. */
    NAME_SIZE_MAX = 254,      /* RFC 1035: 253 characters of text. */
};

/* What is known of one address under one name, for one device. */
enum name_state {
    NAME_UNTOLD,   /* Nothing. */
    NAME_LAPSED,   /* It was, too long ago. */
    NAME_TOLD,     /* It is. */
};

struct names;

struct names *names_new(struct hash_key key);
void names_free(struct names *names);

/* Take what an answer (an event of type DNS) tells the device that asked. */
void names_learn(struct names *names, const struct event *event);

/* Was `device` told, by `time_ns`, that `name` is at `ip`? A name that begins
 * with "*." is any that ends so. A hit is renewed. */
enum name_state names_ask(struct names *names, uint32_t device, struct ip ip,
                          const char *name, int64_t time_ns);

/* Was it told any name of `ip`? */
enum name_state names_any(const struct names *names, uint32_t device,
                          struct ip ip, int64_t time_ns);

/* Is some address of `name` known to `device` then? */
bool names_has(const struct names *names, uint32_t device, const char *name,
               int64_t time_ns);

/* The name it asked for that led to `ip`, the latest before `time_ns`; null
 * without. It stays until the next names_learn(). */
const char *names_of(const struct names *names, uint32_t device, struct ip ip,
                     int64_t time_ns);

/* A host name of more than one label that is no address. */
bool name_is_plausible(struct bytes name);

/* Equal as DNS compares, without a final dot; `pattern` may begin "*.". */
bool name_matches(const char *pattern, struct bytes name);

uint64_t names_evicted(const struct names *names);
