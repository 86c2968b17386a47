/* SPDX-License-Identifier: Apache-2.0 */
#include "list.h"

#include <stdlib.h>

static int print_list(const struct ledger_options *options,
                      list_text_function *as_text,
                      list_json_function *as_json)
{
    struct ledger *ledger = NULL;
    struct report_style style;
    struct failure failure = { 0 };
    struct writer out;
    int status = ledger_options_open(options, &ledger, &style);

    if (status != EXIT_NOTHING)
        return status;
    command_output(&out, stdout);
    int result = options->as_json
                     ? as_json(&out, ledger, style.run, &failure)
                     : as_text(&out, ledger, &style, &failure);
    if (result < 0)
        status = command_fail(&failure, EXIT_UNREADABLE);
    else
        status = command_print(&out, result > 0 ? EXIT_FOUND : EXIT_NOTHING);
    writer_clear(&out);
    ledger_close(ledger);
    return status;
}

int list_run(const struct command *command, int count, char **words,
             list_text_function *as_text, list_json_function *as_json)
{
    struct ledger_options options;
    int rest;

    if (!ledger_options_parse(command, count, words, &options, &rest))
        return EXIT_USAGE;
    int status = rest == count && !options.pcap
                     ? print_list(&options, as_text, as_json)
                     : command_usage(command);
    free(options.directory);
    return status;
}
