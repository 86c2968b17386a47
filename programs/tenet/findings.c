/* SPDX-License-Identifier: Apache-2.0 */
#include "list.h"

static int run(const struct command *command, int count, char **words)
{
    return list_run(command, count, words, report_findings,
                    report_findings_json);
}

const struct command findings_command = {
    .name = "findings",
    .words = "[--all] [--json] [--ledger DIR]",
    .summary = "The findings of the last run, worst first",
    .help = "  --all          of all runs\n"
            "  --json         as JSON\n"
            "  --ledger DIR   another ledger\n"
            "Exit status 1 when there are findings.\n",
    .run = run,
};
