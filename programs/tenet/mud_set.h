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

/* Take an option of `tenet watch` that is about MUD files, by its letter;
 * false for another, or when there are too many of it. */
bool mud_set_option(struct mud_words *words, int option, const char *value);

/* All that the words name, as of now; `*allowed` stays null when they name
 * nothing. It is the caller's, even after a failure. */
int mud_set_load(struct mud_words *words, struct allowed **allowed,
                 struct failure *failure);
