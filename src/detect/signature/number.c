/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Numbers in a buffer (user guide, "byte_test" to "byte_math"): `count` bytes
 * at `offset`, from the cursor when relative, as an integer or as text of a
 * base. A number that is not there, or text that is none, does not hold.
 */
#include "base/reader.h"
#include "detect/signature/inspect.h"

enum {
    BINARY_BYTES_MAX = 8,
    TEXT_BYTES_MAX = 23, /* Octal digits of 64 bits, and one. */
};

/* A number that was read, and where its bytes end. */
struct found_number {
    uint64_t value;
    size_t end;
};

static uint64_t read_binary(struct bytes field, bool is_little_endian)
{
    struct reader r = reader_of(field);
    uint64_t value = 0;

    for (unsigned shift = 0; reader_left(&r) > 0; shift += 8) {
        uint64_t byte = reader_u8(&r);
        value = is_little_endian ? value | byte << shift : value << 8 | byte;
    }
    return value;
}

static unsigned digit_of(uint8_t byte)
{
    if (byte >= '0' && byte <= '9')
        return byte - '0';
    if (byte >= 'a' && byte <= 'f')
        return byte - 'a' + 10u;
    return byte >= 'A' && byte <= 'F' ? byte - 'A' + 10u : 16;
}

static unsigned base_of(enum byte_form form)
{
    return form == BYTE_HEX ? 16 : form == BYTE_OCTAL ? 8 : 10;
}

static void skip_to_digits(struct reader *r, unsigned base, bool *negative)
{
    while (reader_left(r) > 0 &&
           (reader_peek(r) == ' ' || reader_peek(r) == '\t'))
        reader_skip(r, 1);
    uint8_t sign = reader_peek(r);
    *negative = sign == '-';
    if (reader_left(r) > 0 && (sign == '-' || sign == '+'))
        reader_skip(r, 1);
    if (base != 16 || reader_left(r) < 2 || reader_peek(r) != '0')
        return;
    struct reader after = *r;
    reader_skip(&after, 1);
    if ((reader_peek(&after) | 0x20) == 'x') {
        reader_skip(&after, 1);
        *r = after;
    }
}

/* As strtoull has it: spaces, a sign, digits as far as they go. */
static bool read_text(struct bytes field, unsigned base, uint64_t *value)
{
    struct reader r = reader_of(field);
    bool negative = false;
    size_t digits = 0;
    uint64_t number = 0;

    skip_to_digits(&r, base, &negative);
    while (reader_left(&r) > 0) {
        unsigned digit = digit_of(reader_peek(&r));
        if (digit >= base)
            break;
        if (number > (UINT64_MAX - digit) / base)
            return false;
        number = number * base + digit;
        digits++;
        reader_skip(&r, 1);
    }
    *value = negative ? 0 - number : number;
    return digits > 0;
}

static uint64_t apply_mask(uint64_t value, uint64_t mask)
{
    if (mask == 0)
        return value;
    return (value & mask) >> trailing_zeros_64(mask);
}

static bool read_number(const struct walk *walk, const struct rule_test *test,
                        struct found_number *found)
{
    const struct byte_test *byte = &test->byte;
    int64_t count = operand_value(walk, &byte->count);
    int64_t offset = operand_value(walk, &byte->offset);
    int64_t most = (int64_t)walk->data.size;
    bool is_text = byte->form != BYTE_BINARY;

    if (offset > most || offset < -most)
        return false;
    if (test->relative)
        offset += (int64_t)walk->cursor;
    if (is_text && count == 0) /* As many digits as stand there. */
        count = most - offset < TEXT_BYTES_MAX ? most - offset
                                               : (int64_t)TEXT_BYTES_MAX;
    if (count < 1 || count > (is_text ? TEXT_BYTES_MAX : BINARY_BYTES_MAX) ||
        offset < 0 || offset + count > most)
        return false;
    struct bytes field =
        bytes_slice(walk->data, (size_t)offset, (size_t)count);
    uint64_t value = 0;
    if (!is_text)
        value = read_binary(field, byte->is_little_endian || byte->is_dce);
    else if (!read_text(field, base_of((enum byte_form)byte->form), &value))
        return false;
    found->value = apply_mask(value, byte->bitmask);
    found->end = (size_t)(offset + count);
    return true;
}

static bool compare(enum byte_operator operator, uint64_t a, uint64_t b)
{
    switch (operator) {
    case BYTE_IS_LESS:
        return a < b;
    case BYTE_IS_GREATER:
        return a > b;
    case BYTE_IS_EQUAL:
        return a == b;
    case BYTE_IS_LESS_OR_EQUAL:
        return a <= b;
    case BYTE_IS_GREATER_OR_EQUAL:
        return a >= b;
    case BYTE_AND:
        return (a & b) != 0;
    case BYTE_OR:
        return (a ^ b) != 0;
    case BYTE_ADD:
    case BYTE_SUBTRACT:
    case BYTE_MULTIPLY:
    case BYTE_DIVIDE:
    case BYTE_SHIFT_LEFT:
    case BYTE_SHIFT_RIGHT:
        break;
    }
    return false;
}

bool byte_test_holds(struct walk *walk, const struct rule_test *test)
{
    const struct byte_test *byte = &test->byte;
    struct found_number found;

    if (!read_number(walk, test, &found))
        return false;
    bool holds =
        compare((enum byte_operator)byte->operator, found.value,
                (uint64_t)operand_value(walk, &byte->value));
    return holds != byte->operator_negated;
}

static uint64_t align_up(uint64_t value, uint8_t align)
{
    if (align < 2 || value % align == 0)
        return value;
    return value + align - value % align;
}

static uint64_t scaled(const struct byte_test *byte, uint64_t value)
{
    uint64_t multiplier = byte->multiplier > 1 ? byte->multiplier : 1;

    return align_up(value * multiplier, byte->align);
}

static int64_t post_offset(const struct walk *walk,
                           const struct byte_test *byte)
{
    struct operand operand = {
        .is_variable = byte->has_post_variable,
        .variable = byte->post_variable,
        .value = byte->post_offset,
    };

    return operand_value(walk, &operand);
}

bool byte_jump_holds(struct walk *walk, const struct rule_test *test)
{
    const struct byte_test *byte = &test->byte;
    struct found_number found;
    int64_t size = (int64_t)walk->data.size;

    if (byte->form == BYTE_BINARY && operand_value(walk, &byte->count) == 0)
        found = (struct found_number){ 0, walk->cursor };
    else if (!read_number(walk, test, &found))
        return false;
    int64_t jump = (int64_t)scaled(byte, found.value);
    int64_t after = post_offset(walk, byte);
    const int64_t most = INT64_C(1) << 40; /* Past any buffer. */
    if (jump > most || jump < -most || after > most || after < -most)
        return false;
    int64_t base = byte->from_beginning ? 0
                   : byte->from_end     ? size
                                        : (int64_t)found.end;
    int64_t to = base + jump + after;
    if (to < 0)
        to = 0; /* Before the buffer is its start. */
    if (to >= size)
        return false;
    walk->cursor = (size_t)to;
    return true;
}

bool byte_extract_holds(struct walk *walk, const struct rule_test *test)
{
    const struct byte_test *byte = &test->byte;
    struct found_number found;

    if (!read_number(walk, test, &found))
        return false;
    if (byte->result < RULE_VARIABLE_MAX)
        walk->inspector->variables[byte->result] =
            (int64_t)scaled(byte, found.value);
    walk->cursor = found.end;
    return true;
}

/* False for what has no result: division by zero, a shift past the width. */
static bool calculate(enum byte_operator operator, uint64_t a, uint64_t b,
                      uint64_t *result)
{
    switch (operator) {
    case BYTE_ADD:
        *result = a + b;
        return true;
    case BYTE_SUBTRACT:
        *result = a - b;
        return true;
    case BYTE_MULTIPLY:
        *result = a * b;
        return true;
    case BYTE_DIVIDE:
        *result = b ? a / b : 0;
        return b != 0;
    case BYTE_SHIFT_LEFT:
        *result = b < 64 ? a << b : 0;
        return true;
    case BYTE_SHIFT_RIGHT:
        *result = b < 64 ? a >> b : 0;
        return true;
    case BYTE_IS_LESS:
    case BYTE_IS_GREATER:
    case BYTE_IS_EQUAL:
    case BYTE_IS_LESS_OR_EQUAL:
    case BYTE_IS_GREATER_OR_EQUAL:
    case BYTE_AND:
    case BYTE_OR:
        break;
    }
    return false;
}

bool byte_math_holds(struct walk *walk, const struct rule_test *test)
{
    const struct byte_test *byte = &test->byte;
    /* The mask is for the result, not for what was read. */
    struct rule_test unmasked = *test;
    struct found_number found;
    uint64_t result = 0;

    unmasked.byte.bitmask = 0;
    if (!read_number(walk, &unmasked, &found) ||
        !calculate((enum byte_operator)byte->operator, found.value,
                   (uint64_t)operand_value(walk, &byte->value), &result))
        return false;
    if (byte->result < RULE_VARIABLE_MAX)
        walk->inspector->variables[byte->result] =
            (int64_t)apply_mask(result, byte->bitmask);
    walk->cursor = found.end;
    return true;
}
