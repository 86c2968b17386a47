/* SPDX-License-Identifier: Apache-2.0 */
/* content and its modifiers. */
#include "base/arena_writer.h"
#include "base/reader.h"
#include "detect/signature/draft.h"
#include "detect/signature/operand.h"
#include "detect/signature/part.h"

/* Take hexadecimal digits in pairs up to the closing '|'. */
static bool read_hex(struct draft *d, struct reader *r, struct arena_writer *w)
{
    unsigned digits = 0, value = 0;

    while (reader_left(r) > 0) {
        uint8_t byte = reader_u8(r);
        uint64_t digit;
        if (byte == '|' && digits == 0)
            return true;
        if (byte == ' ' || byte == ',')
            continue;
        uint8_t text[3] = { '0', 'x', byte };
        if (!part_number(bytes_of(text, sizeof text), 15, &digit))
            return draft_refuse(d, "pairs of hexadecimal digits between | "
                                   "and |, as |0d 0a|",
                                byte == '|' ? "half a byte before |"
                                            : "%s is no hexadecimal digit",
                                draft_quote(d, bytes_of(&byte, 1)));
        value = value << 4 | (unsigned)digit;
        if (++digits == 2) {
            arena_writer_byte(w, (uint8_t)value);
            digits = value = 0;
        }
    }
    return draft_refuse(d, "write | itself as |7C|",
                        "a | that nothing closes");
}

static bool read_escape(struct draft *d, struct reader *r,
                        struct arena_writer *w)
{
    uint8_t byte = reader_u8(r);

    if (byte != '"' && byte != ';' && byte != ':' && byte != '\\')
        return draft_refuse(d, "write \\ itself as \\\\ or |5C|",
                            "only \\ \" ; and : may stand after a backslash");
    arena_writer_byte(w, byte);
    return true;
}

/* The bytes that the text of a content stands for. */
bool content_read_bytes(struct draft *d, struct bytes text,
                        struct bytes *content)
{
    struct reader r = reader_of(text);
    struct arena_writer w;
    bool good = true;

    arena_writer_init(&w, &d->set->scratch, text.size);
    while (good && reader_left(&r) > 0) {
        uint8_t byte = reader_u8(&r);
        if (byte == '|')
            good = read_hex(d, &r, &w);
        else if (byte == '\\')
            good = read_escape(d, &r, &w);
        else if (byte == '"')
            good = draft_refuse(d, "write it as \\\" or |22|",
                                "a quote inside the content");
        else
            arena_writer_byte(&w, byte);
    }
    if (good && w.size == 0)
        good = draft_refuse(d, NULL, "an empty content");
    if (good && w.size > RULE_CONTENT_MAX)
        good = draft_refuse(d, NULL, "a content of more than %d bytes",
                            RULE_CONTENT_MAX);
    if (good)
        *content = arena_copy(&d->set->arena, arena_writer_view(&w));
    return good;
}

static bool add_content(struct draft *d, struct bytes value)
{
    struct bytes data;

    if (!content_read_bytes(d, value, &data))
        return false;
    struct rule_test *test = draft_add_test(d, TEST_CONTENT, false);
    if (!test)
        return false;
    test->negated = d->negated;
    test->content.data = data;
    d->last_content = d->last_test;
    return true;
}

bool keyword_content(struct draft *d, const struct keyword *keyword,
                     struct bytes value)
{
    (void)keyword;
    return add_content(d, value);
}

bool keyword_uricontent(struct draft *d, const struct keyword *keyword,
                        struct bytes value)
{
    (void)keyword;
    if (d->is_sticky)
        return draft_refuse(d, "http.uri; content:...",
                            "cannot stand after a sticky buffer");
    if (!add_content(d, value) || !draft_set_application(d, "http"))
        return false;
    int inspection = draft_inspection(d, VIEW_HTTP_URI);
    if (inspection == DRAFT_NONE)
        return false;
    d->tests[d->last_test].inspection = (uint16_t)inspection;
    return true;
}

static struct rule_test *last_content(struct draft *d)
{
    if (d->last_content != DRAFT_NONE)
        return &d->tests[d->last_content].test;
    (void)draft_refuse(d, "put it after the content it belongs to",
                       "no content stands before it");
    return NULL;
}

bool keyword_nocase(struct draft *d, const struct keyword *keyword,
                    struct bytes value)
{
    struct rule_test *test = last_content(d);

    (void)keyword;
    (void)value;
    if (test && test->content.is_nocase)
        draft_warn(d, NULL, "said twice for one content");
    if (test)
        test->content.is_nocase = true;
    return test != NULL;
}

bool keyword_rawbytes(struct draft *d, const struct keyword *keyword,
                      struct bytes value)
{
    (void)keyword;
    (void)value; /* Tenet's payload is as it was sent in any case. */
    return last_content(d) != NULL;
}

/* One of depth, offset, distance and within, once for a content. */
static bool read_place(struct draft *d, struct bytes value, bool *has,
                       struct operand *operand)
{
    if (*has)
        return draft_refuse(d, NULL, "said twice for one content");
    if (!operand_read(d, value, RULE_PLACE_MIN, RULE_PLACE_MAX, operand))
        return false;
    *has = true;
    return true;
}

bool keyword_depth(struct draft *d, const struct keyword *keyword,
                   struct bytes value)
{
    struct rule_test *test = last_content(d);

    (void)keyword;
    return test && read_place(d, value, &test->content.has_depth,
                              &test->content.depth);
}

bool keyword_offset(struct draft *d, const struct keyword *keyword,
                    struct bytes value)
{
    struct rule_test *test = last_content(d);

    (void)keyword;
    return test && read_place(d, value, &test->content.has_offset,
                              &test->content.offset);
}

bool keyword_distance(struct draft *d, const struct keyword *keyword,
                      struct bytes value)
{
    struct rule_test *test = last_content(d);

    (void)keyword;
    if (!test || !read_place(d, value, &test->content.has_distance,
                             &test->content.distance))
        return false;
    test->relative = true;
    return true;
}

bool keyword_within(struct draft *d, const struct keyword *keyword,
                    struct bytes value)
{
    struct rule_test *test = last_content(d);

    (void)keyword;
    if (!test || !read_place(d, value, &test->content.has_within,
                             &test->content.within))
        return false;
    test->relative = true;
    return true;
}

bool keyword_startswith(struct draft *d, const struct keyword *keyword,
                        struct bytes value)
{
    struct rule_test *test = last_content(d);

    (void)keyword;
    (void)value;
    if (!test)
        return false;
    if (test->content.starts)
        return draft_refuse(d, NULL, "said twice for one content");
    test->content.starts = true;
    return true;
}

bool keyword_endswith(struct draft *d, const struct keyword *keyword,
                      struct bytes value)
{
    struct rule_test *test = last_content(d);

    (void)keyword;
    (void)value;
    if (!test)
        return false;
    if (test->content.ends)
        return draft_refuse(d, NULL, "said twice for one content");
    test->content.ends = true;
    return true;
}

/* fast_pattern:OFFSET,LENGTH */
static bool read_chop(struct draft *d, struct bytes value,
                      struct content_test *content)
{
    struct bytes part;
    uint64_t offset = 0, size = 0;
    bool good = part_next(&value, ',', &part) &&
                part_number(part, RULE_CONTENT_MAX, &offset) &&
                part_next(&value, ',', &part) &&
                part_number(part, RULE_CONTENT_MAX, &size) &&
                value.size == 0;

    if (!good || size == 0)
        return draft_refuse(d, "fast_pattern, fast_pattern:only or "
                               "fast_pattern:OFFSET,LENGTH",
                            "a value it does not have");
    if (offset + size > content->data.size)
        return draft_refuse(d, NULL, "offset and length reach past the "
                                     "content");
    content->fast_offset = (uint16_t)offset;
    content->fast_size = (uint16_t)size;
    return true;
}

bool keyword_fast_pattern(struct draft *d, const struct keyword *keyword,
                          struct bytes value)
{
    struct rule_test *test = last_content(d);

    (void)keyword;
    if (!test)
        return false;
    for (unsigned i = 0; i < d->test_count; i++)
        if (d->tests[i].test.kind == TEST_CONTENT &&
            d->tests[i].test.content.is_fast)
            return draft_refuse(d, NULL, "only one content of a rule can be "
                                         "the fast pattern");
    test->content.is_fast = true;
    if (value.size == 0)
        return true;
    if (part_is(value, "only")) {
        test->content.is_fast_only = true;
        return true;
    }
    return read_chop(d, value, &test->content);
}

static bool is_less(const struct operand *operand, size_t size)
{
    return !operand->is_variable && operand->value < (int64_t)size;
}

/* What cannot be together, once all modifiers of a content are known. */
static const char *conflict(const struct rule_test *test)
{
    const struct content_test *c = &test->content;
    bool placed = c->has_depth || c->has_offset;

    if (placed && test->relative)
        return "depth and offset count from the start, distance and within "
               "from the last match: they cannot stand together";
    if (c->starts && (placed || test->relative))
        return "startswith cannot stand with depth, offset, distance or "
               "within";
    if (c->has_depth && is_less(&c->depth, c->data.size))
        return "depth is less than the size of the content: it could never "
               "match";
    if (c->has_within && is_less(&c->within, c->data.size))
        return "within is less than the size of the content: it could never "
               "match";
    return NULL;
}

/* The fast pattern must be one that says something by its presence. */
static const char *fast_conflict(const struct rule_test *test)
{
    const struct content_test *c = &test->content;
    bool placed = c->has_depth || c->has_offset || test->relative;

    if (c->is_fast_only && (placed || test->negated))
        return "fast_pattern:only says that only the presence counts: no "
               "place and no negation with it";
    if (c->is_fast && test->negated && placed)
        return "a negated fast pattern cannot have a place";
    return NULL;
}

bool content_check(struct draft *d, struct rule_test *test)
{
    const char *problem = conflict(test);

    if (!problem)
        problem = fast_conflict(test);
    d->keyword = "content";
    if (problem)
        return draft_refuse(d, NULL, "%s: %s",
                            draft_quote(d, test->content.data), problem);
    d->keyword = NULL;
    return true;
}
