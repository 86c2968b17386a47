/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What the protocols made of text have in common: lines, words, and heads of
 * `Name: value` lines. All results are views into the input; nothing is kept.
 * Every function bounds what it looks at by the limits its caller gives.
 */
#include "event/event.h"

enum line_verdict {
    LINE_WHOLE,    /* One line was taken. */
    LINE_PARTIAL,  /* Its end has not come yet. */
    LINE_TOO_LONG, /* No end within the limit. */
};

/* Take the next line off `*rest`, without its LF and a CR before that. */
enum line_verdict dissect_take_line(struct bytes *rest, size_t max,
                                    struct bytes *line);

/* Take the next word off `*rest`, and the spaces around it; empty at the end.
 */
struct bytes dissect_take_word(struct bytes *rest);

/* The size of the head at the front of `data`, with its empty last line; 0
 * when that has not come yet. */
size_t dissect_head_size(struct bytes data);

/* The value of the first header `name` in `head`, or of its compact form when
 * `compact` is not null (RFC 3261 section 7.3.3); empty when not there. */
struct bytes dissect_header(struct bytes head, const char *name,
                            const char *compact);

/* The number in header Content-Length, 0 without; false when it is none. */
bool dissect_content_length(struct bytes head, uint64_t *size);

/* Is all of `b` printable ASCII, tabs and line ends; is it not empty? */
bool dissect_is_text(struct bytes b);

/* Is all of `b` printable ASCII without spaces; is it not empty? */
bool dissect_is_word(struct bytes b);

/* Set a text unless it is empty. */
void dissect_set_text(struct event *event, enum event_field field,
                      struct bytes text);

/* `b` in lower-case hexadecimal, in the arena. */
struct bytes dissect_hex(struct arena *arena, struct bytes b);
