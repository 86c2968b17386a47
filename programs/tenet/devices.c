/* SPDX-License-Identifier: Apache-2.0 */
#include "list.h"

/* A list of devices is no alarm: the exit status is that of nothing found. */
static int run(const struct command *command, int count, char **words)
{
    int status =
        list_run(command, count, words, report_devices, report_devices_json);
    return status == EXIT_FOUND ? EXIT_NOTHING : status;
}

const struct command devices_command = {
    .name = "devices",
    .words = "[--all] [--json] [--ledger DIR]",
    .summary = "The devices of the last run and what they are",
    .help = "  --all          of all runs, each as last seen\n"
            "  --json         as JSON\n"
            "  --ledger DIR   another ledger\n",
    .run = run,
};
