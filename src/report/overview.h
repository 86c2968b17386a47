/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The findings of a run by the host they are about. Devices come first, the
 * one with the worst finding before the others; hosts outside the network
 * follow. The overview owns all its texts.
 */
#include "base/arena.h"
#include "ledger/ledger.h"

/* A device as the ledger lists it, and whether something was found on it. */
struct overview_device {
    const char *id;
    const char *mac;     /* Null when it is not known. */
    const char *same_as; /* Null unless it was joined to another. */
    bool is_random_mac;
    bool is_gateway;
    bool has_findings;
};

struct overview_finding {
    const char *host;    /* Device id, or a remote host's address. */
    const char *id;
    const char *severity;
    const char *sentence;
    const char *mac;     /* Null when it is not known. */
    bool is_remote;
    size_t order;        /* In the ledger: worst first. */
    size_t host_order;   /* Of the worst finding on the same host. */
};

struct overview {
    struct arena arena;
    struct overview_device *devices; /* By id. */
    size_t device_count;
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
