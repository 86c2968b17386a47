/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "command.h"

static void print_commands(void)
{
    printf("tenet: security for networks of connected devices\n\n"
           "usage: tenet COMMAND [OPTIONS]\n\n");
    for (size_t i = 0; command_table[i]; i++)
        printf("  %-10s %s\n", command_table[i]->name,
               command_table[i]->summary);
    printf("\nStart with: tenet watch CAPTURE\n"
           "'tenet help COMMAND' has the options of one; the man pages have "
           "the rest.\n"
           "Exit status: 0 nothing found, 1 something found, 2 usage, "
           "3 input unreadable.\n");
}

static int run(const struct command *command, int count, char **words)
{
    (void)command;
    if (count < 2) {
        print_commands();
        return EXIT_NOTHING;
    }
    for (size_t i = 0; command_table[i]; i++) {
        const struct command *about = command_table[i];
        if (strcmp(about->name, words[1]) == 0) {
            printf("usage: tenet %s %s\n\n%s.\n\n%s", about->name,
                   about->words, about->summary, about->help);
            return EXIT_NOTHING;
        }
    }
    fprintf(stderr, "tenet: there is no command '%s'\n", words[1]);
    return EXIT_USAGE;
}

const struct command help_command = {
    .name = "help",
    .words = "[COMMAND]",
    .summary = "What the commands are and how each is used",
    .help = "",
    .run = run,
};
