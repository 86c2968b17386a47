/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What an X.509 certificate (RFC 5280) says, read by OpenSSL. Texts live in
 * the arena given; OpenSSL's own objects are gone when the function returns.
 * Nothing is decided here about trust: no chain is built, no root is asked.
 */
#include "base/arena.h"
#include "base/compiler.h"

enum {
    CERTIFICATE_NAME_MAX = 32,    /* Subject alternative names kept. */
    CERTIFICATE_TEXT_MAX = 1024,  /* Of a distinguished name; cut beyond. */
    CERTIFICATE_SERIAL_MAX = 20,  /* Bytes: RFC 5280 section 4.1.2.2. */
};

struct certificate {
    struct bytes subject;      /* "C=US, O=Example, CN=example.com" */
    struct bytes issuer;
    struct bytes serial;       /* "0A:1B:2C" */
    struct bytes signature;    /* "RSA-SHA256", OpenSSL's short name. */
    struct bytes key_type;     /* "RSA", "EC", "ED25519"; empty if unknown. */
    uint32_t key_bits;         /* 0 if unknown. */
    int64_t not_before;        /* Seconds since 1970. */
    int64_t not_after;
    uint8_t sha1[20];
    uint8_t sha256[32];
    struct bytes names[CERTIFICATE_NAME_MAX]; /* DNS names and addresses. */
    uint32_t name_count;
    uint32_t names_dropped;    /* Past the limit. */
    struct bytes mud_url;      /* RFC 8520 section 11; empty without. */
    bool is_self_signed;       /* Its own issuer, and its key verifies it. */
    bool is_weakly_signed;     /* By way of MD2, MD4, MD5 or SHA-1. */
};

/* False when `der` is not a certificate. */
bool certificate_parse(struct bytes der, struct arena *arena,
                       struct certificate *certificate) MUST_USE;

/* "2025-08-09T12:34:56", as EVE has validity; UTC. */
enum { CERTIFICATE_TIME_SIZE = 32 };
const char *certificate_time_text(int64_t seconds,
                                  char text[CERTIFICATE_TIME_SIZE]);
