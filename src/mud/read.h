/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Reads a MUD file (RFC 8520, RFC 8519, JSON as by RFC 7951).
 *
 * Strictly: what the standards forbid is refused, each with its rule, JSON
 * path and line; nodes of unknown extensions are ignored and told. With
 * `is_import` the dialects in which most public files are written (drafts of
 * the standard, mudgee) are rewritten first, and each change is told.
 */
#include "mud/mud.h"

struct mud_read_options {
    bool is_import;
    int64_t now_s;       /* Seconds since 1970; 0 leaves dates unjudged. */
    const char *url;     /* Where the file was fetched from, or null. */
    const char *source;  /* Named in messages; copied. */
};

/* Never null, and owned by the caller. It may be used unless its level is
 * MUD_REFUSED; its ACLs are then empty. */
struct mud_file *mud_read(struct bytes text,
                          const struct mud_read_options *options);

/* The same from a file; null when it cannot be read at all. */
struct mud_file *mud_read_file(const char *path,
                               const struct mud_read_options *options,
                               struct failure *failure);

/*
 * Add the entries of `other` after those of `file`, as what was learned or
 * accepted since. False, with nothing changed, when there is no room.
 */
bool mud_merge(struct mud_file *file, const struct mud_file *other) MUST_USE;
