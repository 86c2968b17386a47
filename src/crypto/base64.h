/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Base64 as RFC 4648 section 4 has it: padded, no line ends, and only one
 * text for the same bytes, so that a text that was changed never reads as the
 * same value.
 */
#include "base/writer.h"

/* Bytes that `size` bytes make as text, without a final zero. */
#define CRYPTO_BASE64_SIZE(size) (((size) + 2) / 3 * 4)

void crypto_base64_write(struct writer *w, struct bytes b);

/* Decode all of `text` into `data`; false when it is not the one form of at
 * most `size_max` bytes. */
bool crypto_base64_read(struct bytes text, uint8_t *data, size_t size_max,
                        size_t *size) MUST_USE;
