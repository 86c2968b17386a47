/* SPDX-License-Identifier: Apache-2.0 */
#include "mud/signature.h"

#include <string.h>
#include <time.h>

#include <openssl/cms.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include "base/check.h"
#include "base/text.h"

/* What one verification holds, released in one place. */
struct proof {
    CMS_ContentInfo *cms;
    STACK_OF(X509) *sent;  /* Certificates that came with the signature. */
    X509_STORE *roots;
    X509 *signer;          /* Owned by cms. */
    int root_count;
};

/* Extended uses that go with signing a file; a certificate without any
 * restriction is good too (RFC 5280 section 4.2.1.12). */
static const char *const signing_uses[] = {
    "1.3.6.1.5.5.7.3.3",  /* id-kp-codeSigning */
    "1.3.6.1.5.5.7.3.4",  /* id-kp-emailProtection: CMS tools ask for it */
    "1.3.6.1.5.5.7.3.36", /* id-kp-documentSigning, RFC 9336 */
    "2.5.29.37.0",        /* anyExtendedKeyUsage */
};

static BIO *view(struct bytes b)
{
    BIO *bio = BIO_new_mem_buf(b.size > 0 ? (const void *)b.data : "",
                               (int)b.size);

    check(bio);
    return bio;
}

static bool read_cms(struct bytes der, struct proof *proof)
{
    BIO *bio = view(der);

    proof->cms = d2i_CMS_bio(bio, NULL);
    bool is_whole = proof->cms && BIO_pending(bio) == 0;
    BIO_free(bio);
    return is_whole;
}

static void read_roots(struct bytes pem, struct proof *proof)
{
    BIO *bio = view(pem);
    X509 *root;

    proof->roots = X509_STORE_new();
    check(proof->roots);
    while ((root = PEM_read_bio_X509(bio, NULL, NULL, NULL))) {
        proof->root_count += X509_STORE_add_cert(proof->roots, root) == 1;
        X509_free(root);
    }
    BIO_free(bio);
}

static void release(struct proof *proof)
{
    CMS_ContentInfo_free(proof->cms);
    sk_X509_pop_free(proof->sent, X509_free);
    X509_STORE_free(proof->roots);
    ERR_clear_error();
}

static bool is_weak_digest(CMS_SignerInfo *info)
{
    X509_ALGOR *digest = NULL;
    const ASN1_OBJECT *object = NULL;

    CMS_SignerInfo_get0_algs(info, NULL, NULL, &digest, NULL);
    X509_ALGOR_get0(&object, NULL, NULL, digest);
    int nid = OBJ_obj2nid(object);
    return nid == NID_md5 || nid == NID_md4 || nid == NID_sha1;
}

/* The form of the signature, and that it is over this file. */
static const char *check_content(struct proof *proof, struct bytes file)
{
    STACK_OF(CMS_SignerInfo) *infos;

    if (OBJ_obj2nid(CMS_get0_type(proof->cms)) != NID_pkcs7_signed)
        return "it is not CMS signed data";
    if (CMS_is_detached(proof->cms) != 1)
        return "it is not detached: it carries a content of its own";
    infos = CMS_get0_SignerInfos(proof->cms);
    if (sk_CMS_SignerInfo_num(infos) != 1)
        return "it has not exactly one signer";
    CMS_SignerInfo *info = sk_CMS_SignerInfo_value(infos, 0);
    if (is_weak_digest(info))
        return "its digest is MD5 or SHA-1, which can be forged";
    BIO *content = view(file);
    int result = CMS_verify(proof->cms, NULL, NULL, content, NULL,
                            CMS_BINARY | CMS_NO_SIGNER_CERT_VERIFY);
    BIO_free(content);
    CMS_SignerInfo_get0_algs(info, NULL, &proof->signer, NULL, NULL);
    if (!proof->signer)
        return "it does not bring its signer's certificate";
    if (result != 1)
        return "the file is not what was signed";
    return NULL;
}

static bool may_sign_files(X509 *signer)
{
    EXTENDED_KEY_USAGE *uses =
        X509_get_ext_d2i(signer, NID_ext_key_usage, NULL, NULL);
    bool is_good = !uses;
    char oid[80];

    for (int i = 0; uses && i < sk_ASN1_OBJECT_num(uses); i++) {
        (void)OBJ_obj2txt(oid, sizeof oid, sk_ASN1_OBJECT_value(uses, i), 1);
        for (size_t j = 0; j < COUNT_OF(signing_uses); j++)
            is_good |= strcmp(oid, signing_uses[j]) == 0;
    }
    EXTENDED_KEY_USAGE_free(uses);
    return is_good;
}

/* RFC 8520 section 13.2: keyUsage must be there, with digitalSignature. */
static const char *check_signer(X509 *signer)
{
    if (!(X509_get_extension_flags(signer) & EXFLAG_KUSAGE))
        return "the signer's certificate has no key usage";
    if (!(X509_get_key_usage(signer) & KU_DIGITAL_SIGNATURE))
        return "the signer's certificate is not for digital signatures";
    if (!may_sign_files(signer))
        return "the signer's certificate is for other uses than signing "
               "files";
    return NULL;
}

/* X509_V_OK, or why the chain does not hold at `time_s`. */
static int chain_error(const struct proof *proof, int64_t time_s)
{
    X509_STORE_CTX *context = X509_STORE_CTX_new();
    int error = X509_V_ERR_UNSPECIFIED;

    check(context);
    if (X509_STORE_CTX_init(context, proof->roots, proof->signer,
                            proof->sent) == 1) {
        X509_VERIFY_PARAM *rules = X509_STORE_CTX_get0_param(context);
        X509_VERIFY_PARAM_set_time(rules, (time_t)time_s);
        X509_VERIFY_PARAM_set_auth_level(rules, 2); /* 112 bits. */
        int result = X509_verify_cert(context);
        error = X509_STORE_CTX_get_error(context);
        if (result != 1 && error == X509_V_OK)
            error = X509_V_ERR_UNSPECIFIED;
    }
    X509_STORE_CTX_free(context);
    return error;
}

static bool is_about_time(int error)
{
    return error == X509_V_ERR_CERT_HAS_EXPIRED ||
           error == X509_V_ERR_CERT_NOT_YET_VALID;
}

static bool is_about_roots(int error)
{
    return error == X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY ||
           error == X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT ||
           error == X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE ||
           error == X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT ||
           error == X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN ||
           error == X509_V_ERR_CERT_UNTRUSTED;
}

static const char *chain_reason(const struct proof *proof, int error)
{
    if (error == X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT)
        return "the signer's certificate is signed by itself";
    if (is_about_roots(error))
        return proof->root_count > 0
                   ? "no authority that was given stands behind the signer"
                   : "no authority was given that could stand behind the "
                     "signer";
    if (error == X509_V_ERR_CERT_HAS_EXPIRED)
        return "a certificate had expired when it was signed";
    if (error == X509_V_ERR_CERT_NOT_YET_VALID)
        return "a certificate was not valid yet when it was signed";
    return X509_verify_cert_error_string(error);
}

/* The signer's own word for when it signed (RFC 5652 section 11.3). */
static int64_t signing_time(const struct proof *proof)
{
    CMS_SignerInfo *info = sk_CMS_SignerInfo_value(
        CMS_get0_SignerInfos(proof->cms), 0);
    int at = CMS_signed_get_attr_by_NID(info, NID_pkcs9_signingTime, -1);
    X509_ATTRIBUTE *attribute =
        at >= 0 ? CMS_signed_get_attr(info, at) : NULL;
    const ASN1_TYPE *value =
        attribute ? X509_ATTRIBUTE_get0_type(attribute, 0) : NULL;
    struct tm parts;

    if (!value || (value->type != V_ASN1_UTCTIME &&
                   value->type != V_ASN1_GENERALIZEDTIME) ||
        ASN1_TIME_to_tm(value->value.asn1_string, &parts) != 1)
        return 0;
    return (int64_t)timegm(&parts);
}

static void show_signer(X509 *signer, struct mud_signature *signature)
{
    char raw[MUD_SIGNER_MAX] = "";
    struct writer shown;

    (void)X509_NAME_oneline(X509_get_subject_name(signer), raw,
                            sizeof raw); /* Stays empty then. */
    writer_init(&shown, MUD_SIGNER_MAX - 1);
    text_escape(&shown, bytes_of_text(raw));
    memcpy(signature->signer, writer_as_text(&shown), shown.size + 1);
    writer_clear(&shown);
}

static void judge_chain(const struct proof *proof,
                        const struct mud_times *times,
                        struct mud_signature *signature)
{
    int64_t now_s = times->now_s;
    int64_t seen_s = times->seen_s;
    int error = chain_error(proof, now_s);
    int64_t signed_s = signature->signed_s;

    signature->verdict = MUD_INVALID;
    if (signed_s > now_s + 86400) {
        signature->reason = "it says it was signed in the future";
        return;
    }
    if (error == X509_V_OK) {
        signature->verdict = MUD_VALID;
        signature->reason = "the chain holds";
        return;
    }
    if (is_about_time(error)) {
        int then = signed_s ? chain_error(proof, signed_s) : error;
        int met = seen_s ? chain_error(proof, seen_s) : error;
        if (then == X509_V_OK || met == X509_V_OK) {
            signature->verdict = MUD_WAS_VALID;
            signature->reason =
                then == X509_V_OK
                    ? "a certificate has expired since it was signed"
                    : "a certificate has expired since the file was first "
                      "met";
            return;
        }
        error = then;
    }
    signature->is_unknown = is_about_roots(error);
    signature->reason = chain_reason(proof, error);
}

void mud_signature_verify(struct bytes cms, struct bytes file,
                          struct bytes roots, const struct mud_times *times,
                          struct mud_signature *signature)
{
    struct proof proof = { 0 };

    *signature = (struct mud_signature){ .reason = "there is no signature" };
    if (cms.size == 0)
        return;
    signature->verdict = MUD_INVALID;
    signature->reason = "it is not CMS in DER";
    if (cms.size <= MUD_SIGNATURE_SIZE_MAX && read_cms(cms, &proof)) {
        read_roots(roots, &proof);
        const char *wrong = check_content(&proof, file);
        if (proof.signer)
            show_signer(proof.signer, signature);
        if (!wrong)
            wrong = check_signer(proof.signer);
        signature->reason = wrong;
        if (!wrong) {
            proof.sent = CMS_get1_certs(proof.cms);
            signature->signed_s = signing_time(&proof);
            judge_chain(&proof, times, signature);
        }
    }
    release(&proof);
}

const char *mud_verdict_name(enum mud_verdict verdict)
{
    static const char *const names[] = {
        [MUD_UNSIGNED] = "unsigned",
        [MUD_VALID] = "valid",
        [MUD_WAS_VALID] = "was-valid",
        [MUD_INVALID] = "invalid",
    };
    check((size_t)verdict < COUNT_OF(names));
    return names[verdict];
}

bool mud_is_trusted(const struct mud_signature *signature)
{
    return signature->verdict == MUD_VALID ||
           signature->verdict == MUD_WAS_VALID;
}
