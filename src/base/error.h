/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The one set of error numbers, and the text that goes with one failure.
 *
 * Functions that can fail because the world did (a disk, a kernel, a file that
 * is not what it claims) return `int`: 0 or a positive result when it worked,
 * and otherwise a negative number: errno negated, or one of these.
 */
#include <stdint.h>

#include "base/compiler.h"

enum tenet_error {
    ERROR_FORMAT = -1000,      /* The bytes are not what was expected. */
    ERROR_TRUNCATED = -1001,   /* The input ends in the middle of a record. */
    ERROR_UNSUPPORTED = -1002, /* Known, but not handled here. */
    ERROR_LIMIT = -1003,       /* A stated limit was reached. */
    ERROR_CONFLICT = -1004,    /* Two things that cannot both hold. */
};

enum { FAILURE_TEXT_MAX = 384 };

/*
 * What went wrong, for a person: what, where, and what to do. Filled by the
 * function that failed; `where` is a name and, when it is known, a position.
 */
struct failure {
    int code;
    char text[FAILURE_TEXT_MAX];
};

/* Fill `failure` (which may be null) and return `code`. */
int failure_set(struct failure *failure, int code, const char *format, ...)
    PRINTF_LIKE(3, 4);

/* A short English text for any code above or any negated errno. */
const char *error_text(int code);
