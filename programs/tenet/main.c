/* SPDX-License-Identifier: Apache-2.0 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/memory.h"
#include "command.h"

enum { OUTPUT_PIECE_MAX = 1 << 20 }; /* The longest texts are rule files'. */

const struct command *const command_table[] = {
    &watch_command, &devices_command, &findings_command, &show_command,
    &fields_command, &rules_command, &mud_command, &intel_command,
    &ledger_command, &witness_command, &help_command, NULL,
};

int command_usage(const struct command *command)
{
    fprintf(stderr, "usage: tenet %s %s\n%s", command->name, command->words,
            command->help);
    return EXIT_USAGE;
}

int command_fail(const struct failure *failure, int status)
{
    fprintf(stderr, "tenet: %s\n", failure->text);
    return status;
}

static bool write_file(void *file, struct bytes b)
{
    return fwrite(b.data, 1, b.size, file) == b.size;
}

void command_output(struct writer *out, FILE *file)
{
    writer_init_drained(out, OUTPUT_PIECE_MAX, write_file, file);
}

int command_print(struct writer *out, int status)
{
    return writer_drain(out) && fflush(stdout) == 0 ? status
                                                    : EXIT_UNREADABLE;
}

static char *join(const char *directory, const char *name)
{
    struct writer path;

    writer_init(&path, 8192);
    writer_format(&path, "%s/%s", directory, name);
    char *text = memory_copy_text(writer_view(&path));
    writer_clear(&path);
    return text;
}

char *default_ledger(void)
{
    const char *named = getenv("TENET_LEDGER");
    const char *state = getenv("XDG_STATE_HOME");
    const char *home = getenv("HOME");

    if (named && named[0])
        return memory_copy_text(bytes_of_text(named));
    if (state && state[0])
        return join(state, "tenet");
    if (home && home[0])
        return join(home, ".local/state/tenet");
    return memory_copy_text(bytes_of_text("/var/lib/tenet"));
}

/* Beside the program in a build tree, or where it was installed. */
char *data_directory(void)
{
    const char *named = getenv("TENET_DATA");
    char self[4096];
    ssize_t size = readlink("/proc/self/exe", self, sizeof self - 1);

    if (named && named[0])
        return memory_copy_text(bytes_of_text(named));
    if (size > 0) {
        self[size] = '\0';
        for (int up = 0; up < 3 && strrchr(self, '/'); up++)
            *strrchr(self, '/') = '\0';
        char *beside = join(self, "data");
        char *detections = join(beside, "detections");
        bool is_there = access(detections, R_OK) == 0;
        free(detections);
        if (is_there)
            return beside;
        free(beside);
    }
    return memory_copy_text(bytes_of_text(TENET_DATA_DIRECTORY));
}

bool wants_colour(void)
{
    const char *refused = getenv("NO_COLOR");
    return isatty(STDOUT_FILENO) && !(refused && refused[0]);
}

static const struct command *find_command(const char *name)
{
    for (size_t i = 0; command_table[i]; i++)
        if (strcmp(command_table[i]->name, name) == 0)
            return command_table[i];
    return NULL;
}

int main(int count, char **words)
{
    (void)signal(SIGPIPE, SIG_IGN); /* A closed pipe is a failed write. */
    if (count < 2)
        return help_command.run(&help_command, 1, words);
    if (strcmp(words[1], "--version") == 0) {
        printf("tenet %s\n", TENET_VERSION);
        return EXIT_NOTHING;
    }
    if (strcmp(words[1], "--help") == 0 || strcmp(words[1], "-h") == 0)
        return help_command.run(&help_command, 1, words);
    const struct command *command = find_command(words[1]);
    if (!command) {
        fprintf(stderr,
                "tenet: there is no command '%s'; 'tenet help' lists them\n",
                words[1]);
        return EXIT_USAGE;
    }
    return command->run(command, count - 1, words + 1);
}
