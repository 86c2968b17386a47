/* SPDX-License-Identifier: Apache-2.0 */
#include "detect/signature/fast.h"

#include "base/compiler.h"
#include "detect/signature/part.h"

enum {
    FAST_SIZE_GOOD = 4,   /* Shorter ones are met by chance. */
    FAST_SIZE_COUNTED = 24, /* Longer ones are not rarer. */
};

/*
 * How seldom a byte is met in traffic, in bits, roughly: letters and blanks
 * of text and the zeroes of binary protocols are met most.
 */
static unsigned rarity(uint8_t byte)
{
    static const char common[] = " etaoinsrlcdhup./";

    if (byte == 0 || byte == 0xff)
        return 1;
    for (size_t i = 0; i < sizeof common - 1; i++)
        if ((uint8_t)common[i] == byte)
            return 3;
    if ((byte >= 'a' && byte <= 'z') || (byte >= '0' && byte <= '9') ||
        byte == '\r' || byte == '\n')
        return 4;
    if (byte >= 'A' && byte <= 'Z')
        return 5;
    return byte > ' ' && byte < 0x7f ? 6 : 7;
}

/* Runs of one byte ("AAAA") are met more than their length says. */
static unsigned score_bytes(struct bytes data)
{
    unsigned score = 0;

    for (size_t i = 0; i < data.size && i < FAST_SIZE_COUNTED; i++) {
        uint8_t byte = part_byte(data, i);
        bool repeats = i > 0 && part_byte(data, i - 1) == byte;
        score += repeats ? 1 : rarity(byte);
    }
    return score;
}

/* Buffers that are short and of few values, as methods and codes are, say
 * least; the named parts of a message more than its whole. */
static unsigned rank_view(enum view_id view)
{
    static const uint8_t poor[] = {
        VIEW_HTTP_METHOD, VIEW_HTTP_PROTOCOL, VIEW_HTTP_STAT_CODE,
        VIEW_HTTP_STAT_MSG, VIEW_HTTP_CONNECTION, VIEW_HTTP_HEADER_NAMES,
    };

    for (size_t i = 0; i < COUNT_OF(poor); i++)
        if (poor[i] == view)
            return 0;
    if (view >= VIEW_NAMED_COUNT)
        return 1;
    return view_info_get(view)->kind == VIEW_KIND_STREAM ? 2 : 3;
}

static struct bytes fast_bytes(const struct content_test *content)
{
    if (content->fast_size > 0)
        return bytes_slice(content->data, content->fast_offset,
                           content->fast_size);
    return content->data;
}

static uint32_t score(const struct rule_inspection *inspection,
                      const struct rule_test *test)
{
    struct bytes data = fast_bytes(&test->content);

    if (test->content.is_fast)
        return UINT32_MAX;
    if (test->negated)
        return 0;
    return (data.size >= FAST_SIZE_GOOD ? 1u << 24 : 0u) +
           (rank_view(inspection->view) << 16) + score_bytes(data) + 1;
}

/* The tests after a base64_decode look at other bytes; those after "absent:
 * or_else" need not hold. */
static bool hides_the_rest(const struct rule_test *test)
{
    return test->kind == TEST_BASE64_DECODE || test->kind == TEST_ABSENT;
}

void fast_choose(struct rule *rule)
{
    struct rule_test *chosen = NULL;
    uint32_t best = 0;

    for (uint16_t i = 0; i < rule->inspection_count; i++) {
        struct rule_inspection *inspection = &rule->inspections[i];
        for (uint16_t j = 0; j < inspection->test_count; j++) {
            struct rule_test *test = &inspection->tests[j];
            if (hides_the_rest(test))
                break;
            if (test->kind != TEST_CONTENT ||
                score(inspection, test) <= best)
                continue;
            best = score(inspection, test);
            chosen = test;
            rule->fast_inspection = i;
            rule->fast_test = j;
        }
    }
    /* A negated one that was asked for says nothing by being found. */
    rule->has_fast_pattern = chosen && !chosen->negated;
    if (rule->has_fast_pattern)
        chosen->content.is_fast = true;
}
