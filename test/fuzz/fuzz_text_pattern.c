/* SPDX-License-Identifier: Apache-2.0 */
#include "finding/text.h"

#include "fuzz.h"

static bool argument(const void *context, struct bytes name, struct writer *w,
                     double *number)
{
    fuzz_check_inside(*(const struct bytes *)context, name);
    *number = (double)(name.size % 3);
    writer_bytes(w, name);
    return name.size % 2;
}

/* Any bytes are a pattern or are refused. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct bytes pattern = bytes_of(data, size);
    struct writer w;

    writer_init(&w, TEXT_PATTERN_MAX);
    (void)text_render(&w, pattern, argument, &pattern); /* Any answer. */
    check(writer_view(&w).size <= TEXT_PATTERN_MAX);
    writer_clear(&w);
    return 0;
}
