/* SPDX-License-Identifier: Apache-2.0 */
/* isdataat, byte_test, byte_jump, byte_extract, byte_math, base64_decode:
 * numbers in the bytes, and places that they lead to. */
#include <string.h>

#include "detect/signature/draft.h"
#include "detect/signature/operand.h"
#include "detect/signature/part.h"

enum {
    BYTE_BINARY_MAX = 8,
    BYTE_TEXT_MAX = 23, /* Digits of 2^64 in octal, and one. */
    BYTE_OFFSET_MAX = 65535,
};

bool operand_read(struct draft *d, struct bytes text, int64_t low,
                  int64_t high, struct operand *operand)
{
    int64_t value;
    int variable = draft_find_variable(d, text);

    if (part_signed(text, INT64_MIN + 1, INT64_MAX, &value)) {
        if (value < low || value > high)
            return draft_refuse(d, NULL, "%s is not between %lld and %lld",
                                draft_quote(d, text), (long long)low,
                                (long long)high);
        *operand = (struct operand){ .value = value };
        return true;
    }
    if (variable == DRAFT_NONE)
        return draft_refuse(d, "a number, or the name that a byte_extract or "
                               "byte_math before it gives",
                            "%s is neither a number nor a variable",
                            draft_quote(d, text));
    *operand = (struct operand){ .is_variable = true,
                                 .variable = (uint8_t)variable };
    return true;
}

/* "12,relative,rawbytes" */
bool keyword_isdataat(struct draft *d, const struct keyword *keyword,
                      struct bytes value)
{
    struct bytes at, part;
    bool relative = false;
    struct operand operand;

    (void)keyword;
    if (!part_next(&value, ',', &at))
        return false;
    while (part_next(&value, ',', &part)) {
        if (part_is_nocase(part, "relative"))
            relative = true;
        else if (!part_is_nocase(part, "rawbytes"))
            return draft_refuse(d, "relative or rawbytes", "%s is neither",
                                draft_quote(d, part));
    }
    if (!operand_read(d, at, 0, BYTE_OFFSET_MAX, &operand))
        return false;
    struct rule_test *test = draft_add_test(d, TEST_IS_DATA_AT, relative);
    if (!test)
        return false;
    test->negated = d->negated;
    test->position.at = operand;
    return true;
}

/* What may follow the first values, in any order. */
struct byte_options {
    struct byte_test test;
    bool relative;
    bool has_string;
    bool has_base;
    bool has_endian;
    bool may_be_empty;  /* byte_jump of 0 bytes only moves. */
};

struct byte_word {
    const char *name;
    void (*set)(struct byte_options *o);
};

static void set_relative(struct byte_options *o)
{
    o->relative = true;
}

static void set_big(struct byte_options *o)
{
    o->has_endian = true;
}

static void set_little(struct byte_options *o)
{
    o->has_endian = true;
    o->test.is_little_endian = true;
}

static void set_dce(struct byte_options *o)
{
    o->has_endian = true;
    o->test.is_dce = true;
}

static void set_string(struct byte_options *o)
{
    o->has_string = true;
}

static void set_hex(struct byte_options *o)
{
    o->has_base = true;
    o->test.form = BYTE_HEX;
}

static void set_decimal(struct byte_options *o)
{
    o->has_base = true;
    o->test.form = BYTE_DECIMAL;
}

static void set_octal(struct byte_options *o)
{
    o->has_base = true;
    o->test.form = BYTE_OCTAL;
}

static void set_align(struct byte_options *o)
{
    o->test.align = 4;
}

static void set_from_beginning(struct byte_options *o)
{
    o->test.from_beginning = true;
}

static void set_from_end(struct byte_options *o)
{
    o->test.from_end = true;
}

static const struct byte_word byte_words[] = {
    { "relative", set_relative },
    { "big", set_big },
    { "little", set_little },
    { "dce", set_dce },
    { "string", set_string },
    { "hex", set_hex },
    { "dec", set_decimal },
    { "oct", set_octal },
    { "align", set_align },
    { "from_beginning", set_from_beginning },
    { "from_end", set_from_end },
};

/* "endian big", "string dec", "multiplier 2", "bitmask 0x0f"... */
static bool read_byte_pair(struct draft *d, struct bytes part,
                           struct byte_options *o)
{
    struct bytes name, rest = part;
    uint64_t number;
    int64_t post;

    if (!part_word(&rest, &name))
        return false;
    if (part_is(name, "bitmask"))
        return part_number(rest, UINT32_MAX, &o->test.bitmask);
    if (part_is(name, "multiplier")) {
        if (!part_number(rest, UINT16_MAX, &number) || number == 0)
            return false;
        o->test.multiplier = (uint32_t)number;
        return true;
    }
    if (part_is(name, "align")) {
        if (!part_number(rest, 4, &number) || (number != 2 && number != 4))
            return false;
        o->test.align = (uint8_t)number;
        return true;
    }
    if (part_is(name, "post_offset")) {
        if (part_signed(rest, -BYTE_OFFSET_MAX, BYTE_OFFSET_MAX, &post)) {
            o->test.post_offset = (int32_t)post;
            return true;
        }
        int variable = draft_find_variable(d, rest);
        o->test.has_post_variable = true;
        o->test.post_variable = (uint8_t)variable;
        return variable != DRAFT_NONE;
    }
    return false;
}

static bool read_byte_word(struct bytes part, struct byte_options *o)
{
    for (size_t i = 0; i < COUNT_OF(byte_words); i++) {
        if (!part_is_nocase(part, byte_words[i].name))
            continue;
        byte_words[i].set(o);
        return true;
    }
    return false;
}

/* "endian big" and "string dec": a word that only introduces another. */
static bool read_byte_option(struct draft *d, struct bytes part,
                             struct byte_options *o)
{
    struct bytes rest = part, first;

    if (read_byte_word(part, o) || read_byte_pair(d, part, o))
        return true;
    if (part_word(&rest, &first)) {
        if (part_is_nocase(first, "string"))
            o->has_string = true;
        else if (!part_is_nocase(first, "endian"))
            rest = bytes_slice(rest, 0, 0);
        if (rest.size > 0 && read_byte_word(rest, o))
            return true;
    }
    return draft_refuse(d, NULL, "%s is no option of it",
                        draft_quote(d, part));
}

static bool read_byte_options(struct draft *d, struct bytes rest,
                              struct byte_options *o)
{
    struct bytes part;

    while (part_next(&rest, ',', &part))
        if (part.size > 0 && !read_byte_option(d, part, o))
            return false;
    return true;
}

/* Counts that make sense, now that the form is known. */
static bool check_byte(struct draft *d, struct byte_options *o)
{
    const struct operand *count = &o->test.count;
    int64_t most = o->has_string ? BYTE_TEXT_MAX : BYTE_BINARY_MAX;

    if (o->has_string && o->test.is_dce)
        return draft_refuse(d, NULL, "dce reads binary numbers, not text");
    if (o->has_string && !o->has_base)
        o->test.form = BYTE_DECIMAL;
    if (!o->has_string && o->has_base)
        return draft_refuse(d, "string,hex", "a base needs \"string\"");
    if (!o->has_string && !o->may_be_empty && !count->is_variable &&
        count->value == 0)
        return draft_refuse(d, "0 bytes are for \"string\": all digits "
                               "that stand there", "no bytes to read");
    if (!count->is_variable && count->value > most)
        return draft_refuse(d, NULL, "at most %d bytes of this form",
                            (int)most);
    return true;
}

/* Put the finished test into the rule. */
static bool add_byte(struct draft *d, enum rule_test_kind kind,
                     struct byte_options *o, bool negated)
{
    if (!check_byte(d, o))
        return false;
    if (o->test.is_dce && !draft_set_application(d, "dcerpc"))
        return false;
    struct rule_test *test = draft_add_test(d, kind, o->relative);
    if (!test)
        return false;
    test->negated = negated;
    test->byte = o->test;
    return true;
}

struct operator_word {
    const char *name;
    enum byte_operator operator;
};

static const struct operator_word comparisons[] = {
    { "<=", BYTE_IS_LESS_OR_EQUAL }, { ">=", BYTE_IS_GREATER_OR_EQUAL },
    { "<", BYTE_IS_LESS },           { ">", BYTE_IS_GREATER },
    { "=", BYTE_IS_EQUAL },          { "&", BYTE_AND },
    { "^", BYTE_OR },
};

/* "!>", "& 0x80": '!' alone is "not equal". */
static bool read_comparison(struct draft *d, struct bytes text,
                            struct byte_test *test)
{
    test->operator_negated = part_skip(&text, "!");
    if (text.size == 0 && test->operator_negated) {
        test->operator= BYTE_IS_EQUAL;
        return true;
    }
    for (size_t i = 0; i < COUNT_OF(comparisons); i++) {
        if (!part_is(text, comparisons[i].name))
            continue;
        test->operator= (uint8_t)comparisons[i].operator;
        return true;
    }
    return draft_refuse(d, "<, >, =, <=, >=, & or ^, also after !",
                        "%s is no comparison", draft_quote(d, text));
}

/* COUNT, [!]OPERATOR, VALUE, OFFSET[, options] */
bool keyword_byte_test(struct draft *d, const struct keyword *keyword,
                       struct bytes value)
{
    struct byte_options o = { 0 };
    struct bytes parts[4];

    (void)keyword;
    for (size_t i = 0; i < COUNT_OF(parts); i++)
        if (!part_next(&value, ',', &parts[i]))
            return draft_refuse(d, "byte_test:COUNT, OPERATOR, VALUE, OFFSET"
                                   "[, options]", "fewer than four values");
    return operand_read(d, parts[0], 0, BYTE_TEXT_MAX, &o.test.count) &&
           read_comparison(d, parts[1], &o.test) &&
           operand_read(d, parts[2], 0, INT64_MAX, &o.test.value) &&
           operand_read(d, parts[3], -BYTE_OFFSET_MAX, BYTE_OFFSET_MAX,
                        &o.test.offset) &&
           read_byte_options(d, value, &o) &&
           add_byte(d, TEST_BYTE_TEST, &o, false);
}

/* COUNT, OFFSET[, options] */
bool keyword_byte_jump(struct draft *d, const struct keyword *keyword,
                       struct bytes value)
{
    struct byte_options o = { .test.multiplier = 1, .may_be_empty = true };
    struct bytes count, offset;

    (void)keyword;
    if (!part_next(&value, ',', &count) || !part_next(&value, ',', &offset))
        return draft_refuse(d, "byte_jump:COUNT, OFFSET[, options]",
                            "fewer than two values");
    return operand_read(d, count, 0, BYTE_TEXT_MAX, &o.test.count) &&
           operand_read(d, offset, -BYTE_OFFSET_MAX, BYTE_OFFSET_MAX,
                        &o.test.offset) &&
           read_byte_options(d, value, &o) &&
           add_byte(d, TEST_BYTE_JUMP, &o, false);
}

static bool is_variable_name(struct bytes name)
{
    int64_t number;
    uint8_t first = part_byte(name, 0) | 0x20;

    return name.size > 0 && name.size <= RULE_NAME_SIZE_MAX &&
           !part_signed(name, INT64_MIN + 1, INT64_MAX, &number) &&
           ((first >= 'a' && first <= 'z') || part_byte(name, 0) == '_');
}

static bool name_result(struct draft *d, struct bytes name,
                        struct byte_test *test)
{
    if (!is_variable_name(name))
        return draft_refuse(d, "begin it with a letter",
                            "%s is no name of a variable",
                            draft_quote(d, name));
    int variable = draft_add_variable(d, name);
    if (variable == DRAFT_NONE)
        return false;
    test->result = (uint8_t)variable;
    return true;
}

/* COUNT, OFFSET, NAME[, options] */
bool keyword_byte_extract(struct draft *d, const struct keyword *keyword,
                          struct bytes value)
{
    struct byte_options o = { .test.multiplier = 1 };
    struct bytes count, offset, name;

    (void)keyword;
    if (!part_next(&value, ',', &count) ||
        !part_next(&value, ',', &offset) || !part_next(&value, ',', &name))
        return draft_refuse(d, "byte_extract:COUNT, OFFSET, NAME[, options]",
                            "fewer than three values");
    return operand_read(d, count, 1, BYTE_TEXT_MAX, &o.test.count) &&
           operand_read(d, offset, -BYTE_OFFSET_MAX, BYTE_OFFSET_MAX,
                        &o.test.offset) &&
           read_byte_options(d, value, &o) &&
           name_result(d, name, &o.test) &&
           add_byte(d, TEST_BYTE_EXTRACT, &o, false);
}

static const struct operator_word sums[] = {
    { "+", BYTE_ADD },         { "-", BYTE_SUBTRACT },
    { "*", BYTE_MULTIPLY },    { "/", BYTE_DIVIDE },
    { "<<", BYTE_SHIFT_LEFT }, { ">>", BYTE_SHIFT_RIGHT },
};

static bool read_sum(struct draft *d, struct bytes text,
                     struct byte_test *test)
{
    for (size_t i = 0; i < COUNT_OF(sums); i++) {
        if (!part_is(text, sums[i].name))
            continue;
        test->operator= (uint8_t)sums[i].operator;
        return true;
    }
    return draft_refuse(d, "+, -, *, /, << or >>", "%s is no operator",
                        draft_quote(d, text));
}

struct math_parts {
    struct bytes bytes;
    struct bytes offset;
    struct bytes oper;
    struct bytes rvalue;
    struct bytes result;
};

/* "bytes 4, offset 0, oper +, rvalue 2, result name": in any order. */
static bool read_math(struct draft *d, struct bytes part,
                      struct math_parts *parts, struct byte_options *o)
{
    const struct {
        const char *name;
        struct bytes *value;
    } names[] = {
        { "bytes", &parts->bytes },   { "offset", &parts->offset },
        { "oper", &parts->oper },     { "rvalue", &parts->rvalue },
        { "result", &parts->result },
    };
    struct bytes rest = part, name;

    if (!part_word(&rest, &name))
        return true;
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        if (!part_is(name, names[i].name))
            continue;
        *names[i].value = rest;
        return true;
    }
    return read_byte_option(d, part, o);
}

static bool read_math_values(struct draft *d, const struct math_parts *parts,
                             struct byte_test *test)
{
    if (!operand_read(d, parts->bytes, 1, BYTE_TEXT_MAX, &test->count) ||
        !operand_read(d, parts->offset, -BYTE_OFFSET_MAX, BYTE_OFFSET_MAX,
                      &test->offset) ||
        !read_sum(d, parts->oper, test) ||
        !operand_read(d, parts->rvalue, 0, UINT32_MAX, &test->value))
        return false;
    if (test->operator == BYTE_DIVIDE && !test->value.is_variable &&
        test->value.value == 0)
        return draft_refuse(d, NULL, "a division by zero");
    return name_result(d, parts->result, test);
}

bool keyword_byte_math(struct draft *d, const struct keyword *keyword,
                       struct bytes value)
{
    struct byte_options o = { 0 };
    struct math_parts parts = { 0 };
    struct bytes part;

    (void)keyword;
    while (part_next(&value, ',', &part))
        if (!read_math(d, part, &parts, &o))
            return false;
    if (!parts.bytes.size || !parts.offset.size || !parts.oper.size ||
        !parts.rvalue.size || !parts.result.size)
        return draft_refuse(d, "byte_math:bytes 4, offset 0, oper +, rvalue "
                               "2, result NAME",
                            "one of its five values is missing");
    return read_math_values(d, &parts, &o.test) &&
           add_byte(d, TEST_BYTE_MATH, &o, false);
}

/* "bytes 12, offset 3, relative", each of them optional. */
bool keyword_base64_decode(struct draft *d, const struct keyword *keyword,
                           struct bytes value)
{
    struct base64_test base64 = { 0 };
    struct bytes part;
    uint64_t number;
    bool relative = false;

    (void)keyword;
    while (part_next(&value, ',', &part)) {
        if (part_is(part, "relative"))
            relative = true;
        else if (part_skip(&part, "bytes") &&
                 part_number(part, UINT16_MAX, &number) && number > 0)
            base64.bytes = (uint32_t)number;
        else if (part_skip(&part, "offset") &&
                 part_number(part, UINT16_MAX, &number))
            base64.offset = (uint32_t)number;
        else
            return draft_refuse(d, "base64_decode: bytes 12, offset 3, "
                                   "relative", "%s is none of its options",
                                draft_quote(d, part));
    }
    struct rule_test *test = draft_add_test(d, TEST_BASE64_DECODE, relative);
    if (!test)
        return false;
    test->base64 = base64;
    return true;
}
