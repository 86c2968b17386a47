/* SPDX-License-Identifier: Apache-2.0 */
/* Keywords that ask for a number of a view, by figure or by name, and those
 * that look for a text in one view. */
#include "detect/signature/draft.h"
#include "detect/signature/operand.h"
#include "detect/signature/part.h"

struct number_name {
    enum view_id view;
    const char *name;
    uint64_t number;
};

/* RFC 1035 and its kin, RFC 3416, the MQTT standards, RFC 5246. */
static const struct number_name names[] = {
#define NUMBER(view, name, number) { VIEW_##view, name, number },
#include "detect/signature/numbers.def"
#undef NUMBER
};

static bool find_name(enum view_id view, struct bytes name,
                      struct number_range *range)
{
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        if (names[i].view != view || !part_is_nocase(name, names[i].name))
            continue;
        *range = (struct number_range){ names[i].number, names[i].number };
        return true;
    }
    return false;
}

static bool add_number(struct draft *d, enum view_id view,
                       struct number_range range, bool negated)
{
    struct rule_test *test = draft_add_view_test(d, view, TEST_NUMBER);

    if (!test)
        return false;
    test->number = range;
    test->negated = negated;
    return true;
}

/* A name may follow '!'. */
static bool read_number(enum view_id view, struct bytes value,
                        struct number_range *range, bool *negated)
{
    struct bytes name = value;

    if (part_range(value, UINT64_MAX, range, negated))
        return true;
    *negated = part_skip(&name, "!");
    return find_name(view, name, range);
}

bool keyword_number(struct draft *d, const struct keyword *keyword,
                    struct bytes value)
{
    enum view_id view = (enum view_id)keyword->number;
    struct number_range range;
    bool negated;

    if (!read_number(view, value, &range, &negated))
        return draft_refuse(d, "N, !N, <N, >N or N<>M",
                            "%s is no number or name it may have",
                            draft_quote(d, value));
    return add_number(d, view, range, negated);
}

bool keyword_mqtt_type(struct draft *d, const struct keyword *keyword,
                       struct bytes value)
{
    struct keyword of_view = *keyword;

    of_view.number = VIEW_MQTT_TYPE;
    return keyword_number(d, &of_view, value);
}

/* "1.2", "!1.0", "0x0304"; of ssl_version also lists, "tls1.2,tls1.3",
 * which hold when one of them does. */
bool keyword_tls_version(struct draft *d, const struct keyword *keyword,
                         struct bytes value)
{
    struct number_range range, one;
    bool negated = false, before;
    struct bytes part;
    unsigned count = 0;

    (void)keyword;
    while (part_next(&value, ',', &part)) {
        if (!read_number(VIEW_TLS_VERSION, part, &one, &before))
            return draft_refuse(d, "1.0, 1.1, 1.2 or 1.3",
                                "%s is no version", draft_quote(d, part));
        if (count++ > 0 && (before != negated || one.low > range.high + 1 ||
                            one.high + 1 < range.low))
            return draft_refuse(d, "a rule for each version",
                                "only versions that follow each other can "
                                "stand in one list");
        if (count == 1) {
            range = one;
        } else {
            range.low = one.low < range.low ? one.low : range.low;
            range.high = one.high > range.high ? one.high : range.high;
        }
        negated = before;
    }
    return count > 0 && add_number(d, VIEW_TLS_VERSION, range, negated);
}

/* Bits by name: "username,!clean_session" is a mask and what it must be. */
struct flag_name {
    unsigned keyword;
    const char *name;
    uint8_t bit;
};

static const struct flag_name flag_names[] = {
    { 0, "dup", 0x08 },           { 0, "retain", 0x01 },
    { 1, "username", 0x80 },      { 1, "password", 0x40 },
    { 1, "will_retain", 0x20 },   { 1, "will", 0x04 },
    { 1, "clean_session", 0x02 },
};

static bool read_flag(unsigned keyword, struct bytes part,
                      struct flags_value *flags)
{
    bool negated = part_skip(&part, "!");

    for (size_t i = 0; i < COUNT_OF(flag_names); i++) {
        if (flag_names[i].keyword != keyword ||
            !part_is_nocase(part, flag_names[i].name))
            continue;
        flags->mask |= flag_names[i].bit;
        flags->value |= negated ? 0 : flag_names[i].bit;
        return true;
    }
    return false;
}

bool keyword_mqtt_flags(struct draft *d, const struct keyword *keyword,
                        struct bytes value)
{
    enum view_id view = keyword->number ? VIEW_MQTT_CONNECT_FLAGS
                                        : VIEW_MQTT_FLAGS;
    struct flags_value flags = { 0 };
    struct number_range range;
    struct bytes part;
    bool negated;

    if (part_range(value, UINT8_MAX, &range, &negated))
        return add_number(d, view, range, negated);
    while (part_next(&value, ',', &part))
        if (!read_flag(keyword->number, part, &flags))
            return draft_refuse(d, keyword->number
                                       ? "username, password, will, "
                                         "will_retain or clean_session"
                                       : "dup or retain",
                                "%s is no flag", draft_quote(d, part));
    struct rule_test *test = draft_add_view_test(d, view, TEST_FLAGS);
    if (!test)
        return false;
    test->flags = flags;
    return true;
}

/* Days since 1970-01-01 in the Gregorian calendar, after 1600. */
static uint64_t days_before(uint64_t year, uint64_t month, uint64_t day)
{
    static const uint16_t before[] = { 0, 31, 59, 90, 120, 151, 181, 212,
                                       243, 273, 304, 334 };
    uint64_t past = year - 1;
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

    return past * 365 + past / 4 - past / 100 + past / 400 - 719162 +
           before[month - 1] + (leap && month > 2) + day - 1;
}

/* "2022-10-31", "2022-10-31 08:30:00", "2022-10-31T08": seconds of Unix
 * time, what is left out being 0. */
static bool read_date(struct bytes text, uint64_t *seconds)
{
    static const struct {
        size_t at;
        size_t size;
        uint64_t low;
        uint64_t high;
    } places[] = {
        { 0, 4, 1970, 9999 }, { 5, 2, 1, 12 }, { 8, 2, 1, 31 },
        { 11, 2, 0, 23 },     { 14, 2, 0, 59 }, { 17, 2, 0, 60 },
    };
    uint64_t numbers[6] = { 0, 1, 1, 0, 0, 0 };

    if (text.size < 4 || text.size > 19)
        return false;
    for (size_t i = 0; i < COUNT_OF(places); i++) {
        if (text.size <= places[i].at)
            break;
        if (!bytes_to_number(bytes_slice(text, places[i].at, places[i].size),
                             places[i].high, &numbers[i]) ||
            numbers[i] < places[i].low)
            return false;
    }
    *seconds = days_before(numbers[0], numbers[1], numbers[2]) * 86400 +
               numbers[3] * 3600 + numbers[4] * 60 + numbers[5];
    return true;
}

static bool read_dates(struct bytes value, struct number_range *range)
{
    size_t at = bytes_find(value, bytes_of_text("<>"));
    uint64_t low = 0, high = UINT64_MAX;

    if (at < value.size) {
        if (!read_date(bytes_trim(bytes_slice(value, 0, at)), &low) ||
            !read_date(bytes_trim(bytes_slice(value, at + 2, value.size)),
                       &high))
            return false;
    } else if (part_skip(&value, "<")) {
        if (!read_date(value, &high) || high == 0)
            return false;
        high--;
    } else if (part_skip(&value, ">")) {
        if (!read_date(value, &low))
            return false;
        low++;
    } else if (read_date(value, &low)) {
        high = value.size <= 10 ? low + 86399 : low;
    } else {
        return false;
    }
    *range = (struct number_range){ low, high };
    return low <= high;
}

bool keyword_certificate_date(struct draft *d, const struct keyword *keyword,
                              struct bytes value)
{
    struct number_range range;

    if (!read_dates(value, &range))
        return draft_refuse(d, "2025-10-31, <2025-10-31, >2025-10-31 or "
                               "2025-10-31<>2025-11-30",
                            "%s is no date", draft_quote(d, value));
    return add_number(d, (enum view_id)keyword->number, range, false);
}

/* tls.subject:"CN=..." and its like: one content in one view. */
bool keyword_tls_text(struct draft *d, const struct keyword *keyword,
                      struct bytes value)
{
    struct bytes data;

    if (!content_read_bytes(d, value, &data))
        return false;
    struct rule_test *test = draft_add_view_test(
        d, (enum view_id)keyword->number, TEST_CONTENT);
    if (!test)
        return false;
    test->negated = d->negated;
    test->content.data = data;
    /* Hexadecimal digits: of one value in either case. */
    test->content.is_nocase = keyword->number == VIEW_TLS_CERT_FINGERPRINT;
    return true;
}
