/* SPDX-License-Identifier: Apache-2.0 */
/* One event against the tests of its type. */
#include <string.h>

#include "detect/behaviour/internal.h"

enum { COMMON_UNKNOWN, COMMON_ABSENT, COMMON_PRESENT };

/* Where each field that rules look at stands among the event's values. */
void matcher_begin(struct matcher *matcher, const struct type_index *index,
                   const struct event *event)
{
    matcher->event = event;
    matcher->index = index;
    memset(matcher->first, 0, index->slot_count * sizeof *matcher->first);
    memset(matcher->common_state, COMMON_UNKNOWN,
           sizeof matcher->common_state);
    for (uint16_t i = 0; i < event->count; i++) {
        uint16_t slot = index->slot_of[event->values[i].field];
        if (slot == 0)
            continue;
        if (matcher->first[slot] == 0)
            matcher->first[slot] = (uint16_t)(i + 1);
        matcher->last[slot] = (uint16_t)(i + 1);
    }
}

/* As event_common(), but the protocol's name is not copied into an arena. */
bool common_value(const struct event *event, enum event_field field,
                  char protocol[16], struct event_value *value)
{
    if (field != FIELD_PROTO)
        return event_common(event, field, value);
    if (!event->context.has_ip)
        return false;
    value->text = bytes_of_text(
        event_protocol_text(event->context.protocol, protocol));
    return true;
}

/* Common fields are the first of the field table. */
static const struct event_value *find_common(struct matcher *matcher,
                                             enum event_field field)
{
    if ((size_t)field >= COMMON_FIELD_MAX)
        return NULL;
    if (matcher->common_state[field] == COMMON_UNKNOWN)
        matcher->common_state[field] =
            common_value(matcher->event, field, matcher->protocol,
                         &matcher->common[field])
                ? COMMON_PRESENT
                : COMMON_ABSENT;
    return matcher->common_state[field] == COMMON_PRESENT
               ? &matcher->common[field]
               : NULL;
}

static const struct event_value *first_value(struct matcher *matcher,
                                             uint16_t slot)
{
    uint16_t at = matcher->first[slot];

    if (at > 0)
        return &matcher->event->values[at - 1];
    enum event_field field = (enum event_field)matcher->index->fields[slot];
    if (event_field_info(field)->event == (uint8_t)EVENT_COMMON)
        return find_common(matcher, field);
    return NULL;
}

/* The next value of the same field, or null. */
static const struct event_value *next_value(const struct matcher *matcher,
                                            uint16_t slot,
                                            const struct event_value *value)
{
    uint16_t field = matcher->index->fields[slot];

    if (matcher->first[slot] == 0)
        return NULL;
    const struct event_value *last =
        &matcher->event->values[matcher->last[slot] - 1];
    while (value < last)
        if ((++value)->field == field)
            return value;
    return NULL;
}

static bool compare_numbers(enum comparison compare, uint64_t a, uint64_t b)
{
    switch (compare) {
    case COMPARE_EQUAL:
        return a == b;
    case COMPARE_LESS:
        return a < b;
    case COMPARE_LESS_EQUAL:
        return a <= b;
    case COMPARE_MORE:
        return a > b;
    case COMPARE_MORE_EQUAL:
        return a >= b;
    }
    return false;
}

static bool compare_reals(enum comparison compare, double a, double b)
{
    switch (compare) {
    case COMPARE_EQUAL:
        return !(a < b) && !(a > b) && a - b <= 0;
    case COMPARE_LESS:
        return a < b;
    case COMPARE_LESS_EQUAL:
        return a <= b;
    case COMPARE_MORE:
        return a > b;
    case COMPARE_MORE_EQUAL:
        return a >= b;
    }
    return false;
}

/* A match that takes too many steps is none, and is counted. */
static bool regex_matches(struct matcher *matcher, const pcre2_code *regex,
                          struct bytes text)
{
    static const uint8_t empty[1];
    int result =
        pcre2_match(regex, text.size > 0 ? text.data : empty, text.size, 0, 0,
                    matcher->match_data, matcher->match_context);

    if (result < 0 && result != PCRE2_ERROR_NOMATCH)
        matcher->regex_stopped++;
    return result >= 0;
}

bool value_matches(struct matcher *matcher, const struct test *test,
                   const struct event_value *value)
{
    enum event_kind kind = (enum event_kind)test->kind;
    char text[64];

    switch ((enum test_op)test->op) {
    case TEST_EXISTS:
        return true;
    case TEST_NUMBER:
        return compare_numbers((enum comparison)test->compare, value->number,
                               test->number);
    case TEST_REAL:
        return compare_reals((enum comparison)test->compare,
                             kind == EVENT_KIND_REAL ? value->real
                                                     : (double)value->number,
                             test->real);
    case TEST_NETWORK:
        return test->network.length == 128
                   ? ip_equal(test->network.address, value->ip)
                   : ip_prefix_contains(&test->network, value->ip);
    case TEST_MAC:
        return mac_equal(test->mac, value->mac);
    case TEST_TEXT:
        return pattern_match(test->pattern, value_render(value, kind, text));
    case TEST_REGEX:
        return regex_matches(matcher, test->regex,
                             value_render(value, kind, text));
    case TEST_TIME:
    case TEST_REFERENCE:
    case TEST_KEYWORD:
    case TEST_KEYWORD_REGEX:
        break;
    }
    return false;
}

/* Does any value of one field stand to any of the other as the test says? */
static bool reference_holds(struct matcher *matcher, const struct test *test)
{
    enum event_kind other_kind = (enum event_kind)event_field_info(
        (enum event_field)matcher->index->fields[test->other])->kind;
    struct pattern pattern = { .kind = (enum pattern_kind)test->detail,
                               .cased = test->cased };
    char text[64];
    char other_text[64];

    for (const struct event_value *o = first_value(matcher, test->other); o;
         o = next_value(matcher, test->other, o)) {
        pattern.literal = value_render(o, other_kind, other_text);
        for (const struct event_value *v = first_value(matcher, test->field);
             v; v = next_value(matcher, test->field, v))
            if (pattern_match(&pattern,
                              value_render(v, (enum event_kind)test->kind,
                                           text)))
                return true;
    }
    return false;
}

static bool keyword_holds(struct matcher *matcher, const struct test *test)
{
    const struct event *event = matcher->event;

    for (uint16_t i = 0; i < event->count; i++) {
        const struct event_value *value = &event->values[i];
        if (event_field_info((enum event_field)value->field)->kind !=
            EVENT_KIND_TEXT)
            continue;
        bool holds = test->op == TEST_KEYWORD
                         ? pattern_match(test->pattern, value->text)
                         : regex_matches(matcher, test->regex, value->text);
        if (holds)
            return true;
    }
    return false;
}

struct date {
    int64_t year;
    unsigned month;
    unsigned day;
};

/* Days since 1970-01-01 as a date of the Gregorian calendar, by counting years
 * from March so that the leap day comes last. */
static struct date date_of(int64_t days)
{
    int64_t shifted = days + 719468;
    int64_t era = (shifted >= 0 ? shifted : shifted - 146096) / 146097;
    unsigned of_era = (unsigned)(shifted - era * 146097);
    unsigned year =
        (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
    unsigned of_year = of_era - (365 * year + year / 4 - year / 100);
    unsigned march_month = (5 * of_year + 2) / 153;
    unsigned day = of_year - (153 * march_month + 2) / 5 + 1;
    unsigned month = march_month < 10 ? march_month + 3 : march_month - 9;

    return (struct date){ (int64_t)year + era * 400 + (month <= 2), month,
                          day };
}

static int64_t floor_divide(int64_t a, int64_t b)
{
    return a / b - (a % b < 0);
}

/* ISO 8601: week 1 has the year's first Thursday; day 0 was a Thursday. */
static unsigned week_of(int64_t days)
{
    int64_t weekday = days + 3 - floor_divide(days + 3, 7) * 7;
    int64_t thursday = days - weekday + 3;
    struct date date = date_of(thursday);
    int64_t january = thursday;

    while (date.month != 1 || date.day != 1) {
        january -= date.day > 1 ? date.day - 1 : 1;
        date = date_of(january);
    }
    return (unsigned)((thursday - january) / 7 + 1);
}

/* All times are UTC. */
static uint64_t time_part_of(int64_t time_ns, enum time_part part)
{
    int64_t seconds = floor_divide(time_ns, 1000000000);
    int64_t days = floor_divide(seconds, 86400);
    int64_t of_day = seconds - days * 86400;
    struct date date = date_of(days);

    switch (part) {
    case TIME_MINUTE:
        return (uint64_t)(of_day / 60 % 60);
    case TIME_HOUR:
        return (uint64_t)(of_day / 3600);
    case TIME_DAY:
        return date.day;
    case TIME_WEEK:
        return week_of(days);
    case TIME_MONTH:
        return date.month;
    case TIME_YEAR:
        return date.year > 0 ? (uint64_t)date.year : 0;
    }
    return 0;
}

/* Tests that are not of one field's values. */
static bool special_holds(struct matcher *matcher, const struct test *test)
{
    if (test->op == TEST_REFERENCE)
        return reference_holds(matcher, test);
    if (test->op == TEST_TIME)
        return compare_numbers(
            (enum comparison)test->compare,
            time_part_of(matcher->event->context.time_ns,
                         (enum time_part)test->detail),
            test->number);
    return keyword_holds(matcher, test);
}

static bool is_special(const struct test *test)
{
    return test->op == TEST_REFERENCE || test->op == TEST_TIME ||
           test->op == TEST_KEYWORD || test->op == TEST_KEYWORD_REGEX;
}

static bool test_holds(struct matcher *matcher, const struct test *test)
{
    if (UNLIKELY(is_special(test)))
        return special_holds(matcher, test);
    const struct event_value *value = first_value(matcher, test->field);
    while (value) {
        if (value_matches(matcher, test, value))
            return true;
        value = next_value(matcher, test->field, value);
    }
    return false;
}

bool matcher_run(struct matcher *matcher, const struct test *tests)
{
    uint16_t at = 0;

    while (at < RULE_REJECT)
        at = test_holds(matcher, &tests[at]) ? tests[at].on_true
                                             : tests[at].on_false;
    return at == RULE_ACCEPT;
}
