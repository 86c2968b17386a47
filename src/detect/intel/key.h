/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What an indicator is about, in one form: so that what a list says and what a
 * packet shows are the same bytes when they mean the same thing.
 */
#include "base/arena.h"
#include "net/address.h"

enum { INTEL_KEY_MAX = 2048 }; /* Bytes of one; longer URLs are refused. */

enum intel_kind {
    INTEL_NAME,        /* One DNS name. */
    INTEL_DOMAIN,      /* A name and all below it. */
    INTEL_ADDRESS,     /* One IP address. */
    INTEL_NETWORK,     /* A prefix; not in the hash but in the ranges. */
    INTEL_SOCKET,      /* An address and a port. */
    INTEL_URL,         /* Host, port when it is not the scheme's, target. */
    INTEL_DIGEST,      /* MD5, SHA-1 or SHA-256 of a file, by its size. */
    INTEL_CERTIFICATE, /* The same of a certificate. */
    INTEL_MAC,
    INTEL_MAIL,
    INTEL_SOFTWARE,    /* A user agent or banner, as it is sent. */
    INTEL_JA3,
    INTEL_JA4,
    INTEL_VALUE,       /* The MD5 of a value's text, as MISP feeds have it. */
    INTEL_KIND_COUNT,
    INTEL_ANY = INTEL_KIND_COUNT, /* Whatever the text looks like. */
};

struct intel_key {
    enum intel_kind kind;
    struct ip_prefix network; /* Of NETWORK. */
    size_t size;
    uint8_t data[INTEL_KEY_MAX];
};

/* Make the key of `text`; INTEL_ANY finds out what it is, and then "*.name",
 * ".name" and "||name^" are a domain. The reason, or null when it worked. */
const char *intel_key_make(enum intel_kind kind, struct bytes text,
                           struct intel_key *key);

/* The kind by what lists, MISP and STIX call it ("ip-dst", "md5_hash", ...);
 * INTEL_ANY when the name is not known. */
enum intel_kind intel_kind_find(struct bytes name);
const char *intel_kind_name(enum intel_kind kind);

struct bytes intel_key_bytes(const struct intel_key *key);

/* A name as DNS compares it: lower case, no dot at the end. False when it is
 * none: bad labels, too long, an address. */
bool intel_name_normal(struct bytes text, uint8_t *out, size_t *size);
