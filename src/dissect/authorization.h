/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The value of an Authorization header as HTTP, RTSP and SIP have it: Basic
 * (RFC 7617), which is user and password in base64, and Digest (RFC 7616),
 * which says the user only.
 */
#include "base/arena.h"
#include "base/bytes.h"

enum { AUTHORIZATION_BASIC_MAX = 512 }; /* Base64 characters decoded. */

struct authorization {
    const char *method; /* "basic", "digest", ...: a literal. */
    struct bytes user;
    struct bytes password;
    bool is_clear;      /* The password could be read. */
};

/* False when `value` is neither, or is broken. Views are into `value` or the
 * arena. */
bool authorization_parse(struct bytes value, struct arena *arena,
                         struct authorization *authorization);

/* "basic" or "digest" for a WWW-Authenticate value; null for others. */
const char *authorization_scheme(struct bytes value);
