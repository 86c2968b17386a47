/* SPDX-License-Identifier: Apache-2.0 */
/* Keywords about files that are carried. */
#include "detect/signature/draft.h"
#include "detect/signature/operand.h"
#include "detect/signature/part.h"

static bool add_name(struct draft *d, struct bytes value, bool is_extension)
{
    struct bytes data;

    if (!content_read_bytes(d, value, &data))
        return false;
    struct rule_test *test = draft_add_view_test(
        d, VIEW_FILE_NAME, is_extension ? TEST_EXTENSION : TEST_CONTENT);
    if (!test)
        return false;
    test->negated = d->negated;
    if (is_extension) {
        test->text = arena_copy_text(&d->set->arena, data);
    } else {
        test->content.data = data;
        test->content.is_nocase = true;
    }
    return true;
}

bool keyword_file_name(struct draft *d, const struct keyword *keyword,
                       struct bytes value)
{
    (void)keyword;
    return add_name(d, value, false);
}

bool keyword_file_extension(struct draft *d, const struct keyword *keyword,
                            struct bytes value)
{
    (void)keyword;
    return add_name(d, value, true);
}

bool keyword_file_size(struct draft *d, const struct keyword *keyword,
                       struct bytes value)
{
    struct number_range range;
    bool negated;

    (void)keyword;
    if (!part_range(value, UINT64_MAX, &range, &negated))
        return draft_refuse(d, "N, <N, >N or N<>M, also 5KB",
                            "%s is no size", draft_quote(d, value));
    struct rule_test *test = draft_add_view_test(d, VIEW_FILE_DATA,
                                                 TEST_FILE_SIZE);
    if (!test)
        return false;
    test->number = range;
    test->negated = negated;
    return true;
}
