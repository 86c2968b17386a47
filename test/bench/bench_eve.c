/* SPDX-License-Identifier: Apache-2.0 */

/* What one EVE line costs, CPU time: a flow record with its context. */
#include <stdio.h>
#include <time.h>

#include "dissect/flow_event.h"
#include "event/eve.h"

enum { EVENTS = 1000000, LINE_MAX_SIZE = 1 << 20 };

static double cpu_seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

int main(void)
{
    struct flow flow = {
        .address = { ip_of_v4(0xc0a80105), ip_of_v4(0xc6336402) },
        .port = { 40000, 443 },
        .protocol = IP_PROTOCOL_TCP,
        .state = FLOW_CLOSED,
        .packets = { 15, 14 },
        .bytes = { 1700, 16000 },
        .first_ns = INT64_C(1769903999123456789),
        .last_ns = INT64_C(1769904999123456789),
        .number = 123456,
        .tcp_flags = { 0x1b, 0x1b },
        .end = FLOW_END_CLOSED,
        .history_size = 9,
        .history = "ShADadFfa",
    };
    struct arena arena;
    struct event_list list;
    struct writer out;
    size_t size = 0;

    arena_init(&arena);
    writer_init(&out, LINE_MAX_SIZE);
    double started = cpu_seconds();
    for (size_t i = 0; i < EVENTS; i++) {
        arena_reset(&arena);
        event_list_init(&list, &arena);
        flow_event(&flow, &list);
        list.first->context.has_mac = true;
        writer_reset(&out);
        eve_write(&out, list.first);
        size += writer_view(&out).size;
    }
    double seconds = cpu_seconds() - started;
    printf("flow record  %7.1f ns/event %6.1f bytes/event\n",
           seconds * 1e9 / EVENTS, (double)size / EVENTS);
    writer_clear(&out);
    arena_clear(&arena);
    return 0;
}
