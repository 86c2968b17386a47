/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Inside the inventory: devices by MAC and by address, and which device holds
 * which address now. Only the files of this room include it.
 */
#include "base/arena.h"
#include "base/table.h"
#include "device/device.h"

enum {
    DEVICE_BINDING_MAX = 32768,
    DEVICE_PREFIX_MAX = 32,       /* On-link prefixes learned. */
    DEVICE_CLAIM_FIRST = 8,       /* Room for claims at first. */
    DEVICE_ASKED_SIZE = 1024,     /* ARP requests remembered. */
    DEVICE_CACHE_SIZE = 1024,     /* Direct-mapped: MAC to index, and */
                                  /* address to binding. */
};

/* Who holds an address. `proven` by ARP, ND or DHCP; otherwise only seen. */
struct binding {
    struct ip ip;
    uint32_t device;
    uint32_t holder;     /* Who first proved to hold it. */
    uint32_t conflicts;
    uint32_t unasked;    /* ARP replies for it that nobody asked for. */
    int64_t last_ns;
    bool proven;
};

/* The latest ARP request for an address, in a direct-mapped table. */
struct asked {
    struct ip ip;
    int64_t time_ns;
};

struct mac_cache {
    uint64_t mac_plus_one;
    uint32_t device;
};

struct device_table {
    struct device_options options;
    struct arena texts;
    struct device **devices;
    uint32_t count;
    uint32_t behind_count;   /* Devices by address behind a router's MAC. */
    uint64_t refused;
    int64_t start_ns;
    int64_t now_ns;
    struct table by_mac;
    struct table by_ip;      /* Devices known by address only. */
    struct table bindings_by_ip;
    struct binding *bindings;
    uint32_t binding_count;
    uint32_t proven_global;  /* Proven bindings of global addresses. */
    struct ip_prefix prefixes[DEVICE_PREFIX_MAX];
    uint32_t prefix_count;
    struct mac_cache cache[DEVICE_CACHE_SIZE];
    uint32_t binding_cache[DEVICE_CACHE_SIZE]; /* Number plus one. */
    struct asked asked[DEVICE_ASKED_SIZE];
};

/* The device with this MAC; made when `may_create`. DEVICE_NONE else. */
uint32_t device_of_mac(struct device_table *table, struct mac mac,
                       bool may_create);

/* The device known by this address only. */
uint32_t device_of_ip(struct device_table *table, struct ip ip,
                      bool may_create);

/* The binding of `ip`, or null; device_bind() makes or changes it. */
struct binding *device_binding(struct device_table *table, struct ip ip);
struct binding *device_bind(struct device_table *table, struct ip ip,
                            uint32_t device, bool proven);

/* It was taken for a host's own address, and is not. */
void device_unprove(struct device_table *table, struct ip ip);

/* Note that a device uses `ip` now. */
void device_note_address(struct device_table *table, uint32_t index,
                         struct ip ip);

/* A prefix that is on this link (RA, DHCP). */
void device_add_prefix(struct device_table *table,
                       const struct ip_prefix *prefix);

struct event *device_event(struct device_table *table, uint32_t index,
                           const char *change, struct event_list *events);
