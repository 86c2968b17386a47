/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* cmocka wants four headers before its own; this is the one place for it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* */
#include <cmocka.h>
