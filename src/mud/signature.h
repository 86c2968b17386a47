/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Whether a MUD file is what somebody we know signed (RFC 8520 section 13): a
 * detached CMS signature over the file as it is, whose certificate may sign
 * and leads to an authority that was given. A signer's certificate may expire
 * before the device does, so there are three verdicts, and a file without a
 * signature has none: a person must be asked.
 */
#include "base/bytes.h"
#include "base/error.h"

enum {
    MUD_SIGNATURE_SIZE_MAX = 256 << 10, /* CMS with a chain has 10 KiB. */
    MUD_SIGNER_MAX = 256,               /* Bytes of a name shown. */
};

enum mud_verdict {
    MUD_UNSIGNED,     /* There is no signature: ask. */
    MUD_VALID,        /* The chain holds now. */
    MUD_WAS_VALID,    /* It held when it was signed, and does not now. */
    MUD_INVALID,      /* It does not hold; `reason` says why. */
};

struct mud_signature {
    enum mud_verdict verdict;
    bool is_unknown;          /* Invalid only for want of an authority: ask. */
    const char *reason;       /* Why not valid; a literal, never null. */
    char signer[MUD_SIGNER_MAX]; /* Subject, printable; "" without. */
    int64_t signed_s;         /* By the signer's clock; 0 when not said. */
};

/* When a signature is judged; seconds since 1970. */
struct mud_times {
    int64_t now_s;
    int64_t seen_s;   /* When the file was first met, by our own record; 0
                       * without one. */
};

/* `cms` is DER, `roots` certificates in PEM; either may be empty. */
void mud_signature_verify(struct bytes cms, struct bytes file,
                          struct bytes roots, const struct mud_times *times,
                          struct mud_signature *signature);

const char *mud_verdict_name(enum mud_verdict verdict);

/* May the file be used without asking anybody? */
bool mud_is_trusted(const struct mud_signature *signature);
