/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Assertions for our own mistakes, kept in release builds. A failed check
 * prints the condition and its place on standard error and aborts.
 *
 * No check may depend on input bytes: bad input is a result, not a mistake.
 * Write two checks rather than one with `&&`, so that the message is exact.
 */
#define check(condition)                                     \
    do {                                                     \
        if (__builtin_expect(!(condition), 0))               \
            check_failed(#condition, __FILE__, __LINE__);    \
    } while (0)

_Noreturn void check_failed(const char *condition, const char *file,
                               int line);
