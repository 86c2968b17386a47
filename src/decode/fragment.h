/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * IP datagrams that wait for the rest of their fragments (RFC 791, RFC 8200
 * section 4.5), with RFC 815's list of holes. The table owns its memory, which
 * is bounded; when it is used up, the datagram that has waited longest goes.
 *
 * Overlap: in IPv4 the bytes that came first stand. In IPv6 the datagram is
 * dropped, and what still comes of it (RFC 5722). A fragment that only repeats
 * what is there is neither: mirrors and retries make those.
 */
#include "base/hash.h"
#include "net/address.h"

enum {
    FRAGMENT_BYTES_DEFAULT = 1 << 20,
    FRAGMENT_BYTES_MIN = 128 << 10,  /* Less could not hold one datagram. */
    FRAGMENT_DATAGRAM_MAX = 65535,   /* What an offset and a size can say. */
    FRAGMENT_HOLES_MAX = 64,         /* A datagram; an Ethernet makes 23. */
    FRAGMENT_IPV4_TIMEOUT_S = 30,    /* RFC 791 says 15, Linux takes 30. */
    FRAGMENT_IPV6_TIMEOUT_S = 60,    /* RFC 8200 section 4.5. */
};

struct fragment_key {
    struct ip source;
    struct ip destination;
    uint32_t identification;
    uint8_t version;
    uint8_t protocol; /* IPv4 only: IPv6 does not key by it. */
    uint16_t vlan;
};

struct fragment {
    struct fragment_key key;
    struct bytes data;
    uint32_t offset;    /* In bytes. */
    bool is_last;
    uint8_t protocol;   /* What the first fragment's header says it is. */
    int64_t time_ns;
};

/* What became of a fragment. */
struct fragment_result {
    bool is_complete;
    bool has_overlap;      /* Bytes that are there already, differently. */
    bool is_contradiction; /* It disagrees on where the datagram ends. */
    bool is_refused;       /* No memory, or too many holes. */
    uint8_t protocol;      /* When complete. */
    struct bytes datagram; /* When complete; good until the next insert. */
};

struct fragment_counters {
    uint64_t fragments;
    uint64_t completed;
    uint64_t timed_out;
    uint64_t evicted; /* For want of memory. */
    uint64_t refused;
};

struct fragment_table;

/* At most `bytes_max` of memory for what waits, 0 for the default. */
struct fragment_table *fragment_table_new(size_t bytes_max,
                                          struct hash_key key);
void fragment_table_free(struct fragment_table *table);

/* Take in one fragment; offset + size is at most FRAGMENT_DATAGRAM_MAX. */
struct fragment_result fragment_table_insert(struct fragment_table *table,
                                             const struct fragment *part);

/* The memory that datagrams are put together in. */
struct bytes fragment_table_datagram(const struct fragment_table *table);

void fragment_table_read_counters(const struct fragment_table *table,
                                  struct fragment_counters *counters);
