/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What the fuzz targets share: the entry point, and the assertion that a view
 * which came out of a parser lies inside what went in. */
#include "base/bytes.h"
#include "base/check.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static inline void fuzz_check_inside(struct bytes input, struct bytes view)
{
    if (view.size == 0)
        return;
    check(view.data >= input.data);
    check(view.data + view.size <= input.data + input.size);
}
