/* SPDX-License-Identifier: Apache-2.0 */
#include "mud.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>

static const struct {
    const char *name;
    int (*run)(const struct mud_words *words);
} actions[] = {
    { "check", mud_check },   { "explain", mud_explain_files },
    { "conform", mud_conform }, { "learn", mud_learn },
    { "accept", mud_accept },
};

static bool add(const char **list, size_t *count, const char *word)
{
    if (*count == MUD_WORD_MAX)
        return false;
    list[(*count)++] = word;
    return true;
}

static bool parse_time(const char *text, int64_t *seconds)
{
    struct tm parts = { 0 };
    const char *rest = strptime(text, "%Y-%m-%dT%H:%M:%SZ", &parts);

    if (!rest || *rest)
        return false;
    *seconds = (int64_t)timegm(&parts);
    return true;
}

static bool take(struct mud_words *words, int option, const char *value)
{
    switch (option) {
    case 'j': words->as_json = true; return true;
    case 'i': words->is_import = true; return true;
    case 'u': words->url = value; return true;
    case 'c': words->roots = value; return true;
    case 's': words->signature = value; return true;
    case 'd': words->device = value; return true;
    case 'o': words->out = value; return true;
    case 'b': words->by = value; return true;
    case 'w': words->because = value; return true;
    case 'a': return parse_time(value, &words->at_s);
    case 'm': return add(words->mud, &words->mud_count, value);
    case 'k': return add(words->members, &words->member_count, value);
    default: return false;
    }
}

static bool parse(int count, char **given, struct mud_words *words)
{
    static const struct option known[] = {
        { "json", no_argument, NULL, 'j' },
        { "import", no_argument, NULL, 'i' },
        { "url", required_argument, NULL, 'u' },
        { "ca", required_argument, NULL, 'c' },
        { "signature", required_argument, NULL, 's' },
        { "at", required_argument, NULL, 'a' },
        { "mud", required_argument, NULL, 'm' },
        { "controller", required_argument, NULL, 'k' },
        { "device", required_argument, NULL, 'd' },
        { "out", required_argument, NULL, 'o' },
        { "by", required_argument, NULL, 'b' },
        { "because", required_argument, NULL, 'w' },
        { 0 },
    };
    int option;

    words->at_s = (int64_t)time(NULL);
    while ((option = getopt_long(count, given, "", known, NULL)) != -1)
        if (!take(words, option, optarg))
            return false;
    if (optind == count)
        return false;
    words->action = given[optind++];
    words->words = given + optind;
    words->count = (size_t)(count - optind);
    return words->count > 0;
}

static int run(const struct command *command, int count, char **given)
{
    struct mud_words words = { 0 };

    if (!parse(count, given, &words))
        return command_usage(command);
    for (size_t i = 0; i < COUNT_OF(actions); i++)
        if (strcmp(actions[i].name, words.action) == 0) {
            int status = actions[i].run(&words);
            return status == EXIT_USAGE ? command_usage(command) : status;
        }
    return command_usage(command);
}

const struct command mud_command = {
    .name = "mud",
    .words = "check|explain|conform|learn|accept FILE... [OPTIONS]",
    .summary = "What devices may do, by their MUD files (RFC 8520)",
    .help =
        "  check FILE...          read strictly; say what is wrong and where\n"
        "  explain FILE           what the device may do, in words\n"
        "  conform CAPTURE        hold devices against their files (--mud)\n"
        "  learn CAPTURE          write a file of what --device did\n"
        "  accept FILE CAPTURE    record that what --device does is wanted\n"
        "  --mud MAC=FILE|FILE|DIR  files, by device or by the URL in them\n"
        "  --controller CLASS=ADDRESS  a host of a class of controllers\n"
        "  --device DEVICE        its id, MAC or address\n"
        "  --out FILE             learn: write there, not to the terminal\n"
        "  --by NAME              accept: who says so\n"
        "  --because TEXT         accept: why\n"
        "  --import               read the dialects of drafts and mudgee too\n"
        "  --url URL              check: where the file was fetched from\n"
        "  --signature FILE       check: its signature, if not beside it\n"
        "  --ca FILE              authorities that sign MUD files, PEM\n"
        "  --at TIME              check: as of then, 2026-01-02T03:04:05Z\n"
        "  --json                 as JSON\n",
    .run = run,
};
