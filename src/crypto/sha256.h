/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * SHA-256 (FIPS 180-4) in the caller's memory, for the short texts of the
 * packet path, such as JA4: OpenSSL's own allocates a context for each call.
 */
#include "base/bytes.h"

enum { SHA256_SIZE = 32 };

void sha256_of(struct bytes b, uint8_t digest[SHA256_SIZE]);
