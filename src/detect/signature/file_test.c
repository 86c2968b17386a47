/* SPDX-License-Identifier: Apache-2.0 */
#include "detect/signature/file_test.h"

#include <math.h>

#include "base/reader.h"
#include "crypto/digest.h"
#include "crypto/md5.h"
#include "detect/signature/dataset.h"

/* "set" holds for what is new to the set, "unset" for what was in it: so a
 * rule can speak once of each value. */
static bool dataset_holds(struct bytes data, const struct dataset_test *test)
{
    uint16_t reputation = 0;

    if (test->action == BITS_SET && !test->is_reputation)
        return !dataset_has(test->set, data, &reputation) &&
               dataset_add(test->set, data);
    if (test->action == BITS_UNSET && !test->is_reputation)
        return dataset_remove(test->set, data);
    bool is_there = dataset_has(test->set, data, &reputation);

    if (test->action == BITS_SET) /* It holds for what is new. */
        return !is_there && dataset_add(test->set, data);
    if (test->action == BITS_UNSET)
        return dataset_remove(test->set, data);
    if (test->is_reputation)
        return is_there && comparison_holds((enum comparison)test->comparison,
                                   reputation, test->value);
    return is_there == (test->action != BITS_IS_NOT_SET);
}

static void md5_of(struct bytes data, uint8_t digest[MD5_SIZE])
{
    struct md5 md5;

    md5_init(&md5);
    md5_add(&md5, data);
    md5_finish(&md5, digest);
}

/* The digest of a whole file that is at hand from its first byte to its
 * last; one that was too long to keep has none, and is counted there. */
static bool digest_holds(const struct inspected *subject, struct bytes data,
                         const struct rule_test *test)
{
    uint8_t digest[CRYPTO_SHA256_SIZE];
    uint16_t unused;

    if (!subject->is_file || !subject->is_complete ||
        subject->file_size != data.size)
        return false;
    if (test->digests->size == CRYPTO_SHA256_SIZE)
        crypto_sha256(data, digest);
    else if (test->digests->size == CRYPTO_SHA1_SIZE)
        crypto_sha1(data, digest);
    else
        md5_of(data, digest);
    return dataset_has(test->digests->values,
                       bytes_of(digest, test->digests->size),
                       &unused) != test->negated;
}

static bool extension_holds(const struct inspected *subject,
                            const struct rule_test *test)
{
    struct bytes name = subject->file_name;
    struct bytes wanted = bytes_of_text(test->text);

    if (name.size <= wanted.size)
        return test->negated;
    struct bytes before =
        bytes_slice(name, name.size - wanted.size - 1, 1);
    bool ends = bytes_equal(before, bytes_of_text(".")) &&
                bytes_end_with_nocase(name, wanted);
    return ends != test->negated;
}

static bool size_holds(const struct inspected *subject,
                       const struct rule_test *test)
{
    if (!subject->is_file || !subject->is_complete)
        return false;
    bool in_range = subject->file_size >= test->number.low &&
                    subject->file_size <= test->number.high;
    return in_range != test->negated;
}

/* Shannon's, in thousandths of a bit a byte: 0 to 8000. */
static uint64_t entropy_of(struct bytes data)
{
    uint32_t counts[256] = { 0 };
    struct reader r = reader_of(data);
    double sum = 0;

    while (reader_left(&r) > 0)
        counts[reader_u8(&r)]++;
    for (size_t i = 0; i < COUNT_OF(counts); i++) {
        double share = (double)counts[i] / (double)data.size;
        if (counts[i] > 0)
            sum -= share * log2(share);
    }
    return (uint64_t)(sum * 1000 + 0.5);
}

static bool entropy_holds(struct bytes data, const struct rule_test *test)
{
    if (data.size == 0)
        return false;
    uint64_t entropy = entropy_of(data);
    return (entropy >= test->number.low && entropy <= test->number.high) !=
           test->negated;
}

bool file_test_holds(const struct inspected *subject, struct bytes data,
                     const struct rule_test *test)
{
    switch ((enum rule_test_kind)test->kind) {
    case TEST_DATASET:
        return dataset_holds(data, &test->dataset) != test->negated;
    case TEST_DIGEST:
        return digest_holds(subject, data, test);
    case TEST_EXTENSION:
        return extension_holds(subject, test);
    case TEST_FILE_SIZE:
        return size_holds(subject, test);
    case TEST_ENTROPY:
        return entropy_holds(data, test);
    case TEST_MAGIC: /* Refused when the rule is read: no libmagic here. */
    case TEST_CONTENT:
    case TEST_PCRE:
    case TEST_IS_DATA_AT:
    case TEST_BYTE_TEST:
    case TEST_BYTE_JUMP:
    case TEST_BYTE_EXTRACT:
    case TEST_BYTE_MATH:
    case TEST_BASE64_DECODE:
    case TEST_SIZE:
    case TEST_NUMBER:
    case TEST_ABSENT:
    case TEST_FLAGS:
        break;
    }
    return false;
}
