/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Rule files of any language, and directories of them: walked in name order,
 * so that the same folder is the same rule set on every machine.
 */
#include "base/bytes.h"
#include "base/compiler.h"

enum {
    RULE_FILES_DEPTH_MAX = 16,     /* Also ends circles of links. */
    RULE_FILES_ENTRY_MAX = 100000, /* Of one directory. */
};

struct rule_file_visitor {
    size_t size_max;   /* Files are read up to one byte more than this. */

    /* Below a directory: is this a file to read? */
    bool (*wants)(void *context, const char *path);
    void (*read)(void *context, const char *path, struct bytes text);

    /* What cannot be read below the path that was named. */
    void (*unreadable)(void *context, const char *path, int error);
    void *context;
};

bool rule_files_is_directory(const char *path);

/* Read a file, whatever its name, or what is wanted below a directory.
 * Negative only when `path` itself cannot be read. */
int rule_files_visit(const struct rule_file_visitor *visitor,
                     const char *path) MUST_USE;
