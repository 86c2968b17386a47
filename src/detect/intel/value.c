/* SPDX-License-Identifier: Apache-2.0 */
#include "detect/intel/value.h"

#include "base/reader.h"
#include "base/text.h"

/* Days from 1970-01-01 of a date of the Gregorian calendar: years are counted
 * from March, so that the leap day comes last. */
static int64_t days_of(int64_t year, unsigned month, unsigned day)
{
    int64_t from_march = year - (month <= 2);
    int64_t era = from_march / 400;
    int64_t of_era = from_march - era * 400;
    int64_t of_year = (153 * (int64_t)(month > 2 ? month - 3 : month + 9) + 2) /
                          5 + day - 1;
    int64_t of_era_days =
        of_era * 365 + of_era / 4 - of_era / 100 + of_year;

    return era * 146097 + of_era_days - 719468;
}

/* Exactly `count` digits. */
static unsigned digits(struct reader *r, int count)
{
    unsigned number = 0;

    for (int i = 0; i < count; i++) {
        uint8_t c = reader_u8(r);
        if (c < '0' || c > '9')
            reader_fail(r);
        number = number * 10 + (unsigned)(c - '0');
    }
    return number;
}

static void expect(struct reader *r, uint8_t byte)
{
    if (reader_u8(r) != byte)
        reader_fail(r);
}

/* What follows the seconds: a fraction of any length, of which nine digits
 * count, and the Z. */
static uint32_t read_fraction(struct reader *r)
{
    uint32_t nanoseconds = 0;
    uint32_t scale = 100000000;
    uint8_t c = reader_u8(r);

    if (c == '.') {
        c = reader_u8(r);
        if (c < '0' || c > '9')
            reader_fail(r);
        for (; c >= '0' && c <= '9' && reader_ok(r); c = reader_u8(r)) {
            nanoseconds += (uint32_t)(c - '0') * scale;
            scale /= 10;
        }
    }
    if (c != 'Z' || reader_left(r) > 0)
        reader_fail(r);
    return nanoseconds;
}

bool stix_time_parse(struct bytes text, struct stix_time *time)
{
    struct reader r = reader_of(text);
    unsigned year = digits(&r, 4);

    expect(&r, '-');
    unsigned month = digits(&r, 2);
    expect(&r, '-');
    unsigned day = digits(&r, 2);
    expect(&r, 'T');
    unsigned hour = digits(&r, 2);
    expect(&r, ':');
    unsigned minute = digits(&r, 2);
    expect(&r, ':');
    unsigned second = digits(&r, 2);
    uint32_t nanoseconds = read_fraction(&r);

    if (!reader_ok(&r) || month < 1 || month > 12 || day < 1 || day > 31 ||
        hour > 23 || minute > 59 || second > 60)
        return false;
    *time = (struct stix_time){
        days_of(year, month, day) * 86400 + hour * 3600 + minute * 60 +
            second,
        nanoseconds,
    };
    return true;
}

int stix_time_compare(struct stix_time a, struct stix_time b)
{
    if (a.seconds != b.seconds)
        return a.seconds < b.seconds ? -1 : 1;
    return (a.nanoseconds > b.nanoseconds) - (a.nanoseconds < b.nanoseconds);
}

int64_t stix_time_ns(struct stix_time time)
{
    const int64_t most = INT64_MAX / 1000000000 - 1;

    if (time.seconds > most)
        return INT64_MAX;
    if (time.seconds < -most)
        return INT64_MIN;
    return time.seconds * 1000000000 + time.nanoseconds;
}

static enum stix_order order_of(int compared)
{
    if (compared == 0)
        return STIX_EQUAL;
    return compared < 0 ? STIX_LESS : STIX_MORE;
}

static enum stix_order compare_numbers(const struct stix_value *a,
                                       const struct stix_value *b)
{
    if (a->kind == STIX_INTEGER && b->kind == STIX_INTEGER)
        return order_of((a->integer > b->integer) - (a->integer < b->integer));
    double x = a->kind == STIX_INTEGER ? (double)a->integer : a->real;
    double y = b->kind == STIX_INTEGER ? (double)b->integer : b->real;
    return order_of((x > y) - (x < y));
}

/* Text as bytes of Latin-1, which is how the standard sets text beside binary
 * values, against those; UNLIKE when a character has no such byte. */
static enum stix_order compare_latin1(struct bytes text, struct bytes binary)
{
    enum stix_order order = STIX_EQUAL;
    size_t at = 0;

    while (text.size > 0) {
        uint32_t point = 0;
        size_t size = text_utf8_next(text, &point);
        if (size == 0 || point > 0xff)
            return STIX_UNLIKE;
        if (order == STIX_EQUAL && at >= binary.size)
            order = STIX_MORE;
        else if (order == STIX_EQUAL && point != binary.data[at])
            order = point < binary.data[at] ? STIX_LESS : STIX_MORE;
        at++;
        text = bytes_slice(text, size, text.size);
    }
    return order == STIX_EQUAL && at < binary.size ? STIX_LESS : order;
}

static enum stix_order compare_time_text(struct stix_time time,
                                         struct bytes text)
{
    struct stix_time other;

    if (!stix_time_parse(text, &other))
        return STIX_INVALID;
    return order_of(stix_time_compare(time, other));
}

static enum stix_order turned(enum stix_order order)
{
    if (order == STIX_LESS)
        return STIX_MORE;
    return order == STIX_MORE ? STIX_LESS : order;
}

static bool is_number(const struct stix_value *v)
{
    return v->kind == STIX_INTEGER || v->kind == STIX_REAL;
}

static enum stix_order compare_same(const struct stix_value *a,
                                    const struct stix_value *b)
{
    switch (a->kind) {
    case STIX_FLAG:
        return order_of((int)a->flag - (int)b->flag);
    case STIX_TIME:
        return order_of(stix_time_compare(a->time, b->time));
    case STIX_TEXT:
    case STIX_BINARY:
        return order_of(bytes_compare(a->text, b->text));
    case STIX_NULL:
    case STIX_INTEGER:
    case STIX_REAL:
        break;
    }
    return STIX_UNLIKE;
}

enum stix_order stix_compare(const struct stix_value *a,
                             const struct stix_value *b)
{
    if (is_number(a) && is_number(b))
        return compare_numbers(a, b);
    if (a->kind == b->kind)
        return compare_same(a, b);
    if (a->kind == STIX_TEXT && b->kind == STIX_BINARY)
        return compare_latin1(a->text, b->text);
    if (a->kind == STIX_BINARY && b->kind == STIX_TEXT)
        return turned(compare_latin1(b->text, a->text));
    if (a->kind == STIX_TIME && b->kind == STIX_TEXT)
        return compare_time_text(a->time, b->text);
    if (a->kind == STIX_TEXT && b->kind == STIX_TIME)
        return turned(compare_time_text(b->time, a->text));
    return STIX_UNLIKE;
}
