/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Reads fields out of untrusted bytes, front to back.
 *
 * A read past the end does not crash and does not need checking on the spot:
 * it yields zero (or an empty view), marks the reader as failed, and drops the
 * rest of the input, so that every `while (reader_left(&r) > 0)` loop ends.
 * Ask reader_ok() once, before any value read is believed.
 *
 * Integers are big-endian, the order of the network, unless named _le.
 */
#include "base/bytes.h"
#include "base/compiler.h"

struct reader {
    const uint8_t *next;
    const uint8_t *end;
    bool failed;
};

/* Start at the front of `b`, which must stay while the reader is used. */
static inline struct reader reader_of(struct bytes b);

static inline uint8_t reader_u8(struct reader *r);
static inline uint16_t reader_u16(struct reader *r);
static inline uint32_t reader_u24(struct reader *r);
static inline uint32_t reader_u32(struct reader *r);
static inline uint64_t reader_u64(struct reader *r);
static inline uint16_t reader_u16_le(struct reader *r);
static inline uint32_t reader_u32_le(struct reader *r);
static inline uint64_t reader_u64_le(struct reader *r);

/* Look at the next byte without taking it; 0 when there is none (no failure).
 */
static inline uint8_t reader_peek(const struct reader *r);

/* Take the next `size` bytes as a view into the same input. */
static inline struct bytes reader_bytes(struct reader *r, size_t size);

/* Take the next `size` bytes as a reader of their own: the extent of a length
 * field. A failed parent yields a failed child. */
static inline struct reader reader_sub(struct reader *r, size_t size);

/* Take up to and including the next `byte`, which must come within `max`
 * bytes; the view is without it. */
struct bytes reader_until(struct reader *r, uint8_t byte, size_t max);

/* Take one line: up to LF within `max` bytes, without LF and a CR before it. */
struct bytes reader_line(struct reader *r, size_t max);

/* Take all that is left. */
struct bytes reader_rest(struct reader *r);

static inline void reader_skip(struct reader *r, size_t size);

/* How many bytes are left; 0 after a failure. */
static inline size_t reader_left(const struct reader *r);

/* Give up on this input: what it says cannot be true. */
static inline void reader_fail(struct reader *r);

MUST_USE static inline bool reader_ok(const struct reader *r);

/* True when all was read, exactly. */
MUST_USE static inline bool reader_finished(const struct reader *r);

#include "base/reader_inline.h"
