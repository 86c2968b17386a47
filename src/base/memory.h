/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Allocation for the control path and for start-up. It never returns null: out
 * of memory stops the process, which is safe because sizes that outsiders
 * choose are bounded before they get here. Sizes are multiplied with a check.
 */
#include <stddef.h>

#include "base/bytes.h"

/* Zeroed memory for `count` items of `size` bytes; free() gives it back. */
void *memory_new(size_t count, size_t size);

/*
 * Memory that starts at a multiple of `alignment` (a power of two), not
 * zeroed; free() gives it back. Large memory asks for huge pages, and what is
 * never touched costs nothing.
 */
void *memory_new_aligned(size_t alignment, size_t count, size_t size);

/* Grow or shrink to `count` items; new bytes are not zeroed. */
void *memory_resize(void *old, size_t count, size_t size);

/* A copy with a final zero, owned by the caller. */
char *memory_copy_text(struct bytes text);

/* a + b and a * b; an overflow stops the process. */
size_t size_add(size_t a, size_t b);
size_t size_multiply(size_t a, size_t b);

/* Zero `size` bytes by the C library's memset: for a struct of some hundred
 * bytes it is twice as quick as the string instruction compilers put inline. */
void memory_zero(void *at, size_t size);

/* For CLEANUP: free what the pointer points to. */
void memory_free(void *pointer_to_pointer);
