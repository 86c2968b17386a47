/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * A capture of ten-byte frames that recalls every frame whose number is below
 * `history_end`, in place of the real one. Include in one file of a test
 * program only: it defines capture_recall().
 */
#include <string.h>

#include "capture/capture.h"

struct capture {
    uint64_t history_end;
    uint8_t data[10];
};

bool capture_recall(const struct capture *capture,
                    const struct frame_mark *mark, struct frame *frame)
{
    if (mark->number >= capture->history_end)
        return false;
    frame->mark = *mark;
    frame->data = bytes_of(capture->data, sizeof capture->data);
    return true;
}
