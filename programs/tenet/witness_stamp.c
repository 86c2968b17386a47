/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/timestamp.h"
#include "witness.h"
#include "witness/stamp.h"

enum { PEM_MAX = 1 << 20 };

/* What is open while stamps are made or verified. */
struct stamping {
    char *directory;           /* Of the log; owned. */
    struct stamp_place place;
    struct writer roots;
    struct writer others;
    struct stamp_trust trust;
};

static void print_time(const struct timestamp_verdict *time)
{
    char text[TIMESTAMP_TEXT_SIZE];

    printf("%s by %s",
           timestamp_text(time->time_s * INT64_C(1000000000), text),
           time->authority);
}

static void tell(void *context, const struct stamp_verdict *verdict)
{
    (void)context;
    printf("%s: ", verdict->name);
    if (verdict->result < 0) {
        printf("does not hold: %s\n", verdict->failure.text);
        return;
    }
    printf("%llu entries, ", (unsigned long long)verdict->head.size);
    print_time(&verdict->time);
    printf("\n");
}

static int open_files(const struct witness_words *words,
                      struct stamping *stamping, struct failure *failure)
{
    int result = witness_read_file(words->roots, PEM_MAX, &stamping->roots,
                                   failure);

    if (result == 0 && words->others)
        result = witness_read_file(words->others, PEM_MAX, &stamping->others,
                                   failure);
    if (result == 0)
        result = seal_folder_open(stamping->directory, false,
                                  &stamping->place.folder, failure);
    stamping->trust.roots = writer_view(&stamping->roots);
    stamping->trust.others = writer_view(&stamping->others);
    return result;
}

static int open_all(const struct witness_words *words,
                    struct stamping *stamping, struct failure *failure)
{
    const struct sealed_log_options options = {
        .directory = stamping->directory,
    };
    int result = open_files(words, stamping, failure);

    if (result < 0)
        return result;
    result = sealed_log_open(&options, &stamping->place.log, failure);
    if (result == -ENOENT)
        result = failure_set(failure, result, "%s: no log is there",
                             stamping->directory);
    return result;
}

static int verify(struct stamping *stamping, struct failure *failure)
{
    int count = stamp_check_all(&stamping->place, &stamping->trust, tell,
                                NULL, failure);

    if (count <= 0)
        return count;
    return failure_set(failure, ERROR_CONFLICT,
                       "%d of the time stamps do not hold", count);
}

static int stamp(const struct witness_words *words, struct stamping *stamping,
                 struct failure *failure)
{
    struct timestamp_verdict time;
    int result = stamp_checkpoint(&stamping->place, words->authority,
                                  &stamping->trust, &time, failure);

    if (result < 0)
        return result;
    printf("%llu entries, ",
           (unsigned long long)sealed_log_head(stamping->place.log).size);
    print_time(&time);
    printf("\n");
    return 0;
}

int witness_stamp(const struct witness_words *words)
{
    struct failure failure = { 0 };
    struct stamping stamping = { .place.folder.descriptor = -1 };

    if (!words->roots || words->log_count > 1 ||
        (words->authority != NULL) == words->verifies)
        return EXIT_USAGE;
    stamping.directory = witness_log_directory(words);
    writer_init(&stamping.roots, PEM_MAX);
    writer_init(&stamping.others, PEM_MAX);
    int result = open_all(words, &stamping, &failure);
    if (result == 0)
        result = words->verifies ? verify(&stamping, &failure)
                                 : stamp(words, &stamping, &failure);
    sealed_log_close(stamping.place.log);
    seal_folder_close(&stamping.place.folder);
    writer_clear(&stamping.roots);
    writer_clear(&stamping.others);
    free(stamping.directory);
    return result < 0 ? command_fail(&failure, EXIT_UNREADABLE)
                      : EXIT_NOTHING;
}
