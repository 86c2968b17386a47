/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What the commands that read a ledger have in common. */
#include "command.h"
#include "report/report.h"

struct ledger_options {
    char *directory;      /* Owned. */
    const char *named;    /* As given with --ledger, or null. */
    bool as_json;
    bool all_runs;
    const char *pcap;     /* `show` only. */
};

/* Parse the words of a reading command; what is left is at `*rest`. False
 * when they are wrong (usage was printed). */
bool ledger_options_parse(const struct command *command, int count,
                          char **words, struct ledger_options *options,
                          int *rest);

/* Open the ledger and choose the run; EXIT_NOTHING, or a status and message
 * already printed. */
int ledger_options_open(const struct ledger_options *options,
                        struct ledger **ledger, struct report_style *style);
