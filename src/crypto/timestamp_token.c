/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/timestamp_token.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ts.h>
#include <openssl/x509v3.h>

#include "base/check.h"
#include "base/text.h"

/* What one response is made of, released in one place. */
struct token {
    TS_RESP *response;
    PKCS7 *pkcs7;          /* Of the response. */
    TS_TST_INFO *info;     /* The same. */
};

static int bad(struct failure *failure, const char *why)
{
    return failure_set(failure, ERROR_FORMAT, "time stamp: %s", why);
}

static void set_imprint(TS_REQ *request,
                        const uint8_t imprint[CRYPTO_SHA256_SIZE])
{
    unsigned char copy[CRYPTO_SHA256_SIZE]; /* OpenSSL's is not const. */
    TS_MSG_IMPRINT *made = TS_MSG_IMPRINT_new();
    X509_ALGOR *algorithm = X509_ALGOR_new();

    memcpy(copy, imprint, sizeof copy);
    check(made);
    check(algorithm);
    bool is_made = X509_ALGOR_set0(algorithm, OBJ_nid2obj(NID_sha256),
                                   V_ASN1_NULL, NULL) == 1 &&
                   TS_MSG_IMPRINT_set_algo(made, algorithm) == 1 &&
                   TS_MSG_IMPRINT_set_msg(made, copy, sizeof copy) == 1 &&
                   TS_REQ_set_msg_imprint(request, made) == 1;
    check(is_made);
    X509_ALGOR_free(algorithm);
    TS_MSG_IMPRINT_free(made);
}

void timestamp_request_write(struct writer *w,
                             const uint8_t imprint[CRYPTO_SHA256_SIZE],
                             uint64_t nonce)
{
    TS_REQ *request = TS_REQ_new();
    ASN1_INTEGER *number = ASN1_INTEGER_new();
    unsigned char *der = NULL;

    check(request);
    check(number);
    set_imprint(request, imprint);
    bool is_made = TS_REQ_set_version(request, 1) == 1 &&
                   ASN1_INTEGER_set_uint64(number, nonce) == 1 &&
                   TS_REQ_set_nonce(request, number) == 1 &&
                   TS_REQ_set_cert_req(request, 1) == 1;
    check(is_made);
    int size = i2d_TS_REQ(request, &der);
    check(size > 0);
    writer_bytes(w, bytes_of(der, (size_t)size));
    OPENSSL_free(der);
    ASN1_INTEGER_free(number);
    TS_REQ_free(request);
}

static void release(struct token *token)
{
    TS_RESP_free(token->response);
    ERR_clear_error();
}

/* What an authority says of its refusal is a stranger's text. */
static int refused(const TS_STATUS_INFO *status, struct failure *failure)
{
    const STACK_OF(ASN1_UTF8STRING) *texts = TS_STATUS_INFO_get0_text(status);
    struct writer w;

    writer_init(&w, TIMESTAMP_NAME_MAX);
    if (texts && sk_ASN1_UTF8STRING_num(texts) > 0) {
        const ASN1_STRING *text = sk_ASN1_UTF8STRING_value(texts, 0);
        text_escape(&w, bytes_slice(bytes_of(ASN1_STRING_get0_data(text),
                                             (size_t)ASN1_STRING_length(text)),
                                    0, TIMESTAMP_NAME_MAX / 8));
    }
    int result = failure_set(failure, ERROR_FORMAT,
                             "time stamp: the authority refused it%s%s",
                             w.size > 0 ? ": " : "", writer_as_text(&w));
    writer_clear(&w);
    return result;
}

static bool is_granted(const TS_STATUS_INFO *status)
{
    int64_t value = -1;

    return ASN1_INTEGER_get_int64(&value,
                                  TS_STATUS_INFO_get0_status(status)) == 1 &&
           (value == TS_STATUS_GRANTED ||
            value == TS_STATUS_GRANTED_WITH_MODS);
}

static int open_token(struct bytes der, struct token *token,
                      struct failure *failure)
{
    const unsigned char *at = der.data;

    *token = (struct token){ 0 };
    if (der.size == 0 || der.size > TIMESTAMP_RESPONSE_MAX)
        return bad(failure, "nothing, or more than 64 KiB");
    token->response = d2i_TS_RESP(NULL, &at, (long)der.size);
    if (!token->response || at != der.data + der.size)
        return bad(failure, "not a TimeStampResp of RFC 3161");
    const TS_STATUS_INFO *status = TS_RESP_get_status_info(token->response);
    if (!is_granted(status))
        return refused(status, failure);
    token->pkcs7 = TS_RESP_get_token(token->response);
    token->info = TS_RESP_get_tst_info(token->response);
    if (!token->pkcs7 || !token->info)
        return bad(failure, "granted, but there is no token");
    return 0;
}

static bool time_of(const ASN1_GENERALIZEDTIME *time, int64_t *seconds)
{
    struct tm parts;

    if (!time || ASN1_TIME_to_tm(time, &parts) != 1)
        return false;
    *seconds = (int64_t)timegm(&parts);
    return *seconds > 0;
}

static bool take_imprint(const struct token *token,
                         struct timestamp_verdict *verdict)
{
    TS_MSG_IMPRINT *imprint = TS_TST_INFO_get_msg_imprint(token->info);
    const ASN1_OBJECT *algorithm = NULL;

    X509_ALGOR_get0(&algorithm, NULL, NULL, TS_MSG_IMPRINT_get_algo(imprint));
    const ASN1_OCTET_STRING *digest = TS_MSG_IMPRINT_get_msg(imprint);
    if (OBJ_obj2nid(algorithm) != NID_sha256 ||
        ASN1_STRING_length(digest) != CRYPTO_SHA256_SIZE)
        return false;
    memcpy(verdict->imprint, ASN1_STRING_get0_data(digest),
           CRYPTO_SHA256_SIZE);
    return true;
}

static int read_info(const struct token *token,
                     struct timestamp_verdict *verdict,
                     struct failure *failure)
{
    *verdict = (struct timestamp_verdict){ 0 };
    if (TS_TST_INFO_get_version(token->info) != 1)
        return bad(failure, "not of version 1");
    if (!take_imprint(token, verdict))
        return bad(failure, "not over a SHA-256 digest");
    if (!time_of(TS_TST_INFO_get_time(token->info), &verdict->time_s))
        return bad(failure, "it tells no time");
    return 0;
}

int timestamp_response_read(struct bytes response,
                            struct timestamp_verdict *verdict,
                            struct failure *failure)
{
    struct token token;
    struct timestamp_verdict read;
    int result = open_token(response, &token, failure);

    if (result == 0)
        result = read_info(&token, &read, failure);
    release(&token);
    if (result == 0)
        *verdict = read;
    return result;
}

static bool has_nonce(const struct token *token, uint64_t nonce)
{
    const ASN1_INTEGER *number = TS_TST_INFO_get_nonce(token->info);
    uint64_t value;

    return number && ASN1_INTEGER_get_uint64(&value, number) == 1 &&
           value == nonce;
}

/* One signer, with a digest nobody can forge, who names its certificate by
 * RFC 5816: OpenSSL compares what is there, but would take SHA-1. */
static const char *check_signer(const struct token *token)
{
    STACK_OF(PKCS7_SIGNER_INFO) *infos = PKCS7_get_signer_info(token->pkcs7);

    if (!infos || sk_PKCS7_SIGNER_INFO_num(infos) != 1)
        return "it has not exactly one signer";
    PKCS7_SIGNER_INFO *info = sk_PKCS7_SIGNER_INFO_value(infos, 0);
    const ASN1_OBJECT *digest = NULL;
    X509_ALGOR *algorithm = NULL;
    PKCS7_SIGNER_INFO_get0_algs(info, NULL, &algorithm, NULL);
    X509_ALGOR_get0(&digest, NULL, NULL, algorithm);
    int nid = OBJ_obj2nid(digest);
    if (nid != NID_sha256 && nid != NID_sha384 && nid != NID_sha512)
        return "its digest is not SHA-256, SHA-384 or SHA-512";
    if (!PKCS7_get_signed_attribute(
            info, NID_id_smime_aa_signingCertificateV2))
        return "it does not name its certificate by ESSCertIDv2";
    return NULL;
}

static BIO *view(struct bytes b)
{
    BIO *bio = BIO_new_mem_buf(b.size > 0 ? (const void *)b.data : "",
                               (int)b.size);

    check(bio);
    return bio;
}

static X509_STORE *read_roots(struct bytes pem, int64_t time_s, int *count)
{
    X509_STORE *store = X509_STORE_new();
    BIO *bio = view(pem);
    X509 *root;

    check(store);
    *count = 0;
    while ((root = PEM_read_bio_X509(bio, NULL, NULL, NULL))) {
        *count += X509_STORE_add_cert(store, root) == 1;
        X509_free(root);
    }
    BIO_free(bio);
    X509_VERIFY_PARAM_set_time(X509_STORE_get0_param(store), (time_t)time_s);
    return store;
}

static STACK_OF(X509) *read_others(struct bytes pem)
{
    STACK_OF(X509) *others = sk_X509_new_null();
    BIO *bio = view(pem);
    X509 *one;

    check(others);
    while ((one = PEM_read_bio_X509(bio, NULL, NULL, NULL))) {
        int count = sk_X509_push(others, one);
        check(count > 0);
    }
    BIO_free(bio);
    return others;
}

static void name_signer(const struct token *token, STACK_OF(X509) *others,
                        struct timestamp_verdict *verdict)
{
    STACK_OF(X509) *signers = PKCS7_get0_signers(token->pkcs7, others, 0);
    char *data = NULL;
    struct writer w;
    BIO *bio = BIO_new(BIO_s_mem());

    check(bio);
    writer_init(&w, TIMESTAMP_NAME_MAX - 1);
    if (signers && sk_X509_num(signers) == 1 &&
        X509_NAME_print_ex(bio,
                           X509_get_subject_name(sk_X509_value(signers, 0)),
                           0, XN_FLAG_RFC2253 & ~ASN1_STRFLGS_ESC_MSB) >= 0) {
        long size = BIO_get_mem_data(bio, &data);
        text_escape(&w, bytes_of(data, size > 0 ? (size_t)size : 0));
    }
    (void)snprintf(verdict->authority, sizeof verdict->authority, "%s",
                   writer_as_text(&w));
    writer_clear(&w);
    BIO_free(bio);
    sk_X509_free(signers);
}

/* The last thing that OpenSSL found wrong, in its words. */
static int tell_openssl(struct failure *failure)
{
    const char *data = NULL;
    int flags = 0;
    unsigned long code =
        ERR_peek_last_error_all(NULL, NULL, NULL, &data, &flags);
    const char *reason = ERR_reason_error_string(code);

    return failure_set(failure, ERROR_FORMAT,
                       "time stamp: its signature does not hold: %s%s%s",
                       reason ? reason : "unknown",
                       data && flags & ERR_TXT_STRING && data[0] ? ": " : "",
                       data && flags & ERR_TXT_STRING ? data : "");
}

/* Signature, chain as of that time, purpose, and that the name in the token is
 * its signer's. The context owns what it is given. */
static int check_chain(const struct token *token,
                       const struct timestamp_terms *terms,
                       struct timestamp_verdict *verdict,
                       struct failure *failure)
{
    int count;
    int64_t at_s = terms->at_s ? terms->at_s : verdict->time_s;
    TS_VERIFY_CTX *context = TS_VERIFY_CTX_new();
    STACK_OF(X509) *others = read_others(terms->others);

    check(context);
    (void)TS_VERIFY_CTX_set_flags(context, TS_VFY_VERSION | /* Gives it. */
                                               TS_VFY_SIGNATURE |
                                               TS_VFY_SIGNER);
    (void)TS_VERIFY_CTX_set_store(context, /* The same. */
                                  read_roots(terms->roots, at_s, &count));
    (void)TS_VERIFY_CTX_set_certs(context, others); /* The same. */
    ERR_clear_error();
    int result = 0;
    if (count == 0)
        result = bad(failure, "no certificate is trusted to judge it by");
    else if (TS_RESP_verify_token(context, token->pkcs7) != 1)
        result = tell_openssl(failure);
    else
        name_signer(token, others, verdict);
    TS_VERIFY_CTX_free(context);
    return result;
}

static int check_all(const struct token *token,
                     const struct timestamp_terms *terms,
                     struct timestamp_verdict *verdict,
                     struct failure *failure)
{
    int result = read_info(token, verdict, failure);

    if (result < 0)
        return result;
    if (memcmp(verdict->imprint, terms->imprint, CRYPTO_SHA256_SIZE) != 0)
        return bad(failure, "it is of something else");
    if (terms->has_nonce && !has_nonce(token, terms->nonce))
        return bad(failure, "it does not answer this request (its nonce)");
    const char *why = check_signer(token);
    if (why)
        return bad(failure, why);
    return check_chain(token, terms, verdict, failure);
}

int timestamp_response_check(struct bytes response,
                             const struct timestamp_terms *terms,
                             struct timestamp_verdict *verdict,
                             struct failure *failure)
{
    struct token token;
    struct timestamp_verdict judged;
    int result = open_token(response, &token, failure);

    if (result == 0)
        result = check_all(&token, terms, &judged, failure);
    release(&token);
    if (result == 0)
        *verdict = judged;
    return result;
}
