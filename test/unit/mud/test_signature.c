/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Chains made on the spot, each with one fault. Time is given, so that
 * expiry needs no waiting: certificates hold from T to T + 1000 unless a case
 * says otherwise, and signatures are made at T + 100.
 */
#include "mud/signature.h"

#include <string.h>

#include <openssl/cms.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include "base/check.h"
#include "base/writer.h"
#include "sweep.h"
#include "test.h"

enum { T = 1700000000, SIGNED = T + 100, NOW = T + 200, LATER = T + 5000 };

static const char file_text[] = "{\"ietf-mud:mud\": {}}\n";

/* What is to be made; zero is the good choice. */
struct wanted {
    const char *key_usage;   /* Of the signer; null: digitalSignature. */
    bool no_key_usage;
    const char *extended;    /* extendedKeyUsage of the signer; null: none. */
    const char *ca_basic;    /* Of the authority; null: critical,CA:TRUE. */
    int64_t signer_to;       /* End of the signer's validity; 0: T + 1000. */
    int64_t signer_from;     /* 0: T */
    int64_t ca_to;           /* 0: T + 1000000 */
    bool is_self_signed;
    bool has_other_root;     /* The root given is another one. */
    bool has_no_root;
    bool is_attached;
    bool is_tampered;        /* The file differs from what was signed. */
    bool lacks_certificate;  /* The signer's is not sent. */
    bool has_no_time;        /* No signed attributes, so no time. */
    bool is_sha1;
    bool is_root_signer;     /* The root given is the signer's own. */
};

struct made {
    EVP_PKEY *ca_key;
    EVP_PKEY *key;
    X509 *ca;
    X509 *signer;
    struct writer cms;
    struct writer roots;
};

static void extend(X509 *x509, X509 *issuer, int nid, const char *value)
{
    X509V3_CTX context;

    X509V3_set_ctx(&context, issuer, x509, NULL, NULL, 0);
    X509_EXTENSION *extension =
        X509V3_EXT_conf_nid(NULL, &context, nid, value);
    check(extension);
    check(X509_add_ext(x509, extension, -1) == 1);
    X509_EXTENSION_free(extension);
}

static X509 *new_certificate(const char *name, EVP_PKEY *key, int64_t from,
                             int64_t to)
{
    X509 *x509 = X509_new();
    X509_NAME *subject;

    check(x509);
    check(X509_set_version(x509, 2) == 1);
    ASN1_INTEGER_set(X509_get_serialNumber(x509), (long)strlen(name));
    check(ASN1_TIME_set(X509_getm_notBefore(x509), (time_t)from));
    check(ASN1_TIME_set(X509_getm_notAfter(x509), (time_t)to));
    check(X509_set_pubkey(x509, key) == 1);
    subject = X509_get_subject_name(x509);
    check(X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC,
                                     (const unsigned char *)name, -1, -1,
                                     0) == 1);
    return x509;
}

static X509 *make_ca(const char *name, EVP_PKEY *key,
                     const struct wanted *wanted)
{
    X509 *ca = new_certificate(name, key, T,
                               wanted->ca_to ? wanted->ca_to : T + 1000000);

    check(X509_set_issuer_name(ca, X509_get_subject_name(ca)) == 1);
    extend(ca, ca, NID_basic_constraints,
           wanted->ca_basic ? wanted->ca_basic : "critical,CA:TRUE");
    check(X509_sign(ca, key, EVP_sha256()) > 0);
    return ca;
}

static void make_signer(struct made *made, const struct wanted *wanted)
{
    X509 *issuer;

    made->signer = new_certificate(
        "signer of the maker", made->key,
        wanted->signer_from ? wanted->signer_from : T,
        wanted->signer_to ? wanted->signer_to : T + 1000);
    issuer = wanted->is_self_signed ? made->signer : made->ca;
    check(X509_set_issuer_name(made->signer,
                               X509_get_subject_name(issuer)) == 1);
    if (!wanted->no_key_usage)
        extend(made->signer, issuer, NID_key_usage,
               wanted->key_usage ? wanted->key_usage : "digitalSignature");
    if (wanted->extended)
        extend(made->signer, issuer, NID_ext_key_usage, wanted->extended);
    check(X509_sign(made->signer,
                    wanted->is_self_signed ? made->key : made->ca_key,
                    EVP_sha256()) > 0);
}

static void set_signing_time(CMS_SignerInfo *info)
{
    ASN1_TIME *time = ASN1_TIME_set(NULL, SIGNED);

    check(CMS_signed_add1_attr_by_NID(info, NID_pkcs9_signingTime, time->type,
                                      time, -1) == 1);
    ASN1_TIME_free(time);
}

static void sign(struct made *made, const struct wanted *wanted)
{
    unsigned flags = CMS_BINARY | CMS_PARTIAL |
                     (wanted->is_attached ? 0u : CMS_DETACHED);
    unsigned signer_flags =
        CMS_PARTIAL | (wanted->has_no_time ? (unsigned)CMS_NOATTR : 0u) |
        (wanted->lacks_certificate ? (unsigned)CMS_NOCERTS : 0u);
    const char *text = wanted->is_tampered ? "{}" : file_text;
    BIO *content = BIO_new_mem_buf(text, (int)strlen(text));
    CMS_ContentInfo *cms = CMS_sign(NULL, NULL, NULL, NULL, flags);
    unsigned char *der = NULL;

    check(cms);
    CMS_SignerInfo *info = CMS_add1_signer(
        cms, made->signer, made->key,
        wanted->is_sha1 ? EVP_sha1() : EVP_sha256(), signer_flags);
    check(info);
    if (!wanted->has_no_time)
        set_signing_time(info);
    check(CMS_final(cms, content, NULL, flags) == 1);
    int size = i2d_CMS_ContentInfo(cms, &der);
    check(size > 0);
    writer_init(&made->cms, 1 << 20);
    writer_bytes(&made->cms, bytes_of(der, (size_t)size));
    OPENSSL_free(der);
    CMS_ContentInfo_free(cms);
    BIO_free(content);
}

static void write_pem(struct writer *out, X509 *x509)
{
    BIO *bio = BIO_new(BIO_s_mem());
    char *data;

    check(PEM_write_bio_X509(bio, x509) == 1);
    long size = BIO_get_mem_data(bio, &data);
    writer_bytes(out, bytes_of(data, (size_t)size));
    BIO_free(bio);
}

static void make(struct made *made, const struct wanted *wanted)
{
    memset(made, 0, sizeof *made);
    made->ca_key = EVP_EC_gen("P-256");
    made->key = EVP_EC_gen("P-256");
    made->ca = make_ca("authority", made->ca_key, wanted);
    make_signer(made, wanted);
    sign(made, wanted);
    writer_init(&made->roots, 1 << 20);
    if (wanted->has_other_root) {
        EVP_PKEY *other_key = EVP_EC_gen("P-256");
        X509 *other = make_ca("another authority", other_key, wanted);
        write_pem(&made->roots, other);
        X509_free(other);
        EVP_PKEY_free(other_key);
    } else if (!wanted->has_no_root) {
        write_pem(&made->roots,
                  wanted->is_root_signer ? made->signer : made->ca);
    }
}

static void release(struct made *made)
{
    EVP_PKEY_free(made->ca_key);
    EVP_PKEY_free(made->key);
    X509_free(made->ca);
    X509_free(made->signer);
    writer_clear(&made->cms);
    writer_clear(&made->roots);
}

static struct mud_signature verify(const struct wanted *wanted, int64_t now,
                                   int64_t seen)
{
    struct made made;
    struct mud_signature signature;
    struct mud_times times = { now, seen };

    make(&made, wanted);
    mud_signature_verify(writer_view(&made.cms), bytes_of_text(file_text),
                         writer_view(&made.roots), &times, &signature);
    release(&made);
    return signature;
}

static const struct {
    const char *what;
    struct wanted wanted;
    int64_t now;
    int64_t seen;
    enum mud_verdict verdict;
    bool is_unknown;
    const char *reason;
} cases[] = {
    { "good", { 0 }, NOW, 0, MUD_VALID, false, "holds" },
    { "no extended use is no restriction", { .extended = NULL }, NOW, 0,
      MUD_VALID, false, "holds" },
    { "for mail", { .extended = "emailProtection" }, NOW, 0, MUD_VALID,
      false, "holds" },
    { "for code", { .extended = "codeSigning" }, NOW, 0, MUD_VALID, false,
      "holds" },
    { "for documents", { .extended = "1.3.6.1.5.5.7.3.36" }, NOW, 0,
      MUD_VALID, false, "holds" },
    { "for servers", { .extended = "serverAuth" }, NOW, 0, MUD_INVALID, false,
      "other uses" },
    { "no key usage", { .no_key_usage = true }, NOW, 0, MUD_INVALID, false,
      "no key usage" },
    { "wrong key usage", { .key_usage = "keyEncipherment" }, NOW, 0,
      MUD_INVALID, false, "not for digital" },
    { "expired since", { 0 }, LATER, 0, MUD_WAS_VALID, false,
      "since it was signed" },
    { "expired when signed", { .signer_to = T + 50 }, NOW, 0, MUD_INVALID,
      false, "had expired" },
    { "not valid yet when signed", { .signer_from = T + 150 }, T + 120, 0,
      MUD_INVALID, false, "not valid yet" },
    { "signed in the future", { 0 }, T - 200000, 0, MUD_INVALID, false,
      "future" },
    { "expired, and no time said", { .has_no_time = true }, LATER, 0,
      MUD_INVALID, false, "had expired" },
    { "expired, no time said, but met in time", { .has_no_time = true },
      LATER, NOW, MUD_WAS_VALID, false, "first met" },
    { "expired authority", { .ca_to = T + 300 }, T + 400, 0, MUD_WAS_VALID,
      false, "since it was signed" },
    { "wrong authority", { .has_other_root = true }, NOW, 0, MUD_INVALID,
      true, "no authority" },
    { "no authority", { .has_no_root = true }, NOW, 0, MUD_INVALID, true,
      "no authority was given" },
    { "signed by itself", { .is_self_signed = true }, NOW, 0, MUD_INVALID,
      true, "by itself" },
    { "signed by itself and trusted",
      { .is_self_signed = true, .is_root_signer = true }, NOW, 0, MUD_VALID,
      false, "holds" },
    { "an authority that is none", { .ca_basic = "critical,CA:FALSE" }, NOW,
      0, MUD_INVALID, false, "CA" },
    { "another file", { .is_tampered = true }, NOW, 0, MUD_INVALID, false,
      "not what was signed" },
    { "with a content of its own", { .is_attached = true }, NOW, 0,
      MUD_INVALID, false, "detached" },
    { "without its certificate", { .lacks_certificate = true }, NOW, 0,
      MUD_INVALID, false, "certificate" },
    { "SHA-1", { .is_sha1 = true }, NOW, 0, MUD_INVALID, false, "SHA-1" },
};

static void judges_every_chain(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct mud_signature got =
            verify(&cases[i].wanted, cases[i].now, cases[i].seen);
        if (got.verdict != cases[i].verdict ||
            got.is_unknown != cases[i].is_unknown ||
            !strstr(got.reason, cases[i].reason))
            fail_msg("%s: %s%s: %s", cases[i].what,
                     mud_verdict_name(got.verdict),
                     got.is_unknown ? ", unknown" : "", got.reason);
        bool is_used = cases[i].verdict == MUD_VALID ||
                       cases[i].verdict == MUD_WAS_VALID;
        assert_int_equal(mud_is_trusted(&got), is_used);
    }
}

static void names_the_signer_and_its_time(void **state)
{
    struct wanted wanted = { 0 };
    struct mud_signature got = verify(&wanted, NOW, 0);

    (void)state;
    assert_non_null(strstr(got.signer, "signer of the maker"));
    assert_int_equal(got.signed_s, SIGNED);
}

static void no_signature_is_a_question(void **state)
{
    struct mud_signature got;
    struct mud_times times = { NOW, 0 };

    (void)state;
    mud_signature_verify((struct bytes){ 0 }, bytes_of_text(file_text),
                         (struct bytes){ 0 }, &times, &got);
    assert_int_equal(got.verdict, MUD_UNSIGNED);
    assert_false(mud_is_trusted(&got));
}

static void try_variant(struct bytes variant, void *context)
{
    struct made *made = context;
    struct mud_signature got;
    struct mud_times times = { NOW, 0 };

    mud_signature_verify(variant, bytes_of_text(file_text),
                         writer_view(&made->roots), &times, &got);
    assert_non_null(got.reason);
    if (variant.size < made->cms.size)
        assert_false(mud_is_trusted(&got));
}

static void survives_every_truncation_and_flip(void **state)
{
    struct wanted wanted = { 0 };
    struct made made;

    (void)state;
    make(&made, &wanted);
    sweep_truncate(writer_view(&made.cms), try_variant, &made);
    sweep_flip(writer_view(&made.cms), try_variant, &made);
    release(&made);
}

/* Every bit of the file is signed. */
static void try_file(struct bytes variant, void *context)
{
    struct made *made = context;
    struct mud_signature got;
    struct mud_times times = { NOW, 0 };

    mud_signature_verify(writer_view(&made->cms), variant,
                         writer_view(&made->roots), &times, &got);
    assert_int_equal(got.verdict, MUD_INVALID);
}

static void a_changed_file_is_never_trusted(void **state)
{
    struct wanted wanted = { 0 };
    struct made made;

    (void)state;
    make(&made, &wanted);
    sweep_flip(bytes_of_text(file_text), try_file, &made);
    release(&made);
}

static void a_signature_has_a_limit(void **state)
{
    struct wanted wanted = { 0 };
    struct made made;
    struct mud_signature got;
    struct mud_times times = { NOW, 0 };
    struct writer large;

    (void)state;
    make(&made, &wanted);
    writer_init(&large, 1 << 20);
    memset(writer_take(&large, MUD_SIGNATURE_SIZE_MAX + 1), 0x30,
           MUD_SIGNATURE_SIZE_MAX + 1);
    mud_signature_verify(writer_view(&large), bytes_of_text(file_text),
                         writer_view(&made.roots), &times, &got);
    assert_int_equal(got.verdict, MUD_INVALID);
    assert_non_null(strstr(got.reason, "DER"));
    writer_bytes(&made.cms, bytes_of_text("more"));
    mud_signature_verify(writer_view(&made.cms), bytes_of_text(file_text),
                         writer_view(&made.roots), &times, &got);
    assert_int_equal(got.verdict, MUD_INVALID);
    writer_clear(&large);
    release(&made);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(judges_every_chain),
        cmocka_unit_test(names_the_signer_and_its_time),
        cmocka_unit_test(no_signature_is_a_question),
        cmocka_unit_test(survives_every_truncation_and_flip),
        cmocka_unit_test(a_changed_file_is_never_trusted),
        cmocka_unit_test(a_signature_has_a_limit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
