/* SPDX-License-Identifier: Apache-2.0 */
#include "base/timestamp.h"

#include <stddef.h>
#include <string.h>

enum {
    SECONDS_PER_DAY = 86400,
    DAYS_PER_ERA = 146097, /* 400 years: the calendar repeats. */
    ERA_START_DAYS = 719468, /* From 0000-03-01 to 1970-01-01. */
};

struct date {
    uint32_t year;
    uint32_t month;
    uint32_t day;
};

/*
 * The Gregorian calendar with years that begin in March, so that the leap day
 * is the last of its year; all days here are from 1677 on, none is negative.
 */
static struct date date_of(int64_t days_since_1970)
{
    uint32_t days = (uint32_t)(days_since_1970 + ERA_START_DAYS);
    uint32_t era = days / DAYS_PER_ERA;
    uint32_t of_era = days % DAYS_PER_ERA;
    uint32_t year_of_era = (of_era - of_era / 1460 + of_era / 36524 -
                            of_era / 146096) / 365;
    uint32_t of_year = of_era - (365 * year_of_era + year_of_era / 4 -
                                 year_of_era / 100);
    uint32_t month = (5 * of_year + 2) / 153; /* From March, 0 to 11. */
    uint32_t day = of_year - (153 * month + 2) / 5 + 1;

    return (struct date){
        .year = era * 400 + year_of_era + (month >= 10),
        .month = month < 10 ? month + 3 : month - 9,
        .day = day,
    };
}

/* `count` decimal digits of `number` at text[at]. */
static void put(char *text, size_t at, size_t count, uint32_t number)
{
    for (size_t i = count; i > 0; i--) {
        text[at + i - 1] = (char)('0' + number % 10);
        number /= 10;
    }
}

const char *timestamp_text(int64_t time_ns, char text[TIMESTAMP_TEXT_SIZE])
{
    int64_t seconds = time_ns / 1000000000;
    int64_t ns = time_ns % 1000000000;
    if (ns < 0) {
        seconds--;
        ns += 1000000000;
    }
    int64_t days = seconds / SECONDS_PER_DAY;
    int64_t of_day = seconds % SECONDS_PER_DAY;
    if (of_day < 0) {
        days--;
        of_day += SECONDS_PER_DAY;
    }
    struct date date = date_of(days);

    memcpy(text, "0000-00-00T00:00:00.000000+0000", TIMESTAMP_TEXT_SIZE);
    put(text, 0, 4, date.year);
    put(text, 5, 2, date.month);
    put(text, 8, 2, date.day);
    put(text, 11, 2, (uint32_t)(of_day / 3600));
    put(text, 14, 2, (uint32_t)(of_day / 60 % 60));
    put(text, 17, 2, (uint32_t)(of_day % 60));
    put(text, 20, 6, (uint32_t)(ns / 1000));
    return text;
}
