/* SPDX-License-Identifier: Apache-2.0 */
/* One event against the tests of its type. */
#include <string.h>

#include "detect/behaviour/internal.h"

/* Stands for a common field that nobody has asked for yet. */
static const struct event_value not_asked;

void matcher_prepare(struct type_index *index)
{
    for (size_t slot = 0; slot < index->slot_count; slot++)
        index->initial[slot] = index->is_common[slot] ? &not_asked : NULL;
}

/* Where each field that rules look at stands among the event's values. */
void matcher_begin(struct matcher *matcher, const struct type_index *index,
                   const struct event *event)
{
    matcher->event = event;
    matcher->index = index;
    memcpy(matcher->first, index->initial,
           index->slot_count * sizeof *matcher->first);
    for (uint16_t i = 0; i < event->count; i++) {
        uint16_t slot = index->slot_of[event->values[i].field];
        if (slot == 0)
            continue;
        if (!matcher->first[slot])
            matcher->first[slot] = &event->values[i];
        matcher->last[slot] = &event->values[i];
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

/* Asked for once an event. Common fields are the first of the field table. */
static const struct event_value *find_common(struct matcher *matcher,
                                             uint16_t slot)
{
    enum event_field field = (enum event_field)matcher->index->fields[slot];
    struct event_value *value = NULL;

    if ((size_t)field < COMMON_FIELD_MAX &&
        common_value(matcher->event, field, matcher->protocol,
                     &matcher->common[field]))
        value = &matcher->common[field];
    matcher->first[slot] = value;
    matcher->last[slot] = value;
    return value;
}

static inline const struct event_value *first_of(struct matcher *matcher,
                                                 uint16_t slot)
{
    const struct event_value *value = matcher->first[slot];

    return UNLIKELY(value == &not_asked) ? find_common(matcher, slot) : value;
}

const struct event_value *first_value(struct matcher *matcher, uint16_t slot)
{
    return first_of(matcher, slot);
}

const struct event_value *next_value(const struct matcher *matcher,
                                     uint16_t slot,
                                     const struct event_value *value)
{
    uint16_t field = matcher->index->fields[slot];

    while (value != matcher->last[slot])
        if ((++value)->field == field)
            return value;
    return NULL;
}

static inline bool number_holds(enum comparison compare, uint64_t a,
                                uint64_t b)
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

bool compare_numbers(enum comparison compare, uint64_t a, uint64_t b)
{
    return number_holds(compare, a, b);
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

static bool is_text(enum event_kind kind)
{
    return kind == EVENT_KIND_TEXT || kind == EVENT_KIND_PAIR ||
           kind == EVENT_KIND_SECRET;
}

/* Most text is of another length than what is sought. */
static bool text_matches(const struct pattern *pattern, struct bytes text)
{
    if (pattern->kind == PATTERN_EXACT && text.size != pattern->literal.size)
        return false;
    return pattern_match(pattern, text);
}

static inline bool holds_for(struct matcher *matcher, const struct test *test,
                             const struct event_value *value)
{
    enum event_kind kind = (enum event_kind)test->kind;

    switch ((enum test_op)test->op) {
    case TEST_EXISTS:
        return true;
    case TEST_NUMBER:
        return number_holds((enum comparison)test->compare, value->number,
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
        return is_text(kind) ? text_matches(test->pattern, value->text)
                             : rendered_matches(test, value);
    case TEST_REGEX:
        return regex_matches(matcher, test, value);
    case TEST_TIME:
    case TEST_REFERENCE:
    case TEST_KEYWORD:
    case TEST_KEYWORD_REGEX:
        break;
    }
    return false;
}

bool value_matches(struct matcher *matcher, const struct test *test,
                   const struct event_value *value)
{
    return holds_for(matcher, test, value);
}

static inline bool test_holds(struct matcher *matcher, const struct test *test)
{
    if (UNLIKELY(test->op >= TEST_SPECIAL))
        return special_holds(matcher, test);
    const struct event_value *value = first_of(matcher, test->field);
    while (value) {
        if (holds_for(matcher, test, value))
            return true;
        if (LIKELY(value == matcher->last[test->field]))
            return false;
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
