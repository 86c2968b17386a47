/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Conformance with MUD files (RFC 8520), without enforcement: each flow of a
 * device that has a file is declared, undeclared or, when something that
 * decides was not seen, undecided. Three lists are kept for each device:
 * declared and used, declared and never used, used and not declared; what is
 * used and not declared is alerted.
 *
 * A file is a device's when it was given for its MAC, or when the device says
 * its URL (DHCP, LLDP, certificate). The set is made once and immutable; the
 * running state is a value of its own, of bounded size.
 */
#include "base/hash.h"
#include "detect/detection.h"
#include "device/device.h"
#include "mud/mud.h"

enum {
    ALLOWED_FILE_MAX = 1024,   /* Files of one set. */
    ALLOWED_MEMBER_MAX = 256,  /* Hosts named as controllers. */
    ALLOWED_DEVICE_MAX = 1024, /* Devices with a file; more are counted. */
    ALLOWED_DEVICE_USE_MAX = 4096, /* Uses kept of one device; and */
    ALLOWED_USE_MAX = 16384,   /* undeclared and undecided uses, of all
                                * devices, 7 MB when full; more are counted. */
};

/* Who vouches that a file is the device's, and is its maker's. */
enum allowed_trust {
    ALLOWED_CLAIMED, /* Only the device itself, by naming the URL. */
    ALLOWED_SIGNED,  /* The device names it, and its signature holds. */
    ALLOWED_GIVEN,   /* The owner gave it for this device. */
};

enum allowed_verdict {
    ALLOWED_DECLARED,
    ALLOWED_UNDECIDED,
    ALLOWED_UNDECLARED,
};

struct allowed;
struct allowed_state;

struct allowed *allowed_new(void);
void allowed_free(struct allowed *allowed);

/* Add a file for devices that name its URL. Takes the file over; false when
 * there is no room, it is refused, or the URL has one already. */
bool allowed_add(struct allowed *allowed, struct mud_file *file,
                 bool is_signed) MUST_USE;

/* Add a file for one device. */
bool allowed_give(struct allowed *allowed, struct mac mac,
                  struct mud_file *file) MUST_USE;

/* Hold every device without a file against this one: for learning. */
bool allowed_give_all(struct allowed *allowed, struct mud_file *file) MUST_USE;

/* `ip` is of the class of controllers `name`; for "my-controller" the name is
 * the device's MUD URL. */
bool allowed_add_member(struct allowed *allowed, const char *name,
                        struct ip ip) MUST_USE;

size_t allowed_file_count(const struct allowed *allowed);

/* One kind of use that no entry declares, or of which that is not known. */
struct allowed_use {
    uint32_t device;           /* Index in the inventory. */
    enum allowed_verdict verdict;
    uint8_t policies;          /* One bit for each enum mud_policy. */
    bool is_answer;            /* Only the answers to declared packets. */
    bool from_outside;         /* The other side, not local, began it. */
    bool is_local;             /* The peer is on the local network. */
    struct mud_ace needed;     /* The entry that would have declared it. */
    const struct mud_ace *ace; /* That forbids it, or may allow it; null. */
    const char *reason;        /* Why undecided or forbidden; a literal. */
    uint64_t flows;
    int64_t first_ns;
    int64_t last_ns;
    struct ip peer;            /* Of the first flow. */
    struct allowed_use *next;
    char peer_name[256];       /* Where needed.name_of_peer points. */
};

/* How often an entry allowed something. */
struct allowed_count {
    uint64_t flows;
    int64_t first_ns;
    int64_t last_ns;
};

struct allowed_device {
    uint32_t device;            /* Index in the inventory. */
    const struct mud_file *file;
    enum allowed_trust trust;
    uint64_t flows[3];          /* By enum allowed_verdict. */
    uint64_t flows_by_default;  /* Declared by no entry, but by default. */
    struct allowed_count *counts; /* By position in file->aces. */
    struct allowed_use *uses;   /* In the order of the first flow. */
    struct allowed_use *last_use;
    uint32_t use_count;
    uint64_t uses_dropped;
};

struct allowed_state *allowed_state_new(const struct allowed *allowed,
                                        struct hash_key key);
void allowed_state_free(struct allowed_state *state);

/* Events of this type are wanted. */
bool allowed_wants(enum event_type type);

/* Learn from `event` and judge it; alerts are appended. */
void allowed_observe(struct allowed_state *state, struct device_table *devices,
                     const struct event *event, struct alert_list *alerts);

uint32_t allowed_device_count(const struct allowed_state *state);
const struct allowed_device *
allowed_device(const struct allowed_state *state, uint32_t index);

/* What there was no room for: names told, devices, uses. */
struct allowed_counters {
    uint64_t names_evicted;
    uint64_t devices_refused;
    uint64_t uses_refused;
};

void allowed_read_counters(const struct allowed_state *state,
                           struct allowed_counters *counters);

const char *allowed_verdict_name(enum allowed_verdict verdict);
const char *allowed_trust_name(enum allowed_trust trust);
