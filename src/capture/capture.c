/* SPDX-License-Identifier: Apache-2.0 */
#include "capture/capture.h"

#include <errno.h>
#include <net/if.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/memory.h"
#include "capture/internal.h"

struct capture {
    struct files *files;  /* One of the two. */
    struct live *live;
    int late_result;      /* An error found after frames that were good; */
    struct failure late;  /* it is said when they have been taken. */
};

/* A name is a file when there is one, and an interface otherwise. */
static bool is_file(const char *name)
{
    struct stat status;
    return strcmp(name, "-") == 0 || stat(name, &status) == 0;
}

int capture_open(const char *const *sources, size_t count,
                 const struct capture_options *options,
                 struct capture **capture, struct failure *failure)
{
    struct capture *made;
    bool has_file = false;
    int result;

    if (count == 0 || count > CAPTURE_SOURCE_MAX)
        return failure_set(failure, -EINVAL,
                           "name one capture, or up to %d interfaces",
                           CAPTURE_SOURCE_MAX);
    for (size_t i = 0; i < count; i++)
        has_file |= is_file(sources[i]);
    if (has_file && count > 1)
        return failure_set(failure, -EINVAL,
                           "one capture at a time, or interfaces only; put "
                           "several captures in a directory");
    if (!has_file && if_nametoindex(sources[0]) == 0)
        return failure_set(failure, -ENOENT,
                           "%s: there is no such file and no such interface",
                           sources[0]);
    made = memory_new(1, sizeof *made);
    result = has_file ? files_open(sources[0], &made->files, failure)
                      : live_open(sources, count, options, &made->live,
                                  failure);
    if (result < 0) {
        capture_free(made);
        return result;
    }
    *capture = made;
    return 0;
}

struct capture *capture_of_memory(struct bytes memory)
{
    struct capture *made = memory_new(1, sizeof *made);

    made->files = files_of_memory(memory);
    return made;
}

void capture_free(struct capture *capture)
{
    if (!capture)
        return;
    files_free(capture->files);
    live_free(capture->live);
    free(capture);
}

int capture_next(struct capture *capture, struct frame *frame,
                 struct failure *failure)
{
    return capture->files ? files_next(capture->files, frame, failure)
                          : live_next(capture->live, frame, failure);
}

static int next_at_hand(struct capture *capture, struct frame *frame,
                        struct failure *failure)
{
    return capture->files
               ? files_next_at_hand(capture->files, frame, failure)
               : live_next_at_hand(capture->live, frame, failure);
}

int capture_next_frames(struct capture *capture, struct frame *frames,
                        size_t count_max, struct failure *failure)
{
    size_t count = 1;
    int result = capture->late_result;

    if (result < 0) {
        *failure = capture->late;
        capture->late_result = 0;
        return result;
    }
    result = capture_next(capture, &frames[0], failure);
    if (result <= 0)
        return result;
    while (count < count_max &&
           (result = next_at_hand(capture, &frames[count], failure)) > 0)
        count++;
    if (result < 0) {
        capture->late_result = result;
        capture->late = *failure;
    }
    return (int)count;
}

bool capture_recall(const struct capture *capture,
                    const struct frame_mark *mark, struct frame *frame)
{
    return capture->files ? files_recall(capture->files, mark, frame)
                          : live_recall(capture->live, mark, frame);
}

int capture_descriptor(const struct capture *capture)
{
    return capture->live ? live_descriptor(capture->live) : -1;
}

bool capture_is_live(const struct capture *capture)
{
    return capture->live != NULL;
}

void capture_read_status(struct capture *capture,
                         struct capture_status *status)
{
    *status = (struct capture_status){ 0 };
    if (capture->files)
        files_read_status(capture->files, status);
    else
        live_read_status(capture->live, status);
}
