/* SPDX-License-Identifier: Apache-2.0 */
#include "witness.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "ledger/sealing.h"

static const struct {
    const char *name;
    int (*run)(const struct witness_words *words);
} actions[] = {
    { "serve", witness_serve },
    { "keygen", witness_keygen },
    { "ask", witness_ask_policy },
    { "stamp", witness_stamp },
};

int witness_folder_of(const char *path, struct seal_folder *folder,
                      const char **name, struct failure *failure)
{
    char directory[SEAL_PATH_MAX];
    const char *slash = strrchr(path, '/');
    size_t size = slash ? (size_t)(slash - path) : 0;

    if (size >= sizeof directory)
        return failure_set(failure, -ENAMETOOLONG, "%s: too long", path);
    memcpy(directory, path, size);
    directory[size] = '\0';
    *name = slash ? slash + 1 : path;
    int result = seal_folder_open(size > 0 ? directory : slash ? "/" : ".",
                                  false, folder, failure);
    folder->name = "."; /* The text above does not outlive this function. */
    return result;
}

char *witness_log_directory(const struct witness_words *words)
{
    if (words->log_count > 0)
        return memory_copy_text(bytes_of_text(words->logs[0]));
    char *ledger = default_ledger();
    char *path = ledger_log_path(ledger);
    free(ledger);
    return path;
}

int witness_read_file(const char *path, size_t size_max, struct writer *w,
                      struct failure *failure)
{
    struct seal_folder folder;
    const char *name;
    int result = witness_folder_of(path, &folder, &name, failure);

    if (result < 0)
        return result;
    result = seal_file_read(&folder, name, size_max, w, failure);
    if (result == -ENOENT)
        result = failure_set(failure, result, "%s: not there", path);
    seal_folder_close(&folder);
    return result;
}

static bool take(struct witness_words *words, int option, const char *value)
{
    switch (option) {
    case 'k': words->key = value; return true;
    case 'n': words->name = value; return true;
    case 'a': words->listen = value; return true;
    case 's': words->store = value; return true;
    case 'p': words->policy = value; return true;
    case 't': words->authority = value; return true;
    case 'c': words->roots = value; return true;
    case 'u': words->others = value; return true;
    case 'v': words->verifies = true; return true;
    case 'l':
        if (words->log_count == WITNESS_WORD_MAX)
            return false;
        words->logs[words->log_count++] = value;
        return true;
    default: return false;
    }
}

static int run(const struct command *command, int count, char **given)
{
    static const struct option known[] = {
        { "key", required_argument, NULL, 'k' },
        { "name", required_argument, NULL, 'n' },
        { "log", required_argument, NULL, 'l' },
        { "listen", required_argument, NULL, 'a' },
        { "store", required_argument, NULL, 's' },
        { "policy", required_argument, NULL, 'p' },
        { "tsa", required_argument, NULL, 't' },
        { "ca", required_argument, NULL, 'c' },
        { "untrusted", required_argument, NULL, 'u' },
        { "verify", no_argument, NULL, 'v' },
        { 0 },
    };
    struct witness_words words = { .listen = "127.0.0.1:7380",
                                   .store = "witness.db" };
    int option;

    while ((option = getopt_long(count, given, "", known, NULL)) != -1)
        if (!take(&words, option, optarg))
            return command_usage(command);
    const char *action = optind < count ? given[optind++] : "serve";
    for (size_t i = 0; i < COUNT_OF(actions) && optind == count; i++)
        if (strcmp(actions[i].name, action) == 0) {
            int status = actions[i].run(&words);
            return status == EXIT_USAGE ? command_usage(command) : status;
        }
    return command_usage(command);
}

const struct command witness_command = {
    .name = "witness",
    .words = "[serve|keygen|ask|stamp] [OPTIONS]",
    .summary = "Cosign the logs of others, and have one's own cosigned",
    .help =
        "  serve                  be a witness (C2SP tlog-witness)\n"
        "  keygen                 make its key, and print what others need\n"
        "  ask                    have a log's head cosigned, and publish it\n"
        "  stamp                  have a log's head time-stamped (RFC 3161)\n"
        "  --key FILE             the witness's private key, PEM\n"
        "  --name NAME            the witness's name, as example.org/w1\n"
        "  --log VKEY             serve: a log to cosign; again for more\n"
        "  --log DIRECTORY        ask, stamp: the log, default the ledger's\n"
        "  --listen ADDRESS:PORT  serve: default 127.0.0.1:7380\n"
        "  --store FILE           serve: what it remembers, default "
        "witness.db\n"
        "  --policy FILE          ask: the witnesses and the quorum\n"
        "  --tsa URL              stamp: the authority that is asked\n"
        "  --ca FILE              stamp: the authorities trusted, PEM\n"
        "  --untrusted FILE       stamp: certificates tokens lack, PEM\n"
        "  --verify               stamp: check all stamps that are kept\n",
    .run = run,
};
