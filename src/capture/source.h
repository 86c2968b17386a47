/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * A run of bytes from a file, a pipe or memory, unpacked when it is gzip (RFC
 * 1952, several members too) or zstd (RFC 8878). Which it is is told by its
 * first bytes, never by its name.
 */
#include "base/error.h"
#include "base/bytes.h"

struct source;

/* Read from `descriptor`, which the source closes. */
struct source *source_of_descriptor(int descriptor, const char *name);

/* Read from memory, which must stay. */
struct source *source_of_memory(struct bytes memory, const char *name);
void source_free(struct source *source);

/*
 * Read up to `size` bytes; fewer only when no more is there now or at all. 0
 * at the end; negative with the failure set. A packed file that is cut short
 * is ERROR_TRUNCATED after all that could be unpacked.
 */
long source_read(struct source *source, uint8_t *data, size_t size,
                 struct failure *failure) MUST_USE;

/* Bytes taken from the file so far, as stored; and its size, 0 if unknown. */
uint64_t source_position(const struct source *source);
uint64_t source_size(const struct source *source);
const char *source_name(const struct source *source);
