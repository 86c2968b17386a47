/* SPDX-License-Identifier: Apache-2.0 */
#include "base/compiler.h"
#include "base/text.h"
#include "detect/signature/explain_part.h"
#include "detect/signature/packet_part.h"
#include "detect/signature/part.h"

static bool is_printable(uint8_t byte)
{
    return byte >= ' ' && byte < 0x7f && byte != '|' && byte != '"';
}

/* As contents are written: what cannot be printed stands in |hex|. */
static void write_content(struct writer *w, struct bytes data)
{
    bool hex = false;

    writer_byte(w, '"');
    for (size_t i = 0; i < data.size; i++) {
        uint8_t byte = part_byte(data, i);
        if (is_printable(byte) == hex)
            writer_byte(w, '|');
        else if (hex)
            writer_byte(w, ' ');
        hex = !is_printable(byte);
        if (hex)
            writer_format(w, "%02x", byte);
        else
            writer_byte(w, byte);
    }
    writer_text(w, hex ? "|\"" : "\"");
}

static void write_operand(struct writer *w, const struct operand *operand)
{
    if (operand->is_variable)
        writer_format(w, "(number %u read before)", operand->variable + 1u);
    else
        writer_signed(w, operand->value);
}

static void write_place(struct writer *w, const struct content_test *c)
{
    const struct {
        bool has;
        const char *before;
        const struct operand *operand;
        const char *after;
    } places[] = {
        { c->has_offset, ", after the first ", &c->offset, " bytes" },
        { c->has_depth, ", within ", &c->depth, " bytes of there" },
        { c->has_distance, ", at least ", &c->distance,
          " bytes after the last match" },
        { c->has_within, ", ended within ", &c->within,
          " bytes of the last match" },
    };

    if (c->starts)
        writer_text(w, ", at the very start");
    for (size_t i = 0; i < COUNT_OF(places); i++) {
        if (!places[i].has)
            continue;
        writer_text(w, places[i].before);
        write_operand(w, places[i].operand);
        writer_text(w, places[i].after);
    }
    if (c->ends)
        writer_text(w, ", at the very end");
}

static void explain_content(struct writer *w, const struct rule_test *test)
{
    const struct content_test *c = &test->content;

    writer_text(w, test->negated ? "does not stand " : "stands ");
    write_content(w, c->data);
    writer_text(w, c->is_nocase ? " in capitals or not" : "");
    write_place(w, c);
    if (c->is_fast && !test->negated)
        writer_text(w, " (looked for first)");
}

static void explain_pcre(struct writer *w, const struct rule_test *test)
{
    writer_format(w, "the pattern %s", test->negated ? "does not fit: "
                                                     : "fits: ");
    text_escape(w, bytes_of_text(test->pcre.text));
    if (test->relative)
        writer_text(w, " after the last match");
}

static void explain_data_at(struct writer *w, const struct rule_test *test)
{
    writer_format(w, "there is %s byte ", test->negated ? "no" : "a");
    write_operand(w, &test->position.at);
    writer_text(w, test->relative ? " bytes after the last match"
                                  : " bytes from the start");
}

static void write_number_read(struct writer *w, const struct rule_test *test)
{
    static const char *const forms[] = {
        [BYTE_BINARY] = "bytes", [BYTE_HEX] = "hexadecimal digits",
        [BYTE_DECIMAL] = "decimal digits", [BYTE_OCTAL] = "octal digits",
    };
    const struct byte_test *byte = &test->byte;

    writer_text(w, "the number in ");
    write_operand(w, &byte->count);
    writer_format(w, " %s%s at ", forms[byte->form],
                  byte->is_little_endian ? ", the lowest first," : "");
    write_operand(w, &byte->offset);
    writer_text(w, test->relative ? " after the last match" : "");
}

static void explain_byte(struct writer *w, const struct rule_test *test)
{
    static const char *const operators[] = {
        [BYTE_IS_LESS] = "less than", [BYTE_IS_GREATER] = "more than",
        [BYTE_IS_EQUAL] = "equal to", [BYTE_AND] = "",
        [BYTE_OR] = "different in the bits of",
        [BYTE_IS_LESS_OR_EQUAL] = "at most",
        [BYTE_IS_GREATER_OR_EQUAL] = "at least",
        [BYTE_ADD] = "plus", [BYTE_SUBTRACT] = "minus",
        [BYTE_MULTIPLY] = "times", [BYTE_DIVIDE] = "divided by",
        [BYTE_SHIFT_LEFT] = "shifted left by",
        [BYTE_SHIFT_RIGHT] = "shifted right by",
    };
    const struct byte_test *byte = &test->byte;

    write_number_read(w, test);
    if (test->kind == TEST_BYTE_TEST && byte->operator == BYTE_AND) {
        writer_format(w, " has %s of the bits ",
                      byte->operator_negated ? "none" : "some");
        write_operand(w, &byte->value);
    } else if (test->kind == TEST_BYTE_TEST) {
        writer_format(w, " is %s%s ", byte->operator_negated ? "not " : "",
                      operators[byte->operator]);
        write_operand(w, &byte->value);
    } else if (test->kind == TEST_BYTE_JUMP) {
        writer_text(w, " says how far to go on");
    } else if (test->kind == TEST_BYTE_MATH) {
        writer_format(w, " %s ", operators[byte->operator]);
        write_operand(w, &byte->value);
        writer_format(w, " is number %u", byte->result + 1u);
    } else {
        writer_format(w, " is number %u", byte->result + 1u);
    }
}

static void explain_number(struct writer *w, const struct rule_test *test,
                           const char *what)
{
    writer_text(w, what);
    explain_range(w, &test->number, test->negated);
}

static void explain_text(struct writer *w, const struct rule_test *test,
                         const char *what)
{
    writer_format(w, "%s%s", test->negated ? "not: " : "", what);
    text_escape(w, bytes_of_text(test->text ? test->text : ""));
}

static void explain_test(struct writer *w, const struct rule_test *test)
{
    switch ((enum rule_test_kind)test->kind) {
    case TEST_CONTENT:
        explain_content(w, test);
        break;
    case TEST_PCRE:
        explain_pcre(w, test);
        break;
    case TEST_IS_DATA_AT:
        explain_data_at(w, test);
        break;
    case TEST_BYTE_TEST:
    case TEST_BYTE_JUMP:
    case TEST_BYTE_EXTRACT:
    case TEST_BYTE_MATH:
        explain_byte(w, test);
        break;
    case TEST_SIZE:
    case TEST_FILE_SIZE:
        explain_number(w, test, "its size in bytes is ");
        break;
    case TEST_NUMBER:
        explain_number(w, test, "it is ");
        break;
    case TEST_FLAGS:
        writer_format(w, "of the bits 0x%02x, 0x%02x are set",
                      test->flags.mask, test->flags.value);
        break;
    case TEST_BASE64_DECODE:
        writer_text(w, "it is decoded from base64; in what comes out");
        break;
    case TEST_ABSENT:
        writer_text(w, test->or_else ? "it is not there, or"
                                     : "it is not there");
        break;
    case TEST_MAGIC:
        explain_text(w, test, "the kind of the file has ");
        break;
    case TEST_EXTENSION:
        explain_text(w, test, "the name of the file ends in .");
        break;
    case TEST_ENTROPY:
        explain_number(w, test, "its entropy, in thousandths of a bit a "
                                "byte, is ");
        break;
    case TEST_DATASET:
    case TEST_DIGEST:
        writer_text(w, test->negated ? "it is in none of a list"
                                     : "it is looked up in a list");
        break;
    }
}

static const char *transform_name(uint8_t kind)
{
    static const char *const names[] = {
        [TRANSFORM_TO_LOWERCASE] = "in lower case",
        [TRANSFORM_TO_UPPERCASE] = "in capitals",
        [TRANSFORM_TO_MD5] = "as its MD5",
        [TRANSFORM_TO_SHA1] = "as its SHA-1",
        [TRANSFORM_TO_SHA256] = "as its SHA-256",
        [TRANSFORM_STRIP_WHITESPACE] = "without blanks",
        [TRANSFORM_COMPRESS_WHITESPACE] = "with single blanks",
        [TRANSFORM_DOTPREFIX] = "after a dot",
        [TRANSFORM_DOMAIN] = "its registered domain",
        [TRANSFORM_TLD] = "its top level domain",
        [TRANSFORM_URL_DECODE] = "with its escapes undone",
        [TRANSFORM_XOR] = "under an XOR key",
        [TRANSFORM_FROM_BASE64] = "decoded from base64",
        [TRANSFORM_PCRE] = "what a pattern takes out of it",
        [TRANSFORM_HEADER_LOWERCASE] = "with field names in lower case",
        [TRANSFORM_STRIP_PSEUDO_HEADERS] = "without pseudo headers",
        [TRANSFORM_SUBSLICE] = "a part of it",
        [TRANSFORM_GUNZIP] = "uncompressed",
        [TRANSFORM_ZLIB_INFLATE] = "uncompressed",
    };

    return names[kind];
}

void explain_inspection(const struct signature *set, const struct rule *rule,
                        size_t index, struct writer *w)
{
    const struct rule_inspection *inspection = &rule->inspections[index];

    (void)set;
    writer_format(w, "  - of %s",
                  inspection->view < VIEW_NAMED_COUNT
                      ? view_info_get(inspection->view)->name
                  : view_is_packet_part(inspection->view)
                      ? packet_part_name(inspection->view)
                  : rule->on_stream ? "the bytes sent"
                                    : "the packet's payload");
    for (size_t i = 0; i < inspection->transform_count; i++)
        writer_format(w, ", %s",
                      transform_name(inspection->transforms[i].kind));
    writer_text(w, ":\n");
    for (size_t i = 0; i < inspection->test_count; i++) {
        writer_text(w, "      - ");
        explain_test(w, &inspection->tests[i]);
        writer_byte(w, '\n');
    }
}
