/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What a person or a program is shown of a ledger: devices and what they are,
 * findings worst first, how to see their proof. Everything shown is read from
 * the ledger, so what `watch` prints at its end and what the other commands
 * print later is the same.
 */
#include "ledger/ledger.h"

struct report_style {
    bool colour;          /* Terminal sequences are understood. */
    int64_t run;          /* Which run; 0 for all. */
    const char *ledger;   /* --ledger to repeat in the commands shown, or null
                             when it is the default. */
    bool keeps_nothing;   /* The ledger goes with the process. */
};

/* The whole of a run as one JSON object: devices, findings, stats. `stats` is
 * a JSON object as text, or null. Schema: data/schema/watch.schema.json. */
int report_json(struct writer *out, struct ledger *ledger, int64_t run,
                const char *stats, struct failure *failure) MUST_USE;
int report_devices_json(struct writer *out, struct ledger *ledger,
                        int64_t run, struct failure *failure) MUST_USE;
int report_findings_json(struct writer *out, struct ledger *ledger,
                         int64_t run, struct failure *failure) MUST_USE;

/*
 * The same for a person. Text from the network comes escaped. Answers how many
 * findings or devices there were. Findings stand below the device they are
 * about, or that a host outside did it to, the worst device first; what is
 * about hosts outside and no single device stands at the end. Other devices
 * are those with no finding below them.
 */
int report_other_devices(struct writer *out, struct ledger *ledger,
                         const struct report_style *style,
                         struct failure *failure) MUST_USE;
int report_devices(struct writer *out, struct ledger *ledger,
                   const struct report_style *style,
                   struct failure *failure) MUST_USE;
int report_findings(struct writer *out, struct ledger *ledger,
                    const struct report_style *style,
                    struct failure *failure) MUST_USE;

/* One finding in full, with a line for each frame of its evidence. */
int report_finding(struct writer *out, struct ledger *ledger,
                   const struct ledger_finding *finding,
                   const struct report_style *style,
                   struct failure *failure) MUST_USE;
int report_finding_json(struct writer *out, struct ledger *ledger,
                        const struct ledger_finding *finding,
                        struct failure *failure) MUST_USE;

/* "2016-05-31 14:02:11" and "2016-05-31T14:02:11.123456Z", always UTC. */
enum { REPORT_TIME_SIZE = 32 };
const char *report_time(int64_t time_ns, char text[REPORT_TIME_SIZE]);
const char *report_time_iso(int64_t time_ns, char text[REPORT_TIME_SIZE]);
