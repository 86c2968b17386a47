/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Credentials as HTTP carries them: RFC 7617, RFC 7616, and forms. */
#include "base/arena.h"
#include "base/compiler.h"

/* Decode base64 (RFC 4648 section 4) into `out`; how many bytes, -1 when it is
 * not base64 or does not fit. */
int http_login_decode(struct bytes text, uint8_t *out, size_t out_max)
    MUST_USE;

/* username="..." of a Digest field; empty without. */
struct bytes http_login_digest_user(struct bytes field);

struct http_form_login {
    struct bytes user;
    struct bytes password;
};

/*
 * Find a password, and the user's name beside it, among "key=value&..." pairs.
 * The values are decoded into the arena. In `*masked`, a copy of `pairs` with
 * the password's characters as stars. False when there is no password.
 */
bool http_login_form(struct bytes pairs, struct arena *arena,
                     struct http_form_login *login, struct bytes *masked)
    MUST_USE;
