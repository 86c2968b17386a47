/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pcre: "/pattern/flags". The flags of Perl, and letters that name a buffer as
 * Snort had them. Patterns are compiled when the rule is read, so that what
 * does not compile is refused with its line; the matcher bounds their work.
 */
#include <string.h>

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include "base/memory.h"
#include "detect/signature/draft.h"
#include "detect/signature/operand.h"
#include "detect/signature/part.h"

enum {
    PCRE_SIZE_MAX = 8192,
    PCRE_ERROR_SIZE = 128,
};

struct pcre_flag {
    char letter;
    uint32_t option;
};

static const struct pcre_flag flags[] = {
    { 'i', PCRE2_CASELESS },     { 'm', PCRE2_MULTILINE },
    { 's', PCRE2_DOTALL },       { 'x', PCRE2_EXTENDED },
    { 'A', PCRE2_ANCHORED },     { 'E', PCRE2_DOLLAR_ENDONLY },
    { 'G', PCRE2_UNGREEDY },     { 'O', 0 }, /* Limits hold in any case. */
    { 'B', 0 },                  /* The bytes are raw in any case. */
};

struct pcre_buffer {
    char letter;
    enum view_id view;
};

static const struct pcre_buffer buffers[] = {
    { 'U', VIEW_HTTP_URI },        { 'I', VIEW_HTTP_URI_RAW },
    { 'P', VIEW_HTTP_REQUEST_BODY }, { 'Q', VIEW_FILE_DATA },
    { 'H', VIEW_HTTP_HEADER },     { 'D', VIEW_HTTP_HEADER_RAW },
    { 'M', VIEW_HTTP_METHOD },     { 'C', VIEW_HTTP_COOKIE },
    { 'S', VIEW_HTTP_STAT_CODE },  { 'Y', VIEW_HTTP_STAT_MSG },
    { 'V', VIEW_HTTP_USER_AGENT }, { 'W', VIEW_HTTP_HOST },
    { 'Z', VIEW_HTTP_HOST_RAW },
};

static void keep(struct signature *set, pcre2_code *code)
{
    if (set->regex_count == set->regex_capacity) {
        set->regex_capacity = set->regex_capacity * 2 + 64;
        set->regexes = memory_resize(set->regexes, set->regex_capacity,
                                     sizeof *set->regexes);
    }
    set->regexes[set->regex_count++] = code;
}

struct pcre2_real_code_8 *pcre_compile(struct draft *d, struct bytes pattern,
                                       uint32_t options, bool captures)
{
    char message[PCRE_ERROR_SIZE] = "";
    int error;
    PCRE2_SIZE at;

    if (pattern.size > PCRE_SIZE_MAX) {
        (void)draft_refuse(d, NULL, "a pattern of more than %d bytes",
                           PCRE_SIZE_MAX);
        return NULL;
    }
    if (bytes_find(pattern, bytes_of_text("\\C")) < pattern.size)
        options |= PCRE2_NEVER_UTF;
    /* Brackets that nothing refers to need not be remembered; a pattern that
     * does refer to one says so by not compiling. */
    pcre2_code *code =
        captures ? NULL
                 : pcre2_compile(pattern.data, pattern.size,
                                 options | PCRE2_NO_AUTO_CAPTURE, &error, &at,
                                 d->set->regex_context);
    if (!code)
        code = pcre2_compile(pattern.data, pattern.size, options, &error, &at,
                             d->set->regex_context);
    if (!code) {
        (void)pcre2_get_error_message(error, (PCRE2_UCHAR *)message,
                                      sizeof message); /* May be cut. */
        (void)draft_refuse(d, NULL, "does not compile: %s at %zu", message,
                           (size_t)at);
        return NULL;
    }
    /* Where the processor or the system has none, it is interpreted. */
    (void)pcre2_jit_compile(code, PCRE2_JIT_COMPLETE);
    keep(d->set, code);
    return code;
}

struct pcre_parts {
    struct bytes pattern;
    struct bytes flags;
    struct bytes captures; /* "flow:name, pkt:other" */
};

/* "/pattern/flags" or "m!pattern!flags"; then names for what it captures. */
static bool split(struct bytes value, struct pcre_parts *parts)
{
    uint8_t mark = part_byte(value, 0);

    if (mark == 'm') {
        value = bytes_slice(value, 1, value.size);
        mark = part_byte(value, 0);
    } else if (mark != '/') {
        return false;
    }
    size_t last = value.size;
    while (last > 1 && part_byte(value, last - 1) != mark)
        last--;
    if (last < 2)
        return false;
    parts->pattern = bytes_slice(value, 1, last - 2);
    parts->captures = bytes_slice(value, last, value.size);
    return part_next(&parts->captures, ',', &parts->flags) ||
           parts->captures.size == 0;
}

static bool read_flag(struct draft *d, char letter, uint32_t *options,
                      int *view)
{
    for (size_t i = 0; i < COUNT_OF(flags); i++) {
        if (flags[i].letter != letter)
            continue;
        *options |= flags[i].option;
        return true;
    }
    for (size_t i = 0; i < COUNT_OF(buffers); i++) {
        if (buffers[i].letter != letter)
            continue;
        if (*view != DRAFT_NONE)
            return draft_refuse(d, NULL, "two flags name a buffer");
        *view = (int)buffers[i].view;
        return true;
    }
    return draft_refuse(d, NULL, "%c is no flag", letter);
}

/* The body of an HTTP response is a file too. */
static bool is_same_view(enum view_id a, enum view_id b)
{
    return a == b || (a == VIEW_HTTP_RESPONSE_BODY && b == VIEW_FILE_DATA);
}

/* A letter that names a buffer moves the test there. */
static bool move_to_view(struct draft *d, enum view_id view)
{
    struct draft_test *test = &d->tests[d->last_test];

    if (d->is_sticky &&
        !is_same_view(d->inspections[test->inspection].view, view))
        return draft_refuse(d, "leave the flag out",
                            "a flag names another buffer than the sticky one");
    if (d->is_sticky)
        return true;
    if (!draft_set_application(d, view == VIEW_FILE_DATA ? "http"
                                  : view_info_get(view)->protocol))
        return false;
    int inspection = draft_inspection(d, view);
    if (inspection == DRAFT_NONE)
        return false;
    test->inspection = (uint16_t)inspection;
    return true;
}

/* Names for what brackets capture: kept for other rules or for the alert. */
static bool read_captures(struct draft *d, struct bytes captures,
                          struct pcre_test *test)
{
    struct bytes part;

    while (part_next(&captures, ',', &part)) {
        bool good = part_skip(&part, "flow:") || part_skip(&part, "pkt:") ||
                    part_skip(&part, "alert:");
        if (!good || test->variable_count == UINT8_MAX)
            return draft_refuse(d, "pcre:\"/(a+)/, flow:NAME\"",
                                "%s does not say where a capture goes",
                                draft_quote(d, part));
        test->variable_count++;
    }
    if (test->variable_count > 0)
        draft_warn(d, NULL, "what brackets capture is not kept for others");
    return true;
}

bool keyword_pcre(struct draft *d, const struct keyword *keyword,
                  struct bytes value)
{
    struct pcre_parts parts = { 0 };
    uint32_t options = 0, captures = 0;
    int view = DRAFT_NONE;
    bool relative = false;

    (void)keyword;
    if (!split(value, &parts))
        return draft_refuse(d, "pcre:\"/pattern/flags\"",
                            "the pattern has no delimiters");
    for (size_t i = 0; i < parts.flags.size; i++) {
        char letter = (char)part_byte(parts.flags, i);
        if (letter == 'R')
            relative = true;
        else if (!read_flag(d, letter, &options, &view))
            return false;
    }
    struct rule_test *test = draft_add_test(d, TEST_PCRE, relative);
    if (!test)
        return false;
    test->negated = d->negated;
    test->pcre.text = signature_intern(d->set, value);
    test->pcre.code = pcre_compile(d, parts.pattern, options, false);
    if (!test->pcre.code || !read_captures(d, parts.captures, &test->pcre))
        return false;
    (void)pcre2_pattern_info(test->pcre.code, PCRE2_INFO_CAPTURECOUNT,
                             &captures); /* Always works. */
    test->pcre.capture_count = captures;
    return view == DRAFT_NONE || move_to_view(d, (enum view_id)view);
}
