/* SPDX-License-Identifier: Apache-2.0 */
/* One rule: its header, then its options in the order they stand. */
#include "detect/signature/draft.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "detect/signature/header.h"
#include "detect/signature/part.h"

enum {
    REASON_SIZE_MAX = 384,
    QUOTE_SIZE_MAX = 60,
};

static void remark_of(struct draft *d, struct signature_remark *remark,
                      const char *reason, const char *suggestion)
{
    *remark = (struct signature_remark){
        .file = d->file,
        .line = d->line,
        .sid = d->rule.sid,
        .keyword = d->keyword,
        .reason = reason,
        .suggestion = suggestion,
    };
}

bool draft_refuse(struct draft *d, const char *suggestion, const char *format,
                  ...)
{
    struct signature_remark remark;
    char text[REASON_SIZE_MAX];
    va_list arguments;

    va_start(arguments, format);
    (void)vsnprintf(text, sizeof text, format, arguments); /* May be cut. */
    va_end(arguments);
    remark_of(d, &remark, text, suggestion);
    signature_refuse(d->set, &remark);
    return false;
}

void draft_warn(struct draft *d, const char *suggestion, const char *format,
                ...)
{
    struct signature_remark remark;
    char text[REASON_SIZE_MAX];
    va_list arguments;

    va_start(arguments, format);
    (void)vsnprintf(text, sizeof text, format, arguments); /* May be cut. */
    va_end(arguments);
    remark_of(d, &remark, text, suggestion);
    signature_warn(d->set, &remark);
}

const char *draft_quote(struct draft *d, struct bytes text)
{
    struct writer w;

    writer_init(&w, 4 * QUOTE_SIZE_MAX + 16);
    writer_byte(&w, '"');
    text_escape(&w, bytes_slice(text, 0, QUOTE_SIZE_MAX));
    if (text.size > QUOTE_SIZE_MAX)
        writer_text(&w, "...");
    writer_byte(&w, '"');
    const char *quoted = arena_copy_text(&d->set->scratch, writer_view(&w));
    writer_clear(&w);
    return quoted;
}

bool draft_next_option(struct bytes *rest, struct bytes *option)
{
    size_t from = 0, at;

    for (;;) {
        at = from + bytes_find_byte(bytes_slice(*rest, from, rest->size),
                                    ';');
        if (at >= rest->size)
            return false;
        if (at == 0 || part_byte(*rest, at - 1) != '\\')
            break;
        from = at + 1;
    }
    *option = bytes_trim(bytes_slice(*rest, 0, at));
    *rest = bytes_trim(bytes_slice(*rest, at + 1, rest->size));
    return true;
}

/* Take the quotes off, when there are any. */
static bool unquote(struct draft *d, struct bytes *value)
{
    if (part_byte(*value, 0) != '"')
        return true;
    if (value->size < 2 || part_byte(*value, value->size - 1) != '"')
        return draft_refuse(d, "a ; inside quotes is written \\;",
                            "the closing quote is missing");
    *value = bytes_slice(*value, 1, value->size - 2);
    return true;
}

static bool read_value(struct draft *d, const struct keyword *keyword,
                       struct bytes value)
{
    d->negated = false;
    if (value.size == 0 && keyword->flags & KEYWORD_VALUE)
        return draft_refuse(d, NULL, "a value is missing");
    if (value.size > 0 && !(keyword->flags & (KEYWORD_VALUE |
                                              KEYWORD_OPTIONAL)))
        return draft_refuse(d, NULL, "takes no value, but has %s",
                            draft_quote(d, value));
    if (keyword->flags & KEYWORD_NEGATABLE)
        d->negated = part_skip(&value, "!");
    if (keyword->flags & KEYWORD_QUOTED && !unquote(d, &value))
        return false;
    if (keyword->flags & KEYWORD_PACKET)
        d->only_packets = true;
    return keyword->read(d, keyword, value);
}

static bool read_option(struct draft *d, struct bytes option)
{
    size_t colon = bytes_find_byte(option, ':');
    struct bytes name = bytes_trim(bytes_slice(option, 0, colon));
    struct bytes value = bytes_trim(bytes_slice(option, colon + 1,
                                                option.size));
    const struct keyword *keyword = keyword_find(d->set, name);

    if (!keyword) {
        d->keyword = arena_copy_text(&d->set->scratch, name);
        return draft_refuse(d, keyword_nearest(d->set, name),
                            "%s is no keyword", draft_quote(d, name));
    }
    d->keyword = keyword->name;
    return read_value(d, keyword, value);
}

static bool read_options(struct draft *d)
{
    struct bytes rest = bytes_trim(d->options), option;
    unsigned count = 0;

    while (rest.size > 0) {
        d->keyword = NULL;
        if (!draft_next_option(&rest, &option))
            return draft_refuse(d, "each option ends with ;",
                                "no ; after %s", draft_quote(d, rest));
        if (++count > RULE_OPTION_MAX)
            return draft_refuse(d, NULL, "more than %d options",
                                RULE_OPTION_MAX);
        if (option.size > 0 && !read_option(d, option))
            return false;
    }
    d->keyword = NULL;
    return true;
}

/* The sid wherever it stands, so that every remark can name the rule. */
static void find_sid(struct draft *d)
{
    struct bytes rest = d->options, option;
    uint64_t sid;

    while (draft_next_option(&rest, &option)) {
        if (!part_skip(&option, "sid") || !part_skip(&option, ":"))
            continue;
        if (part_number(option, UINT32_MAX, &sid))
            d->rule.sid = (uint32_t)sid;
        return;
    }
}

/* Where the options begin and end: the brackets around them. */
static bool split_rule(struct draft *d, struct bytes text)
{
    size_t open = bytes_find_byte(text, '(');

    if (open == text.size)
        return draft_refuse(d, "ACTION PROTOCOL ADDRESS PORT -> ADDRESS PORT "
                               "(OPTIONS)", "no rule: there is no (");
    if (part_byte(text, text.size - 1) != ')')
        return draft_refuse(d, "end the options with )",
                            "the closing ) is missing");
    d->header = bytes_trim(bytes_slice(text, 0, open));
    d->options = bytes_slice(text, open + 1, text.size - open - 2);
    return true;
}

/* The lists are filled from their front; only the rest begins at zero. */
static void begin(struct draft *d, struct signature *set)
{
    memset(d, 0, offsetof(struct draft, inspections));
    d->set = set;
    d->current = DRAFT_NONE;
    d->last_test = DRAFT_NONE;
    d->last_content = DRAFT_NONE;
    d->rule.gid = 1;
}

void draft_read_rule(struct signature *set, const char *file, unsigned line,
                     struct bytes text)
{
    struct draft *d = set->draft;

    begin(d, set);
    d->file = file;
    d->line = line;
    if (!split_rule(d, text))
        return;
    find_sid(d);
    if (set->rule_count >= SIGNATURE_RULE_MAX) {
        (void)draft_refuse(d, NULL, "more than %d rules", SIGNATURE_RULE_MAX);
        return;
    }
    if (!header_read(d, d->header) || !read_options(d))
        return;
    (void)draft_finish(d); /* What is wrong was said. */
}

int draft_find_variable(const struct draft *d, struct bytes name)
{
    for (int i = 0; i < d->rule.variable_count; i++)
        if (bytes_equal(d->variables[i], name))
            return i;
    return DRAFT_NONE;
}

int draft_add_variable(struct draft *d, struct bytes name)
{
    int known = draft_find_variable(d, name);

    if (known != DRAFT_NONE)
        return known;
    if (d->rule.variable_count == RULE_VARIABLE_MAX) {
        (void)draft_refuse(d, NULL, "more than %d variables",
                           RULE_VARIABLE_MAX);
        return DRAFT_NONE;
    }
    d->variables[d->rule.variable_count] = name;
    return d->rule.variable_count++;
}

struct rule_condition *draft_add_condition(struct draft *d,
                                           enum rule_condition_kind kind)
{
    if (d->rule.condition_count == RULE_CONDITION_MAX) {
        (void)draft_refuse(d, NULL, "more than %d conditions",
                           RULE_CONDITION_MAX);
        return NULL;
    }
    struct rule_condition *condition =
        &d->conditions[d->rule.condition_count++];
    *condition = (struct rule_condition){ .kind = (uint8_t)kind,
                                          .negated = d->negated };
    return condition;
}

struct rule_effect *draft_add_effect(struct draft *d,
                                     enum rule_effect_kind kind)
{
    if (d->rule.effect_count == RULE_EFFECT_MAX) {
        (void)draft_refuse(d, NULL, "more than %d effects", RULE_EFFECT_MAX);
        return NULL;
    }
    struct rule_effect *effect = &d->effects[d->rule.effect_count++];
    *effect = (struct rule_effect){ .kind = (uint8_t)kind };
    return effect;
}
