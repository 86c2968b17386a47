/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Time stamps of RFC 3161 (with RFC 5816): an authority signs that it has seen
 * a digest at a time. The token is good for as long as its authority was good
 * *at that time*: certificates are judged as of then, not as of today, so that
 * it can be verified years later.
 *
 * The bytes of a token can be changed without breaking it (its bag of
 * certificates is not signed): they identify nothing.
 */
#include "base/error.h"
#include "base/writer.h"
#include "crypto/digest.h"

enum {
    TIMESTAMP_RESPONSE_MAX = 64 << 10, /* Bytes; with a chain it has 3 KiB. */
    TIMESTAMP_NAME_MAX = 256,          /* Bytes of a name shown. */
};

/* Write a TimeStampReq (section 2.4.1): SHA-256, a nonce, and the wish that
 * certificates come with the token. */
void timestamp_request_write(struct writer *w,
                             const uint8_t imprint[CRYPTO_SHA256_SIZE],
                             uint64_t nonce);

struct timestamp_terms {
    uint8_t imprint[CRYPTO_SHA256_SIZE]; /* SHA-256 of what was stamped. */
    bool has_nonce;
    uint64_t nonce;          /* As it was asked; years later nobody knows. */
    struct bytes roots;      /* PEM: the authorities that are trusted. */
    struct bytes others;     /* PEM: certificates the token came without. */
    int64_t at_s;            /* Judge certificates as of then, since 1970; 0
                              * for the time that the token tells. */
};

struct timestamp_verdict {
    int64_t time_s;                      /* genTime, since 1970. */
    char authority[TIMESTAMP_NAME_MAX];  /* The signer's subject; printable. */
    uint8_t imprint[CRYPTO_SHA256_SIZE]; /* Of what it says to be. */
};

/* Take a TimeStampResp (section 2.4.2) apart; an error when it is a refusal.
 * Nothing of it is verified, and the authority is left empty. */
int timestamp_response_read(struct bytes response,
                            struct timestamp_verdict *verdict,
                            struct failure *failure) MUST_USE;

/* Read and verify it: granted, over this imprint, with this nonce, signed by
 * a certificate that is for nothing but time stamps (section 2.3), named in
 * the token by SHA-256 or better (RFC 5816), with a chain to a root. */
int timestamp_response_check(struct bytes response,
                             const struct timestamp_terms *terms,
                             struct timestamp_verdict *verdict,
                             struct failure *failure) MUST_USE;
