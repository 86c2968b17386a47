/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What an owner has accepted beyond a MUD file, in a journal beside it,
 * FILE.accepted: one JSON object a line, only ever added to. The file itself,
 * and with it its signature, stays as it was. Each line says when, who and
 * why, the digest of the MUD file it was said of, and the entries accepted,
 * as a MUD file of their own.
 */
#include "mud/mud.h"

enum { MUD_JOURNAL_SIZE_MAX = 16 << 20 };

struct mud_acceptance {
    int64_t time_s;
    const char *by;
    const char *because;
    const struct mud_file *of;      /* What was there before. */
    const struct mud_file *entries; /* What is accepted. */
};

/* Add a line to the journal of the file at `path`; it is on disk when this
 * returns 0. */
int mud_journal_add(const char *path, const struct mud_acceptance *accepted,
                    struct failure *failure);

/* Merge what was accepted into `file`, read from `path`. Answers how many
 * lines there were; negative when the journal is there and cannot be read,
 * or is not one. */
int mud_journal_read(const char *path, struct mud_file *file,
                     struct failure *failure);
