/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The subcommands: one constant each in a file of its name, one table of them.
 * They parse their words, wire the modules together and choose the exit
 * status; what they do is done in src/.
 */
#include <stdio.h>

#include "base/error.h"
#include "base/writer.h"

/* Exit statuses, the same for all commands. */
enum {
    EXIT_NOTHING = 0,    /* Done; nothing found. */
    EXIT_FOUND = 1,      /* Done; something found. */
    EXIT_USAGE = 2,      /* The words of the command were wrong. */
    EXIT_UNREADABLE = 3, /* The input, or the ledger, could not be read. */
};

struct command {
    const char *name;
    const char *words;   /* After the name, for usage. */
    const char *summary; /* One line. */
    const char *help;    /* Options, one a line. */
    int (*run)(const struct command *command, int count, char **words);
};

extern const struct command watch_command;
extern const struct command devices_command;
extern const struct command findings_command;
extern const struct command show_command;
extern const struct command fields_command;
extern const struct command rules_command;
extern const struct command mud_command;
extern const struct command intel_command;
extern const struct command witness_command;
extern const struct command ledger_command;
extern const struct command help_command;
extern const struct command *const command_table[];

/* Print how the command is used; answers EXIT_USAGE. */
int command_usage(const struct command *command);

/* Print an error for a person; answers `status`. */
int command_fail(const struct failure *failure, int status);

/* A writer whose content goes to `file` as it grows. */
void command_output(struct writer *out, FILE *file);

/* Write what is left of it to standard output; EXIT_UNREADABLE when that is
 * closed or full. */
int command_print(struct writer *out, int status);

/* The ledger directory when none is named; the caller frees it. */
char *default_ledger(void);

/* The directory of detections and texts; the caller frees it. */
char *data_directory(void);

/* Colour is wanted: standard output is a terminal and NO_COLOR is not set. */
bool wants_colour(void);
