/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where a rule is looked for: the content that its writer named, or the one
 * that says most. Any content that must be there will do, for what is found
 * by it is judged in full; a name as a whole is best, for it costs one
 * look-up whatever the number of rules.
 */
#include "base/reader.h"
#include "detect/signature/compiled.h"
#include "detect/signature/packet_part.h"

enum {
    SCORE_NAME = 1000,
    SCORE_SIZE_MAX = 64,
};

static bool has_size(const struct rule_inspection *inspection, size_t size)
{
    for (uint16_t i = 0; i < inspection->test_count; i++) {
        const struct rule_test *test = &inspection->tests[i];
        if (test->kind == TEST_SIZE && !test->negated &&
            test->number.low == size && test->number.high == size)
            return true;
    }
    return false;
}

static bool is_name(const struct rule_inspection *inspection,
                    const struct rule_test *test)
{
    const struct content_test *content = &test->content;
    size_t size = content->data.size;

    if (inspection->view >= VIEW_NAMED_COUNT || test->relative || size == 0 ||
        size > NAME_SIZE_MAX)
        return false;
    if ((content->starts && content->ends) || has_size(inspection, size))
        return true;
    return content->ends && content->data.data[0] == '.';
}

/* What is tried of a content; false when it is no help. */
static bool read_anchor(const struct rule *rule, uint16_t inspection,
                        uint16_t place, struct anchor *anchor)
{
    const struct rule_inspection *in = &rule->inspections[inspection];
    const struct rule_test *test = &in->tests[place];
    struct bytes data = test->content.data;

    if (test->kind != TEST_CONTENT || test->negated)
        return false;
    /* A transaction is found by its parts, not by the bytes of a packet. */
    if (rule->scope == RULE_SCOPE_TRANSACTION && in->view == VIEW_PAYLOAD)
        return false;
    if (view_is_packet_part(in->view)) /* No filter looks at headers. */
        return false;
    bool name = is_name(in, test);
    if (!name && test->content.fast_size > 0)
        data = bytes_slice(data, test->content.fast_offset,
                           test->content.fast_size);
    if (!name && data.size < GRAM_SIZE)
        return false;
    *anchor = (struct anchor){
        .inspection = inspection,
        .test = place,
        .is_name = name,
        .is_pattern = !name,
        .data = data,
        .is_nocase = test->content.is_nocase,
    };
    return true;
}

static unsigned score_of(const struct anchor *anchor)
{
    if (anchor->is_name)
        return SCORE_NAME;
    unsigned rarest = 255;
    for (size_t at = 0; at + GRAM_SIZE <= anchor->data.size; at++) {
        struct reader r = reader_of(bytes_slice(anchor->data, at, GRAM_SIZE));
        uint32_t gram = (uint32_t)reader_u32_le(&r) | 0x20202020u;
        unsigned frequency = gram_frequency_sent(gram);
        if (frequency < rarest)
            rarest = frequency;
    }
    size_t size = anchor->data.size;
    return 255 - rarest +
           2 * (unsigned)(size < SCORE_SIZE_MAX ? size : SCORE_SIZE_MAX);
}

/* The contents after base64_decode are not in the buffer itself. */
static uint16_t plain_tests(const struct rule_inspection *inspection)
{
    for (uint16_t i = 0; i < inspection->test_count; i++)
        if (inspection->tests[i].kind == TEST_BASE64_DECODE)
            return i;
    return inspection->test_count;
}

void anchor_find(const struct rule *rule, struct anchor *anchor)
{
    unsigned best = 0;

    *anchor = (struct anchor){ 0 };
    if (rule->has_fast_pattern &&
        rule->fast_test <
            plain_tests(&rule->inspections[rule->fast_inspection]) &&
        read_anchor(rule, rule->fast_inspection, rule->fast_test, anchor))
        return;
    for (uint16_t i = 0; i < rule->inspection_count; i++) {
        uint16_t count = plain_tests(&rule->inspections[i]);
        for (uint16_t k = 0; k < count; k++) {
            struct anchor tried;
            if (!read_anchor(rule, i, k, &tried))
                continue;
            unsigned score = score_of(&tried) + 1;
            if (score > best) {
                best = score;
                *anchor = tried;
            }
        }
    }
}
