/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* A certificate made on the spot by OpenSSL: self-signed, P-256, for a device
 * with the MUD URL https://example.com/mud.json. */
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include "base/arena.h"
#include "base/check.h"

static inline void made_certificate_extend(X509 *x509, int nid,
                                           const char *value)
{
    X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, NULL, nid, value);

    check(extension);
    check(X509_add_ext(x509, extension, -1) == 1);
    X509_EXTENSION_free(extension);
}

/* id-pe-mud-url: an IA5String in the extension's octets (RFC 8520). */
static inline void made_certificate_add_mud(X509 *x509)
{
    static const char url[] = "\x16\x1c" "https://example.com/mud.json";
    ASN1_OBJECT *oid = OBJ_txt2obj("1.3.6.1.5.5.7.1.25", 1);
    ASN1_OCTET_STRING *octets = ASN1_OCTET_STRING_new();

    check(ASN1_OCTET_STRING_set(octets, (const unsigned char *)url,
                                sizeof url - 1) == 1);
    X509_EXTENSION *extension =
        X509_EXTENSION_create_by_OBJ(NULL, oid, 0, octets);
    check(X509_add_ext(x509, extension, -1) == 1);
    X509_EXTENSION_free(extension);
    ASN1_OCTET_STRING_free(octets);
    ASN1_OBJECT_free(oid);
}

/* Valid from `from` to `to`, seconds since 1970; signed with `digest`; its
 * alternative names as OpenSSL's configuration has them. */
static inline struct bytes made_certificate_named(struct arena *arena,
                                                  time_t from, time_t to,
                                                  const EVP_MD *digest,
                                                  const char *names)
{
    EVP_PKEY *key = EVP_EC_gen("P-256");
    X509 *x509 = X509_new();
    X509_NAME *name = X509_get_subject_name(x509);
    unsigned char *der = NULL;

    check(key);
    check(X509_set_version(x509, 2) == 1);
    check(ASN1_INTEGER_set(X509_get_serialNumber(x509), 0x0a1b2c) == 1);
    check(ASN1_TIME_set(X509_getm_notBefore(x509), from) != NULL);
    check(ASN1_TIME_set(X509_getm_notAfter(x509), to) != NULL);
    check(X509_NAME_add_entry_by_txt(name, "C", MBSTRING_ASC,
                                     (const unsigned char *)"AQ", -1, -1,
                                     0) == 1);
    check(X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
                                     (const unsigned char *)"camera-7", -1,
                                     -1, 0) == 1);
    check(X509_set_issuer_name(x509, name) == 1);
    check(X509_set_pubkey(x509, key) == 1);
    made_certificate_extend(x509, NID_subject_alt_name, names);
    made_certificate_add_mud(x509);
    check(X509_sign(x509, key, digest) > 0);
    int size = i2d_X509(x509, &der);
    check(size > 0);
    struct bytes copy = arena_copy(arena, bytes_of(der, (size_t)size));
    OPENSSL_free(der);
    X509_free(x509);
    EVP_PKEY_free(key);
    return copy;
}

static inline struct bytes made_certificate(struct arena *arena, time_t from,
                                            time_t to, const EVP_MD *digest)
{
    return made_certificate_named(arena, from, to, digest,
                                  "DNS:camera-7.example.com,IP:192.0.2.7");
}
