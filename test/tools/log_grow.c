/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Makes a log in an empty directory, or appends to one:
 *   log_grow DIRECTORY ORIGIN COUNT
 * and prints its verifier key and its size. Leaves are named by their index
 * after LOG_GROW_WORD in the environment, so that a log can lie.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "seal/log.h"

static int grow(struct sealed_log *log, unsigned long count,
                struct failure *failure)
{
    const char *word = getenv("LOG_GROW_WORD");
    char text[64];

    for (unsigned long i = 0; i < count; i++) {
        (void)snprintf(text, sizeof text, "%s %llu",
                       word ? word : "leaf",
                       (unsigned long long)sealed_log_head(log).size);
        struct bytes leaf = bytes_of_text(text);
        int result = sealed_log_append(log, &leaf, 1, failure);
        if (result < 0)
            return result;
    }
    return 0;
}

static void print(const struct sealed_log *log)
{
    struct writer w;

    writer_init(&w, 1024);
    note_key_write(&w, sealed_log_key(log));
    printf("%s\n%llu\n", writer_as_text(&w),
           (unsigned long long)sealed_log_head(log).size);
    writer_clear(&w);
}

int main(int count, char **words)
{
    struct failure failure = { .text = "" };
    struct sealed_log *log = NULL;

    if (count != 4)
        return 2;
    const struct sealed_log_options options = { .directory = words[1],
                                                .may_write = true };
    int result = sealed_log_open(&options, &log, &failure);
    if (result == -ENOENT) {
        result = sealed_log_create(words[1], words[2], &failure);
        if (result == 0)
            result = sealed_log_open(&options, &log, &failure);
    }
    if (result == 0)
        result = grow(log, strtoul(words[3], NULL, 10), &failure);
    if (result == 0)
        print(log);
    else
        fprintf(stderr, "log_grow: %s\n", failure.text);
    sealed_log_close(log);
    return result < 0;
}
