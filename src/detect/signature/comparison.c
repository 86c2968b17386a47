/* SPDX-License-Identifier: Apache-2.0 */
#include "detect/signature/values.h"

bool comparison_holds(enum comparison comparison, uint64_t a, uint64_t b)
{
    switch (comparison) {
    case IS_EQUAL:
        return a == b;
    case IS_NOT_EQUAL:
        return a != b;
    case IS_LESS:
        return a < b;
    case IS_LESS_OR_EQUAL:
        return a <= b;
    case IS_GREATER:
        return a > b;
    case IS_GREATER_OR_EQUAL:
        return a >= b;
    }
    return false;
}
