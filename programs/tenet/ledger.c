/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "command.h"
#include "ledger/sealing.h"
#include "seal/log.h"

enum { TAIL_COUNT = 10 };

/* The words of one subcommand. */
struct ledger_words {
    char *directory;        /* Owned. */
    const char *origin;
    const char *to;
    const char *argument;   /* The one after the subcommand, or null. */
    uint64_t count;         /* Of leaves to print. */
};

static int print_failure(const struct failure *failure)
{
    return command_fail(failure, EXIT_UNREADABLE);
}

static int open_log(const struct ledger_words *words, struct sealed_log **log,
                    struct failure *failure)
{
    char *path = ledger_log_path(words->directory);
    struct sealed_log_options options = { .directory = path };
    int result = sealed_log_open(&options, log, failure);

    if (result == -ENOENT)
        result = failure_set(failure, result,
                             "%s: there is no log; 'tenet ledger init' or "
                             "'tenet watch' makes one", path);
    free(path);
    return result;
}

static void write_key(struct writer *out, struct sealed_log *log)
{
    note_key_write(out, sealed_log_key(log));
    writer_byte(out, '\n');
}

static int init(const struct ledger_words *words, struct writer *out,
                struct failure *failure)
{
    struct ledger *ledger = NULL;
    struct sealed_log *log = NULL;
    /* Opening it for writing makes the directory. */
    int result =
        ledger_open(words->directory, LEDGER_WRITE, &ledger, failure);

    if (result == 0)
        result = ledger_make_log(words->directory, words->origin, failure);
    if (result == 0)
        result = ledger_seal(ledger, "tenet " TENET_VERSION, failure);
    if (result == 0)
        result = ledger_integrate(ledger, failure);
    ledger_close(ledger);
    if (result == 0)
        result = open_log(words, &log, failure);
    if (result == 0)
        write_key(out, log);
    sealed_log_close(log);
    return result;
}

static int print_leaves(struct sealed_log *log, uint64_t count,
                        struct writer *out, struct failure *failure)
{
    uint64_t size = sealed_log_head(log).size;
    struct writer leaf;
    int result = 0;

    writer_init(&leaf, SEALED_LEAF_MAX);
    for (uint64_t i = size > count ? size - count : 0;
         i < size && result == 0; i++) {
        result = sealed_log_read(log, i, &leaf, failure);
        if (result == 0)
            writer_format(out, "%llu %s\n", (unsigned long long)i,
                          writer_as_text(&leaf));
    }
    writer_clear(&leaf);
    return result;
}

static int tail(const struct ledger_words *words, struct writer *out,
                struct failure *failure)
{
    struct sealed_log *log = NULL;
    int result = open_log(words, &log, failure);

    if (result == 0)
        result = print_leaves(log, words->count, out, failure);
    sealed_log_close(log);
    return result;
}

static int show(const struct ledger_words *words, struct writer *out,
                struct failure *failure)
{
    struct sealed_log *log = NULL;
    struct note note;
    int result = open_log(words, &log, failure);

    if (result == 0)
        result = note_read(sealed_log_checkpoint(log), &note, failure);
    if (result == 0) {
        struct tlog_head head = sealed_log_head(log);
        writer_text(out, "key       ");
        write_key(out, log);
        writer_format(out, "size      %llu\nroot      ",
                      (unsigned long long)head.size);
        writer_hex(out, bytes_of(head.root.bytes, sizeof head.root.bytes));
        /* The first signature is the log's own. */
        if (note.signature_count > 1)
            writer_format(out, "\nwitness   %u more signatures\n\n",
                          note.signature_count - 1);
        else
            writer_text(out, "\nwitness   none: nobody else has seen this "
                             "head\n\n");
        result = print_leaves(log, words->count, out, failure);
    }
    sealed_log_close(log);
    return result;
}

static int fsck(const struct ledger_words *words, struct writer *out,
                struct failure *failure)
{
    struct ledger *ledger = NULL;
    struct ledger_check check = { 0 };
    /* The database may be gone: it is made anew from the log. */
    int result =
        ledger_open(words->directory, LEDGER_WRITE, &ledger, failure);

    if (result == 0)
        result = ledger_check(ledger, &check, failure);
    ledger_close(ledger);
    if (result < 0)
        return result;
    writer_format(out,
                  "sound: %llu leaves, %llu segments of %llu blocks, %llu "
                  "findings\n",
                  (unsigned long long)check.leaves,
                  (unsigned long long)check.segments,
                  (unsigned long long)check.blocks,
                  (unsigned long long)check.findings);
    if (check.rebuilt > 0)
        writer_format(out, "%llu leaves were missing in the index, and are "
                           "there again\n",
                      (unsigned long long)check.rebuilt);
    if (check.unindexed > 0)
        writer_format(out, "%llu findings are in the log and in obj/, and "
                           "not in the index\n",
                      (unsigned long long)check.unindexed);
    return 0;
}

static int prove(const struct ledger_words *words, struct writer *out,
                 struct failure *failure)
{
    struct ledger *ledger = NULL;
    int result = ledger_open(words->directory, LEDGER_READ, &ledger, failure);

    if (result == 0)
        result = ledger_prove(ledger, words->argument, words->to, failure);
    ledger_close(ledger);
    if (result == 0)
        writer_format(out, "%s: check it with tools/verify_package.py %s "
                           "VKEY\n",
                      words->to, words->to);
    return result;
}

static const struct subcommand {
    const char *name;
    bool has_argument;
    bool has_to;
    int (*run)(const struct ledger_words *words, struct writer *out,
               struct failure *failure);
} subcommands[] = {
    { "init", false, false, init }, { "show", false, false, show },
    { "tail", false, false, tail }, { "fsck", false, false, fsck },
    { "prove", true, true, prove },
};

static bool parse(int count, char **texts, struct ledger_words *words)
{
    static const struct option known[] = {
        { "ledger", required_argument, NULL, 'l' },
        { "origin", required_argument, NULL, 'o' },
        { "to", required_argument, NULL, 't' },
        { "count", required_argument, NULL, 'c' },
        { 0 },
    };
    const char *named = NULL;
    char *end;
    int option;

    words->count = TAIL_COUNT;
    while ((option = getopt_long(count, texts, "", known, NULL)) != -1) {
        switch (option) {
        case 'l': named = optarg; break;
        case 'o': words->origin = optarg; break;
        case 't': words->to = optarg; break;
        case 'c':
            words->count = strtoull(optarg, &end, 10);
            if (*end || end == optarg)
                return false;
            break;
        default: return false;
        }
    }
    words->directory = named ? memory_copy_text(bytes_of_text(named))
                             : default_ledger();
    return true;
}

static const struct subcommand *find(const char *name)
{
    for (size_t i = 0; i < COUNT_OF(subcommands); i++)
        if (strcmp(subcommands[i].name, name) == 0)
            return &subcommands[i];
    return NULL;
}

static int run(const struct command *command, int count, char **texts)
{
    struct ledger_words words = { 0 };
    struct failure failure = { .text = "" };
    struct writer out;

    if (!parse(count, texts, &words) || optind >= count) {
        free(words.directory);
        return command_usage(command);
    }
    const struct subcommand *chosen = find(texts[optind]);
    int left = count - optind - 1;
    if (!chosen || left != (chosen->has_argument ? 1 : 0) ||
        (words.to != NULL) != chosen->has_to) {
        free(words.directory);
        return command_usage(command);
    }
    words.argument = left > 0 ? texts[optind + 1] : NULL;
    command_output(&out, stdout);
    int result = chosen->run(&words, &out, &failure);
    int status = command_print(&out, EXIT_NOTHING);
    if (result < 0)
        status = print_failure(&failure);
    writer_clear(&out);
    free(words.directory);
    return status;
}

const struct command ledger_command = {
    .name = "ledger",
    .words = "init | show | tail | fsck | prove FINDING --to DIR [OPTIONS]",
    .summary = "The signed log of what was found: show, check, prove",
    .help = "  init           make the log and its key; watch does so too\n"
            "  show           its key, head, and last leaves\n"
            "  tail           its last leaves\n"
            "  fsck           recompute everything, name what is wrong\n"
            "  prove FINDING  its record, packets and proofs into --to DIR\n"
            "  --origin NAME  init: the name of the log\n"
            "  --count N      show, tail: so many leaves\n"
            "  --ledger DIR   another ledger\n",
    .run = run,
};
