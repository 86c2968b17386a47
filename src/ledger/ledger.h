/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Where findings, devices and evidence are kept: a directory with an SQLite
 * database (write-ahead log, synchronous commits) and packet segments, pcapng
 * files that any tool opens. Records are only ever added: a finding that grows
 * gets a new state, it is not rewritten. What ledger_commit() has answered for
 * survives a crash.
 *
 * One process writes at a time; any number may read. All text handed out by
 * the readers is valid during the call-back only.
 */
#include "base/error.h"
#include "base/writer.h"
#include "device/device.h"
#include "evidence/evidence.h"
#include "finding/finding.h"

enum {
    LEDGER_SCHEMA_VERSION = 3, /* Older ones are brought up to it. */
    LEDGER_SEGMENT_SIZE_MAX = 64 << 20, /* Then a new segment is begun. */
    LEDGER_BUSY_MS = 20000, /* How long to wait for another writer. */
};

enum ledger_mode {
    LEDGER_READ,   /* Must exist. */
    LEDGER_WRITE,  /* Made when it is not there. */
    LEDGER_MEMORY, /* Kept nowhere: for those who want only the output.
                    * Frames are counted, and gone. */
};

struct ledger;

/* What one analysis was: given at its start. */
struct ledger_run {
    const char *source;  /* As named by the user. */
    const char *program; /* "tenet 0.1.0" */
};

/* A finding as kept, joined with its latest state. Null where unknown. */
struct ledger_finding {
    const char *id;
    int64_t run;
    const char *language;   /* sigma, suricata, indicator, mud. */
    const char *detection;  /* The rule's id. */
    const char *version;
    const char *name;
    const char *title;
    const char *description;
    const char *harm;
    const char *severity;
    const char *role;
    const char *techniques; /* With spaces between. */
    const char *references; /* With spaces between. */
    const char *device;
    const char *mac;
    const char *address;
    const char *peer;
    const char *tunnel_source;      /* Outer addresses, when the packets */
    const char *tunnel_destination; /* were carried in a tunnel. */
    const char *sentence;
    int64_t first_ns;
    int64_t last_ns;
    uint64_t count;
    uint64_t packets;       /* Evidence frames kept. */
};

/* What the detection knew of it beside the packets, in its order. */
struct ledger_fact {
    const char *name;
    const char *value;
};

struct ledger_device {
    const char *id;
    const char *mac;
    const char *same_as;
    bool is_random_mac;
    bool is_gateway;
    int64_t first_ns;
    int64_t last_ns;
    uint64_t packets;
};

struct ledger_claim {
    const char *kind;
    const char *source;
    const char *value;
    int64_t first_ns;
    int64_t last_ns;
};

struct ledger_address {
    const char *address;
    int64_t first_ns;
    int64_t last_ns;
};

/* `directory` is not used for LEDGER_MEMORY. */
int ledger_open(const char *directory, enum ledger_mode mode,
                struct ledger **ledger, struct failure *failure) MUST_USE;
void ledger_close(struct ledger *ledger);

/* The directory it was opened with; null for memory. */
const char *ledger_directory(const struct ledger *ledger);

/* A run begins; what is added next belongs to it. The answer is its number,
 * or negative. */
int64_t ledger_begin_run(struct ledger *ledger, const struct ledger_run *run,
                         struct failure *failure) MUST_USE;

/* Keep a finding that has just begun, with its frames. Readers see it when
 * ledger_add_finding() has said what became of it. */
int ledger_begin_finding(struct ledger *ledger, const struct finding *finding,
                         const struct evidence_store *evidence,
                         struct failure *failure) MUST_USE;

/* Keep a finding with its frames, or its new state when it is known. */
int ledger_add_finding(struct ledger *ledger, const struct finding *finding,
                       const struct evidence_store *evidence,
                       struct failure *failure) MUST_USE;

/* Keep the frames only, of a finding that is kept already. */
int ledger_add_evidence(struct ledger *ledger, const struct finding *finding,
                        const struct evidence_store *evidence,
                        struct failure *failure) MUST_USE;

int ledger_add_device(struct ledger *ledger, const struct device *device,
                      const char *same_as, struct failure *failure) MUST_USE;

/* Everything added so far is on disk when this answers 0. */
int ledger_commit(struct ledger *ledger, struct failure *failure) MUST_USE;

/* The run has ended; `stats` is a JSON object. Commits. */
int ledger_end_run(struct ledger *ledger, const char *stats,
                   struct failure *failure) MUST_USE;

/* The newest run, or 0 when there is none; negative on failure. */
int64_t ledger_last_run(struct ledger *ledger, struct failure *failure);

/* Called for each record; a negative answer stops the walk and is returned. */
typedef int ledger_finding_function(void *context,
                                    const struct ledger_finding *finding);
typedef int ledger_device_function(void *context,
                                   const struct ledger_device *device);
typedef int ledger_claim_function(void *context,
                                  const struct ledger_claim *claim);
typedef int ledger_address_function(void *context,
                                    const struct ledger_address *address);
typedef int ledger_frame_function(void *context, const struct frame *frame);

typedef int ledger_fact_function(void *context,
                                 const struct ledger_fact *fact);

/* The facts of one finding as it was kept by one run. */
int ledger_each_fact(struct ledger *ledger,
                     const struct ledger_finding *finding,
                     ledger_fact_function *each, void *context,
                     struct failure *failure) MUST_USE;

/* Findings of `run` (0 for all runs), worst first, then by time and id. */
int ledger_each_finding(struct ledger *ledger, int64_t run,
                        ledger_finding_function *each, void *context,
                        struct failure *failure) MUST_USE;

/* The findings whose id begins with `prefix`; answers how many. */
int ledger_find(struct ledger *ledger, const char *prefix,
                ledger_finding_function *each, void *context,
                struct failure *failure) MUST_USE;

/* Devices of `run` (0 for all: each as last seen), by id. */
int ledger_each_device(struct ledger *ledger, int64_t run,
                       ledger_device_function *each, void *context,
                       struct failure *failure) MUST_USE;
int ledger_each_claim(struct ledger *ledger, int64_t run, const char *device,
                      ledger_claim_function *each, void *context,
                      struct failure *failure) MUST_USE;
int ledger_each_address(struct ledger *ledger, int64_t run,
                        const char *device, ledger_address_function *each,
                        void *context, struct failure *failure) MUST_USE;

/* The evidence frames of a finding, in the order of time; none from memory. */
int ledger_each_frame(struct ledger *ledger, const char *finding,
                      ledger_frame_function *each, void *context,
                      struct failure *failure) MUST_USE;
