/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Tests of a buffer as a whole: is it in a set, what is its digest, how mixed
 * are its bytes; and of the file it is: its name's ending, its size.
 */
#include "detect/signature/inspect.h"

bool file_test_holds(const struct inspected *subject, struct bytes data,
                     const struct rule_test *test);
