/* SPDX-License-Identifier: Apache-2.0 */
#include "report/report.h"

#include <stdio.h>
#include <time.h>

static struct tm calendar_of(int64_t time_ns, int64_t *nanoseconds)
{
    int64_t seconds = time_ns / 1000000000;
    struct tm calendar = { 0 };

    *nanoseconds = time_ns % 1000000000;
    if (*nanoseconds < 0) {
        *nanoseconds += 1000000000;
        seconds--;
    }
    time_t clock = (time_t)seconds;
    (void)gmtime_r(&clock, &calendar); /* Zero when the year overflows. */
    return calendar;
}

const char *report_time(int64_t time_ns, char text[REPORT_TIME_SIZE])
{
    int64_t nanoseconds;
    struct tm calendar = calendar_of(time_ns, &nanoseconds);

    if (strftime(text, REPORT_TIME_SIZE, "%Y-%m-%d %H:%M:%S", &calendar) == 0)
        text[0] = '\0';
    return text;
}

const char *report_time_iso(int64_t time_ns, char text[REPORT_TIME_SIZE])
{
    int64_t nanoseconds;
    struct tm calendar = calendar_of(time_ns, &nanoseconds);
    size_t size =
        strftime(text, REPORT_TIME_SIZE, "%Y-%m-%dT%H:%M:%S", &calendar);

    (void)snprintf(text + size, REPORT_TIME_SIZE - size, ".%06uZ",
                   (unsigned)(nanoseconds / 1000)); /* Room for 8 more. */
    return text;
}
