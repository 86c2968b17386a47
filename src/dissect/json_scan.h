/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Finds a value in one JSON text (RFC 8259) without building anything: for
 * the data path, where a line's few known keys are all that matters. It walks
 * the text once, keeping count of nesting; strings are handed out as they
 * stand between their quotes, escapes and all.
 */
#include "base/bytes.h"

/* The value of `key` in the object `json`; empty when there is none. Strings
 * come without quotes. */
struct bytes json_scan_member(struct bytes json, const char *key);

/* Item `index` of the array `json`; empty when there is none. */
struct bytes json_scan_item(struct bytes json, size_t index);
