/* SPDX-License-Identifier: Apache-2.0 */
#include "sweep.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

static uint8_t *copy_exactly(struct bytes b)
{
    uint8_t *copy = memory_resize(NULL, b.size, 1);
    if (b.size > 0)
        memcpy(copy, b.data, b.size);
    return copy;
}

void sweep_truncate(struct bytes input, sweep_function *run, void *context)
{
    for (size_t size = 0; size <= input.size; size++) {
        uint8_t *copy = copy_exactly(bytes_of(input.data, size));
        run(bytes_of(copy, size), context);
        free(copy);
    }
}

void sweep_flip(struct bytes input, sweep_function *run, void *context)
{
    for (size_t bit = 0; bit < input.size * 8; bit++) {
        uint8_t *copy = copy_exactly(input);
        copy[bit / 8] ^= (uint8_t)(1u << (bit % 8));
        run(bytes_of(copy, input.size), context);
        free(copy);
    }
}

void sweep_split(struct bytes input, sweep_split_function *run, void *context)
{
    for (size_t at = 0; at <= input.size; at++) {
        uint8_t *first = copy_exactly(bytes_of(input.data, at));
        uint8_t *second =
            copy_exactly(bytes_of(input.data + at, input.size - at));
        run(bytes_of(first, at), bytes_of(second, input.size - at), context);
        free(first);
        free(second);
    }
}
