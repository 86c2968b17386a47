/* SPDX-License-Identifier: Apache-2.0 */
#include "base/memory.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "base/check.h"

/* From twice the size of a huge page on, they save look-ups of addresses. */
enum { HUGE_PAGE_SIZE = 2 << 20 };

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

void *memory_new_aligned(size_t alignment, size_t count, size_t size)
{
    size_t total = size_multiply(count, size);
    bool is_large = total >= 2 * HUGE_PAGE_SIZE;
    size_t unit = is_large ? HUGE_PAGE_SIZE : alignment;
    size_t rounded = size_add(total ? total : 1, unit - 1) & ~(unit - 1);
    void *memory = aligned_alloc(unit, rounded);

    check(memory != NULL);
    if (is_large)
        (void)madvise(memory, rounded, MADV_HUGEPAGE); /* Only quicker. */
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

/* Read anew at each call, so that no compiler and no linker sees through it and
 * puts the slow instruction in its place after all. */
typedef void *set_function(void *at, int byte, size_t size);
static set_function *const volatile set_memory = memset;

void memory_zero(void *at, size_t size)
{
    set_memory(at, 0, size);
}
