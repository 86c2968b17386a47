/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The compiler extensions Tenet allows itself, under names that say what they
 * are for. Nothing else in the tree may use __attribute__ or __builtin_.
 */

/* The result says whether it worked; a caller may not drop it by accident. */
#define MUST_USE __attribute__((warn_unused_result))

/* Arguments are checked against the format string, as printf's are. */
#define PRINTF_LIKE(format_index, first_argument) \
    __attribute__((format(printf, format_index, first_argument)))

/* Runs `release(&variable)` when the variable goes out of scope. */
#define CLEANUP(release) __attribute__((cleanup(release)))

#define UNUSED __attribute__((unused))

#define LIKELY(condition) __builtin_expect(!!(condition), 1)
#define UNLIKELY(condition) __builtin_expect(!!(condition), 0)

/* Ask for the cache line at `address` before it is needed. */
#define PREFETCH(address) __builtin_prefetch(address)

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

/* How many of the lowest bits are zero; `number` is not zero. */
static inline int trailing_zeros(unsigned number)
{
    return __builtin_ctz(number);
}

static inline int trailing_zeros_64(unsigned long long number)
{
    return __builtin_ctzll(number);
}

/* And of the highest. */
static inline int leading_zeros_64(unsigned long long number)
{
    return __builtin_clzll(number);
}
