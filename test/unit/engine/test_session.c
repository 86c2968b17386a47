/* SPDX-License-Identifier: Apache-2.0 */

/* The content of flows, from frames to events. */
#include "engine/internal.h"

#include <string.h>

#include "packet_builder.h"
#include "test.h"

#define SECOND INT64_C(1000000000)
#define TEXT(literal) bytes_of((literal), sizeof(literal) - 1)

static const struct build_side CLIENT = { "02:00:00:00:00:01", "10.0.0.1",
                                          40000 };
static const struct build_side WEB = { "02:00:00:00:00:02", "10.0.0.2", 80 };
static const struct build_side NAMES = { "02:00:00:00:00:02", "10.0.0.2", 53 };

/* A question for "a."; the same one said to hold a second that is not there. */
static const char QUESTION[] = "\x12\x34\x01\0\0\1\0\0\0\0\0\0\1a\0\0\1\0\1";
static const char MALFORMED[] = "\x12\x34\x01\0\0\2\0\0\0\0\0\0\1a\0\0\1\0\1";
static const char REQUEST[] = "GET /a HTTP/1.1\r\nHost: b\r\n\r\n";

struct run {
    struct engine *engine;
    uint64_t number;
    unsigned counts[EVENT_TYPE_COUNT];
    unsigned statuses;
    const char *protocol; /* Of the last flow that ended. */
};

static void count_event(void *context, const struct event *event)
{
    struct run *run = context;

    run->counts[event->type]++;
    if (event->type == EVENT_FLOW)
        run->protocol = event->context.app_protocol;
    run->statuses += event_get(event, FIELD_HTTP_STATUS) != NULL;
}

static void begin(struct run *run)
{
    *run = (struct run){ 0 };
    run->engine = engine_new(&(struct engine_options){
        .key = { 1, 2 }, .on_event = count_event, .context = run });
}

static void end(struct run *run)
{
    engine_finish(run->engine, NULL);
    engine_free(run->engine);
}

static void give(struct run *run, struct packet_builder *b,
                 struct build_side from, struct build_side to,
                 uint8_t protocol)
{
    packet_builder_ip(b, from, to, &(struct build_ip){ .protocol = protocol });
    packet_builder_ethernet(b, from, to, 0x0800);
    struct frame frame = packet_builder_frame(b, 0);
    frame.mark.number = ++run->number;
    frame.mark.time_ns = (int64_t)run->number * (SECOND / 1000) + SECOND;
    engine_frame(run->engine, NULL, &frame);
}

static void udp(struct run *run, struct build_side from, struct build_side to,
                struct bytes payload)
{
    static struct packet_builder b;

    packet_builder_start(&b, payload);
    packet_builder_udp(&b, from, to);
    give(run, &b, from, to, IP_PROTOCOL_UDP);
}

static void tcp(struct run *run, struct build_side from, struct build_side to,
                const struct build_tcp *tcp, struct bytes payload)
{
    static struct packet_builder b;

    packet_builder_start(&b, payload);
    packet_builder_tcp(&b, from, to, tcp);
    give(run, &b, from, to, IP_PROTOCOL_TCP);
}

static void ask(struct run *run, unsigned malformed)
{
    for (unsigned i = 0; i < malformed; i++)
        udp(run, CLIENT, NAMES, TEXT(MALFORMED));
    udp(run, CLIENT, NAMES, TEXT(QUESTION));
}

static void reads_on_after_a_malformed_datagram(void **state)
{
    struct run run;

    (void)state;
    begin(&run);
    ask(&run, 0);
    ask(&run, 1);
    assert_int_equal(run.counts[EVENT_DNS], 2);
    assert_int_equal(run.counts[EVENT_ANOMALY], 1);
    /* One less than the limit, twice: a good one between begins anew. */
    ask(&run, ENGINE_DATAGRAM_MALFORMED - 1);
    ask(&run, ENGINE_DATAGRAM_MALFORMED - 1);
    assert_int_equal(run.counts[EVENT_DNS], 4);
    end(&run);
}

static void leaves_a_flow_that_is_only_malformed(void **state)
{
    struct run run;

    (void)state;
    begin(&run);
    ask(&run, 0);
    ask(&run, ENGINE_DATAGRAM_MALFORMED);
    ask(&run, 3);
    assert_int_equal(run.counts[EVENT_DNS], 1);
    assert_int_equal(run.counts[EVENT_ANOMALY], ENGINE_DATAGRAM_MALFORMED);
    end(&run);
}

static void tells_a_request_that_nobody_answered(void **state)
{
    struct run run;

    (void)state;
    begin(&run);
    tcp(&run, CLIENT, WEB,
        &(struct build_tcp){ .sequence = 100, .flags = TCP_ACK },
        TEXT(REQUEST));
    assert_int_equal(run.counts[EVENT_HTTP], 0);
    end(&run);
    assert_int_equal(run.counts[EVENT_HTTP], 1);
    assert_int_equal(run.statuses, 0);
}

/* The second half of the request comes before the first. */
static void reads_a_first_segment_that_comes_late(void **state)
{
    struct bytes request = TEXT(REQUEST);
    struct run run;

    (void)state;
    begin(&run);
    tcp(&run, CLIENT, WEB,
        &(struct build_tcp){ .sequence = 99, .flags = TCP_SYN },
        (struct bytes){ 0 });
    tcp(&run, WEB, CLIENT,
        &(struct build_tcp){ .sequence = 499,
                             .acknowledgement = 100,
                             .flags = TCP_SYN | TCP_ACK },
        (struct bytes){ 0 });
    tcp(&run, CLIENT, WEB,
        &(struct build_tcp){ .sequence = 110,
                             .acknowledgement = 500,
                             .flags = TCP_ACK },
        bytes_slice(request, 10, request.size));
    tcp(&run, CLIENT, WEB,
        &(struct build_tcp){ .sequence = 100,
                             .acknowledgement = 500,
                             .flags = TCP_ACK },
        bytes_slice(request, 0, 10));
    end(&run);
    assert_int_equal(run.counts[EVENT_HTTP], 1);
}

/* A desktop says its version and all further is of no interest. */
static void names_the_protocol_of_a_flow_it_stopped_reading(void **state)
{
    const struct build_side desktop = { "02:00:00:00:00:02", "10.0.0.2",
                                        5900 };
    struct run run;

    (void)state;
    begin(&run);
    tcp(&run, CLIENT, desktop,
        &(struct build_tcp){ .sequence = 99, .flags = TCP_SYN },
        (struct bytes){ 0 });
    tcp(&run, desktop, CLIENT,
        &(struct build_tcp){ .sequence = 499,
                             .acknowledgement = 100,
                             .flags = TCP_SYN | TCP_ACK },
        (struct bytes){ 0 });
    tcp(&run, desktop, CLIENT,
        &(struct build_tcp){ .sequence = 500,
                             .acknowledgement = 100,
                             .flags = TCP_ACK },
        TEXT("RFB 003.008\n"));
    end(&run);
    assert_non_null(run.protocol);
    assert_string_equal(run.protocol, "rfb");
}

static void reads_what_a_proxy_passes_on(void **state)
{
    static const char connect[] = "CONNECT b:80 HTTP/1.1\r\n\r\n";
    static const char accept[] = "HTTP/1.1 200 OK\r\n\r\n";
    uint32_t inside = 100 + (uint32_t)sizeof connect - 1;
    struct run run;

    (void)state;
    begin(&run);
    tcp(&run, CLIENT, WEB,
        &(struct build_tcp){ .sequence = 100, .flags = TCP_ACK },
        TEXT(connect));
    tcp(&run, WEB, CLIENT,
        &(struct build_tcp){ .sequence = 500,
                             .acknowledgement = inside,
                             .flags = TCP_ACK },
        TEXT(accept));
    assert_int_equal(run.counts[EVENT_HTTP], 1);
    tcp(&run, CLIENT, WEB,
        &(struct build_tcp){ .sequence = inside, .flags = TCP_ACK },
        TEXT(REQUEST));
    end(&run);
    assert_int_equal(run.counts[EVENT_HTTP], 2);
    assert_int_equal(run.statuses, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_on_after_a_malformed_datagram),
        cmocka_unit_test(leaves_a_flow_that_is_only_malformed),
        cmocka_unit_test(tells_a_request_that_nobody_answered),
        cmocka_unit_test(reads_a_first_segment_that_comes_late),
        cmocka_unit_test(names_the_protocol_of_a_flow_it_stopped_reading),
        cmocka_unit_test(reads_what_a_proxy_passes_on),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
