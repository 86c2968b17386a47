/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Time stamps: requests as they are encoded, and samples of two
 * authorities, P-256 and RSA, with and without certificates (they skip where
 * they are not there).
 * Those of an authority made on the spot are in e2e/stamp.
 */
#include "crypto/timestamp_token.h"

#include <stdio.h>
#include <string.h>

#include "capture_flows.h"
#include "sweep.h"
#include "test.h"

enum { PATH_SIZE = 1024, FILE_MAX = 1 << 16, YEAR_S = 366 * 86400 };

static struct bytes load(const char *name, struct writer *w)
{
    const char *shared = capture_flows_shared();
    char path[PATH_SIZE];
    uint8_t data[4096];
    size_t count;

    writer_init(w, FILE_MAX);
    if (!shared)
        return writer_view(w);
    (void)snprintf(path, sizeof path,
                   "%s/vectors/evidence/generated-rfc3161/%s", shared, name);
    FILE *file = fopen(path, "rb");
    while (file && (count = fread(data, 1, sizeof data, file)) > 0)
        writer_bytes(w, bytes_of(data, count));
    if (file)
        (void)fclose(file); /* Only read. */
    return writer_view(w);
}

/* Everything one sample needs; `others` may be null. */
struct sample {
    struct writer response;
    struct writer data;
    struct writer roots;
    struct writer others;
    struct timestamp_terms terms;
    struct timestamp_verdict verdict;
    struct failure failure;
};

static void open_sample(struct sample *sample, const char *response,
                        const char *data, const char *roots,
                        const char *others)
{
    *sample = (struct sample){ 0 };
    if (load(response, &sample->response).size == 0) {
        writer_clear(&sample->response);
        skip();
    }
    crypto_sha256(load(data, &sample->data), sample->terms.imprint);
    sample->terms.roots = load(roots, &sample->roots);
    sample->terms.others = load(others ? others : "none", &sample->others);
}

static int judge(struct sample *sample)
{
    return timestamp_response_check(writer_view(&sample->response),
                                    &sample->terms, &sample->verdict,
                                    &sample->failure);
}

static void close_sample(struct sample *sample)
{
    writer_clear(&sample->response);
    writer_clear(&sample->data);
    writer_clear(&sample->roots);
    writer_clear(&sample->others);
}

static void a_request_is_as_the_standard_draws_it(void **state)
{
    /* SEQUENCE, version 1, SHA-256 and the digest, nonce 0x0102, TRUE. */
    static const uint8_t head[] = {
        0x30, 0x3d, 0x02, 0x01, 0x01, 0x30, 0x31, 0x30, 0x0d, 0x06, 0x09,
        0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01, 0x05, 0x00,
        0x04, 0x20,
    };
    static const uint8_t tail[] = { 0x02, 0x02, 0x01, 0x02, 0x01, 0x01, 0xff };
    uint8_t imprint[CRYPTO_SHA256_SIZE];
    struct writer w;

    (void)state;
    memset(imprint, 0xab, sizeof imprint);
    writer_init(&w, FILE_MAX);
    timestamp_request_write(&w, imprint, 0x0102);
    assert_int_equal(w.size, sizeof head + sizeof imprint + sizeof tail);
    assert_memory_equal(w.data, head, sizeof head);
    assert_memory_equal(w.data + sizeof head, imprint, sizeof imprint);
    assert_memory_equal(w.data + sizeof head + sizeof imprint, tail,
                        sizeof tail);
    writer_clear(&w);
}

static void what_is_nothing_is_refused(void **state)
{
    static const uint8_t empty[] = { 0x30, 0x00 };
    struct timestamp_verdict verdict;

    (void)state;
    assert_true(timestamp_response_read((struct bytes){ 0 }, &verdict,
                                        NULL) < 0);
    assert_true(timestamp_response_read(bytes_of(empty, sizeof empty),
                                        &verdict, NULL) < 0);
}

static void both_kinds_of_key_hold_at_their_time(void **state)
{
    static const char *const samples[][4] = {
        { "ec-r.tsr", "ec-data.note", "ec-ca.crt", NULL },
        { "rsa-r.tsr", "cp.txt", "rsa-ca.crt", NULL },
        { "ec-r2.tsr", "cp.txt", "ec-ca.crt", "ec-tsa.crt" },
        { "rsa-r2.tsr", "cp.txt", "rsa-ca.crt", "rsa-tsa.crt" },
    };
    struct sample sample;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(samples); i++) {
        open_sample(&sample, samples[i][0], samples[i][1], samples[i][2],
                    samples[i][3]);
        if (judge(&sample) < 0)
            fail_msg("%s: %s", samples[i][0], sample.failure.text);
        assert_non_null(strstr(sample.verdict.authority, "tsa"));
        /* Years later: asked as of today it fails, as of then it holds. */
        sample.terms.at_s = sample.verdict.time_s + 5 * YEAR_S;
        assert_true(judge(&sample) < 0);
        assert_non_null(strstr(sample.failure.text, "expired"));
        sample.terms.at_s = sample.verdict.time_s - YEAR_S;
        assert_true(judge(&sample) < 0);
        close_sample(&sample);
    }
}

static void a_token_without_certificates_needs_them(void **state)
{
    struct sample sample;

    (void)state;
    open_sample(&sample, "ec-r2.tsr", "cp.txt", "ec-ca.crt", NULL);
    assert_true(judge(&sample) < 0);
    close_sample(&sample);
}

static void another_root_imprint_or_nonce_is_refused(void **state)
{
    struct sample sample;

    (void)state;
    open_sample(&sample, "rsa-r.tsr", "cp.txt", "rsa-ca.crt", NULL);
    sample.terms.has_nonce = true;
    sample.terms.nonce = UINT64_C(0x0975D74D28886CFE);
    assert_int_equal(judge(&sample), 0);
    sample.terms.nonce++;
    assert_true(judge(&sample) < 0);
    assert_non_null(strstr(sample.failure.text, "nonce"));
    sample.terms.has_nonce = false;
    sample.terms.imprint[31] ^= 1;
    assert_true(judge(&sample) < 0);
    assert_non_null(strstr(sample.failure.text, "something else"));
    sample.terms.imprint[31] ^= 1;
    sample.terms.roots = (struct bytes){ 0 };
    assert_true(judge(&sample) < 0);
    close_sample(&sample);
    open_sample(&sample, "rsa-r.tsr", "cp.txt", "ec-ca.crt", NULL);
    assert_true(judge(&sample) < 0);
    close_sample(&sample);
}

static void a_refusal_is_not_a_token(void **state)
{
    struct sample sample;

    (void)state;
    open_sample(&sample, "ed25519-rejected.tsr", "cp.txt", "ec-ca.crt", NULL);
    assert_true(judge(&sample) < 0);
    assert_non_null(strstr(sample.failure.text, "refused"));
    close_sample(&sample);
}

static void refuse_variant(struct bytes variant, void *context)
{
    struct sample *sample = context;

    assert_true(timestamp_response_check(variant, &sample->terms,
                                         &sample->verdict, NULL) < 0);
}

/* Some bits are not signed (section 2.4.2: the status, the certificates), so
 * a flip may pass: but never with another time or imprint. */
static void hold_variant(struct bytes variant, void *context)
{
    struct sample *sample = context;
    struct timestamp_verdict verdict;

    if (timestamp_response_check(variant, &sample->terms, &verdict, NULL) < 0)
        return;
    assert_true(verdict.time_s == sample->verdict.time_s);
    assert_memory_equal(verdict.imprint, sample->verdict.imprint,
                        sizeof verdict.imprint);
}

static void every_cut_and_every_flip_is_judged(void **state)
{
    struct sample sample;

    (void)state;
    open_sample(&sample, "ec-r2.tsr", "cp.txt", "ec-ca.crt", "ec-tsa.crt");
    assert_int_equal(judge(&sample), 0);
    struct bytes whole = writer_view(&sample.response);
    sweep_flip(whole, hold_variant, &sample);
    sweep_truncate(bytes_slice(whole, 0, whole.size - 1), refuse_variant,
                   &sample);
    close_sample(&sample);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_request_is_as_the_standard_draws_it),
        cmocka_unit_test(what_is_nothing_is_refused),
        cmocka_unit_test(both_kinds_of_key_hold_at_their_time),
        cmocka_unit_test(a_token_without_certificates_needs_them),
        cmocka_unit_test(another_root_imprint_or_nonce_is_refused),
        cmocka_unit_test(a_refusal_is_not_a_token),
        cmocka_unit_test(every_cut_and_every_flip_is_judged),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
