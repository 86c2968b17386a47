/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Nanoseconds since 1970-01-01 UTC as text, for any 64-bit number of them
 * (the years 1677 to 2262), without the C library's time zone.
 */
#include <stdint.h>

enum { TIMESTAMP_TEXT_SIZE = 32 }; /* 31 characters and the final zero. */

/* "2026-01-31T23:59:59.123456+0000", as EVE has it; returns `text`. */
const char *timestamp_text(int64_t time_ns, char text[TIMESTAMP_TEXT_SIZE]);
