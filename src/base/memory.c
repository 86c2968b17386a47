/* SPDX-License-Identifier: Apache-2.0 */
#include "base/memory.h"

#include <stdlib.h>
#include <string.h>

#include "base/check.h"

size_t size_add(size_t a, size_t b)
{
    check(a <= SIZE_MAX - b);
    return a + b;
}

size_t size_multiply(size_t a, size_t b)
{
    check(b == 0 || a <= SIZE_MAX / b);
    return a * b;
}

void *memory_new(size_t count, size_t size)
{
    void *memory = calloc(count ? count : 1, size ? size : 1);
    check(memory != NULL);
    return memory;
}

void *memory_resize(void *old, size_t count, size_t size)
{
    size_t total = size_multiply(count, size);
    void *memory = realloc(old, total ? total : 1);
    check(memory != NULL);
    return memory;
}

char *memory_copy_text(struct bytes text)
{
    char *copy = memory_new(size_add(text.size, 1), 1);
    if (text.size > 0)
        memcpy(copy, text.data, text.size);
    return copy;
}

void memory_free(void *pointer_to_pointer)
{
    void **pointer = pointer_to_pointer;
    free(*pointer);
    *pointer = NULL;
}

void memory_zero(void *at, size_t size)
{
    memset(at, 0, size);
}
