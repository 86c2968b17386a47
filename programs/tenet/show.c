/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "capture/pcapng_writer.h"
#include "ledger_options.h"

/* The one finding that was meant, while the search goes on. */
struct search {
    const struct ledger_options *options;
    const struct report_style *style;
    struct ledger *ledger;
    struct failure *failure;
    struct writer out;
    char *id;
    int matches;
};

static int show_match(void *context, const struct ledger_finding *finding)
{
    struct search *search = context;

    if (search->matches++ > 0)
        return 0;
    search->id = memory_copy_text(bytes_of_text(finding->id));
    return search->options->as_json
               ? report_finding_json(&search->out, search->ledger, finding,
                                     search->failure)
               : report_finding(&search->out, search->ledger, finding,
                                search->style, search->failure);
}

static int add_frame(void *context, const struct frame *frame)
{
    pcapng_writer_frame(context, frame, NULL);
    return 0;
}

/* The evidence as a pcapng file, whole or not at all. */
static int write_capture(struct search *search, const char *path)
{
    struct writer bytes;
    struct pcapng_writer pcapng;

    writer_init(&bytes, SIZE_MAX);
    pcapng_writer_init(&pcapng, &bytes);
    int result = ledger_each_frame(search->ledger, search->id, add_frame,
                                   &pcapng, search->failure);
    FILE *file = result < 0 ? NULL : fopen(path, "wb");
    if (result >= 0 && !file)
        result = failure_set(search->failure, -errno, "cannot write %s: %s",
                             path, strerror(errno));
    if (file) {
        bool ok = fwrite(bytes.data, 1, bytes.size, file) == bytes.size;
        if (fclose(file) != 0 || !ok)
            result = failure_set(search->failure, -EIO,
                                 "cannot write all of %s", path);
    }
    writer_clear(&bytes);
    return result;
}

static int finish(struct search *search, const char *wanted)
{
    if (search->matches != 1)
        return failure_set(search->failure, -ENOENT,
                           search->matches == 0
                               ? "no finding begins with '%s'; 'tenet "
                                 "findings --all --json' lists them"
                               : "more than one finding begins with '%s'; "
                                 "give more of its id",
                           wanted);
    if (search->options->pcap)
        return write_capture(search, search->options->pcap);
    return 0;
}

static int show(const struct ledger_options *options, const char *wanted)
{
    struct ledger *ledger = NULL;
    struct report_style style;
    struct failure failure = { 0 };
    int status = ledger_options_open(options, &ledger, &style);

    if (status != EXIT_NOTHING)
        return status;
    struct search search = {
        .options = options,
        .style = &style,
        .ledger = ledger,
        .failure = &failure,
    };
    style.run = 0;
    command_output(&search.out, stdout);
    int result = ledger_find(ledger, wanted, show_match, &search, &failure);
    if (result >= 0)
        result = finish(&search, wanted);
    status = result < 0 ? command_fail(&failure, EXIT_UNREADABLE)
                        : command_print(&search.out, EXIT_FOUND);
    writer_clear(&search.out);
    free(search.id);
    ledger_close(ledger);
    return status;
}

static int run(const struct command *command, int count, char **words)
{
    struct ledger_options options;
    int rest;

    if (!ledger_options_parse(command, count, words, &options, &rest))
        return EXIT_USAGE;
    int status = count - rest == 1 ? show(&options, words[rest])
                                   : command_usage(command);
    free(options.directory);
    return status;
}

const struct command show_command = {
    .name = "show",
    .words = "FINDING [--pcap FILE] [--json] [--ledger DIR]",
    .summary = "One finding in full, with its proof",
    .help = "  FINDING        its id, or enough of it to be the only one\n"
            "  --pcap FILE    write the packets that prove it as pcapng\n"
            "  --json         as JSON\n"
            "  --ledger DIR   another ledger\n",
    .run = run,
};
