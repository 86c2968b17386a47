/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Finds where in a JSON text a value stands. A parsed tree does not know the
 * lines it came from; a message for a person must.
 */
#include "base/bytes.h"

/* One step down: a member's name, or an item's position when it is null. */
struct json_step {
    const char *key;
    size_t index;
};

/* The line, from 1, of the value that the steps lead to, or of the last one
 * on the way that is there. The text must have been parsed without an error
 * before; anything else is safe and gives some line. */
uint32_t json_place(struct bytes text, const struct json_step *steps,
                    size_t count);

/* The lines of the first items of the array that the steps lead to, in one
 * walk. `lines` has room for `line_count`. */
void json_place_items(struct bytes text, const struct json_step *steps,
                      size_t count, uint32_t *lines, size_t line_count);
