/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * A view of bytes that somebody else owns. Everything that came off the wire,
 * out of a file or over HTTP is a `struct bytes` until it has been parsed. A
 * view never outlives the packet or request it looks into.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct bytes {
    const uint8_t *data;
    size_t size;
};

/* View `size` bytes at `data`; `data` may be null only when size is 0. */
struct bytes bytes_of(const void *data, size_t size);

/* View a C string without its final zero. */
struct bytes bytes_of_text(const char *text);

/* The part of `b` that starts at `from`, at most `size` long; never outside. */
struct bytes bytes_slice(struct bytes b, size_t from, size_t size);

bool bytes_equal(struct bytes a, struct bytes b);

/* Equality and search that fold ASCII letters, as protocols define it. */
bool bytes_equal_nocase(struct bytes a, struct bytes b);
bool bytes_start_with(struct bytes b, struct bytes prefix);
bool bytes_start_with_nocase(struct bytes b, struct bytes prefix);
bool bytes_end_with_nocase(struct bytes b, struct bytes suffix);

/* Position of the first `needle` in `b`, or b.size when there is none. */
size_t bytes_find(struct bytes b, struct bytes needle);
size_t bytes_find_nocase(struct bytes b, struct bytes needle);
size_t bytes_find_byte(struct bytes b, uint8_t byte);

/* Without spaces, tabs and line ends at either end. */
struct bytes bytes_trim(struct bytes b);

/* Order as memcmp, the shorter first among equals: <0, 0, >0. */
int bytes_compare(struct bytes a, struct bytes b);

/*
 * Read a whole unsigned decimal number. False when there is anything else in
 * `b`, nothing at all, or more than `max`; the number is written on success.
 */
bool bytes_to_number(struct bytes b, uint64_t max, uint64_t *number);
