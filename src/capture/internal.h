/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Inside the capture room: what the two kinds of capture, files and live
 * interfaces, offer to capture.c. */
#include "capture/capture.h"

struct files;
struct live;

/* One file or directory, or "-". */
int files_open(const char *path, struct files **files,
               struct failure *failure);
struct files *files_of_memory(struct bytes memory);
void files_free(struct files *files);
int files_next(struct files *files, struct frame *frame,
               struct failure *failure);

/* The next frame if it was read already: it comes without waiting, and the
 * frames before it stay. 0 when it was not; negative as files_next(). */
int files_next_at_hand(struct files *files, struct frame *frame,
                       struct failure *failure);
bool files_recall(const struct files *files, const struct frame_mark *mark,
                  struct frame *frame);
void files_read_status(const struct files *files,
                       struct capture_status *status);

int live_open(const char *const *names, size_t count,
              const struct capture_options *options, struct live **live,
              struct failure *failure);
void live_free(struct live *live);
int live_next(struct live *live, struct frame *frame, struct failure *failure);

/* The same for a live capture, whose frames are copied as they are taken. */
int live_next_at_hand(struct live *live, struct frame *frame,
                      struct failure *failure);
bool live_recall(const struct live *live, const struct frame_mark *mark,
                 struct frame *frame);
int live_descriptor(const struct live *live);
void live_read_status(struct live *live, struct capture_status *status);
