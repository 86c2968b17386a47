/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The findings of a run by the device that a person has to look after: the one
 * a finding is about, or, where a host outside did something to a device, that
 * device. The device with the worst finding comes first; what is about hosts
 * outside and no single device follows. The overview owns all its texts.
 */
#include "base/arena.h"
#include "ledger/ledger.h"

/* A device as the ledger lists it, and what it has to do with findings. */
struct overview_device {
    const char *id;
    const char *mac;     /* Null when it is not known. */
    const char *same_as; /* Null unless it was joined to another. */
    bool is_random_mac;
    bool is_gateway;
    bool has_findings;
    bool is_other_end;   /* Of another device's finding. */
};

/* Which device had an address last. */
struct overview_address {
    const char *address;
    size_t device;
    int64_t last_ns;
};

struct overview_finding {
    const char *host;    /* Device id, or an outside host's address. */
    const char *id;
    const char *severity;
    const char *sentence;
    const char *mac;     /* Null when it is not known. */
    const char *peer;    /* The other end's address, or null. */
    bool is_remote;      /* No device of ours has it. */
    size_t order;        /* In the ledger: worst first. */
    size_t host_order;   /* Of the worst finding on the same host. */
};

struct overview {
    struct arena arena;
    struct overview_device *devices; /* By id. */
    size_t device_count;
    struct overview_address *addresses; /* By address. */
    size_t address_count;
    struct overview_finding *findings;
    size_t finding_count;
};

/* Read a run (0 for all). What was read is the caller's to clear, also when
 * the answer is negative. */
int overview_init(struct overview *overview, struct ledger *ledger,
                  int64_t run, struct failure *failure) MUST_USE;
void overview_clear(struct overview *overview);

/* The device of that id, or null: it never sent anything. */
const struct overview_device *
overview_device_find(const struct overview *overview, const char *id);
