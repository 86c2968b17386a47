/* SPDX-License-Identifier: Apache-2.0 */
/* The rarer tests: expressions, other forms, two fields, all text, time. */
#include "detect/behaviour/internal.h"

/* A match that takes too many steps is none, and is counted. */
static bool regex_runs(struct matcher *matcher, const pcre2_code *regex,
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

bool regex_matches(struct matcher *matcher, const struct test *test,
                   const struct event_value *value)
{
    char text[64];

    return regex_runs(matcher, test->regex,
                      value_render(value, (enum event_kind)test->kind, text));
}

bool rendered_matches(const struct test *test, const struct event_value *value)
{
    char text[64];

    return pattern_match(
        test->pattern,
        value_render(value, (enum event_kind)test->kind, text));
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
                         : regex_runs(matcher, test->regex, value->text);
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
bool special_holds(struct matcher *matcher, const struct test *test)
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
