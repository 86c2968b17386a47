/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Makes bytes from the network printable. Valid UTF-8 passes; control
 * characters, invalid bytes, and the Unicode characters that reorder or hide
 * text (bidirectional overrides, zero-width, line separators) are written as
 * \xNN or \u{NNNN}, so that no terminal or log can be driven by a device.
 */
#include "base/writer.h"

/* Write `b` so that it is safe on a terminal and in a log line. */
void text_escape(struct writer *w, struct bytes b);

/* The length of the valid UTF-8 character at the front of `b` (1 to 4), its
 * code point in `*point`; 0 when the front is not valid UTF-8 (RFC 3629). */
size_t text_utf8_next(struct bytes b, uint32_t *point);

/* True for code points that must not reach a terminal as they are. */
bool text_is_unsafe(uint32_t point);
