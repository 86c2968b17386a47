/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/engine.h"

#include <stdio.h>
#include <string.h>

#include "packet_builder.h"
#include "test.h"

enum { SCANNED = 20, HOSTS = 12000 };

#define MILLISECOND_NS 1000000LL
#define START_NS (1700000000LL * 1000000000)

/* What the engine said of contacts. */
struct heard {
    unsigned count;
    uint64_t failed;   /* In the latest event. */
    int64_t time_ns;
};

static void hear(void *context, const struct event *event)
{
    struct heard *heard = context;
    const struct event_value *failed =
        event_get(event, FIELD_ACTIVITY_FAILED);

    if (event->type != EVENT_ACTIVITY || !failed)
        return;
    heard->count++;
    heard->failed = failed->number;
    heard->time_ns = event->context.time_ns;
}

static struct engine *listen(struct heard *heard)
{
    struct engine_options options = {
        .key = { 1, 2 },
        .on_event = hear,
        .context = heard,
    };

    *heard = (struct heard){ 0 };
    return engine_new(&options);
}

static const struct build_side gateway = { .mac = "02:00:00:00:00:01",
                                           .ip = "192.168.1.1" };

static void send_tcp(struct engine *engine, struct build_side from,
                     struct build_side to, uint8_t flags, int64_t time_ns)
{
    static struct packet_builder b;
    struct build_tcp tcp = { .sequence = 1, .flags = flags, .window = 1024 };
    struct build_ip ip = { .protocol = IP_PROTOCOL_TCP };

    packet_builder_start(&b, bytes_of(NULL, 0));
    packet_builder_tcp(&b, from, to, &tcp);
    packet_builder_ip(&b, from, to, &ip);
    packet_builder_ethernet(&b, from, to, 0x0800);
    struct frame frame = packet_builder_frame(&b, time_ns);
    engine_frame(engine, NULL, &frame);
}

/* SYNs to `count` addresses, a millisecond apart; answered if so wished. */
static void scan(struct engine *engine, unsigned count, bool is_answered)
{
    char text[32];
    struct build_side camera = { .mac = "02:00:00:00:00:02",
                                 .ip = "192.168.1.2",
                                 .port = 40000 };

    for (unsigned i = 0; i < count; i++) {
        int64_t time_ns = START_NS + i * MILLISECOND_NS;
        (void)snprintf(text, sizeof text, "198.51.100.%u", i + 1);
        struct build_side target = { gateway.mac, text, 23 };
        send_tcp(engine, camera, target, TCP_SYN, time_ns);
        if (is_answered)
            send_tcp(engine, target, camera, TCP_SYN | TCP_ACK, time_ns + 1);
    }
}

static void fails_what_nobody_answered_by_the_clock(void **state)
{
    (void)state;
    struct heard heard;
    struct engine *engine = listen(&heard);

    scan(engine, SCANNED, false);
    assert_int_equal(heard.failed, 0);
    engine_advance(engine, NULL, START_NS + 500 * MILLISECOND_NS);
    assert_int_equal(heard.failed, 0);
    engine_advance(engine, NULL, START_NS + 1500 * MILLISECOND_NS);
    assert_int_equal(heard.failed, SCANNED);
    assert_int_equal(heard.time_ns, START_NS + 1500 * MILLISECOND_NS);
    engine_free(engine);
}

static void says_it_once(void **state)
{
    (void)state;
    struct heard heard;
    struct engine *engine = listen(&heard);

    scan(engine, SCANNED, false);
    engine_advance(engine, NULL, START_NS + 1500 * MILLISECOND_NS);
    unsigned count = heard.count;
    for (int64_t i = 2; i < 20; i++)
        engine_advance(engine, NULL, START_NS + i * 1000 * MILLISECOND_NS);
    assert_int_equal(heard.count, count);
    engine_free(engine);
}

static void fails_nothing_that_was_answered(void **state)
{
    (void)state;
    struct heard heard;
    struct engine *engine = listen(&heard);

    scan(engine, SCANNED, true);
    engine_advance(engine, NULL, START_NS + 1500 * MILLISECOND_NS);
    assert_int_equal(heard.failed, 0);
    engine_free(engine);
}

static void says_the_last_few_too_when_the_host_falls_silent(void **state)
{
    (void)state;
    struct heard heard;

    /* Growth is told in steps of a quarter; the end must not fall between. */
    for (unsigned count = 4; count < 40; count++) {
        struct engine *engine = listen(&heard);
        scan(engine, count, false);
        engine_advance(engine, NULL, START_NS + 1500 * MILLISECOND_NS);
        assert_int_equal(heard.failed, count);
        engine_free(engine);
    }
}

static void says_nothing_of_three_failures(void **state)
{
    (void)state;
    struct heard heard;
    struct engine *engine = listen(&heard);

    scan(engine, 3, false);
    engine_advance(engine, NULL, START_NS + 1500 * MILLISECOND_NS);
    assert_int_equal(heard.count, 0);
    engine_free(engine);
}

static void bears_a_clock_that_goes_back(void **state)
{
    (void)state;
    struct heard heard;
    struct engine *engine = listen(&heard);

    scan(engine, SCANNED, false);
    engine_advance(engine, NULL, START_NS - 60000 * MILLISECOND_NS);
    engine_advance(engine, NULL, 0);
    assert_int_equal(heard.failed, 0);
    engine_advance(engine, NULL, START_NS + 1500 * MILLISECOND_NS);
    assert_int_equal(heard.failed, SCANNED);
    engine_free(engine);
}

/* More hosts than counters: places change hands while they wait their turn. */
static void keeps_its_queue_when_counters_are_given_up(void **state)
{
    (void)state;
    struct heard heard;
    struct engine *engine = listen(&heard);
    struct build_side target = { "02:00:00:00:00:02", "192.168.1.2", 0 };
    char text[32];

    for (unsigned i = 0; i < HOSTS; i++) {
        (void)snprintf(text, sizeof text, "203.%u.%u.7", i / 250, i % 250);
        struct build_side host = { gateway.mac, text, 40000 };
        for (uint16_t port = 1; port <= 5; port++) {
            target.port = port;
            send_tcp(engine, host, target, TCP_SYN,
                     START_NS + i * MILLISECOND_NS / 10);
        }
    }
    unsigned before = heard.count;
    for (int64_t i = 0; i < 400; i++)
        engine_advance(engine, NULL, START_NS + (3000 + i) * MILLISECOND_NS);
    assert_true(heard.count > before);
    unsigned after = heard.count;
    engine_advance(engine, NULL, START_NS + 10000 * MILLISECOND_NS);
    assert_int_equal(heard.count, after);
    engine_free(engine);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fails_what_nobody_answered_by_the_clock),
        cmocka_unit_test(says_it_once),
        cmocka_unit_test(fails_nothing_that_was_answered),
        cmocka_unit_test(says_the_last_few_too_when_the_host_falls_silent),
        cmocka_unit_test(says_nothing_of_three_failures),
        cmocka_unit_test(bears_a_clock_that_goes_back),
        cmocka_unit_test(keeps_its_queue_when_counters_are_given_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
