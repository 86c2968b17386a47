/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Builds text or bytes in memory that grows as needed, up to `size_max`. Past
 * that it drops what does not fit and says so in `overflowed`, once. The writer
 * owns its memory until writer_clear().
 *
 * One with a drain is for what may be of any length: when WRITER_DRAIN_SIZE
 * bytes are full they are handed on and forgotten.
 */
#include "base/bytes.h"
#include "base/compiler.h"

enum { WRITER_DRAIN_SIZE = 64 << 10 };

/* Takes what was written, in order; false when it cannot, and is not called
 * again. */
typedef bool writer_drain_function(void *context, struct bytes b);

struct writer {
    uint8_t *data;
    size_t size;
    size_t capacity;
    size_t size_max;
    bool overflowed;        /* Something was dropped, or not drained. */
    writer_drain_function *drain; /* Null: everything is kept. */
    void *context;
};

void writer_init(struct writer *w, size_t size_max);

/* `size_max` is then for one piece that is written at once. */
void writer_init_drained(struct writer *w, size_t size_max,
                         writer_drain_function *drain, void *context);

/* Hand on what is left; false when not all that was written got there. */
bool writer_drain(struct writer *w) MUST_USE;

void writer_clear(struct writer *w);

/* Forget the content; keep the memory. */
void writer_reset(struct writer *w);

void writer_byte(struct writer *w, uint8_t byte);
void writer_bytes(struct writer *w, struct bytes b);
void writer_text(struct writer *w, const char *text);
void writer_format(struct writer *w, const char *format, ...)
    PRINTF_LIKE(2, 3);

/* Room for `size` bytes, which count as written: the caller fills them all at
 * once. Null when they do not fit. */
uint8_t *writer_take(struct writer *w, size_t size);

/* Decimal without the cost of a format string. */
void writer_number(struct writer *w, uint64_t number);
void writer_signed(struct writer *w, int64_t number);

/* Integers in the order of the network, and in little-endian order. */
void writer_u16(struct writer *w, uint16_t value);
void writer_u32(struct writer *w, uint32_t value);
void writer_u64(struct writer *w, uint64_t value);
void writer_u16_le(struct writer *w, uint16_t value);
void writer_u32_le(struct writer *w, uint32_t value);
void writer_u64_le(struct writer *w, uint64_t value);

/* Lower-case hexadecimal, two digits a byte. */
void writer_hex(struct writer *w, struct bytes b);

/* What was written so far, valid until the next call. */
struct bytes writer_view(const struct writer *w);

/* The same as a C string. */
const char *writer_as_text(struct writer *w);
