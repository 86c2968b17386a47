/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/certificate.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include "base/reader.h"
#include "crypto/digest.h"

enum {
    DER_INTEGER = 0x02,
    DER_UTF8_STRING = 0x0c,
    DER_PRINTABLE_STRING = 0x13,
    DER_IA5_STRING = 0x16,
    DER_SEQUENCE = 0x30,
    DER_SIZE_MAX = 64 << 10,
};

/* id-pe-mud-url (RFC 8520 section 11). */
static const char mud_url_oid[] = "1.3.6.1.5.5.7.1.25";

/* As Suricata prints names: in the certificate's order, UTF-8, ", " between,
 * control characters escaped. */
static struct bytes name_text(const X509_NAME *name, struct arena *arena)
{
    unsigned long flags = XN_FLAG_SEP_CPLUS_SPC | XN_FLAG_FN_SN |
                          ASN1_STRFLGS_ESC_CTRL | ASN1_STRFLGS_UTF8_CONVERT;
    struct bytes text = { 0 };
    char *data = NULL;
    BIO *bio = BIO_new(BIO_s_mem());

    if (bio && X509_NAME_print_ex(bio, name, 0, flags) >= 0) {
        long size = BIO_get_mem_data(bio, &data);
        if (size > 0)
            text = arena_copy(arena, bytes_slice(bytes_of(data, (size_t)size),
                                                 0, CERTIFICATE_TEXT_MAX));
    }
    BIO_free(bio);
    return text;
}

static struct bytes serial_text(const X509 *x509, struct arena *arena)
{
    const ASN1_INTEGER *serial = X509_get0_serialNumber(x509);
    struct bytes number =
        bytes_slice(bytes_of(ASN1_STRING_get0_data(serial),
                             (size_t)ASN1_STRING_length(serial)),
                    0, CERTIFICATE_SERIAL_MAX);
    char *text = arena_allocate(arena, number.size * 3 + 1);

    for (size_t i = 0; i < number.size; i++)
        (void)snprintf(text + i * 3, 4, "%02X:", number.data[i]);
    return bytes_of(text, number.size > 0 ? number.size * 3 - 1 : 0);
}

static bool time_of(const ASN1_TIME *time, int64_t *seconds)
{
    struct tm parts;

    if (!time || ASN1_TIME_to_tm(time, &parts) != 1)
        return false;
    *seconds = (int64_t)timegm(&parts);
    return true;
}

const char *certificate_time_text(int64_t seconds,
                                  char text[CERTIFICATE_TIME_SIZE])
{
    time_t time = (time_t)seconds;
    struct tm parts;

    text[0] = 0;
    if (gmtime_r(&time, &parts))
        (void)strftime(text, CERTIFICATE_TIME_SIZE, "%Y-%m-%dT%H:%M:%S",
                       &parts);
    return text;
}

static void add_name(struct certificate *certificate, struct arena *arena,
                     struct bytes name)
{
    if (certificate->name_count >= CERTIFICATE_NAME_MAX) {
        certificate->names_dropped++;
        return;
    }
    certificate->names[certificate->name_count++] = arena_copy(arena, name);
}

static struct bytes string_bytes(const ASN1_STRING *string)
{
    return bytes_of(ASN1_STRING_get0_data(string),
                    (size_t)ASN1_STRING_length(string));
}

static void add_address(struct certificate *certificate, struct arena *arena,
                        struct bytes wire)
{
    char text[INET6_ADDRSTRLEN];

    if (wire.size != 4 && wire.size != 16)
        return; /* RFC 5280 section 4.2.1.6 knows no other size. */
    if (!inet_ntop(wire.size == 4 ? AF_INET : AF_INET6, wire.data, text,
                   sizeof text))
        return;
    add_name(certificate, arena, bytes_of_text(text));
}

static void read_names(const X509 *x509, struct arena *arena,
                       struct certificate *certificate)
{
    GENERAL_NAMES *names =
        X509_get_ext_d2i(x509, NID_subject_alt_name, NULL, NULL);

    for (int i = 0; names && i < sk_GENERAL_NAME_num(names); i++) {
        const GENERAL_NAME *name = sk_GENERAL_NAME_value(names, i);
        if (name->type == GEN_DNS)
            add_name(certificate, arena, string_bytes(name->d.dNSName));
        else if (name->type == GEN_IPADD)
            add_address(certificate, arena, string_bytes(name->d.iPAddress));
    }
    GENERAL_NAMES_free(names);
}

/* The value of the next element, which must have `tag`. Nothing read here is
 * longer than two length bytes can say. */
static struct bytes take_der(struct reader *r, uint8_t tag)
{
    bool fits = reader_u8(r) == tag;
    size_t size = reader_u8(r);

    if (size == 0x81)
        size = reader_u8(r);
    else if (size == 0x82)
        size = reader_u16(r);
    if (!fits)
        reader_fail(r);
    return reader_bytes(r, size);
}

/* The extension's value is an IA5String (RFC 8520 section 11); one maker's
 * tool in use writes a PrintableString or a UTF8String instead. */
static struct bytes mud_url_of(struct bytes value)
{
    static const uint8_t tags[] = {
        DER_IA5_STRING, DER_PRINTABLE_STRING, DER_UTF8_STRING,
    };

    for (size_t i = 0; i < COUNT_OF(tags); i++) {
        struct reader r = reader_of(value);
        struct bytes url = take_der(&r, tags[i]);
        if (reader_ok(&r))
            return url;
    }
    return (struct bytes){ 0 };
}

static void read_mud_url(const X509 *x509, struct arena *arena,
                         struct certificate *certificate)
{
    char oid[sizeof mud_url_oid + 1];

    for (int i = 0; i < X509_get_ext_count(x509); i++) {
        X509_EXTENSION *extension = X509_get_ext(x509, i);
        int size = OBJ_obj2txt(oid, sizeof oid,
                               X509_EXTENSION_get_object(extension), 1);
        if (size != sizeof mud_url_oid - 1 || strcmp(oid, mud_url_oid) != 0)
            continue;
        struct bytes value = string_bytes(X509_EXTENSION_get_data(extension));
        certificate->mud_url = arena_copy(arena, mud_url_of(value));
    }
}

/* The bits of an RSA modulus: the first INTEGER of RSAPublicKey (RFC 8017
 * appendix A.1.1), without its leading zeros. */
static uint32_t modulus_bits(struct bytes der)
{
    struct reader r = reader_of(der);
    struct reader key = reader_of(take_der(&r, DER_SEQUENCE));
    struct bytes modulus = take_der(&key, DER_INTEGER);

    while (modulus.size > 0 && modulus.data[0] == 0)
        modulus = bytes_slice(modulus, 1, modulus.size);
    if (!reader_ok(&r) || !reader_ok(&key) || modulus.size == 0)
        return 0;
    uint32_t bits = (uint32_t)modulus.size * 8;
    for (unsigned first = modulus.data[0]; first < 0x80; first <<= 1)
        bits--;
    return bits;
}

/*
 * The key's own encoding says its type and size. OpenSSL's decoded key would
 * too, but decoding takes longer than all the rest of the certificate.
 */
static void read_key(X509 *x509, struct arena *arena,
                     struct certificate *certificate)
{
    ASN1_OBJECT *algorithm = NULL;
    const unsigned char *data = NULL;
    int size = 0;

    if (X509_PUBKEY_get0_param(&algorithm, &data, &size, NULL,
                               X509_get_X509_PUBKEY(x509)) != 1)
        return;
    if (OBJ_obj2nid(algorithm) == NID_rsaEncryption) {
        certificate->key_type = bytes_of_text("RSA");
        certificate->key_bits =
            modulus_bits(bytes_of(data, (size_t)size));
        return;
    }
    const EVP_PKEY *key = X509_get0_pubkey(x509);
    const char *type = key ? EVP_PKEY_get0_type_name(key) : NULL;
    if (!type)
        return;
    certificate->key_type = arena_copy(arena, bytes_of_text(type));
    certificate->key_bits = (uint32_t)EVP_PKEY_get_bits(key);
}

static void read_signature(X509 *x509, struct arena *arena,
                           struct certificate *certificate)
{
    int digest = NID_undef;
    int nid = X509_get_signature_nid(x509);
    const char *name = OBJ_nid2sn(nid);

    if (name)
        certificate->signature = arena_copy(arena, bytes_of_text(name));
    (void)OBJ_find_sigid_algs(nid, &digest, NULL); /* Else it stays undef. */
    certificate->is_weakly_signed = digest == NID_md2 || digest == NID_md4 ||
                                    digest == NID_md5 || digest == NID_sha1;
    /* Only one that names itself as issuer is worth the verification. */
    certificate->is_self_signed =
        X509_NAME_cmp(X509_get_subject_name(x509),
                      X509_get_issuer_name(x509)) == 0 &&
        X509_self_signed(x509, 1) == 1;
}

static bool read_all(X509 *x509, struct bytes der, struct arena *arena,
                     struct certificate *certificate)
{
    *certificate = (struct certificate){ 0 };
    if (!time_of(X509_get0_notBefore(x509), &certificate->not_before) ||
        !time_of(X509_get0_notAfter(x509), &certificate->not_after))
        return false;
    crypto_sha1(der, certificate->sha1);
    crypto_sha256(der, certificate->sha256);
    certificate->subject = name_text(X509_get_subject_name(x509), arena);
    certificate->issuer = name_text(X509_get_issuer_name(x509), arena);
    certificate->serial = serial_text(x509, arena);
    read_key(x509, arena, certificate);
    read_signature(x509, arena, certificate);
    read_names(x509, arena, certificate);
    read_mud_url(x509, arena, certificate);
    return true;
}

bool certificate_parse(struct bytes der, struct arena *arena,
                       struct certificate *certificate)
{
    struct certificate parsed;
    const unsigned char *at = der.data;

    if (der.size == 0 || der.size > DER_SIZE_MAX)
        return false;
    X509 *x509 = d2i_X509(NULL, &at, (long)der.size);
    bool is_read = x509 && read_all(x509, der, arena, &parsed);
    X509_free(x509);
    ERR_clear_error();
    if (is_read)
        *certificate = parsed;
    return is_read;
}
