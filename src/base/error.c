/* SPDX-License-Identifier: Apache-2.0 */
#include "base/error.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

int failure_set(struct failure *failure, int code, const char *format, ...)
{
    if (failure) {
        va_list arguments;

        va_start(arguments, format);
        failure->code = code;
        (void)vsnprintf(failure->text, sizeof failure->text, format,
                        arguments); /* A long text is cut, never lost. */
        va_end(arguments);
    }
    return code;
}

const char *error_text(int code)
{
    switch (code) {
    case ERROR_FORMAT:
        return "not in the expected format";
    case ERROR_TRUNCATED:
        return "ends in the middle of a record";
    case ERROR_UNSUPPORTED:
        return "not supported";
    case ERROR_LIMIT:
        return "over a limit";
    case ERROR_CONFLICT:
        return "contradicts itself";
    default:
        return code < 0 ? strerror(-code) : "no error";
    }
}
