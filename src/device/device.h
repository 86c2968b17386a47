/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The inventory: every device on the local network, by MAC address, or by IP
 * address where frames have no link layer or a router stands between. Each
 * thing we know of a device is a claim with its source and the time it was
 * seen; nothing is merged or guessed silently.
 *
 * The table owns its devices; others hold their index, which never changes
 * during a run. Remote hosts are not devices: an address is local when its
 * block says so (private, link-local) or when ARP, neighbour discovery or DHCP
 * showed it here.
 */
#include "base/hash.h"
#include "decode/packet.h"
#include "event/event.h"

enum {
    DEVICE_COUNT_MAX = 8192,   /* More are counted, not kept. */
    DEVICE_BEHIND_MAX = 1024,  /* Devices by address behind routers. */
    DEVICE_ADDRESS_MAX = 16,   /* Kept a device; the oldest goes. */
    DEVICE_CLAIM_MAX = 48,     /* Kept a device; further ones are counted. */
    DEVICE_CLAIM_SIZE_MAX = 255,
    DEVICE_ID_SIZE = 52,
    DEVICE_NAME_SIZE = 64, /* What device_name() writes, with its end. */
    DEVICE_ROUTED_MIN = 6, /* IPv4 addresses of other hosts that one MAC must
                              send for before it is taken for a router. */
};

#define DEVICE_NONE UINT32_MAX

enum device_claim_kind {
    DEVICE_CLAIM_VENDOR,
    DEVICE_CLAIM_NAME,
    DEVICE_CLAIM_MODEL,
    DEVICE_CLAIM_SOFTWARE,
    DEVICE_CLAIM_SERVICE,
    DEVICE_CLAIM_FINGERPRINT,
    DEVICE_CLAIM_CLIENT_ID, /* What a device calls itself across addresses. */
    DEVICE_CLAIM_MUD_URL,
};

struct device_claim {
    enum device_claim_kind kind;
    const char *source;   /* "dhcp", "mdns", "ssdp", "tls", "ieee", ... */
    const char *value;    /* Escaped: printable, safe to show. */
    int64_t first_ns;
    int64_t last_ns;
};

struct device_address {
    struct ip ip;
    int64_t first_ns;
    int64_t last_ns;
};

struct device {
    char id[DEVICE_ID_SIZE]; /* "mac-50c7bf00fca3" or "ip-10.0.2.15" */
    struct mac mac;
    bool has_mac;
    bool is_random_mac;      /* Locally administered. */
    bool is_gateway;         /* Forwards for others. */
    bool has_sent;           /* At least one packet came from it. */
    bool has_public;         /* `public_ip` is set. */
    struct ip public_ip;     /* The one public address met behind its MAC. */
    uint8_t address_count;
    uint8_t claim_count;
    uint32_t claims_dropped;
    uint32_t same_as;        /* An earlier device it was joined to. */
    int64_t first_ns;
    int64_t last_ns;
    uint64_t packets_sent;
    struct ip routed[DEVICE_ROUTED_MIN]; /* Seen behind this MAC. */
    uint8_t routed_count;
    struct device_address addresses[DEVICE_ADDRESS_MAX];
    struct device_claim *claims;
};

/* Both ends of a packet, as the inventory sees them. */
struct device_ends {
    uint32_t source;        /* Device index, or DEVICE_NONE. */
    uint32_t destination;
    bool source_local;
    bool destination_local;
};

/* Names the maker of a MAC address; empty when it does not know. */
typedef struct bytes device_vendor_function(const void *context,
                                            struct mac mac);

struct device_table;

struct device_options {
    struct hash_key key;
    device_vendor_function *vendor; /* May be null. */
    const void *vendor_context;
};

struct device_table *device_table_new(const struct device_options *options);
void device_table_free(struct device_table *table);

/* Who are the ends of `packet`? Notes addresses, devices and gateways. What
 * is news (a device, an address that moved) is appended to `events`. */
void device_observe(struct device_table *table, const struct packet *packet,
                    struct device_ends *ends, struct event_list *events);

/* A packet of a flow whose ends are already known. */
void device_touch(struct device_table *table, uint32_t index, int64_t time_ns);

/* Take what `event` says of the device that sent it (or answered). */
void device_learn(struct device_table *table, const struct event *event,
                  struct event_list *events);

uint32_t device_count(const struct device_table *table);
const struct device *device_get(const struct device_table *table,
                                uint32_t index);

/* The device that has `ip` now, or DEVICE_NONE. */
uint32_t device_find_ip(struct device_table *table, struct ip ip);

/* The device that proved by ARP, ND or DHCP that `ip` is its own, or
 * DEVICE_NONE; and the one with this MAC. */
uint32_t device_holder(struct device_table *table, struct ip ip);
uint32_t device_find_mac(struct device_table *table, struct mac mac);

/* Is this address on the local network, as far as is known? */
bool device_is_local_ip(struct device_table *table, struct ip ip);

/* Is this carried by a tunnel that leaves the local network or comes into it?
 * Then its ends are hosts of others, however local their addresses look. */
bool device_is_elsewhere(struct device_table *table,
                         const struct packet *packet);

/* The latest address of a device, IPv4 before IPv6; false without any. */
bool device_main_address(const struct device *device, struct ip *ip);

/* The newest claim of `kind`, or null. */
const struct device_claim *device_claim_of(const struct device *device,
                                           enum device_claim_kind kind);

/*
 * What people would call the device: the name it goes by, else its maker and
 * what it is; empty when neither is known. Printable; a name that could be
 * taken for an address is not believed. Returns `name`.
 */
const char *device_name(const struct device *device,
                        char name[DEVICE_NAME_SIZE]);

/* Add what is known of a device; `value` is escaped and copied. Answers the
 * value that the newest claim of the same kind and source had before, when it
 * differed; null otherwise. */
const char *device_claim_add(struct device_table *table, uint32_t index,
                             enum device_claim_kind kind, const char *source,
                             struct bytes value);

/* How many devices, addresses and claims there was no room for. */
uint64_t device_refused(const struct device_table *table);

const char *device_claim_kind_name(enum device_claim_kind kind);
