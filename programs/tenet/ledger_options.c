/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger_options.h"

#include <getopt.h>
#include <stdlib.h>

#include "base/memory.h"

bool ledger_options_parse(const struct command *command, int count,
                          char **words, struct ledger_options *options,
                          int *rest)
{
    static const struct option known[] = {
        { "json", no_argument, NULL, 'j' },
        { "all", no_argument, NULL, 'a' },
        { "ledger", required_argument, NULL, 'l' },
        { "pcap", required_argument, NULL, 'p' },
        { 0 },
    };
    int option;

    *options = (struct ledger_options){ 0 };
    while ((option = getopt_long(count, words, "", known, NULL)) != -1) {
        if (option == 'j')
            options->as_json = true;
        else if (option == 'a')
            options->all_runs = true;
        else if (option == 'l')
            options->named = optarg;
        else if (option == 'p')
            options->pcap = optarg;
        else
            return command_usage(command) == EXIT_NOTHING;
    }
    *rest = optind;
    options->directory = options->named
                             ? memory_copy_text(bytes_of_text(options->named))
                             : default_ledger();
    return true;
}

int ledger_options_open(const struct ledger_options *options,
                        struct ledger **ledger, struct report_style *style)
{
    struct failure failure = { 0 };
    int result =
        ledger_open(options->directory, LEDGER_READ, ledger, &failure);

    if (result < 0)
        return command_fail(&failure, EXIT_UNREADABLE);
    int64_t run = options->all_runs ? 0 : ledger_last_run(*ledger, &failure);
    if (run < 0) {
        ledger_close(*ledger);
        return command_fail(&failure, EXIT_UNREADABLE);
    }
    *style = (struct report_style){
        .colour = wants_colour(),
        .run = run,
        .ledger = options->named,
    };
    return EXIT_NOTHING;
}
