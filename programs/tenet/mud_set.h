/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The MUD files that a run is held against, as words name them. */
#include "detect/allowed/allowed.h"
#include "mud.h"

/* "MAC=FILE", a file, or a folder of files (*.json, *.mud), which stand for
 * the devices that name their URLs. What was accepted beside a file is merged.
 * Says on standard error what is not used and why. Negative when a named file
 * cannot be read or is refused; a folder's other files are used all the same.
 */
int mud_set_add(struct allowed *allowed, const char *word,
                const struct mud_words *words, struct failure *failure);

/* "CLASS=ADDRESS" */
int mud_set_member(struct allowed *allowed, const char *word,
                   struct failure *failure);
