/* SPDX-License-Identifier: Apache-2.0 */
#include "base/check.h"
#include "base/reader.h"
#include "fuzz.h"

/* Any order of reads stays inside the input and ends. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct bytes input = bytes_of(data, size);
    struct reader r = reader_of(input);

    while (reader_left(&r) > 0) {
        uint8_t step = reader_u8(&r);
        struct bytes view = step & 1 ? reader_bytes(&r, step >> 1)
                                     : reader_line(&r, step);
        fuzz_check_inside(input, view);
    }
    check(!reader_ok(&r) || reader_finished(&r));
    return 0;
}
