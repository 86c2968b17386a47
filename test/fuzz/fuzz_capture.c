/* SPDX-License-Identifier: Apache-2.0 */
#include "capture/capture.h"

#include "fuzz.h"

enum { MARKS = 256, BATCH = 16 };

/* Any bytes are a capture file: every frame read can be recalled as it was,
 * and every end has a reason or is an end. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct capture *capture = capture_of_memory(bytes_of(data, size));
    struct capture_status status;
    struct failure failure = { 0 };
    struct frame_mark marks[MARKS];
    struct frame frames[BATCH];
    struct frame again;
    size_t count = 0;
    int result;

    while ((result = capture_next_frames(capture, frames, BATCH, &failure)) >
           0) {
        check(result <= BATCH);
        for (int i = 0; i < result; i++) {
            check(frames[i].data.size <= CAPTURE_FRAME_MAX);
            check(frames[i].mark.number == ++count);
            check(frames[i].mark.captured_size == frames[i].data.size);
            check(capture_recall(capture, &frames[i].mark, &again));
            check(bytes_equal(frames[i].data, again.data));
            marks[count % MARKS] = frames[i].mark;
        }
    }
    check(result == 0 || failure.text[0] != '\0');
    for (size_t i = 0; i < MARKS && i < count; i++)
        if (capture_recall(capture, &marks[(count - i) % MARKS], &again))
            check(again.data.size <= CAPTURE_FRAME_MAX);
    capture_read_status(capture, &status);
    check(status.frames == count);
    check(status.bytes_read <= size);
    capture_free(capture);
    return 0;
}
